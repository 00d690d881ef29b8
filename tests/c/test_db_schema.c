/*
 * Every data-access function against the installed schema, as the server's login: its SQL function
 * is there, with these parameters, and granted. And: codes that C raises are those of the table.
 * What the functions do is tested in tests/sql. Runs itself inside tests/bin/with-db.
 */
#include "ecpg/db_account.h"
#include "ecpg/db_admission.h"
#include "ecpg/db_agent.h"
#include "ecpg/db_collaboration.h"
#include "ecpg/db_credential.h"
#include "ecpg/db_group.h"
#include "ecpg/db_home.h"
#include "ecpg/db_identity.h"
#include "ecpg/db_lifecycle.h"
#include "ecpg/db_queue.h"
#include "ecpg/db_session.h"
#include "ecpg/db_settings.h"
#include "ecpg/db_system.h"
#include "ecpg/db_template.h"
#include "tests/c/tap.h"

/* Class 42: undefined function, wrong type, no privilege. 22P02, 22023: an argument that no cast
 * takes. */
static void check(const char *name, int rc, const ss_error *err)
{
	bool fits = rc >= 0 || strncmp(err->sqlstate, "SS", 2) == 0;

	tap_ok(fits, "%s", name);
	if (!fits)
		printf("#   %s %s\n", err->code, err->context);
}

