/*
 * kube_watch: keeps a copy of some objects current, in a thread of its own.
 *
 * A full list, then a watch from exactly the list's resourceVersion, with bookmarks, on a
 * connection of its own. After a broken connection it goes on from the last event that was
 * applied; after a 410, or anything that it does not understand, it lists anew and compares with
 * its copy, so that objects which vanished in the gap are reported as deleted, and one that was
 * replaced by another of the same name as deleted and added.
 */
#ifndef AGENT_KUBE_WATCH_H
#define AGENT_KUBE_WATCH_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "agent/kube_object.h"
#include "common/error.h"

typedef enum kube_event
{
	KUBE_ADDED,
	KUBE_MODIFIED,
	KUBE_DELETED,
} kube_event;

/* All are called from the watch's thread; what they are given stays the watch's. */
typedef struct kube_watch_handler
{
	void *ctx;
	void (*event)(void *ctx, const kube_kind *kind, kube_event event, const cJSON *object);
	/* After each full list was applied: every object of that list has been reported. */
	void (*synced)(void *ctx, const kube_kind *kind);
	/* Something went wrong and is tried again; for the log. err may hold any code. May be NULL. */
	void (*trouble)(void *ctx, const kube_kind *kind, const ss_error *err);
} kube_watch_handler;

typedef struct kube_watch kube_watch;

/* selector may be NULL. The strings and the handler are copied; the client must live longer. */
int kube_watch_start(kube_client *client, const kube_kind *kind, const char *name_space,
	const char *selector, const kube_watch_handler *handler, kube_watch **ret,
	ss_error *err) SS_MUST_CHECK;

/* Ends the thread (about a second) and frees. No handler runs after it. NULL is allowed. */
void kube_watch_stop(kube_watch *watch);

/* Full lists and started watches so far, for tests and metrics. */
void kube_watch_counts(kube_watch *watch, long *ret_lists, long *ret_watches);

#endif
