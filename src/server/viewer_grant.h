/* viewer_grant: admits a viewer: ticket, origin, memory, and the way to the agent. Admission
 * threads. */
#ifndef STREAMSPACE_SERVER_VIEWER_GRANT_H
#define STREAMSPACE_SERVER_VIEWER_GRANT_H

#include "server/socket_admit.h"
#include "server/stream_clerk.h"

#define SESSION_ID_SIZE 64

/* Its memory is reserved (stream_reserve()). */
typedef struct viewer_grant
{
	char session[SESSION_ID_SIZE];
	char agent[AGENT_ID_SIZE];
	bool control;
	viewer_record *record;
	int relay_fd; /* to the server that has the agent; -1: it is this one */
} viewer_grant;

/* Sets offer->admitted to a viewer_grant. */
int viewer_grant_admit(dispatch *d, socket_offer *offer, ss_error *err) SS_MUST_CHECK;

/* Gives back what it holds: the viewer is told to have ended. */
void viewer_grant_drop(socket_offer *offer);

#endif
