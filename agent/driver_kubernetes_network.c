/*
 * Can a stranger reach a desktop? The stream of a session is open on the network of the pods, and
 * only a NetworkPolicy that the cluster's network really enforces keeps others away. So the agent
 * tries it: a pod of its own, which no policy lets through, connects to the port of a running
 * session. One thread.
 *
 * An attempt counts only when the agent itself reaches that port before and after: else the
 * desktop may just have been gone.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/driver_kubernetes.h"
#include "agent/network_probe.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/log.h"
#include "common/timeutil.h"

#define MODULE "network"
#define PROBE_NAME "streamspace-network-probe"
#define AGAIN_MS (60LL * 60 * 1000) /* after an answer */
#define RETRY_MS (60LL * 1000)      /* after none */
#define LOOK_MS 1000
#define PATIENCE_MS (120LL * 1000)
#define USER_ID 10001

const char *k8s_network_name(k8s_network network)
{
	static const char *const names[] = {
		[K8S_NETWORK_UNKNOWN] = NULL, [K8S_NETWORK_CLOSED] = "closed", [K8S_NETWORK_OPEN] = "open"};
	return names[network];
}

const char *k8s_network_state(driver_instance *driver)
{
	pthread_mutex_lock(&driver->lock);
	const char *name = k8s_network_name(driver->network);
	pthread_mutex_unlock(&driver->lock);
	return name;
}

/* ---- the target ---- */

typedef struct target
{
	char session[K8S_ID_SIZE];
	char host[64];
	int port;
} target;

static int take_target(void *ctx, const char *id, void *value)
{
	target *ret = ctx;
	k8s_view view;
	k8s_cache_view(value, &view);
	if (*ret->session == '\0' && k8s_is(view.state, "running"))
	{
		snprintf(ret->session, sizeof(ret->session), "%s", id);
		snprintf(ret->host, sizeof(ret->host), "%s", view.pod->ip);
		ret->port = ((const k8s_session *)value)->deployment.port;
	}
	return KUBE_MAP_KEEP;
}

