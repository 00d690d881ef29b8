/*
 * agent_head: the request head by which an agent asks for its WebSocket. Pure; any thread.
 */
#ifndef STREAMSPACE_SERVER_AGENT_HEAD_H
#define STREAMSPACE_SERVER_AGENT_HEAD_H

#include "common/crypto.h"
#include "common/error.h"
#include "server/dispatch_internal.h"
#include "server/socket_head.h"

typedef struct agent_head
{
	char agent[AGENT_ID_SIZE];
	char instance[AGENT_INSTANCE_SIZE]; /* "" when the agent names none */
	char key_hash[SS_HEX_SIZE];         /* SHA-256 of the key as it was sent */
} agent_head;

/*
 * Parses a whole head (request line to empty line). It must be a GET of the agents' socket with
 * the WebSocket handshake of RFC 6455, one key, one agent_id and at most one instance_id.
 * Codes: unauthorized, invalid_argument, missing_field, method_not_allowed, upgrade_required.
 */
int agent_head_parse(const char *head, size_t len, agent_head *ret, ss_error *err) SS_MUST_CHECK;

/* The parts that every socket of an agent has: agent_id and the key. */
int agent_head_identify(const socket_head *head, char ret_agent[AGENT_ID_SIZE],
	char ret_key_hash[SS_HEX_SIZE], ss_error *err) SS_MUST_CHECK;

#endif
