/* agent_owner: counted references. Any thread. */
#include "server/agent_owner.h"

#include <stdio.h>
#include <stdlib.h>

agent_owner *agent_owner_new(const char *agent, long long epoch, int protocol)
{
	agent_owner *owner = calloc(1, sizeof(*owner));

	if (!owner)
		return NULL;
	atomic_init(&owner->references, 1);
	snprintf(owner->agent, sizeof(owner->agent), "%s", agent);
	owner->epoch = epoch;
	owner->protocol = protocol;
	return owner;
}

agent_owner *agent_owner_ref(agent_owner *owner)
{
	atomic_fetch_add(&owner->references, 1);
	return owner;
}

void agent_owner_unref(agent_owner *owner)
{
	if (owner && atomic_fetch_sub(&owner->references, 1) == 1)
		free(owner);
}
