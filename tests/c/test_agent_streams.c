/* The agent's viewer streams between frames and sockets: credit, order, ends, breaches. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include "agent/stream_mux.h"
#include "agent/ws_frame.h"
#include "common/timeutil.h"
#include "tests/c/tap.h"

#define WINDOW 4096
#define DESKTOPS 16

/* The desktops of the test: what dial() was asked for, and its other ends. */
typedef struct desktops
{
	int ends[DESKTOPS];
	int count;
	int busy;           /* so many dials are answered "not now" */
	const char *refuse; /* code to refuse with */
	const char *ended;  /* the session that has ended */
} desktops;

static int dial(void *ctx, const char *session_id, int *ret_fd, ss_error *err)
{
	desktops *all = ctx;
	int pair[2];

	if (all->ended != NULL && strcmp(all->ended, session_id) == 0)
		return ss_fail(err, "session_not_running", "it has ended");
	if (ret_fd == NULL)
		return 0;
	if (all->refuse != NULL)
		return ss_fail(err, all->refuse, "refused by the test");
	if (all->busy > 0)
	{
		all->busy--;
		return 1;
	}
	if (all->count >= DESKTOPS || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) < 0)
		return ss_fail(err, "refused", "no socket");
	all->ends[all->count++] = pair[1];
	*ret_fd = pair[0];
	return 0;
}

static stream_mux *new_mux(desktops *all, size_t max_streams)
{
	stream_mux *mux = NULL;
	ss_error err = SS_ERROR_INIT;
	stream_mux_config config = {.max_streams = max_streams,
		.window = WINDOW,
		.connect_timeout_ms = 60000,
		.dial = dial,
		.ctx = all};

	if (stream_mux_new(&config, &mux, &err) < 0)
		abort();
	return mux;
}

static void done(desktops *all, stream_mux *mux)
{
	stream_mux_free(mux);
	for (int i = 0; i < all->count; i++)
		close(all->ends[i]);
	*all = (desktops){0};
}

static int receive(stream_mux *mux, const void *frame, size_t len)
{
	ss_error err = SS_ERROR_INIT;

	return stream_mux_receive(mux, frame, len, &err);
}

static int open_stream(stream_mux *mux, uint32_t id, const char *session, uint32_t credit)
{
	unsigned char buf[SS_STREAM_FRAME_MAX];

	return receive(mux, buf, ss_stream_open_print(buf, id, session, credit));
}

static int send_data(stream_mux *mux, uint32_t id, const void *data, size_t len)
{
	unsigned char buf[SS_STREAM_FRAME_MAX];

	ss_stream_frame_head(buf, SS_STREAM_DATA, id);
	memcpy(buf + SS_STREAM_HEAD, data, len);
	return receive(mux, buf, SS_STREAM_HEAD + len);
}

static int send_credit(stream_mux *mux, uint32_t id, uint32_t credit)
{
	unsigned char buf[SS_STREAM_FRAME_MAX];

	return receive(mux, buf, ss_stream_frame_credit(buf, SS_STREAM_CREDIT, id, credit));
}

static int send_close(stream_mux *mux, uint32_t id)
{
	unsigned char buf[SS_STREAM_FRAME_MAX];

	return receive(mux, buf, ss_stream_frame_close(buf, id, "closed"));
}

/* The next frame after what the sockets have become; false: none. The payload is in buf. */
static bool take(stream_mux *mux, unsigned char *buf, ss_stream_frame *ret)
{
	ss_error err = SS_ERROR_INIT;

	stream_mux_poll(mux);
	size_t len = stream_mux_take(mux, buf);
	if (len == 0)
		return false;
	if (ss_stream_frame_parse(buf, len, ret, &err) < 0)
		abort();
	return true;
}

/* "type:stream" of all frames that come now, in buf. */
static const char *take_all(stream_mux *mux, char *text, size_t size)
{
	unsigned char buf[SS_STREAM_FRAME_MAX];
	ss_stream_frame frame;
	size_t len = 0;

	text[0] = '\0';
	while (take(mux, buf, &frame) && len < size - 32)
		len += (size_t)snprintf(
			text + len, size - len, "%s%d:%u", len ? " " : "", (int)frame.type, frame.stream);
	return text;
}

static size_t read_all(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size && (n = read(fd, buf + len, size - len)) > 0)
		len += (size_t)n;
	return len;
}

