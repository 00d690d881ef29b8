/*
 * serve: starts the parts of the server, waits for a signal, and stops them in the one order in
 * which nobody is left without an answer. Runs in the main thread.
 */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/exit.h"
#include "common/log.h"
#include "common/timeutil.h"
#include "common/version.h"
#include "ecpg/db_system.h"
#include "server/batch.h"
#include "server/credential_use.h"
#include "server/door.h"
#include "server/exit_code.h"
#include "server/health.h"
#include "server/httpd.h"
#include "server/inflight.h"
#include "server/listen.h"
#include "server/metrics.h"
#include "server/origin.h"
#include "server/password.h"
#include "server/schema.h"
#include "server/server.h"
#include "server/ui.h"
#include "server/work.h"

#define CLOCK_TICK_MS 200
/* While stopping: nothing may have begun or ended for so long before all counts as answered. A
 * request may still be in a socket's buffer, of which only its HTTP thread will tell. */
#define QUIET_MS 250
#define FORCE_MS 2000
/* Claimer, writer, sweeper, inventories; admission threads have one each beside these. */
#define DISPATCH_CONNECTIONS 5
#define INTERNAL_CONNECTIONS 100
#define INTERNAL_PENDING 1024
#define FILES_MAX 1048576

typedef struct serving
{
	server server;
	int public_fd, internal_fd;
	int public_port, internal_port;
	char replica[128];
	char address[320]; /* "": other servers do not reach this one */
	dispatch_config dispatch;
	pthread_t clock;
	bool clock_runs;
	atomic_bool clock_stops;
} serving;

/* A second signal while stopping. */
static void die_at_once(int signal_number)
{
	_exit(128 + signal_number);
}

/*
 * What a password hash takes goes back to the system after each: glibc would raise its threshold
 * with the first one and keep the next ones' memory for ever.
 */
static void give_memory_back(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, 256 << 10);
	(void)mallopt(M_TRIM_THRESHOLD, 256 << 10);
}

static void raise_file_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max < FILES_MAX ? limit.rlim_max : FILES_MAX;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* Deadlines of requests and of connections. */
static void *clock_main(void *arg)
{
	serving *v = arg;
	while (!atomic_load(&v->clock_stops))
	{
		long long now = ss_time_monotonic_ms();
		inflight_expire(v->server.inflight, now);
		httpd_expire(v->server.public_http, now);
		httpd_expire(v->server.internal_http, now);
		ss_time_sleep_ms(CLOCK_TICK_MS);
	}
	return NULL;
}

/* Without the table of codes nothing can be answered rightly: it is waited for. */
static int load_errors(server *s, ss_error *err)
{
	long long until = ss_time_monotonic_ms() + s->config->db_wait * 1000;
	bool told = false;
	for (;;)
	{
		db_conn *conn = db_borrow(s->pool, 5000, err);
		int rc = conn ? db_error_table_load(conn, err) : -1;
		db_return(conn);
		if (rc == 0)
			return 0;
		if (ss_time_monotonic_ms() >= until)
			return ss_wrap(err, "read the table of error codes");
		if (!told)
			ss_log_error(SS_LOG_WARNING, "server", "waiting_for_database", err, NULL);
		told = true;
		ss_time_sleep_ms(500);
	}
}

static int write_port_file(const serving *v, ss_error *err)
{
	const char *path = v->server.config->port_file;
	char temporary[4200];
	if (path == NULL || !path[0])
		return 0;
	snprintf(temporary, sizeof temporary, "%s.new", path);
	FILE *file = fopen(temporary, "we");
	if (file == NULL)
		return ss_fail(err, "internal", "cannot write %s", temporary);
	fprintf(file, "public %d\ninternal %d\n", v->public_port, v->internal_port);
	if (fclose(file) != 0 || rename(temporary, path) != 0)
		return ss_fail(err, "internal", "cannot write %s", path);
	return 0;
}

static void name_replica(serving *v)
{
	const server_config *config = v->server.config;
	char host[64] = "localhost";
	if (config->replica != NULL && config->replica[0])
	{
		snprintf(v->replica, sizeof v->replica, "%s", config->replica);
		return;
	}
	(void)gethostname(host, sizeof host - 1);
	snprintf(v->replica, sizeof v->replica, "%s:%d", host, v->internal_port);
}

/* Where other servers reach the internal port: nowhere, when that is not said anywhere. */
static void name_address(serving *v)
{
	struct sockaddr_storage bound;
	socklen_t len = sizeof bound;
	const char *given = v->server.config->relay_address;
	if (given != NULL && given[0])
		snprintf(v->address, sizeof v->address, "%s", given);
	else if (getsockname(v->internal_fd, (struct sockaddr *)&bound, &len) == 0)
	{
		client_address address = client_address_of((struct sockaddr *)&bound);
		char text[CLIENT_ADDRESS_TEXT];
		client_address_format(&address, text);
		if (strcmp(text, "0.0.0.0") == 0 || strcmp(text, "::") == 0)
			return;
		snprintf(v->address, sizeof v->address, strchr(text, ':') ? "[%s]:%d" : "%s:%d", text,
			v->internal_port);
	}
}

