/*
 * identity_secret: the agent's key in a Secret of Kubernetes, which survives pods.
 *
 * The Secret exists already, empty: `get` and `update` on that one name are all the rights that
 * this needs. Of several agents that find it empty at once one writes its key, and all use that
 * one: the update carries the resourceVersion that was read.
 */
#ifndef AGENT_IDENTITY_SECRET_H
#define AGENT_IDENTITY_SECRET_H

#include <stdbool.h>

#include "agent/options.h"
#include "common/crypto.h"
#include "common/error.h"

/* The entry of the Secret: 64 hex digits. */
#define IDENTITY_SECRET_ENTRY "agent.key"

/*
 * The key of options->identity_secret, made when there is none; *ret_found: it was there. Blocks
 * for a minute at most. Codes: secret_missing, key_invalid, and those of kube_client.h.
 */
int identity_secret_open(const agent_options *options, char ret_key[SS_HEX_SIZE], bool *ret_found,
	ss_error *err) SS_MUST_CHECK;

#endif
