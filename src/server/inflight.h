/*
 * inflight: the requests whose connection is suspended, and who may answer each.
 *
 * libmicrohttpd neither times out nor notices the end of a suspended connection, and aborts the
 * process when it is stopped with one; so every suspended request stands in this list until
 * exactly one thread has claimed and resumed it. Any thread.
 */
#ifndef STREAMSPACE_SERVER_INFLIGHT_H
#define STREAMSPACE_SERVER_INFLIGHT_H

#include "server/request.h"

inflight *inflight_new(void);

/* The list must be empty. NULL is allowed. */
void inflight_free(inflight *list);

/*
 * Suspends the request's connection and enters it as queued, due in timeout_ms; the caller then
 * owns the work side. -1: closed, nothing happened. From the request's HTTP thread.
 */
int inflight_enter(inflight *list, rest_request *request, long long timeout_ms) SS_MUST_CHECK;

/* queued -> running. False: it has been answered meanwhile; give the work side up. */
bool inflight_begin(inflight *list, rest_request *request) SS_MUST_CHECK;

/* Whether it still waits for the thread that began it. */
bool inflight_is_running(inflight *list, rest_request *request) SS_MUST_CHECK;

/* running -> queued, between two threads. False: as above. */
bool inflight_requeue(inflight *list, rest_request *request) SS_MUST_CHECK;

/*
 * Takes the request out of the list. True: the caller, and nobody else, now sets
 * request->answer and calls MHD_resume_connection(). False: somebody has done so.
 */
bool inflight_claim(inflight *list, rest_request *request) SS_MUST_CHECK;

/* Answers all that are due: 503 overloaded when queued, 504 deadline_exceeded when running. */
void inflight_expire(inflight *list, long long now_ms);

/* Answers 503 shutting_down to all that are queued. */
void inflight_refuse_queued(inflight *list);

/* No request enters any more, and all that are left are answered. */
void inflight_close(inflight *list);

size_t inflight_count(inflight *list);

#endif
