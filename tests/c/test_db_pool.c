/*
 * The pool of connections against a real server that is stopped, started and killed under it; to be
 * run under ThreadSanitizer too. Runs itself inside tests/bin/with-postgres.
 */
#include "common/cleanup.h"
#include "common/timeutil.h"
#include "ecpg/db_session.h"
#include "ecpg/db_system.h"
#include "tests/c/db_fixture.h"
#include "tests/c/tap.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/wait.h>

static void control_server(const char *verb, const char *mode)
{
	char *argv[] = {"tests/bin/pg-ctl", (char *)verb, (char *)mode, NULL};
	pid_t pid;
	int status = -1;

	if (posix_spawn(&pid, argv[0], NULL, NULL, argv, environ) == 0)
		waitpid(pid, &status, 0);
	if (status != 0)
	{
		printf("Bail out! pg-ctl %s failed\n", verb);
		exit(2);
	}
}

static int call(db_conn *conn, const char *wish, char **ret_json, ss_error *err)
{
	*err = (ss_error)SS_ERROR_INIT;
	return db_get_session(conn, NULL, wish, ret_json, err);
}

/* Borrows, makes a call that must succeed, returns. */
static int call_once(db_pool *pool, ss_error *err)
{
	db_conn *conn;
	int rc = -1;

	*err = (ss_error)SS_ERROR_INIT;
	conn = db_borrow(pool, 1000, err);
	if (conn != NULL)
		rc = call(conn, "{}", NULL, err);
	db_return(conn);
	return rc;
}

static void test_restart(db_pool *pool)
{
	db_pool_stats stats;
	ss_error err;
	db_conn *conn;
	long long start;

	tap_is_int(call_once(pool, &err), 0, "a call before the restart");
	control_server("restart", "fast");
	tap_is_int(
		call_once(pool, &err), 0, "after a restart an idle connection is found dead, none fails");
	conn = db_borrow(pool, 100, &err);
	control_server("restart", "immediate");
	tap_is_int(
		call(conn, "{}", NULL, &err), -1, "a connection that dies while borrowed fails a call");
	tap_is(err.code, "database_unavailable", "as database_unavailable");
	tap_is_int(err.http_status, 503, "503");
	tap_ok(strncmp(err.sqlstate, "57P", 3) == 0 || strncmp(err.sqlstate, "08", 2) == 0,
		"with its SQLSTATE %s", err.sqlstate);
	tap_is_int(call(conn, "{}", NULL, &err), 0, "and the next call opens it again");
	tap_ok(db_is_idle(conn), "idle");
	db_return(conn);
	db_pool_read_stats(pool, &stats);
	tap_is_int(stats.broken, 1, "one broken call is counted");
	control_server("stop", "fast");
	start = ss_time_monotonic_ms();
	tap_is_int(call_once(pool, &err), -1, "without a server a call fails");
	tap_is(err.code, "database_unavailable", "as database_unavailable");
	tap_ok(strstr(err.context, "No such file") != NULL || strstr(err.context, "refused") != NULL,
		"saying why: %s", err.context);
	tap_is_int(call_once(pool, &err), -1, "again");
	tap_ok(ss_time_monotonic_ms() - start < 1000, "and soon");
	control_server("start", NULL);
	ss_time_sleep_ms(250);
	tap_is_int(call_once(pool, &err), 0, "with the server back it works");
}

typedef struct sleeper
{
	db_conn *conn;
	int rc;
	ss_error err;
} sleeper;

static void *sleep_long(void *context)
{
	sleeper *self = context;

	self->rc = call(self->conn, "{\"sleep\":60}", NULL, &self->err);
	return NULL;
}

/* A call that breaks in the middle may have been committed: it fails and is not run again. */
static void test_death_in_a_call(db_pool *pool)
{
	ss_error err = SS_ERROR_INIT;
	sleeper self = {.conn = db_borrow(pool, 100, &err)};
	pthread_t thread;

	pthread_create(&thread, NULL, sleep_long, &self);
	while (
		strcmp(db_fixture_run("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"),
			"1") != 0)
		ss_time_sleep_ms(20);
	control_server("kill9", NULL);
	pthread_join(thread, NULL);
	tap_is_int(self.rc, -1, "kill -9 of the server in the middle of a call");
	tap_is(self.err.code, "database_unavailable", "is database_unavailable");
	control_server("start", NULL);
	ss_time_sleep_ms(250);
	tap_is(db_fixture_run("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"),
		"0", "and the call is not repeated");
	tap_is_int(call(self.conn, "{}", NULL, &err), 0, "the connection works again");
	db_return(self.conn);
}

