/* stream_grant: see stream_grant.h. */
#include "server/stream_grant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "ecpg/db_viewer.h"
#include "server/agent_head.h"

#define BORROW_MS 2000

static int read_epoch(const socket_head *head, long long *ret, ss_error *err)
{
	char text[20];
	char *end;
	int rc = socket_head_query(head, "epoch", text, sizeof(text), err);

	if (rc > 0)
		return ss_fail(err, "missing_field", "epoch is missing in the query");
	if (rc < 0)
		return -1;
	*ret = strtoll(text, &end, 10);
	if (*end || *ret < 1 || *ret > SS_JSON_INT_MAX || text[0] == '+')
		return ss_fail(err, "invalid_argument", "epoch must be a number from 1");
	return 0;
}

static int ask(dispatch *d, const db_call *call, const char *agent, long long epoch,
	long long *ret_number, ss_error *err)
{
	auto_free char *json = NULL;
	auto_cjson cJSON *answer = NULL;
	db_conn *conn = db_borrow(d->pool, BORROW_MS, err);

	if (!conn)
		return -1;
	int rc = db_connect_agent_stream(
		conn, call, agent, epoch, d->cfg.replica, d->cfg.address, &json, err);

	db_return(conn);
	if (rc < 0)
		return -1;
	if (!json || ss_json_parse(json, strlen(json), 1 << 16, &answer, NULL, 0, err) ||
		ss_json_int(answer, "stream", ret_number))
		return ss_fail(err, "internal", "connect_agent_stream answers without a stream");
	return 0;
}

int stream_grant_admit(dispatch *d, socket_offer *offer, ss_error *err)
{
	char key_hash[SS_HEX_SIZE];
	long long epoch = 0;
	auto_free stream_grant *grant = calloc(1, sizeof(*grant));

	if (!grant)
		return ss_fail(err, "overloaded", "no memory");
	if (agent_head_identify(&offer->head, grant->agent, key_hash, err) ||
		read_epoch(&offer->head, &epoch, err))
		return -1;
	const db_call call = {.actor = key_hash};

	if (ask(d, &call, grant->agent, epoch, &grant->number, err))
		return -1;
	offer->admitted = ss_steal_ptr(grant);
	return 0;
}
