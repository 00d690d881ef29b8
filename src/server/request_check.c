/*
 * request_check: is this request well-formed for its route? Shape only (known names, types,
 * presence); what values mean is judged in SQL. Runs in the HTTP threads.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/strbuf.h"
#include "common/timeutil.h"
#include "server/cookie.h"
#include "server/page.h"
#include "server/precondition.h"
#include "server/request.h"
#include "server/utf8.h"

/* --- the head --- */

/* The few headers that we read; each at most once. */
typedef struct head
{
	const char *authorization, *agent_key, *content_type, *idempotency_key, *upgrade;
	const char *if_match, *if_none_match, *traceparent, *user_agent;
	const char *cookie, *origin, *host, *last_event;
	bool accepts_events;
	ss_strbuf *forwarded_for; /* all such headers as one; NULL: not asked for */
	const char *content_length, *transfer_encoding;
	const char *twice; /* one that came twice */
} head;

static enum MHD_Result read_header(
	void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	head *h = cls;
	const struct
	{
		const char *name;
		const char **slot;
	} known[] = {
		{"Authorization", &h->authorization},
		{"X-Agent-API-Key", &h->agent_key},
		{"Content-Type", &h->content_type},
		{"Idempotency-Key", &h->idempotency_key},
		{"If-Match", &h->if_match},
		{"If-None-Match", &h->if_none_match},
		{"Upgrade", &h->upgrade},
		{"Content-Length", &h->content_length},
		{"Transfer-Encoding", &h->transfer_encoding},
		{"Cookie", &h->cookie},
		{"Origin", &h->origin},
		{"Host", &h->host},
		{"Last-Event-ID", &h->last_event},
	};
	if (h->forwarded_for != NULL && strcasecmp(name, "X-Forwarded-For") == 0)
		ss_strbuf_appendf(
			h->forwarded_for, "%s%s", h->forwarded_for->len ? "," : "", value ? value : "");
	/* Twice is as good as malformed: a new trace begins. */
	if (strcasecmp(name, "traceparent") == 0)
		h->traceparent = h->traceparent == NULL && value != NULL ? value : "";
	if (strcasecmp(name, "Accept") == 0 && value != NULL && strcasestr(value, ANSWER_EVENTS))
		h->accepts_events = true;
	if (strcasecmp(name, "User-Agent") == 0)
		h->user_agent = value;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
	{
		if (strcasecmp(name, known[i].name) != 0)
			continue;
		if (*known[i].slot != NULL)
			h->twice = known[i].name;
		*known[i].slot = value ? value : "";
	}
	return MHD_YES;
}

/* As much of it as fits; what is not printable ASCII becomes a question mark. */
static void take_user_agent(rest_request *r, const char *text)
{
	size_t n = 0;
	for (; text != NULL && text[n] != '\0' && n < sizeof r->user_agent - 1; n++)
		r->user_agent[n] = text[n] >= 0x20 && text[n] < 0x7f ? text[n] : '?';
	r->user_agent[n] = '\0';
}

/* Of a route that may answer with a stream. */
static int take_stream(rest_request *r, const head *h)
{
	if (!(r->route->flags & ROUTE_STREAMS))
		return 0;
	r->wants_events = h->accepts_events && strcmp(r->method, "HEAD") != 0;
	if (h->last_event == NULL || !r->wants_events)
		return 0;
	r->last_event = strdup(h->last_event);
	return r->last_event != NULL ? 0 : -1;
}

static int hash_secret(rest_request *r, const char *secret, ss_error *err)
{
	/* A token is hashed as the text that it is; see docs/openapi.yaml. */
	if (!ss_hex_is_token(secret))
		return ss_fail(err, "unauthorized", "The token has not the form of one.");
	if (ss_sha256_hex(secret, strlen(secret), r->actor, err))
		return -1;
	r->call.actor = r->actor;
	return 0;
}

static bool is_json_type(const char *type)
{
	size_t len = strcspn(type, "; \t");
	if (len != strlen(ANSWER_JSON) || strncasecmp(type, ANSWER_JSON, len) != 0)
		return false;
	const char *charset = strcasestr(type + len, "charset=");
	if (charset == NULL)
		return true;
	charset += strlen("charset=");
	return strncasecmp(charset + (*charset == '"'), "utf-8", 5) == 0;
}

