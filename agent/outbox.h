/*
 * outbox: what waits to be sent, in order, with or without a connection.
 *
 * Any thread pushes; the connection's thread takes. A message that nobody misses after a
 * reconnect (ack, progress, heartbeat, a piece of an inventory) is dropped when the connection
 * ends; results and observations stay: results all of them, observations the latest of each
 * session. At the bound the oldest that may go goes first, results last of all; what was lost
 * stands in the inventory that follows every connect.
 */
#ifndef AGENT_OUTBOX_H
#define AGENT_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

typedef enum outbox_kind
{
	OUTBOX_PASSING,  /* means nothing later: ack, progress, heartbeat, unsupported, inventory */
	OUTBOX_OBSERVED, /* key = session: a later one of the same key replaces it while unsent */
	OUTBOX_RESULT,   /* key = command */
} outbox_kind;

typedef struct outbox outbox;

/* `wake` is called after a push, from the pushing thread, without a lock held. */
outbox *outbox_new(size_t max, void (*wake)(void *ctx), void *ctx) SS_MUST_CHECK;
void outbox_free(outbox *box);

/* Takes `text` over (malloc'd; NULL is ignored: memory was out, the inventory tells it later). */
void outbox_push(outbox *box, outbox_kind kind, const char *key, char *text);

/* The next message, the caller's to free; NULL: none. *ret_kind is what it was pushed as. */
char *outbox_take(outbox *box, outbox_kind *ret_kind);

/* Puts a message back in front that could not be sent. */
void outbox_untake(outbox *box, outbox_kind kind, char *text);

/* A connection began or ended; without one, passing messages are dropped. */
void outbox_set_connected(outbox *box, bool connected);

size_t outbox_len(outbox *box);
/* Messages dropped at the bound so far. */
unsigned long long outbox_dropped(outbox *box);

#endif
