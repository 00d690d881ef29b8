/*
 * rfb_client: what a viewer's browser sends, as the server filters it. Input: a byte (bit 0: the
 * viewer may control; the rest: in pieces of how many bytes it comes), then the client's bytes.
 *
 * The desktop must see the same however the bytes were cut, nothing but whole messages, and of a
 * viewer who may only look no input at all: that is judged here by a reader of its own.
 */
#include "tests/fuzz/fuzz.h"

#include "server/rfb_client.h"

#define MESSAGE_MAX 2048

typedef struct outcome
{
	unsigned char *bytes;
	size_t len;
	bool broken;
	unsigned long long inputs;
} outcome;

static outcome run(const uint8_t *data, size_t size, bool control, size_t piece)
{
	outcome o = {.bytes = malloc(size + RFB_CLIENT_HEAD)};
	rfb_client c;

	FUZZ_CHECK(o.bytes != NULL);
	rfb_client_init(&c, control, MESSAGE_MAX);
	for (size_t at = 0; at < size && !o.broken;)
	{
		size_t len = size - at < piece ? size - at : piece;
		/* A copy, so that a byte read beyond the piece is seen. */
		unsigned char *part = malloc(len);
		size_t from = 0;

		FUZZ_CHECK(part != NULL);
		memcpy(part, data + at, len);
		while (from < len && !o.broken)
		{
			const unsigned char *out = NULL;
			size_t taken = 0, out_len = 0;

			if (rfb_client_feed(&c, part + from, len - from, &taken, &out, &out_len) != 0)
			{
				o.broken = true;
				break;
			}
			FUZZ_CHECK(taken >= 1 && taken <= len - from);
			FUZZ_CHECK(out_len <= size - o.len);
			if (out_len > 0)
				memcpy(o.bytes + o.len, out, out_len);
			o.len += out_len;
			from += taken;
		}
		free(part);
		at += len;
	}
	o.inputs = c.inputs;
	if (o.broken)
	{
		const unsigned char *out;
		size_t taken, out_len;
		FUZZ_CHECK(rfb_client_feed(&c, data, size, &taken, &out, &out_len) == -1); /* for good */
	}
	return o;
}

static uint32_t number(const unsigned char *at, int bytes)
{
	uint32_t value = 0;
	for (int i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

/* Length of a message of which `have` bytes are there; 0: its head is not whole. */
static size_t length(const unsigned char *at, size_t have)
{
	static const struct
	{
		int type;
		size_t head;
	} heads[] = {{0, 20}, {2, 4}, {3, 10}, {4, 8}, {5, 2}, {6, 8}, {150, 10}, {248, 9}, {250, 4},
		{251, 8}, {255, 2}};
	size_t i = 0;
	while (i < sizeof heads / sizeof heads[0] && heads[i].type != at[0])
		i++;
	FUZZ_CHECK(i < sizeof heads / sizeof heads[0]); /* an unknown type reached the desktop */
	if (have < heads[i].head)
		return 0;
	switch (at[0])
	{
	case 2:
		return 4 + 4 * (size_t)number(at + 2, 2);
	case 5:
		return at[1] & 0x80 ? 7 : 6;
	case 6:
		return 8 +
			   (size_t)(at[4] & 0x80 ? -(int64_t)(int32_t)number(at + 4, 4) : number(at + 4, 4));
	case 248:
		return 9 + (size_t)at[8];
	case 251:
		return 8 + 16 * (size_t)at[6];
	case 255:
		return 12;
	default:
		return heads[i].head;
	}
}

/* As the desktop reads it. */
static void read_at_desktop(const unsigned char *at, size_t len, bool control)
{
	if (len < 13)
		return;
	FUZZ_CHECK(memcmp(at, "RFB 003.00", 10) == 0);
	size_t from = at[12] == 2 ? 13 + 16 : 13;
	FUZZ_CHECK(at[12] == 1 || at[12] == 2);
	if (len <= from)
		return;
	FUZZ_CHECK(at[from] == 1); /* shared: nobody is thrown out */
	from++;
	while (from < len)
	{
		size_t of_message = length(at + from, len - from);
		unsigned char type = at[from];
		FUZZ_CHECK(control || type == 0 || type == 2 || type == 3 || type == 150 || type == 248);
		if (of_message == 0 || of_message > len - from)
			return; /* the rest is still to come */
		FUZZ_CHECK(of_message <= MESSAGE_MAX + RFB_CLIENT_HEAD);
		from += of_message;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	bool control = data[0] & 1;
	size_t piece = (size_t)(data[0] >> 1) + 1;
	outcome whole = run(data + 1, size - 1, control, size);
	outcome cut = run(data + 1, size - 1, control, piece);

	FUZZ_CHECK(whole.broken == cut.broken && whole.inputs == cut.inputs);
	FUZZ_CHECK(whole.len == cut.len && memcmp(whole.bytes, cut.bytes, whole.len) == 0);
	FUZZ_CHECK(control || whole.inputs == 0);
	read_at_desktop(whole.bytes, whole.len, control);
	free(whole.bytes);
	free(cut.bytes);
	return 0;
}