#define TRY(function, ...) \
	do \
	{ \
		ss_error err = SS_ERROR_INIT; \
		int rc = function(conn, __VA_ARGS__, NULL, &err); \
\
		check(#function, rc, &err); \
	} while (0)

/* For functions that answer nothing. */
#define TRY_STATUS(function, ...) \
	do \
	{ \
		ss_error err = SS_ERROR_INIT; \
		int rc = function(conn, __VA_ARGS__, &err); \
\
		check(#function, rc, &err); \
	} while (0)

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const db_call actor = {.actor = HASH};
static const db_call mutation = {.actor = HASH, .request_id = "key", .dry_run = true};

static void test_people(db_conn *conn)
{
	TRY(db_login_challenge, NULL, "nobody", "127.0.0.1");
	TRY_STATUS(db_record_failed_login, NULL, "nobody", "127.0.0.1", "curl");
	TRY(db_complete_login, NULL, "nobody", "x", HASH, "127.0.0.1", "curl");
	TRY(db_password_challenge, &actor);
	TRY(db_change_password, &actor, "x", "x");
	TRY(db_log_out, &actor);
	TRY(db_get_me, &actor);
	TRY(db_create_user, &mutation, "ann", NULL, NULL, NULL, DB_INT_NULL);
	TRY(db_get_user, &actor, "ann", NULL);
	TRY(db_update_user, &mutation, "ann", NULL, NULL, "true", NULL);
	TRY(db_list_users, &actor, NULL, NULL, "false", DB_INT_NULL, NULL);
	TRY(db_set_password, HASH, "x", "127.0.0.1");
	TRY(db_reset_password, &mutation, "ann", NULL);
	TRY(db_initialize, NULL, NULL, NULL, NULL);
	TRY(db_put_org, &mutation, "org", NULL, DB_INT_NULL, DB_INT_NULL);
	TRY(db_get_org, &actor, "org");
	TRY(db_list_orgs, &actor, DB_INT_NULL, NULL);
	TRY(db_set_bootstrap_key, &mutation, HASH);
}

static void test_accounts(db_conn *conn)
{
	TRY(db_put_group, &mutation, "g", NULL, NULL);
	TRY(db_get_group, &actor, "g", NULL);
	TRY(db_list_groups, &actor, NULL, NULL, DB_INT_NULL, NULL);
	TRY(db_delete_group, &mutation, "g", NULL);
	TRY(db_list_group_members, &actor, "g", NULL, DB_INT_NULL, NULL);
	TRY(db_add_group_member, &mutation, "g", "ann", NULL);
	TRY(db_remove_group_member, &mutation, "g", "ann", NULL);
	TRY(db_list_logins, &actor, NULL, NULL, DB_INT_NULL, NULL);
	TRY(db_revoke_login, &mutation, "l-1");
	TRY(db_create_api_key, &mutation, "k", "{read}", "2030-01-01T00:00:00Z");
	TRY(db_list_api_keys, &actor, NULL, NULL, DB_INT_NULL, NULL);
	TRY(db_revoke_api_key, &mutation, "k-1");
	TRY(db_record_credential_uses, "[]");
	TRY(db_get_settings, &actor);
	TRY(db_put_settings, &mutation, "{}");

	ss_error refusal = SS_ERROR_INIT;
	check("db_check_password_token", db_check_password_token(conn, HASH, &refusal), &refusal);
}

static void test_sessions(db_conn *conn)
{
	const db_bulk bulk = {.filter = "{}", .action = "wake", .all_or_nothing = "true"};
	const db_home_wish wish = {.name = "h", .size_mib = 1, .retention_seconds = DB_BIGINT_NULL};
	const db_session_filter filter = {.tag = "t", .shared = "true"};

	TRY(db_put_template, &mutation, "t", "{}", NULL);
	TRY(db_get_template, &actor, "t", DB_INT_NULL, NULL);
	TRY(db_list_templates, &actor, NULL, DB_INT_NULL, NULL);
	TRY(db_create_session, &mutation, "{\"template\":\"t\"}", DB_INT_NULL, DB_INT_NULL);
	TRY(db_create_sessions, "[]");
	TRY(db_get_session, &actor, "s-1");
	TRY(db_list_sessions, &actor, &filter, DB_INT_NULL, NULL);
	TRY(db_update_session, &mutation, "s-1", "n", NULL, "{a}");
	TRY(db_share_session, &mutation, "s-1", "u", NULL, NULL, "2030-01-01T00:00:00Z");
	TRY(db_revoke_share, &mutation, "s-1", "sh-1");
	TRY(db_change_sessions, &mutation, &bulk);
	TRY(db_create_home, &mutation, &wish, NULL, NULL);
	TRY(db_get_home, &actor, "h-1");
	TRY(db_list_homes, &actor, NULL, NULL, NULL, DB_INT_NULL, NULL);
	TRY(db_update_home, &mutation, "h-1", &wish);
	TRY(db_delete_home, &mutation, "h-1");
	TRY(db_list_shares, &actor, "s-1", DB_INT_NULL, NULL);
	TRY(db_list_stuck, &actor, NULL, NULL, DB_INT_NULL, NULL);
	TRY(db_retry_session, &mutation, "s-1");
	TRY(db_extend_session, &mutation, "s-1", 60);
	TRY(db_report_activity, &actor, "s-1");
	TRY(db_session_outlook, &actor, "s-1");
	TRY(db_record_activity, "[]");
	TRY(db_put_schedule, &mutation, "s-1", "{}");
	TRY(db_get_schedule, &actor, "s-1");
	TRY(db_delete_schedule, &mutation, "s-1");
	TRY(db_list_schedules, &actor, NULL, DB_INT_NULL, NULL);
	TRY(db_put_session_policy, &mutation, "s-1", "{}");
	TRY(db_get_session_policy, &actor, "s-1");
	TRY(db_put_policy, &mutation, "org", NULL, "{}", NULL);
	TRY(db_get_policy, &actor, "org", NULL, NULL);
	TRY(db_list_policies, &actor, NULL, NULL, DB_INT_NULL, NULL);
	TRY(db_hibernate_session, &mutation, "s-1");
	TRY(db_wake_session, &mutation, "s-1");
	TRY(db_terminate_session, &mutation, "s-1", true);
}

static void test_agents(db_conn *conn)
{
	TRY(db_list_agents, &actor, NULL, NULL, DB_INT_NULL, NULL);
	TRY(db_approve_agent, &mutation, "a-1", NULL);
	TRY(db_reject_agent, &mutation, "a-1", NULL);
	TRY(db_register_agent, &actor, "a-1", "process", NULL, NULL, NULL, DB_INT_NULL, NULL);
	TRY(db_connect_agent, &actor, "a-1", NULL, "r", NULL, DB_BIGINT_NULL);
	TRY(db_disconnect_agent, "a-1", 1, NULL);
	TRY(db_claim_commands, "[]", DB_INT_NULL);
	TRY(db_acknowledge_commands, "[]");
	TRY(db_complete_commands, "[]");
	TRY(db_observe_sessions, "[]");
	TRY(db_report_progress, "[]");
	TRY(db_record_heartbeats, "[]");
	TRY(db_record_inventory, "a-1", 1, "[]", false);
	TRY(db_tick, DB_INT_NULL);
	TRY(db_find_waiting_agents, "r");

	ss_error refusal = SS_ERROR_INIT;
	long long horizon = 0;
	check("db_set_doorbell", db_set_doorbell(conn, "r", 1, &refusal), &refusal);
	check("db_take_horizon", db_take_horizon(conn, &horizon, &refusal), &refusal);
	tap_ok(horizon > 0, "a horizon");
}

static void test_system(db_conn *conn)
{
	char version[DB_SCHEMA_VERSION_SIZE];
	ss_error err = SS_ERROR_INIT;
	char *json = NULL;

	tap_is_int(db_get_metrics(conn, &json, &err), 0, "db_get_metrics");
	tap_ok(json != NULL && json[0] == '{', "answers an object");
	free(json);
	tap_is_int(db_schema_version(conn, version, &err), 0, "db_schema_version");
	tap_ok(version[0] != '\0', "answers %s", version);
}

/* Before loading only the built-in table is there; both must say the same. */
static void test_error_table(db_conn *conn)
{
	size_t count;
	const ss_error_code *builtin = ss_error_builtin(&count);
	ss_error err = SS_ERROR_INIT;

	tap_is_int(db_error_table_load(conn, &err), 0, "the table of error codes");
	for (size_t i = 0; i < count; i++)
	{
		const ss_error_code *row = ss_error_find_code(builtin[i].code);

		if (row == &builtin[i])
			tap_ok(strncmp(row->code, "http_", 5) == 0 || strcmp(row->code, "invalid_option") == 0,
				"%s belongs to programs without a database", row->code);
		else
			tap_is_int(
				row->http_status, builtin[i].http_status, "%s has one status", builtin[i].code);
	}
}

int main(int argc, char **argv)
{
	ss_error err = SS_ERROR_INIT;
	db_pool *pool = NULL;
	db_conn *conn;

	(void)argc;
	tap_run_inside("with-db", argv);
	setenv("PGUSER", "api", 1);
	if (db_pool_open("streamspace", 1, &pool, &err) != 0 ||
		(conn = db_borrow(pool, 0, &err)) == NULL)
	{
		printf("Bail out! %s: %s\n", err.message, err.context);
		return 2;
	}
	test_error_table(conn);
	test_people(conn);
	test_accounts(conn);
	test_sessions(conn);
	test_agents(conn);
	test_system(conn);
	tap_ok(db_is_idle(conn), "the connection is idle");
	db_return(conn);
	db_pool_close(pool);
	return tap_done();
}
