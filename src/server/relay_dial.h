/*
 * relay_dial: reaches the server that has the agent of a viewer. Blocks for a bounded time:
 * admission threads only.
 */
#ifndef STREAMSPACE_SERVER_RELAY_DIAL_H
#define STREAMSPACE_SERVER_RELAY_DIAL_H

#include "server/dispatch_internal.h"

/*
 * Connects to the internal port at address (IP:PORT) and shows the ticket. 0: *ret_fd carries the
 * stream's bytes from here on. Codes: agent_unreachable, overloaded.
 */
int relay_dial(
	dispatch *d, const char *address, const char *ticket, int *ret_fd, ss_error *err) SS_MUST_CHECK;

#endif