static void *return_later(void *context)
{
	ss_time_sleep_ms(50);
	db_return(context);
	return NULL;
}

static void test_exhaustion(db_pool *pool)
{
	ss_error err = SS_ERROR_INIT;
	db_conn *first = db_borrow(pool, 0, &err);
	db_conn *second = db_borrow(pool, 0, &err);
	long long start = ss_time_monotonic_ms();
	db_pool_stats stats;
	pthread_t thread;
	db_conn *third;

	tap_ok(first != NULL && second != NULL, "two of two");
	tap_ok(db_borrow(pool, 40, &err) == NULL, "a third is refused");
	tap_is(err.code, "overloaded", "as overloaded");
	tap_ok(ss_time_monotonic_ms() - start >= 39, "after the time it was given");
	tap_ok(db_borrow(pool, 0, &err) == NULL, "or at once");
	pthread_create(&thread, NULL, return_later, second);
	third = db_borrow(pool, 5000, &err);
	tap_ok(third == second, "one that comes back in time is taken");
	pthread_join(thread, NULL);
	db_pool_read_stats(pool, &stats);
	tap_ok(stats.size == 2 && stats.borrowed == 2 && stats.waiting == 0 && stats.exhausted == 2,
		"the pool's figures say so");
	db_return(first);
	db_return(third);
	db_pool_read_stats(pool, &stats);
	tap_ok(stats.borrowed == 0 && stats.connected == 2, "and that two are open");
}

typedef struct worker
{
	db_pool *pool;
	int id;
	atomic_int *wrong;
	atomic_int *done;
} worker;

static void *work(void *context)
{
	worker *self = context;

	for (int i = 0; i < 100; i++)
	{
		ss_error err = SS_ERROR_INIT;
		db_conn *conn = db_borrow(self->pool, 30000, &err);
		auto_free char *json = NULL;
		char wish[32];

		snprintf(wish, sizeof wish, "{\"me\": %d}", self->id * 1000 + i);
		if (conn == NULL || db_get_session(conn, NULL, wish, &json, &err) != 0 ||
			strcmp(json, wish) != 0 || !db_is_idle(conn))
			atomic_fetch_add(self->wrong, 1);
		db_return(conn);
		atomic_fetch_add(self->done, 1);
	}
	return NULL;
}

static void test_many_threads(db_pool *pool)
{
	atomic_int wrong = 0;
	atomic_int done = 0;
	pthread_t threads[8];
	worker workers[8];

	for (int i = 0; i < 8; i++)
	{
		workers[i] = (worker){pool, i, &wrong, &done};
		pthread_create(&threads[i], NULL, work, &workers[i]);
	}
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	tap_is_int(atomic_load(&done), 800, "8 threads share 2 connections");
	tap_is_int(atomic_load(&wrong), 0, "and each gets its own answers");
}

/*
 * A thread holds a sound connection to one database and one to another, which dies and cannot be
 * opened again. Its calls on that one must fail, never run on the sound one.
 */
