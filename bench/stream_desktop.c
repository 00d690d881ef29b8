/*
 * stream_desktop: agent and desktop in one, for measurements: what desktop.c says, over an agent's
 * stream socket. With it a viewer is one relay away from the desktop, as with websockify.
 *
 *   stream_desktop PORT AGENT EPOCH KEY_FILE        until stdin ends
 *
 * One socket, one thread. Frames as src/common/stream_frame.h has them; masks are zero, which the
 * protocol allows a load generator.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/stream_frame.h"

#define STREAMS_MAX 1024
#define CREDIT 65536u
#define PIECE SS_STREAM_PAYLOAD_MAX
#define HEAD_MAX 14 /* of a WebSocket frame */
#define OUT_HIGH (256u << 10)

typedef struct stream
{
	uint32_t id;    /* 0: free */
	unsigned stage; /* bytes of the handshake that came: 12 + 1 + 1 */
	unsigned char order[10];
	size_t order_len;
	unsigned char text[48]; /* to be sent before the answers */
	size_t text_len;
	unsigned long long due; /* bytes of answers */
	bool endless;
	uint32_t credit;
	uint32_t taken; /* since the last CREDIT of ours */
} stream;

static stream streams[STREAMS_MAX];
static size_t opened; /* places that were ever used */
static size_t turn;
static unsigned char in[1 << 20], out[OUT_HIGH + (64u << 10)];
static size_t in_len, out_len, out_done;
static int fd;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "stream_desktop: %s: %s\n", what, errno ? strerror(errno) : "failed");
	exit(1);
}

static void queue(int opcode, const void *head, size_t head_len, const void *data, size_t len)
{
	size_t total = head_len + len;
	unsigned char *at = out + out_len;

	if (out_len + HEAD_MAX + total > sizeof out)
		die("output is full");
	*at++ = (unsigned char)(0x80 | opcode);
	if (total < 126)
		*at++ = (unsigned char)(0x80 | total);
	else
	{
		*at++ = 0x80 | 126;
		*at++ = (unsigned char)(total >> 8);
		*at++ = (unsigned char)total;
	}
	memset(at, 0, 4);
	at += 4;
	memcpy(at, head, head_len);
	at += head_len;
	if (data)
		memcpy(at, data, len);
	else
		memset(at, 0x5a, len);
	out_len = (size_t)(at + len - out);
}

static void queue_credit(ss_stream_type type, uint32_t id, uint32_t credit)
{
	unsigned char frame[SS_STREAM_HEAD + 4];

	queue(2, frame, ss_stream_frame_credit(frame, type, id, credit), NULL, 0);
}

static void say(stream *s, const void *text, size_t len)
{
	memcpy(s->text + s->text_len, text, len);
	s->text_len += len;
}

static void obey(stream *s)
{
	const unsigned char *o = s->order;
	unsigned long long size = (unsigned long long)o[2] << 24 | (unsigned long long)o[3] << 16 |
							  (unsigned long long)o[4] << 8 | o[5];
	unsigned times = (unsigned)o[6] << 8 | o[7];

	s->endless |= times == 0;
	s->due += size * times;
}

/* What a viewer says: the handshake, then orders. */
static void hear(stream *s, const unsigned char *data, size_t len)
{
	static const unsigned char screen[24] = {
		0, 64, 0, 48, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8};

	for (size_t i = 0; i < len; i++)
	{
		if (s->stage < 14)
		{
			s->stage++;
			if (s->stage == 12)
				say(s, "\1\1", 2);
			else if (s->stage == 13)
				say(s, "\0\0\0", 4);
			else if (s->stage == 14)
				say(s, screen, sizeof screen);
			continue;
		}
		s->order[s->order_len++] = data[i];
		if (s->order_len == sizeof s->order)
		{
			obey(s);
			s->order_len = 0;
		}
	}
	s->taken += (uint32_t)len;
	if (s->taken < CREDIT / 4)
		return;
	queue_credit(SS_STREAM_CREDIT, s->id, s->taken);
	s->taken = 0;
}

static stream *find(uint32_t id)
{
	for (size_t i = 0; i < STREAMS_MAX; i++)
		if (streams[i].id == id)
			return &streams[i];
	return NULL;
}

static void open_stream(const ss_stream_frame *frame)
{
	stream *s = find(0);
	char session[64];
	ss_error err = SS_ERROR_INIT;

	if (!s)
		die("too many streams");
	*s = (stream){.id = frame->stream};
	if ((size_t)(s - streams) >= opened)
		opened = (size_t)(s - streams) + 1;
	if (ss_stream_open_parse(frame, session, sizeof session, &s->credit, &err))
		die(err.message);
	queue_credit(SS_STREAM_OPENED, s->id, CREDIT);
	say(s, "RFB 003.008\n", 12);
}

