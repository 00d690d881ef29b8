/* The pure parts of the Kubernetes client and driver: no API server is needed. */
#include "agent/driver_kubernetes.h"
#include "agent/kube_rate.h"
#include "agent/kube_yaml.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/timeutil.h"
#include "tests/c/tap.h"

static void test_backoff(void)
{
	bool inside = true;
	bool spread = false;
	long long first = ss_time_backoff_ms(3, KUBE_BACKOFF_MS, KUBE_BACKOFF_MAX_MS);
	for (unsigned attempt = 0; attempt < 40; attempt++)
	{
		long long top = attempt < 6 ? 800LL << attempt : 30000;
		top = top > 30000 ? 30000 : top;
		for (int i = 0; i < 50; i++)
		{
			long long wait = ss_time_backoff_ms(attempt, KUBE_BACKOFF_MS, KUBE_BACKOFF_MAX_MS);
			inside &= wait >= 0 && wait <= top;
			spread |= attempt == 3 && wait != first;
		}
	}
	tap_ok(inside, "back-off: between 0 and 0.8 s x 2^n, at most 30 s");
	tap_ok(spread, "back-off: full jitter");
}

static void test_retry_after(void)
{
	CURL *curl = curl_easy_init();
	auto_cjson cJSON *status = cJSON_Parse("{\"details\":{\"retryAfterSeconds\":7}}");
	auto_cjson cJSON *long_one = cJSON_Parse("{\"details\":{\"retryAfterSeconds\":86400}}");
	auto_cjson cJSON *wrong = cJSON_Parse("{\"details\":{\"retryAfterSeconds\":\"soon\"}}");
	tap_is_int(kube_retry_after_ms(curl, status), 7000, "retryAfterSeconds of a Status counts");
	tap_is_int(kube_retry_after_ms(curl, long_one), 60000, "but never over a minute");
	tap_is_int(kube_retry_after_ms(curl, wrong), 0, "and not when it is no number");
	tap_is_int(kube_retry_after_ms(curl, NULL), 0, "nor when there is no Status");
	curl_easy_cleanup(curl);
}

