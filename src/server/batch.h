/*
 * batch: requests that are carried out together. They wait in a bounded queue; a batcher takes as
 * many as are there (at most --create-batch) and creates their sessions in one transaction, which
 * waits for the disk once. There is no timer: what arrives meanwhile is the next batch. A request
 * is refused by its own row of the answer; a batch that fails as a whole is carried out again one
 * by one, unless it may have been committed. submit and len: any thread.
 */
#ifndef STREAMSPACE_SERVER_BATCH_H
#define STREAMSPACE_SERVER_BATCH_H

#include "server/request.h"

/* What streamspace.create_sessions() takes at most. */
#define BATCH_MOST 64

int batch_start(server *server, batcher **ret, ss_error *err) SS_MUST_CHECK;

/* Whether a request goes this way. */
bool batch_fits(const rest_request *request);

/* Takes over the work side of a queued request. A full queue answers 503 overloaded. Never blocks.
 */
void batch_submit(batcher *batcher, rest_request *request);

size_t batch_queue_len(batcher *batcher);

/* No request may be submitted any more. False: a thread hangs in the database; it is kept. */
bool batch_stop(batcher *batcher, int timeout_ms);

#endif
