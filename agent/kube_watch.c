/* List and watch. See the header for threads. */
#include "agent/kube_watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/kube_map.h"
#include "common/cleanup.h"
#include "common/crypto.h"
#include "common/json.h"
#include "common/strbuf.h"
#include "common/timeutil.h"

#define HEALTHY_MS 120000 /* after so long without failure the back-off begins anew */
#define SHORTEST_MS 5000  /* an agreed end cannot come sooner */
#define TIMEOUT_MIN_S 300
#define TIMEOUT_MAX_S 600

struct kube_watch
{
	kube_client *client;
	const kube_kind *kind;
	char *name_space;
	char *selector; /* or NULL */
	kube_watch_handler handler;
	pthread_t thread;
	atomic_bool stop;
	atomic_long lists;
	atomic_long watches;

	/* Of the thread only. */
	kube_stream stream;
	kube_map copy; /* name -> cJSON of the object as it was last reported */
	char *version; /* resourceVersion up to which everything was applied; NULL: list first */
	ss_strbuf frame;
	bool relist;
	ss_error failure; /* why data() ended the stream */
};

static void free_object(void *value)
{
	cJSON_Delete(value);
}

static void report(kube_watch *watch, kube_event event, const cJSON *object)
{
	watch->handler.event(watch->handler.ctx, watch->kind, event, object);
}

