/* client_address: see client_address.h. */
#include "server/client_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEPARATORS ", \t\r\n"
#define NETWORKS_MAX 256

typedef struct network
{
	client_address address;
	int bits; /* of 128 */
} network;

struct address_set
{
	size_t count;
	network networks[];
};

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool is_ipv4(const client_address *address)
{
	return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

static client_address from_ipv4(const struct in_addr *raw)
{
	client_address out = {.known = true};
	memcpy(out.bytes, mapped, sizeof mapped);
	memcpy(out.bytes + sizeof mapped, raw, 4);
	return out;
}

client_address client_address_of(const struct sockaddr *address)
{
	client_address out = {0};
	if (address != NULL && address->sa_family == AF_INET)
		return from_ipv4(&((const struct sockaddr_in *)(const void *)address)->sin_addr);
	if (address != NULL && address->sa_family == AF_INET6)
	{
		out.known = true;
		memcpy(out.bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
	}
	return out;
}

/* An address without port or brackets. */
static bool parse_plain(const char *text, size_t len, client_address *ret)
{
	char copy[INET6_ADDRSTRLEN];
	struct in_addr four;
	if (len == 0 || len >= sizeof copy)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, &four) == 1)
	{
		*ret = from_ipv4(&four);
		return true;
	}
	client_address six = {.known = true};
	if (inet_pton(AF_INET6, copy, six.bytes) != 1)
		return false;
	*ret = six;
	return true;
}

static bool is_port(const char *text, size_t len)
{
	return len >= 1 && len <= 5 && strspn(text, "0123456789") >= len;
}

bool client_address_parse(const char *text, size_t len, client_address *ret)
{
	if (len > 0 && text[0] == '[')
	{
		const char *end = memchr(text, ']', len);
		if (end == NULL)
			return false;
		size_t rest = len - (size_t)(end + 1 - text);
		if (rest > 0 && (end[1] != ':' || !is_port(end + 2, rest - 1)))
			return false;
		return memchr(text, '.', len) == NULL &&
			   parse_plain(text + 1, (size_t)(end - text - 1), ret);
	}
	const char *colon = memchr(text, ':', len);
	bool one = colon != NULL && memchr(colon + 1, ':', len - (size_t)(colon + 1 - text)) == NULL;
	if (one && !is_port(colon + 1, len - (size_t)(colon + 1 - text)))
		return false;
	return parse_plain(text, one ? (size_t)(colon - text) : len, ret);
}

static int parse_network(const char *text, size_t len, network *ret, ss_error *err)
{
	const char *slash = memchr(text, '/', len);
	size_t address_len = slash ? (size_t)(slash - text) : len;
	if (!parse_plain(text, address_len, &ret->address))
		return ss_fail(err, "invalid_option", "'%.*s' is no address", (int)address_len, text);
	int all = is_ipv4(&ret->address) && memchr(text, '.', address_len) != NULL ? 32 : 128;
	ret->bits = 128;
	if (slash == NULL)
		return 0;
	size_t digits = len - address_len - 1;
	int bits = digits >= 1 && digits <= 3 && strspn(slash + 1, "0123456789") >= digits
				   ? (int)strtol(slash + 1, NULL, 10)
				   : -1;
	if (bits < 0 || bits > all)
		return ss_fail(
			err, "invalid_option", "'%.*s' has no prefix length of 0 to %d", (int)len, text, all);
	ret->bits = 128 - all + bits;
	return 0;
}

int address_set_parse(const char *text, address_set **ret, ss_error *err)
{
	address_set *set = calloc(1, sizeof *set + NETWORKS_MAX * sizeof set->networks[0]);
	if (set == NULL)
		return ss_fail(err, "internal", "out of memory");
	for (const char *at = text ? text : ""; *(at += strspn(at, SEPARATORS));)
	{
		size_t len = strcspn(at, SEPARATORS);
		int rc = set->count < NETWORKS_MAX
					 ? parse_network(at, len, &set->networks[set->count++], err)
					 : ss_fail(err, "invalid_option", "more than %d networks", NETWORKS_MAX);
		if (rc != 0)
		{
			free(set);
			return -1;
		}
		at += len;
	}
	*ret = set;
	return 0;
}

void address_set_free(address_set *set)
{
	free(set);
}

bool address_set_is_empty(const address_set *set)
{
	return set->count == 0;
}

static bool network_has(const network *n, const client_address *address)
{
	size_t whole = (size_t)n->bits / 8;
	int rest = n->bits % 8;
	if (memcmp(n->address.bytes, address->bytes, whole) != 0)
		return false;
	return rest == 0 || ((n->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}

bool address_set_has(const address_set *set, const client_address *address)
{
	if (!address->known)
		return false;
	for (size_t i = 0; i < set->count; i++)
		if (network_has(&set->networks[i], address))
			return true;
	return false;
}

client_address client_address_find(
	const address_set *trusted, client_address peer, const char *forwarded_for)
{
	const char *end = forwarded_for ? forwarded_for + strlen(forwarded_for) : NULL;
	while (end != NULL && end > forwarded_for && address_set_has(trusted, &peer))
	{
		const char *start = end;
		while (start > forwarded_for && start[-1] != ',')
			start--;
		const char *from = start + strspn(start, " \t");
		const char *to = end;
		while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
			to--;
		if (to <= from || !client_address_parse(from, (size_t)(to - from), &peer))
			break;
		end = start > forwarded_for ? start - 1 : forwarded_for;
	}
	return peer;
}

const char *client_address_format(const client_address *address, char buf[CLIENT_ADDRESS_TEXT])
{
	bool four = is_ipv4(address);
	if (!address->known ||
		inet_ntop(four ? AF_INET : AF_INET6, address->bytes + (four ? sizeof mapped : 0), buf,
			CLIENT_ADDRESS_TEXT) == NULL)
		snprintf(buf, CLIENT_ADDRESS_TEXT, "-");
	return buf;
}

client_address client_address_network(const client_address *address)
{
	client_address out = *address;
	if (!is_ipv4(address))
		memset(out.bytes + 8, 0, 8);
	return out;
}
