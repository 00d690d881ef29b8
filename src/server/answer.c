/* answer: building problems from errors. */
#include "server/answer.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/crypto.h"
#include "common/json.h"
#include "common/strbuf.h"
#include "server/event_hub.h"

/* For the one case in which nothing could be built any more. */
static const char no_memory[] =
	"{\"type\":\"urn:streamspace:error:overloaded\",\"title\":\"The server is overloaded\","
	"\"status\":503,\"code\":\"overloaded\"}";

void answer_set_json(answer *a, int status, char *body)
{
	free(a->body);
	a->status = status;
	a->body = body;
	a->len = body ? strlen(body) : 0;
	a->content_type = ANSWER_JSON;
}

void answer_done(answer *a)
{
	free(a->body);
	event_subscriber_free(a->events);
	ss_crypto_wipe(a->set_cookie, sizeof a->set_cookie);
	*a = (answer){0};
}

int answer_refuse(
	ss_error *err, const char *code, const char *member, const char *place, const char *fmt, ...)
{
	char text[sizeof err->message];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);

	ss_fail(err, code, "%s", text);
	auto_strbuf ss_strbuf detail = SS_STRBUF_INIT;
	ss_strbuf_appendf(&detail, "{\"%s\":", member);
	ss_strbuf_append_json(&detail, place);
	ss_strbuf_append(&detail, "}");
	if (detail.data != NULL && detail.len < sizeof err->detail)
		ss_error_set_detail(err, "%s", detail.data);
	return -1;
}

static bool is_own_member(const char *name)
{
	static const char *const own[] = {
		"type", "title", "status", "code", "detail", "hint", "request_id", "instance", "reason"};
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (strcmp(own[i], name) == 0)
			return true;
	return false;
}

static void add_text(ss_strbuf *out, const char *name, const char *value)
{
	ss_strbuf_appendf(out, ",\"%s\":", name);
	ss_strbuf_append_json(out, value);
}

/* The members of the error's own detail, and the sentence in it (NULL: none). */
static void add_members(ss_strbuf *out, const cJSON *detail)
{
	const cJSON *member;
	cJSON_ArrayForEach(member, detail)
	{
		if (is_own_member(member->string))
			continue;
		auto_free char *value = ss_json_print(member);
		if (value == NULL)
			continue;
		ss_strbuf_append(out, ",");
		ss_strbuf_append_json(out, member->string);
		ss_strbuf_append(out, ":");
		ss_strbuf_append(out, value);
	}
}

void answer_set_problem(answer *a, const ss_error *err, const char *request_id)
{
	const ss_error_code *known = ss_error_find_code(err->code);
	const char *code = known ? known->code : "internal";
	int status = known ? known->http_status : 500;
	auto_cjson cJSON *detail = NULL;
	const char *sentence = err->detail[0] ? err->detail : err->message;

	if (status == 500)
		sentence = "The server failed; its log says more under this request_id.";
	else if (err->detail[0] == '{')
	{
		detail = cJSON_Parse(err->detail);
		sentence = ss_json_string(detail, "reason");
		if (sentence == NULL)
			sentence = ss_json_string(detail, "detail");
		if (sentence == NULL)
			sentence = err->message;
	}

	auto_strbuf ss_strbuf out = SS_STRBUF_INIT;
	ss_strbuf_append(&out, "{\"type\":\"urn:streamspace:error:");
	ss_strbuf_append(&out, code);
	ss_strbuf_append(&out, "\"");
	add_text(&out, "title", known ? known->title : "Internal error");
	ss_strbuf_appendf(&out, ",\"status\":%d", status);
	add_text(&out, "code", code);
	add_text(&out, "detail", sentence);
	if (status != 500 && err->hint[0])
		add_text(&out, "hint", err->hint);
	add_members(&out, detail);
	add_text(&out, "request_id", request_id);
	ss_strbuf_append(&out, "}");

	char *body = ss_strbuf_take(&out);
	if (body == NULL)
	{
		body = strdup(no_memory);
		status = 503;
	}
	answer_set_json(a, status, body);
	a->content_type = ANSWER_PROBLEM;
	snprintf(a->code, sizeof a->code, "%s", code);
	a->challenge = status == 401;
	long long wait;
	if (status == 429 && ss_json_int(detail, "retry_after_seconds", &wait) == 0 && wait > 0)
		a->retry_after = wait < INT_MAX ? (int)wait : INT_MAX;
	if (status == 503 && a->retry_after == 0)
		a->retry_after = 2;
}
