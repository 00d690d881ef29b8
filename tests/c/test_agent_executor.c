/*
 * The agent's executor: order of one object, objects side by side, repeated and overtaken
 * commands, the bound, the end; to be run under ThreadSanitizer too.
 */
#include "agent/executor.h"
#include "common/log.h"
#include "common/timeutil.h"
#include "tests/c/tap.h"

#include <pthread.h>
#include <stdatomic.h>

#define SESSIONS 20
#define EACH 25

/* What the false driver saw. */
static struct
{
	pthread_mutex_t lock;
	int64_t last[SESSIONS];
	int running[SESSIONS];
	bool disorder;
	bool overlap;
	atomic_int calls;
	atomic_int now;
	atomic_int most;
	atomic_bool hold;
	atomic_bool fail;
} seen = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct
{
	pthread_mutex_t lock;
	int count;
	int complete;
	int failed;
	char last[512];
} results = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int act(
	driver_instance *driver, const driver_command *command, driver_result *ret, ss_error *err)
{
	int session = (int)strtol(command->object_id + 2, NULL, 10);

	(void)driver;
	int now = atomic_fetch_add(&seen.now, 1) + 1;
	if (now > atomic_load(&seen.most))
		atomic_store(&seen.most, now);
	atomic_fetch_add(&seen.calls, 1);
	pthread_mutex_lock(&seen.lock);
	seen.overlap = seen.overlap || seen.running[session]++ > 0;
	seen.disorder = seen.disorder || command->revision <= seen.last[session];
	seen.last[session] = command->revision;
	pthread_mutex_unlock(&seen.lock);
	while (atomic_load(&seen.hold))
		ss_time_sleep_ms(1);
	pthread_mutex_lock(&seen.lock);
	seen.running[session]--;
	pthread_mutex_unlock(&seen.lock);
	atomic_fetch_sub(&seen.now, 1);
	if (atomic_load(&seen.fail))
		return ss_fail(err, "command_not_found", "no such program");
	snprintf(ret->state, sizeof ret->state, "running");
	ret->revision = command->revision;
	return 0;
}

static const driver_ops false_driver = {
	.name = "false",
	.start = act,
	.stop = act,
	.hibernate = act,
	.wake = act,
	.apply = act,
	.remove = act,
};

static void on_result(void *ctx, const driver_command *command, char *text)
{
	(void)ctx;
	(void)command;
	pthread_mutex_lock(&results.lock);
	results.count++;
	results.complete += strstr(text, "\"complete\"") != NULL;
	results.failed += strstr(text, "\"failed\"") != NULL;
	snprintf(results.last, sizeof results.last, "%s", text);
	pthread_mutex_unlock(&results.lock);
	free(text);
}

static int result_count(void)
{
	pthread_mutex_lock(&results.lock);
	int count = results.count;
	pthread_mutex_unlock(&results.lock);
	return count;
}

static bool await_results(int count)
{
	for (int i = 0; i < 10000 && result_count() < count; i++)
		ss_time_sleep_ms(1);
	return result_count() == count;
}

static wire_command *command(const char *id, int session, int64_t revision)
{
	wire_command *made = calloc(1, sizeof *made);

	snprintf(made->command.id, sizeof made->command.id, "%s", id);
	snprintf(made->command.object_kind, sizeof made->command.object_kind, "session");
	snprintf(made->command.object_id, sizeof made->command.object_id, "s-%d", session);
	made->command.action = DRIVER_START;
	made->command.revision = revision;
	return made;
}

static executor *begin(objects *set, int threads, size_t queue)
{
	ss_error err = SS_ERROR_INIT;
	executor *pool = NULL;
	executor_config config = {
		.ops = &false_driver,
		.objects = set,
		.threads = threads,
		.queue = queue,
		.result = on_result,
	};

	memset(&results.count, 0, sizeof results.count);
	results.complete = results.failed = 0;
	memset(seen.last, 0, sizeof seen.last);
	atomic_store(&seen.calls, 0);
	atomic_store(&seen.most, 0);
	if (executor_start(&config, &pool, &err) < 0)
	{
		printf("Bail out! %s\n", err.message);
		exit(1);
	}
	return pool;
}

static void test_order(void)
{
	objects *set = objects_new(1000, 1000);
	executor *pool = begin(set, 8, 10000);
	char id[32];

	for (int round = 1; round <= EACH; round++)
	{
		for (int session = 0; session < SESSIONS; session++)
		{
			snprintf(id, sizeof id, "c-%d-%d", session, round);
			if (executor_submit(pool, command(id, session, round)) != EXECUTOR_ACCEPTED)
				tap_ok(false, "command %s is taken", id);
		}
	}
	tap_ok(await_results(SESSIONS * EACH), "every command has one result");
	tap_ok(!seen.disorder, "the commands of a session are done in their order");
	tap_ok(!seen.overlap, "and never two at a time");
	tap_is_int(atomic_load(&seen.calls), SESSIONS * EACH, "each is done once");
	tap_is_int(results.complete, SESSIONS * EACH, "all are complete");
	executor_free(pool);
	objects_free(set);
}

