/*
 * agent_admit: admission threads. See agent_admit.h for who owns an offer.
 *
 * An agent whose name is taken by another process: the database refuses and says by which epoch
 * and replica. When that is a connection of ours, the loop pings it; the offer comes back with a
 * verdict and the database is asked once more, now with the epoch that may be replaced. One that
 * our replica should have and has not (a restart) is as good as silent.
 */
#include "server/agent_admit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/log.h"
#include "common/queue.h"
#include "ecpg/db_agent.h"
#include "server/agent_registry.h"
#include "server/dispatch_loop.h"
#include "server/socket_refuse.h"

#define BORROW_MS 2000
#define PROBES_MAX 2
/* Sockets that are being closed may be as many again as agents. */
#define CLOSING_SHARE 2
#define THREADS_MAX 32

struct agent_admission
{
	ss_queue *queue; /* of agent_offer */
	pthread_t thread[THREADS_MAX];
	int threads;
};

void agent_offer_free(agent_offer *offer)
{
	if (!offer)
		return;
	if (offer->fd >= 0)
		close(offer->fd);
	free(offer);
}

static void offer_refuse(dispatch *d, agent_offer *offer, const ss_error *err)
{
	DISPATCH_COUNT(d, admissions_refused);
	ss_log(SS_LOG_INFO, "agent", "refused", "agent", offer->head.agent, "code", err->code, NULL);
	socket_refuse(d, &offer->fd, offer->len, err);
	agent_offer_free(offer);
}

static void refuse_with(dispatch *d, agent_offer *offer, const char *code, const char *message)
{
	ss_error err = SS_ERROR_INIT;

	ss_fail(&err, code, "%s", message);
	offer_refuse(d, offer, &err);
}

static void post_offer(dispatch *d, loop_event_kind kind, agent_offer *offer)
{
	loop_event *event = dispatch_loop_new_event(kind);

	if (!event)
	{
		refuse_with(d, offer, "overloaded", "no memory");
		return;
	}
	event->offer = offer;
	dispatch_loop_post(d, event);
}

/* Whether the peer has given up while the offer waited: then nobody shall be replaced for it. */
static bool is_gone(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLRDHUP};

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL));
}

/* 0: *offer holds what the database said. */
static int read_admission(agent_offer *offer, const char *json, ss_error *err)
{
	auto_cjson cJSON *answer = NULL;
	long long protocol = 0, heartbeat = 30;

	if (ss_json_parse(json, strlen(json), 1 << 20, &answer, NULL, 0, err))
		return ss_wrap(err, "answer of connect_agent");
	if (ss_json_int(answer, "epoch", &offer->epoch) ||
		ss_json_int(answer, "protocol_version", &protocol) < 0 ||
		ss_json_int(answer, "heartbeat_seconds", &heartbeat) < 0)
		return ss_fail(err, "internal", "connect_agent answers without epoch or version");
	offer->protocol = (int)protocol;
	offer->heartbeat_seconds = (int)heartbeat;
	const char *installation = ss_json_string(answer, "installation_id");

	snprintf(
		offer->installation, sizeof(offer->installation), "%s", installation ? installation : "");
	return 0;
}

/* The epoch of the connection in the way when it should be one of this replica; 0: it is not. */
static long long own_rival(dispatch *d, const ss_error *err)
{
	auto_cjson cJSON *detail = NULL;
	ss_error ignored = SS_ERROR_INIT;
	long long epoch = 0;

	if (strcmp(err->code, "agent_already_connected") != 0 ||
		ss_json_parse(err->detail, strlen(err->detail), 4096, &detail, NULL, 0, &ignored))
		return 0;
	const char *replica = ss_json_string(detail, "replica");

	if (!replica || strcmp(replica, d->cfg.replica) != 0 || ss_json_int(detail, "epoch", &epoch))
		return 0;
	return epoch;
}

