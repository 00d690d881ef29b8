/* request_value: what a step reads from its request. Runs in the work threads. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
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

char *request_field_json(const rest_request *r, const char *name)
{
	const cJSON *value = ss_json_object(r->json, name);
	return value ? ss_json_print(value) : NULL;
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
