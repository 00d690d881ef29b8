/*
 * p8: how long a loop with many agents takes to answer one of them.
 *
 *   p8 PORT AGENT KEY SAMPLES GAP_US
 *
 * Connects as that agent and sends WebSocket pings, one after the other with a pause in between;
 * prints for each how many micro-seconds its pong took.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static unsigned char buffer[65536];
static size_t filled;
static int fd;

static void die(const char *what)
{
	fprintf(stderr, "p8: %s: %s\n", what, errno ? strerror(errno) : "failed");
	exit(1);
}

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void send_all(const void *data, size_t len)
{
	if (send(fd, data, len, MSG_NOSIGNAL) != (ssize_t)len)
		die("send");
}

static void fill(void)
{
	ssize_t got = recv(fd, buffer + filled, sizeof buffer - filled, 0);

	if (got <= 0)
		die("the server closed the connection");
	filled += (size_t)got;
}

/* Takes one frame away; its opcode. Masks of zero are allowed to a load generator. */
static int take_frame(void)
{
	for (;;)
	{
		size_t at = 2, len = filled >= 2 ? buffer[1] & 0x7f : 0;
		if (len == 126 && filled >= 4)
		{
			len = (size_t)buffer[2] << 8 | buffer[3];
			at = 4;
		}
		if (filled >= 4 && filled >= at + len)
		{
			int opcode = buffer[0] & 0x0f;
			unsigned char pong[131] = {0x8a, (unsigned char)(0x80 | len)};
			if (opcode == 9 && len < 126)
			{
				memcpy(pong + 6, buffer + at, len);
				send_all(pong, 6 + len);
			}
			filled -= at + len;
			memmove(buffer, buffer + at + len, filled);
			return opcode;
		}
		/* A pong without a payload has two bytes only; ours have four. */
		fill();
	}
}

static void connect_agent(int port, const char *id, const char *key)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	char head[1024];
	int one = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	int len = snprintf(head, sizeof head,
		"GET /api/v1/agents/connect?agent_id=%s&instance_id=instance-p8 HTTP/1.1\r\n"
		"Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
		"X-Agent-API-Key: %s\r\n\r\n",
		id, key);
	send_all(head, (size_t)len);
	char *end = NULL;
	while (filled < sizeof buffer && (end = memmem(buffer, filled, "\r\n\r\n", 4)) == NULL)
		fill();
	if (end == NULL || memcmp(buffer, "HTTP/1.1 101", 12) != 0)
		die("the handshake was refused");
	filled -= (size_t)((unsigned char *)end + 4 - buffer);
	memmove(buffer, end + 4, filled);
	while (take_frame() != 1) /* the welcome */
		;
}

int main(int argc, char **argv)
{
	static const unsigned char ping[] = {0x89, 0x84, 0, 0, 0, 0, 'e', 'c', 'h', 'o'};

	if (argc != 6)
	{
		fprintf(stderr, "usage: p8 PORT AGENT KEY SAMPLES GAP_US\n");
		return 2;
	}
	connect_agent((int)strtol(argv[1], NULL, 10), argv[2], argv[3]);
	long samples = strtol(argv[4], NULL, 10);
	long gap = strtol(argv[5], NULL, 10);
	for (long i = 0; i < samples; i++)
	{
		struct timespec pause = {.tv_nsec = gap * 1000};
		nanosleep(&pause, NULL);
		long long begin = now_ns();
		send_all(ping, sizeof ping);
		while (take_frame() != 10)
			;
		printf("%.1f\n", (double)(now_ns() - begin) / 1000);
	}
	return 0;
}