static void test_side_by_side(void)
{
	objects *set = objects_new(1000, 1000);
	executor *pool = begin(set, 4, 100);
	char id[32];

	atomic_store(&seen.hold, true);
	for (int session = 0; session < 6; session++)
	{
		snprintf(id, sizeof id, "p-%d", session);
		(void)executor_submit(pool, command(id, session, 1));
	}
	(void)executor_submit(pool, command("p-0-again", 0, 2));
	for (int i = 0; i < 5000 && atomic_load(&seen.now) < 4; i++)
		ss_time_sleep_ms(1);
	tap_is_int(atomic_load(&seen.now), 4, "four executors work on four sessions at a time");
	tap_is_int((long long)executor_len(pool), 7, "the others wait");
	atomic_store(&seen.hold, false);
	tap_ok(await_results(7), "then all are done");
	tap_is_int(atomic_load(&seen.most), 4, "never more than four at a time");
	executor_free(pool);
	objects_free(set);
}

static void test_repeated(void)
{
	objects *set = objects_new(1000, 1000);
	executor *pool = begin(set, 2, 100);

	atomic_store(&seen.hold, true);
	tap_is_int(executor_submit(pool, command("r-1", 1, 5)), EXECUTOR_ACCEPTED, "a command");
	tap_is_int(executor_submit(pool, command("r-1", 1, 5)), EXECUTOR_KNOWN, "again while it runs");
	atomic_store(&seen.hold, false);
	tap_ok(await_results(1), "one result");
	while (executor_len(pool) > 0)
		ss_time_sleep_ms(1);
	tap_is_int(executor_submit(pool, command("r-1", 1, 5)), EXECUTOR_DONE, "again when it is done");
	tap_ok(await_results(2), "its stored result is answered");
	tap_is_int(atomic_load(&seen.calls), 1, "without another effect");

	(void)executor_submit(pool, command("r-0", 1, 4));
	tap_ok(await_results(3), "an overtaken command is answered");
	tap_is_int(atomic_load(&seen.calls), 1, "without an effect");
	tap_ok(strstr(results.last, "\"complete\"") && strstr(results.last, "\"revision\":5"),
		"with the present revision: %s", results.last);

	(void)executor_submit(pool, command("r-2", 1, 5));
	tap_ok(await_results(4), "another command of the same revision");
	tap_is_int(atomic_load(&seen.calls), 2, "is the driver's to judge");
	executor_free(pool);
	objects_free(set);
}

static void test_failure_and_deadline(void)
{
	objects *set = objects_new(1000, 1000);
	executor *pool = begin(set, 2, 100);
	wire_command *late = command("f-2", 2, 1);

	atomic_store(&seen.fail, true);
	(void)executor_submit(pool, command("f-1", 1, 1));
	tap_ok(await_results(1) && results.failed == 1, "a failure is reported");
	tap_ok(strstr(results.last, "\"reason\":\"command_not_found\"") != NULL, "with its code");
	atomic_store(&seen.fail, false);
	late->command.deadline_ms = ss_time_monotonic_ms() - 1;
	(void)executor_submit(pool, late);
	tap_ok(await_results(2) && results.failed == 2, "a start after its deadline is refused");
	late = command("f-3", 3, 1);
	late->command.action = DRIVER_STOP;
	late->command.deadline_ms = ss_time_monotonic_ms() - 1;
	(void)executor_submit(pool, late);
	tap_ok(await_results(3) && results.complete == 1, "a stop is done late rather than never");
	executor_free(pool);
	objects_free(set);
}

static void test_bound(void)
{
	objects *set = objects_new(1000, 1000);
	executor *pool = begin(set, 1, 3);

	atomic_store(&seen.hold, true);
	(void)executor_submit(pool, command("b-1", 1, 1));
	(void)executor_submit(pool, command("b-2", 2, 1));
	tap_ok(executor_has_room(pool), "there is room for a third");
	(void)executor_submit(pool, command("b-3", 3, 1));
	tap_ok(!executor_has_room(pool), "not for a fourth");
	tap_is_int(executor_submit(pool, command("b-4", 4, 1)), EXECUTOR_FULL, "which is not taken");
	tap_is_int(executor_submit(pool, command("b-2", 2, 1)), EXECUTOR_KNOWN, "a known one is known");
	for (int i = 0; i < 5000 && atomic_load(&seen.now) < 1; i++)
		ss_time_sleep_ms(1);
	atomic_store(&seen.hold, false);
	executor_free(pool);
	tap_ok(result_count() >= 1, "at the end what runs is finished");
	objects_free(set);
}

int main(void)
{
	ss_log_set_level(SS_LOG_ERROR);
	test_order();
	test_side_by_side();
	test_repeated();
	test_failure_and_deadline();
	test_bound();
	return tap_done();
}