/*
 * A browser sends the cookie with whatever a foreign page makes it send. Of such requests, a
 * form's among them, none has both our Origin and a JSON type: that would take our consent (CORS),
 * which nobody gets. So the type counts without a body too.
 */
static int check_cookie_use(const rest_request *r, const head *h, ss_error *err)
{
	if (strcmp(r->route->method, "GET") == 0)
		return 0;
	if (r->origin < ORIGIN_LOOPBACK)
		return answer_refuse(err, "origin_refused", "header", "Origin",
			"With the cookie of a log-in this needs the Origin of the page itself.");
	if (h->content_type == NULL || !is_json_type(h->content_type))
		return answer_refuse(err, "origin_refused", "header", "Content-Type",
			"With the cookie of a log-in this needs Content-Type: application/json.");
	return 0;
}

static int check_cookie(rest_request *r, const head *h, ss_error *err)
{
	cookie_token found;
	int rc = cookie_read(h->cookie, h->host, &found);
	if (rc < 0)
		return ss_fail(err, "unauthorized", "The cookie of the log-in is malformed.");
	if (rc == 0)
		return ss_fail(err, "unauthorized",
			"This needs Authorization: Bearer TOKEN, or the cookie of a log-in.");
	r->by_cookie = true;
	r->cookie_loopback = found.loopback;
	rc = hash_secret(r, found.text, err);
	ss_crypto_wipe(&found, sizeof found);
	return rc ? -1 : check_cookie_use(r, h, err);
}

static int check_auth(rest_request *r, const head *h, ss_error *err)
{
	switch (r->route->auth)
	{
	case ROUTE_AUTH_NONE:
		return 0;
	case ROUTE_AUTH_BEARER:
		if (h->authorization == NULL || strncasecmp(h->authorization, "Bearer ", 7) != 0)
			return check_cookie(r, h, err);
		return hash_secret(r, h->authorization + 7 + strspn(h->authorization + 7, " "), err);
	case ROUTE_AUTH_AGENT_KEY:
		if (h->agent_key == NULL)
			return ss_fail(err, "unauthorized", "This needs the header X-Agent-API-Key.");
		return hash_secret(r, h->agent_key, err);
	}
	return -1;
}

static int check_key(rest_request *r, const char *key, ss_error *err)
{
	size_t len = strlen(key);
	bool printable = len > 0 && len <= REQUEST_KEY_MAX;
	for (size_t i = 0; printable && i < len; i++)
		printable = key[i] > 0x20 && key[i] < 0x7f;
	if (!printable)
		return answer_refuse(err, "invalid_argument", "header", "Idempotency-Key",
			"An Idempotency-Key has 1 to %d printable ASCII characters.", REQUEST_KEY_MAX);
	memcpy(r->key, key, len + 1);
	r->call.request_id = r->key;
	return 0;
}

/* A precondition that cannot be kept is refused: to ignore it would overwrite another's change. */
static int check_preconditions(rest_request *r, const head *h, ss_error *err)
{
	bool reads = strcmp(r->route->method, "GET") == 0;
	if (h->if_match != NULL && !reads)
	{
		if (!(r->route->flags & ROUTE_REVISION))
			return answer_refuse(
				err, "invalid_argument", "header", "If-Match", "This route takes no If-Match.");
		if (!precondition_revision(h->if_match, &r->call.if_revision))
			return answer_refuse(err, "invalid_argument", "header", "If-Match",
				"If-Match is * or one revision in quotation marks, as ETag gave it.");
	}
	if (h->if_none_match != NULL && reads)
	{
		if (!precondition_is_list(h->if_none_match))
			return answer_refuse(err, "invalid_argument", "header", "If-None-Match",
				"If-None-Match is * or a list of entity tags in quotation marks.");
		r->if_none_match = strdup(h->if_none_match);
		if (r->if_none_match == NULL)
			return ss_fail(err, "overloaded", "Out of memory.");
	}
	return 0;
}