static void test_life(void)
{
	desktops all = {0};
	stream_mux *mux = new_mux(&all, 4);
	unsigned char buf[SS_STREAM_FRAME_MAX];
	ss_stream_frame frame = {0};
	char text[256];

	tap_is_int(open_stream(mux, 1, "s-a", 10), 0, "OPEN");
	tap_ok(take(mux, buf, &frame) && frame.type == SS_STREAM_OPENED && frame.credit == WINDOW,
		"OPENED with the window as credit");
	tap_ok(!take(mux, buf, &frame), "and nothing more");
	tap_ok(write(all.ends[0], "0123456789abc", 13) == 13 && take(mux, buf, &frame) &&
			   frame.type == SS_STREAM_DATA && frame.len == 10 &&
			   memcmp(frame.payload, "0123456789", 10) == 0,
		"DATA as far as the credit goes");
	tap_ok(!take(mux, buf, &frame), "and no further");
	tap_ok(send_credit(mux, 1, 1) == 0 && take(mux, buf, &frame) && frame.len == 1 &&
			   frame.payload[0] == 'a',
		"a byte more");
	close(all.ends[0]);
	all.ends[0] = open("/dev/null", O_RDONLY);
	tap_ok(!take(mux, buf, &frame), "the desktop closes: what it said waits for credit");
	tap_is_int(send_credit(mux, 1, 100), 0, "credit comes");
	tap_is(take_all(mux, text, sizeof text), "3:1 5:1", "the rest, then CLOSE");
	tap_is_int((long long)stream_mux_count(mux), 0, "the stream is forgotten");
	tap_ok(send_data(mux, 1, "x", 1) == 0 && send_credit(mux, 1, 1) == 0 && send_close(mux, 1) == 0,
		"what comes for it later is dropped");
	tap_is(take_all(mux, text, sizeof text), "", "without an answer");
	tap_is_int(open_stream(mux, 1, "s-a", 10), -1, "its id is not used again");
	done(&all, mux);
}

