/*
 * client_address: whose request is it behind proxies? X-Forwarded-For counts only from addresses
 * that the operator trusts, and of it only the rightmost that he does not trust: everything to the
 * left of that the client may have written himself. Parsing is pure; a set is read-only once
 * parsed. Any thread.
 */
#ifndef STREAMSPACE_SERVER_CLIENT_ADDRESS_H
#define STREAMSPACE_SERVER_CLIENT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "common/error.h"

#define CLIENT_ADDRESS_TEXT 64

/* IPv4 as ::ffff:a.b.c.d, so that one form compares. known is false: there is no address. */
typedef struct client_address
{
	unsigned char bytes[16];
	bool known;
} client_address;

typedef struct address_set address_set;

/*
 * Networks of `a.b.c.d/n`, `x:y::z/n` or single addresses, separated by commas or blanks; NULL and
 * "" are the empty set. Codes: invalid_option.
 */
int address_set_parse(const char *text, address_set **ret, ss_error *err) SS_MUST_CHECK;
void address_set_free(address_set *set);
bool address_set_is_empty(const address_set *set);
bool address_set_has(const address_set *set, const client_address *address);

client_address client_address_of(const struct sockaddr *address);

/* One address, also as `a.b.c.d:port`, `[x:y::z]` or `[x:y::z]:port`. */
bool client_address_parse(const char *text, size_t len, client_address *ret);

/*
 * Goes from the peer through the entries of X-Forwarded-For (one text, comma separated; NULL: none)
 * from the right, as long as the address reached is trusted and the next entry is an address.
 */
client_address client_address_find(
	const address_set *trusted, client_address peer, const char *forwarded_for);

/* Numeric text; "-" when not known. Returns buf. */
const char *client_address_format(const client_address *address, char buf[CLIENT_ADDRESS_TEXT]);

/*
 * The first bytes, which the holder of the address cannot change at will: all of an IPv4 address,
 * the /64 of an IPv6 one; the rest is 0.
 */
client_address client_address_network(const client_address *address);

#endif
