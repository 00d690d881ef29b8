/* outbox: a bounded list under one lock. Threads as in outbox.h. */
#include "agent/outbox.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry
{
	struct entry *next;
	struct entry **link; /* what points to this entry */
	outbox_kind kind;
	char key[192];
	char *text;
} entry;

struct outbox
{
	pthread_mutex_t lock;
	entry *head;
	entry **tail;
	size_t len;
	size_t max;
	bool connected;
	unsigned long long dropped;
	void (*wake)(void *ctx);
	void *ctx;
};

outbox *outbox_new(size_t max, void (*wake)(void *ctx), void *ctx)
{
	outbox *box = calloc(1, sizeof *box);

	if (box == NULL)
		return NULL;
	pthread_mutex_init(&box->lock, NULL);
	box->tail = &box->head;
	box->max = max;
	box->wake = wake;
	box->ctx = ctx;
	return box;
}

static void unlink_entry(outbox *box, entry *item)
{
	*item->link = item->next;
	if (item->next != NULL)
		item->next->link = item->link;
	else
		box->tail = item->link;
	box->len--;
}

static void drop(outbox *box, entry *item)
{
	unlink_entry(box, item);
	free(item->text);
	free(item);
}

void outbox_free(outbox *box)
{
	if (box == NULL)
		return;
	while (box->head != NULL)
		drop(box, box->head);
	pthread_mutex_destroy(&box->lock);
	free(box);
}

/* Room for one more: the oldest of the least worth goes. */
static void make_room(outbox *box)
{
	static const outbox_kind worth[] = {OUTBOX_PASSING, OUTBOX_OBSERVED, OUTBOX_RESULT};

	for (size_t i = 0; box->len >= box->max && i < sizeof worth / sizeof *worth; i++)
	{
		entry *item = box->head;
		while (item != NULL && item->kind != worth[i])
			item = item->next;
		if (item != NULL)
		{
			drop(box, item);
			box->dropped++;
		}
	}
}

static void replace_observed(outbox *box, const char *key)
{
	for (entry *item = box->head; item != NULL; item = item->next)
	{
		if (item->kind == OUTBOX_OBSERVED && strcmp(item->key, key) == 0)
		{
			drop(box, item);
			return;
		}
	}
}

void outbox_push(outbox *box, outbox_kind kind, const char *key, char *text)
{
	entry *item = text != NULL ? calloc(1, sizeof *item) : NULL;

	if (item == NULL)
	{
		free(text);
		return;
	}
	item->kind = kind;
	item->text = text;
	snprintf(item->key, sizeof item->key, "%s", key != NULL ? key : "");
	pthread_mutex_lock(&box->lock);
	if (!box->connected && kind == OUTBOX_PASSING)
	{
		pthread_mutex_unlock(&box->lock);
		free(item->text);
		free(item);
		return;
	}
	if (kind == OUTBOX_OBSERVED && !box->connected)
		replace_observed(box, item->key);
	make_room(box);
	item->link = box->tail;
	*box->tail = item;
	box->tail = &item->next;
	box->len++;
	pthread_mutex_unlock(&box->lock);
	box->wake(box->ctx);
}

char *outbox_take(outbox *box, outbox_kind *ret_kind)
{
	char *text = NULL;

	pthread_mutex_lock(&box->lock);
	entry *item = box->head;
	if (item != NULL)
	{
		unlink_entry(box, item);
		text = item->text;
		*ret_kind = item->kind;
		free(item);
	}
	pthread_mutex_unlock(&box->lock);
	return text;
}

void outbox_untake(outbox *box, outbox_kind kind, char *text)
{
	entry *item = kind == OUTBOX_PASSING ? NULL : calloc(1, sizeof *item);

	if (item == NULL)
	{
		free(text);
		return;
	}
	item->kind = kind;
	item->text = text;
	pthread_mutex_lock(&box->lock);
	item->next = box->head;
	item->link = &box->head;
	if (box->head != NULL)
		box->head->link = &item->next;
	else
		box->tail = &item->next;
	box->head = item;
	box->len++;
	pthread_mutex_unlock(&box->lock);
}

void outbox_set_connected(outbox *box, bool connected)
{
	pthread_mutex_lock(&box->lock);
	box->connected = connected;
	entry *next = NULL;
	for (entry *item = connected ? NULL : box->head; item != NULL; item = next)
	{
		next = item->next;
		if (item->kind == OUTBOX_PASSING)
			drop(box, item);
	}
	pthread_mutex_unlock(&box->lock);
}

size_t outbox_len(outbox *box)
{
	pthread_mutex_lock(&box->lock);
	size_t len = box->len;
	pthread_mutex_unlock(&box->lock);
	return len;
}

unsigned long long outbox_dropped(outbox *box)
{
	pthread_mutex_lock(&box->lock);
	unsigned long long dropped = box->dropped;
	pthread_mutex_unlock(&box->lock);
	return dropped;
}