/*
 * A call that hangs is cancelled by the database before the request's own time is up: then it is
 * certain that nothing was changed, and the thread is free again. Before the first connection.
 */
static int limit_statements(const server_config *config, ss_error *err)
{
	const char *given = getenv("PGOPTIONS");
	char options[4096];
	if (given != NULL && strstr(given, "statement_timeout") != NULL)
		return 0;
	int len = snprintf(options, sizeof options, "%s -c statement_timeout=%lld",
		given != NULL ? given : "", config->request_timeout * 1000 * 2 / 3);
	if (len >= (int)sizeof options || setenv("PGOPTIONS", options, 1) != 0)
		return ss_fail(err, "internal", "PGOPTIONS is too long");
	return 0;
}

static int start_database(server *s, ss_error *err)
{
	if (limit_statements(s->config, err))
		return -1;
	const char *database = s->config->database;
	const dispatch_config *of = &s->config->dispatch;
	int agents = (int)(of->admission_threads + of->socket_threads) + DISPATCH_CONNECTIONS;
	if (db_pool_open(database, (int)s->config->db_pool, &s->pool, err) ||
		db_pool_open(database, (int)s->config->create_threads, &s->batch_pool, err) ||
		db_pool_open(database, agents, &s->dispatch_pool, err) || load_errors(s, err))
		return -1;
	return 0;
}

static int start_work(serving *v, ss_error *err)
{
	server *s = &v->server;
	s->inflight = inflight_new();
	if (s->inflight == NULL)
		return ss_fail(err, "internal", "out of memory");
	if (metrics_new(&s->metrics, err) || health_start(s, &s->health, err) ||
		work_start(s, &s->work, err) || batch_start(s, &s->batcher, err) ||
		password_start(s, &s->passwords, err))
		return -1;
	size_t entries = (size_t)s->config->rate_limit_entries;
	if (limiter_new(s->config->rate_limit_actor, entries, &s->actor_limit, err) ||
		limiter_new(s->config->rate_limit_address, entries, &s->address_limit, err))
		return -1;
	if (credential_uses_new(&s->uses, err))
		return -1;
	name_replica(v);
	if (event_hub_start(&s->config->events, s->dispatch_pool, &s->events, err))
		return -1;
	v->dispatch = s->config->dispatch;
	name_address(v);
	v->dispatch.address = v->address[0] ? v->address : NULL;
	v->dispatch.origins = s->config->origins;
	v->dispatch.trusted_proxies = s->trusted_proxies;
	v->dispatch.uses = s->uses;
	v->dispatch.events = s->events;
	v->dispatch.database = s->config->database;
	v->dispatch.replica = v->replica;
	return dispatch_start(&v->dispatch, s->dispatch_pool, &s->dispatch, err);
}

static int start_public(serving *v, ss_error *err)
{
	server *s = &v->server;
	const httpd_config config = {
		.listener = ROUTE_PUBLIC,
		.listen_fd = -1,
		.max_connections = (int)s->config->max_connections,
	};
	if (httpd_start(s, &config, &s->public_http, err))
		return -1;
	int fd = ss_steal_fd(v->public_fd);
	const door_config at_door = {
		.side = DOOR_PUBLIC,
		.listen_fd = fd,
		.http = s->public_http,
		.max_pending = s->config->max_pending,
	};
	return door_start(s, &at_door, &s->door, err);
}

/* After all the parts of which /metrics tells. */
static int start_internal(serving *v, ss_error *err)
{
	server *s = &v->server;
	const httpd_config config = {
		.listener = ROUTE_INTERNAL,
		.listen_fd = -1,
		.max_connections = INTERNAL_CONNECTIONS,
	};
	if (httpd_start(s, &config, &s->internal_http, err))
		return -1;
	int fd = ss_steal_fd(v->internal_fd);
	const door_config at_door = {
		.side = DOOR_INTERNAL,
		.listen_fd = fd,
		.http = s->internal_http,
		.max_pending = INTERNAL_PENDING,
	};
	if (door_start(s, &at_door, &s->internal_door, err))
		return -1;
	if (pthread_create(&v->clock, NULL, clock_main, v) != 0)
		return ss_fail(err, "internal", "the clock does not start");
	v->clock_runs = true;
	return write_port_file(v, err);
}