static void test_failures(void)
{
	static const struct
	{
		long status;
		const char *body;
		const char *code;
	} rows[] = {
		{409, "{\"reason\":\"AlreadyExists\",\"message\":\"m\"}", "kube_already_exists"},
		{409, "{\"reason\":\"Conflict\"}", "kube_conflict"},
		{410, "{\"reason\":\"Expired\"}", "kube_gone"},
		{404, NULL, "kube_not_found"},
		{503, NULL, "kube_error"},
		{429, "{}", "kube_busy"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
	{
		ss_error err = SS_ERROR_INIT;
		kube_response response = {.status = rows[i].status};
		response.body = rows[i].body == NULL ? NULL : cJSON_Parse(rows[i].body);
		tap_is_int(kube_client_fail(&response, &err, "test"), -1, "a failure is a failure");
		tap_is(err.code, rows[i].code, "HTTP %ld with %s", rows[i].status,
			rows[i].body == NULL ? "no body" : rows[i].body);
		kube_response_done(&response);
	}
}

static void test_paths(void)
{
	static const char *const query[] = {"labelSelector", "a in (b,c),d!=e&f", NULL};
	ss_error err = SS_ERROR_INIT;
	auto_free char *path = NULL;
	auto_free char *other = NULL;
	char *none = NULL;
	tap_is_int(kube_path(&kube_pod, "ns", NULL, NULL, query, &path, &err), 0, "a path");
	tap_is(path, "/api/v1/namespaces/ns/pods?labelSelector=a%20in%20%28b%2Cc%29%2Cd%21%3De%26f",
		"a selector is percent-encoded");
	tap_is_int(kube_path(&kube_session, "n/s", "a b", "status", NULL, &other, &err), 0, "names");
	tap_is(other, "/apis/stream.space/v1alpha1/namespaces/n%2Fs/sessions/a%20b/status",
		"and so are names");
	tap_is_int(kube_path(&kube_pod, "ns", "..", NULL, NULL, &none, &err), -1, "a step is no name");
	tap_is_int(kube_path(&kube_pod, "", "x", NULL, NULL, &none, &err), -1, "nor is nothing");
}

static int parse_yaml(const char *text, cJSON **ret)
{
	ss_error err = SS_ERROR_INIT;
	return kube_yaml_parse(text, strlen(text), ret, &err);
}

static void test_yaml(void)
{
	auto_cjson cJSON *root = NULL;
	cJSON *none = NULL;
	tap_is_int(parse_yaml("a: {b: [1, 'true', true, ~]}\nc: |\n  x\n", &root), 0, "YAML is read");
	const cJSON *list = ss_json_array(ss_json_object(root, "a"), "b");
	tap_is(cJSON_GetStringValue(cJSON_GetArrayItem(list, 0)), "1", "a number stays text");
	tap_ok(cJSON_IsString(cJSON_GetArrayItem(list, 1)), "a quoted true is text");
	tap_ok(cJSON_IsTrue(cJSON_GetArrayItem(list, 2)), "a plain one is a boolean");
	tap_ok(cJSON_IsNull(cJSON_GetArrayItem(list, 3)), "a tilde is null");
	tap_is(ss_json_string(root, "c"), "x\n", "a block scalar");
	tap_is_int(parse_yaml("a: 1\na: 2\n", &none), -1, "a key twice is refused");
	tap_is_int(parse_yaml("a: &b 1\nc: *b\n", &none), -1, "an alias is refused");
	tap_is_int(parse_yaml("{[a]: b}", &none), -1, "a key that is a list is refused");
	tap_is_int(parse_yaml("", &none), -1, "nothing is refused");
	tap_is_int(parse_yaml("a: [", &none), -1, "an open end is refused");
	char deep[128];
	memset(deep, '[', 64);
	memset(deep + 64, ']', 64);
	ss_error err = SS_ERROR_INIT;
	tap_is_int(kube_yaml_parse(deep, sizeof(deep), &none, &err), -1, "64 levels are refused");
}

static void test_pods(void)
{
	static const struct
	{
		const char *status;
		k8s_pod_state state;
		const char *reason;
	} rows[] = {
		{"{}", K8S_POD_WAITING, ""},
		{"{\"podIP\":\"10.0.0.1\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}",
			K8S_POD_READY, ""},
		{"{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}", K8S_POD_WAITING, ""},
		{"{\"conditions\":[{\"type\":\"PodScheduled\",\"status\":\"False\",\"reason\":"
		 "\"Unschedulable\"}]}",
			K8S_POD_WAITING, "Unschedulable"},
		{"{\"containerStatuses\":[{\"state\":{\"waiting\":{\"reason\":\"ContainerCreating\"}}}]}",
			K8S_POD_WAITING, ""},
		{"{\"containerStatuses\":[{\"state\":{\"waiting\":{\"reason\":\"ErrImagePull\"}}}]}",
			K8S_POD_WAITING, "ErrImagePull"},
		{"{\"containerStatuses\":[{\"restartCount\":2,\"state\":{\"waiting\":{\"reason\":"
		 "\"CrashLoopBackOff\"}}}]}",
			K8S_POD_WAITING, "CrashLoopBackOff"},
		{"{\"containerStatuses\":[{\"restartCount\":3,\"state\":{\"waiting\":{\"reason\":"
		 "\"CrashLoopBackOff\"}}}]}",
			K8S_POD_FAILED, "CrashLoopBackOff"},
		{"{\"containerStatuses\":[{\"state\":{\"waiting\":{\"reason\":\"InvalidImageName\"}}}]}",
			K8S_POD_FAILED, "InvalidImageName"},
		{"{\"phase\":\"Failed\",\"reason\":\"Evicted\"}", K8S_POD_ENDED, "Evicted"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
	{
		auto_cjson cJSON *pod = cJSON_Parse("{\"metadata\":{\"name\":\"p\"}}");
		k8s_pod seen;
		cJSON_AddItemToObject(pod, "status", cJSON_Parse(rows[i].status));
		k8s_pod_read(pod, &seen);
		tap_is_int(seen.state, rows[i].state, "state of a pod with %.60s", rows[i].status);
		tap_is(seen.reason, rows[i].reason, "its reason");
	}
}

static void test_specs(void)
{
	ss_error err = SS_ERROR_INIT;
	char one[SS_HEX_SIZE];
	char two[SS_HEX_SIZE];
	char three[SS_HEX_SIZE];
	auto_cjson cJSON *a = cJSON_Parse("{\"x\":1,\"y\":{\"p\":[1,2],\"q\":null}}");
	auto_cjson cJSON *b = cJSON_Parse("{\"y\":{\"q\":null,\"p\":[1,2]},\"x\":1}");
	auto_cjson cJSON *c = cJSON_Parse("{\"y\":{\"q\":null,\"p\":[2,1]},\"x\":1}");
	tap_ok(
		k8s_hash(a, one, &err) == 0 && k8s_hash(b, two, &err) == 0 && k8s_hash(c, three, &err) == 0,
		"specs are hashed");
	tap_is(one, two, "the order of members does not count");
	tap_ok(strcmp(one, three) != 0, "the order of a list does");

	auto_cjson cJSON *vnc = cJSON_Parse("{\"vnc\":{\"port\":1},\"kasmvnc\":{\"port\":2}}");
	auto_cjson cJSON *older = cJSON_Parse("{\"vnc\":{\"port\":0},\"kasmvnc\":{\"port\":2}}");
	auto_cjson cJSON *ports =
		cJSON_Parse("{\"ports\":[{\"name\":\"x\",\"containerPort\":8},{\"name\":\"vnc\","
					"\"containerPort\":9}]}");
	tap_is_int(k8s_object_port(vnc), 1, "vnc.port comes first");
	tap_is_int(k8s_object_port(older), 2, "then kasmvnc.port");
	tap_is_int(k8s_object_port(ports), 9, "then the port called vnc");
	tap_is_int(k8s_object_port(NULL), 5900, "then RFB's own");
}

static void test_rate(void)
{
	kube_rate rate;
	kube_rate_init(&rate, 10, 3);
	for (int i = 0; i < 3; i++)
		tap_is_int(kube_rate_take(&rate), 0, "request %d of a burst does not wait", i + 1);
	tap_ok(kube_rate_take(&rate) > 0, "the next one does");
	long long second = kube_rate_take(&rate);
	tap_ok(second > 100 && second <= 201, "and the one after it twice as long (%lld ms)", second);
	kube_rate_done(&rate);
}

int main(void)
{
	test_backoff();
	test_retry_after();
	test_failures();
	test_paths();
	test_yaml();
	test_pods();
	test_specs();
	test_rate();
	return tap_done();
}
