/* request_value: what a step reads from its request. Runs in the work threads. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/strbuf.h"
#include "server/request.h"

const char *request_field(const rest_request *r, const char *name)
{
	return ss_json_string(r->json, name);
}

int request_field_int(const rest_request *r, const char *name)
{
	long long value;
	if (ss_json_int(r->json, name, &value) != 0)
		return DB_INT_NULL;
	/* Beyond int is beyond every bound that SQL has; let SQL say so. */
	return value > INT_MAX ? INT_MAX : value <= INT_MIN ? INT_MIN + 1 : (int)value;
}

const char *request_field_bool(const rest_request *r, const char *name)
{
	const cJSON *value = ss_json_get(r->json, name);
	return cJSON_IsTrue(value) ? "true" : cJSON_IsFalse(value) ? "false" : NULL;
}

bool request_has(const rest_request *r, const char *name)
{
	return ss_json_get(r->json, name) != NULL;
}

char *request_field_json(const rest_request *r, const char *name)
{
	const cJSON *value = ss_json_get(r->json, name);
	return cJSON_IsObject(value) || cJSON_IsArray(value) ? ss_json_print(value) : NULL;
}

char *request_field_array(const rest_request *r, const char *name)
{
	const cJSON *array = ss_json_array(r->json, name);
	if (array == NULL)
		return NULL;
	auto_strbuf ss_strbuf out = SS_STRBUF_INIT;
	const cJSON *item;
	ss_strbuf_append(&out, "{");
	cJSON_ArrayForEach(item, array)
	{
		ss_strbuf_append(&out, item == array->child ? "\"" : ",\"");
		for (const char *c = item->valuestring; *c; c++)
			ss_strbuf_appendf(&out, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
		ss_strbuf_append(&out, "\"");
	}
	ss_strbuf_append(&out, "}");
	return ss_strbuf_take(&out);
}

char *request_body_json(const rest_request *r)
{
	return ss_json_print(r->json);
}

const char *request_query(const rest_request *r, const char *name)
{
	size_t i = 0;
	for (const route_field *f = r->route->query; f != NULL && f->name[0]; f++, i++)
		if (strcmp(f->name, name) == 0)
			return r->query[i];
	return NULL;
}

int request_query_int(const rest_request *r, const char *name)
{
	const char *text = request_query(r, name);
	return text ? (int)strtol(text, NULL, 10) : DB_INT_NULL;
}

bool request_query_bool(const rest_request *r, const char *name)
{
	const char *text = request_query(r, name);
	return text != NULL && strcmp(text, "true") == 0;
}
