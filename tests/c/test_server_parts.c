/* The pure parts of the server: the door's look at a request, routes, escapes, UTF-8. */
#include <stdlib.h>
#include <string.h>

#include "common/timeutil.h"
#include "server/client_address.h"
#include "server/door_request.h"
#include "server/limiter.h"
#include "server/precondition.h"
#include "server/route.h"
#include "server/trace.h"
#include "server/utf8.h"
#include "tests/c/tap.h"

typedef struct door_case
{
	const char *bytes;
	door_class class;
	const char *name;
} door_case;

#define CONNECT "GET /api/v1/agents/connect"
#define UPGRADE "Upgrade: websocket\r\n"

static const door_case door_cases[] = {
	{"", DOOR_MORE, "nothing"},
	{"GET /api", DOOR_MORE, "half a request line"},
	{"GET /api/v1/me HTTP/1.1\r\n", DOOR_HTTP, "another path, at its first line"},
	{"\r\n", DOOR_HTTP, "an empty line"},
	{"\r\n" CONNECT " HTTP/1.1\r\n" UPGRADE "\r\n", DOOR_HTTP, "an empty line before"},
	{CONNECT "?agent_id=a HTTP/1.1\r\n", DOOR_MORE, "an agent's first line"},
	{CONNECT "?agent_id=a HTTP/1.1\r\n" UPGRADE, DOOR_MORE, "no end of the head"},
	{CONNECT "?agent_id=a HTTP/1.1\r\n" UPGRADE "\r\n", DOOR_SOCKET, "an agent's whole head"},
	{CONNECT " HTTP/1.1\r\nHost: x\r\nuPGRADE:\tWebSocket\r\n\r\n", DOOR_SOCKET, "in other case"},
	{CONNECT " HTTP/1.1\nUpgrade: websocket\n\n", DOOR_SOCKET, "with bare line feeds"},
	{CONNECT " HTTP/1.1\r\nHost: x\r\n\r\n", DOOR_HTTP, "without an upgrade"},
	{CONNECT " HTTP/1.1\r\nX-Upgrade: websocket\r\n\r\n", DOOR_HTTP, "with a header like it"},
	{CONNECT " HTTP/1.1\r\nUpgrade: h2c\r\n\r\n", DOOR_HTTP, "with another upgrade"},
	{CONNECT "ion HTTP/1.1\r\n" UPGRADE "\r\n", DOOR_HTTP, "a path that goes on"},
	{CONNECT "/x HTTP/1.1\r\n" UPGRADE "\r\n", DOOR_HTTP, "a path below"},
	{"POST /api/v1/agents/connect HTTP/1.1\r\n" UPGRADE "\r\n", DOOR_HTTP, "another method"},
	{CONNECT "\r\n" UPGRADE "\r\n", DOOR_MALFORMED, "HTTP/0.9"},
	{"GARBAGE\r\n", DOOR_MALFORMED, "one word"},
	{"GET /x\r\n", DOOR_MALFORMED, "no version"},
	{"GET  HTTP/1.1\r\n", DOOR_HTTP, "an empty target, which the library refuses"},
	{"GET HTTP/1.1\r\n", DOOR_MALFORMED, "no target"},
	{" GET /x HTTP/1.1\r\n", DOOR_MALFORMED, "a space before"},
	{"G(T /x HTTP/1.1\r\n", DOOR_MALFORMED, "a method that is no token"},
	{"GET /x\tHTTP/1.1\r\n", DOOR_MALFORMED, "a tab"},
	{"GET /x HTTP/1.1\r\r\n", DOOR_MALFORMED, "two carriage returns"},
	{"GET /x http/1.1\r\n", DOOR_MALFORMED, "lower case"},
	{"GET /x HTTP/1.10\r\n", DOOR_MALFORMED, "a longer version"},
	{"GET /x HTTP/2.0\r\n", DOOR_VERSION, "HTTP/2"},
	{"GET /x HTTP/1.2\r\n", DOOR_VERSION, "HTTP/1.2"},
	{"GET /x HTTP/1.0\n", DOOR_HTTP, "HTTP/1.0 and a bare line feed"},
	{"\x16\x03\x01\x02", DOOR_MALFORMED, "TLS, at its first byte"},
	{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", DOOR_VERSION, "HTTP/2 with prior knowledge"},
};

static void check_door(void)
{
	for (size_t i = 0; i < sizeof door_cases / sizeof door_cases[0]; i++)
	{
		const door_case *c = &door_cases[i];
		size_t len = strlen(c->bytes);
		size_t head = 0;
		socket_class class = SOCKET_CLASSES;
		/* A copy of the exact size, so that a sanitizer sees every step too far. */
		char *bytes = malloc(len ? len : 1);
		memcpy(bytes, c->bytes, len);
		door_class got = door_classify(bytes, len, DOOR_PUBLIC, &head, &class);
		tap_ok(got == c->class && (got != DOOR_SOCKET || head == len), "door: %s", c->name);
		for (size_t cut = 0; cut < len; cut++)
			if (door_classify(bytes, cut, DOOR_PUBLIC, &head, &class) == DOOR_SOCKET)
				tap_ok(false, "door: %s, cut at %zu", c->name, cut);
		free(bytes);
	}
	char *endless = malloc(DOOR_HEAD_MAX);
	size_t head;
	socket_class class;
	memset(endless, 'a', DOOR_HEAD_MAX);
	tap_ok(door_classify(endless, DOOR_HEAD_MAX, DOOR_PUBLIC, &head, &class) == DOOR_HTTP,
		"door: no line in 8 KiB");
	memcpy(endless, CONNECT "?", sizeof CONNECT);
	memcpy(endless + 91, " HTTP/1.1\n", 10);
	tap_ok(door_classify(endless, DOOR_HEAD_MAX, DOOR_PUBLIC, &head, &class) == DOOR_HTTP,
		"door: no end in 8 KiB");
	tap_ok(door_classify(endless, DOOR_HEAD_MAX - 1, DOOR_PUBLIC, &head, &class) == DOOR_MORE,
		"door: almost 8 KiB");
	free(endless);
}

static void check_route(const char *method, const char *path, route_result wanted, const char *name,
	const char *capture, const char *allow)
{
	const route *row = NULL;
	char *captures[ROUTE_MAX_CAPTURES] = {NULL};
	char got_allow[64] = "";
	route_result result =
		route_find(ROUTE_PUBLIC, method, path, &row, captures, got_allow, sizeof got_allow);
	char *got = captures[0];
	bool good = result == wanted && strcmp(got_allow, allow) == 0;
	if (good && wanted == ROUTE_FOUND)
		good = strcmp(row->name, name) == 0 && (got == NULL) == (capture == NULL) &&
			   (got == NULL || strcmp(got, capture) == 0);
	tap_ok(good, "route: %s %s", method, path);
	for (size_t i = 0; i < ROUTE_MAX_CAPTURES; i++)
		free(captures[i]);
}

static void check_routes(void)
{
	check_route("GET", "/api/v1/me", ROUTE_FOUND, "get_me", NULL, "");
	check_route("HEAD", "/api/v1/me", ROUTE_FOUND, "get_me", NULL, "");
	check_route("GET", "/api/v1/sessions/s-1", ROUTE_FOUND, "get_session", "s-1", "");
	check_route("POST", "/api/v1/sessions/s-1:wake", ROUTE_FOUND, "wake_session", "s-1", "");
	check_route("POST", "/api/v1/users/a%20%C3%A9:reset-password", ROUTE_FOUND, "reset_password",
		"a \xc3\xa9", "");
	check_route("GET", "/api/v1/templates/a%3Ab", ROUTE_FOUND, "get_template", "a:b", "");
	check_route("GET", "/api/v1/templates/a%2Fb", ROUTE_FOUND, "get_template", "a/b", "");
	check_route("GET", "/api/v1/sessions/", ROUTE_UNKNOWN_PATH, NULL, NULL, "");
	check_route("POST", "/api/v1/sessions/:wake", ROUTE_UNKNOWN_PATH, NULL, NULL, "");
	check_route("POST", "/api/v1/sessions/s:dance", ROUTE_UNKNOWN_PATH, NULL, NULL, "");
	check_route("GET", "/api/v1/sessions/s/x", ROUTE_UNKNOWN_PATH, NULL, NULL, "");
	check_route("GET", "/metrics", ROUTE_UNKNOWN_PATH, NULL, NULL, "");
	check_route("GET", "/api/v1/sessions/%", ROUTE_BAD_PATH, NULL, NULL, "");
	check_route("GET", "/api/v1/sessions/%4", ROUTE_BAD_PATH, NULL, NULL, "");
	check_route("GET", "/api/v1/sessions/%00", ROUTE_BAD_PATH, NULL, NULL, "");
	check_route("GET", "/api/v1/sessions/%C0%80", ROUTE_BAD_PATH, NULL, NULL, "");
	check_route("PUT", "/api/v1/sessions", ROUTE_WRONG_METHOD, NULL, NULL, "POST, GET, HEAD");
	check_route("GET", "/api/v1/sessions/s:wake", ROUTE_WRONG_METHOD, NULL, NULL, "POST");
	check_route("GET", "/api/v1/agents/register", ROUTE_WRONG_METHOD, NULL, NULL, "POST");
}

static void check_utf8(void)
{
	static const struct
	{
		const char *text;
		bool valid;
	} cases[] = {
		{"", true},
		{"plain", true},
		{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", true},
		{"\xf4\x8f\xbf\xbf", true},
		{"\xf4\x90\x80\x80", false},
		{"\xc0\xaf", false},
		{"\xe0\x9f\xbf", false},
		{"\xf0\x8f\xbf\xbf", false},
		{"\xed\xa0\x80", false},
		{"\xe2\x82", false},
		{"\x80", false},
		{"\xff", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		tap_ok(utf8_valid(cases[i].text, strlen(cases[i].text)) == cases[i].valid,
			"UTF-8, case %zu is %s", i, cases[i].valid ? "valid" : "not valid");
	tap_ok(utf8_length("") == 0 && utf8_length("a\xc3\xa9\xf0\x9f\x98\x80") == 3,
		"UTF-8 is counted in characters");
}

/* What holds for every row, so that a row cannot be written which the code does not serve. */
static void check_table(void)
{
	for (size_t i = 0; i < route_count(); i++)
	{
		const route *r = route_at(i);
		size_t fields = 0;
		for (const route_field *f = r->query; f != NULL && f->name[0]; f++)
			fields++;
		bool changes = strcmp(r->method, "GET") != 0;
		bool marked = (r->flags & (ROUTE_MUTATES | ROUTE_ONCE | ROUTE_ASKS)) != 0;
		size_t captures = 0;
		for (const char *c = r->path; *c; c++)
			captures += *c == '{';
		tap_ok(fields <= ROUTE_MAX_QUERY && captures <= ROUTE_MAX_CAPTURES && changes == marked &&
				   (changes || !(r->flags & ROUTE_REVISION)) && route_index(r) == i &&
				   (r->flags & (ROUTE_PUBLIC | ROUTE_INTERNAL)) != 0 &&
				   (r->run != NULL) != ((r->flags & ROUTE_WEBSOCKET) != 0),
			"table: %s is whole", r->name);
	}
}

static void check_preconditions(void)
{
	static const struct
	{
		const char *text;
		long long revision; /* -1: malformed */
	} matches[] = {
		{"\"17\"", 17},
		{"*", 0},
		{"\"9007199254740991\"", 9007199254740991},
		{"\"9007199254740992\"", -1},
		{"\"99999999999999999999\"", -1},
		{"17", -1},
		{"\"17", -1},
		{"\"17\" ", -1},
		{"\"017\"", -1},
		{"\"0\"", -1},
		{"\"-1\"", -1},
		{"W/\"17\"", -1},
		{"\"1\", \"2\"", -1},
		{"\"\"", -1},
		{"", -1},
		{"**", -1},
	};
	for (size_t i = 0; i < sizeof matches / sizeof matches[0]; i++)
	{
		long long got = -1;
		bool good = precondition_revision(matches[i].text, &got);
		tap_ok(good == (matches[i].revision >= 0) && got == matches[i].revision, "If-Match: %s",
			matches[i].text);
	}
	static const struct
	{
		const char *list, *tag;
		bool well_formed, named;
	} lists[] = {
		{"\"17\"", "\"17\"", true, true},
		{"W/\"17\"", "\"17\"", true, true},
		{"\"1\" , W/\"2\",\"17\"", "\"17\"", true, true},
		{"*", "\"17\"", true, true},
		{"\"1\",\"2\"", "\"17\"", true, false},
		{"\"a,b\"", "\"b\"", true, false},
		{"\"17\" \"18\"", "\"18\"", false, false},
		{"17", "\"17\"", false, false},
		{"\"1\",", "\"2\"", false, false},
		{"", "\"2\"", false, false},
		{"\"a b\"", "\"2\"", false, false},
	};
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		tap_ok(precondition_is_list(lists[i].list) == lists[i].well_formed &&
				   precondition_names(lists[i].list, lists[i].tag) == lists[i].named,
			"If-None-Match: %s and %s", lists[i].list, lists[i].tag);
	static const struct
	{
		const char *json;
		long long revision; /* 0: none */
	} bodies[] = {
		{"{\"id\": \"x\", \"revision\": 12, \"z\": 1}", 12},
		{"{\"revision\":7}", 7},
		{"{\"a\": {\"revision\": 3}}", 0},
		{"{\"a\": {\"revision\": 3}, \"revision\": 4}", 4},
		{"{\"a\": \"\\\", \\\"revision\\\": 5\", \"b\": 1}", 0},
		{"{\"a\": \"revision\", \"b\": [\"revision\"]}", 0},
		{"{\"revision\": null}", 0},
		{"{\"items\": [], \"revision\": 4}", 0},
		{"{\"a\": \"", 0},
		{"", 0},
	};
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
	{
		long long got = 0;
		bool found = precondition_find_revision(bodies[i].json, &got);
		tap_ok(found == (bodies[i].revision > 0) && got == bodies[i].revision, "revision of %s",
			bodies[i].json);
	}
}

static void check_times(void)
{
	static const struct
	{
		const char *text;
		bool good;
	} cases[] = {
		{"2026-01-31T12:00:00Z", true},
		{"2026-01-31t12:00:00.123456789z", true},
		{"2024-02-29T23:59:59+15:59", true},
		{"2000-02-29T00:00:00-00:00", true},
		{"2026-02-29T12:00:00Z", false},
		{"1900-02-29T12:00:00Z", false},
		{"2026-04-31T12:00:00Z", false},
		{"2026-13-01T12:00:00Z", false},
		{"2026-00-01T12:00:00Z", false},
		{"2026-01-00T12:00:00Z", false},
		{"0000-01-01T12:00:00Z", false},
		{"2026-01-31T24:00:00Z", false},
		{"2026-01-31T12:60:00Z", false},
		{"2026-01-31T12:00:60Z", false},
		{"2026-01-31T12:00:00", false},
		{"2026-01-31T12:00Z", false},
		{"2026-01-31 12:00:00Z", false},
		{"2026-01-31T12:00:00.Z", false},
		{"2026-01-31T12:00:00.1234567890Z", false},
		{"2026-01-31T12:00:00+16:00", false},
		{"2026-01-31T12:00:00+1:00", false},
		{"2026-01-31T12:00:00Zx", false},
		{"12026-01-31T12:00:00Z", false},
		{"infinity", false},
		{"", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		tap_ok(ss_time_is_rfc3339(cases[i].text) == cases[i].good, "time: '%s' is %s",
			cases[i].text, cases[i].good ? "one" : "none");
}

static void check_trace(void)
{
	static const char good[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
	char got[TRACE_SIZE], other[TRACE_SIZE], id[TRACE_ID_SIZE];
	tap_ok(trace_begin(good, got) && strcmp(got, good) == 0, "trace: a valid one stays");
	tap_ok(strcmp(trace_id(got, id), "4bf92f3577b34da6a3ce929d0e0e4736") == 0, "trace: its id");
	/* Every character changed in turn: in no place does one pass that is none. */
	for (size_t i = 0; i < sizeof good - 1; i++)
	{
		char bad[sizeof good];
		memcpy(bad, good, sizeof good);
		bad[i] = bad[i] == '-' ? '0' : 'G';
		if (trace_begin(bad, got) || strlen(got) != TRACE_SIZE - 1)
			tap_ok(false, "trace: changed at %zu", i);
	}
	tap_ok(!trace_begin(NULL, got) && !trace_begin(NULL, other) && strcmp(got, other) != 0,
		"trace: each new one is another");
	tap_ok(trace_begin(got, other) && strcmp(got, other) == 0, "trace: a new one is valid");
}

typedef struct forwarded_case
{
	const char *trusted, *peer, *header, *client;
} forwarded_case;

static const forwarded_case forwarded_cases[] = {
	{"", "10.0.0.1", "1.2.3.4", "10.0.0.1"},
	{"10.0.0.0/8", "10.0.0.1", NULL, "10.0.0.1"},
	{"10.0.0.0/8", "10.0.0.1", "1.2.3.4", "1.2.3.4"},
	{"10.0.0.0/8", "11.0.0.1", "1.2.3.4", "11.0.0.1"},
	{"10.0.0.0/8", "10.0.0.1", "6.6.6.6, 1.2.3.4, 10.9.9.9", "1.2.3.4"},
	{"10.0.0.0/8", "10.0.0.1", "6.6.6.6,rubbish,10.9.9.9", "10.9.9.9"},
	{"10.0.0.0/8", "10.0.0.1", ",", "10.0.0.1"},
	{"10.0.0.0/8", "10.0.0.1", "1.2.3.4:80", "1.2.3.4"},
	{"10.0.0.0/8", "10.0.0.1", "1.2.3.4:", "10.0.0.1"},
	{"10.0.0.0/8", "10.0.0.1", "1.2.3.4:123456", "10.0.0.1"},
	{"10.0.0.0/8", "10.0.0.1", "[::9]:80", "::9"},
	{"10.0.0.0/8", "10.0.0.1", "[::9", "10.0.0.1"},
	{"10.0.0.0/8", "10.0.0.1", "[::9]x", "10.0.0.1"},
	{"10.0.0.0/8", "10.0.0.1", "01.2.3.4", "10.0.0.1"},
	{"10.0.0.0/8", "::ffff:10.0.0.1", "1.2.3.4", "1.2.3.4"},
	{"0.0.0.0/0", "10.0.0.1", "1.2.3.4, 5.6.7.8", "1.2.3.4"},
	{"0.0.0.0/0", "2001:db8::1", "1.2.3.4", "2001:db8::1"},
	{"::/0", "2001:db8::1", "1.2.3.4, ::5", "1.2.3.4"},
	{"10.0.0.1", "10.0.0.1", "1.2.3.4", "1.2.3.4"},
	{"10.0.0.1", "10.0.0.2", "1.2.3.4", "10.0.0.2"},
	{"10.0.0.128/25", "10.0.0.127", "1.2.3.4", "10.0.0.127"},
	{"10.0.0.128/25", "10.0.0.128", "1.2.3.4", "1.2.3.4"},
	{"2001:db8::/33", "2001:db8:7fff::1", "1.2.3.4", "1.2.3.4"},
	{"2001:db8::/33", "2001:db8:8000::1", "1.2.3.4", "2001:db8:8000::1"},
	{"1.1.1.1 10.0.0.0/8,\t2.2.2.2", "10.0.0.1", "1.2.3.4", "1.2.3.4"},
};

static void check_addresses(void)
{
	ss_error err = SS_ERROR_INIT;
	char text[CLIENT_ADDRESS_TEXT];
	for (size_t i = 0; i < sizeof forwarded_cases / sizeof forwarded_cases[0]; i++)
	{
		const forwarded_case *c = &forwarded_cases[i];
		address_set *set = NULL;
		client_address peer = {0};
		bool good = address_set_parse(c->trusted, &set, &err) == 0 &&
					client_address_parse(c->peer, strlen(c->peer), &peer);
		if (good)
		{
			client_address got = client_address_find(set, peer, c->header);
			good = strcmp(client_address_format(&got, text), c->client) == 0;
		}
		tap_ok(good, "client: %s, forwarded for %s, trusted %s", c->peer,
			c->header ? c->header : "nobody", c->trusted);
		address_set_free(set);
	}
	static const char *const wrong[] = {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/1x",
		"::/129", "::/0128", "host", "10.0.0.0/8,x", "10.0.0.1:80", "[::1]"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
	{
		address_set *set = NULL;
		tap_ok(address_set_parse(wrong[i], &set, &err) == -1 && set == NULL,
			"networks: %s is refused", wrong[i]);
	}
	client_address none = {0};
	tap_ok(strcmp(client_address_format(&none, text), "-") == 0, "client: no address");
}

/* Time is an argument: a minute passes at once. */
static void check_limiter(void)
{
	ss_error err = SS_ERROR_INIT;
	const unsigned char key[LIMITER_KEY_SIZE] = "one";
	const unsigned char other[LIMITER_KEY_SIZE] = "two";
	limiter *l = NULL;
	if (limiter_new(6, 64, &l, &err))
	{
		tap_ok(false, "limiter: %s", err.message);
		return;
	}
	long long now = 1000000;
	int passed = 0;
	limiter_state state;
	for (int i = 0; i < 9; i++)
	{
		state = (limiter_state){0};
		limiter_count(l, key, now, &state);
		passed += state.retry_after == 0;
	}
	tap_ok(passed == 6, "limiter: as many as the limit pass at once");
	tap_ok(state.limit == 6 && state.remaining == 0 && state.reset == 60 && state.retry_after == 10,
		"limiter: the rest is told when to come again");
	state = (limiter_state){0};
	limiter_count(l, key, now + 9999, &state);
	tap_ok(state.retry_after == 1, "limiter: a moment too early");
	state = (limiter_state){0};
	limiter_count(l, key, now + 10000, &state);
	tap_ok(state.retry_after == 0 && state.remaining == 0, "limiter: then one passes");
	state = (limiter_state){0};
	limiter_count(l, other, now, &state);
	tap_ok(state.retry_after == 0 && state.remaining == 5, "limiter: another key is not touched");
	state = (limiter_state){0};
	limiter_count(l, key, now + 90000, &state);
	tap_ok(state.remaining == 5, "limiter: after a window all is there again");

	/* More keys than entries, under a sanitizer: the table has one size. */
	for (unsigned i = 0; i < 10000; i++)
	{
		unsigned char flood[LIMITER_KEY_SIZE] = {0};
		memcpy(flood + 8, &i, sizeof i);
		limiter_state ignored = {0};
		limiter_count(l, flood, now + 90000, &ignored);
	}
	limiter_state first = {.limit = 100, .remaining = 1, .reset = 5};
	limiter_count(l, other, now + 200000, &first);
	tap_ok(first.limit == 100 && first.remaining == 1, "limiter: the nearest limit is told");
	limiter_free(l);

	if (limiter_new(0, 64, &l, &err))
		return;
	state = (limiter_state){0};
	limiter_count(l, key, now, &state);
	tap_ok(state.limit == 0 && state.retry_after == 0, "limiter: 0 is no limit");
	limiter_free(l);
}

int main(void)
{
	check_trace();
	check_addresses();
	check_limiter();
	check_door();
	check_routes();
	check_utf8();
	check_table();
	check_preconditions();
	check_times();
	return tap_done();
}
