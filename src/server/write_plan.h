/*
 * write_plan: sorts a queue of items into calls of the database, keeping the order that matters.
 * Writer thread only.
 */
#ifndef STREAMSPACE_SERVER_WRITE_PLAN_H
#define STREAMSPACE_SERVER_WRITE_PLAN_H

#include "server/writer.h"

/* Calls for one kind that may follow each other in a round. */
#define WRITE_STAGES 8

typedef struct write_list
{
	write_item *head;
	write_item *tail;
	long long count;
} write_list;

typedef struct write_plan
{
	unsigned long long round;
	write_list step[WRITE_STAGES][WRITE_KINDS];
	int stages; /* that hold something */
} write_plan;

void write_list_append(write_list *list, write_item *item);
write_item *write_list_shift(write_list *list); /* NULL: empty */

/*
 * Moves the items of `pending` into the plan; those that must wait for the next round (an agent
 * has had its share, or would need more stages) stay in `pending`, in order.
 */
void write_plan_make(write_plan *plan, write_list *pending);

#endif
