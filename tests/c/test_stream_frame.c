/* Frames of the stream socket: what is printed can be parsed, what is wrong is refused. */
#include "common/stream_frame.h"
#include "tests/c/tap.h"

static unsigned char buf[SS_STREAM_FRAME_MAX + 1];

static int parse(size_t len, ss_stream_frame *ret)
{
	ss_error err = SS_ERROR_INIT;

	/* A copy of exactly that length, so that ASan sees a byte too far. */
	unsigned char *copy = malloc(len + 1);
	if (copy == NULL)
		abort();
	memcpy(copy, buf, len);
	unsigned char *tight = realloc(copy, len > 0 ? len : 1);
	int result = ss_stream_frame_parse(tight, len, ret, &err);
	free(tight);
	ret->payload = buf + SS_STREAM_HEAD;
	return result;
}

static void test_round_trip(void)
{
	ss_stream_frame frame = {0};
	ss_error err = SS_ERROR_INIT;
	char session[64];
	char code[65];
	char message[512];
	char *word = malloc(200);
	uint32_t credit = 0;

	tap_ok(parse(ss_stream_open_print(buf, 0x01020304, "s-abc", 262144), &frame) == 0 &&
			   frame.type == SS_STREAM_OPEN && frame.stream == 0x01020304,
		"OPEN");
	tap_is_int(memcmp(buf, "\1\1\2\3\4", 5), 0, "its head: type, stream in network order");
	tap_ok(ss_stream_open_parse(&frame, session, sizeof session, &credit, &err) == 0 &&
			   credit == 262144,
		"its JSON");
	tap_is(session, "s-abc", "its session");
	tap_ok(parse(ss_stream_frame_credit(buf, SS_STREAM_OPENED, 7, 65536), &frame) == 0 &&
			   frame.type == SS_STREAM_OPENED && frame.stream == 7 && frame.credit == 65536,
		"OPENED");
	tap_ok(parse(ss_stream_frame_credit(buf, SS_STREAM_CREDIT, 7, 1 << 24), &frame) == 0 &&
			   frame.credit == 1 << 24,
		"CREDIT");
	ss_stream_frame_head(buf, SS_STREAM_DATA, UINT32_MAX);
	tap_ok(parse(SS_STREAM_FRAME_MAX, &frame) == 0 && frame.stream == UINT32_MAX &&
			   frame.len == SS_STREAM_PAYLOAD_MAX,
		"DATA of 16 KiB on the last stream");
	tap_ok(parse(SS_STREAM_HEAD, &frame) == 0 && frame.len == 0, "DATA of nothing");
	tap_ok(parse(ss_stream_frame_close(buf, 1, "session_not_running"), &frame) == 0 &&
			   frame.type == SS_STREAM_CLOSE && frame.len == 19,
		"CLOSE");
	memset(word, 'w', 199);
	word[199] = '\0';
	tap_ok(parse(ss_stream_frame_close(buf, 1, word), &frame) == 0 && frame.len == 64,
		"a long reason is cut");
	tap_ok(parse(ss_stream_error_print(buf, 1, "refused", "say \"no\" \\ \n\xff."), &frame) == 0 &&
			   ss_stream_error_parse(&frame, code, sizeof code, message, sizeof message, &err) == 0,
		"ERROR");
	tap_is(code, "refused", "its code");
	tap_is(message, "say \"no\" \\ ??.", "its message, printable");
	tap_ok(
		parse(ss_stream_error_print(buf, 1, word, word), &frame) == 0 &&
			ss_stream_error_parse(&frame, code, sizeof code, message, sizeof message, &err) == 0 &&
			strlen(code) == 64 && strlen(message) == 199,
		"a long code is cut");
	free(word);
}

static void test_wrong(void)
{
	static const struct
	{
		const char *why;
		const char *data;
		size_t len;
	} wrong[] = {
		{"nothing", "", 0},
		{"4 bytes", "\3\0\0\0", 4},
		{"type 0", "\0\0\0\0\1", 5},
		{"type 7", "\7\0\0\0\1", 5},
		{"type 255", "\377\0\0\0\1", 5},
		{"stream 0", "\3\0\0\0\0x", 6},
		{"OPEN of nothing", "\1\0\0\0\1", 5},
		{"OPENED of 3 bytes", "\2\0\0\0\1\0\0\1", 8},
		{"CREDIT of 5 bytes", "\4\0\0\0\1\0\0\0\0\1", 10},
		{"CREDIT of 0", "\4\0\0\0\1\0\0\0\0", 9},
		{"CREDIT of 2^24 + 1", "\4\0\0\0\1\1\0\0\1", 9},
		{"CLOSE with a space", "\5\0\0\0\1a b", 8},
		{"CLOSE with a control character", "\5\0\0\0\1a\n", 7},
		{"ERROR of nothing", "\6\0\0\0\1", 5},
	};
	static const char *const opens[] = {"{", "[]", "1", "{}", "{\"session\":\"\",\"credit\":1}",
		"{\"session\":5,\"credit\":1}", "{\"session\":\"s\"}", "{\"session\":\"s\",\"credit\":-1}",
		"{\"session\":\"s\",\"credit\":1.5}", "{\"session\":\"s\",\"credit\":16777217}",
		"{\"session\":\"s\",\"credit\":\"1\"}", "{\"session\":\"s\",\"credit\":1,\"credit\":2}",
		"{\"session\":\"0123456789012345678901234567890123456789012345678901234567890123\","
		"\"credit\":1}"};
	ss_stream_frame frame = {0};
	ss_error err = SS_ERROR_INIT;
	char session[64] = "kept";
	uint32_t credit = 0;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
	{
		memcpy(buf, wrong[i].data, wrong[i].len);
		tap_is_int(parse(wrong[i].len, &frame), -1, "refused: %s", wrong[i].why);
	}
	ss_stream_frame_head(buf, SS_STREAM_DATA, 1);
	tap_is_int(parse(SS_STREAM_FRAME_MAX + 1, &frame), -1, "refused: a byte too many");
	ss_stream_frame_head(buf, SS_STREAM_OPEN, 1);
	memset(buf + SS_STREAM_HEAD, ' ', 4096);
	tap_is_int(parse(SS_STREAM_HEAD + 4096, &frame), -1, "refused: an OPEN of 4 KiB");
	for (size_t i = 0; i < sizeof opens / sizeof *opens; i++)
	{
		memcpy(buf + SS_STREAM_HEAD, opens[i], strlen(opens[i]));
		tap_ok(parse(SS_STREAM_HEAD + strlen(opens[i]), &frame) == 0 &&
				   ss_stream_open_parse(&frame, session, sizeof session, &credit, &err) == -1,
			"OPEN refused: %.60s", opens[i]);
	}
	tap_is(session, "kept", "outputs are left alone");
}

int main(void)
{
	test_round_trip();
	test_wrong();
	return tap_done();
}
