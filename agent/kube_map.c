/* Values by name. One thread at a time. */
#include "agent/kube_map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BUCKETS 64

/* FNV-1a (Fowler, Noll, Vo), 64 bits. Names come from the API server of our own cluster. */
static uint64_t hash_of(const char *key)
{
	uint64_t hash = 0xcbf29ce484222325ULL;
	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * 0x100000001b3ULL;
	return hash;
}

static kube_map_entry **place_of(const kube_map *map, const char *key)
{
	kube_map_entry **place = &map->bucket[hash_of(key) % map->buckets];
	while (*place != NULL && strcmp((*place)->key, key) != 0)
		place = &(*place)->next;
	return place;
}

static int grow(kube_map *map)
{
	size_t buckets = map->buckets == 0 ? FIRST_BUCKETS : map->buckets * 2;
	kube_map_entry **bucket = calloc(buckets, sizeof(*bucket));
	if (bucket == NULL)
		return -1;
	for (size_t i = 0; i < map->buckets; i++)
	{
		for (kube_map_entry *entry = map->bucket[i]; entry != NULL;)
		{
			kube_map_entry *next = entry->next;
			kube_map_entry **place = &bucket[hash_of(entry->key) % buckets];
			entry->next = *place;
			*place = entry;
			entry = next;
		}
	}
	free(map->bucket);
	map->bucket = bucket;
	map->buckets = buckets;
	return 0;
}

void *kube_map_get(const kube_map *map, const char *key)
{
	if (map->count == 0)
		return NULL;
	const kube_map_entry *entry = *place_of(map, key);
	return entry == NULL ? NULL : entry->value;
}

int kube_map_put(kube_map *map, const char *key, void *value, void **ret_old, ss_error *err)
{
	if (map->count >= map->buckets && grow(map) < 0)
		return ss_fail(err, "out_of_memory", "no memory for %zu names", map->count);
	kube_map_entry **place = place_of(map, key);
	void *old = NULL;
	if (*place != NULL)
	{
		old = (*place)->value;
		(*place)->value = value;
	}
	else
	{
		size_t size = strlen(key) + 1;
		kube_map_entry *entry = malloc(sizeof(*entry) + size);
		if (entry == NULL)
			return ss_fail(err, "out_of_memory", "no memory for a name");
		memcpy(entry->key, key, size);
		entry->value = value;
		entry->next = NULL;
		*place = entry;
		map->count++;
	}
	if (ret_old != NULL)
		*ret_old = old;
	return 0;
}

static void *unlink_entry(kube_map *map, kube_map_entry **place)
{
	kube_map_entry *entry = *place;
	void *value = entry->value;
	*place = entry->next;
	free(entry);
	map->count--;
	return value;
}

void *kube_map_remove(kube_map *map, const char *key)
{
	if (map->count == 0)
		return NULL;
	kube_map_entry **place = place_of(map, key);
	return *place == NULL ? NULL : unlink_entry(map, place);
}

void kube_map_each(kube_map *map, int (*visit)(void *ctx, const char *key, void *value), void *ctx)
{
	for (size_t i = 0; i < map->buckets; i++)
	{
		for (kube_map_entry **place = &map->bucket[i]; *place != NULL;)
		{
			if (visit(ctx, (*place)->key, (*place)->value) == KUBE_MAP_DROP)
				unlink_entry(map, place);
			else
				place = &(*place)->next;
		}
	}
}

void kube_map_clear(kube_map *map, void (*free_value)(void *value))
{
	for (size_t i = 0; i < map->buckets; i++)
	{
		while (map->bucket[i] != NULL)
		{
			void *value = unlink_entry(map, &map->bucket[i]);
			if (free_value != NULL && value != NULL)
				free_value(value);
		}
	}
	free(map->bucket);
	*map = (kube_map){0};
}
