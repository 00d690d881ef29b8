/* objects: a hash table and a ring under one lock. Any thread. */
#include "agent/objects.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096 /* a power of two */

typedef struct object
{
	struct object *next;
	char kind[DRIVER_KIND_SIZE];
	char id[DRIVER_OBJECT_SIZE];
	driver_result last;
	unsigned long long used; /* order of use: the least goes first */
	bool seen;               /* by the inventory that is being taken in */
} object;

typedef struct stored_result
{
	char command_id[DRIVER_ID_SIZE];
	char *text;
} stored_result;

struct objects
{
	pthread_mutex_t lock;
	object *buckets[BUCKETS];
	size_t count;
	size_t max;
	unsigned long long clock;
	stored_result *results;
	size_t result_max;
	size_t result_at;
};

objects *objects_new(size_t max_objects, size_t max_results)
{
	objects *set = calloc(1, sizeof *set);

	if (set == NULL)
		return NULL;
	set->results = calloc(max_results, sizeof *set->results);
	if (set->results == NULL)
	{
		free(set);
		return NULL;
	}
	set->max = max_objects;
	set->result_max = max_results;
	pthread_mutex_init(&set->lock, NULL);
	return set;
}

void objects_free(objects *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
	{
		while (set->buckets[i] != NULL)
		{
			object *item = set->buckets[i];
			set->buckets[i] = item->next;
			free(item);
		}
	}
	for (size_t i = 0; i < set->result_max; i++)
		free(set->results[i].text);
	free(set->results);
	pthread_mutex_destroy(&set->lock);
	free(set);
}

/* FNV-1a, 64 bits. */
static size_t bucket_of(const char *kind, const char *id)
{
	unsigned long long hash = 14695981039346656037ULL;

	for (const char *at = kind; *at != '\0'; at++)
		hash = (hash ^ (unsigned char)*at) * 1099511628211ULL;
	for (const char *at = id; *at != '\0'; at++)
		hash = (hash ^ (unsigned char)*at) * 1099511628211ULL;
	return (size_t)(hash ^ hash >> 32) & (BUCKETS - 1);
}

static object *find(objects *set, const char *kind, const char *id)
{
	object *item = set->buckets[bucket_of(kind, id)];

	while (item != NULL && (strcmp(item->id, id) != 0 || strcmp(item->kind, kind) != 0))
		item = item->next;
	return item;
}

static bool is_active(const object *item)
{
	return strcmp(item->kind, "session") == 0 &&
		   (strcmp(item->last.state, "starting") == 0 || strcmp(item->last.state, "running") == 0);
}

/* Forgets the object that was used longest ago and is not active. */
static void forget_one(objects *set)
{
	object **oldest = NULL;

	for (size_t i = 0; i < BUCKETS; i++)
	{
		for (object **at = &set->buckets[i]; *at != NULL; at = &(*at)->next)
		{
			if (!is_active(*at) && (oldest == NULL || (*at)->used < (*oldest)->used))
				oldest = at;
		}
	}
	if (oldest != NULL)
	{
		object *item = *oldest;
		*oldest = item->next;
		free(item);
		set->count--;
	}
}

static object *obtain(objects *set, const char *kind, const char *id)
{
	object *item = find(set, kind, id);

	if (item == NULL)
	{
		if (set->count >= set->max)
			forget_one(set);
		item = calloc(1, sizeof *item);
		if (item == NULL)
			return NULL;
		size_t bucket = bucket_of(kind, id);
		snprintf(item->kind, sizeof item->kind, "%s", kind);
		snprintf(item->id, sizeof item->id, "%s", id);
		item->next = set->buckets[bucket];
		set->buckets[bucket] = item;
		set->count++;
	}
	item->used = ++set->clock;
	return item;
}

bool objects_is_overtaken(
	objects *set, const char *kind, const char *id, int64_t revision, driver_result *ret)
{
	pthread_mutex_lock(&set->lock);
	object *item = find(set, kind, id);
	bool overtaken = item != NULL && item->last.revision > revision;
	if (overtaken)
		*ret = item->last;
	pthread_mutex_unlock(&set->lock);
	return overtaken;
}

void objects_note(objects *set, const char *kind, const char *id, const driver_result *result)
{
	pthread_mutex_lock(&set->lock);
	object *item = obtain(set, kind, id);
	if (item != NULL)
	{
		int64_t revision = item->last.revision;
		item->last = *result;
		if (revision > item->last.revision)
			item->last.revision = revision;
	}
	pthread_mutex_unlock(&set->lock);
}

void objects_note_inventory(objects *set, const driver_inventory *inventory)
{
	pthread_mutex_lock(&set->lock);
	for (size_t i = 0; i < BUCKETS; i++)
	{
		for (object *item = set->buckets[i]; item != NULL; item = item->next)
			item->seen = false;
	}
	for (size_t i = 0; i < inventory->count; i++)
	{
		const driver_object *seen = &inventory->items[i];
		/* No command compares itself with what is seen of a home. */
		if (strcmp(seen->kind, "home") == 0)
			continue;
		object *item = obtain(set, seen->kind, seen->id);
		if (item == NULL)
			continue;
		item->seen = true;
		snprintf(item->last.state, sizeof item->last.state, "%s", seen->state);
		snprintf(item->last.uid, sizeof item->last.uid, "%s", seen->uid);
		if (seen->revision > item->last.revision)
			item->last.revision = seen->revision;
	}
	for (size_t i = 0; inventory->complete && i < BUCKETS; i++)
	{
		for (object *item = set->buckets[i]; item != NULL; item = item->next)
		{
			if (!item->seen && is_active(item))
				snprintf(item->last.state, sizeof item->last.state, "terminated");
		}
	}
	pthread_mutex_unlock(&set->lock);
}

long long objects_active(objects *set)
{
	long long active = 0;

	pthread_mutex_lock(&set->lock);
	for (size_t i = 0; i < BUCKETS; i++)
	{
		for (object *item = set->buckets[i]; item != NULL; item = item->next)
			active += is_active(item);
	}
	pthread_mutex_unlock(&set->lock);
	return active;
}

static stored_result *find_result(objects *set, const char *command_id)
{
	for (size_t i = 0; i < set->result_max; i++)
	{
		if (set->results[i].text != NULL && strcmp(set->results[i].command_id, command_id) == 0)
			return &set->results[i];
	}
	return NULL;
}

char *objects_result(objects *set, const char *command_id)
{
	char *text = NULL;

	pthread_mutex_lock(&set->lock);
	stored_result *found = find_result(set, command_id);
	if (found != NULL)
		text = strdup(found->text);
	pthread_mutex_unlock(&set->lock);
	return text;
}

void objects_set_result(objects *set, const char *command_id, const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		return;
	pthread_mutex_lock(&set->lock);
	stored_result *place = find_result(set, command_id);
	if (place == NULL)
	{
		place = &set->results[set->result_at];
		set->result_at = (set->result_at + 1) % set->result_max;
	}
	free(place->text);
	place->text = copy;
	snprintf(place->command_id, sizeof place->command_id, "%s", command_id);
	pthread_mutex_unlock(&set->lock);
}