static int ask_database(dispatch *d, agent_offer *offer, ss_error *err)
{
	auto_free char *json = NULL;
	db_conn *conn = db_borrow(d->pool, BORROW_MS, err);

	if (!conn)
		return -1;
	const agent_head *head = &offer->head;
	const db_call call = {.actor = head->key_hash};
	int rc = db_connect_agent(conn, &call, head->agent, head->instance[0] ? head->instance : NULL,
		d->cfg.replica, d->cfg.address,
		offer->verdict == AGENT_VERDICT_SILENT ? offer->rival_epoch : DB_BIGINT_NULL, &json, err);

	db_return(conn);
	if (rc < 0)
		return -1;
	if (rc > 0)
		return ss_fail(err, "internal", "connect_agent answers nothing");
	return read_admission(offer, json, err);
}

static void admit(dispatch *d, agent_offer *offer)
{
	ss_error err = SS_ERROR_INIT;

	if (atomic_load(&d->stopping))
	{
		refuse_with(d, offer, "shutting_down", "the server is shutting down");
		return;
	}
	if (!offer->parsed)
	{
		if (agent_head_parse(offer->text, offer->len, &offer->head, &err))
		{
			offer_refuse(d, offer, &err);
			return;
		}
		offer->parsed = true;
	}
	if (offer->verdict == AGENT_VERDICT_ALIVE)
	{
		refuse_with(d, offer, "agent_already_connected", "another process holds the connection");
		return;
	}
	if (agent_registry_count(d->registry) >= d->cfg.max_agents ||
		atomic_load(&d->sockets) >= d->cfg.max_agents * CLOSING_SHARE)
	{
		refuse_with(d, offer, "overloaded", "no more agents can be connected to this server");
		return;
	}
	if (is_gone(offer->fd))
	{
		agent_offer_free(offer);
		return;
	}
	if (ask_database(d, offer, &err) == 0)
	{
		offer->admitted = true;
		DISPATCH_COUNT(d, admissions_accepted);
		post_offer(d, LOOP_ADOPT, offer);
		return;
	}
	long long rival = own_rival(d, &err);

	if (rival > 0 && offer->probes < PROBES_MAX)
	{
		offer->probes++;
		offer->rival_epoch = rival;
		post_offer(d, LOOP_PROBE, offer);
		return;
	}
	if (err.http_status >= 500)
	{
		DISPATCH_COUNT(d, errors);
		ss_log_error(
			SS_LOG_WARNING, "agent", "admission_failed", &err, "agent", offer->head.agent, NULL);
		/* A broken database is no reason to tell an agent that it is our bug: it comes back. */
		if (dispatch_error_is_transient(&err))
			ss_fail(&err, "database_unavailable", "the database cannot be reached");
	}
	offer_refuse(d, offer, &err);
}

static void *run(void *arg)
{
	dispatch *d = arg;
	void *offer;

	while (ss_queue_pop(d->admission->queue, &offer, -1) == 0)
		admit(d, offer);
	return NULL;
}

int agent_admission_start(dispatch *d, ss_error *err)
{
	agent_admission *a = d->admission = calloc(1, sizeof(*a));

	if (!a || !(a->queue = ss_queue_new((size_t)d->cfg.admission_queue)))
		return ss_fail(err, "internal", "no memory for admissions");
	for (long long i = 0; i < d->cfg.admission_threads && i < THREADS_MAX; i++)
	{
		if (dispatch_thread_start(&a->thread[i], "admission", run, d, err))
			return -1;
		a->threads++;
	}
	return 0;
}

void agent_admission_stop(dispatch *d)
{
	agent_admission *a = d->admission;

	if (!a || !a->queue)
		return;
	ss_queue_close(a->queue);
	for (int i = 0; i < a->threads; i++)
		pthread_join(a->thread[i], NULL);
	a->threads = 0;
}

void agent_admission_free(dispatch *d)
{
	if (!d->admission)
		return;
	ss_queue_free(d->admission->queue);
	free(d->admission);
	d->admission = NULL;
}

int agent_admission_offer(dispatch *d, agent_offer *offer)
{
	int rc = ss_queue_push(d->admission->queue, offer, 0);

	if (rc == 0)
		return 0;
	if (rc > 0)
		refuse_with(d, offer, "overloaded", "too many agents wait to be admitted");
	else
		refuse_with(d, offer, "shutting_down", "the server is shutting down");
	return -1;
}

long long agent_admission_waiting(dispatch *d)
{
	return (long long)ss_queue_len(d->admission->queue);
}
