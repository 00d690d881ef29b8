/* dispatch: start, stop and counters. See dispatch.h. */
#include "server/dispatch.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/timeutil.h"
#include "server/agent_admit.h"
#include "server/agent_registry.h"
#include "server/claimer.h"
#include "server/dispatch_internal.h"
#include "server/dispatch_loop.h"
#include "server/listener.h"
#include "server/socket_admit.h"
#include "server/stream_clerk.h"
#include "server/stream_table.h"
#include "server/sweeper.h"
#include "server/writer.h"

#define HEAD_MAX 16384

int dispatch_thread_start(
	pthread_t *ret, const char *name, void *(*run)(void *), void *arg, ss_error *err)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(ret, NULL, run, arg);

	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc)
		return ss_fail_errno(err, rc, "start thread %s", name);
	pthread_setname_np(*ret, name);
	return 0;
}

bool dispatch_error_is_transient(const ss_error *err)
{
	static const char *const classes[] = {
		"08", /* connection */
		"40", /* serialization failure, deadlock */
		"53", /* resources */
		"55", /* object in use, lock not available */
		"57", /* shutdown, cancelled */
		"58", /* system error */
	};

	if (strcmp(err->code, "database_unavailable") == 0 || strcmp(err->code, "overloaded") == 0)
		return true;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strncmp(err->sqlstate, classes[i], 2) == 0)
			return true;
	return strcmp(err->sqlstate, "25006") == 0; /* read-only: a stand-by about to take over */
}

/* Fills in defaults and checks the ranges. */
static int take_config(dispatch_config *cfg, const dispatch_config *given, ss_error *err)
{
	*cfg = *given;
	if (!cfg->database || !cfg->replica)
		return ss_fail(err, "internal", "the dispatcher needs a database and a replica id");
#define DISPATCH_FIELD(name, kind, default_value, least, most, help) \
	if (cfg->name == 0) \
		cfg->name = default_value; \
	if (cfg->name < (least) || cfg->name > (most)) \
		return ss_fail(err, "internal", #name " is out of range");
#include "server/dispatch_options.h"
#undef DISPATCH_FIELD
	return 0;
}

static int start_parts(dispatch *d, ss_error *err)
{
	d->registry = agent_registry_new();
	d->streams = stream_table_new();
	if (!d->registry || !d->streams)
		return ss_fail(err, "internal", "no memory for the register of agents");
	if (stream_clerk_start(d, err) || dispatch_loop_start(d, err) || writer_start(d, err) ||
		claimer_start(d, err) || agent_admission_start(d, err) || socket_admission_start(d, err) ||
		listener_start(d, err) || sweeper_start(d, err))
		return -1;
	return 0;
}

/* The order is the dependence: who still posts or puts is stopped before who takes it. */
static void stop_parts(dispatch *d)
{
	long long deadline_ms = ss_time_monotonic_ms() + d->cfg.stop_seconds * 1000;

	atomic_store(&d->stopping, true);
	sweeper_stop(d);
	agent_admission_stop(d);
	socket_admission_stop(d);
	claimer_stop(d);
	listener_stop(d);
	if (d->writer)
	{
		loop_event *event = dispatch_loop_new_event(LOOP_GOODBYE);

		if (event)
			dispatch_loop_post(d, event);
		agent_registry_wait_empty(d->registry, (int)(d->cfg.stop_seconds * 500));
		writer_stop(d, deadline_ms);
	}
	dispatch_loop_stop(d);
	stream_clerk_stop(d);
	stream_table_free(d->streams);
	agent_admission_free(d);
	socket_admission_free(d);
	listener_free(d);
	claimer_free(d);
	agent_registry_free(d->registry);
	free(d);
}

int dispatch_start(const dispatch_config *cfg, db_pool *pool, dispatch **ret, ss_error *err)
{
	dispatch *d = calloc(1, sizeof(*d));

	if (!d)
		return ss_fail(err, "internal", "no memory for the dispatcher");
	if (take_config(&d->cfg, cfg, err))
	{
		free(d);
		return -1;
	}
	d->pool = pool;
	if (start_parts(d, err))
	{
		stop_parts(d);
		return ss_wrap(err, "start the dispatcher");
	}
	*ret = d;
	return 0;
}

static int offer_agent(dispatch *d, int fd, const char *head, size_t len)
{
	agent_offer *offer = len <= HEAD_MAX ? calloc(1, sizeof(*offer) + len) : NULL;

	if (!offer)
	{
		close(fd);
		return -1;
	}
	offer->fd = fd;
	offer->len = len;
	memcpy(offer->text, head, len);
	return agent_admission_offer(d, offer);
}

static int offer_socket(dispatch *d, socket_class class, int fd, const struct sockaddr *peer,
	const char *head, size_t len)
{
	socket_offer *offer = len <= HEAD_MAX ? calloc(1, sizeof(*offer) + len) : NULL;

	if (!offer)
	{
		close(fd);
		return -1;
	}
	offer->d = d;
	offer->class = class;
	offer->fd = fd;
	offer->peer = client_address_of(peer);
	offer->len = len;
	memcpy(offer->text, head, len);
	return socket_admission_offer(d, offer);
}

int dispatch_offer(dispatch *d, socket_class class, int fd, const struct sockaddr *peer,
	const char *head, size_t len)
{
	if (class == SOCKET_AGENT)
		return offer_agent(d, fd, head, len);
	return offer_socket(d, class, fd, peer, head, len);
}

void dispatch_stop(dispatch *d)
{
	if (!d)
		return;
	stop_parts(d);
	ss_log(SS_LOG_INFO, "dispatch", "stopped", NULL);
}

void dispatch_get_stats(dispatch *d, dispatch_stats *ret)
{
	*ret = (dispatch_stats){
		.agents_connected = agent_registry_count(d->registry),
		.admissions_waiting = agent_admission_waiting(d),
		.viewers = atomic_load(&d->viewers),
		.relays = atomic_load(&d->relays),
		.stream_sockets = atomic_load(&d->stream_sockets),
		.stream_bytes = atomic_load(&d->stream_bytes),
		.stream_reserved = atomic_load(&d->stream_reserved),
		.sockets_waiting = socket_admission_waiting(d),
		.write_queue_length = writer_length(d),
		.write_queue_bytes = writer_bytes(d),
		.listening = atomic_load(&d->listening),
		.asleep = atomic_load(&d->asleep),
	};
#define READ(counter) ret->counter = atomic_load_explicit(&d->count.counter, memory_order_relaxed)
	READ(admissions_accepted);
	READ(admissions_refused);
	READ(connections_lost);
	READ(frames_received);
	READ(frames_sent);
	READ(frames_rejected);
	READ(frames_unsupported);
	READ(agents_slow);
	READ(agents_silent);
	READ(reads_held);
	READ(rings_received);
	READ(awakenings);
	READ(polls);
	READ(claims);
	READ(commands_claimed);
	READ(commands_ahead);
	READ(commands_undelivered);
	READ(results_written);
	READ(results_refused);
	READ(items_written);
	READ(items_refused);
	READ(items_dropped);
	READ(ticks);
	READ(sockets_admitted);
	READ(sockets_refused);
	READ(viewer_bytes_received);
	READ(viewer_bytes_sent);
	READ(viewer_reads_held);
	READ(viewer_reviews);
	READ(viewers_cut);
	READ(viewers_malformed);
	READ(viewers_silent);
	READ(viewers_slow);
	READ(stream_bytes_to_agents);
	READ(stream_bytes_from_agents);
	READ(stream_violations);
	READ(errors);
#undef READ
}