/* --- the query --- */

/* Of the text of a parameter; no cursor or name comes near. */
#define QUERY_TEXT_MAX 1024

typedef struct query_reader
{
	rest_request *request;
	ss_error *err;
	bool failed;
} query_reader;

static int parse_int(const char *text, int *ret)
{
	char *end;
	if (strspn(text, "-0123456789") != strlen(text) || text[0] == '\0')
		return -1;
	long value = strtol(text, &end, 10);
	if (*end || end == text || value > INT_MAX || value <= INT_MIN)
		return -1;
	*ret = (int)value;
	return 0;
}

static int check_value(const char *name, route_type type, const char *text, ss_error *err)
{
	int number;
	if (utf8_length(text) > QUERY_TEXT_MAX)
		return answer_refuse(err, "invalid_argument", "parameter", name,
			"The parameter %s has more than %d characters.", name, QUERY_TEXT_MAX);
	if (type == ROUTE_INT && parse_int(text, &number))
		return answer_refuse(err, "invalid_argument", "parameter", name,
			"The parameter %s must be an integer.", name);
	if (type == ROUTE_BOOL && strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return answer_refuse(err, "invalid_argument", "parameter", name,
			"The parameter %s must be true or false.", name);
	if (type == ROUTE_TIME && !ss_time_is_rfc3339(text))
		return answer_refuse(err, "invalid_argument", "parameter", name,
			"The parameter %s must be a date and time of RFC 3339, with its offset.", name);
	return 0;
}

static int take_parameter(rest_request *r, const char *name, const char *value, ss_error *err)
{
	bool mutates = r->route->flags & ROUTE_MUTATES;
	if (mutates && strcmp(name, "dry_run") == 0)
	{
		if (check_value(name, ROUTE_BOOL, value, err))
			return -1;
		r->call.dry_run = strcmp(value, "true") == 0;
		return 0;
	}
	size_t i = 0;
	for (const route_field *f = r->route->query; f != NULL && f->name[0]; f++, i++)
	{
		if (strcmp(f->name, name) != 0)
			continue;
		if (r->query[i] != NULL)
			return answer_refuse(err, "invalid_argument", "parameter", name,
				"The parameter %s stands there twice.", name);
		if (check_value(name, f->type, value, err))
			return -1;
		r->query[i] = strdup(value);
		return r->query[i] ? 0 : ss_fail(err, "overloaded", "Out of memory.");
	}
	return answer_refuse(
		err, "unknown_parameter", "parameter", name, "There is no such parameter here.");
}

static enum MHD_Result read_parameter(
	void *cls, enum MHD_ValueKind kind, const char *raw_name, const char *raw_value)
{
	(void)kind;
	query_reader *reader = cls;
	auto_free char *name = strdup(raw_name ? raw_name : "");
	auto_free char *value = strdup(raw_value ? raw_value : "");
	int rc = -1;
	if (name == NULL || value == NULL)
		ss_fail(reader->err, "overloaded", "Out of memory.");
	else if (!route_unescape(name) || !route_unescape(value))
		ss_fail(reader->err, "bad_request", "The query has a malformed escape, or is not UTF-8.");
	else
		rc = take_parameter(reader->request, name, value, reader->err);
	reader->failed = rc != 0;
	return reader->failed ? MHD_NO : MHD_YES;
}

static int check_query(rest_request *r, ss_error *err)
{
	query_reader reader = {r, err, false};
	MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, read_parameter, &reader);
	return reader.failed ? -1 : 0;
}

/* --- both --- */

static int find_page(rest_request *r, const char *url, unsigned listener, ss_error *err)
{
	if (listener != ROUTE_PUBLIC || !page_find(r, url))
		return ss_fail(err, "route_not_found", "There is nothing at this path.");
	if (strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0)
		return 0;
	snprintf(r->answer.allow, sizeof r->answer.allow, "GET, HEAD");
	return ss_fail(err, "method_not_allowed", "This path takes %s.", r->answer.allow);
}

