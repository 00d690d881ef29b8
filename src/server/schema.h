/*
 * schema: which database this program was built for, and whether the one it found will do. Which
 * servers a database serves is said by the database alone (streamspace.check_schema); a newer one
 * goes on serving the servers of before, so that both may run at the same time. Any thread.
 */
#ifndef STREAMSPACE_SERVER_SCHEMA_H
#define STREAMSPACE_SERVER_SCHEMA_H

#include "ecpg/db_system.h"

typedef enum schema_state
{
	SCHEMA_UNKNOWN, /* the database did not say */
	SCHEMA_SERVED,  /* it will do */
	SCHEMA_OLDER,   /* none yet, or one of before: waiting for a migration helps */
	SCHEMA_NEWER,   /* it serves this program no more: only a newer program helps */
} schema_state;

typedef struct schema_report
{
	schema_state state;
	char version[DB_SCHEMA_VERSION_SIZE]; /* the database's; "": it has none */
	char reason[400];                     /* why it will not do; "" when it does */
} schema_report;

/* The last change of migrations/sqitch.plan at build time. */
const char *schema_expected(void);

/* Asks the database. The failure of a database that cannot be asked stands in the report. */
void schema_look(db_conn *conn, schema_report *ret);

#endif