static void test_input(void)
{
	desktops all = {0};
	stream_mux *mux = new_mux(&all, 4);
	unsigned char buf[SS_STREAM_FRAME_MAX];
	ss_stream_frame frame = {0};
	static char data[WINDOW];
	static char got[1 << 22];
	size_t sent = 0;
	size_t credit = WINDOW;
	int small = 4096;

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (char)(i * 7);
	tap_ok(open_stream(mux, 1, "s-a", 0) == 0 && take(mux, buf, &frame), "a stream");
	setsockopt(all.ends[0], SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	/* A desktop that reads nothing: until no credit comes back any more. */
	while (credit > 0)
	{
		size_t part = credit < 1000 ? credit : 1000;
		if (send_data(mux, 1, data + sent % 3000, part) < 0)
			abort();
		sent += part;
		credit -= part;
		while (take(mux, buf, &frame))
			credit += frame.type == SS_STREAM_CREDIT ? frame.credit : 0;
	}
	tap_ok(sent > WINDOW, "input was taken as far as the desktop's socket and the window go");
	tap_is_int(send_data(mux, 1, "x", 1), -1, "a byte beyond the credit is a breach");
	size_t len = 0;
	bool same = true;
	for (size_t n = 1; n > 0; len += n)
	{
		n = read_all(all.ends[0], got + len, 777);
		stream_mux_poll(mux);
	}
	for (size_t at = 0, from = 0; at < len; at += 1000, from = at)
	{
		size_t part = len - at < 1000 ? len - at : 1000;
		same &= memcmp(got + at, data + from % 3000, part) == 0;
	}
	tap_is_int((long long)len, (long long)sent, "a desktop that reads again gets all of it");
	tap_ok(same, "in order");
	credit = 0;
	while (take(mux, buf, &frame))
		credit += frame.type == SS_STREAM_CREDIT ? frame.credit : 0;
	tap_ok(credit > WINDOW / 2 && credit <= WINDOW, "and the credit comes back");
	done(&all, mux);
}

static void test_ends(void)
{
	desktops all = {0};
	stream_mux *mux = new_mux(&all, 2);
	unsigned char buf[SS_STREAM_FRAME_MAX];
	ss_stream_frame frame = {0};
	char text[256];
	char got[16] = "";
	char code[65] = "";
	char message[128] = "";
	ss_error err = SS_ERROR_INIT;
	static char block[1000];

	/* The viewer goes; what it sent is still for the desktop. */
	tap_ok(open_stream(mux, 1, "s-a", 100) == 0 && take(mux, buf, &frame) &&
			   send_data(mux, 1, "bye", 3) == 0 && send_close(mux, 1) == 0,
		"a viewer says something and goes");
	tap_is(take_all(mux, text, sizeof text), "5:1", "its CLOSE is answered");
	tap_ok(read_all(all.ends[0], got, sizeof got) == 3 && memcmp(got, "bye", 3) == 0,
		"and the desktop got its word");
	tap_ok(read(all.ends[0], got, 1) == 0, "and an end");

	tap_ok(open_stream(mux, 3, "s-b", 100) == 0 && take(mux, buf, &frame), "another, id 3");
	while (send_data(mux, 3, block, sizeof block) == 0)
		;
	tap_is_int(send_close(mux, 3), 0, "goes while much waits for its desktop");
	tap_is(take_all(mux, text, sizeof text), "5:3", "answered at once");
	tap_is_int((long long)stream_mux_count(mux), 1, "the stream stays for what waits");
	while (read(all.ends[1], block, sizeof block) > 0)
		stream_mux_poll(mux);
	tap_ok(!take(mux, buf, &frame) && stream_mux_count(mux) == 0, "and no longer");

	all.refuse = "session_not_found";
	tap_ok(open_stream(mux, 4, "s-c", 1) == 0 && take(mux, buf, &frame) &&
			   frame.type == SS_STREAM_ERROR,
		"a refused dial is an ERROR");
	tap_ok(ss_stream_error_parse(&frame, code, sizeof code, message, sizeof message, &err) == 0,
		"that can be read");
	tap_is(code, "session_not_found", "with its code");
	all.refuse = "endpoint_invalid";
	tap_ok(open_stream(mux, 5, "s-c", 1) == 0 && take(mux, buf, &frame) &&
			   ss_stream_error_parse(&frame, code, sizeof code, message, sizeof message, &err) == 0,
		"another");
	tap_is(code, "refused", "codes that are not of the protocol become `refused`");
	all.refuse = NULL;

	open_stream(mux, 6, "s-d", 1);
	open_stream(mux, 7, "s-d", 1);
	open_stream(mux, 8, "s-d", 1);
	tap_is(take_all(mux, text, sizeof text), "6:8 2:6 2:7", "beyond max_streams: ERROR");
	int more = 9;
	while (more < 1000 && open_stream(mux, (uint32_t)more, "s-d", 1) == 0)
		more++;
	tap_ok(more > 10 && more < 200, "many more that nobody hears of: a breach after %d", more);
	stream_mux_reset(mux);
	tap_is_int((long long)stream_mux_count(mux), 0, "a new socket begins with none");

	tap_ok(open_stream(mux, 1, "s-e", 1) == 0 && take(mux, buf, &frame), "and with id 1");
	all.ended = "s-e";
	stream_mux_tick(mux, ss_time_monotonic_ms());
	tap_ok(take(mux, buf, &frame) && frame.type == SS_STREAM_CLOSE && frame.len == 19 &&
			   memcmp(frame.payload, "session_not_running", 19) == 0,
		"a session that ended is found without a word of its desktop");
	done(&all, mux);
}

static void test_dialling(void)
{
	desktops all = {.busy = 2};
	stream_mux *mux = new_mux(&all, 4);
	unsigned char buf[SS_STREAM_FRAME_MAX];
	ss_stream_frame frame = {0};
	char text[64];
	long long now = ss_time_monotonic_ms();

	tap_ok(open_stream(mux, 1, "s-a", 1) == 0 && !take(mux, buf, &frame), "a busy desktop");
	tap_ok(stream_mux_tick(mux, now) < 1000 && !take(mux, buf, &frame), "is tried again soon");
	stream_mux_tick(mux, now);
	tap_is(take_all(mux, text, sizeof text), "2:1", "and then taken");
	all.busy = 1000;
	tap_is_int(open_stream(mux, 2, "s-a", 1), 0, "one that stays busy");
	stream_mux_tick(mux, now + 3600000);
	tap_is(take_all(mux, text, sizeof text), "6:2", "is given up in the end");
	tap_ok(open_stream(mux, 3, "s-a", 1) == 0 && send_data(mux, 3, "x", 1) == -1,
		"DATA before OPENED is a breach");
	done(&all, mux);
}

static void test_fairness(void)
{
	desktops all = {0};
	stream_mux *mux = new_mux(&all, 4);
	static char block[100000];
	char text[512];

	for (uint32_t id = 1; id <= 3; id++)
		if (open_stream(mux, id, "s-a", 40000) < 0)
			abort();
	tap_is(take_all(mux, text, sizeof text), "2:1 2:2 2:3", "three streams");
	for (int i = 0; i < 3; i++)
		if (write(all.ends[i], block, sizeof block) < 40000)
			abort();
	tap_is(take_all(mux, text, sizeof text), "3:1 3:2 3:3 3:1 3:2 3:3 3:1 3:2 3:3",
		"take turns, each until its credit is used up");
	tap_ok(send_credit(mux, 2, 10) == 0, "credit for one");
	tap_is(take_all(mux, text, sizeof text), "3:2", "lets that one go on");
	done(&all, mux);
}

static void test_breaches(void)
{
	static const struct
	{
		const char *why;
		unsigned char type;
		uint32_t stream;
		const char *payload;
		size_t len;
	} wrong[] = {
		{"OPENED from the control plane", SS_STREAM_OPENED, 1, "\0\0\0\1", 4},
		{"DATA of an id that was never opened", SS_STREAM_DATA, 9, "x", 1},
		{"CREDIT of one", SS_STREAM_CREDIT, 9, "\0\0\0\1", 4},
		{"CLOSE of one", SS_STREAM_CLOSE, 9, "closed", 6},
		{"OPEN of the same id", SS_STREAM_OPEN, 1, "{\"session\":\"s-a\",\"credit\":1}", 28},
		{"OPEN that is no JSON", SS_STREAM_OPEN, 2, "{", 1},
		{"OPEN without a session", SS_STREAM_OPEN, 2, "{\"credit\":1}", 12},
	};
	desktops all = {0};
	stream_mux *mux = new_mux(&all, 4);
	unsigned char buf[SS_STREAM_FRAME_MAX];
	int sum = 0;

	if (open_stream(mux, 1, "s-a", 1) < 0)
		abort();
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
	{
		ss_stream_frame_head(buf, (ss_stream_type)wrong[i].type, wrong[i].stream);
		memcpy(buf + SS_STREAM_HEAD, wrong[i].payload, wrong[i].len);
		tap_is_int(receive(mux, buf, SS_STREAM_HEAD + wrong[i].len), -1, "%s", wrong[i].why);
	}
	while (sum < 100 && send_credit(mux, 1, SS_STREAM_CREDIT_STEP_MAX) == 0)
		sum++;
	tap_is_int(sum, 63, "CREDIT that adds up to more than 2^30 is a breach");
	done(&all, mux);
}

/* What a server makes of a message of `len` bytes, numbers counted on, that stands at any place. */
static bool is_understood(ws_frame_keys *keys, size_t len, size_t shift, unsigned char ret_key[4])
{
	static unsigned char room[WS_FRAME_HEAD + WS_FRAME_MAX + 16];
	unsigned char *buf = room + shift;
	ss_error err = SS_ERROR_INIT;

	for (size_t i = 0; i < len; i++)
		buf[WS_FRAME_HEAD + i] = (unsigned char)(i * 7);
	size_t whole = ws_frame_make(keys, buf, len, &err);
	size_t at = len < 126 ? 2 : 4;
	if (whole != at + 4 + len || buf[0] != 0x82)
		return false;
	if (len < 126 ? buf[1] != (0x80 | len) : buf[1] != 0xfe || buf[2] * 256u + buf[3] != len)
		return false;
	memcpy(ret_key, buf + at, 4);
	for (size_t i = 0; i < len; i++)
		if ((buf[at + 4 + i] ^ ret_key[i % 4]) != (unsigned char)(i * 7))
			return false;
	return true;
}

static void test_messages(void)
{
	static const size_t lengths[] = {16384, 16389, WS_FRAME_MAX - 1, WS_FRAME_MAX};
	ws_frame_keys keys = {.left = 0};
	unsigned char key[4], last[4] = {0};
	int wrong = 0, same = 0;
	ss_error err = SS_ERROR_INIT;

	for (size_t len = 0; len < 3000; len++)
	{
		wrong += !is_understood(&keys, len, len % 9, key);
		same += memcmp(key, last, 4) == 0;
		memcpy(last, key, 4);
	}
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
		wrong += !is_understood(&keys, lengths[i], i, key);
	tap_is_int(wrong, 0, "messages of every length are masked as a server expects them");
	tap_ok(same < 2, "each with a key of its own");
	tap_is_int((int)ws_frame_make(&keys, key, WS_FRAME_MAX + 1, &err), 0, "none is longer");
}

int main(void)
{
	test_messages();
	test_life();
	test_input();
	test_ends();
	test_dialling();
	test_fairness();
	test_breaches();
	return tap_done();
}
