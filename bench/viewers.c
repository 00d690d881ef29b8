/*
 * viewers: many viewers of desktop.c over WebSockets, in one thread.
 *
 *   viewers PORT small SECONDS SIZE [PROTOCOL] <PATHS    each asks for an answer of SIZE bytes, and
 * again when it is there: answers/s, p50 and p99 of one in us viewers PORT bulk SECONDS SIZE
 * [PROTOCOL] <PATHS     each asks once for answers without end: MB/s of all viewers PORT hold 0 0
 * [PROTOCOL] <PATHS              opens them, says "open", closes them on SIGTERM
 *
 * PATHS: a request path a line, a connection each. PROTOCOL: the subprotocol to offer. Masks are
 * zero, which the protocol allows a load generator.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define VIEWERS_MAX 2048
#define SAMPLES_MAX (4u << 20)
#define GREETING (12 + 2 + 4 + 24) /* what the desktop says before the first order */

typedef struct viewer
{
	int fd;
	unsigned long long received; /* payload */
	unsigned long long wanted;   /* ... at which the answer is whole */
	double asked;
	/* the frame that is being read */
	unsigned char head[10];
	size_t head_len;
	unsigned long long left;
	bool control;
	unsigned char ping[125];
	size_t ping_len;
} viewer;

static viewer viewers[VIEWERS_MAX];
static size_t count;
static unsigned answer_size;
static unsigned char buffer[1 << 18];
static double *samples;
static size_t sample_count;
static unsigned long long bytes;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "viewers: %s: %s\n", what, errno ? strerror(errno) : "failed");
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void send_frame(viewer *v, int opcode, const void *data, size_t len)
{
	unsigned char frame[6 + 125] = {(unsigned char)(0x80 | opcode), (unsigned char)(0x80 | len)};

	memcpy(frame + 6, data, len);
	if (send(v->fd, frame, 6 + len, MSG_NOSIGNAL) != (ssize_t)(6 + len))
		die("send");
}

/* times 0: without end. */
static void order(viewer *v, unsigned times)
{
	const unsigned char message[10] = {3, 0, (unsigned char)(answer_size >> 24),
		(unsigned char)(answer_size >> 16), (unsigned char)(answer_size >> 8),
		(unsigned char)answer_size, (unsigned char)(times >> 8), (unsigned char)times};

	v->wanted = v->received + answer_size;
	v->asked = now();
	send_frame(v, 2, message, sizeof message);
}

/* Payload of the frame that is being read. */
static void consume(viewer *v, const unsigned char *data, size_t len)
{
	if (!v->control)
	{
		v->received += len;
		bytes += len;
		return;
	}
	if (v->ping_len + len <= sizeof v->ping)
	{
		memcpy(v->ping + v->ping_len, data, len);
		v->ping_len += len;
	}
}

static void end_frame(viewer *v)
{
	int opcode = v->head[0] & 15;

	v->head_len = 0;
	if (opcode == 8)
	{
		errno = 0;
		die("closed by the server");
	}
	if (opcode == 9)
		send_frame(v, 10, v->ping, v->ping_len);
	v->ping_len = 0;
}

static void take(viewer *v, const unsigned char *data, size_t len)
{
	while (len > 0)
	{
		if (v->left > 0)
		{
			size_t n = v->left < len ? (size_t)v->left : len;

			consume(v, data, n);
			v->left -= n;
			data += n;
			len -= n;
			if (v->left == 0)
				end_frame(v);
			continue;
		}
		v->head[v->head_len++] = *data++;
		len--;
		size_t whole = v->head_len < 2             ? 2
					   : (v->head[1] & 127) == 126 ? 4
					   : (v->head[1] & 127) == 127 ? 10
												   : 2;

		if (v->head_len < whole)
			continue;
		v->left = whole == 2 ? v->head[1] & 127u : 0;
		for (size_t i = 2; i < whole; i++)
			v->left = v->left << 8 | v->head[i];
		v->control = (v->head[0] & 15) >= 8;
		if (v->left == 0)
			end_frame(v);
	}
}

