/*
 * http_body: the body of a request, from its bytes to the values that a step reads, and the problem
 * that answers a bad one. Input: a line with the name of a route, a line with the Content-Type, the
 * body.
 */
#include "tests/fuzz/fuzz.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "server/request.h"

#define BODY_MAX 8192

/* Any name names one. */
static const route *find_route(const char *name)
{
	size_t sum = 0;
	for (size_t i = 0; i < route_count(); i++)
		if (strcmp(route_at(i)->name, name) == 0)
			return route_at(i);
	for (; *name; name++)
		sum = sum * 31 + (unsigned char)*name;
	return route_at(sum % route_count());
}

/* A problem is JSON whatever the client sent. */
static void check_problem(const ss_error *err)
{
	answer a = {0};
	auto_cjson cJSON *json = NULL;
	ss_error why = SS_ERROR_INIT;
	answer_set_problem(&a, err, "request");
	FUZZ_CHECK(a.body != NULL && a.status >= 400);
	FUZZ_CHECK(ss_json_parse(a.body, a.len, (size_t)1 << 20, &json, NULL, 0, &why) == 0);
	FUZZ_CHECK(ss_json_string(json, "code") != NULL && ss_json_string(json, "detail") != NULL);
	answer_done(&a);
}

static void check_field(const rest_request *r, const route_field *f)
{
	auto_free char *json = request_field_json(r, f->name);
	const char *text = request_field(r, f->name);
	const char *boolean = request_field_bool(r, f->name);
	(void)request_field_int(r, f->name);
	if (r->route->flags & ROUTE_FREE_BODY)
		return;
	FUZZ_CHECK(!f->required || request_has(r, f->name));
	FUZZ_CHECK(text == NULL || f->type == ROUTE_STRING || f->type == ROUTE_TIME);
	FUZZ_CHECK(boolean == NULL || f->type == ROUTE_BOOL);
	FUZZ_CHECK(json == NULL || f->type >= ROUTE_OBJECT);
	if (f->type != ROUTE_STRINGS)
		return;
	auto_free char *array = request_field_array(r, f->name);
	FUZZ_CHECK(array == NULL || (array[0] == '{' && array[strlen(array) - 1] == '}'));
}

static void check_accepted(const rest_request *r)
{
	auto_free char *text = request_body_json(r);
	auto_cjson cJSON *again = NULL;
	ss_error err = SS_ERROR_INIT;
	FUZZ_CHECK(text != NULL);
	FUZZ_CHECK(ss_json_parse(text, strlen(text), 8 * BODY_MAX, &again, NULL, 0, &err) == 0);
	FUZZ_CHECK(cJSON_Compare(r->json, again, true));
	for (const route_field *f = r->route->body; f != NULL && f->name[0]; f++)
		check_field(r, f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	server_config config = {.max_body = BODY_MAX};
	server s = {.config = &config};
	rest_request r = {.server = &s};
	ss_error err = SS_ERROR_INIT;
	auto_free char *name = fuzz_line(&data, &size);
	auto_free char *type = fuzz_line(&data, &size);
	auto_free char *body = fuzz_text(data, size);

	r.route = find_route(name);
	snprintf(r.content_type, sizeof r.content_type, "%s", type);
	r.body = body;
	r.body_len = size;
	if (request_check_body(&r, &err) == 0)
		check_accepted(&r);
	else
		check_problem(&err);
	cJSON_Delete(r.json);
	return 0;
}
