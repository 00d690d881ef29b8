/* The pure parts of the way to a desktop: what a viewer's client may say, bytes that wait, paths.
 */
#include <stdlib.h>
#include <string.h>

#include "server/byte_queue.h"
#include "server/rfb_client.h"
#include "server/socket_class.h"
#include "tests/c/tap.h"

#define MESSAGE_MAX 100000
#define HELLO "RFB 003.008\n\x01\x00"
#define HELLO_LEN 14

typedef struct bytes
{
	unsigned char *at;
	size_t len, capacity;
} bytes;

static void add(bytes *to, const void *data, size_t len)
{
	if (to->len + len > to->capacity)
	{
		to->capacity = (to->len + len) * 2;
		to->at = realloc(to->at, to->capacity);
	}
	if (len > 0)
		memcpy(to->at + to->len, data, len);
	to->len += len;
}

/* What passes when `said` is cut into pieces of `piece` bytes (0: at random); -1: malformed. */
static int pass(const bytes *said, size_t piece, bool control, bytes *ret, rfb_client *c)
{
	rfb_client_init(c, control, MESSAGE_MAX);
	ret->len = 0;
	for (size_t at = 0; at < said->len;)
	{
		size_t n = piece ? piece : (size_t)(rand() % 40) + 1;
		size_t left = said->len - at < n ? said->len - at : n;
		/* A copy of the exact size, so that a sanitizer sees every step too far. */
		unsigned char *copy = malloc(left);

		memcpy(copy, said->at + at, left);
		at += left;
		for (size_t i = 0; i < left;)
		{
			const unsigned char *out;
			size_t taken, out_len;

			if (rfb_client_feed(c, copy + i, left - i, &taken, &out, &out_len))
			{
				free(copy);
				return -1;
			}
			add(ret, out, out_len);
			i += taken;
		}
		free(copy);
	}
	return 0;
}

typedef struct sample
{
	const char *name;
	const char *data;
	size_t len;
	bool view;  /* passes for who only looks */
	bool input; /* counts as somebody at work */
} sample;

#define SAMPLE(name, text, view, input) \
	{ \
		name, text, sizeof(text) - 1, view, input \
	}

static const sample samples[] = {
	SAMPLE("SetPixelFormat", "\0\0\0\0\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0", true, false),
	SAMPLE("SetEncodings of none", "\2\0\0\0", true, false),
	SAMPLE("SetEncodings", "\2\0\0\2\0\0\0\7\xff\xff\xff\x21", true, false),
	SAMPLE("FramebufferUpdateRequest", "\3\1\0\0\0\0\4\0\3\0", true, false),
	SAMPLE("KeyEvent", "\4\1\0\0\0\0\0\x61", false, true),
	SAMPLE("PointerEvent", "\5\1\0\x10\0\x20", false, true),
	SAMPLE("extended PointerEvent", "\5\x81\0\x10\0\x20\1", false, true),
	SAMPLE("ClientCutText", "\6\0\0\0\0\0\0\5hello", false, true),
	SAMPLE("ClientCutText of nothing", "\6\0\0\0\0\0\0\0", false, true),
	SAMPLE("extended clipboard", "\6\0\0\0\xff\xff\xff\xf8\1\0\0\1zzzz", false, true),
	SAMPLE("EnableContinuousUpdates", "\x96\1\0\0\0\0\4\0\3\0", true, false),
	SAMPLE("ClientFence", "\xf8\0\0\0\x80\0\0\1\3abc", true, false),
	SAMPLE("ClientFence of nothing", "\xf8\0\0\0\x80\0\0\1\0", true, false),
	SAMPLE("xvp", "\xfa\0\1\2", false, false),
	SAMPLE("SetDesktopSize", "\xfb\0\4\0\3\0\1\0\0\0\0\1\0\0\0\0\4\0\3\0\0\0\0\0", false, false),
	SAMPLE("QEMU key event", "\xff\0\0\1\0\0\0\x61\0\0\0\x1e", false, true),
};

