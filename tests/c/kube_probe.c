/*
 * kube_probe: the agent's Kubernetes client and driver, one line a call, for the cluster tests.
 *
 *   kube_probe client KUBECONFIG NAMESPACE [rate=N] [burst=N] [silence_ms=N] [patience_ms=N]
 *                                          [max_frame=N] [max_answer=N]
 *     get KIND NAME | list KIND [SELECTOR] | delete KIND NAME UID | create KIND JSON |
 *     apply KIND JSON | status KIND JSON | watch KIND [SELECTOR] | counts KIND
 *   kube_probe driver KUBECONFIG NAMESPACE AGENT_ID
 *     inventory | {"action", "kind", "id", "revision", "installation", "seconds", "payload"}
 *
 * Answers are lines of JSON on standard output; watches, reports and progress bring lines at any
 * time. It ends at the end of its input.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/driver.h"
#include "agent/kube_watch.h"
#include "agent/options.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/timeutil.h"

#define WATCHES_MAX 8

static const kube_kind *const kinds[] = {&kube_session, &kube_template, &kube_deployment,
	&kube_service, &kube_claim, &kube_config_map, &kube_pod};

static struct
{
	const kube_kind *kind;
	kube_watch *watch;
} watches[WATCHES_MAX];
static size_t watch_count;

static atomic_bool ending;

/* Prints and frees. */
static void print(cJSON *line)
{
	char *text = cJSON_PrintUnformatted(line);
	flockfile(stdout);
	puts(text);
	fflush(stdout);
	funlockfile(stdout);
	free(text);
	cJSON_Delete(line);
}

static cJSON *answer(int rc, const ss_error *err, long long began_ms)
{
	cJSON *line = cJSON_CreateObject();
	cJSON_AddNumberToObject(line, "rc", rc);
	cJSON_AddNumberToObject(line, "ms", (double)(ss_time_monotonic_ms() - began_ms));
	if (rc < 0)
	{
		cJSON_AddStringToObject(line, "code", err->code);
		cJSON_AddStringToObject(line, "message", err->message);
		cJSON_AddStringToObject(line, "context", err->context);
	}
	return line;
}

/* ---- client ---- */

static const kube_kind *find_kind(const char *name)
{
	for (size_t i = 0; name != NULL && i < sizeof(kinds) / sizeof(*kinds); i++)
	{
		if (strcmp(kinds[i]->plural, name) == 0)
			return kinds[i];
	}
	return NULL;
}

static int add_name(void *ctx, cJSON *items, cJSON *item, ss_error *err)
{
	(void)items, (void)err;
	cJSON_AddItemToArray(ctx, cJSON_CreateString(kube_name(item)));
	return 0;
}

static void on_event(void *ctx, const kube_kind *kind, kube_event event, const cJSON *object)
{
	static const char *const names[] = {
		[KUBE_ADDED] = "ADDED", [KUBE_MODIFIED] = "MODIFIED", [KUBE_DELETED] = "DELETED"};
	(void)ctx;
	cJSON *line = cJSON_CreateObject();
	cJSON_AddStringToObject(line, "event", names[event]);
	cJSON_AddStringToObject(line, "kind", kind->plural);
	cJSON_AddStringToObject(line, "name", kube_name(object));
	cJSON_AddStringToObject(line, "uid", kube_uid(object));
	print(line);
}

static void on_synced(void *ctx, const kube_kind *kind)
{
	(void)ctx;
	cJSON *line = cJSON_CreateObject();
	cJSON_AddStringToObject(line, "synced", kind->plural);
	print(line);
}

static void on_trouble(void *ctx, const kube_kind *kind, const ss_error *err)
{
	(void)ctx;
	cJSON *line = cJSON_CreateObject();
	cJSON_AddStringToObject(line, "trouble", err->code);
	cJSON_AddStringToObject(line, "message", err->message);
	cJSON_AddStringToObject(line, "kind", kind->plural);
	print(line);
}

