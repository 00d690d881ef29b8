/* What a run of the cleanup does with each object. No input or output. */
#include <string.h>

#include "agent/cleanup.h"

const char *cleanup_verdict_name(cleanup_verdict verdict)
{
	static const char *const names[] = {
		[CLEANUP_KNOWN] = "known",
		[CLEANUP_FOREIGN] = "foreign",
		[CLEANUP_LEAVING] = "leaving",
		[CLEANUP_YOUNG] = "young",
		[CLEANUP_MARK] = "mark",
		[CLEANUP_WAIT] = "wait",
		[CLEANUP_DELETE] = "delete",
	};
	return names[verdict];
}

/*
 * Why a mark does not count: NULL when it does. The day begins anew after a restore of the
 * database, and when the object is not what was marked.
 */
static const char *mark_fault(
	const cleanup_object *object, const cleanup_set *set, long long now_ms)
{
	if (!object->mark.there)
		return "unmarked";
	if (object->mark.generation != set->generation)
		return "marked_before_a_restore";
	if (strcmp(object->mark.content, object->content) != 0)
		return "changed_since";
	if (object->mark.at_ms > now_ms)
		return "marked_in_the_future";
	return NULL;
}

static void judge(cleanup_object *object, const cleanup_set *set, long long now_ms)
{
	object->why = object->foreign;
	if (object->foreign != NULL)
		object->verdict = CLEANUP_FOREIGN;
	else if (object->leaving)
		object->verdict = CLEANUP_LEAVING;
	else if (cleanup_set_find(set, object->set_kind, object->name) >= 0)
		object->verdict = CLEANUP_KNOWN;
	else if (object->created_ms < 0 || now_ms - object->created_ms < CLEANUP_YOUNG_MS)
		object->verdict = CLEANUP_YOUNG;
	else if ((object->why = mark_fault(object, set, now_ms)) != NULL)
		object->verdict = CLEANUP_MARK;
	else if (now_ms - object->mark.at_ms < CLEANUP_WAIT_MS)
		object->verdict = CLEANUP_WAIT;
	else
		object->verdict = CLEANUP_DELETE;
}

/*
 * The cluster remembers what a restored database has forgotten: revisions on its objects, and on
 * marks the restore generation and the epoch of the run that wrote them.
 */
static bool remembers_more(const cleanup_object *object, const cleanup_set *set)
{
	if (object->foreign != NULL)
		return false;
	int64_t revision = cleanup_set_find(set, object->set_kind, object->name);
	return (revision >= 0 && object->revision > revision) ||
		   (object->mark.there &&
			   (object->mark.generation > set->generation || object->mark.epoch > set->epoch));
}

static void count(const cleanup_object *object, cleanup_plan *plan)
{
	plan->known += object->verdict == CLEANUP_KNOWN;
	plan->young += object->verdict == CLEANUP_YOUNG;
	plan->marks += object->verdict == CLEANUP_MARK;
	plan->waiting += object->verdict == CLEANUP_WAIT;
	plan->deletions += object->verdict == CLEANUP_DELETE;
}

/* A share of the objects, never more than the bound; one deletion is always allowed. */
static size_t deletions_allowed(size_t objects)
{
	size_t limit = objects * CLEANUP_SHARE / 100;
	if (limit > CLEANUP_MOST)
		limit = CLEANUP_MOST;
	return limit < 1 ? 1 : limit;
}

static int check_installation(const cleanup_cluster *cluster, const cleanup_set *set, ss_error *err)
{
	if (*cluster->installation == '\0')
		return ss_fail(err, "installation_unknown",
			"the namespace has objects of this agent, but no ConfigMap of the installation");
	if (strcmp(cluster->installation, cluster->label) != 0)
		return ss_fail(err, "installation_mismatch",
			"the ConfigMap names installation %s and is labelled with %s", cluster->installation,
			*cluster->label == '\0' ? "none" : cluster->label);
	if (strcmp(cluster->installation, set->installation) != 0)
		return ss_fail(err, "installation_mismatch",
			"the namespace belongs to installation %s, the database is that of %s",
			cluster->installation, set->installation);
	return 0;
}

int cleanup_judge(cleanup_cluster *cluster, const cleanup_set *set, long long now_ms, bool force,
	cleanup_plan *ret, ss_error *err)
{
	const cleanup_object *newer = NULL;
	*ret = (cleanup_plan){.limit = deletions_allowed(cluster->count)};
	for (cleanup_object *one = cluster->objects; one != NULL; one = one->next)
	{
		judge(one, set, now_ms);
		count(one, ret);
		if (newer == NULL && remembers_more(one, set))
			newer = one;
	}
	if (cluster->objects == NULL)
		return 0;
	if (check_installation(cluster, set, err) < 0)
		return -1;
	if (cluster->count == 0)
		return 0;
	if (newer != NULL)
	{
		ss_fail(err, "database_older", "%s %s is newer than what the database knows",
			newer->kind->kind, newer->name);
		return ss_error_set_hint(err,
			"the database was restored to an older state: let the agent connect, then run again");
	}
	if (set->count == 0 && !force)
		return ss_fail(err, "set_empty",
			"the database knows no object of this agent, the cluster "
			"has %zu",
			cluster->count);
	if (ret->deletions > ret->limit && !force)
	{
		ss_fail(err, "too_many_deletions",
			"the run would delete %zu of %zu objects; %zu are allowed", ret->deletions,
			cluster->count, ret->limit);
		return ss_error_set_hint(
			err, "look at them (--dry-run); if they are to go, run it by hand with --force");
	}
	return 0;
}