#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static void check_each(void)
{
	bytes said = {0}, got = {0};
	rfb_client c;

	for (size_t i = 0; i < SAMPLES; i++)
	{
		const sample *s = &samples[i];

		said.len = 0;
		add(&said, HELLO, HELLO_LEN);
		add(&said, s->data, s->len);
		int rc = pass(&said, 1, true, &got, &c);

		tap_ok(rc == 0 && c.state == RFB_CLIENT_MESSAGE && got.len == said.len &&
				   memcmp(got.at + HELLO_LEN, s->data, s->len) == 0,
			"%s passes as it is", s->name);
		tap_is_int((long long)c.inputs, s->input, "%s is%s input", s->name, s->input ? "" : " no");
		rc = pass(&said, 3, false, &got, &c);
		tap_ok(rc == 0 && c.state == RFB_CLIENT_MESSAGE &&
				   got.len == HELLO_LEN + (s->view ? s->len : 0) && c.inputs == 0,
			"%s %s who only looks", s->name, s->view ? "passes for" : "is dropped for");
	}
	free(said.at);
	free(got.at);
}

/* However it is cut, the same passes: all of it, or exactly the messages that may. */
static void check_cuts(void)
{
	bytes said = {0}, all = {0}, view = {0}, got = {0};
	rfb_client c;
	bool good_all = true, good_view = true;
	size_t inputs = 0;

	srand(5);
	add(&said, HELLO, HELLO_LEN);
	for (int i = 0; i < 4000; i++)
	{
		const sample *s = &samples[(size_t)rand() % SAMPLES];

		add(&said, s->data, s->len);
		inputs += s->input;
		if (s->view)
			add(&view, s->data, s->len);
	}
	for (size_t piece = 0; piece < 60; piece++)
	{
		good_all &= pass(&said, piece, true, &all, &c) == 0 && c.inputs == inputs &&
					all.len == said.len &&
					memcmp(all.at + HELLO_LEN, said.at + HELLO_LEN, said.len - HELLO_LEN) == 0;
		good_view &= pass(&said, piece, false, &got, &c) == 0 && c.inputs == 0 &&
					 got.len == view.len + HELLO_LEN &&
					 memcmp(got.at + HELLO_LEN, view.at, view.len) == 0;
	}
	tap_ok(good_all, "4000 messages pass for control however they are cut");
	tap_ok(good_view, "and for who only looks exactly those without input");
	tap_is_int(all.at[HELLO_LEN - 1], 1, "ClientInit says shared, whatever it said");
	free(said.at);
	free(all.at);
	free(view.at);
	free(got.at);
}

static void check_malformed(void)
{
	static const struct
	{
		const char *name;
		const char *data;
		size_t len;
	} cases[] = {
#define CASE(name, text) {name, text, sizeof(text) - 1}
		CASE("RFB 3.3", "RFB 003.003\n"),
		CASE("RFB 4", "RFB 004.000\n"),
		CASE("no version", "GET / HTTP/1."),
		CASE("a security type of TLS", "RFB 003.008\n\x13"),
		CASE("the invalid security type", "RFB 003.008\n\0"),
		CASE("message 1", HELLO "\1"),
		CASE("message 7", HELLO "\7"),
		CASE("message 253", HELLO "\xfd"),
		CASE("a clipboard of 2 GiB", HELLO "\6\0\0\0\x7f\xff\xff\xff"),
		CASE("a clipboard a byte too long", HELLO "\6\0\0\0\0\1\x86\xa1"),
		CASE("an extended clipboard of 2 GiB", HELLO "\6\0\0\0\x80\0\0\0"),
		CASE("an extended clipboard without flags", HELLO "\6\0\0\0\xff\xff\xff\xff"),
		CASE("SetEncodings of 262140 bytes", HELLO "\2\0\xff\xff"),
		CASE("a fence of 65 bytes", HELLO "\xf8\0\0\0\0\0\0\0\x41"),
		CASE("QEMU audio", HELLO "\xff\1"),
	};
	bytes got = {0};
	rfb_client c;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		bytes said = {(unsigned char *)cases[i].data, cases[i].len, 0};
		const unsigned char more = 3, *out;
		size_t taken, len;

		tap_ok(pass(&said, 1, true, &got, &c) < 0, "%s is malformed", cases[i].name);
		tap_ok(rfb_client_feed(&c, &more, 1, &taken, &out, &len) < 0 && len == 0,
			"and nothing passes after %s", cases[i].name);
	}
	free(got.at);
}

