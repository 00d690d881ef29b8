/*
 * cleanup: the command that removes from a cluster what the database does not know. Main thread;
 * nothing else runs.
 *
 *   cleanup.c         one run: what is read in which order, the guards, the deletions
 *   cleanup_set.c     what may stand there: the control plane's answer, whole or not at all
 *   cleanup_object.c  what stands there, and the marks on it
 *   cleanup_judge.c   what is to be done with each object; no input or output
 *
 * It is the most dangerous program of the system. It reads the cluster first and the database
 * then, so that what was made in between is known. It deletes only what it marked itself in an
 * earlier run, at least a day ago, and what has not been touched since. Whatever it cannot read
 * whole, or finds at odds, ends the run before the first change.
 */
#ifndef AGENT_CLEANUP_H
#define AGENT_CLEANUP_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/driver.h"
#include "agent/kube_map.h"
#include "agent/kube_object.h"
#include "agent/options.h"
#include "common/crypto.h"
#include "common/error.h"

#define CLEANUP_NOTE "stream.space/cleanup-mark"
#define CLEANUP_MODULE "cleanup"

#define CLEANUP_YOUNG_MS (60LL * 60 * 1000)     /* younger objects are left alone */
#define CLEANUP_WAIT_MS (24LL * 60 * 60 * 1000) /* between the mark and the deletion */
#define CLEANUP_SHARE 20                        /* per cent of the objects that a run may delete */
#define CLEANUP_MOST 50                         /* and as many at most */
#define CLEANUP_RUN_SIZE 33

/* Given on the command line only: nothing that stands in a manifest may force. */
typedef struct cleanup_flags
{
	bool dry_run;
	bool force; /* lifts the limits on how much is deleted, and nothing else */
} cleanup_flags;

/* Runs once. The exit code: SS_EXIT_OK, _FAILURE, or _REFUSED when a guard ended the run. */
int cleanup_run(const agent_options *options, const cleanup_flags *flags);

/* ---- what may stand there ---- */

typedef struct cleanup_set
{
	char installation[DRIVER_INSTALLATION_SIZE];
	long long generation; /* how often the database was restored */
	long long epoch;      /* highest of this agent */
	long long read_ms;    /* the database's clock */
	size_t count;
	kube_map known; /* "session/ID", "template/ID" -> int64_t revision, malloc'd */
} cleanup_set;

/*
 * Asks the control plane. Codes: cleanup_set_invalid (not whole, or not of this agent), refused
 * (its answer says no), http_failed, key_invalid.
 */
int cleanup_set_read(const agent_options *options, cleanup_set *ret, ss_error *err) SS_MUST_CHECK;
void cleanup_set_done(cleanup_set *set);

/* The revision that the database has of an object; -1: it knows none. */
int64_t cleanup_set_find(const cleanup_set *set, const char *kind, const char *id);

/* ---- what stands there ---- */

/* What an earlier run wrote on an object. */
typedef struct cleanup_mark
{
	bool there;
	long long at_ms;
	long long generation;
	long long epoch;
	char run[CLEANUP_RUN_SIZE];
	char content[SS_HEX_SIZE]; /* hash of the object as it was then */
} cleanup_mark;

typedef enum cleanup_verdict
{
	CLEANUP_KNOWN,   /* the database knows it */
	CLEANUP_FOREIGN, /* it carries our agent's label and is not ours: never touched */
	CLEANUP_LEAVING, /* it is being deleted already */
	CLEANUP_YOUNG,
	CLEANUP_MARK,   /* unknown: gets a mark, or a new one because it is not what was marked */
	CLEANUP_WAIT,   /* unknown and marked, but not for long enough */
	CLEANUP_DELETE, /* unknown, and marked long ago */
} cleanup_verdict;

typedef struct cleanup_object
{
	struct cleanup_object *next;
	const kube_kind *kind;
	const char *set_kind; /* session or template */
	char name[KUBE_NAME_SIZE];
	char uid[DRIVER_UID_SIZE];
	char resource_version[KUBE_VERSION_SIZE];
	const char *foreign; /* NULL: ours; else the label or field that says otherwise */
	bool leaving;
	long long created_ms; /* -1: unreadable */
	int64_t revision;
	char content[SS_HEX_SIZE];
	cleanup_mark mark;
	cleanup_verdict verdict;
	const char *why; /* more about the verdict, or NULL; a constant */
} cleanup_object;

typedef struct cleanup_cluster
{
	char installation[DRIVER_INSTALLATION_SIZE]; /* of the ConfigMap; "" = there is none */
	char label[DRIVER_INSTALLATION_SIZE];        /* that it is labelled with */
	char owner_uid[DRIVER_UID_SIZE];
	cleanup_object *objects; /* in the order in which they would be deleted */
	size_t count;            /* those that are ours */
	size_t foreign;
} cleanup_cluster;

/* Reads everything or fails; codes of kube_list(). */
int cleanup_cluster_read(const kube_scope *scope, const char *agent_id, cleanup_cluster *ret,
	ss_error *err) SS_MUST_CHECK;
void cleanup_cluster_done(cleanup_cluster *cluster);

/*
 * Writes a mark (NULL: takes it away), if the object is still the one that was read. 0; 1: it is
 * gone or was changed meanwhile.
 */
int cleanup_mark_write(const kube_scope *scope, const cleanup_object *object,
	const cleanup_mark *mark, ss_error *err) SS_MUST_CHECK;

/* ---- the judgement ---- */

typedef struct cleanup_plan
{
	size_t known;
	size_t young;
	size_t marks;
	size_t waiting;
	size_t deletions;
	size_t limit; /* deletions that this run may do */
} cleanup_plan;

/*
 * Sets the verdict of every object; now_ms is the earliest of the clocks that were asked. -1 when
 * a guard ends the run, codes: installation_unknown, installation_mismatch, set_empty,
 * database_older, too_many_deletions. With force the third and the last are let pass. The plan is
 * filled in any case.
 */
int cleanup_judge(cleanup_cluster *cluster, const cleanup_set *set, long long now_ms, bool force,
	cleanup_plan *ret, ss_error *err) SS_MUST_CHECK;

const char *cleanup_verdict_name(cleanup_verdict verdict);

#endif
