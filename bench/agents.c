/*
 * agents: agents (protocol 3) that take commands and answer none, for as long as stdin is open.
 *
 *   agents PORT KEYS_FILE            a line an agent: its id and its key
 *
 * Prints "connected" once all are, and on the end of stdin how many command frames came. Pings are
 * answered and heartbeats sent, so that the server keeps the connections.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define AGENTS_MAX 16384
#define BUFFER 65536
#define HEARTBEAT_SECONDS 10
#define EVENTS_MAX 64

typedef struct agent
{
	int fd;
	size_t filled;
	unsigned char buffer[BUFFER];
} agent;

static agent *agents[AGENTS_MAX];
static size_t count;
static long commands;

static void die(const char *what)
{
	fprintf(stderr, "agents: %s: %s\n", what, errno ? strerror(errno) : "failed");
	exit(1);
}

/* One masked frame; the mask is zero, which the protocol allows a load generator. */
static void send_frame(const agent *a, int opcode, const char *data, size_t len)
{
	unsigned char frame[1024] = {(unsigned char)(0x80 | opcode)};
	size_t at = 2;

	if (len > sizeof frame - 8)
		die("frame too long");
	frame[1] = (unsigned char)(0x80 | (len < 126 ? len : 126));
	if (len >= 126)
	{
		frame[2] = (unsigned char)(len >> 8);
		frame[3] = (unsigned char)len;
		at = 4;
	}
	memset(frame + at, 0, 4);
	memcpy(frame + at + 4, data, len);
	if (send(a->fd, frame, at + 4 + len, MSG_NOSIGNAL) != (ssize_t)(at + 4 + len))
		die("send to the server");
}

static void send_message(const agent *a, const char *type, const char *payload)
{
	char text[512];
	int len = snprintf(text, sizeof text,
		"{\"type\":\"%s\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"payload\":%s}", type, payload);

	send_frame(a, 1, text, (size_t)len);
}

static void connect_agent(int port, const char *id, const char *key)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	agent *a = calloc(1, sizeof *a);
	char head[1024];
	char answer[4096];
	size_t have = 0;
	int one = 1;

	if (a == NULL || count == AGENTS_MAX)
		die("too many agents");
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (a->fd < 0 || connect(a->fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("connect");
	setsockopt(a->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	int len = snprintf(head, sizeof head,
		"GET /api/v1/agents/connect?agent_id=%s&instance_id=instance-1 HTTP/1.1\r\n"
		"Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
		"X-Agent-API-Key: %s\r\n\r\n",
		id, key);
	if (send(a->fd, head, (size_t)len, MSG_NOSIGNAL) != len)
		die("send the request");
	while (have < 4 || memcmp(answer + have - 4, "\r\n\r\n", 4) != 0)
	{
		if (have == sizeof answer - 1 || recv(a->fd, answer + have, 1, 0) != 1)
			die("read the answer to the handshake");
		answer[++have] = '\0';
	}
	if (strncmp(answer, "HTTP/1.1 101", 12) != 0)
		die(answer);
	send_message(a, "inventory", "{\"objects\":[],\"complete\":true,\"chunk\":0}");
	agents[count++] = a;
}

/* Takes what is there apart into frames. */
static void read_agent(agent *a)
{
	ssize_t got = recv(a->fd, a->buffer + a->filled, sizeof a->buffer - a->filled, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0)
		die("the server closed a connection");
	a->filled += (size_t)got;
	for (;;)
	{
		size_t at = 2, len = a->buffer[1] & 0x7f;

		if (len == 126)
		{
			len = (size_t)a->buffer[2] << 8 | a->buffer[3];
			at = 4;
		}
		if (a->filled < 4 || a->filled < at + len)
			return;
		if ((a->buffer[0] & 0x0f) == 9)
			send_frame(a, 10, (const char *)a->buffer + at, len);
		if ((a->buffer[0] & 0x0f) == 1 && memmem(a->buffer + at, len, "\"commandId\"", 11) != NULL)
			commands++;
		a->filled -= at + len;
		memmove(a->buffer, a->buffer + at + len, a->filled);
	}
}

static void send_heartbeat(const agent *a)
{
	send_message(a, "heartbeat",
		"{\"status\":\"online\",\"activeSessions\":0,\"capacity\":{\"maxSessions\":1000000}}");
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Waits; false when stdin has ended. */
static bool serve(int epoll_fd, int timeout_ms)
{
	struct epoll_event events[EVENTS_MAX];
	int ready = epoll_wait(epoll_fd, events, EVENTS_MAX, timeout_ms);

	if (ready < 0 && errno != EINTR)
		die("epoll_wait");
	for (int i = 0; i < ready; i++)
	{
		if (events[i].data.ptr == NULL)
			return false;
		read_agent(events[i].data.ptr);
	}
	return true;
}

int main(int argc, char **argv)
{
	char id[128], key[128];
	FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;
	int epoll_fd = epoll_create1(0);
	struct epoll_event event = {.events = EPOLLIN};

	if (file == NULL)
	{
		fprintf(stderr, "usage: agents PORT KEYS_FILE\n");
		return 2;
	}
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &event) < 0)
		die("stdin is no pipe");
	while (fscanf(file, "%127s %127s", id, key) == 2)
	{
		connect_agent((int)strtol(argv[1], NULL, 10), id, key);
		event.data.ptr = agents[count - 1];
		if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, agents[count - 1]->fd, &event) < 0)
			die("epoll_ctl");
		/* Those that are there already are pinged meanwhile. */
		if (!serve(epoll_fd, 0))
			return 0;
	}
	fclose(file);
	printf("connected\n");
	fflush(stdout);
	/* Each beats once in HEARTBEAT_SECONDS, one after the other. */
	long long begin = now_ms();
	size_t beaten = 0;
	while (serve(epoll_fd, 20))
	{
		size_t due = (size_t)(now_ms() - begin) * count / (HEARTBEAT_SECONDS * 1000);
		for (; beaten < due; beaten++)
			send_heartbeat(agents[beaten % count]);
	}
	printf("%ld\n", commands);
	return 0;
}