static void check_authentication(void)
{
	static const char text[] = "RFB 003.007\n\x02"
							   "0123456789abcdef\0\4\1\0\0\0\0\0\x61";
	bytes said = {(unsigned char *)text, sizeof(text) - 1, 0}, got = {0};
	rfb_client c;
	int rc = pass(&said, 1, true, &got, &c);

	tap_ok(rc == 0 && got.len == said.len && c.inputs == 1, "RFB 3.7 with a challenge passes");
	rc = pass(&said, 5, false, &got, &c);
	tap_ok(rc == 0 && got.len == said.len - 8 && c.inputs == 0, "without the key for who looks");
	free(got.at);
}

static void check_queue(void)
{
	byte_queue q = {0};
	bytes said = {0}, got = {0};
	bool good = true;

	srand(7);
	for (int i = 0; i < 3000; i++)
	{
		unsigned char part[40000];
		size_t n = (size_t)rand() % (i % 10 ? 300 : sizeof part), len;

		for (size_t k = 0; k < n; k++)
			part[k] = (unsigned char)rand();
		add(&said, part, n);
		good &= byte_queue_put(&q, part, n) == 0;
		while (q.len > 100000 || (q.len > 0 && rand() % 3 == 0))
		{
			unsigned char *data = byte_queue_peek(&q, (size_t)rand() % 20000 + 1, &len);
			size_t take = (size_t)rand() % len + 1;

			good &= len <= BYTE_QUEUE_PIECE;
			add(&got, data, take);
			memset(data - BYTE_QUEUE_HEAD, 0xee, BYTE_QUEUE_HEAD); /* a protocol's head */
			byte_queue_take(&q, take);
		}
		good &= q.len == said.len - got.len;
	}
	while (q.len > 0)
	{
		size_t len;
		const unsigned char *data = byte_queue_peek(&q, BYTE_QUEUE_PIECE, &len);

		add(&got, data, len);
		byte_queue_take(&q, len);
	}
	tap_ok(good && got.len == said.len && memcmp(got.at, said.at, said.len) == 0,
		"bytes wait in order, and room before a piece is its own (%zu bytes)", said.len);
	size_t none;
	tap_ok(byte_queue_peek(&q, 1, &none) == NULL && q.first == NULL && q.last == NULL, "then none");
	good = byte_queue_put(&q, said.at, 50000) == 0;
	byte_queue_clear(&q);
	tap_ok(good && q.len == 0 && q.first == NULL, "a queue is cleared");
	free(said.at);
	free(got.at);
}

static void check_paths(void)
{
	static const struct
	{
		const char *line;
		door_side side;
		socket_class class;
	} cases[] = {
		{"GET /api/v1/vnc/s-1?ticket=x HTTP/1.1", DOOR_PUBLIC, SOCKET_VIEWER},
		{"GET /api/v1/vnc/ HTTP/1.1", DOOR_PUBLIC, SOCKET_CLASSES},
		{"GET /api/v1/vnc HTTP/1.1", DOOR_PUBLIC, SOCKET_CLASSES},
		{"GET /api/v1/vnc/a/b HTTP/1.1", DOOR_PUBLIC, SOCKET_CLASSES},
		{"GET //api/v1/vnc/a HTTP/1.1", DOOR_PUBLIC, SOCKET_CLASSES},
		{"POST /api/v1/vnc/a HTTP/1.1", DOOR_PUBLIC, SOCKET_CLASSES},
		{"GET /api/v1/vnc/a HTTP/1.1", DOOR_INTERNAL, SOCKET_CLASSES},
		{"GET /api/v1/agents/stream?agent_id=a HTTP/1.1", DOOR_PUBLIC, SOCKET_STREAM},
		{"GET /api/v1/agents/stream/ HTTP/1.1", DOOR_PUBLIC, SOCKET_CLASSES},
		{"GET /api/v1/relay HTTP/1.1", DOOR_INTERNAL, SOCKET_RELAY},
		{"GET /api/v1/relay HTTP/1.1", DOOR_PUBLIC, SOCKET_CLASSES},
		{"GET", DOOR_PUBLIC, SOCKET_CLASSES},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		tap_is_int(socket_class_find(cases[i].line, strlen(cases[i].line), cases[i].side),
			cases[i].class, "class of %s", cases[i].line);
}

int main(void)
{
	check_each();
	check_cuts();
	check_malformed();
	check_authentication();
	check_queue();
	check_paths();
	return tap_done();
}
