/* relay_grant: admits another server that has a viewer for an agent of ours. Admission threads. */
#ifndef STREAMSPACE_SERVER_RELAY_GRANT_H
#define STREAMSPACE_SERVER_RELAY_GRANT_H

#include "server/socket_admit.h"

/* Its memory is reserved (stream_reserve()). */
typedef struct relay_grant
{
	char connection[64];
	char session[64];
	char agent[AGENT_ID_SIZE];
} relay_grant;

/* Uses the ticket and switches protocols; sets offer->admitted to a relay_grant. */
int relay_grant_admit(dispatch *d, socket_offer *offer, ss_error *err) SS_MUST_CHECK;
void relay_grant_drop(socket_offer *offer);

#endif
