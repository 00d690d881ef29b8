/*
 * kube_map: values by name, for the caches of the Kubernetes client and driver.
 *
 * A chained hash table that grows with its content. Keys are copied; values belong to the caller,
 * who empties the map with kube_map_remove() or kube_map_clear(). One thread at a time.
 */
#ifndef AGENT_KUBE_MAP_H
#define AGENT_KUBE_MAP_H

#include <stddef.h>

#include "common/error.h"

typedef struct kube_map_entry
{
	struct kube_map_entry *next;
	void *value;
	char key[];
} kube_map_entry;

typedef struct kube_map
{
	kube_map_entry **bucket;
	size_t buckets;
	size_t count;
} kube_map;

/* The value, or NULL. */
void *kube_map_get(const kube_map *map, const char *key);

/* Sets the value of a key; *ret_old (may be NULL) is the one it had, or NULL. -1: no memory. */
int kube_map_put(
	kube_map *map, const char *key, void *value, void **ret_old, ss_error *err) SS_MUST_CHECK;

/* Takes a key out and returns its value, or NULL. */
void *kube_map_remove(kube_map *map, const char *key);

/*
 * Calls visit for every entry; the visited entry may be removed by returning KUBE_MAP_DROP
 * (its value is then the visitor's), nothing else may change.
 */
void kube_map_each(kube_map *map, int (*visit)(void *ctx, const char *key, void *value), void *ctx);
#define KUBE_MAP_KEEP 1
#define KUBE_MAP_DROP 0

/* Frees the table; `free_value` (may be NULL) is called for each value. */
void kube_map_clear(kube_map *map, void (*free_value)(void *value));

#endif
