/* inflight: a list in order of deadline (all have the same time-out) under one lock. */
#include "server/inflight.h"

#include <pthread.h>
#include <stdlib.h>

#include "common/timeutil.h"

struct inflight
{
	pthread_mutex_t lock;
	rest_request *first, *last;
	size_t count;
	bool closed;
};

inflight *inflight_new(void)
{
	inflight *list = calloc(1, sizeof *list);
	if (list != NULL)
		pthread_mutex_init(&list->lock, NULL);
	return list;
}

void inflight_free(inflight *list)
{
	if (list == NULL)
		return;
	pthread_mutex_destroy(&list->lock);
	free(list);
}

static void unlink_locked(inflight *list, rest_request *r)
{
	if (r->prev)
		r->prev->next = r->next;
	else
		list->first = r->next;
	if (r->next)
		r->next->prev = r->prev;
	else
		list->last = r->prev;
	r->prev = r->next = NULL;
	r->state = REQUEST_ANSWERED;
	list->count--;
}

int inflight_enter(inflight *list, rest_request *r, long long timeout_ms)
{
	pthread_mutex_lock(&list->lock);
	bool open = !list->closed;
	if (open)
	{
		MHD_suspend_connection(r->connection);
		atomic_fetch_add(&r->references, 1);
		r->state = REQUEST_QUEUED;
		r->deadline_ms = ss_time_monotonic_ms() + timeout_ms;
		r->prev = list->last;
		r->next = NULL;
		if (list->last)
			list->last->next = r;
		else
			list->first = r;
		list->last = r;
		list->count++;
	}
	pthread_mutex_unlock(&list->lock);
	return open ? 0 : -1;
}

static bool change_state(inflight *list, rest_request *r, request_state from, request_state to)
{
	pthread_mutex_lock(&list->lock);
	bool ours = r->state == from;
	if (ours)
		r->state = to;
	pthread_mutex_unlock(&list->lock);
	return ours;
}

bool inflight_begin(inflight *list, rest_request *r)
{
	return change_state(list, r, REQUEST_QUEUED, REQUEST_RUNNING);
}

bool inflight_requeue(inflight *list, rest_request *r)
{
	return change_state(list, r, REQUEST_RUNNING, REQUEST_QUEUED);
}

bool inflight_is_running(inflight *list, rest_request *r)
{
	return change_state(list, r, REQUEST_RUNNING, REQUEST_RUNNING);
}

bool inflight_claim(inflight *list, rest_request *r)
{
	pthread_mutex_lock(&list->lock);
	bool ours = r->state != REQUEST_ANSWERED;
	if (ours)
		unlink_locked(list, r);
	pthread_mutex_unlock(&list->lock);
	return ours;
}

/*
 * Claims the first request that fits: due by now_ms, or (now_ms < 0) queued, or (all) any. The
 * HTTP side cannot free it before it is resumed, which is the caller's to do.
 */
static rest_request *claim_next(inflight *list, long long now_ms, bool all, request_state *ret_was)
{
	pthread_mutex_lock(&list->lock);
	rest_request *r = list->first;
	while (r != NULL)
	{
		bool fits = all || (now_ms < 0 ? r->state == REQUEST_QUEUED : r->deadline_ms <= now_ms);
		if (fits)
			break;
		r = now_ms < 0 ? r->next : NULL;
	}
	if (r != NULL)
	{
		*ret_was = r->state;
		unlink_locked(list, r);
	}
	pthread_mutex_unlock(&list->lock);
	return r;
}

static void answer_late(rest_request *r, request_state was, bool stopping)
{
	ss_error err = SS_ERROR_INIT;
	if (was == REQUEST_RUNNING)
	{
		ss_fail(&err, "deadline_exceeded",
			"The database has not answered in time; whether it did the work is unknown.");
		ss_error_set_hint(&err, "Look before you repeat, or repeat with the same Idempotency-Key.");
	}
	else if (stopping)
		ss_fail(&err, "shutting_down", "The server is stopping; nothing was changed.");
	else
		ss_fail(&err, "overloaded", "No database thread was free in time; nothing was changed.");
	answer_set_problem(&r->answer, &err, r->id);
	MHD_resume_connection(r->connection);
}

void inflight_expire(inflight *list, long long now_ms)
{
	request_state was;
	for (rest_request *r; (r = claim_next(list, now_ms, false, &was)) != NULL;)
		answer_late(r, was, false);
}

void inflight_refuse_queued(inflight *list)
{
	request_state was;
	for (rest_request *r; (r = claim_next(list, -1, false, &was)) != NULL;)
		answer_late(r, was, true);
}

void inflight_close(inflight *list)
{
	pthread_mutex_lock(&list->lock);
	list->closed = true;
	pthread_mutex_unlock(&list->lock);
	request_state was;
	for (rest_request *r; (r = claim_next(list, -1, true, &was)) != NULL;)
		answer_late(r, was, true);
}

size_t inflight_count(inflight *list)
{
	pthread_mutex_lock(&list->lock);
	size_t count = list->count;
	pthread_mutex_unlock(&list->lock);
	return count;
}
