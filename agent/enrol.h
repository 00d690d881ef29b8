/* enrol: the agent's registration with the control plane. Blocks; the connection's thread. */
#ifndef AGENT_ENROL_H
#define AGENT_ENROL_H

#include "agent/identity.h"
#include "agent/options.h"
#include "agent/url.h"

typedef enum enrol_status
{
	ENROL_APPROVED,
	ENROL_PENDING,  /* waits for an administrator */
	ENROL_REJECTED, /* an administrator refused this agent */
} enrol_status;

/*
 * POST /api/v1/agents/register: with the agent's own key once that was taken, else (or when it is
 * not known there any more) with the one-time token or the bootstrap key, naming the own key by its
 * SHA-256. Codes: http_failed, key_unknown (there is nothing to register with), token_refused,
 * registration_refused (the
 * answer's code is in err->detail).
 */
int enrol_register(const agent_options *options, const agent_url *url, agent_identity *identity,
	enrol_status *ret, ss_error *err) SS_MUST_CHECK;

#endif