static int remember_version(kube_watch *watch, const char *version, ss_error *err)
{
	char *copied = strdup(version);
	if (copied == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a version");
	free(watch->version);
	watch->version = copied;
	return 0;
}

/* Takes the object over, reports what changed, and keeps it. */
static int take_object(kube_watch *watch, cJSON *object, ss_error *err)
{
	const char *name = kube_name(object);
	cJSON *old = kube_map_get(&watch->copy, name);
	if (*name == '\0' || *kube_uid(object) == '\0')
	{
		cJSON_Delete(object);
		return ss_fail(err, "kube_answer_invalid", "an object without name or uid");
	}
	bool same_object = old != NULL && strcmp(kube_uid(old), kube_uid(object)) == 0;
	bool same_version =
		same_object && strcmp(kube_resource_version(old), kube_resource_version(object)) == 0;
	if (same_version)
	{
		cJSON_Delete(object);
		return 0;
	}
	if (kube_map_put(&watch->copy, name, object, NULL, err) < 0)
	{
		cJSON_Delete(object);
		return -1;
	}
	if (old != NULL && !same_object)
		report(watch, KUBE_DELETED, old);
	report(watch, same_object ? KUBE_MODIFIED : KUBE_ADDED, object);
	cJSON_Delete(old);
	return 0;
}

static void drop_object(kube_watch *watch, const cJSON *object)
{
	cJSON *old = kube_map_get(&watch->copy, kube_name(object));
	if (old == NULL || strcmp(kube_uid(old), kube_uid(object)) != 0)
		return;
	kube_map_remove(&watch->copy, kube_name(object));
	report(watch, KUBE_DELETED, object);
	cJSON_Delete(old);
}

/* Names of a list that is being read. */
typedef struct listing
{
	kube_watch *watch;
	kube_map seen;
} listing;

static int list_item(void *ctx, cJSON *items, cJSON *item, ss_error *err)
{
	listing *list = ctx;
	if (kube_map_put(&list->seen, kube_name(item), list, NULL, err) < 0)
		return -1;
	return take_object(list->watch, cJSON_DetachItemViaPointer(items, item), err);
}

static int drop_unseen(void *ctx, const char *name, void *value)
{
	listing *list = ctx;
	if (kube_map_get(&list->seen, name) != NULL)
		return KUBE_MAP_KEEP;
	report(list->watch, KUBE_DELETED, value);
	cJSON_Delete(value);
	return KUBE_MAP_DROP;
}

static int list_all(kube_watch *watch, ss_error *err)
{
	kube_scope scope = {.client = watch->client, .name_space = watch->name_space};
	listing list = {.watch = watch};
	auto_free char *version = NULL;
	atomic_fetch_add(&watch->lists, 1);
	int rc = kube_list(&scope, watch->kind, watch->selector, list_item, &list, &version, err);
	if (rc == 0)
		kube_map_each(&watch->copy, drop_unseen, &list);
	kube_map_clear(&list.seen, NULL);
	if (rc < 0)
		return -1;
	free(watch->version);
	watch->version = ss_steal_ptr(version);
	watch->relist = false;
	if (watch->handler.synced != NULL)
		watch->handler.synced(watch->handler.ctx, watch->kind);
	return 0;
}

/* An ERROR event: its object is a Status. */
static int take_error(kube_watch *watch, const cJSON *status, ss_error *err)
{
	long long code = 0;
	const char *message = ss_json_string(status, "message");
	if (ss_json_int(status, "code", &code) != 0)
		code = 0;
	watch->relist = true;
	return ss_fail(err, code == 410 ? "kube_gone" : "kube_error", "ERROR event %lld: %s", code,
		message != NULL ? message : "");
}

/* One line of the stream. What is not understood is answered by a new list. */
static int take_frame(kube_watch *watch, const char *text, size_t len, ss_error *err)
{
	auto_cjson cJSON *frame = NULL;
	watch->relist = true;
	if (ss_json_parse(text, len, len, &frame, NULL, 0, err) < 0)
		return ss_wrap(err, "watch event");
	const char *type = ss_json_string(frame, "type");
	cJSON *object = cJSON_GetObjectItemCaseSensitive(frame, "object");
	if (type == NULL || !cJSON_IsObject(object))
		return ss_fail(err, "kube_answer_invalid", "a watch event without type or object");
	if (strcmp(type, "ERROR") == 0)
		return take_error(watch, object, err);
	auto_free char *version = strdup(kube_resource_version(object));
	if (version == NULL || *version == '\0')
		return ss_fail(err, "kube_answer_invalid", "a watch event without resourceVersion");
	kube_strip(object);
	if (strcmp(type, "ADDED") == 0 || strcmp(type, "MODIFIED") == 0)
	{
		if (take_object(watch, cJSON_DetachItemViaPointer(frame, object), err) < 0)
			return -1;
	}
	else if (strcmp(type, "DELETED") == 0)
		drop_object(watch, object);
	else if (strcmp(type, "BOOKMARK") != 0)
		return ss_fail(err, "kube_answer_invalid", "a watch event of an unknown type");
	watch->relist = false;
	return remember_version(watch, version, err);
}

static int take_bytes(void *ctx, const char *bytes, size_t len)
{
	kube_watch *watch = ctx;
	while (len > 0)
	{
		const char *end = memchr(bytes, '\n', len);
		size_t part = end == NULL ? len : (size_t)(end - bytes);
		ss_strbuf_append_bytes(&watch->frame, bytes, part);
		if (watch->frame.failed)
		{
			watch->relist = true;
			return ss_fail(&watch->failure, "kube_answer_invalid", "a watch event passes %zu bytes",
				watch->frame.max);
		}
		if (end == NULL)
			return 0;
		int rc = watch->frame.len == 0
					 ? 0
					 : take_frame(watch, watch->frame.data, watch->frame.len, &watch->failure);
		watch->frame.len = 0;
		if (rc < 0)
			return -1;
		bytes += part + 1;
		len -= part + 1;
	}
	return 0;
}

static bool must_stop(void *ctx)
{
	kube_watch *watch = ctx;
	return atomic_load(&watch->stop);
}

static int random_timeout(ss_error *err)
{
	unsigned char bytes[2];
	if (ss_random_bytes(bytes, sizeof(bytes), err) < 0)
		return TIMEOUT_MIN_S;
	return TIMEOUT_MIN_S + (bytes[0] * 256 + bytes[1]) % (TIMEOUT_MAX_S - TIMEOUT_MIN_S + 1);
}

/* One watch. 0: the server ended it as agreed. *ret_wait_ms: what the server asked us to wait. */
static int watch_once(kube_watch *watch, long long *ret_wait_ms, ss_error *err)
{
	char timeout[16];
	const char *query[12] = {"watch", "true", "allowWatchBookmarks", "true", "resourceVersion",
		watch->version, "timeoutSeconds", timeout};
	auto_free char *path = NULL;
	snprintf(timeout, sizeof(timeout), "%d", random_timeout(err));
	if (watch->selector != NULL)
	{
		query[8] = "labelSelector";
		query[9] = watch->selector;
	}
	if (kube_path(watch->kind, watch->name_space, NULL, NULL, query, &path, err) < 0)
		return -1;
	ss_strbuf_done(&watch->frame);
	watch->frame = (ss_strbuf){.max = kube_client_get_options(watch->client)->max_frame};
	watch->failure = (ss_error)SS_ERROR_INIT;
	watch->stream.data = take_bytes;
	watch->stream.stop = must_stop;
	watch->stream.ctx = watch;
	atomic_fetch_add(&watch->watches, 1);
	int rc = kube_client_stream(watch->client, &watch->stream, path, err);
	auto_cjson cJSON *status = ss_steal_ptr(watch->stream.error);
	*ret_wait_ms = watch->stream.retry_after_ms;
	if (*watch->failure.code != '\0')
	{
		*err = watch->failure;
		return -1;
	}
	if (watch->stream.status == 410)
		watch->relist = true;
	if (watch->stream.status != 0 && watch->stream.status != 200)
	{
		kube_response response = {.status = watch->stream.status, .body = status};
		return kube_client_fail(&response, err, "watch %s", watch->kind->plural);
	}
	return rc;
}

static bool is_ending(kube_watch *watch)
{
	return atomic_load(&watch->stop) || kube_client_is_stopping(watch->client);
}

static void pause_ms(kube_watch *watch, long long ms)
{
	long long end = ss_time_monotonic_ms() + ms;
	for (long long left = ms; left > 0 && !is_ending(watch); left = end - ss_time_monotonic_ms())
		ss_time_sleep_ms(left < 100 ? left : 100);
}

static void *run(void *arg)
{
	kube_watch *watch = arg;
	unsigned failures = 0;
	while (!is_ending(watch))
	{
		ss_error err = SS_ERROR_INIT;
		long long began = ss_time_monotonic_ms();
		long long wait_ms = 0;
		int rc = 0;
		if (watch->version == NULL || watch->relist)
			rc = list_all(watch, &err);
		if (rc == 0)
			rc = watch_once(watch, &wait_ms, &err);
		if (rc == 0 && ss_time_monotonic_ms() - began >= SHORTEST_MS)
		{
			failures = 0;
			continue;
		}
		if (is_ending(watch))
			break;
		if (rc == 0)
			ss_fail(&err, "kube_error", "the watch of %s was ended at once", watch->kind->plural);
		if (watch->handler.trouble != NULL)
			watch->handler.trouble(watch->handler.ctx, watch->kind, &err);
		if (ss_time_monotonic_ms() - began > HEALTHY_MS)
			failures = 0;
		if (wait_ms == 0)
			wait_ms = ss_time_backoff_ms(failures, KUBE_BACKOFF_MS, KUBE_BACKOFF_MAX_MS);
		/* A server that forgot our place is healthy: list at once, but only once. */
		if (strcmp(err.code, "kube_gone") == 0 && failures == 0)
			wait_ms = 0;
		failures++;
		pause_ms(watch, wait_ms);
	}
	return NULL;
}

int kube_watch_start(kube_client *client, const kube_kind *kind, const char *name_space,
	const char *selector, const kube_watch_handler *handler, kube_watch **ret, ss_error *err)
{
	kube_watch *watch = calloc(1, sizeof(*watch));
	if (watch == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a watch");
	watch->client = client;
	watch->kind = kind;
	watch->handler = *handler;
	watch->name_space = strdup(name_space);
	watch->selector = selector == NULL ? NULL : strdup(selector);
	int rc = -1;
	if (watch->name_space != NULL && (selector == NULL || watch->selector != NULL))
		rc = pthread_create(&watch->thread, NULL, run, watch);
	if (rc != 0)
	{
		free(watch->name_space);
		free(watch->selector);
		free(watch);
		return ss_fail(err, "internal", "no thread for a watch of %s", kind->plural);
	}
	*ret = watch;
	return 0;
}

void kube_watch_stop(kube_watch *watch)
{
	if (watch == NULL)
		return;
	atomic_store(&watch->stop, true);
	pthread_join(watch->thread, NULL);
	kube_stream_done(&watch->stream);
	ss_strbuf_done(&watch->frame);
	kube_map_clear(&watch->copy, free_object);
	free(watch->version);
	free(watch->name_space);
	free(watch->selector);
	free(watch);
}

void kube_watch_counts(kube_watch *watch, long *ret_lists, long *ret_watches)
{
	*ret_lists = atomic_load(&watch->lists);
	*ret_watches = atomic_load(&watch->watches);
}
