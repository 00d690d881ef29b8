/*
 * connection: the one WebSocket to the control plane, and the thread that owns it.
 *
 * It registers, connects, answers the welcome, sends heartbeats and the outbox, and starts again
 * with full-jitter back-off (1 s to reconnect_max) when the connection ends or nothing was heard
 * for 90 s.
 */
#ifndef AGENT_CONNECTION_H
#define AGENT_CONNECTION_H

#include "agent/agent.h"

int connection_start(agent *agent, connection **ret, ss_error *err) SS_MUST_CHECK;

/* Something waits in the outbox. Any thread. */
void connection_wake(connection *link);

/* Sends what waits, for `flush_ms` at most, closes, ends the thread. Main thread. */
void connection_stop(connection *link, int flush_ms);

/* ---- For messages.c: what a frame told. Connection thread. */

bool connection_is_welcome(const connection *link);
const wire_welcome *connection_welcome(const connection *link);
void connection_set_welcome(connection *link, const wire_welcome *welcome);
/* The control plane says good-bye: close after what waits is sent, come back after that time. */
void connection_set_goaway(connection *link, const char *reason, long long retry_after_ms);
void connection_send_heartbeat(connection *link);

#endif
