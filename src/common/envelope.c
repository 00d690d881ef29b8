/*
 * envelope: see envelope.h.
 */
#include "common/envelope.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/strbuf.h"
#include "common/timeutil.h"

#include <string.h>

#define TYPE_MAX 64

static int refuse(ss_error *err, const char *code, const char *pointer, const char *reason)
{
	ss_fail(err, code, "%s", reason);
	return ss_error_set_detail(err, "{\"pointer\":\"%s\",\"reason\":\"%s\"}", pointer, reason);
}

static int check(const cJSON *root, ss_error *err)
{
	const cJSON *type = ss_json_get(root, "type");
	const cJSON *payload = ss_json_get(root, "payload");
	size_t len;

	if (!cJSON_IsObject(root))
		return refuse(err, "wrong_type", "", "a message must be an object");
	if (type == NULL)
		return refuse(err, "missing_field", "/type", "a message must have a type");
	len = cJSON_IsString(type) ? strlen(type->valuestring) : 0;
	if (len < 1 || len > TYPE_MAX)
		return refuse(err, "wrong_type", "/type", "the type must be a string of 1 to 64 bytes");
	if (payload != NULL && !cJSON_IsObject(payload) && !cJSON_IsNull(payload))
		return refuse(err, "wrong_type", "/payload", "the payload must be an object");
	return 0;
}

int ss_envelope_parse(
	const char *frame, size_t len, size_t max_len, ss_envelope *ret, ss_error *err)
{
	auto_cjson cJSON *root = NULL;

	if (ss_json_parse(frame, len, max_len, &root, NULL, 0, err) != 0 || check(root, err) != 0)
		return -1;
	*ret = (ss_envelope){
		.root = root,
		.type = ss_json_string(root, "type"),
		.timestamp = ss_json_string(root, "timestamp"),
		.payload = ss_json_object(root, "payload"),
	};
	root = NULL;
	return 0;
}

void ss_envelope_done(ss_envelope *envelope)
{
	cJSON_Delete(envelope->root);
	*envelope = (ss_envelope){0};
}

char *ss_envelope_print_text(const char *type, const char *payload_json)
{
	auto_strbuf ss_strbuf text = SS_STRBUF_INIT;
	char now[SS_TIME_SIZE];

	ss_strbuf_append(&text, "{\"type\":");
	ss_strbuf_append_json(&text, type);
	ss_strbuf_appendf(&text, ",\"timestamp\":\"%s\",\"payload\":", ss_time_now(now));
	ss_strbuf_append(&text, payload_json);
	ss_strbuf_append(&text, "}");
	return ss_strbuf_take(&text);
}

char *ss_envelope_print(const char *type, const cJSON *payload)
{
	auto_free char *json = NULL;

	if (payload == NULL)
		return ss_envelope_print_text(type, "{}");
	json = ss_json_print(payload);
	return json != NULL ? ss_envelope_print_text(type, json) : NULL;
}
