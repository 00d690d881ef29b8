/* schema: the one file that is compiled with the names of the migrations (see the Makefile). */
#include "server/schema.h"

#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "server/exit_code.h"

static const char *const plan[] = {SS_SCHEMA_PLAN};

#define PLAN_LENGTH (sizeof plan / sizeof plan[0])

const char *schema_expected(void)
{
	return plan[PLAN_LENGTH - 1];
}

static bool is_planned(const char *version)
{
	for (size_t i = 0; i < PLAN_LENGTH; i++)
		if (strcmp(plan[i], version) == 0)
			return true;
	return false;
}

static int read_answer(const char *text, schema_report *ret, ss_error *err)
{
	auto_cjson cJSON *json = NULL;
	if (ss_json_parse(text, strlen(text), 4096, &json, NULL, 0, err))
		return -1;
	const char *version = ss_json_string(json, "version");
	const char *oldest = ss_json_string(json, "oldest");
	if (version == NULL || oldest == NULL || strlen(version) >= sizeof ret->version)
		return ss_fail(err, "internal", "the database does not say its schema version");
	snprintf(ret->version, sizeof ret->version, "%s", version);
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "served")))
		ret->state = SCHEMA_SERVED;
	else if (is_planned(version))
		ret->state = SCHEMA_OLDER;
	else
		ret->state = SCHEMA_NEWER;
	if (ret->state == SCHEMA_OLDER)
		snprintf(ret->reason, sizeof ret->reason, "schema: the database has %.100s, this needs %s",
			version, schema_expected());
	if (ret->state == SCHEMA_NEWER)
		snprintf(ret->reason, sizeof ret->reason,
			"schema: the database has %.100s and serves servers from %.100s on, this one is of %s",
			version, oldest, schema_expected());
	return 0;
}

void schema_look(db_conn *conn, schema_report *ret)
{
	ss_error err = SS_ERROR_INIT;
	auto_free char *json = NULL;
	*ret = (schema_report){0};
	int rc = db_check_schema(conn, schema_expected(), &json, &err);
	if (rc > 0)
		rc = ss_fail(&err, "internal", "the database does not say its schema version");
	if (rc == 0 && read_answer(json, ret, &err) == 0)
		return;
	if (exit_code_of(&err) == SS_EXIT_SCHEMA)
	{
		ret->state = SCHEMA_OLDER;
		snprintf(ret->reason, sizeof ret->reason, "schema: the database has none, this needs %s",
			schema_expected());
	}
	else
		snprintf(ret->reason, sizeof ret->reason, "database: %s", err.code);
}