static void take_frame(const unsigned char *data, size_t len)
{
	ss_stream_frame frame;
	ss_error err = SS_ERROR_INIT;

	errno = 0;
	if (ss_stream_frame_parse(data, len, &frame, &err))
		die(err.message);
	if (frame.type == SS_STREAM_OPEN)
	{
		open_stream(&frame);
		return;
	}
	stream *s = find(frame.stream);

	if (!s)
		return;
	if (frame.type == SS_STREAM_DATA)
		hear(s, frame.payload, frame.len);
	else if (frame.type == SS_STREAM_CREDIT)
		s->credit += frame.credit;
	else
	{
		unsigned char bye[SS_STREAM_FRAME_MAX];

		if (frame.type == SS_STREAM_CLOSE)
			queue(2, bye, ss_stream_frame_close(bye, s->id, "closed"), NULL, 0);
		*s = (stream){0};
	}
}

/* Whole WebSocket frames of what has arrived. */
static void take_all(void)
{
	size_t at = 0;

	while (in_len - at >= 2)
	{
		unsigned char *head = in + at;
		size_t len = head[1] & 127, head_len = 2;

		if (len == 126)
		{
			if (in_len - at < 4)
				break;
			len = (size_t)head[2] << 8 | head[3];
			head_len = 4;
		}
		else if (len == 127)
			die("a frame that is too long");
		if (in_len - at < head_len + len)
			break;
		if ((head[0] & 15) == 8)
			die("the server closed the socket");
		if ((head[0] & 15) == 9)
			queue(10, head + head_len, len, NULL, 0);
		else if ((head[0] & 15) == 2)
			take_frame(head + head_len, len);
		at += head_len + len;
		if (sizeof out - out_len < 4 * PIECE)
			break; /* the rest when something was sent */
	}
	memmove(in, in + at, in_len - at);
	in_len -= at;
}

static bool may_send(const stream *s)
{
	return s->id != 0 && s->credit > 0 && (s->text_len > 0 || s->due > 0 || s->endless);
}

static bool can_produce(void)
{
	for (size_t i = 0; i < opened; i++)
		if (may_send(&streams[i]))
			return true;
	return false;
}

/* A frame of the next stream that may send. */
static bool produce(void)
{
	for (size_t i = 0; i < opened; i++)
	{
		stream *s = &streams[turn++ % opened];
		unsigned char head[SS_STREAM_HEAD];

		if (!may_send(s))
			continue;
		ss_stream_frame_head(head, SS_STREAM_DATA, s->id);
		if (s->text_len > 0)
		{
			queue(2, head, sizeof head, s->text, s->text_len);
			s->credit -= (uint32_t)s->text_len;
			s->text_len = 0;
			return true;
		}
		size_t n = s->endless || s->due > PIECE ? PIECE : (size_t)s->due;

		if (n > s->credit)
			n = s->credit;
		queue(2, head, sizeof head, NULL, n);
		s->credit -= (uint32_t)n;
		if (!s->endless)
			s->due -= n;
		return true;
	}
	return false;
}

static void connect_stream(int port, const char *agent, const char *epoch, const char *key)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	char head[1024], answer[4096];
	size_t have = 0;
	int one = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	int len = snprintf(head, sizeof head,
		"GET /api/v1/agents/stream?agent_id=%s&epoch=%s HTTP/1.1\r\n"
		"Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Protocol: " SS_STREAM_PROTOCOL "\r\nX-Agent-API-Key: %s\r\n\r\n",
		agent, epoch, key);
	if (send(fd, head, (size_t)len, MSG_NOSIGNAL) != len)
		die("send the request");
	while (have < 4 || memcmp(answer + have - 4, "\r\n\r\n", 4) != 0)
	{
		if (have == sizeof answer - 1 || recv(fd, answer + have, 1, 0) != 1)
			die("read the answer to the handshake");
		answer[++have] = '\0';
	}
	errno = 0;
	if (strncmp(answer, "HTTP/1.1 101", 12) != 0)
		die(answer);
	fcntl(fd, F_SETFL, O_NONBLOCK);
}

static void receive(void)
{
	ssize_t n = recv(fd, in + in_len, sizeof in - in_len, 0);

	if (n == 0)
		errno = 0;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		die("connection lost");
	if (n > 0)
		in_len += (size_t)n;
}

static void transmit(void)
{
	ssize_t n = send(fd, out + out_done, out_len - out_done, MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		die("send");
	if (n > 0)
		out_done += (size_t)n;
	if (out_done == out_len)
		out_done = out_len = 0;
}

int main(int argc, char **argv)
{
	char key[80] = "";
	FILE *file = argc == 5 ? fopen(argv[4], "r") : NULL;

	if (!file || fscanf(file, "%79s", key) != 1)
	{
		fprintf(stderr, "usage: stream_desktop PORT AGENT EPOCH KEY_FILE\n");
		return 2;
	}
	fclose(file);
	connect_stream((int)strtol(argv[1], NULL, 10), argv[2], argv[3], key);
	printf("ready\n");
	fflush(stdout);
	for (;;)
	{
		take_all();
		while (out_len < OUT_HIGH && produce())
			;
		if (out_len > 0)
			transmit();
		struct pollfd fds[2] = {{.fd = fd, .events = (short)(POLLIN | (out_len > 0 ? POLLOUT : 0))},
			{.events = POLLIN}};

		if (out_len == 0 && can_produce())
			continue;
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			die("poll");
		if (fds[1].revents != 0)
			return 0;
		if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
			receive();
	}
}
