/*
 * work: the database threads. They take a suspended request from a bounded queue, run its step
 * with a borrowed connection, and answer it. Any thread.
 */
#ifndef STREAMSPACE_SERVER_WORK_H
#define STREAMSPACE_SERVER_WORK_H

#include "server/request.h"

int work_start(server *server, work **ret, ss_error *err) SS_MUST_CHECK;

/* Takes over the work side of a queued request, new or back from the password pool. A full
 * queue answers 503 overloaded. Never blocks. */
void work_submit(work *w, rest_request *request);

/* Ends the work side with what the last step said: claims, answers, resumes, gives up. */
void work_finish(rest_request *request, rest_next next, ss_error *err);

size_t work_queue_len(work *w);

/* No request may be submitted any more. False: a thread hangs in the database; w is kept. */
bool work_stop(work *w, int timeout_ms);

#endif
