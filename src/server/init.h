/* init: `streamspaced init`, the first organisation, administrator and bootstrap key. */
#ifndef STREAMSPACE_SERVER_INIT_H
#define STREAMSPACE_SERVER_INIT_H

#include "server/server_config.h"

/* Runs in the main thread, without any other. Returns an ss_exit. */
int init_run(const server_config *config);

#endif
