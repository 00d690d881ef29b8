/*
 * agent_message: checks each message's fields and passes what is of use to the writer. Loop thread
 * only.
 *
 * Everything that reaches SQL is checked for type and bounds here, so that one agent's nonsense
 * cannot make a batch fail in which others have a part. Texts that people read are cut; names that
 * programs compare are refused when they are too long.
 */
#include "server/agent_message.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/envelope.h"
#include "common/json.h"
#include "server/agent_inventory.h"
#include "server/writer.h"

#define ID_MAX 128
#define WORD_MAX 64
#define REASON_MAX 128
#define TEXT_MAX 4000

typedef enum field_kind
{
	FIELD_ID,      /* non-empty text, bounded by max */
	FIELD_TEXT,    /* text, cut at max bytes */
	FIELD_COUNT,   /* integer 0..2^53-1 */
	FIELD_PERCENT, /* number 0..100, rounded down */
	FIELD_OBJECT,
	FIELD_BOOL,
	FIELD_TEXT_OR_OBJECT,
} field_kind;

typedef struct field
{
	const char *name;
	field_kind kind;
	bool required;
	size_t max;
	const char *into; /* name in the item; NULL: the same */
} field;

void agent_message_reject(agent_conn *conn, const char *type, const char *what)
{
	char reason[AGENT_REASON_SIZE];

	snprintf(reason, sizeof(reason), "malformed %s: %s", type, what);
	DISPATCH_COUNT(conn->d, frames_rejected);
	agent_conn_shut(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION, reason);
}

/* Length of text cut to at most max bytes, at the border of a character. */
static size_t cut_length(const char *text, size_t max)
{
	size_t len = strlen(text);

	if (len <= max)
		return len;
	for (len = max; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80; len--)
		;
	return len;
}

static cJSON *copy_text(const char *text, size_t max)
{
	char cut[TEXT_MAX + 1];
	size_t len = cut_length(text, max);

	memcpy(cut, text, len);
	cut[len] = '\0';
	return cJSON_CreateString(cut);
}

/* The value as it goes into the item; NULL: it is not what the field wants. */
static cJSON *copy_field(const field *f, const cJSON *value)
{
	long long number;

	switch (f->kind)
	{
	case FIELD_ID:
		if (!cJSON_IsString(value) || !value->valuestring[0] || strlen(value->valuestring) > f->max)
			return NULL;
		return cJSON_CreateString(value->valuestring);
	case FIELD_TEXT:
		return cJSON_IsString(value) ? copy_text(value->valuestring, f->max) : NULL;
	case FIELD_COUNT:
		if (!ss_json_is_int(value, &number) || number < 0)
			return NULL;
		return cJSON_CreateNumber((double)number);
	case FIELD_PERCENT:
		if (!cJSON_IsNumber(value) || value->valuedouble < 0 || value->valuedouble > 100)
			return NULL;
		return cJSON_CreateNumber((double)(int)value->valuedouble);
	case FIELD_OBJECT:
		return cJSON_IsObject(value) ? cJSON_Duplicate(value, true) : NULL;
	case FIELD_BOOL:
		return cJSON_IsBool(value) ? cJSON_CreateBool(cJSON_IsTrue(value)) : NULL;
	case FIELD_TEXT_OR_OBJECT:
		if (cJSON_IsString(value))
			return copy_text(value->valuestring, f->max);
		return cJSON_IsObject(value) ? cJSON_Duplicate(value, true) : NULL;
	}
	return NULL;
}

/* The item of the fields that are there; NULL: the message was rejected. */
static cJSON *copy_fields(agent_conn *conn, const char *type, const cJSON *payload,
	const field *fields, size_t count, cJSON *item)
{
	for (size_t i = 0; i < count; i++)
	{
		const field *f = &fields[i];
		const cJSON *value = ss_json_get(payload, f->name);

		if (!value || cJSON_IsNull(value))
		{
			if (!f->required)
				continue;
			agent_message_reject(conn, type, f->name);
			return NULL;
		}
		cJSON *copy = copy_field(f, value);

		if (!copy || !cJSON_AddItemToObject(item, f->into ? f->into : f->name, copy))
		{
			cJSON_Delete(copy);
			agent_message_reject(conn, type, f->name);
			return NULL;
		}
	}
	return item;
}

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The thing that an item is about: its session, or that of its command. */
static void put_item(agent_conn *conn, write_kind kind, cJSON *item)
{
	const char *session = ss_json_string(item, "sessionId");
	const char *command = ss_json_string(item, "commandId");
	unsigned object = 0;

	if (session)
		object = agent_inflight_hash(session);
	else if (kind == WRITE_RESULT)
		object = agent_inflight_take(&conn->commands, agent_inflight_hash(command));
	writer_put(conn->d, kind, conn->owner, object, item);
}