static const char *rest_or_null(const char *rest)
{
	return rest == NULL || *rest == '\0' ? NULL : rest;
}

static void client_call(const kube_scope *scope, char *line)
{
	ss_error err = SS_ERROR_INIT;
	long long began = ss_time_monotonic_ms();
	char *rest = NULL;
	const char *verb = strtok_r(line, " ", &rest);
	const kube_kind *kind = find_kind(strtok_r(NULL, " ", &rest));
	auto_cjson cJSON *object = NULL;
	cJSON *names = NULL;
	auto_free char *version = NULL;
	long lists = -1;
	long starts = -1;
	int rc = -1;
	if (verb == NULL || kind == NULL)
		ss_fail(&err, "probe", "what kind?");
	else if (strcmp(verb, "get") == 0)
		rc = kube_get(scope, kind, strtok_r(NULL, " ", &rest), &object, &err);
	else if (strcmp(verb, "list") == 0)
	{
		names = cJSON_CreateArray();
		rc = kube_list(scope, kind, rest_or_null(rest), add_name, names, &version, &err);
	}
	else if (strcmp(verb, "delete") == 0)
	{
		const char *name = strtok_r(NULL, " ", &rest);
		rc = kube_delete(scope, kind, name, strtok_r(NULL, " ", &rest), "Background", &err);
	}
	else if (strcmp(verb, "watch") == 0 && watch_count < WATCHES_MAX)
	{
		const kube_watch_handler handler = {
			.event = on_event, .synced = on_synced, .trouble = on_trouble};
		watches[watch_count].kind = kind;
		rc = kube_watch_start(scope->client, kind, scope->name_space, rest_or_null(rest), &handler,
			&watches[watch_count].watch, &err);
		watch_count += rc == 0;
	}
	else if (strcmp(verb, "counts") == 0)
	{
		for (size_t i = 0; i < watch_count; i++)
		{
			if (watches[i].kind == kind)
				kube_watch_counts(watches[i].watch, &lists, &starts);
		}
		rc = 0;
	}
	else
	{
		auto_cjson cJSON *given = cJSON_Parse(rest);
		if (strcmp(verb, "create") == 0)
			rc = kube_create(scope, kind, given, &object, &err);
		else
			rc = kube_apply(
				scope, kind, strcmp(verb, "status") == 0 ? "status" : NULL, given, &object, &err);
	}
	cJSON *out = answer(rc, &err, began);
	if (object != NULL)
		cJSON_AddItemToObject(out, "object", ss_steal_ptr(object));
	if (names != NULL)
		cJSON_AddItemToObject(out, "names", names);
	if (version != NULL)
		cJSON_AddStringToObject(out, "version", version);
	if (lists >= 0)
	{
		cJSON_AddNumberToObject(out, "lists", (double)lists);
		cJSON_AddNumberToObject(out, "watches", (double)starts);
	}
	print(out);
}

static bool is_ending(void *ctx)
{
	(void)ctx;
	return atomic_load(&ending);
}

static void set_option(kube_client_options *options, const char *word)
{
	long long number = atoll(strchr(word, '=') == NULL ? "0" : strchr(word, '=') + 1);
	if (strncmp(word, "rate=", 5) == 0)
		options->rate = number;
	else if (strncmp(word, "burst=", 6) == 0)
		options->burst = number;
	else if (strncmp(word, "silence_ms=", 11) == 0)
		options->silence_ms = number;
	else if (strncmp(word, "patience_ms=", 12) == 0)
		options->patience_ms = number;
	else if (strncmp(word, "max_frame=", 10) == 0)
		options->max_frame = (size_t)number;
	else if (strncmp(word, "max_answer=", 11) == 0)
		options->max_answer = (size_t)number;
}

