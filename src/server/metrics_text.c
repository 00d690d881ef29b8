/*
 * metrics_text: /metrics. Everything that is exported is declared here, with its HELP and TYPE.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/strbuf.h"
#include "common/version.h"
#include "server/batch.h"
#include "server/door.h"
#include "server/health.h"
#include "server/inflight.h"
#include "server/metrics.h"
#include "server/page.h"
#include "server/password.h"
#include "server/rest_steps.h"
#include "server/schema.h"
#include "server/work.h"

static void declare(ss_strbuf *out, const char *name, const char *type, const char *help)
{
	ss_strbuf_appendf(
		out, "# HELP streamspace_%s %s\n# TYPE streamspace_%s %s\n", name, help, name, type);
}

static void gauge(ss_strbuf *out, const char *name, const char *help, long long value)
{
	declare(out, name, "gauge", help);
	ss_strbuf_appendf(out, "streamspace_%s %lld\n", name, value);
}

/* The row after the table's is the page's; NULL: the one of no path. */
static const route *route_of_row(size_t row)
{
	return row == route_count() ? &page_route : route_at(row);
}

static const char *route_label(size_t row)
{
	const route *r = route_of_row(row);
	return r != NULL ? r->name : "none";
}

static void add_requests(ss_strbuf *out, const metrics *m)
{
	size_t count = route_count();
	declare(out, "http_requests_total", "counter",
		"Ended HTTP requests; status 0: the client left, or a status that is not counted apart.");
	for (size_t row = 0; row <= count + 1; row++)
		for (size_t i = 0; i < metrics_status_count; i++)
		{
			long long n = metrics_read_requests(m, row, i);
			if (n > 0)
				ss_strbuf_appendf(out,
					"streamspace_http_requests_total{route=\"%s\",method=\"%s\",status=\"%d\"} "
					"%lld\n",
					route_label(row),
					route_of_row(row) != NULL ? route_of_row(row)->method : "other",
					metrics_statuses[i], n);
		}
	declare(out, "http_request_duration_seconds", "histogram",
		"From the head of a request to the last byte of its answer.");
	for (size_t row = 0; row <= count + 1; row++)
	{
		long long sum = 0;
		for (size_t i = 0; i <= METRICS_BUCKETS; i++)
			sum += metrics_read_bucket(m, row, i);
		if (sum == 0)
			continue;
		long long below = 0;
		const char *name = "streamspace_http_request_duration_seconds";
		for (size_t i = 0; i < METRICS_BUCKETS; i++)
		{
			below += metrics_read_bucket(m, row, i);
			ss_strbuf_appendf(out, "%s_bucket{route=\"%s\",le=\"%g\"} %lld\n", name,
				route_label(row), metrics_bucket_ms[i] / 1000.0, below);
		}
		ss_strbuf_appendf(
			out, "%s_bucket{route=\"%s\",le=\"+Inf\"} %lld\n", name, route_label(row), sum);
		ss_strbuf_appendf(out, "%s_sum{route=\"%s\"} %.3f\n", name, route_label(row),
			(double)metrics_read_duration_ms(m, row) / 1000.0);
		ss_strbuf_appendf(out, "%s_count{route=\"%s\"} %lld\n", name, route_label(row), sum);
	}
}

static void add_door(ss_strbuf *out, const metrics *m)
{
	static const char *const names[METRICS_DOOR_EVENTS] = {
		[METRICS_DOOR_ACCEPTED] = "accepted",
		[METRICS_DOOR_TO_HTTP] = "to_http",
		[METRICS_DOOR_TO_AGENTS] = "to_agents",
		[METRICS_DOOR_REFUSED_FULL] = "refused_full",
		[METRICS_DOOR_REFUSED_MALFORMED] = "refused_malformed",
		[METRICS_DOOR_TIMED_OUT] = "timed_out",
		[METRICS_DOOR_HUNG_UP] = "hung_up",
	};
	declare(out, "door_connections_total", "counter",
		"Public connections by what became of them at the front door.");
	for (size_t i = 0; i < METRICS_DOOR_EVENTS; i++)
		ss_strbuf_appendf(out, "streamspace_door_connections_total{event=\"%s\"} %lld\n", names[i],
			metrics_read_door(m, (metrics_door_event)i));
}

static void add_server(ss_strbuf *out, server *s)
{
	declare(out, "build_info", "gauge", "1; the labels say what runs.");
	ss_strbuf_appendf(out, "streamspace_build_info{version=\"%s\",schema=\"%s\"} 1\n", ss_version(),
		schema_expected());
	health_report report;
	health_read(s->health, &report);
	gauge(out, "ready", "1 when /readyz answers 200.", report.ready);
	gauge(out, "database_up", "1 when the database answered the last time.", report.database);
	gauge(
		out, "http_requests_in_flight", "Requests begun and not ended.", atomic_load(&s->requests));
	gauge(out, "http_requests_suspended", "Requests waiting for a thread or the database.",
		(long long)inflight_count(s->inflight));
	gauge(out, "http_body_bytes", "Memory held for bodies of requests.",
		atomic_load(&s->body_memory));
	gauge(out, "http_connections", "Public HTTP connections.", httpd_connections(s->public_http));
	gauge(out, "door_pending", "Connections that have not shown a request line yet.",
		door_pending(s->door));
	gauge(out, "request_queue_length", "Requests waiting for a database thread.",
		(long long)(work_queue_len(s->work) + batch_queue_len(s->batcher)));
	gauge(out, "password_queue_length", "Requests waiting for a password to be hashed.",
		(long long)password_queue_len(s->passwords));
}