static void put(agent_conn *conn, write_kind kind, const char *type, const cJSON *payload,
	const field *fields, size_t count)
{
	cJSON *item = cJSON_CreateObject();

	if (copy_fields(conn, type, payload, fields, count, item))
		put_item(conn, kind, item);
	else
		cJSON_Delete(item);
}

static void on_heartbeat(agent_conn *conn, const char *type, const cJSON *payload)
{
	static const field fields[] = {
		{"status", FIELD_ID, false, WORD_MAX, NULL},
		{"activeSessions", FIELD_COUNT, false, 0, NULL},
		{"capacity", FIELD_OBJECT, false, 0, NULL},
		{"network", FIELD_ID, false, WORD_MAX, NULL},
	};

	put(conn, WRITE_HEARTBEAT, type, payload, fields, COUNT_OF(fields));
}

static void on_ack(agent_conn *conn, const char *type, const cJSON *payload)
{
	static const field fields[] = {{"commandId", FIELD_ID, true, ID_MAX, NULL}};

	put(conn, WRITE_ACK, type, payload, fields, COUNT_OF(fields));
}

static void on_progress(agent_conn *conn, const char *type, const cJSON *payload)
{
	static const field fields[] = {
		{"commandId", FIELD_ID, true, ID_MAX, NULL},
		{"phase", FIELD_ID, true, WORD_MAX, NULL},
		{"percent", FIELD_PERCENT, false, 0, NULL},
	};

	put(conn, WRITE_PROGRESS, type, payload, fields, COUNT_OF(fields));
}

static void on_observed(agent_conn *conn, const char *type, const cJSON *payload)
{
	static const field fields[] = {
		{"sessionId", FIELD_ID, true, ID_MAX, NULL},
		{"revision", FIELD_COUNT, false, 0, NULL},
		{"state", FIELD_ID, true, WORD_MAX, NULL},
		{"reason", FIELD_TEXT, false, REASON_MAX, NULL},
		{"message", FIELD_TEXT, false, TEXT_MAX, NULL},
		{"endpoint", FIELD_TEXT_OR_OBJECT, false, TEXT_MAX, NULL},
		{"details", FIELD_OBJECT, false, 0, NULL},
	};

	put(conn, WRITE_OBSERVED, type, payload, fields, COUNT_OF(fields));
}

/* The report of a 2.0 agent: an observation without a revision. */
static void on_status(agent_conn *conn, const char *type, const cJSON *payload)
{
	static const field fields[] = {
		{"sessionId", FIELD_ID, true, ID_MAX, NULL},
		{"state", FIELD_ID, true, WORD_MAX, NULL},
	};
	static const field details[] = {
		{"vncReady", FIELD_BOOL, false, 0, NULL},
		{"vncPort", FIELD_COUNT, false, 0, NULL},
		{"platformMetadata", FIELD_OBJECT, false, 0, NULL},
	};
	cJSON *item = cJSON_CreateObject();
	cJSON *inner = cJSON_AddObjectToObject(item, "details");

	if (copy_fields(conn, type, payload, fields, COUNT_OF(fields), item) &&
		copy_fields(conn, type, payload, details, COUNT_OF(details), inner))
		put_item(conn, WRITE_OBSERVED, item);
	else
		cJSON_Delete(item);
}

