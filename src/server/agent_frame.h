/*
 * agent_frame: one message on its way to an agent, with the room libwebsockets wants before it.
 * Any thread may make one; it belongs to one thread at a time.
 */
#ifndef STREAMSPACE_SERVER_AGENT_FRAME_H
#define STREAMSPACE_SERVER_AGENT_FRAME_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

typedef struct agent_frame
{
	struct agent_frame *next;
	long long queued_ms; /* monotonic; set when it is queued on a connection */
	bool is_command;
	unsigned command; /* hashes of the command's id and of what it is about; see agent_inflight */
	unsigned object;
	size_t len;
	unsigned char *text; /* len bytes; LWS_PRE bytes before it are free */
	unsigned char buffer[];
} agent_frame;

/* A whole message of this type; payload stays the caller's. NULL: no memory. */
agent_frame *agent_frame_new(const char *type, const cJSON *payload) SS_MUST_CHECK;
/* The same of a payload that is JSON already, one that is trusted to be. */
agent_frame *agent_frame_new_text(const char *type, const char *json) SS_MUST_CHECK;
void agent_frame_free(agent_frame *frame);

#endif
