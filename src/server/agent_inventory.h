/*
 * agent_inventory: puts the chunks of an agent's inventory together. Loop thread only.
 */
#ifndef STREAMSPACE_SERVER_AGENT_INVENTORY_H
#define STREAMSPACE_SERVER_AGENT_INVENTORY_H

#include "server/agent_conn.h"

/* Handler of `inventory {objects, chunk?, complete}`. */
void agent_inventory_receive(agent_conn *conn, const char *type, const cJSON *payload);

/* Forgets what has arrived so far. */
void agent_inventory_drop(agent_conn *conn);

#endif
