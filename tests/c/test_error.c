/*
 * Error values, the table of codes, string buffers, clocks.
 */
#include "common/error.h"
#include "common/strbuf.h"
#include "common/timeutil.h"
#include "common/version.h"
#include "tests/c/tap.h"

#include <errno.h>

static void test_fail_and_wrap(void)
{
	ss_error err = {.detail = "old", .hint = "old", .context = "old", .sqlstate = "OLD00"};
	char text[512];

	tap_is_int(ss_fail(&err, "overloaded", "%d busy", 8), -1, "ss_fail returns -1");
	tap_is(err.code, "overloaded", "code is set");
	tap_is_int(err.http_status, 503, "status comes from the table");
	tap_is(err.message, "8 busy", "message is formatted");
	tap_is(err.detail, "", "an old detail is cleared");
	tap_is(err.context, "", "an old context is cleared");
	tap_is(err.sqlstate, "", "an old sqlstate is cleared");
	tap_ok(err.hint[0] != '\0', "the hint comes from the table");
	ss_wrap(&err, "inner %d", 1);
	tap_is_int(ss_wrap(&err, "outer"), -1, "ss_wrap returns -1");
	tap_is(err.context, "outer: inner 1", "contexts stand outermost first");
	ss_error_set_detail(&err, "d");
	tap_is(ss_error_text(&err, text, sizeof text), "outer: inner 1: 8 busy (overloaded, d)",
		"one line of text");
	tap_is_int(ss_fail(NULL, "internal", "x"), -1, "err may be NULL");
	ss_fail(&err, "no_such_code", "x");
	tap_is_int(err.http_status, 500, "an unknown code is a 500");
	ss_fail_errno(&err, ENOENT, "open %s", "/x");
	tap_is(err.message, "open /x: No such file or directory", "errno as text");
}

static void test_cutting(void)
{
	ss_error err = SS_ERROR_INIT;
	char text[2000];

	memset(text, 'a', sizeof text);
	text[254] = '\xC3';
	text[255] = '\xA4';
	text[1999] = '\0';
	ss_fail(&err, "internal", "%s", text);
	tap_is_int((long long)strlen(err.message), 254, "a message is cut before a split character");
	for (int i = 0; i < 100; i++)
		ss_wrap(&err, "%s", text);
	tap_ok(strlen(err.context) < sizeof err.context, "contexts never overflow");
}

static void test_table(void)
{
	const ss_error_code rows[] = {
		{"SS001", "session_not_found", 404, "The session does not exist", "Look at the list."},
		{NULL, "overloaded", 503, "busy indeed", NULL},
	};
	const ss_error_code *first;
	ss_error err = SS_ERROR_INIT;

	tap_ok(ss_error_find_code("session_not_found") == NULL, "unknown before loading");
	tap_ok(ss_error_set_table(rows, 2, &err) == 0, "the table is loaded");
	first = ss_error_find_sqlstate("SS001");
	tap_is(first != NULL ? first->code : NULL, "session_not_found", "found by sqlstate");
	tap_ok(ss_error_find_sqlstate("") == NULL && ss_error_find_sqlstate(NULL) == NULL,
		"no sqlstate finds nothing");
	ss_fail(&err, "session_not_found", "x");
	tap_is(err.sqlstate, "SS001", "ss_fail takes the sqlstate");
	tap_is(err.hint, "Look at the list.", "and the hint");
	tap_is(ss_error_find_code("overloaded")->title, "busy indeed", "the loaded table wins");
	tap_is_int(ss_error_find_code("internal")->http_status, 500, "the built-in one remains");
	tap_ok(ss_error_set_table(rows, 1, &err) == 0, "the table is loaded again");
	tap_is(first->code, "session_not_found", "an older row stays valid");
}

static void test_strbuf(void)
{
	ss_strbuf buf = SS_STRBUF_INIT;
	char *text;

	text = ss_strbuf_take(&buf);
	tap_is(text, "", "an empty buffer gives an empty text");
	free(text);
	for (int i = 0; i < 1000; i++)
		ss_strbuf_appendf(&buf, "%d,", i % 10);
	tap_is_int((long long)buf.len, 2000, "the buffer grows");
	ss_strbuf_done(&buf);
	ss_strbuf_append_json(&buf, "a\"\\\n\t\x01ä");
	ss_strbuf_append_json(&buf, NULL);
	text = ss_strbuf_take(&buf);
	tap_is(text, "\"a\\\"\\\\\\n\\t\\u0001ä\"null", "JSON text is escaped");
	free(text);
	buf.max = 4;
	ss_strbuf_append(&buf, "1234");
	tap_ok(!buf.failed, "the bound itself is allowed");
	ss_strbuf_append(&buf, "5");
	tap_ok(buf.failed && buf.len == 4, "more is refused");
	ss_strbuf_append(&buf, "");
	tap_ok(ss_strbuf_take(&buf) == NULL, "the failure sticks");
}

static void test_time(void)
{
	char text[SS_TIME_SIZE];
	long long longest = 0;

	tap_is(ss_time_format(0, text), "1970-01-01T00:00:00.000Z", "the epoch");
	tap_is(ss_time_format(1706702400123LL, text), "2024-01-31T12:00:00.123Z", "a time");
	tap_is(ss_time_format(-1, text), "1969-12-31T23:59:59.999Z", "a time before the epoch");
	for (int i = 0; i < 200; i++)
	{
		long long wait = ss_time_backoff_ms(3, 100, 500);

		if (wait < 0 || wait > 500)
			longest = -1000000;
		longest = wait > longest ? wait : longest;
	}
	tap_ok(longest > 250 && longest <= 500, "back-off stays within its cap and uses it");
	tap_ok(ss_time_backoff_ms(4000000000U, 100, 500) <= 500, "any attempt is bounded");
	tap_ok(ss_version()[0] != '\0', "there is a version");
}

int main(void)
{
	test_fail_and_wrap();
	test_cutting();
	test_table();
	test_strbuf();
	test_time();
	return tap_done();
}
