/*
 * health: is this server ready? A thread of its own asks the database each second over a
 * connection of its own, so that /readyz never waits and is not refused by a busy pool.
 */
#ifndef STREAMSPACE_SERVER_HEALTH_H
#define STREAMSPACE_SERVER_HEALTH_H

#include "ecpg/db_system.h"
#include "server/request.h"

typedef struct health_report
{
	bool ready;
	bool database; /* reachable */
	bool schema;   /* serves this program (see schema.h) */
	bool draining;
	char reason[512];                            /* why it is not ready; "" when it is */
	char schema_version[DB_SCHEMA_VERSION_SIZE]; /* the database's; "": none, or not known */
} health_report;

/* Starts the thread after a first look. */
int health_start(server *server, health **ret, ss_error *err) SS_MUST_CHECK;

/* The last findings. Any thread; never waits for the database. */
void health_read(health *h, health_report *ret);

/*
 * What streamspace.get_metrics() said last: JSON text, malloc'd, the caller's to free; NULL when
 * there is none or it is older than a minute.
 */
char *health_read_metrics(health *h);

void health_stop(health *h);

#endif
