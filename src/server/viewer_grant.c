/* viewer_grant: see viewer_grant.h. */
#include "server/viewer_grant.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/crypto.h"
#include "common/json.h"
#include "ecpg/db_viewer.h"
#include "server/origin.h"
#include "server/relay_dial.h"
#include "server/stream_table.h"

#define BORROW_MS 2000
#define HEADER_SIZE 512

/* What is after the last '/'; an id has nothing to escape. */
static int read_session(const socket_head *head, char *ret, size_t size, ss_error *err)
{
	size_t prefix = strlen(socket_paths[SOCKET_VIEWER].path);
	size_t len = head->path.len > prefix ? head->path.len - prefix : 0;

	if (len == 0 || len >= size)
		return ss_fail(err, "invalid_argument", "no id of a session");
	for (size_t i = 0; i < len; i++)
	{
		char c = head->path.at[prefix + i];

		if (!isalnum((unsigned char)c) && c != '-')
			return ss_fail(err, "invalid_argument", "no id of a session");
		ret[i] = c;
	}
	ret[len] = '\0';
	return 0;
}

static int check_origin(const dispatch *d, const socket_head *head, ss_error *err)
{
	char origin[HEADER_SIZE], host[HEADER_SIZE] = "";
	int rc = socket_head_copy(head, SOCKET_FIELD_ORIGIN, origin, sizeof(origin));

	if (rc > 0)
		return 0; /* no browser */
	if (rc < 0 || socket_head_copy(head, SOCKET_FIELD_HOST, host, sizeof(host)) < 0 ||
		!origin_fits(d->cfg.origins, origin, host))
		return ss_fail(err, "origin_refused", "the page is not of this server");
	return 0;
}

static int hash_ticket(const socket_head *head, char ret[SS_HEX_SIZE], ss_error *err)
{
	char ticket[SS_HEX_SIZE];
	int rc = socket_head_query(head, "ticket", ticket, sizeof(ticket), err);

	/* Of what is no ticket the database need not hear; the answer is the same. */
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

/* The database counts it as open from here on: whatever fails must close it again. */
static int take_answer(dispatch *d, const cJSON *answer, viewer_grant *grant, ss_error *err)
{
	char connection[CONNECTION_ID_SIZE];
	const char *mode = ss_json_string(answer, "mode");
	const cJSON *relay = ss_json_object(answer, "relay");

	if (copy_text(answer, "connection", connection, sizeof(connection)) ||
		copy_text(answer, "session", grant->session, sizeof(grant->session)) ||
		copy_text(answer, "agent", grant->agent, sizeof(grant->agent)) || !mode)
		return ss_fail(err, "internal", "open_viewer answers without connection or agent");
	grant->control = strcmp(mode, "control") == 0;
	grant->record = stream_clerk_open(d, connection);
	if (!grant->record)
		return ss_fail(err, "overloaded", "no memory for a viewer");
	if (!relay)
		return 0;
	return relay_dial(d, ss_json_string(relay, "address"), ss_json_string(relay, "ticket"),
		&grant->relay_fd, err);
}

static int ask(dispatch *d, const socket_offer *offer, const char *session, const char *ticket_hash,
	cJSON **ret, ss_error *err)
{
	char address[CLIENT_ADDRESS_TEXT];
	auto_free char *json = NULL;
	db_conn *conn = db_borrow(d->pool, BORROW_MS, err);

	if (!conn)
		return -1;
	int rc = db_open_viewer(conn, session, ticket_hash, d->cfg.replica,
		socket_offer_address(offer, address), &json, err);

	db_return(conn);
	if (rc < 0)
		return -1;
	rc = json ? ss_json_parse(json, strlen(json), 1 << 16, ret, NULL, 0, err) : -1;
	if (json)
		ss_crypto_wipe(json, strlen(json));
	return rc ? ss_fail(err, "internal", "open_viewer answers nothing") : 0;
}

static void free_grant(dispatch *d, viewer_grant *grant)
{
	if (grant->record)
		stream_clerk_close(d, grant->record, "agent_lost");
	if (grant->relay_fd >= 0)
		close(grant->relay_fd);
	stream_release(d);
	free(grant);
}

int viewer_grant_admit(dispatch *d, socket_offer *offer, ss_error *err)
{
	char session[SESSION_ID_SIZE], ticket_hash[SS_HEX_SIZE];
	auto_cjson cJSON *answer = NULL;

	if (read_session(&offer->head, session, sizeof(session), err) ||
		check_origin(d, &offer->head, err) || hash_ticket(&offer->head, ticket_hash, err))
		return -1;
	if (!stream_reserve(d))
		return ss_fail(err, "overloaded", "there is no memory for one more viewer");
	viewer_grant *grant = calloc(1, sizeof(*grant));

	if (!grant)
	{
		stream_release(d);
		return ss_fail(err, "overloaded", "no memory for a viewer");
	}
	grant->relay_fd = -1;
	if (ask(d, offer, session, ticket_hash, &answer, err) || take_answer(d, answer, grant, err))
	{
		free_grant(d, grant);
		return -1;
	}
	offer->admitted = grant;
	return 0;
}

void viewer_grant_drop(socket_offer *offer)
{
	free_grant(offer->d, ss_steal_ptr(offer->admitted));
}
