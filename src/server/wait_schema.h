/* wait_schema: `streamspaced wait-schema`, for whatever starts servers and migrations together. */
#ifndef STREAMSPACE_SERVER_WAIT_SCHEMA_H
#define STREAMSPACE_SERVER_WAIT_SCHEMA_H

#include "server/server_config.h"

/*
 * Waits until the database has a schema that serves this program, config->schema_wait seconds at
 * most, and logs what it waits for. Returns an ss_exit: SS_EXIT_OK; SS_EXIT_DATABASE: the database
 * could not be asked until the end; SS_EXIT_SCHEMA: it had none or an older one until the end, or
 * one that serves this program no more (said at once, since waiting does not help). Runs in the
 * main thread, without any other.
 */
int wait_schema_run(const server_config *config);

#endif
