/* relay_grant: see relay_grant.h. */
#include "server/relay_grant.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "common/crypto.h"
#include "common/json.h"
#include "ecpg/db_viewer.h"
#include "server/socket_refuse.h"
#include "server/stream_table.h"

#define BORROW_MS 2000

static int hash_ticket(const socket_head *head, char ret[SS_HEX_SIZE], ss_error *err)
{
	char ticket[SS_HEX_SIZE];
	int rc = socket_head_copy(head, SOCKET_FIELD_RELAY_TICKET, ticket, sizeof(ticket));

	if (rc != 0 || !ss_hex_is_token(ticket))
		rc = ss_fail(err, "ticket_invalid", "the ticket is unknown, used or too old");
	else
		rc = ss_sha256_hex(ticket, strlen(ticket), ret, err);
	ss_crypto_wipe(ticket, sizeof(ticket));
	return rc;
}

static int copy_text(const cJSON *answer, const char *key, char *ret, size_t size)
{
	const char *text = ss_json_string(answer, key);

	if (!text || strlen(text) >= size)
		return -1;
	memcpy(ret, text, strlen(text) + 1);
	return 0;
}

static int ask(dispatch *d, const char *ticket_hash, relay_grant *grant, ss_error *err)
{
	auto_free char *json = NULL;
	auto_cjson cJSON *answer = NULL;
	db_conn *conn = db_borrow(d->pool, BORROW_MS, err);

	if (!conn)
		return -1;
	int rc = db_accept_relay(conn, ticket_hash, d->cfg.replica, &json, err);

	db_return(conn);
	if (rc < 0)
		return -1;
	if (!json || ss_json_parse(json, strlen(json), 1 << 16, &answer, NULL, 0, err) ||
		copy_text(answer, "connection", grant->connection, sizeof(grant->connection)) ||
		copy_text(answer, "session", grant->session, sizeof(grant->session)) ||
		copy_text(answer, "agent", grant->agent, sizeof(grant->agent)))
		return ss_fail(err, "internal", "accept_relay answers without session or agent");
	return 0;
}

static int switch_protocols(socket_offer *offer, ss_error *err)
{
	static const char text[] = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
							   "Upgrade: streamspace-relay\r\n\r\n";

	socket_read_away(offer->fd, offer->len);
	offer->len = 0;
	if (send(offer->fd, text, sizeof(text) - 1, MSG_NOSIGNAL | MSG_DONTWAIT) !=
		(ssize_t)sizeof(text) - 1)
		return ss_fail(err, "overloaded", "the peer does not read");
	return 0;
}

int relay_grant_admit(dispatch *d, socket_offer *offer, ss_error *err)
{
	char ticket_hash[SS_HEX_SIZE];
	auto_free relay_grant *grant = calloc(1, sizeof(*grant));

	if (!grant)
		return ss_fail(err, "overloaded", "no memory for a relay");
	if (hash_ticket(&offer->head, ticket_hash, err))
		return -1;
	if (!stream_reserve(d))
		return ss_fail(err, "overloaded", "there is no memory for one more viewer");
	if (ask(d, ticket_hash, grant, err) || switch_protocols(offer, err))
	{
		stream_release(d);
		return -1;
	}
	offer->admitted = ss_steal_ptr(grant);
	return 0;
}

void relay_grant_drop(socket_offer *offer)
{
	free(ss_steal_ptr(offer->admitted));
	stream_release(offer->d);
}
