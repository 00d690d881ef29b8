/* listen: name resolution, bind, listen. */
#include "server/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"

#define BACKLOG 1024

static int split(const char *address, char *host, size_t host_size, char *port, size_t port_size)
{
	const char *colon = strrchr(address, ':');
	if (colon == NULL || colon[1] == '\0')
		return -1;
	size_t len = (size_t)(colon - address);
	if (len >= 2 && address[0] == '[' && address[len - 1] == ']')
	{
		address++;
		len -= 2;
	}
	if (len >= host_size || strlen(colon + 1) >= port_size)
		return -1;
	memcpy(host, address, len);
	host[len] = '\0';
	snprintf(port, port_size, "%s", colon + 1);
	return 0;
}

static int open_one(const struct addrinfo *ai)
{
	int one = 1;
	auto_close int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0)
		return -1;
	return ss_steal_fd(fd);
}

static int port_of(int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof address;
	if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		return 0;
	if (address.ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)(const void *)&address)->sin6_port);
	return ntohs(((const struct sockaddr_in *)(const void *)&address)->sin_port);
}

int listen_open(const char *address, int *ret_fd, int *ret_port, ss_error *err)
{
	char host[256];
	char port[16];
	struct addrinfo *found = NULL;
	const struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};

	if (split(address, host, sizeof host, port, sizeof port))
		return ss_fail(err, "listen_failed", "%s is not HOST:PORT", address);
	int rc = getaddrinfo(host[0] ? host : NULL, port, &hints, &found);
	if (rc != 0)
		return ss_fail(err, "listen_failed", "%s: %s", address, gai_strerror(rc));
	int fd = -1;
	for (const struct addrinfo *ai = found; ai != NULL && fd < 0; ai = ai->ai_next)
		fd = open_one(ai);
	int errnum = errno;
	freeaddrinfo(found);
	if (fd < 0)
		return ss_fail(err, "listen_failed", "%s: %s", address, strerror(errnum));
	*ret_fd = fd;
	*ret_port = port_of(fd);
	return 0;
}
