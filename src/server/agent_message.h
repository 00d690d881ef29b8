/*
 * agent_message: what an agent may say, as a table of types. Loop thread only.
 */
#ifndef STREAMSPACE_SERVER_AGENT_MESSAGE_H
#define STREAMSPACE_SERVER_AGENT_MESSAGE_H

#include "server/agent_conn.h"

/* Handles one whole message. What is malformed shuts the connection: 1007 when it is no valid
 * JSON in UTF-8, 1008 when its fields are wrong. */
void agent_message_handle(agent_conn *conn, const char *text, size_t len);

/* Shuts the connection for a message that is not as the protocol says. */
void agent_message_reject(agent_conn *conn, const char *type, const char *what);

#endif