static int run_client(int argc, char **argv)
{
	ss_error err = SS_ERROR_INIT;
	kube_config config = {0};
	kube_client_options options = KUBE_CLIENT_DEFAULTS;
	kube_client *client = NULL;
	auto_free char *line = NULL;
	size_t room = 0;
	options.stopping = is_ending;
	for (int i = 4; i < argc; i++)
		set_option(&options, argv[i]);
	long long began = ss_time_monotonic_ms();
	int rc = kube_config_load(argv[2], &config, &err);
	if (rc == 0)
		rc = kube_client_open(&config, &options, &client, &err);
	kube_config_done(&config);
	print(answer(rc, &err, began));
	if (rc < 0)
		return 1;
	kube_scope scope = {.client = client, .name_space = argv[3]};
	for (ssize_t len; (len = getline(&line, &room, stdin)) > 0;)
	{
		line[strcspn(line, "\n")] = '\0';
		client_call(&scope, line);
	}
	atomic_store(&ending, true);
	for (size_t i = 0; i < watch_count; i++)
		kube_watch_stop(watches[i].watch);
	kube_client_close(client);
	return 0;
}

/* ---- driver ---- */

static void on_observed(void *ctx, const driver_observed *observed)
{
	(void)ctx;
	cJSON *line = cJSON_CreateObject();
	cJSON_AddStringToObject(line, "observed", observed->session_id);
	cJSON_AddStringToObject(line, "state", observed->state);
	cJSON_AddNumberToObject(line, "revision", (double)observed->revision);
	if (observed->reason != NULL)
		cJSON_AddStringToObject(line, "reason", observed->reason);
	if (observed->message != NULL)
		cJSON_AddStringToObject(line, "message", observed->message);
	if (observed->endpoint != NULL)
		cJSON_AddStringToObject(line, "endpoint", observed->endpoint);
	print(line);
}

static void on_progress(void *ctx, const driver_command *command, const char *phase, int percent)
{
	(void)ctx, (void)percent;
	cJSON *line = cJSON_CreateObject();
	cJSON_AddStringToObject(line, "progress", command->object_id);
	cJSON_AddStringToObject(line, "phase", phase);
	print(line);
}

static void on_resync(void *ctx)
{
	(void)ctx;
	cJSON *line = cJSON_CreateObject();
	cJSON_AddBoolToObject(line, "resync", true);
	print(line);
}

typedef struct job
{
	driver_instance *driver;
	cJSON *given;
} job;

static int run_action(driver_instance *driver, const driver_command *command, const char *action,
	driver_result *ret, ss_error *err)
{
	const driver_ops *ops = &driver_kubernetes;
	if (strcmp(action, "start_session") == 0)
		return ops->start(driver, command, ret, err);
	if (strcmp(action, "wake_session") == 0)
		return ops->wake(driver, command, ret, err);
	if (strcmp(action, "hibernate_session") == 0)
		return ops->hibernate(driver, command, ret, err);
	if (strcmp(action, "stop_session") == 0)
		return ops->stop(driver, command, ret, err);
	if (strcmp(action, "apply") == 0)
		return ops->apply(driver, command, ret, err);
	return ops->remove(driver, command, ret, err);
}

static driver_action action_of(const char *name)
{
	static const char *const names[] = {
		"start_session", "stop_session", "hibernate_session", "wake_session", "apply", "remove"};
	for (int i = 0; i < 6; i++)
	{
		if (strcmp(names[i], name) == 0)
			return (driver_action)i;
	}
	return DRIVER_REMOVE;
}

static const char *text_of(const cJSON *object, const char *key)
{
	const char *text = ss_json_string(object, key);
	return text == NULL ? "" : text;
}

