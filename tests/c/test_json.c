/*
 * The strict JSON check: hostile texts, each with the code and the pointer that it must get.
 */
#include "common/cleanup.h"
#include "common/json.h"
#include "common/strbuf.h"
#include "tests/c/tap.h"

typedef struct refusal
{
	const char *text;
	const char *code;
	const char *pointer;
} refusal;

static const refusal refusals[] = {
	{"", "invalid_json", ""},
	{" ", "invalid_json", ""},
	{"{", "invalid_json", ""},
	{"{\"a\":1", "invalid_json", "/a"},
	{"[1,]", "invalid_json", "/1"},
	{"{\"a\":1,}", "invalid_json", ""},
	{"{a:1}", "invalid_json", ""},
	{"{'a':1}", "invalid_json", ""},
	{"{\"a\" 1}", "invalid_json", "/a"},
	{"nul", "invalid_json", ""},
	{"True", "invalid_json", ""},
	{"NaN", "invalid_json", ""},
	{"1 2", "invalid_json", ""},
	{"{} x", "invalid_json", ""},
	{"{}{}", "invalid_json", ""},
	{"\xEF\xBB\xBF{}", "invalid_json", ""},
	{"01", "invalid_json", ""},
	{"+1", "invalid_json", ""},
	{"-", "invalid_json", ""},
	{"1.", "invalid_json", ""},
	{".5", "invalid_json", ""},
	{"1e", "invalid_json", ""},
	{"1e+", "invalid_json", ""},
	{"0x10", "invalid_json", ""},
	{"{\"a\":{\"b\":[0,1e999]}}", "invalid_json", "/a/b/1"},
	{"[1111111111111111111111111111111111111111111111111111111111111111]", "invalid_json", "/0"},
	{"[\"a\nb\"]", "invalid_json", "/0"},
	{"[\"\\x\"]", "invalid_json", "/0"},
	{"[\"\\u12g4\"]", "invalid_json", "/0"},
	{"[\"\\u00", "invalid_json", "/0"},
	{"[\"\\", "invalid_json", "/0"},
	{"{\"a\":\"\\u0000\"}", "invalid_json", "/a"},
	{"{\"a\\u0000b\":1}", "invalid_json", ""},
	{"/* c */ {}", "invalid_json", ""},
	{"[\"\\ud800\"]", "invalid_utf8", "/0"},
	{"[\"\\udc00\"]", "invalid_utf8", "/0"},
	{"[\"\\ud800\\u0041\"]", "invalid_utf8", "/0"},
	{"[\"\\ud800x\"]", "invalid_utf8", "/0"},
	{"[\"\xFF\"]", "invalid_utf8", "/0"},
	{"[\"\x80\"]", "invalid_utf8", "/0"},
	{"[\"\xC0\x80\"]", "invalid_utf8", "/0"},
	{"[\"\xC1\xBF\"]", "invalid_utf8", "/0"},
	{"[\"\xE0\x80\xAF\"]", "invalid_utf8", "/0"},
	{"[\"\xF0\x80\x80\xAF\"]", "invalid_utf8", "/0"},
	{"[\"\xED\xA0\x80\"]", "invalid_utf8", "/0"},
	{"[\"\xED\xBF\xBF\"]", "invalid_utf8", "/0"},
	{"[\"\xF4\x90\x80\x80\"]", "invalid_utf8", "/0"},
	{"[\"\xF5\x80\x80\x80\"]", "invalid_utf8", "/0"},
	{"[\"\xE2\x82", "invalid_utf8", "/0"},
	{"{\"a\":1,\"a\":2}", "duplicate_key", "/a"},
	{"{\"a\":1,\"\\u0061\":2}", "duplicate_key", "/a"},
	{"{\"x\":[{\"p/q~r\":1,\"b\":2,\"p\\/q~r\":3}]}", "duplicate_key", "/x/0/p~1q~0r"},
	{"{\"\":1,\"\":2}", "duplicate_key", "/"},
	{"{\"\xC3\xA4\":1,\"\\u00e4\":2}", "duplicate_key", "/\xC3\xA4"},
	{"{\"\xF0\x9F\x98\x80\":1,\"\\ud83d\\ude00\":2}", "duplicate_key", "/\xF0\x9F\x98\x80"},
};