static void *use_dead_connection(void *context)
{
	atomic_int *wrong = context;
	ss_error err = SS_ERROR_INIT;
	db_pool *sound_pool = NULL;
	db_pool *dead_pool = NULL;
	db_conn *sound = NULL;
	db_conn *dead = NULL;

	if (db_pool_open("postgres", 1, &sound_pool, &err) != 0 ||
		db_pool_open("other", 1, &dead_pool, &err) != 0 ||
		(dead = db_borrow(dead_pool, 100, &err)) == NULL ||
		(sound = db_borrow(sound_pool, 100, &err)) == NULL)
	{
		atomic_fetch_add(wrong, 1000);
		return NULL;
	}
	if (db_create_session(dead, NULL, "{}", 0, 0, NULL, &err) != 0)
		atomic_fetch_add(wrong, 1);
	/* The main thread kills the databases' connections now. */
	while (db_create_session(dead, NULL, "{}", 0, 0, NULL, &err) == 0)
		ss_time_sleep_ms(5);
	for (int i = 0; i < 5; i++)
	{
		if (db_create_session(dead, NULL, "{}", 0, 0, NULL, &err) != -1 ||
			strcmp(err.code, "database_unavailable") != 0)
			atomic_fetch_add(wrong, 1);
		if (db_create_session(sound, NULL, "{}", 0, 0, NULL, &err) != 0)
			atomic_fetch_add(wrong, 1);
		ss_time_sleep_ms(60);
	}
	db_return(sound);
	db_return(dead);
	db_pool_close(sound_pool);
	db_pool_close(dead_pool);
	return NULL;
}

static void test_failed_connect(void)
{
	atomic_int wrong = 0;
	pthread_t threads[2];

	db_fixture_run("DELETE FROM streamspace.done");
	db_fixture_run("CREATE DATABASE other TEMPLATE template0");
	setenv("PGDATABASE", "other", 1);
	db_fixture_run(db_fixture_sql);
	setenv("PGDATABASE", "postgres", 1);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, use_dead_connection, &wrong);
	while (
		atoll(db_fixture_run("SELECT count(*) FROM pg_stat_activity WHERE datname = 'other'")) < 2)
		ss_time_sleep_ms(20);
	ss_time_sleep_ms(100);
	db_fixture_run("ALTER DATABASE other ALLOW_CONNECTIONS false");
	db_fixture_run(
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'other'");
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	tap_is_int(atomic_load(&wrong), 0, "calls on a connection that cannot be opened fail");
	tap_is(db_fixture_run("SELECT count(*) FROM streamspace.done"), "10",
		"and none ran on another connection");
}

static void *borrow_in_vain(void *context)
{
	ss_error err = SS_ERROR_INIT;
	db_conn *conn = db_borrow(context, 100, &err);
	bool good = conn == NULL && strcmp(err.code, "database_unavailable") == 0;

	db_return(conn);
	return good ? context : NULL;
}

/* A host that takes connections and never says a word: nobody waits for more than one attempt. */
static void test_silent_host(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	auto_close int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ss_error err = SS_ERROR_INIT;
	db_pool *pool = NULL;
	pthread_t threads[4];
	char port[16];
	int refused = 0;
	long long start;

	if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 8) != 0 ||
		getsockname(listener, (struct sockaddr *)&address, &size) != 0)
		exit(2);
	snprintf(port, sizeof port, "%d", ntohs(address.sin_port));
	setenv("PGHOST", "127.0.0.1", 1);
	setenv("PGPORT", port, 1);
	setenv("PGCONNECT_TIMEOUT", "2", 1);
	if (db_pool_open("postgres", 4, &pool, &err) != 0)
		exit(2);
	start = ss_time_monotonic_ms();
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, borrow_in_vain, pool);
	for (int i = 0; i < 4; i++)
	{
		void *good;

		pthread_join(threads[i], &good);
		refused += good != NULL;
	}
	tap_is_int(refused, 4, "a silent host: all four are refused");
	tap_ok(ss_time_monotonic_ms() - start < 3500, "after the time of one attempt");
	db_pool_close(pool);
}

int main(int argc, char **argv)
{
	ss_error err = SS_ERROR_INIT;
	db_pool *pool = NULL;

	(void)argc;
	tap_run_inside("with-postgres", argv);
	db_fixture_run(db_fixture_sql);
	if (db_pool_open("postgres", 2, &pool, &err) != 0)
	{
		printf("Bail out! %s\n", err.message);
		return 2;
	}
	tap_is_int(call_once(pool, &err), 0, "the first call opens a connection");
	tap_is(db_fixture_run("SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
						  "AND application_name = 'test_db_pool'"),
		"1", "which bears the program's name");
	test_exhaustion(pool);
	test_many_threads(pool);
	test_restart(pool);
	test_death_in_a_call(pool);
	db_pool_close(pool);
	test_failed_connect();
	test_silent_host();
	return tap_done();
}
