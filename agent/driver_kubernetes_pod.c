/* What a pod's status means for its session. Any thread. */
#include <stdio.h>
#include <string.h>

#include "agent/driver_kubernetes.h"
#include "common/json.h"

/* Reasons with which Kubernetes itself does not help any more. */
static const struct
{
	const char *reason;
	int after_restarts;
} hopeless[] = {
	{"InvalidImageName", 0},
	{"ErrImageNeverPull", 0},
	{"CreateContainerConfigError", 0},
	{"CreateContainerError", 3},
	{"RunContainerError", 3},
	{"CrashLoopBackOff", 3},
};

/* Waiting, and nothing is wrong. */
static const char *const harmless[] = {"ContainerCreating", "PodInitializing"};

static void set_reason(k8s_pod *pod, const char *reason, const char *message)
{
	snprintf(pod->reason, sizeof(pod->reason), "%s", reason == NULL ? "" : reason);
	snprintf(pod->message, sizeof(pod->message), "%s", message == NULL ? "" : message);
}

static const cJSON *find_condition(const cJSON *status, const char *type)
{
	const cJSON *condition;
	cJSON_ArrayForEach(condition, ss_json_array(status, "conditions"))
	{
		const char *own = ss_json_string(condition, "type");
		if (own != NULL && strcmp(own, type) == 0)
			return condition;
	}
	return NULL;
}

static bool is_status(const cJSON *condition, const char *want)
{
	const char *status = ss_json_string(condition, "status");
	return status != NULL && strcmp(status, want) == 0;
}

/* A container that was killed for its memory says so only in its last state. */
static const cJSON *find_oom(const cJSON *container)
{
	static const char *const states[] = {"state", "lastState"};
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
	{
		const cJSON *ended = ss_json_object(ss_json_object(container, states[i]), "terminated");
		if (k8s_is(ss_json_string(ended, "reason"), "OOMKilled"))
			return ended;
	}
	return NULL;
}

static bool is_hopeless(const char *reason, long long restarts)
{
	for (size_t i = 0; i < sizeof(hopeless) / sizeof(*hopeless); i++)
	{
		if (strcmp(reason, hopeless[i].reason) == 0)
			return restarts >= hopeless[i].after_restarts;
	}
	return false;
}

/* How the last run of a container ended, for messages that do not say it. */
static void add_exit(const cJSON *container, k8s_pod *ret)
{
	long long code = 0;
	const cJSON *last = ss_json_object(ss_json_object(container, "lastState"), "terminated");
	size_t len = strlen(ret->message);
	if (last != NULL && ss_json_int(last, "exitCode", &code) == 0)
		snprintf(ret->message + len, sizeof(ret->message) - len, "%sit ended with exit code %lld",
			len == 0 ? "" : "; ", code);
}

/* Why a container waits; the first that has a real reason. */
static void read_containers(const cJSON *containers, k8s_pod *ret)
{
	const cJSON *container;
	cJSON_ArrayForEach(container, containers)
	{
		const cJSON *state = ss_json_object(container, "state");
		const cJSON *waiting = ss_json_object(state, "waiting");
		const char *reason = ss_json_string(waiting, "reason");
		bool fine = reason == NULL;
		long long restarts = 0;
		bool ready = false;
		for (size_t i = 0; !fine && i < sizeof(harmless) / sizeof(*harmless); i++)
			fine = strcmp(reason, harmless[i]) == 0;
		if (ss_json_int(container, "restartCount", &restarts) != 0)
			restarts = 0;
		if (ss_json_bool(container, "ready", &ready) == 0 && ready)
			continue;
		if (find_oom(container) != NULL)
		{
			set_reason(ret, "OOMKilled", "it used more memory than its limit");
			if (reason != NULL && is_hopeless(reason, restarts))
				ret->state = K8S_POD_FAILED;
			return;
		}
		if (!fine)
		{
			set_reason(ret, reason, ss_json_string(waiting, "message"));
			if (strcmp(reason, "CrashLoopBackOff") == 0)
				add_exit(container, ret);
			if (is_hopeless(reason, restarts))
				ret->state = K8S_POD_FAILED;
			return;
		}
		if (ss_json_object(state, "running") != NULL)
		{
			set_reason(ret, "DesktopNotReady", "the desktop does not answer on its port yet");
			return;
		}
	}
}

