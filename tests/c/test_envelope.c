/*
 * WebSocket messages, and the small tools of crypto that identify who sends them.
 */
#include "common/cleanup.h"
#include "common/crypto.h"
#include "common/envelope.h"
#include "common/json.h"
#include "tests/c/tap.h"

static void expect_refusal(const char *frame, const char *code, const char *what)
{
	ss_error err = SS_ERROR_INIT;
	ss_envelope message = {0};
	int rc = ss_envelope_parse(frame, strlen(frame), 1024, &message, &err);

	tap_ok(rc == -1 && message.root == NULL, "%s is refused", what);
	tap_is(err.code, code, "%s is %s", what, code);
}

static void test_refusals(void)
{
	char long_type[128];

	snprintf(long_type, sizeof long_type, "{\"type\":\"%065d\"}", 0);
	expect_refusal("[]", "wrong_type", "an array");
	expect_refusal("{}", "missing_field", "no type");
	expect_refusal("{\"type\":1}", "wrong_type", "a number as type");
	expect_refusal("{\"type\":\"\"}", "wrong_type", "an empty type");
	expect_refusal(long_type, "wrong_type", "a long type");
	expect_refusal("{\"type\":\"ack\",\"payload\":[]}", "wrong_type", "an array as payload");
	expect_refusal("{\"type\":\"a\"}{\"type\":\"b\"}", "invalid_json", "two messages in a frame");
	expect_refusal("{\"type\":\"a\",\"type\":\"b\"}", "duplicate_key", "two types");
}

static void test_parse(void)
{
	static const char frame[] = "{\"type\":\"ping\",\"timestamp\":5,\"more\":[1],\"payload\":null}";
	ss_error err = SS_ERROR_INIT;
	ss_envelope message = {0};

	tap_ok(ss_envelope_parse(frame, sizeof frame - 1, 1024, &message, &err) == 0, "a ping");
	tap_is(message.type, "ping", "has its type");
	tap_ok(message.timestamp == NULL && message.payload == NULL, "and nothing else");
	ss_envelope_done(&message);
	tap_ok(message.root == NULL && message.type == NULL, "done empties");
	ss_envelope_done(&message);
}

static void test_print(void)
{
	ss_error err = SS_ERROR_INIT;
	ss_envelope message = {0};
	auto_cjson cJSON *payload = cJSON_CreateObject();
	auto_free char *text = NULL;
	auto_free char *empty = ss_envelope_print("pong", NULL);

	cJSON_AddStringToObject(payload, "commandId", "c\"1");
	text = ss_envelope_print("ack", payload);
	tap_ok(text != NULL && ss_envelope_parse(text, strlen(text), 1024, &message, &err) == 0,
		"what is printed is parsed");
	tap_is(ss_json_string(message.payload, "commandId"), "c\"1", "with its payload");
	tap_ok(message.timestamp != NULL && strlen(message.timestamp) == 24, "and a time");
	ss_envelope_done(&message);
	tap_ok(empty != NULL && strstr(empty, "\"payload\":{}}") != NULL, "no payload prints {}");
}

static void test_crypto(void)
{
	ss_error err = SS_ERROR_INIT;
	char hex[SS_HEX_SIZE];
	char other[SS_HEX_SIZE];

	/* FIPS 180-4, "abc". */
	tap_ok(ss_sha256_hex("abc", 3, hex, &err) == 0, "SHA-256");
	tap_is(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "of abc");
	tap_ok(ss_sha256_hex("", 0, hex, &err) == 0, "SHA-256");
	tap_is(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "of nothing");
	tap_ok(ss_random_token(hex, &err) == 0 && ss_random_token(other, &err) == 0, "tokens");
	tap_ok(ss_hex_is_token(hex) && ss_hex_is_token(other), "have 64 hex digits");
	tap_ok(memcmp(hex, other, sizeof hex) != 0, "and differ");
	tap_ok(ss_hex_value('0') == 0 && ss_hex_value('9') == 9 && ss_hex_value('a') == 10 &&
			   ss_hex_value('F') == 15,
		"hex digits have values");
	tap_ok(ss_hex_value('g') == -1 && ss_hex_value('/') == -1 && ss_hex_value('@') == -1 &&
			   ss_hex_value('\0') == -1,
		"others have none");
	tap_ok(!ss_hex_is_token(NULL) && !ss_hex_is_token("ab"), "too short is no token");
	memcpy(other, hex, sizeof hex);
	other[0] = 'A';
	tap_ok(!ss_hex_is_token(other), "upper case is no token");
	ss_crypto_wipe(hex, sizeof hex);
	tap_ok(hex[0] == '\0', "wiped");
}

int main(void)
{
	test_refusals();
	test_parse();
	test_print();
	test_crypto();
	return tap_done();
}
