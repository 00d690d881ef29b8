/* socket_admit: admission threads of all classes but the agents' commands. */
#include "server/socket_admit.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/queue.h"
#include "server/dispatch_loop.h"
#include "server/socket_refuse.h"

#define THREADS_MAX 32

struct socket_admission
{
	ss_queue *queue; /* of socket_offer */
	pthread_t thread[THREADS_MAX];
	int threads;
};

void socket_offer_free(socket_offer *offer)
{
	if (!offer)
		return;
	const socket_handler *of = socket_handlers[offer->class];

	if (of->drop && offer->admitted)
		of->drop(offer);
	if (offer->fd >= 0)
		close(offer->fd);
	free(offer);
}

static void refuse(dispatch *d, socket_offer *offer, const ss_error *err)
{
	DISPATCH_COUNT(d, sockets_refused);
	ss_log(SS_LOG_INFO, socket_handlers[offer->class]->name, "refused", "code", err->code, NULL);
	socket_refuse(d, &offer->fd, offer->len, err);
	socket_offer_free(offer);
}

static void refuse_with(dispatch *d, socket_offer *offer, const char *code, const char *message)
{
	ss_error err = SS_ERROR_INIT;

	ss_fail(&err, code, "%s", message);
	refuse(d, offer, &err);
}

/* Whether the peer has given up while the offer waited: then nothing shall be used up for it. */
static bool is_gone(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLRDHUP};

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL));
}

static int check_protocol(const socket_offer *offer, ss_error *err)
{
	const char *wanted = socket_handlers[offer->class]->subprotocol;

	if (!offer->head.field[SOCKET_FIELD_PROTOCOL].at ||
		(wanted && socket_head_lists(&offer->head, SOCKET_FIELD_PROTOCOL, wanted)))
		return 0;
	if (!wanted)
		return ss_fail(err, "invalid_argument", "there is no subprotocol here");
	return ss_fail(err, "invalid_argument", "the one subprotocol, if any, is `%s`", wanted);
}

static void admit(dispatch *d, socket_offer *offer)
{
	const socket_handler *of = socket_handlers[offer->class];
	ss_error err = SS_ERROR_INIT;

	if (atomic_load(&d->stopping))
	{
		refuse_with(d, offer, "shutting_down", "the server is shutting down");
		return;
	}
	if (is_gone(offer->fd))
	{
		socket_offer_free(offer);
		return;
	}
	if (socket_head_parse(
			offer->text, offer->len, socket_paths[offer->class].upgrade, &offer->head, &err) == 0 &&
		check_protocol(offer, &err) == 0 && of->admit(d, offer, &err) == 0)
	{
		loop_event *event = dispatch_loop_new_event(LOOP_OPEN);

		if (!event)
		{
			refuse_with(d, offer, "overloaded", "no memory");
			return;
		}
		DISPATCH_COUNT(d, sockets_admitted);
		event->socket = offer;
		dispatch_loop_post(d, event);
		return;
	}
	if (err.http_status >= 500 && dispatch_error_is_transient(&err) &&
		strcmp(err.code, "overloaded") != 0)
	{
		DISPATCH_COUNT(d, errors);
		ss_log_error(SS_LOG_WARNING, of->name, "admission_failed", &err, NULL);
		ss_fail(&err, "database_unavailable", "the database cannot be reached");
	}
	else if (err.http_status == 500)
	{
		DISPATCH_COUNT(d, errors);
		ss_log_error(SS_LOG_ERROR, of->name, "admission_failed", &err, NULL);
	}
	refuse(d, offer, &err);
}

static void *run(void *arg)
{
	dispatch *d = arg;
	void *offer;

	while (ss_queue_pop(d->socket_admission->queue, &offer, -1) == 0)
		admit(d, offer);
	return NULL;
}

int socket_admission_start(dispatch *d, ss_error *err)
{
	socket_admission *a = d->socket_admission = calloc(1, sizeof(*a));

	if (!a || !(a->queue = ss_queue_new((size_t)d->cfg.socket_queue)))
		return ss_fail(err, "internal", "no memory for admissions");
	for (long long i = 0; i < d->cfg.socket_threads && i < THREADS_MAX; i++)
	{
		if (dispatch_thread_start(&a->thread[i], "sockets", run, d, err))
			return -1;
		a->threads++;
	}
	return 0;
}

void socket_admission_stop(dispatch *d)
{
	socket_admission *a = d->socket_admission;

	if (!a || !a->queue)
		return;
	ss_queue_close(a->queue);
	for (int i = 0; i < a->threads; i++)
		pthread_join(a->thread[i], NULL);
	a->threads = 0;
}

void socket_admission_free(dispatch *d)
{
	if (!d->socket_admission)
		return;
	ss_queue_free(d->socket_admission->queue);
	free(d->socket_admission);
	d->socket_admission = NULL;
}

int socket_admission_offer(dispatch *d, socket_offer *offer)
{
	int rc = ss_queue_push(d->socket_admission->queue, offer, 0);

	if (rc == 0)
		return 0;
	if (rc > 0)
		refuse_with(d, offer, "overloaded", "too many connections wait to be admitted");
	else
		refuse_with(d, offer, "shutting_down", "the server is shutting down");
	return -1;
}

long long socket_admission_waiting(dispatch *d)
{
	return (long long)ss_queue_len(d->socket_admission->queue);
}

const char *socket_offer_address(const socket_offer *offer, char buf[CLIENT_ADDRESS_TEXT])
{
	char forwarded[1024];
	const address_set *trusted = offer->d->cfg.trusted_proxies;
	int rc =
		socket_head_copy(&offer->head, SOCKET_FIELD_FORWARDED_FOR, forwarded, sizeof(forwarded));
	client_address found = offer->peer;

	if (trusted && rc == 0)
		found = client_address_find(trusted, offer->peer, forwarded);
	return client_address_format(&found, buf);
}
