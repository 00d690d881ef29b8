/* The Kubernetes driver: its table, open and close. Threads as agent/driver.h says. */
#include "agent/driver_kubernetes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"

#define MODULE "kubernetes"

static bool is_stopping(void *ctx)
{
	driver_instance *driver = ctx;
	return driver->host.stopping(driver->host.ctx);
}

static void log_trouble(void *ctx, const kube_kind *kind, const ss_error *err)
{
	(void)ctx;
	ss_log_error(SS_LOG_WARNING, MODULE, "watch_interrupted", err, "kind", kind->plural, NULL);
}

static void close_driver(driver_instance *driver)
{
	pthread_mutex_lock(&driver->lock);
	driver->closing = true;
	pthread_cond_broadcast(&driver->changed);
	pthread_mutex_unlock(&driver->lock);
	if (driver->reporting)
		pthread_join(driver->reporter, NULL);
	if (driver->probing)
		pthread_join(driver->prober, NULL);
	for (int i = 0; i < K8S_WATCHES; i++)
		kube_watch_stop(driver->watch[i]);
	kube_watch_stop(driver->viewers);
	kube_client_close(driver->client);
	k8s_cache_done(driver);
	k8s_policy_done(&driver->policy);
	free(driver);
}

static int open_client(driver_instance *driver, const agent_options *options, ss_error *err)
{
	kube_config config = {0};
	kube_client_options limits = KUBE_CLIENT_DEFAULTS;
	limits.rate = options->kube_rate;
	limits.burst = options->kube_burst;
	limits.stopping = is_stopping;
	limits.ctx = driver;
	if (kube_config_load(options->kubeconfig, &config, err) < 0)
		return -1;
	const char *name_space = options->namespace;
	if (name_space == NULL || *name_space == '\0')
		name_space = config.name_space;
	if (name_space == NULL || strlen(name_space) >= K8S_ID_SIZE)
	{
		kube_config_done(&config);
		return ss_fail(err, "invalid_option", "namespace: none is given");
	}
	snprintf(driver->name_space, sizeof(driver->name_space), "%s", name_space);
	int rc = kube_client_open(&config, &limits, &driver->client, err);
	kube_config_done(&config);
	return rc;
}

static int open_driver(const driver_host *host, driver_instance **ret, ss_error *err)
{
	const agent_options *options = host->options;
	driver_instance *driver = calloc(1, sizeof(*driver));
	if (driver == NULL)
		return ss_fail(err, "out_of_memory", "no memory for the driver");
	driver->host = *host;
	k8s_cache_init(driver);
	snprintf(driver->agent_id, sizeof(driver->agent_id), "%s", options->agent_id);
	snprintf(driver->home_size, sizeof(driver->home_size), "%s", options->home_size);
	snprintf(driver->home_class, sizeof(driver->home_class), "%s",
		options->home_class == NULL ? "" : options->home_class);
	if (k8s_policy_open(options, &driver->policy, err) < 0 || open_client(driver, options, err) < 0)
	{
		close_driver(driver);
		return -1;
	}
	*ret = driver;
	return 0;
}

/* What runs already is taken up by the first lists: every session of theirs is looked at. */
static int watch(driver_instance *driver, ss_error *err)
{
	static const kube_kind *const kinds[K8S_WATCHES] = {
		[K8S_WATCH_SESSIONS] = &kube_session,
		[K8S_WATCH_TEMPLATES] = &kube_template,
		[K8S_WATCH_DEPLOYMENTS] = &kube_deployment,
		[K8S_WATCH_PODS] = &kube_pod,
	};
	const kube_watch_handler handler = {.ctx = driver,
		.event = k8s_cache_event,
		.synced = k8s_cache_synced,
		.trouble = log_trouble};
	char selector[K8S_ID_SIZE + sizeof(K8S_LABEL_AGENT)];
	snprintf(selector, sizeof(selector), "%s=%s", K8S_LABEL_AGENT, driver->agent_id);
	for (int i = 0; i < K8S_WATCHES; i++)
	{
		if (kube_watch_start(driver->client, kinds[i], driver->name_space, selector, &handler,
				&driver->watch[i], err) < 0)
			return -1;
	}
	const kube_watch_handler viewers = {.ctx = driver,
		.event = k8s_connection_event,
		.synced = k8s_connection_synced,
		.trouble = log_trouble};
	if (kube_watch_start(driver->client, &kube_connection, driver->name_space, selector, &viewers,
			&driver->viewers, err) < 0)
		return -1;
	if (pthread_create(&driver->reporter, NULL, k8s_status_run, driver) != 0)
		return ss_fail(err, "internal", "no thread for reports");
	driver->reporting = true;
	const char *image = driver->host.options->network_probe;
	if (image == NULL || *image == '\0' || strcmp(image, "off") == 0)
		return 0;
	if (pthread_create(&driver->prober, NULL, k8s_network_run, driver) != 0)
		return ss_fail(err, "internal", "no thread for the probe");
	driver->probing = true;
	return 0;
}

/* ---- doctor ---- */

/* One list of each kind that the driver needs: reachable, allowed, and defined. */
static const kube_kind *const needed[] = {&kube_session, &kube_template, &kube_connection,
	&kube_deployment, &kube_service, &kube_claim, &kube_pod};

static int ignore_item(void *ctx, cJSON *items, cJSON *item, ss_error *err)
{
	(void)ctx, (void)items, (void)item, (void)err;
	return 0;
}

static void doctor(const agent_options *options,
	void (*say)(void *ctx, const char *name, bool ok, const char *text), void *ctx)
{
	char text[1024];
	ss_error err = SS_ERROR_INIT;
	kube_config config = {0};
	kube_client_options limits = KUBE_CLIENT_DEFAULTS;
	kube_client *client = NULL;
	limits.patience_ms = KUBE_CONNECT_MS;
	int rc = kube_config_load(options->kubeconfig, &config, &err);
	if (rc == 0)
		snprintf(text, sizeof(text), "%s", config.server);
	if (rc == 0)
		rc = kube_client_open(&config, &limits, &client, &err);
	say(ctx, "kubernetes.credentials", rc == 0,
		rc == 0 ? text : ss_error_text(&err, text, sizeof(text)));
	kube_config_done(&config);
	if (rc < 0)
		return;
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
	{
		kube_scope scope = {.client = client, .name_space = options->namespace};
		char name[64];
		err = (ss_error)SS_ERROR_INIT;
		rc = kube_list(&scope, needed[i], NULL, ignore_item, NULL, NULL, &err);
		snprintf(name, sizeof(name), "kubernetes.%s", needed[i]->plural);
		say(ctx, name, rc == 0,
			rc == 0 ? "can be listed" : ss_error_text(&err, text, sizeof(text)));
	}
	kube_client_close(client);
}

const driver_ops driver_kubernetes = {
	.name = "kubernetes",
	.open = open_driver,
	.close = close_driver,
	.start = k8s_command_session,
	.stop = k8s_command_session,
	.hibernate = k8s_command_session,
	.wake = k8s_command_session,
	.apply = k8s_command_apply,
	.remove = k8s_command_remove,
	.inventory = k8s_inventory,
	.watch = watch,
	.dial = k8s_dial,
	.network = k8s_network_state,
	.project = k8s_connection_project,
	.doctor = doctor,
};
