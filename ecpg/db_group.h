/*
 * db_group: groups of users. See db_conn.h for what all calls share.
 */
#ifndef SS_ECPG_DB_GROUP_H
#define SS_ECPG_DB_GROUP_H

#include "ecpg/db_conn.h"

/* display_name NULL: unchanged. Answers the group, as the other changes do */
int db_put_group(db_conn *conn, const db_call *call, const char *name, const char *display_name,
	const char *org, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_get_group(db_conn *conn, const db_call *call, const char *group, const char *org,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

/* user: only the groups that he is in */
int db_list_groups(db_conn *conn, const db_call *call, const char *user, const char *org, int limit,
	const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_delete_group(db_conn *conn, const db_call *call, const char *group, const char *org,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_list_group_members(db_conn *conn, const db_call *call, const char *group, const char *org,
	int limit, const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_add_group_member(db_conn *conn, const db_call *call, const char *group, const char *user,
	const char *org, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_remove_group_member(db_conn *conn, const db_call *call, const char *group, const char *user,
	const char *org, char **ret_json, ss_error *err) SS_MUST_CHECK;

#endif
