/*
 * writer: the thread that brings to the database what agents say, in batches.
 *
 * writer_put*, writer_is_full() and the lengths may be called from the loop thread (put) or any
 * (the others). While one batch is written, the next collects: no timer. What one agent says about
 * one thing stays in order. Nothing is dropped while the database is away: the queue fills, the
 * loop stops reading from agents, and TCP makes them wait.
 */
#ifndef STREAMSPACE_SERVER_WRITER_H
#define STREAMSPACE_SERVER_WRITER_H

#include <cjson/cJSON.h>

#include "server/agent_owner.h"

/* In the order in which the kinds are written. */
typedef enum write_kind
{
	WRITE_HEARTBEAT,
	WRITE_ACK,
	WRITE_PROGRESS,
	WRITE_OBSERVED,
	WRITE_RESULT,
	WRITE_INVENTORY,
	WRITE_DISCONNECT,
	WRITE_KINDS,
} write_kind;

typedef struct write_item
{
	struct write_item *next;
	write_kind kind;
	unsigned object; /* what it is about, hashed; 0: it may be about anything of its agent */
	size_t bytes;
	agent_owner *owner; /* a reference */
	cJSON *body;        /* of the batch kinds: an object without agent and epoch */
	char *text;         /* inventory: the array of objects; disconnect: the reason */
} write_item;

int writer_start(dispatch *d, ss_error *err) SS_MUST_CHECK;

/* Writes what is queued, at most until deadline_ms (monotonic), joins and frees. */
void writer_stop(dispatch *d, long long deadline_ms);

/* object: agent_inflight_hash() of what it is about, 0: unknown. Takes body or text, whatever
 * happens (no memory: counted as dropped). Loop only. */
void writer_put(dispatch *d, write_kind kind, agent_owner *owner, unsigned object, cJSON *body);
void writer_put_text(dispatch *d, write_kind kind, agent_owner *owner, char *text);

bool writer_is_full(dispatch *d);
long long writer_length(dispatch *d);
long long writer_bytes(dispatch *d);

#endif