static void add_pools(ss_strbuf *out, server *s)
{
	const struct
	{
		const char *name;
		db_pool *pool;
	} pools[] = {{"rest", s->pool}, {"batch", s->batch_pool}, {"dispatch", s->dispatch_pool}};
	db_pool_stats stats[3];
	for (size_t i = 0; i < 3; i++)
		db_pool_read_stats(pools[i].pool, &stats[i]);

	declare(out, "db_pool_connections", "gauge", "Database connections of a pool, by state.");
	for (size_t i = 0; i < 3; i++)
	{
		const struct
		{
			const char *state;
			int value;
		} values[] = {{"size", stats[i].size}, {"borrowed", stats[i].borrowed},
			{"connected", stats[i].connected}, {"awaited", stats[i].waiting}};
		for (size_t k = 0; k < sizeof values / sizeof values[0]; k++)
			ss_strbuf_appendf(out, "streamspace_db_pool_connections{pool=\"%s\",state=\"%s\"} %d\n",
				pools[i].name, values[k].state, values[k].value);
	}
	declare(out, "db_pool_events_total", "counter",
		"What happened to the connections of a pool: opened, failed to open, broken, none free.");
	for (size_t i = 0; i < 3; i++)
	{
		const struct
		{
			const char *event;
			long long value;
		} values[] = {{"opened", stats[i].connects}, {"failed", stats[i].failures},
			{"broken", stats[i].broken}, {"none_free", stats[i].exhausted}};
		for (size_t k = 0; k < sizeof values / sizeof values[0]; k++)
			ss_strbuf_appendf(out,
				"streamspace_db_pool_events_total{pool=\"%s\",event=\"%s\"} %lld\n", pools[i].name,
				values[k].event, values[k].value);
	}
}

/* Figures that the database counts: single numbers ... */
static void add_numbers(ss_strbuf *out, const cJSON *json)
{
	static const struct
	{
		const char *key, *help;
	} known[] = {
		{"agents_pending_approval", "Agents that wait for approval."},
		{"orphans", "Objects on agents that the database does not know."},
		{"cleanup_debts", "Sessions ended by force whose agent has still to clean up."},
		{"audit_unsealed", "Audit rows that are not sealed yet, 100000 at most."},
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
	{
		long long n;

		if (ss_json_int(json, known[i].key, &n) != 0)
			continue;
		declare(out, known[i].key, "gauge", known[i].help);
		ss_strbuf_appendf(out, "streamspace_%s %lld\n", known[i].key, n);
	}
}

/* ... and objects of state -> number. */
static void add_counts(ss_strbuf *out, health *h)
{
	static const struct
	{
		const char *key, *help;
	} known[] = {
		{"sessions", "Sessions that are not final, by state."},
		{"commands", "Commands of agents that are not final, by state."},
		{"agents", "Approved agents, by state."},
	};
	auto_free char *text = health_read_metrics(h);
	auto_cjson cJSON *json = text ? cJSON_Parse(text) : NULL;

	add_numbers(out, json);
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
	{
		const cJSON *states = ss_json_object(json, known[i].key);
		if (states == NULL)
			continue;
		declare(out, known[i].key, "gauge", known[i].help);
		const cJSON *state;
		cJSON_ArrayForEach(state, states)
		{
			long long n;
			if (ss_json_is_int(state, &n))
				ss_strbuf_appendf(
					out, "streamspace_%s{state=\"%s\"} %lld\n", known[i].key, state->string, n);
		}
	}
}

static long long resident_bytes(void)
{
	long long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");
	if (file == NULL)
		return 0;
	if (fscanf(file, "%*d %lld", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

static long long open_files(void)
{
	long long count = 0;
	DIR *dir = opendir("/proc/self/fd");
	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count - 3; /* ".", ".." and the directory itself */
}

static void add_process(ss_strbuf *out)
{
	ss_strbuf_appendf(out,
		"# HELP process_resident_memory_bytes Resident memory of the process.\n"
		"# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes %lld\n",
		resident_bytes());
	ss_strbuf_appendf(out,
		"# HELP process_open_fds Open file descriptors of the process.\n"
		"# TYPE process_open_fds gauge\nprocess_open_fds %lld\n",
		open_files());
}

rest_next rest_metrics(rest_request *r, db_conn *conn, ss_error *err)
{
	(void)conn;
	server *s = r->server;
	auto_strbuf ss_strbuf out = SS_STRBUF_INIT;
	add_server(&out, s);
	add_requests(&out, s->metrics);
	add_door(&out, s->metrics);
	add_pools(&out, s);
	add_counts(&out, s->health);
	metrics_add_dispatch(&out, s->dispatch);
	metrics_add_events(&out, s->events);
	add_process(&out);
	rest_next next = rest_pass(r, 0, ss_strbuf_take(&out), err);
	r->out.content_type = ANSWER_TEXT;
	return next;
}