static void read_some(viewer *v, int flags)
{
	ssize_t n = recv(v->fd, buffer, sizeof buffer, flags);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == 0)
		errno = 0;
	if (n <= 0)
		die("connection lost");
	take(v, buffer, (size_t)n);
}

static void await(viewer *v, unsigned long long total)
{
	while (v->received < total)
		read_some(v, 0);
}

static void open_viewer(int port, const char *path, const char *protocol)
{
	viewer *v = &viewers[count++];
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	char head[1024], answer[4096], offer[128] = "";
	size_t have = 0;
	int one = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (v->fd < 0 || connect(v->fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("connect");
	setsockopt(v->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (protocol)
		snprintf(offer, sizeof offer, "Sec-WebSocket-Protocol: %s\r\n", protocol);
	int len = snprintf(head, sizeof head,
		"GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
		path, port, offer);
	if (send(v->fd, head, (size_t)len, MSG_NOSIGNAL) != len)
		die("send the request");
	while (have < 4 || memcmp(answer + have - 4, "\r\n\r\n", 4) != 0)
	{
		if (have == sizeof answer - 1 || recv(v->fd, answer + have, 1, 0) != 1)
			die("read the answer to the handshake");
		answer[++have] = '\0';
	}
	errno = 0;
	if (strncmp(answer, "HTTP/1.1 101", 12) != 0)
		die(answer);
	await(v, 12);
	send_frame(v, 2, "RFB 003.008\n", 12);
	await(v, 14);
	send_frame(v, 2, "\1", 1);
	await(v, 18);
	send_frame(v, 2, "\1", 1);
	await(v, GREETING);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void run(bool small, double seconds)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	for (size_t i = 0; i < count; i++)
	{
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = &viewers[i]};

		if (epoll_ctl(epoll, EPOLL_CTL_ADD, viewers[i].fd, &event) != 0)
			die("epoll");
	}
	bytes = 0;
	double begin = now(), end = begin + seconds;

	for (size_t i = 0; i < count; i++)
		order(&viewers[i], small);
	while (now() < end)
	{
		struct epoll_event events[64];
		int n = epoll_wait(epoll, events, 64, 100);

		for (int i = 0; i < n; i++)
		{
			viewer *v = events[i].data.ptr;

			read_some(v, MSG_DONTWAIT);
			if (!small || v->received < v->wanted)
				continue;
			if (sample_count < SAMPLES_MAX)
				samples[sample_count++] = (now() - v->asked) * 1e6;
			order(v, 1);
		}
	}
	double spent = now() - begin;

	if (!small)
	{
		printf("%.1f\n", (double)bytes / spent / 1e6);
		return;
	}
	if (sample_count == 0)
		die("no answer");
	qsort(samples, sample_count, sizeof *samples, by_value);
	printf("%.1f %.1f %.1f\n", (double)sample_count / spent, samples[sample_count / 2],
		samples[sample_count * 99 / 100]);
}

int main(int argc, char **argv)
{
	char path[512];

	if (argc < 5 || argc > 6)
	{
		fprintf(stderr, "usage: viewers PORT small|bulk|hold SECONDS SIZE [PROTOCOL] <PATHS\n");
		return 2;
	}
	answer_size = (unsigned)strtoul(argv[4], NULL, 10);
	samples = malloc(SAMPLES_MAX * sizeof *samples);
	if (!samples)
		die("memory");
	while (count < VIEWERS_MAX && scanf("%511s", path) == 1)
		open_viewer((int)strtol(argv[1], NULL, 10), path, argc == 6 ? argv[5] : NULL);
	if (strcmp(argv[2], "hold") == 0)
	{
		printf("open\n");
		fflush(stdout);
		pause();
	}
	run(strcmp(argv[2], "small") == 0, strtod(argv[3], NULL));
	return 0;
}
