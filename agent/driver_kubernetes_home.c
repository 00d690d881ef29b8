/*
 * Homes, which outlive sessions: claims without an owner, called like the home, h-X. One that was
 * made before homes had ids of their own is called like its session, s-X-home, and stays so; a
 * claim cannot be renamed. A claim is made once and never changed. Executor threads.
 */
#include <stdio.h>
#include <string.h>

#include "agent/driver_kubernetes.h"
#include "common/cleanup.h"
#include "common/json.h"

bool k8s_home_is_id(const char *id)
{
	size_t len = strlen(id);
	return strncmp(id, "h-", 2) == 0 && len > 2 && len < K8S_ID_SIZE - 8 &&
		   strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == len && id[len - 1] != '-';
}

/* The session after which a home h-X was called before: s-X. */
static void older_session(const char *home, char ret[K8S_ID_SIZE])
{
	snprintf(ret, K8S_ID_SIZE, "s-%.61s", home + 2);
}

/* 0 and the claim with its name, 1 there is none; it must be ours when it is there. */
static int find_claim(const k8s_plan *plan, const kube_scope *scope, const char *home,
	char name[K8S_NAME_SIZE], cJSON **ret, ss_error *err)
{
	char older[K8S_ID_SIZE];
	older_session(home, older);
	snprintf(name, K8S_NAME_SIZE, "%s", home);
	int rc = kube_get(scope, &kube_claim, name, ret, err);
	if (rc == 1)
	{
		k8s_object_claim_name(older, name);
		rc = kube_get(scope, &kube_claim, name, ret, err);
	}
	if (rc == 1)
		snprintf(name, K8S_NAME_SIZE, "%s", home);
	if (rc != 0)
		return rc;
	return k8s_owner_check(plan->driver, &kube_claim, *ret, plan->installation, NULL, err);
}

int k8s_home_ensure(k8s_plan *plan, const kube_scope *scope, ss_error *err)
{
	bool persistent = true;
	auto_cjson cJSON *have = NULL;
	int rc;
	plan->claim[0] = '\0';
	if (ss_json_bool(plan->payload, "persistentHome", &persistent) == 0 && !persistent)
		return 0;
	if (*plan->home != '\0')
		rc = find_claim(plan, scope, plan->home, plan->claim, &have, err);
	else
	{
		k8s_object_claim_name(plan->id, plan->claim);
		rc = kube_get(scope, &kube_claim, plan->claim, &have, err);
		if (rc == 0)
			rc =
				k8s_owner_check(plan->driver, &kube_claim, have, plan->installation, plan->id, err);
	}
	if (rc != 1)
		return rc;
	auto_cjson cJSON *claim = k8s_object_claim(plan, err);
	return claim == NULL ? -1 : kube_apply(scope, &kube_claim, NULL, claim, NULL, err);
}

static int count_one(void *ctx, cJSON *items, cJSON *item, ss_error *err)
{
	(void)items;
	(void)item;
	(void)err;
	++*(int *)ctx;
	return 0;
}

/* A Deployment without pods, asleep, uses its home, too. */
static int check_unused(
	const k8s_plan *plan, const kube_scope *scope, const char *home, ss_error *err)
{
	char selector[2 * K8S_ID_SIZE + sizeof(K8S_LABEL_AGENT) + sizeof(K8S_LABEL_HOME) + 8];
	char older[K8S_ID_SIZE];
	auto_cjson cJSON *deployment = NULL;
	int users = 0;
	snprintf(selector, sizeof(selector), "%s=%s,%s=%s", K8S_LABEL_AGENT, plan->driver->agent_id,
		K8S_LABEL_HOME, home);
	if (kube_list(scope, &kube_deployment, selector, count_one, &users, NULL, err) < 0)
		return -1;
	/* One that was made before homes had ids has no label that names it. */
	older_session(home, older);
	int rc = kube_get(scope, &kube_deployment, older, &deployment, err);
	if (rc < 0)
		return -1;
	if (users > 0 || rc == 0)
		return ss_fail(err, "home_in_use", "a session uses the home %s", home);
	return 0;
}

int k8s_home_remove(const k8s_plan *plan, const char *home, ss_error *err)
{
	char name[K8S_NAME_SIZE];
	auto_cjson cJSON *claim = NULL;
	kube_scope scope = k8s_scope(plan->driver, plan->deadline_ms);
	if (!k8s_home_is_id(home))
		return ss_fail(err, "invalid_name", "a home id that cannot name objects");
	if (check_unused(plan, &scope, home, err) < 0)
		return -1;
	int rc = find_claim(plan, &scope, home, name, &claim, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return kube_delete(&scope, &kube_claim, name, kube_uid(claim), "Background", err) < 0 ? -1 : 0;
}