static int find_route(rest_request *r, const char *url, unsigned listener, ss_error *err)
{
	switch (route_find(
		listener, r->method, url, &r->route, r->captures, r->answer.allow, sizeof r->answer.allow))
	{
	case ROUTE_FOUND:
		return 0;
	case ROUTE_UNKNOWN_PATH:
		return find_page(r, url, listener, err);
	case ROUTE_WRONG_METHOD:
		return ss_fail(err, "method_not_allowed", "This path takes %s.", r->answer.allow);
	case ROUTE_BAD_PATH:
		return ss_fail(err, "bad_request", "The path has a malformed escape, or is not UTF-8.");
	}
	return -1;
}

/* Whose request this is, behind proxies that are trusted, and of which trace. */
static void take_origin(rest_request *r, const head *h)
{
	(void)trace_begin(h->traceparent, r->trace);
	const char *forwarded_for = h->forwarded_for ? h->forwarded_for->data : NULL;
	client_address found =
		client_address_find(r->server->trusted_proxies, r->address, forwarded_for);
	if (memcmp(found.bytes, r->address.bytes, sizeof found.bytes) == 0)
		return;
	memcpy(r->via, r->peer, sizeof r->via);
	r->address = found;
	client_address_format(&r->address, r->peer);
}

static int count_request(rest_request *r, limiter *l, const void *key, ss_error *err)
{
	limiter_count(l, key, r->started_ms, &r->limit);
	if (r->limit.retry_after == 0)
		return 0;
	r->answer.retry_after = r->limit.retry_after;
	return ss_fail(err, "rate_limited", "More than %lld requests in %d seconds.", r->limit.limit,
		LIMITER_WINDOW_S);
}

/* Paths that do not exist count too; probes and the files of the page, which are many, do not. */
static int count_address(rest_request *r, unsigned listener, ss_error *err)
{
	if (listener != ROUTE_PUBLIC || r->page != NULL ||
		(r->route != NULL && r->route->flags & ROUTE_INTERNAL))
		return 0;
	client_address network = client_address_network(&r->address);
	return count_request(r, r->server->address_limit, network.bytes, err);
}

/* The token's hash is the actor: its first bytes tell actors apart well enough. */
static int count_actor(rest_request *r, ss_error *err)
{
	return r->actor[0] ? count_request(r, r->server->actor_limit, r->actor, err) : 0;
}

/* The page's own routes may have a query, which is theirs. */
static int take_page_head(rest_request *r, const head *h, ss_error *err)
{
	if (h->if_none_match == NULL || !precondition_is_list(h->if_none_match))
		return 0;
	r->if_none_match = strdup(h->if_none_match);
	return r->if_none_match ? 0 : ss_fail(err, "overloaded", "Out of memory.");
}

int request_check_head(rest_request *r, const char *url, unsigned listener, ss_error *err)
{
	auto_strbuf ss_strbuf forwarded_for = SS_STRBUF_INIT;
	head h = {0};
	if (!address_set_is_empty(r->server->trusted_proxies))
		h.forwarded_for = &forwarded_for;
	MHD_get_connection_values(r->connection, MHD_HEADER_KIND, read_header, &h);
	take_origin(r, &h);
	if (h.transfer_encoding != NULL &&
		(h.content_length != NULL || strcasecmp(h.transfer_encoding, "chunked") != 0))
	{
		r->answer.close = true; /* where this request ends is unclear: trust nothing that follows */
		return ss_fail(err, "bad_request",
			"A body has either a Content-Length or Transfer-Encoding: chunked.");
	}
	if (h.twice != NULL)
	{
		r->answer.close = true;
		return answer_refuse(
			err, "bad_request", "header", h.twice, "The header %s stands there twice.", h.twice);
	}
	int found = find_route(r, url, listener, err);
	if (count_address(r, listener, err) || found)
		return -1;
	if ((r->route->flags & ROUTE_WEBSOCKET) || (h.upgrade && strcasestr(h.upgrade, "websocket")))
	{
		r->answer.close = true;
		return ss_fail(err, "upgrade_required",
			"A WebSocket is opened by the first request of a connection, at its own path.");
	}
	r->origin = origin_judge(r->server->config->origins, h.origin, h.host);
	if (r->page != NULL)
		return take_page_head(r, &h, err);
	if (check_auth(r, &h, err) || count_actor(r, err) || check_query(r, err))
		return -1;
	if (h.idempotency_key && (r->route->flags & ROUTE_MUTATES) &&
		check_key(r, h.idempotency_key, err))
		return -1;
	if (check_preconditions(r, &h, err))
		return -1;
	take_user_agent(r, h.user_agent);
	if (take_stream(r, &h))
		return ss_fail(err, "overloaded", "Out of memory.");
	snprintf(r->content_type, sizeof r->content_type, "%s", h.content_type ? h.content_type : "");
	return 0;
}

