/*
 * write_plan: the order of writes. Writer thread only.
 *
 * A round writes stage after stage, within a stage kind after kind, each in one batch for all
 * agents. An item may be moved before what its agent said earlier only when that changes nothing:
 * heartbeats, acks and progress always may; observations and results may pass those about other
 * things. So per agent a small table (by hash of the thing: collisions only keep more order than
 * needed) remembers the last stage and kind, and an item of an earlier kind goes a stage later.
 * What may be about anything (an inventory, the result of a command that we do not remember) is
 * ordered against everything of its agent. One agent's share of a round is bounded, so that a flood
 * of one delays nobody else's messages by more than that.
 */
#include "server/write_plan.h"

#include <string.h>

#define AGENT_SHARE 512

void write_list_append(write_list *list, write_item *item)
{
	item->next = NULL;
	if (list->tail)
		list->tail->next = item;
	else
		list->head = item;
	list->tail = item;
	list->count++;
}

write_item *write_list_shift(write_list *list)
{
	write_item *item = list->head;

	if (!item)
		return NULL;
	list->head = item->next;
	if (!list->head)
		list->tail = NULL;
	list->count--;
	item->next = NULL;
	return item;
}

static void begin_round(agent_owner *owner, unsigned long long round)
{
	if (owner->round == round)
		return;
	owner->round = round;
	owner->taken = 0;
	owner->held = false;
	memset(owner->stage, 0, sizeof(owner->stage));
	memset(owner->kind, 0, sizeof(owner->kind));
}

/* The stage in which the item may be written; the owner's table then knows. */
static int place(agent_owner *owner, const write_item *item)
{
	unsigned char kind = (unsigned char)item->kind;
	int stage = 0;

	if (item->kind < WRITE_OBSERVED)
		return 0;
	int first = item->object ? (int)(item->object % AGENT_ORDER_SLOTS) : 0;
	int last = item->object ? first : AGENT_ORDER_SLOTS - 1;

	for (int i = first; i <= last; i++)
	{
		int wanted = owner->stage[i] + (kind < owner->kind[i] ? 1 : 0);

		if (wanted > stage)
			stage = wanted;
	}
	if (stage >= WRITE_STAGES)
		return stage;
	for (int i = first; i <= last; i++)
	{
		owner->stage[i] = (unsigned char)stage;
		owner->kind[i] = kind;
	}
	return stage;
}

void write_plan_make(write_plan *plan, write_list *pending)
{
	write_list all = *pending;
	write_item *item;

	*pending = (write_list){0};
	plan->round++;
	plan->stages = 0;
	while ((item = write_list_shift(&all)))
	{
		agent_owner *owner = item->owner;
		int stage = 0;

		begin_round(owner, plan->round);
		if (!owner->held && owner->taken < AGENT_SHARE)
			stage = place(owner, item);
		if (owner->held || owner->taken >= AGENT_SHARE || stage >= WRITE_STAGES)
		{
			owner->held = true;
			write_list_append(pending, item);
			continue;
		}
		owner->taken++;
		write_list_append(&plan->step[stage][item->kind], item);
		if (stage >= plan->stages)
			plan->stages = stage + 1;
	}
}