static void *run_job(void *arg)
{
	job *one = arg;
	ss_error err = SS_ERROR_INIT;
	driver_result result = {0};
	driver_command command = {.id = "c-probe", .payload = ss_json_object(one->given, "payload")};
	long long revision = 0;
	long long seconds = 60;
	long long began = ss_time_monotonic_ms();
	(void)!ss_json_int(one->given, "revision", &revision);
	(void)!ss_json_int(one->given, "seconds", &seconds);
	const char *action = text_of(one->given, "action");
	command.action = action_of(action);
	command.revision = revision;
	command.deadline_ms = began + seconds * 1000;
	snprintf(command.object_kind, sizeof(command.object_kind), "%s", text_of(one->given, "kind"));
	snprintf(command.object_id, sizeof(command.object_id), "%s", text_of(one->given, "id"));
	snprintf(command.installation_id, sizeof(command.installation_id), "%s",
		text_of(one->given, "installation"));
	int rc = run_action(one->driver, &command, action, &result, &err);
	cJSON *line = answer(rc, &err, began);
	cJSON_AddStringToObject(line, "done", command.object_id);
	cJSON_AddStringToObject(line, "state", result.state);
	cJSON_AddStringToObject(line, "uid", result.uid);
	cJSON_AddNumberToObject(line, "revision", (double)result.revision);
	print(line);
	cJSON_Delete(one->given);
	free(one);
	return NULL;
}

static void print_inventory(driver_instance *driver)
{
	ss_error err = SS_ERROR_INIT;
	driver_inventory list = {0};
	long long began = ss_time_monotonic_ms();
	cJSON *line = answer(driver_kubernetes.inventory(driver, &list, &err), &err, began);
	cJSON *objects = cJSON_AddArrayToObject(line, "objects");
	cJSON_AddBoolToObject(line, "complete", list.complete);
	for (size_t i = 0; i < list.count; i++)
	{
		cJSON *object = cJSON_CreateObject();
		cJSON_AddStringToObject(object, "kind", list.items[i].kind);
		cJSON_AddStringToObject(object, "id", list.items[i].id);
		cJSON_AddStringToObject(object, "uid", list.items[i].uid);
		cJSON_AddStringToObject(object, "state", list.items[i].state);
		cJSON_AddNumberToObject(object, "revision", (double)list.items[i].revision);
		cJSON_AddItemToArray(objects, object);
	}
	driver_inventory_done(&list);
	print(line);
}

static int run_driver(char **argv)
{
	ss_error err = SS_ERROR_INIT;
	agent_options options = {.kubeconfig = argv[2],
		.namespace = argv[3],
		.agent_id = argv[4],
		.home_size = "1Gi",
		.home_class = getenv("PROBE_HOME_CLASS"),
		.kube_rate = 100,
		.kube_burst = 200,
		.start_timeout = 20,
		.node_selector = getenv("PROBE_NODE_SELECTOR"),
		.tolerations = getenv("PROBE_TOLERATIONS"),
		.runtime_classes = getenv("PROBE_RUNTIME_CLASSES"),
		.priority_classes = getenv("PROBE_PRIORITY_CLASSES"),
		.pull_secrets = getenv("PROBE_PULL_SECRETS")};
	driver_host host = {.options = &options,
		.observed = on_observed,
		.progress = on_progress,
		.resync = on_resync,
		.stopping = is_ending};
	driver_instance *driver = NULL;
	auto_free char *line = NULL;
	size_t room = 0;
	long long began = ss_time_monotonic_ms();
	int rc = driver_kubernetes.open(&host, &driver, &err);
	if (rc == 0)
		rc = driver_kubernetes.watch(driver, &err);
	print(answer(rc, &err, began));
	if (rc < 0)
		return 1;
	pthread_t threads[256];
	size_t count = 0;
	for (ssize_t len; count < 256 && (len = getline(&line, &room, stdin)) > 0;)
	{
		if (strcmp(line, "inventory\n") == 0)
		{
			print_inventory(driver);
			continue;
		}
		job *one = malloc(sizeof(*one));
		*one = (job){.driver = driver, .given = cJSON_Parse(line)};
		pthread_create(&threads[count++], NULL, run_job, one);
	}
	atomic_store(&ending, true);
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	driver_kubernetes.close(driver);
	return 0;
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (argc >= 4 && strcmp(argv[1], "client") == 0)
		return run_client(argc, argv);
	if (argc == 5 && strcmp(argv[1], "driver") == 0)
		return run_driver(argv);
	fprintf(stderr, "usage: kube_probe client|driver KUBECONFIG NAMESPACE ...\n");
	return 2;
}