static int refuse_field(
	ss_error *err, const char *code, const char *name, const char *fmt, const char *what)
{
	char pointer[256] = "";
	char text[200];
	(void)ss_json_pointer_append(pointer, sizeof pointer, name);
	snprintf(text, sizeof text, "%s %s", fmt, what);
	return answer_refuse(err, code, "pointer", pointer, "%s", text);
}

static bool has_type(const cJSON *value, route_type type)
{
	switch (type)
	{
	case ROUTE_STRING:
		return cJSON_IsString(value);
	case ROUTE_INT:
		return ss_json_is_int(value, NULL);
	case ROUTE_BOOL:
		return cJSON_IsBool(value);
	case ROUTE_OBJECT:
		return cJSON_IsObject(value);
	case ROUTE_TIME:
		return cJSON_IsString(value);
	case ROUTE_STRINGS:
	case ROUTE_ARRAY:
		return cJSON_IsArray(value);
	}
	return false;
}

/* What a value of the right type may still be: no time, or an array with something else in it. */
static int check_content(const route_field *f, const cJSON *value, ss_error *err)
{
	if (f->type == ROUTE_TIME && !ss_time_is_rfc3339(value->valuestring))
		return refuse_field(err, "invalid_argument", f->name,
			"The value must be a date and time of RFC 3339,", "with its offset.");
	if (f->type != ROUTE_STRINGS)
		return 0;
	const cJSON *item;
	cJSON_ArrayForEach(item, value)
	{
		if (!cJSON_IsString(item))
			return refuse_field(
				err, "wrong_type", f->name, "The value must be an array", "of strings.");
	}
	return 0;
}

static int check_fields(const struct route *of, const cJSON *json, ss_error *err)
{
	const cJSON *value;
	cJSON_ArrayForEach(value, json)
	{
		const route_field *f = of->body;
		while (f != NULL && f->name[0] && strcmp(f->name, value->string) != 0)
			f++;
		if (f == NULL || !f->name[0])
		{
			if (of->flags & ROUTE_OPEN_BODY)
				continue;
			return refuse_field(
				err, "unknown_field", value->string, "There is no such field", "here.");
		}
		if (cJSON_IsNull(value) && !f->required)
			continue;
		if (!has_type(value, f->type))
			return refuse_field(
				err, "wrong_type", f->name, "The value must be of type", route_type_name(f->type));
		if (check_content(f, value, err))
			return -1;
	}
	for (const route_field *f = of->body; f != NULL && f->name[0]; f++)
		if (f->required && cJSON_GetObjectItemCaseSensitive(json, f->name) == NULL)
			return refuse_field(err, "missing_field", f->name, "The body lacks the field", f->name);
	return 0;
}

int request_check_body(rest_request *r, ss_error *err)
{
	if (r->body_len > 0)
	{
		if (!is_json_type(r->content_type))
			return answer_refuse(err, "unsupported_media_type", "header", "Content-Type",
				"The body must be application/json.");
		if (ss_json_parse(
				r->body, r->body_len, (size_t)r->server->config->max_body, &r->json, NULL, 0, err))
			return -1;
	}
	else if ((r->json = cJSON_CreateObject()) == NULL)
		return ss_fail(err, "overloaded", "Out of memory.");
	if (!cJSON_IsObject(r->json))
		return answer_refuse(err, "wrong_type", "pointer", "", "The body must be a JSON object.");
	if (r->route->flags & ROUTE_FREE_BODY)
		return 0;
	return check_fields(r->route, r->json, err);
}
