/* listener: see listener.h. */
#include "server/listener.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/timeutil.h"
#include "server/agent_registry.h"
#include "server/claim_ahead.h"
#include "server/claimer.h"
#include "server/dispatch_loop.h"
#include "server/event_hub.h"

#define CHANNEL "streamspace_agent"
#define RETRY_BASE_MS 100
#define RETRY_CAP_MS 2000
#define RETRY_LEAST_MS 50
/* A connection that lived shorter than this counts as a failed attempt. */
#define SHORT_LIFE_MS 2000

struct listener
{
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool wanted; /* no connection is up or on its way to the loop */
	bool stopping;
	pthread_t thread;
	bool started;
	/* thread only */
	unsigned attempt;
	long long connected_ms; /* when the last connection was made; 0: never */
	/* loop only */
	PGconn *conn;
	struct lws *wsi;
	claim_ahead ahead;
	int rounds; /* of the loop until the claim is asked for */
};

/* Waits until a connection is wanted. false: stop. */
static bool wait_wanted(listener *l)
{
	pthread_mutex_lock(&l->lock);
	while (!l->wanted && !l->stopping)
		pthread_cond_wait(&l->wake, &l->lock);
	bool go_on = !l->stopping;

	pthread_mutex_unlock(&l->lock);
	return go_on;
}

static bool back_off(listener *l)
{
	long long ms = ss_time_backoff_ms(l->attempt++, RETRY_BASE_MS, RETRY_CAP_MS);
	struct timespec deadline = ss_time_deadline((int)(ms < RETRY_LEAST_MS ? RETRY_LEAST_MS : ms));

	pthread_mutex_lock(&l->lock);
	while (
		!l->stopping && pthread_cond_clockwait(&l->wake, &l->lock, CLOCK_MONOTONIC, &deadline) == 0)
		;
	bool go_on = !l->stopping;

	pthread_mutex_unlock(&l->lock);
	return go_on;
}

/* A dead server is noticed within a minute, also one that vanished without a word. */
static PGconn *connect_database(const char *database)
{
	static const char *const keywords[] = {"dbname", "application_name", "connect_timeout",
		"keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout", NULL};
	const char *const values[] = {
		database, "streamspaced listener", "5", "20", "10", "3", "30000", NULL};

	return PQconnectdbParams(keywords, values, 0);
}

/* A pooler answers with the key of a server connection that may be another at every statement. */
static bool is_pooled(PGconn *conn)
{
	PGresult *result = PQexec(conn, "SELECT pg_catalog.pg_backend_pid()");
	bool pooled = PQresultStatus(result) == PGRES_TUPLES_OK &&
				  strtol(PQgetvalue(result, 0, 0), NULL, 10) != PQbackendPID(conn);

	PQclear(result);
	return pooled;
}

static bool begin_listening(PGconn *conn)
{
	PGresult *result = PQexec(conn, "LISTEN " CHANNEL);
	bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;

	PQclear(result);
	return ok;
}

static PGconn *open_listener(dispatch *d)
{
	listener *l = d->listener;
	PGconn *conn = connect_database(d->cfg.database);

	if (conn && PQstatus(conn) == CONNECTION_OK && begin_listening(conn))
	{
		if (is_pooled(conn))
			ss_log(SS_LOG_WARNING, "listener", "pooled", "hint",
				"LISTEN does not work behind a transaction pooler: commands wait for the poll",
				NULL);
		else if (!claim_ahead_prepare(conn))
			ss_log(SS_LOG_WARNING, "listener", "claims_not_prepared", "message",
				PQerrorMessage(conn), NULL);
		PQsetnonblocking(conn, 1);
		return conn;
	}
	if (l->attempt == 0)
		ss_log(SS_LOG_WARNING, "listener", "failing", "message",
			conn ? PQerrorMessage(conn) : "no memory", NULL);
	PQfinish(conn);
	return NULL;
}

static void *run(void *arg)
{
	dispatch *d = arg;
	listener *l = d->listener;

	while (wait_wanted(l))
	{
		if (l->connected_ms && ss_time_monotonic_ms() - l->connected_ms > SHORT_LIFE_MS)
			l->attempt = 0;
		else if (l->connected_ms && !back_off(l))
			break;
		l->connected_ms = 0;
		PGconn *conn = open_listener(d);
		loop_event *event = conn ? dispatch_loop_new_event(LOOP_LISTEN) : NULL;

		if (!event)
		{
			PQfinish(conn);
			DISPATCH_COUNT(d, errors);
			if (!back_off(l))
				break;
			continue;
		}
		l->connected_ms = ss_time_monotonic_ms();
		pthread_mutex_lock(&l->lock);
		l->wanted = false;
		pthread_mutex_unlock(&l->lock);
		event->listen = conn;
		dispatch_loop_post(d, event);
	}
	return NULL;
}

static void want_connection(listener *l)
{
	pthread_mutex_lock(&l->lock);
	l->wanted = true;
	pthread_cond_signal(&l->wake);
	pthread_mutex_unlock(&l->lock);
}

