/* relay_dial: see relay_dial.h. */
#include "server/relay_dial.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/crypto.h"
#include "common/log.h"
#include "common/timeutil.h"
#include "server/client_address.h"

#define DIAL_MS 3000
#define HEAD_MAX 1024

static int wait_for(int fd, short events, long long until_ms)
{
	struct pollfd p = {.fd = fd, .events = events};
	long long left = until_ms - ss_time_monotonic_ms();

	return left > 0 && poll(&p, 1, (int)left) > 0 ? 0 : -1;
}

/* Numeric only: nobody waits for a name server here. */
static int connect_to(const char *address, long long until_ms)
{
	char host[CLIENT_ADDRESS_TEXT];
	const char *colon = strrchr(address, ':');
	struct addrinfo *found = NULL;
	const struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	int failed = 0;
	socklen_t len = sizeof(failed);

	if (!colon)
		return -1;
	bool bracketed = address[0] == '[' && colon > address + 1 && colon[-1] == ']';
	const char *start = address + (bracketed ? 1 : 0);

	snprintf(host, sizeof(host), "%.*s", (int)(colon - start - (bracketed ? 1 : 0)), start);
	if (getaddrinfo(host, colon + 1, &hints, &found))
		return -1;
	auto_close int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int rc = fd < 0 ? -1 : connect(fd, found->ai_addr, found->ai_addrlen);

	if (rc != 0 && fd >= 0 && errno == EINPROGRESS)
		rc = wait_for(fd, POLLOUT, until_ms) ||
			 getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &len) || failed;
	freeaddrinfo(found);
	return rc ? -1 : ss_steal_fd(fd);
}

static int send_request(int fd, const char *address, const char *ticket)
{
	char text[HEAD_MAX];
	int len = snprintf(text, sizeof(text),
		"GET /api/v1/relay HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\n"
		"Upgrade: streamspace-relay\r\nX-StreamSpace-Relay-Ticket: %s\r\n\r\n",
		address, ticket);
	/* It fits in the buffer of a fresh connection. */
	bool sent = len > 0 && len < (int)sizeof(text) &&
				send(fd, text, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT) == len;

	ss_crypto_wipe(text, sizeof(text));
	return sent ? 0 : -1;
}

/* Reads the answer's head and not a byte more: behind it the desktop speaks already. */
static int read_answer(int fd, long long until_ms)
{
	static const char good[] = "HTTP/1.1 101 ";
	char text[HEAD_MAX];
	size_t len = 0;

	while (len < sizeof(text))
	{
		ssize_t n = recv(fd, text + len, 1, MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
		{
			if (wait_for(fd, POLLIN, until_ms))
				return -1;
			continue;
		}
		if (n <= 0)
			return -1;
		len++;
		if (len >= 4 && memcmp(text + len - 4, "\r\n\r\n", 4) == 0)
			return memcmp(text, good, sizeof(good) - 1) == 0 ? 0 : -1;
	}
	return -1;
}

static int dial(const char *address, const char *ticket)
{
	long long until_ms = ss_time_monotonic_ms() + DIAL_MS;
	auto_close int fd = connect_to(address, until_ms);

	if (fd < 0 || send_request(fd, address, ticket) || read_answer(fd, until_ms))
		return -1;
	return ss_steal_fd(fd);
}

int relay_dial(dispatch *d, const char *address, const char *ticket, int *ret_fd, ss_error *err)
{
	if (!address || !ticket)
		return ss_fail(err, "agent_unreachable", "no server reaches the agent");
	/* A server that does not answer shall not take the threads of all other viewers. */
	if (atomic_fetch_add(&d->dials, 1) >= d->cfg.socket_threads / 2)
	{
		atomic_fetch_sub(&d->dials, 1);
		return ss_fail(err, "overloaded", "too many viewers wait for other servers");
	}
	int fd = dial(address, ticket);

	atomic_fetch_sub(&d->dials, 1);
	if (fd < 0)
	{
		ss_log(SS_LOG_WARNING, "relay", "dial_failed", "address", address, NULL);
		return ss_fail(err, "agent_unreachable", "the server that has the agent does not answer");
	}
	*ret_fd = fd;
	return 0;
}
