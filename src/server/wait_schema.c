/* wait_schema: one look a second; what is found is logged when it changes, and now and then. */
#include "server/wait_schema.h"

#include <stdio.h>
#include <string.h>

#include "common/exit.h"
#include "common/log.h"
#include "common/timeutil.h"
#include "server/schema.h"

#define BORROW_TIMEOUT_MS 5000
#define LOOK_EVERY_MS 1000
#define TELL_EVERY_MS 15000

static void look(db_pool *pool, schema_report *found)
{
	ss_error err = SS_ERROR_INIT;
	db_conn *conn = db_borrow(pool, BORROW_TIMEOUT_MS, &err);
	*found = (schema_report){0};
	if (conn != NULL)
		schema_look(conn, found);
	else
		snprintf(found->reason, sizeof found->reason, "database: %.300s", err.message);
	db_return(conn);
}

static int wait_with(db_pool *pool, long long wait_ms)
{
	long long start = ss_time_monotonic_ms();
	long long told_ms = 0;
	schema_report found, told = {0};
	for (;;)
	{
		look(pool, &found);
		long long now = ss_time_monotonic_ms();
		if (found.state == SCHEMA_SERVED)
		{
			ss_log(SS_LOG_INFO, "schema", "served", "version", found.version, "expected",
				schema_expected(), "waited_ms", SS_NUM(now - start), NULL);
			return SS_EXIT_OK;
		}
		bool over = found.state == SCHEMA_NEWER || now - start >= wait_ms;
		if (over)
			break;
		if (strcmp(told.reason, found.reason) != 0 || now - told_ms >= TELL_EVERY_MS)
		{
			ss_log(SS_LOG_INFO, "schema", "waiting", "reason", found.reason, "waited_ms",
				SS_NUM(now - start), "at_most_ms", SS_NUM(wait_ms), NULL);
			told = found;
			told_ms = now;
		}
		long long left = wait_ms - (now - start);
		ss_time_sleep_ms(left < LOOK_EVERY_MS ? left : LOOK_EVERY_MS);
	}
	ss_log(SS_LOG_ERROR, "schema", "not_served", "reason", found.reason, "waited_ms",
		SS_NUM(ss_time_monotonic_ms() - start), NULL);
	return found.state == SCHEMA_UNKNOWN ? SS_EXIT_DATABASE : SS_EXIT_SCHEMA;
}

int wait_schema_run(const server_config *config)
{
	db_pool *pool = NULL;
	ss_error err = SS_ERROR_INIT;
	if (db_pool_open(config->database, 1, &pool, &err))
	{
		ss_log_error(SS_LOG_ERROR, "schema", "not_asked", &err, NULL);
		return SS_EXIT_FAILURE;
	}
	int code = wait_with(pool, config->schema_wait * 1000);
	db_pool_close(pool);
	return code;
}