static void wait_for_requests(server *s)
{
	long long until = ss_time_monotonic_ms() + s->config->drain_timeout * 1000;
	for (;;)
	{
		long long now = ss_time_monotonic_ms();
		bool quiet = now - atomic_load(&s->last_request) >= QUIET_MS;
		if ((atomic_load(&s->requests) == 0 && quiet) || now >= until)
			break;
		ss_time_sleep_ms(10);
	}
	/* Whoever is left is answered before libmicrohttpd stops: it aborts on a suspended one. */
	inflight_close(s->inflight);
	until = ss_time_monotonic_ms() + FORCE_MS;
	while (atomic_load(&s->requests) > 0 && ss_time_monotonic_ms() < until)
		ss_time_sleep_ms(10);
}

/* The requests that nobody works on yet are refused; the others end as they would have. */
static void drain(serving *v)
{
	server *s = &v->server;
	ss_log(SS_LOG_INFO, "server", "draining", "requests", SS_NUM(atomic_load(&s->requests)), NULL);
	door_stop(s->door);
	/* The door's last connections become requests only when their HTTP thread has read them. */
	atomic_store(&s->last_request, ss_time_monotonic_ms());
	inflight_refuse_queued(s->inflight);
	event_hub_close(s->events);
	wait_for_requests(s);
}

/* Also after a start that failed half-way. False: a thread hangs in the database. */
static bool stop(serving *v)
{
	server *s = &v->server;
	if (s->inflight != NULL)
		inflight_close(s->inflight);
	event_hub_close(s->events);
	if (v->clock_runs)
	{
		atomic_store(&v->clock_stops, true);
		pthread_join(v->clock, NULL);
	}
	door_stop(s->door);
	door_stop(s->internal_door);
	httpd_stop(s->public_http);
	httpd_stop(s->internal_http);
	password_stop(s->passwords);
	if (!work_stop(s->work, 5000) || !batch_stop(s->batcher, 5000))
		return false;
	dispatch_stop(s->dispatch);
	event_hub_stop(s->events);
	health_stop(s->health);
	door_free(s->door);
	door_free(s->internal_door);
	metrics_free(s->metrics);
	inflight_free(s->inflight);
	credential_uses_free(s->uses);
	limiter_free(s->actor_limit);
	limiter_free(s->address_limit);
	address_set_free(s->trusted_proxies);
	ui_free(s->ui);
	db_pool_close(s->dispatch_pool);
	db_pool_close(s->batch_pool);
	db_pool_close(s->pool);
	if (v->public_fd >= 0)
		close(v->public_fd);
	if (v->internal_fd >= 0)
		close(v->internal_fd);
	return true;
}

static int start(serving *v, ss_error *err)
{
	server *s = &v->server;
	if (address_set_parse(s->config->trusted_proxies, &s->trusted_proxies, err))
		return ss_wrap(err, "read the option trusted_proxies");
	if (origin_check_list(s->config->origins, err))
		return ss_wrap(err, "read the option origins");
	if (ui_load(s->config->ui_dir, s->config->ui_memory, &s->ui, err))
		return -1;
	if (listen_open(s->config->listen, &v->public_fd, &v->public_port, err) ||
		listen_open(s->config->internal_listen, &v->internal_fd, &v->internal_port, err) ||
		start_database(s, err) || start_work(v, err) || start_public(v, err) ||
		start_internal(v, err))
		return -1;
	ss_log(SS_LOG_INFO, "server", "started", "version", ss_version(), "schema", schema_expected(),
		"replica", v->replica, "port", SS_NUM(v->public_port), "internal_port",
		SS_NUM(v->internal_port), "page_files", SS_NUM(ui_count(s->ui)), "page_bytes",
		SS_NUM(ui_bytes(s->ui)), NULL);
	return 0;
}

int serve(const server_config *config)
{
	static serving v; /* threads that hang in the database may outlive this function */
	sigset_t signals;
	int got = 0;
	ss_error err = SS_ERROR_INIT;

	v.server.config = config;
	v.public_fd = v.internal_fd = -1;
	give_memory_back();
	raise_file_limit();
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);

	int code = SS_EXIT_OK;
	if (start(&v, &err))
	{
		ss_log_error(SS_LOG_ERROR, "server", "start_failed", &err, NULL);
		code = exit_code_of(&err);
	}
	else
	{
		sigwait(&signals, &got);
		signal(SIGTERM, die_at_once);
		signal(SIGINT, die_at_once);
		pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
		atomic_store(&v.server.leaving, true);
		ss_time_sleep_ms(config->drain_delay * 1000);
		atomic_store(&v.server.draining, true);
		drain(&v);
	}
	if (!stop(&v))
	{
		ss_log(
			SS_LOG_ERROR, "server", "stopped_hard", "reason", "the database does not answer", NULL);
		_exit(SS_EXIT_FAILURE);
	}
	ss_log(SS_LOG_INFO, "server", "stopped", NULL);
	return code;
}
