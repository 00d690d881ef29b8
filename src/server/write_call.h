/*
 * write_call: one call of the database for a list of items, with retries. Writer thread only.
 */
#ifndef STREAMSPACE_SERVER_WRITE_CALL_H
#define STREAMSPACE_SERVER_WRITE_CALL_H

#include "ecpg/db_conn.h"
#include "server/write_plan.h"

typedef struct write_call
{
	dispatch *d;
	db_conn *conn; /* kept from call to call; NULL: to be borrowed */
	bool failing;  /* the last attempt failed: said once */
	unsigned attempt;
} write_call;

/*
 * Writes items from the head of `items` (all of one kind), as many as one call takes, and moves
 * them to `done`. While the database is away it waits and tries again. false: the server stops and
 * its time is over; the items stay where they are.
 */
bool write_call_run(write_call *call, write_kind kind, write_list *items, write_list *done);

void write_call_done(write_call *call);

/* Of writer.c: waits ms, or less when the server stops; false: it stops and its time is over. */
bool writer_pause(dispatch *d, int ms);

#endif