static void on_complete(agent_conn *conn, const char *type, const cJSON *payload)
{
	static const field fields[] = {
		{"commandId", FIELD_ID, true, ID_MAX, NULL},
		{"result", FIELD_OBJECT, false, 0, NULL},
	};
	static const field of_result[] = {{"revision", FIELD_COUNT, false, 0, NULL}};
	cJSON *item = cJSON_CreateObject();

	cJSON_AddTrueToObject(item, "ok");
	if (copy_fields(conn, type, payload, fields, COUNT_OF(fields), item) &&
		copy_fields(conn, type, ss_json_object(payload, "result"), of_result, 1, item))
		put_item(conn, WRITE_RESULT, item);
	else
		cJSON_Delete(item);
}

static void on_failed(agent_conn *conn, const char *type, const cJSON *payload)
{
	static const field fields[] = {
		{"commandId", FIELD_ID, true, ID_MAX, NULL},
		{"error", FIELD_TEXT, false, TEXT_MAX, NULL},
		{"reason", FIELD_TEXT, false, REASON_MAX, NULL},
		{"revision", FIELD_COUNT, false, 0, NULL},
	};
	cJSON *item = cJSON_CreateObject();

	cJSON_AddFalseToObject(item, "ok");
	if (copy_fields(conn, type, payload, fields, COUNT_OF(fields), item))
		put_item(conn, WRITE_RESULT, item);
	else
		cJSON_Delete(item);
}

static void on_ping(agent_conn *conn, const char *type, const cJSON *payload)
{
	(void)type;
	(void)payload;
	agent_conn_send(conn, agent_frame_new("pong", NULL));
}

static void on_pong(agent_conn *conn, const char *type, const cJSON *payload)
{
	(void)conn;
	(void)type;
	(void)payload;
}

/* A 2.0 agent knows no such answer: there it is counted only. */
static void answer_unsupported(agent_conn *conn, const char *type, const char *message)
{
	DISPATCH_COUNT(conn->d, frames_unsupported);
	if (conn->owner->protocol < AGENT_PROTOCOL_V3)
		return;
	auto_cjson cJSON *answer = cJSON_CreateObject();

	cJSON_AddStringToObject(answer, "type", type);
	if (message)
		cJSON_AddStringToObject(answer, "message", message);
	agent_conn_send(conn, agent_frame_new("unsupported", answer));
}

static void on_viewer(agent_conn *conn, const char *type, const cJSON *payload)
{
	(void)payload;
	answer_unsupported(conn, type, "viewer data does not travel on the command connection");
}

static const struct
{
	const char *type;
	void (*handle)(agent_conn *conn, const char *type, const cJSON *payload);
} message_types[] = {
	{"heartbeat", on_heartbeat},
	{"ack", on_ack},
	{"complete", on_complete},
	{"failed", on_failed},
	{"observed", on_observed},
	{"status", on_status},
	{"progress", on_progress},
	{"inventory", agent_inventory_receive},
	{"ping", on_ping},
	{"pong", on_pong},
	{"vnc_ready", on_viewer},
	{"vnc_data", on_viewer},
	{"vnc_error", on_viewer},
};

static void reject_unparsed(agent_conn *conn, const ss_error *err)
{
	char reason[AGENT_REASON_SIZE];
	/* RFC 6455, 7.4.1: 1007 is for data that is no such data, 1008 for what breaks a rule. */
	bool is_data = strcmp(err->code, "invalid_json") == 0 || strcmp(err->code, "invalid_utf8") == 0;

	snprintf(reason, sizeof(reason), "malformed message: %s", err->code);
	DISPATCH_COUNT(conn->d, frames_rejected);
	agent_conn_shut(conn,
		is_data ? LWS_CLOSE_STATUS_INVALID_PAYLOAD : LWS_CLOSE_STATUS_POLICY_VIOLATION, reason);
}

void agent_message_handle(agent_conn *conn, const char *text, size_t len)
{
	ss_envelope message;
	ss_error err = SS_ERROR_INIT;

	DISPATCH_COUNT(conn->d, frames_received);
	if (ss_envelope_parse(text, len, (size_t)conn->d->cfg.max_frame_bytes, &message, &err))
	{
		reject_unparsed(conn, &err);
		return;
	}
	size_t i = 0;

	while (i < COUNT_OF(message_types) && strcmp(message_types[i].type, message.type) != 0)
		i++;
	if (i < COUNT_OF(message_types))
		message_types[i].handle(conn, message.type, message.payload);
	else
		answer_unsupported(conn, message.type, NULL);
	ss_envelope_done(&message);
}
