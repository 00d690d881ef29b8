/*
 * stream_frame: the frames of viewer streams between server and agent. Input: one message of the
 * WebSocket.
 */
#include "tests/fuzz/fuzz.h"

#include "common/stream_frame.h"

static void check_open(const ss_stream_frame *frame)
{
	unsigned char out[SS_STREAM_FRAME_MAX];
	char session[64], again[64];
	uint32_t credit, same;
	ss_stream_frame printed;
	ss_error err = SS_ERROR_INIT;

	if (ss_stream_open_parse(frame, session, sizeof session, &credit, &err) != 0)
		return;
	FUZZ_CHECK(session[0] && strlen(session) < sizeof session);
	FUZZ_CHECK(credit <= SS_STREAM_CREDIT_STEP_MAX);
	size_t len = ss_stream_open_print(out, frame->stream, session, credit);
	FUZZ_CHECK(ss_stream_frame_parse(out, len, &printed, &err) == 0);
	FUZZ_CHECK(printed.type == SS_STREAM_OPEN && printed.stream == frame->stream);
	FUZZ_CHECK(ss_stream_open_parse(&printed, again, sizeof again, &same, &err) == 0);
	FUZZ_CHECK(same == credit && strlen(again) == strlen(session));
}

static void check_error(const ss_stream_frame *frame)
{
	unsigned char out[SS_STREAM_FRAME_MAX];
	char code[SS_STREAM_REASON_MAX + 1], message[200];
	ss_stream_frame printed;
	ss_error err = SS_ERROR_INIT;

	if (ss_stream_error_parse(frame, code, sizeof code, message, sizeof message, &err) != 0)
		return;
	FUZZ_CHECK(code[0] && strlen(code) < sizeof code && strlen(message) < sizeof message);
	for (const char *at = message; *at; at++)
		FUZZ_CHECK(*at >= ' ' && *at <= '~');
	size_t len = ss_stream_error_print(out, frame->stream, code, message);
	FUZZ_CHECK(ss_stream_frame_parse(out, len, &printed, &err) == 0);
	FUZZ_CHECK(printed.type == SS_STREAM_ERROR);
	FUZZ_CHECK(
		ss_stream_error_parse(&printed, code, sizeof code, message, sizeof message, &err) == 0);
}

/* Printed again it is the same, byte for byte. */
static void check_same(const ss_stream_frame *frame, const uint8_t *data, size_t size)
{
	unsigned char out[SS_STREAM_FRAME_MAX];
	size_t len = size;
	char reason[SS_STREAM_REASON_MAX + 1];

	if (frame->type == SS_STREAM_CLOSE)
	{
		memcpy(reason, frame->payload, frame->len);
		reason[frame->len] = '\0';
		len = ss_stream_frame_close(out, frame->stream, reason);
	}
	else if (frame->type == SS_STREAM_DATA)
	{
		ss_stream_frame_head(out, frame->type, frame->stream);
		memcpy(out + SS_STREAM_HEAD, frame->payload, frame->len);
	}
	else
		len = ss_stream_frame_credit(out, frame->type, frame->stream, frame->credit);
	FUZZ_CHECK(len == size && memcmp(out, data, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Exactly as large as the message: a byte beyond it is seen. */
	unsigned char *copy = malloc(size ? size : 1);
	ss_stream_frame frame;
	ss_error err = SS_ERROR_INIT;

	FUZZ_CHECK(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	if (ss_stream_frame_parse(copy, size, &frame, &err) == 0)
	{
		FUZZ_CHECK(frame.stream != 0 && frame.payload == copy + SS_STREAM_HEAD);
		FUZZ_CHECK(frame.len == size - SS_STREAM_HEAD && frame.len <= SS_STREAM_PAYLOAD_MAX);
		if (frame.type == SS_STREAM_OPEN)
			check_open(&frame);
		else if (frame.type == SS_STREAM_ERROR)
			check_error(&frame);
		else
			check_same(&frame, copy, size);
	}
	else
		FUZZ_CHECK(strcmp(err.code, "invalid_frame") == 0);
	free(copy);
	return 0;
}
