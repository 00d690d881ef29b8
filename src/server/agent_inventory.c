/*
 * agent_inventory: an inventory is used as a whole or not at all. Loop thread only.
 *
 * The first chunk has the number 0 or 1; each that follows the next. One out of order drops what
 * was collected and asks for a new inventory: nothing is ever concluded from a part of one. Bytes
 * of all half-arrived inventories together are bounded too: beyond that the agent is sent away and
 * comes back later.
 */
#include "server/agent_inventory.h"

#include <libwebsockets.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/timeutil.h"
#include "server/agent_message.h"
#include "server/writer.h"

#define NAME_MAX_BYTES 256
/* Registered by IANA after RFC 6455; libwebsockets has no name for it. */
#define CLOSE_TRY_AGAIN_LATER 1013
/* Not more than one inventory is asked for in this time. */
#define REQUEST_MS 30000

void agent_inventory_drop(agent_conn *conn)
{
	agent_inventory *inventory = &conn->inventory;

	conn->d->inventory_used -= inventory->counted;
	inventory->counted = 0;
	ss_strbuf_done(&inventory->json);
	inventory->open = false;
	inventory->objects = 0;
}

static bool is_name(const cJSON *object, const char *key, bool required)
{
	const cJSON *value = ss_json_get(object, key);

	if (!value || cJSON_IsNull(value))
		return !required;
	return cJSON_IsString(value) && strlen(value->valuestring) <= NAME_MAX_BYTES &&
		   (!required || value->valuestring[0]);
}

static bool is_object_entry(const cJSON *object)
{
	long long revision = 0;

	return cJSON_IsObject(object) && is_name(object, "kind", true) && is_name(object, "id", true) &&
		   is_name(object, "uid", false) && is_name(object, "state", false) &&
		   ss_json_int(object, "revision", &revision) >= 0 && revision >= 0;
}

/* Only what SQL reads, so that the bound on bytes is one on objects that count. */
static bool append_entry(ss_strbuf *json, const cJSON *object, bool first)
{
	long long revision = 0;
	const char *uid = ss_json_string(object, "uid");
	const char *state = ss_json_string(object, "state");

	(void)!ss_json_int(object, "revision", &revision);
	ss_strbuf_append(json, first ? "[{\"kind\":" : ",{\"kind\":");
	ss_strbuf_append_json(json, ss_json_string(object, "kind"));
	ss_strbuf_append(json, ",\"id\":");
	ss_strbuf_append_json(json, ss_json_string(object, "id"));
	ss_strbuf_appendf(json, ",\"revision\":%lld,\"uid\":", revision);
	ss_strbuf_append_json(json, uid);
	ss_strbuf_append(json, ",\"state\":");
	ss_strbuf_append_json(json, state);
	ss_strbuf_append(json, "}");
	return !json->failed;
}

/* 0: this chunk is the next one. 1: it is not; a new inventory was asked for. */
static int follow(agent_conn *conn, long long chunk, bool has_chunk)
{
	agent_inventory *inventory = &conn->inventory;
	long long now_ms = ss_time_monotonic_ms();

	if (!has_chunk)
		chunk = inventory->open ? inventory->next_chunk : 0;
	if (inventory->open && chunk == inventory->next_chunk)
	{
		inventory->next_chunk++;
		return 0;
	}
	agent_inventory_drop(conn);
	if (chunk <= 1)
	{
		inventory->open = true;
		inventory->next_chunk = chunk + 1;
		inventory->json.max = (size_t)conn->d->cfg.max_inventory_bytes;
		return 0;
	}
	if (inventory->requested_ms == 0 || now_ms - inventory->requested_ms > REQUEST_MS)
	{
		inventory->requested_ms = now_ms;
		agent_conn_send(conn, agent_frame_new("inventory_request", NULL));
	}
	return 1;
}

/* 0: all taken. -1: the connection was shut. */
static int append_objects(agent_conn *conn, const char *type, const cJSON *objects)
{
	agent_inventory *inventory = &conn->inventory;
	const dispatch_config *cfg = &conn->d->cfg;
	long long added;
	const cJSON *object;

	cJSON_ArrayForEach(object, objects)
	{
		if (!is_object_entry(object))
		{
			agent_message_reject(conn, type, "objects");
			return -1;
		}
		if (++inventory->objects > cfg->max_inventory_objects ||
			!append_entry(&inventory->json, object, inventory->json.len == 0))
		{
			DISPATCH_COUNT(conn->d, frames_rejected);
			agent_conn_shut(conn, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "inventory too large");
			return -1;
		}
	}
	added = (long long)inventory->json.len - inventory->counted;
	inventory->counted += added;
	conn->d->inventory_used += added;
	if (conn->d->inventory_used > cfg->inventory_bytes)
	{
		agent_conn_shut(conn, CLOSE_TRY_AGAIN_LATER, "too many inventories at once");
		return -1;
	}
	return 0;
}

void agent_inventory_receive(agent_conn *conn, const char *type, const cJSON *payload)
{
	const cJSON *objects = ss_json_array(payload, "objects");
	long long chunk = 0;
	bool complete = false;
	int has_chunk = ss_json_int(payload, "chunk", &chunk);

	if (!objects || has_chunk < 0 || chunk < 0 || ss_json_bool(payload, "complete", &complete) < 0)
	{
		agent_message_reject(conn, type, "objects, chunk or complete");
		return;
	}
	if (follow(conn, chunk, has_chunk == 0) || append_objects(conn, type, objects) || !complete)
		return;
	ss_strbuf_append(&conn->inventory.json, conn->inventory.objects > 0 ? "]" : "[]");
	writer_put_text(conn->d, WRITE_INVENTORY, conn->owner, ss_strbuf_take(&conn->inventory.json));
	agent_inventory_drop(conn);
}
