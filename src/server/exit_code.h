/* exit_code: which failure of a start ends the program with which exit code. Any thread. */
#ifndef STREAMSPACE_SERVER_EXIT_CODE_H
#define STREAMSPACE_SERVER_EXIT_CODE_H

#include "common/error.h"
#include "common/exit.h"

ss_exit exit_code_of(const ss_error *err);

#endif