void listener_watch(dispatch *d, PGconn *conn)
{
	listener *l = d->listener;
	lws_adopt_desc_t desc = {
		.vh = dispatch_loop_vhost(d),
		.type = LWS_ADOPT_RAW_FILE_DESC,
		.fd.filefd = dup(PQsocket(conn)), /* libwebsockets closes what it adopts */
		.vh_prot_name = LOOP_LISTEN_PROTOCOL,
	};

	l->conn = conn;
	l->wsi = desc.fd.filefd < 0 ? NULL : lws_adopt_descriptor_vhost_via_info(&desc);
	if (!l->wsi)
	{
		listener_lose(d);
		return;
	}
	atomic_store(&d->listening, true);
	ss_log(SS_LOG_INFO, "listener", "listening", NULL);
	agent_registry_ring(d->registry, NULL);
	claimer_wake(d);
	/* What came in while the thread waited for LISTEN's answer is in libpq, not in the socket. */
	if (listener_read(d))
		ss_log(SS_LOG_DEBUG, "listener", "broken_at_once", NULL);
}

/* To be called back in the next round of the loop. */
static bool step_later(dispatch *d)
{
	loop_event *event = dispatch_loop_new_event(LOOP_STEP);

	if (event)
		dispatch_loop_post(d, event);
	return event;
}

/* What the socket has, and the answers in it. -1: the connection is broken. */
static int take_input(dispatch *d)
{
	listener *l = d->listener;
	int next = PQconsumeInput(l->conn) ? claim_ahead_read(d, &l->ahead, l->conn) : -1;

	/* Asked for its claim now, the database would run before the frames are written: it is woken
	 * on this processor. The first round is that of their sockets, in any order. */
	if (next > 0 && l->rounds == 0)
	{
		l->rounds = 2;
		listener_step(d);
	}
	return next < 0 ? -1 : 0;
}

/* One ring for an agent that is here is answered by the loop itself, all else by the claimer.
 * Whether something was asked for. */
static bool answer_rings(dispatch *d, int rings, const char *agent)
{
	listener *l = d->listener;

	if (rings != 1 || !*agent || !claim_ahead_start(d, &l->ahead, l->conn, agent))
	{
		claimer_ring(d, rings);
		return false;
	}
	claimer_note_ring(d);
	return true;
}

/* Notifications that have arrived; whether something was asked for. */
static bool take_rings(dispatch *d)
{
	char agent[AGENT_ID_SIZE] = "";
	PGnotify *ring;
	bool any = false;
	int rings = 0;

	while ((ring = PQnotifies(d->listener->conn)))
	{
		rings++;
		any |= agent_registry_ring(d->registry, ring->extra[0] ? ring->extra : NULL);
		snprintf(agent, sizeof(agent), "%s", ring->extra);
		PQfreemem(ring);
	}
	DISPATCH_ADD(d, rings_received, rings);
	if (rings > 0) /* another server has written something */
		event_hub_kick(d->cfg.events);
	return any && answer_rings(d, rings, agent);
}

int listener_read(dispatch *d)
{
	listener *l = d->listener;
	int rc;

	if (!l->conn)
		return -1;
	/* Where something was asked for, the answer is often there already: the database ran on this
	 * processor. */
	do
		rc = take_input(d);
	while (take_rings(d) && rc == 0);
	return rc == 0 && PQstatus(l->conn) == CONNECTION_OK ? 0 : -1;
}

void listener_step(dispatch *d)
{
	listener *l = d->listener;

	if (l->rounds > 0 && step_later(d))
	{
		l->rounds--;
		return;
	}
	l->rounds = 0;
	if (l->conn)
		claim_ahead_claim(d, &l->ahead, l->conn);
}

void listener_lose(dispatch *d)
{
	listener *l = d->listener;

	if (!l->conn)
		return;
	PQfinish(l->conn);
	l->conn = NULL;
	l->wsi = NULL;
	l->rounds = 0;
	claim_ahead_abandon(d, &l->ahead);
	atomic_store(&d->listening, false);
	if (atomic_load(&d->stopping))
		return;
	ss_log(SS_LOG_WARNING, "listener", "lost", NULL);
	want_connection(l);
}

int listener_start(dispatch *d, ss_error *err)
{
	listener *l = d->listener = calloc(1, sizeof(*l));

	if (!l)
		return ss_fail(err, "internal", "no memory for the listener");
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->wake, NULL);
	l->wanted = true;
	if (dispatch_thread_start(&l->thread, "listener", run, d, err))
		return -1;
	l->started = true;
	return 0;
}

void listener_stop(dispatch *d)
{
	listener *l = d->listener;

	if (!l || !l->started)
		return;
	pthread_mutex_lock(&l->lock);
	l->stopping = true;
	pthread_cond_broadcast(&l->wake);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->thread, NULL);
	l->started = false;
}

void listener_free(dispatch *d)
{
	listener *l = d->listener;

	if (!l)
		return;
	PQfinish(l->conn);
	pthread_cond_destroy(&l->wake);
	pthread_mutex_destroy(&l->lock);
	free(l);
	d->listener = NULL;
}
