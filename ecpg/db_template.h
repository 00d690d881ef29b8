/*
 * db_template: the SQL functions about templates. See db_conn.h for what all calls share.
 */
#ifndef SS_ECPG_DB_TEMPLATE_H
#define SS_ECPG_DB_TEMPLATE_H

#include "ecpg/db_conn.h"

/* {"name","org","revision","platforms","spec","created_at","updated_at"}. spec: JSON text of the
 * spec or of a whole `kind: Template` document; name NULL: its metadata.name. The same content
 * keeps its revision. */
int db_put_template(db_conn *conn, const db_call *call, const char *name, const char *spec,
	const char *org, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* revision DB_INT_NULL: the newest. */
int db_get_template(db_conn *conn, const db_call *call, const char *name, int revision,
	const char *org, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_list_templates(db_conn *conn, const db_call *call, const char *org, int limit,
	const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* The template as it was, with "deleted". */
int db_delete_template(db_conn *conn, const db_call *call, const char *name, const char *org,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_list_template_revisions(db_conn *conn, const db_call *call, const char *name,
	const char *org, int limit, const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"template","org","groups","published_to","managed","revision"}, also from the two that follow.
 */
int db_get_template_access(db_conn *conn, const db_call *call, const char *name, const char *org,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

/* groups: the literal of a text[]; NULL: everybody. */
int db_set_template_access(db_conn *conn, const db_call *call, const char *name, const char *groups,
	const char *org, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* orgs: the literal of a text[]. */
int db_publish_template(db_conn *conn, const db_call *call, const char *name, const char *orgs,
	const char *org, char **ret_json, ss_error *err) SS_MUST_CHECK;

#endif