/* The scheduler has one reason for everything; that a home has no volume is worth its own. */
static void read_schedule(const cJSON *status, k8s_pod *ret)
{
	const cJSON *scheduled = find_condition(status, "PodScheduled");
	if (!is_status(scheduled, "False"))
		return;
	const char *reason = ss_json_string(scheduled, "reason");
	const char *message = ss_json_string(scheduled, "message");
	bool volume = message != NULL && (strstr(message, "unbound immediate PersistentVolumeClaims") ||
										 strstr(message, "persistentvolumeclaim \""));
	set_reason(ret, volume ? "VolumePending" : reason, message);
}

/* All containers are ready and the pod is not: the node controller has not heard of the node. */
static bool is_node_lost(const cJSON *status)
{
	const cJSON *container;
	const cJSON *list = ss_json_array(status, "containerStatuses");
	bool ready = false;
	if (k8s_is(ss_json_string(status, "reason"), "NodeLost"))
		return true;
	cJSON_ArrayForEach(container, list)
	{
		if (ss_json_bool(container, "ready", &ready) != 0 || !ready)
			return false;
	}
	const char *is_ready = ss_json_string(find_condition(status, "Ready"), "status");
	return ready && is_ready != NULL && strcmp(is_ready, "True") != 0 &&
		   k8s_is(ss_json_string(status, "phase"), "Running");
}

/* Who ends a pod from outside says why: eviction, drain, taints, preemption. */
static void read_disruption(const cJSON *status, k8s_pod *ret)
{
	const cJSON *target = find_condition(status, "DisruptionTarget");
	if (is_status(target, "True"))
		set_reason(ret, ss_json_string(target, "reason"), ss_json_string(target, "message"));
}

void k8s_pod_read(const cJSON *object, k8s_pod *ret)
{
	const cJSON *status = ss_json_object(object, "status");
	const char *phase = ss_json_string(status, "phase");
	const char *ip = ss_json_string(status, "podIP");
	*ret = (k8s_pod){.state = K8S_POD_WAITING};
	snprintf(ret->name, sizeof(ret->name), "%s", kube_name(object));
	snprintf(ret->ip, sizeof(ret->ip), "%s", ip == NULL ? "" : ip);
	if (phase != NULL && (strcmp(phase, "Failed") == 0 || strcmp(phase, "Succeeded") == 0))
	{
		const char *reason = ss_json_string(status, "reason");
		ret->state = K8S_POD_ENDED;
		set_reason(ret, reason != NULL ? reason : phase, ss_json_string(status, "message"));
		if (reason == NULL)
			read_disruption(status, ret);
	}
	else if (kube_is_deleting(object))
	{
		ret->state = K8S_POD_ENDING;
		read_disruption(status, ret);
	}
	else if (is_status(find_condition(status, "Ready"), "True") && *ret->ip != '\0')
		ret->state = K8S_POD_READY;
	else if (is_node_lost(status))
		set_reason(ret, "NodeLost", "the node of its pod does not answer");
	else
	{
		read_schedule(status, ret);
		read_containers(ss_json_array(status, "initContainerStatuses"), ret);
		/* What a container says is newer than why the pod was not scheduled. */
		if (*ret->reason == '\0' || k8s_is(ret->reason, "Unschedulable") ||
			k8s_is(ret->reason, "VolumePending"))
			read_containers(ss_json_array(status, "containerStatuses"), ret);
	}
}

/* What the admission of pods says, by words that it has used for years: it gives no code. */
static const struct
{
	const char *words;
	const char *reason;
	bool refused;
} refusals[] = {
	{"violates PodSecurity", "PodSecurityViolation", true},
	{"exceeded quota", "QuotaExceeded", false},
	{"must specify limits", "QuotaExceeded", false},
};

void k8s_pod_read_refusal(const cJSON *deployment, char reason[DRIVER_REASON_SIZE],
	char message[DRIVER_MESSAGE_SIZE], bool *ret_refused)
{
	const cJSON *failure = find_condition(ss_json_object(deployment, "status"), "ReplicaFailure");
	const char *text = ss_json_string(failure, "message");
	*reason = *message = '\0';
	*ret_refused = false;
	if (!is_status(failure, "True"))
		return;
	const char *why = ss_json_string(failure, "reason");
	for (size_t i = 0; text != NULL && i < sizeof(refusals) / sizeof(*refusals); i++)
	{
		if (strstr(text, refusals[i].words) != NULL)
		{
			why = refusals[i].reason;
			*ret_refused = refusals[i].refused;
			break;
		}
	}
	snprintf(reason, DRIVER_REASON_SIZE, "%s", why == NULL ? "FailedCreate" : why);
	snprintf(message, DRIVER_MESSAGE_SIZE, "%s", text == NULL ? "" : text);
}
