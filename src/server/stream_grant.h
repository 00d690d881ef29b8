/* stream_grant: admits an agent's stream socket. Admission threads. */
#ifndef STREAMSPACE_SERVER_STREAM_GRANT_H
#define STREAMSPACE_SERVER_STREAM_GRANT_H

#include "server/socket_admit.h"

typedef struct stream_grant
{
	char agent[AGENT_ID_SIZE];
	long long number;
} stream_grant;

/* Sets offer->admitted to a stream_grant. */
int stream_grant_admit(dispatch *d, socket_offer *offer, ss_error *err) SS_MUST_CHECK;

#endif
