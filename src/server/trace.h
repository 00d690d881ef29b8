/*
 * trace: the header traceparent of W3C Trace Context (Recommendation of 2021-11-23). Pure but for
 * the random numbers; any thread.
 */
#ifndef STREAMSPACE_SERVER_TRACE_H
#define STREAMSPACE_SERVER_TRACE_H

#include <stdbool.h>

#define TRACE_SIZE 56    /* 00-TRACE-PARENT-FLAGS and a NUL */
#define TRACE_ID_SIZE 33 /* 32 hexadecimal digits and a NUL */

/*
 * Takes the header over as version 00, or makes a new context (sampled: no) when it is NULL or
 * malformed. True: it was taken over.
 */
bool trace_begin(const char *header, char ret[TRACE_SIZE]);

/* The trace-id of a context. Returns ret. */
const char *trace_id(const char context[TRACE_SIZE], char ret[TRACE_ID_SIZE]);

#endif
