/* One attempt to connect, from where a stranger stands. */
#include "agent/network_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "common/exit.h"

int network_probe_run(const char *host, const char *port)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	int error = 0;
	socklen_t size = sizeof error;
	if (getaddrinfo(host, port, &hints, &found) != 0)
	{
		fprintf(stderr, "streamspace-agent: probe: a numeric address and a port are needed\n");
		return SS_EXIT_USAGE;
	}
	auto_close int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = fd < 0 ? -1 : connect(fd, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	if (rc < 0 && fd >= 0 && errno == EINPROGRESS)
	{
		struct pollfd wait = {.fd = fd, .events = POLLOUT};
		if (poll(&wait, 1, NETWORK_PROBE_MS) == 1 &&
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
			rc = 0;
	}
	printf("%s port %s: %s\n", host, port, rc == 0 ? "reached" : "not reached");
	return rc == 0 ? NETWORK_PROBE_OPEN : SS_EXIT_OK;
}