static const char *const accepted[] = {
	"{}",
	"[]",
	" [ 1 , -0 , 0.5 , 1e5 , 1E-5 , -12.5e+3 ] ",
	"\"\"",
	"null",
	"true",
	"{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":2}]}",
	"{\"a\":1,\"A\":2,\"aa\":3,\"\":4}",
	"[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00\"]",
	"[\"\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\"]",
	"[123456789012345678901234567890]",
};

static void test_refusals(void)
{
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
	{
		const refusal *row = &refusals[i];
		ss_error err = SS_ERROR_INIT;
		char pointer[64];
		cJSON *json = NULL;
		int rc =
			ss_json_parse(row->text, strlen(row->text), 4096, &json, pointer, sizeof pointer, &err);

		tap_ok(rc == -1 && json == NULL && strcmp(err.code, row->code) == 0 &&
				   strcmp(pointer, row->pointer) == 0,
			"refusal %zu is %s at \"%s\"", i, row->code, row->pointer);
		if (strcmp(err.code, row->code) != 0 || strcmp(pointer, row->pointer) != 0)
			printf("#   got %s at \"%s\": %s\n", err.code, pointer, err.message);
	}
}

static void test_accepted(void)
{
	for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++)
	{
		ss_error err = SS_ERROR_INIT;
		auto_cjson cJSON *json = NULL;
		/* Without a NUL behind it, so that a read past the end is seen. */
		size_t len = strlen(accepted[i]);
		char *text = malloc(len);

		memcpy(text, accepted[i], len);
		tap_ok(ss_json_parse(text, len, 4096, &json, NULL, 0, &err) == 0,
			"text %zu is accepted (%s)", i, err.message);
		free(text);
	}
}

/* Every beginning of a text is refused or accepted, and never read past its end. */
static void test_prefixes(void)
{
	static const char text[] = "{\"k\\u00e4\":[1.5e-3,true,null,\"\\ud83d\\ude00\xE2\x82\xAC\"]}";
	int accepted_count = 0;

	for (size_t len = 0; len < sizeof text - 1; len++)
	{
		ss_error err = SS_ERROR_INIT;
		auto_cjson cJSON *json = NULL;
		char *part = malloc(len + 1);

		memcpy(part, text, len);
		part = realloc(part, len > 0 ? len : 1);
		accepted_count += ss_json_parse(part, len, 4096, &json, NULL, 0, &err) == 0;
		free(part);
	}
	tap_is_int(accepted_count, 0, "no beginning of a text is accepted");
}

/* `depth` arrays around nothing, or objects. */
static char *nest(int depth, const char *open, const char *inner, const char *close)
{
	ss_strbuf buf = SS_STRBUF_INIT;

	for (int i = 0; i < depth; i++)
		ss_strbuf_append(&buf, open);
	ss_strbuf_append(&buf, inner);
	for (int i = 0; i < depth; i++)
		ss_strbuf_append(&buf, close);
	return ss_strbuf_take(&buf);
}

static void test_depth(void)
{
	ss_error err = SS_ERROR_INIT;
	auto_free char *deepest = nest(SS_JSON_DEPTH_MAX, "[", "", "]");
	auto_free char *too_deep = nest(SS_JSON_DEPTH_MAX + 1, "{\"a\":", "1", "}");
	auto_free char *bomb = nest(100000, "[", "", "");
	auto_cjson cJSON *json = NULL;
	cJSON *none = NULL;
	char pointer[32];

	tap_ok(ss_json_parse(deepest, strlen(deepest), 4096, &json, NULL, 0, &err) == 0,
		"32 levels are accepted");
	tap_ok(ss_json_parse(too_deep, strlen(too_deep), 4096, &none, pointer, sizeof pointer, &err) ==
				   -1 &&
			   strcmp(err.code, "too_deep") == 0,
		"33 levels are refused");
	tap_ok(strlen(pointer) == 30, "a long pointer is cut between its levels");
	tap_ok(ss_json_parse(bomb, strlen(bomb), 1 << 20, &none, NULL, 0, &err) == -1 &&
			   strcmp(err.code, "too_deep") == 0,
		"a bomb of brackets is refused");
}

