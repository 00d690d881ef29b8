/*
 * driver_kubernetes_dial: connections of viewers to the desktops of pods, at the pod's own address
 * (the agent runs in the cluster, or has a route to its pods). Any thread; never blocks.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/driver_kubernetes.h"
#include "common/cleanup.h"

/* A pod that vanished with its node says nothing: its viewers are let go after so long. */
#define KEEPALIVE_IDLE_S 30
#define KEEPALIVE_STEP_S 10
#define KEEPALIVE_COUNT 3
#define UNACKNOWLEDGED_MS 60000

/*
 * The pod's address and port. Without `address` the question is whether the session has ended: a
 * pod that misses a readiness probe has not, and its viewers stay.
 */
static int find_running(driver_instance *driver, const char *id, char *address, size_t size,
	int *ret_port, ss_error *err)
{
	k8s_view view;
	int result = 0;

	pthread_mutex_lock(&driver->lock);
	const k8s_session *session = strlen(id) < K8S_ID_SIZE ? k8s_cache_find(driver, id) : NULL;
	if (session == NULL)
		result = ss_fail(err, "session_not_found", "this agent has no such session");
	else
	{
		k8s_cache_view(session, &view);
		bool running = k8s_is(view.state, "running");
		if (!running && (address != NULL || !k8s_is(view.state, "starting")))
			result = ss_fail(err, "session_not_running", "the session's pod is not ready");
		else if (address != NULL)
		{
			snprintf(address, size, "%s", view.pod->ip);
			*ret_port = session->deployment.port;
		}
	}
	pthread_mutex_unlock(&driver->lock);
	return result;
}

static void set_option(int fd, int level, int name, int value)
{
	(void)setsockopt(fd, level, name, &value, sizeof value);
}

static int begin_connect(const struct addrinfo *to, int *ret_fd)
{
	auto_close int fd =
		socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (fd < 0)
		return -1;
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_STEP_S);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT);
	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS);
	if (connect(fd, to->ai_addr, to->ai_addrlen) < 0 && errno != EINPROGRESS)
		return -1;
	*ret_fd = ss_steal_fd(fd);
	return 0;
}

int k8s_dial(driver_instance *driver, const char *session_id, int *ret_fd, ss_error *err)
{
	/* Numbers only: an address of the cluster is never looked up by name. */
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	char address[64] = "";
	char port[16];
	int number = 0;

	if (find_running(
			driver, session_id, ret_fd != NULL ? address : NULL, sizeof address, &number, err) < 0)
		return -1;
	if (ret_fd == NULL)
		return 0;
	snprintf(port, sizeof port, "%d", number);
	if (getaddrinfo(address, port, &hints, &found) != 0)
		return ss_fail(err, "refused", "the pod's address is none");
	int result = begin_connect(found, ret_fd);
	int code = errno;
	freeaddrinfo(found);
	return result < 0 ? ss_fail(err, "refused", "connect to the pod: %s", strerror(code)) : 0;
}
