/*
 * streams: the second WebSocket to the control plane, binary, on which desktops are shown, and the
 * thread that owns it. Pixels have a thread, a socket and a loop of their own, so that they never
 * delay a command.
 *
 * It is dialled when a welcome says that the control plane has streams, again with full-jitter
 * back-off (1 s to reconnect_max) as long as the connection of the commands lives, and anew when
 * that one gets another epoch.
 */
#ifndef AGENT_STREAMS_H
#define AGENT_STREAMS_H

#include "agent/agent.h"

/* Before connection_start(): the two threads share the state of the TLS library. */
int streams_start(agent *agent, streams **ret, ss_error *err) SS_MUST_CHECK;

/* The connection of the commands has this epoch from now on; 0: without streams. Any thread. */
void streams_set_epoch(streams *self, int64_t epoch);
/* It is gone; a socket that is there stays, but is not dialled again. Any thread. */
void streams_hold(streams *self);

/* Closes the socket and ends the thread; the other calls do nothing from then on. Main thread. */
void streams_stop(streams *self);
void streams_free(streams *self);

#endif