static void test_sizes(void)
{
	ss_error err = SS_ERROR_INIT;
	cJSON *none = NULL;
	auto_cjson cJSON *json = NULL;
	ss_strbuf buf = SS_STRBUF_INIT;
	auto_free char *many = NULL;

	tap_ok(ss_json_parse("[1,2]", 5, 4, &none, NULL, 0, &err) == -1 &&
			   strcmp(err.code, "body_too_large") == 0,
		"a text over the bound is refused");
	tap_ok(ss_json_parse("[1]\0", 4, 10, &none, NULL, 0, &err) == -1 &&
			   strcmp(err.code, "invalid_json") == 0,
		"a NUL after the value is refused");
	tap_ok(ss_json_parse("[\"a\0b\"]", 7, 10, &none, NULL, 0, &err) == -1, "a NUL inside, too");
	ss_strbuf_append(&buf, "{");
	for (int i = 0; i < 100000; i++)
		ss_strbuf_appendf(&buf, "\"k%d\":0,", i);
	ss_strbuf_append(&buf, "\"k50000\":1}");
	many = ss_strbuf_take(&buf);
	tap_ok(ss_json_parse(many, strlen(many), 1 << 22, &none, NULL, 0, &err) == -1 &&
			   strcmp(err.code, "duplicate_key") == 0 && strstr(err.detail, "/k50000") != NULL,
		"the one duplicate among 100,000 keys is found");
}

static void test_getters(void)
{
	static const char text[] =
		"{\"s\":\"x\",\"S\":\"y\",\"i\":9007199254740991,\"big\":9007199254740992,"
		"\"neg\":-9007199254740991,\"frac\":1.5,\"whole\":2.0,\"n\":null,\"t\":true,"
		"\"o\":{},\"a\":[]}";
	ss_error err = SS_ERROR_INIT;
	auto_cjson cJSON *json = NULL;
	auto_free char *printed = NULL;
	long long number = 7;
	bool flag = false;

	if (!tap_ok(ss_json_parse(text, sizeof text - 1, 4096, &json, NULL, 0, &err) == 0, "parsed"))
		return;
	tap_is(ss_json_string(json, "s"), "x", "names are case-sensitive");
	tap_is(ss_json_string(json, "i"), NULL, "a number is no string");
	tap_ok(
		ss_json_string(NULL, "s") == NULL && ss_json_get(NULL, "s") == NULL, "NULL has no members");
	tap_is_int(ss_json_int(json, "frac", &number), -1, "1.5 is no integer");
	tap_is_int(ss_json_int(json, "big", &number), -1, "2^53 is refused");
	tap_is_int(ss_json_int(json, "s", &number), -1, "a string is no integer");
	tap_is_int(ss_json_int(json, "n", &number), 1, "null is absent");
	tap_is_int(ss_json_int(json, "none", &number), 1, "absent is absent");
	tap_is_int(number, 7, "and the output is left alone");
	tap_ok(ss_json_int(json, "i", &number) == 0 && number == SS_JSON_INT_MAX, "2^53-1 is exact");
	tap_ok(ss_json_int(json, "neg", &number) == 0 && number == -SS_JSON_INT_MAX, "and negative");
	tap_ok(ss_json_int(json, "whole", &number) == 0 && number == 2, "2.0 is an integer");
	tap_ok(ss_json_bool(json, "t", &flag) == 0 && flag, "a boolean");
	tap_is_int(ss_json_bool(json, "s", &flag), -1, "a string is no boolean");
	tap_ok(ss_json_object(json, "o") != NULL && ss_json_object(json, "a") == NULL, "an object");
	tap_ok(ss_json_array(json, "a") != NULL && ss_json_array(json, "o") == NULL, "an array");
	printed = ss_json_print(json);
	tap_ok(printed != NULL && strstr(printed, "\"i\":9007199254740991,") != NULL,
		"2^53-1 is printed exactly");
	tap_ok(printed != NULL &&
			   strstr(printed, "\"frac\":1.5,\"whole\":2,\"n\":null,\"t\":true,") != NULL,
		"and the rest as it was");
}

int main(void)
{
	test_refusals();
	test_accepted();
	test_prefixes();
	test_depth();
	test_sizes();
	test_getters();
	return tap_done();
}
