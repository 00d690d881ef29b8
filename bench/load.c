/*
 * load: REST requests over kept-alive connections, as many at once as there are connections.
 *
 *   load PORT CONNECTIONS SECONDS STATUS TOKENS_FILE PATH BODY
 *
 * One thread, epoll. Connection n sends the n-th token of the file (one a line, again from the
 * first when there are fewer), waits for the whole answer and sends again. Prints one line:
 * answers a second, and the latency's p50 and p99 in micro-seconds, of the answers that came after
 * the first second. An answer of another status ends the run with exit status 1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER 16384
#define SAMPLES_MAX 10000000
#define WARM_UP_SECONDS 1

typedef struct client
{
	int fd;
	double sent_us;
	size_t have;
	size_t request_len;
	char request[2048];
	char buffer[BUFFER];
} client;

static unsigned *samples;
static size_t sample_count;
static int wanted_status;

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, errno ? strerror(errno) : "failed");
	exit(1);
}

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return x < y ? -1 : x > y;
}

static void open_client(client *c, int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int one = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void send_request(client *c)
{
	c->have = 0;
	c->sent_us = now_us();
	if (send(c->fd, c->request, c->request_len, MSG_NOSIGNAL) != (ssize_t)c->request_len)
		die("send");
}

/* Whether the answer is here whole; its status is checked. */
static int answer_is_whole(client *c)
{
	char *body, *length;

	c->buffer[c->have] = '\0';
	body = strstr(c->buffer, "\r\n\r\n");
	if (body == NULL)
		return 0;
	length = strcasestr(c->buffer, "content-length:");
	if (length == NULL || length > body)
		die("an answer without a length");
	if (c->have < (size_t)(body + 4 - c->buffer) + strtoul(length + 15, NULL, 10))
		return 0;
	if (strtol(c->buffer + 9, NULL, 10) != wanted_status)
	{
		fprintf(stderr, "load: %s\n", c->buffer);
		exit(1);
	}
	return 1;
}

static int read_answer(client *c)
{
	ssize_t got = recv(c->fd, c->buffer + c->have, BUFFER - 1 - c->have, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0)
		die("the server closed a connection");
	c->have += (size_t)got;
	return answer_is_whole(c);
}

/* One token of 64 hexadecimal digits a line. */
static size_t read_tokens(const char *path, char (**ret)[128])
{
	FILE *file = fopen(path, "r");
	size_t count = 0, room = 0;

	if (file == NULL)
		die(path);
	for (;;)
	{
		if (count == room)
			*ret = realloc(*ret, (room = room ? room * 2 : 256) * sizeof **ret);
		if (*ret == NULL)
			die("memory");
		if (fscanf(file, "%127s", (*ret)[count]) != 1)
			break;
		count++;
	}
	fclose(file);
	if (count == 0)
		die("no token");
	return count;
}

int main(int argc, char **argv)
{
	if (argc != 8)
	{
		fprintf(stderr, "usage: load PORT CONNECTIONS SECONDS STATUS TOKENS_FILE PATH BODY\n");
		return 2;
	}
	int port = (int)strtol(argv[1], NULL, 10);
	int count = (int)strtol(argv[2], NULL, 10);
	double seconds = strtod(argv[3], NULL);
	char(*tokens)[128] = NULL;
	size_t token_count = read_tokens(argv[5], &tokens);
	client *clients = calloc((size_t)count, sizeof *clients);
	int poll = epoll_create1(EPOLL_CLOEXEC);

	wanted_status = (int)strtol(argv[4], NULL, 10);
	samples = malloc(SAMPLES_MAX * sizeof *samples);
	if (clients == NULL || samples == NULL || poll < 0)
		die("memory");
	for (int i = 0; i < count; i++)
	{
		client *c = &clients[i];
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
		int len = snprintf(c->request, sizeof c->request,
			"%s %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n"
			"Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
			argv[7][0] ? "POST" : "GET", argv[6], tokens[(size_t)i % token_count], strlen(argv[7]),
			argv[7]);

		if (len < 0 || (size_t)len >= sizeof c->request)
			die("the request is too long");
		c->request_len = (size_t)len;
		open_client(c, port);
		if (epoll_ctl(poll, EPOLL_CTL_ADD, c->fd, &event) < 0)
			die("epoll");
	}
	for (int i = 0; i < count; i++)
		send_request(&clients[i]);
	double begin = now_us() + WARM_UP_SECONDS * 1e6;
	double end = begin + seconds * 1e6;

	for (double now = now_us(); now < end; now = now_us())
	{
		struct epoll_event events[64];
		int n = epoll_wait(poll, events, 64, 100);

		for (int i = 0; i < n; i++)
		{
			client *c = events[i].data.ptr;

			if (!read_answer(c))
				continue;
			double when = now_us();
			if (when >= begin && sample_count < SAMPLES_MAX)
				samples[sample_count++] = (unsigned)(when - c->sent_us);
			send_request(c);
		}
	}
	if (sample_count == 0)
		die("no answer");
	qsort(samples, sample_count, sizeof *samples, compare);
	printf("%.1f %u %u\n", (double)sample_count / seconds, samples[sample_count / 2],
		samples[(size_t)((double)sample_count * 0.99)]);
	return 0;
}
