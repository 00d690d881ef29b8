/*
 * socket_refuse: see socket_refuse.h.
 *
 * The request was only peeked at: it is read away first, for a socket that is closed with unread
 * bytes is reset, and a reset may overtake the answer. Then the answer, the end of our side, and
 * the loop keeps the socket until the peer has closed too.
 */
#include "server/socket_refuse.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/crypto.h"
#include "server/answer.h"
#include "server/dispatch_loop.h"

#define RESPONSE_MAX 8192

void socket_read_away(int fd, size_t len)
{
	char scratch[4096];

	while (len > 0)
	{
		ssize_t got =
			recv(fd, scratch, len < sizeof(scratch) ? len : sizeof(scratch), MSG_DONTWAIT);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return;
		len -= (size_t)got;
	}
}

static const char *reason_phrase(int status)
{
	static const struct
	{
		int status;
		const char *phrase;
	} known[] = {
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{409, "Conflict"},
		{422, "Unprocessable Content"},
		{426, "Upgrade Required"},
		{429, "Too Many Requests"},
		{503, "Service Unavailable"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].status == status)
			return known[i].phrase;
	return "Error";
}

static int print_response(dispatch *d, const ss_error *err, char *ret, size_t size)
{
	char id[SS_HEX_SIZE] = "", retry[48] = "";
	answer a = {0};
	ss_error ignored = SS_ERROR_INIT;

	if (ss_random_token(id, &ignored))
		id[0] = '\0';
	id[32] = '\0';
	answer_set_problem(&a, err, id);
	if (!a.body)
		return -1;
	if (a.status == 503 || a.status == 409 || a.status == 429)
		snprintf(retry, sizeof(retry), "Retry-After: %lld\r\n", d->cfg.retry_after_seconds);
	int len = snprintf(ret, size,
		"HTTP/1.1 %d %s\r\nContent-Type: " ANSWER_PROBLEM "\r\nContent-Length: %zu\r\n"
		"%s%sCache-Control: no-store\r\nX-Request-Id: %s\r\nConnection: close\r\n\r\n%s",
		a.status, reason_phrase(a.status), a.len, retry,
		a.status == 426 ? "Sec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n" : "", id, a.body);

	answer_done(&a);
	return len > 0 && (size_t)len < size ? len : -1;
}

void socket_refuse(dispatch *d, int *fd, size_t len, const ss_error *err)
{
	char response[RESPONSE_MAX];
	int size = print_response(d, err, response, sizeof(response));

	socket_read_away(*fd, len);
	if (size <= 0 ||
		send(*fd, response, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)size ||
		shutdown(*fd, SHUT_WR) != 0)
		return;
	loop_event *event = dispatch_loop_new_event(LOOP_LINGER);

	if (!event)
		return;
	event->fd = ss_steal_fd(*fd);
	dispatch_loop_post(d, event);
}
