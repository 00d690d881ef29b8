/*
 * kube_object: the verbs that we use, on objects as cJSON. Any thread; calls block.
 *
 * Names, labels and selectors are percent-encoded here, so callers hand
 * over what they mean.
 */
#ifndef AGENT_KUBE_OBJECT_H
#define AGENT_KUBE_OBJECT_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "agent/kube_client.h"
#include "common/error.h"

#define KUBE_FIELD_MANAGER "streamspace-agent"
#define KUBE_LIST_LIMIT 500
#define KUBE_NAME_SIZE 254
#define KUBE_VERSION_SIZE 64 /* of a resourceVersion that we keep */

typedef struct kube_kind
{
	const char *api_version; /* v1, apps/v1, stream.space/v1alpha1 */
	const char *plural;
	const char *kind;
} kube_kind;

extern const kube_kind kube_session;
extern const kube_kind kube_template;
extern const kube_kind kube_deployment;
extern const kube_kind kube_service;
extern const kube_kind kube_claim; /* PersistentVolumeClaim */
extern const kube_kind kube_config_map;
extern const kube_kind kube_pod;
extern const kube_kind kube_connection;
extern const kube_kind kube_secret;
extern const kube_kind kube_lease;
extern const kube_kind kube_definition; /* CustomResourceDefinition; of no namespace */

/* A client, a namespace and a deadline (0: the client's patience for each request). */
typedef struct kube_scope
{
	kube_client *client;
	const char *name_space;
	long long deadline_ms;
} kube_scope;

/* Members of an object; "" or 0 when absent. */
const char *kube_name(const cJSON *object);
const char *kube_uid(const cJSON *object);
const char *kube_resource_version(const cJSON *object);
const char *kube_label(const cJSON *object, const char *key);      /* NULL when absent */
const char *kube_annotation(const cJSON *object, const char *key); /* NULL when absent */
int64_t kube_generation(const cJSON *object);
bool kube_is_deleting(const cJSON *object);

/*
 * name_space NULL: of a kind that has none.
 * /api(s)/…/namespaces/NS/PLURAL[/NAME[/SUB]][?KEY=VALUE…]; query is NULL or pairs ended by NULL.
 * *ret is malloc'd.
 */
int kube_path(const kube_kind *kind, const char *name_space, const char *name, const char *sub,
	const char *const *query, char **ret, ss_error *err) SS_MUST_CHECK;

/* 0 and *ret (the caller's), or 1: it is not there. */
int kube_get(const kube_scope *scope, const kube_kind *kind, const char *name, cJSON **ret,
	ss_error *err) SS_MUST_CHECK;

/*
 * Server-side apply, by force, of the full intent; `sub` is NULL or "status". apiVersion and kind
 * are added. ret (may be NULL) is the object as it is now.
 * Where the object must exist, put metadata.uid in it: then a missing one is kube_conflict.
 */
int kube_apply(const kube_scope *scope, const kube_kind *kind, const char *sub, cJSON *object,
	cJSON **ret, ss_error *err) SS_MUST_CHECK;

/* kube_apply() under another field manager, for fields that it alone keeps. */
int kube_apply_as(const kube_scope *scope, const kube_kind *kind, const char *sub,
	const char *manager, cJSON *object, cJSON **ret, ss_error *err) SS_MUST_CHECK;

/*
 * PUT of an object as it was read, changed: its resourceVersion makes it kube_conflict when
 * somebody else was faster.
 */
int kube_replace(const kube_scope *scope, const kube_kind *kind, cJSON *object, cJSON **ret,
	ss_error *err) SS_MUST_CHECK;

/* A JSON merge patch (RFC 7386), for what an apply cannot do: taking away other people's fields. */
int kube_merge(const kube_scope *scope, const kube_kind *kind, const char *name, const cJSON *patch,
	ss_error *err) SS_MUST_CHECK;

/* Code kube_already_exists when it is there. */
int kube_create(const kube_scope *scope, const kube_kind *kind, cJSON *object, cJSON **ret,
	ss_error *err) SS_MUST_CHECK;

/*
 * With uid precondition; propagation is Background or Foreground. 0: accepted; 1: it was not
 * there, or another object has its name now.
 */
int kube_delete(const kube_scope *scope, const kube_kind *kind, const char *name, const char *uid,
	const char *propagation, ss_error *err) SS_MUST_CHECK;

/*
 * The same, with a precondition on resourceVersion too: the object is exactly the one that was
 * read, or nothing is deleted (1).
 */
int kube_delete_exact(const kube_scope *scope, const kube_kind *kind, const char *name,
	const char *uid, const char *resource_version, const char *propagation,
	ss_error *err) SS_MUST_CHECK;

/*
 * All pages; each item goes to `each`, which may take it by cJSON_DetachItemViaPointer on
 * `items`; -1 from it ends the list. ret_resource_version (may be NULL) is malloc'd. When the
 * server forgets the list half way (410), code is kube_gone: begin anew.
 */
int kube_list(const kube_scope *scope, const kube_kind *kind, const char *selector,
	int (*each)(void *ctx, cJSON *items, cJSON *item, ss_error *err), void *ctx,
	char **ret_resource_version, ss_error *err) SS_MUST_CHECK;

/* Removes what nobody of us reads: managedFields. */
void kube_strip(cJSON *object);

#endif