/* Whether the agent itself reaches the port. */
static bool can_dial(driver_instance *driver, const target *one)
{
	ss_error ignored = SS_ERROR_INIT;
	int error = 0;
	socklen_t size = sizeof(error);
	auto_close int fd = -1;
	if (k8s_dial(driver, one->session, &fd, &ignored) != 0 || fd < 0)
		return false;
	struct pollfd wait = {.fd = fd, .events = POLLOUT};
	return poll(&wait, 1, NETWORK_PROBE_MS) == 1 &&
		   getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

/* ---- the stranger ---- */

static cJSON *add_word(cJSON *array, const char *word)
{
	cJSON *item = cJSON_CreateString(word);
	cJSON_AddItemToArray(array, item);
	return item;
}

static cJSON *make_container(const driver_instance *driver, const target *one)
{
	char port[16];
	snprintf(port, sizeof(port), "%d", one->port);
	cJSON *container = cJSON_CreateObject();
	cJSON_AddStringToObject(container, "name", "probe");
	cJSON_AddStringToObject(container, "image", driver->host.options->network_probe);
	cJSON *command = cJSON_AddArrayToObject(container, "command");
	const char *const words[] = {"streamspace-agent", "probe", one->host, port};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		add_word(command, words[i]);
	cJSON *resources = cJSON_AddObjectToObject(container, "resources");
	static const char *const bounds[] = {"requests", "limits"};
	for (size_t i = 0; i < sizeof(bounds) / sizeof(*bounds); i++)
	{
		cJSON *bound = cJSON_AddObjectToObject(resources, bounds[i]);
		cJSON_AddStringToObject(bound, "cpu", "50m");
		cJSON_AddStringToObject(bound, "memory", "32Mi");
	}
	cJSON *security = cJSON_AddObjectToObject(container, "securityContext");
	cJSON_AddBoolToObject(security, "allowPrivilegeEscalation", false);
	cJSON_AddBoolToObject(security, "readOnlyRootFilesystem", true);
	cJSON *drop = cJSON_AddArrayToObject(cJSON_AddObjectToObject(security, "capabilities"), "drop");
	add_word(drop, "ALL");
	return container;
}

/* Not labelled as a pod of a session or of the agent: no policy of ours lets it through. */
static cJSON *make_pod(const driver_instance *driver, const target *one, const cJSON *owner)
{
	const char *installation = kube_label(owner, K8S_LABEL_INSTALLATION);
	cJSON *pod = cJSON_CreateObject();
	cJSON *meta = cJSON_AddObjectToObject(pod, "metadata");
	cJSON_AddStringToObject(meta, "name", PROBE_NAME);
	cJSON *labels = cJSON_AddObjectToObject(meta, "labels");
	cJSON_AddStringToObject(labels, K8S_LABEL_MANAGER, K8S_MANAGER);
	cJSON_AddStringToObject(
		labels, K8S_LABEL_INSTALLATION, installation == NULL ? "" : installation);
	cJSON_AddStringToObject(labels, "app.kubernetes.io/component", "network-probe");
	cJSON *reference = cJSON_CreateObject();
	cJSON_AddItemToArray(cJSON_AddArrayToObject(meta, "ownerReferences"), reference);
	cJSON_AddStringToObject(reference, "apiVersion", "v1");
	cJSON_AddStringToObject(reference, "kind", "ConfigMap");
	cJSON_AddStringToObject(reference, "name", K8S_INSTALLATION);
	cJSON_AddStringToObject(reference, "uid", kube_uid(owner));
	cJSON *spec = cJSON_AddObjectToObject(pod, "spec");
	cJSON_AddStringToObject(spec, "restartPolicy", "Never");
	cJSON_AddNumberToObject(spec, "activeDeadlineSeconds", (double)(PATIENCE_MS / 1000));
	cJSON_AddNumberToObject(spec, "terminationGracePeriodSeconds", 1);
	cJSON_AddBoolToObject(spec, "automountServiceAccountToken", false);
	cJSON_AddBoolToObject(spec, "enableServiceLinks", false);
	cJSON *security = cJSON_AddObjectToObject(spec, "securityContext");
	cJSON_AddBoolToObject(security, "runAsNonRoot", true);
	cJSON_AddNumberToObject(security, "runAsUser", USER_ID);
	cJSON_AddStringToObject(
		cJSON_AddObjectToObject(security, "seccompProfile"), "type", "RuntimeDefault");
	cJSON_AddItemToArray(cJSON_AddArrayToObject(spec, "containers"), make_container(driver, one));
	ss_error ignored = SS_ERROR_INIT;
	if (k8s_policy_add(&driver->policy, NULL, spec, &ignored) == 0)
		return pod;
	cJSON_Delete(pod);
	return NULL;
}

/* What became of the stranger: 1 not yet, 0 *ret is filled, -1 nothing that says anything. */
static int read_pod(const cJSON *pod, k8s_network *ret)
{
	const cJSON *status = ss_json_object(pod, "status");
	const char *phase = ss_json_string(status, "phase");
	const cJSON *first = ss_json_array(status, "containerStatuses");
	const cJSON *ended =
		ss_json_object(ss_json_object(first == NULL ? NULL : first->child, "state"), "terminated");
	long long code = -1;
	if (k8s_is(phase, "Succeeded"))
		code = 0;
	else if (!k8s_is(phase, "Failed"))
		return 1;
	else if (ss_json_int(ended, "exitCode", &code) != 0)
		return -1;
	if (code != 0 && code != NETWORK_PROBE_OPEN)
		return -1;
	*ret = code == 0 ? K8S_NETWORK_CLOSED : K8S_NETWORK_OPEN;
	return 0;
}

/* The pod of an earlier attempt, or of an agent that was killed. */
static int remove_pod(driver_instance *driver, const kube_scope *scope, ss_error *err)
{
	long long until = ss_time_monotonic_ms() + PATIENCE_MS;
	for (;;)
	{
		auto_cjson cJSON *pod = NULL;
		int rc = kube_get(scope, &kube_pod, PROBE_NAME, &pod, err);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
		if (!k8s_is(kube_label(pod, K8S_LABEL_MANAGER), K8S_MANAGER))
			return ss_fail(err, "foreign_object", "Pod " PROBE_NAME " exists and is not ours");
		if (!kube_is_deleting(pod) &&
			kube_delete(scope, &kube_pod, PROBE_NAME, kube_uid(pod), "Background", err) < 0)
			return -1;
		if (ss_time_monotonic_ms() > until)
			return ss_fail(err, "timeout", "Pod " PROBE_NAME " does not end");
		if (kube_client_pause(driver->client, LOOK_MS) < 0)
			return ss_fail(err, "stopping", "the agent is about to end");
	}
}

static int watch_pod(
	driver_instance *driver, const kube_scope *scope, k8s_network *ret, ss_error *err)
{
	long long until = ss_time_monotonic_ms() + PATIENCE_MS;
	for (;;)
	{
		auto_cjson cJSON *pod = NULL;
		int rc = kube_get(scope, &kube_pod, PROBE_NAME, &pod, err);
		if (rc < 0)
			return -1;
		rc = rc == 1 ? -1 : read_pod(pod, ret);
		if (rc == 0)
			return 0;
		if (rc < 0 || ss_time_monotonic_ms() > until)
			return ss_fail(err, "probe_failed", "the pod of the probe did not run to its end");
		if (kube_client_pause(driver->client, LOOK_MS) < 0)
			return ss_fail(err, "stopping", "the agent is about to end");
	}
}

static int send_stranger(
	driver_instance *driver, const target *one, k8s_network *ret, ss_error *err)
{
	kube_scope scope = k8s_scope(driver, 0);
	auto_cjson cJSON *owner = NULL;
	if (remove_pod(driver, &scope, err) < 0 ||
		kube_get(&scope, &kube_config_map, K8S_INSTALLATION, &owner, err) < 0)
		return -1;
	auto_cjson cJSON *pod = owner == NULL ? NULL : make_pod(driver, one, owner);
	if (pod == NULL)
		return ss_fail(err, "installation_unknown", "the namespace has no installation yet");
	if (kube_create(&scope, &kube_pod, pod, NULL, err) < 0)
		return -1;
	int rc = watch_pod(driver, &scope, ret, err);
	ss_error ignored = SS_ERROR_INIT;
	(void)!remove_pod(driver, &scope, &ignored);
	return rc;
}

/* ---- the thread ---- */

static int mark_session(void *ctx, const char *id, void *value)
{
	(void)id;
	k8s_cache_mark(ctx, value);
	return KUBE_MAP_KEEP;
}

static void take_result(driver_instance *driver, const target *one, k8s_network network)
{
	pthread_mutex_lock(&driver->lock);
	driver->network = network;
	kube_map_each(&driver->sessions, mark_session, driver);
	pthread_mutex_unlock(&driver->lock);
	if (network == K8S_NETWORK_OPEN)
		ss_log(SS_LOG_WARNING, MODULE, "network_open", "session", one->session, "advice",
			"strangers reach desktops: use a network plugin that enforces NetworkPolicies", NULL);
	else
		ss_log(SS_LOG_INFO, MODULE, "network_closed", "session", one->session, NULL);
}

/* True when there was an answer. */
static bool attempt(driver_instance *driver)
{
	target one = {0};
	k8s_network network = K8S_NETWORK_UNKNOWN;
	ss_error err = SS_ERROR_INIT;
	pthread_mutex_lock(&driver->lock);
	kube_map_each(&driver->sessions, take_target, &one);
	pthread_mutex_unlock(&driver->lock);
	if (*one.session == '\0' || !can_dial(driver, &one))
		return false;
	if (send_stranger(driver, &one, &network, &err) < 0)
	{
		if (!k8s_is(err.code, "stopping"))
			ss_log_error(SS_LOG_WARNING, MODULE, "probe_failed", &err, NULL);
		return false;
	}
	if (network == K8S_NETWORK_CLOSED && !can_dial(driver, &one))
		return false;
	take_result(driver, &one, network);
	return true;
}

/* Waits for the time, and for a session that runs; false when the driver is about to close. */
static bool wait_until(driver_instance *driver, long long at_ms)
{
	bool closing = false;
	pthread_mutex_lock(&driver->lock);
	for (;;)
	{
		target one = {0};
		kube_map_each(&driver->sessions, take_target, &one);
		closing = driver->closing || driver->host.stopping(driver->host.ctx);
		if (closing || (*one.session != '\0' && ss_time_monotonic_ms() >= at_ms))
			break;
		struct timespec until = ss_time_deadline(LOOK_MS);
		pthread_cond_timedwait(&driver->changed, &driver->lock, &until);
	}
	pthread_mutex_unlock(&driver->lock);
	return !closing;
}

void *k8s_network_run(void *arg)
{
	driver_instance *driver = arg;
	long long next_ms = 0;
	kube_scope scope = k8s_scope(driver, 0);
	ss_error ignored = SS_ERROR_INIT;
	/* What an agent that ended in the middle of it has left, also when there is nothing to try. */
	(void)!remove_pod(driver, &scope, &ignored);
	while (wait_until(driver, next_ms))
		next_ms = ss_time_monotonic_ms() + (attempt(driver) ? AGAIN_MS : RETRY_MS);
	return NULL;
}
