/* doctor: `streamspace-agent doctor`, what this host lacks. Main thread. */
#ifndef AGENT_DOCTOR_H
#define AGENT_DOCTOR_H

#include "agent/options.h"

/* Prints a line a check on stdout. Returns SS_EXIT_OK or SS_EXIT_INCAPABLE. */
int doctor_run(const agent_options *options);

#endif
