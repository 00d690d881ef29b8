/* stream_frame: reads and writes frames of viewer streams. Pure; any thread. */
#include "common/stream_frame.h"

#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"

#define JSON_MAX 2048 /* of OPEN and ERROR */
#define MESSAGE_MAX 500

static uint32_t get_u32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put_u32(unsigned char *at, uint32_t value)
{
	at[0] = (unsigned char)(value >> 24);
	at[1] = (unsigned char)(value >> 16);
	at[2] = (unsigned char)(value >> 8);
	at[3] = (unsigned char)value;
}

/* What is wrong with the payload of that type; NULL: nothing. */
static const char *find_fault(ss_stream_frame *frame)
{
	switch (frame->type)
	{
	case SS_STREAM_OPEN:
	case SS_STREAM_ERROR:
		return frame->len == 0 || frame->len > JSON_MAX ? "a JSON of a wrong length" : NULL;
	case SS_STREAM_OPENED:
	case SS_STREAM_CREDIT:
		if (frame->len != 4)
			return "a credit that is not of 4 bytes";
		frame->credit = get_u32(frame->payload);
		return frame->credit == 0 || frame->credit > SS_STREAM_CREDIT_STEP_MAX
				   ? "a credit that is not 1 to 2^24"
				   : NULL;
	case SS_STREAM_DATA:
		return NULL;
	case SS_STREAM_CLOSE:
		if (frame->len > SS_STREAM_REASON_MAX)
			return "a reason of more than 64 bytes";
		for (size_t i = 0; i < frame->len; i++)
		{
			if (frame->payload[i] <= ' ' || frame->payload[i] > '~')
				return "a reason that is no word";
		}
		return NULL;
	}
	return "an unknown type";
}

int ss_stream_frame_parse(const void *data, size_t len, ss_stream_frame *ret, ss_error *err)
{
	const unsigned char *at = data;

	if (len < SS_STREAM_HEAD)
		return ss_fail(err, "invalid_frame", "a frame of less than 5 bytes");
	if (len > SS_STREAM_FRAME_MAX)
		return ss_fail(err, "invalid_frame", "a frame of more than 16 KiB");
	ss_stream_frame frame = {
		.type = at[0],
		.stream = get_u32(at + 1),
		.payload = at + SS_STREAM_HEAD,
		.len = len - SS_STREAM_HEAD,
	};
	const char *fault = frame.stream == 0 ? "stream 0" : find_fault(&frame);
	if (fault != NULL)
		return ss_fail(err, "invalid_frame", "%s", fault);
	*ret = frame;
	return 0;
}

static int parse_json(const ss_stream_frame *frame, cJSON **ret, ss_error *err)
{
	ss_error why = SS_ERROR_INIT;

	if (ss_json_parse((const char *)frame->payload, frame->len, JSON_MAX, ret, NULL, 0, &why) < 0 ||
		!cJSON_IsObject(*ret))
		return ss_fail(err, "invalid_frame", "a JSON that is none");
	return 0;
}

int ss_stream_open_parse(const ss_stream_frame *frame, char *ret_session, size_t size,
	uint32_t *ret_credit, ss_error *err)
{
	auto_cjson cJSON *body = NULL;
	long long credit = 0;

	if (parse_json(frame, &body, err) < 0)
		return -1;
	const char *session = ss_json_string(body, "session");
	if (session == NULL || *session == '\0' || strlen(session) >= size)
		return ss_fail(err, "invalid_frame", "OPEN without a session");
	if (ss_json_int(body, "credit", &credit) != 0 || credit < 0 ||
		credit > SS_STREAM_CREDIT_STEP_MAX)
		return ss_fail(err, "invalid_frame", "OPEN with a credit that is not 0 to 2^24");
	snprintf(ret_session, size, "%s", session);
	*ret_credit = (uint32_t)credit;
	return 0;
}

static void copy_printable(char *ret, size_t size, const char *text)
{
	snprintf(ret, size, "%s", text != NULL ? text : "");
	for (char *at = ret; *at != '\0'; at++)
	{
		if ((unsigned char)*at < ' ' || (unsigned char)*at > '~')
			*at = '?';
	}
}

int ss_stream_error_parse(const ss_stream_frame *frame, char *ret_code, size_t code_size,
	char *ret_message, size_t message_size, ss_error *err)
{
	auto_cjson cJSON *body = NULL;

	if (parse_json(frame, &body, err) < 0)
		return -1;
	const char *code = ss_json_string(body, "code");
	if (code == NULL || *code == '\0')
		return ss_fail(err, "invalid_frame", "ERROR without a code");
	copy_printable(ret_code, code_size, code);
	copy_printable(ret_message, message_size, ss_json_string(body, "message"));
	return 0;
}

void ss_stream_frame_head(unsigned char *buf, ss_stream_type type, uint32_t stream)
{
	buf[0] = (unsigned char)type;
	put_u32(buf + 1, stream);
}

size_t ss_stream_frame_credit(
	unsigned char *buf, ss_stream_type type, uint32_t stream, uint32_t credit)
{
	ss_stream_frame_head(buf, type, stream);
	put_u32(buf + SS_STREAM_HEAD, credit);
	return SS_STREAM_HEAD + 4;
}

size_t ss_stream_frame_close(unsigned char *buf, uint32_t stream, const char *reason)
{
	size_t len = strnlen(reason, SS_STREAM_REASON_MAX);

	ss_stream_frame_head(buf, SS_STREAM_CLOSE, stream);
	memcpy(buf + SS_STREAM_HEAD, reason, len);
	return SS_STREAM_HEAD + len;
}

/* Both JSONs are written by hand: their texts are made printable, so two characters are escaped. */
static size_t put_text(char *buf, size_t size, const char *text, size_t most)
{
	size_t len = 0;

	for (const char *at = text; *at != '\0' && (size_t)(at - text) < most && len + 3 < size; at++)
	{
		if (*at == '"' || *at == '\\')
			buf[len++] = '\\';
		buf[len++] = (unsigned char)*at < ' ' || (unsigned char)*at > '~' ? '?' : *at;
	}
	buf[len] = '\0';
	return len;
}

size_t ss_stream_open_print(
	unsigned char *buf, uint32_t stream, const char *session, uint32_t credit)
{
	char name[256];

	put_text(name, sizeof name, session, 100);
	ss_stream_frame_head(buf, SS_STREAM_OPEN, stream);
	int len = snprintf((char *)buf + SS_STREAM_HEAD, SS_STREAM_PAYLOAD_MAX,
		"{\"session\":\"%s\",\"credit\":%u}", name, credit);
	return SS_STREAM_HEAD + (size_t)len;
}

size_t ss_stream_error_print(
	unsigned char *buf, uint32_t stream, const char *code, const char *message)
{
	char word[160];
	char text[2 * MESSAGE_MAX + 8];

	put_text(word, sizeof word, code, SS_STREAM_REASON_MAX);
	put_text(text, sizeof text, message, MESSAGE_MAX);
	ss_stream_frame_head(buf, SS_STREAM_ERROR, stream);
	int len = snprintf((char *)buf + SS_STREAM_HEAD, SS_STREAM_PAYLOAD_MAX,
		"{\"code\":\"%s\",\"message\":\"%s\"}", word, text);
	return SS_STREAM_HEAD + (size_t)len;
}
