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

/* Why a container waits; the first that has a real reason. */
static void read_containers(const cJSON *containers, k8s_pod *ret)
{
	const cJSON *container;
	cJSON_ArrayForEach(container, containers)
	{
		const cJSON *waiting = ss_json_object(ss_json_object(container, "state"), "waiting");
		const char *reason = ss_json_string(waiting, "reason");
		bool fine = reason == NULL;
		for (size_t i = 0; !fine && i < sizeof(harmless) / sizeof(*harmless); i++)
			fine = strcmp(reason, harmless[i]) == 0;
		if (fine)
			continue;
		set_reason(ret, reason, ss_json_string(waiting, "message"));
		long long restarts = 0;
		if (ss_json_int(container, "restartCount", &restarts) != 0)
			restarts = 0;
		for (size_t i = 0; i < sizeof(hopeless) / sizeof(*hopeless); i++)
		{
			if (strcmp(reason, hopeless[i].reason) == 0 && restarts >= hopeless[i].after_restarts)
				ret->state = K8S_POD_FAILED;
		}
		return;
	}
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
	}
	else if (kube_is_deleting(object))
		ret->state = K8S_POD_ENDING;
	else if (is_status(find_condition(status, "Ready"), "True") && *ret->ip != '\0')
		ret->state = K8S_POD_READY;
	else
	{
		const cJSON *scheduled = find_condition(status, "PodScheduled");
		if (is_status(scheduled, "False"))
			set_reason(
				ret, ss_json_string(scheduled, "reason"), ss_json_string(scheduled, "message"));
		read_containers(ss_json_array(status, "initContainerStatuses"), ret);
		if (*ret->reason == '\0' || strcmp(ret->reason, "Unschedulable") == 0)
			read_containers(ss_json_array(status, "containerStatuses"), ret);
	}
}
