/* Kubeconfig and service account. Any thread. */
#include "agent/kube_config.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/kube_yaml.h"
#include "common/cleanup.h"
#include "common/crypto.h"
#include "common/json.h"

#define KUBECONFIG_MAX ((size_t)1 << 20)
#define PEM_MAX ((size_t)256 << 10)

int kube_file_read(const char *path, size_t max, char **ret, size_t *ret_len, ss_error *err)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ss_fail(err, "kube_file_unreadable", "%s: %m", path);
	auto_free char *text = malloc(max + 1);
	if (text == NULL)
		return ss_fail(err, "out_of_memory", "no memory to read %s", path);
	size_t len = 0;
	for (;;)
	{
		ssize_t got = read(fd, text + len, max + 1 - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ss_fail(err, "kube_file_unreadable", "%s: %m", path);
		if (got == 0)
			break;
		len += (size_t)got;
		if (len > max)
			return ss_fail(err, "kube_file_unreadable", "%s is longer than %zu bytes", path, max);
	}
	text[len] = '\0';
	if (memchr(text, '\0', len) != NULL)
		return ss_fail(err, "kube_file_unreadable", "%s holds a NUL character", path);
	if (ret_len != NULL)
		*ret_len = len;
	*ret = ss_steal_ptr(text);
	return 0;
}

static void wipe(char *text)
{
	if (text != NULL)
		ss_crypto_wipe(text, strlen(text));
	free(text);
}

void kube_config_done(kube_config *config)
{
	free(config->server);
	free(config->name_space);
	free(config->ca_file);
	free(config->ca_data);
	wipe(config->token);
	free(config->token_file);
	free(config->cert_file);
	free(config->cert_data);
	free(config->key_file);
	wipe(config->key_data);
	*config = (kube_config){0};
}

static int copy(const char *text, char **ret, ss_error *err)
{
	char *copied = strdup(text);
	if (copied == NULL)
		return ss_fail(err, "out_of_memory", "no memory for the Kubernetes configuration");
	free(*ret);
	*ret = copied;
	return 0;
}

/* A relative path in a kubeconfig counts from the kubeconfig's folder. */
static int copy_path(const char *base, const char *path, char **ret, ss_error *err)
{
	const char *slash = strrchr(base, '/');
	auto_free char *joined = NULL;
	if (path[0] == '/' || slash == NULL)
		return copy(path, ret, err);
	if (asprintf(&joined, "%.*s/%s", (int)(slash - base), base, path) < 0)
	{
		joined = NULL;
		return ss_fail(err, "out_of_memory", "no memory for a path");
	}
	return copy(joined, ret, err);
}

static int decode_base64(const char *name, const char *text, char **ret, ss_error *err)
{
	size_t len = strlen(text);
	if (len == 0 || len > PEM_MAX * 4 / 3 + 4 || len % 4 != 0)
		return ss_fail(err, "kubeconfig_invalid", "%s is not base64", name);
	char *out = calloc(1, len / 4 * 3 + 1);
	if (out == NULL)
		return ss_fail(err, "out_of_memory", "no memory for %s", name);
	int got = EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)text, (int)len);
	size_t padding = (text[len - 1] == '=') + (text[len - 2] == '=');
	if (got < 0 || strlen(out) != (size_t)got - padding)
	{
		free(out);
		return ss_fail(err, "kubeconfig_invalid", "%s is not base64 of text", name);
	}
	*ret = out;
	return 0;
}

/* NAME (a path) or NAME-data (base64); data wins, as in kubectl. */
static int take_file_or_data(const char *base, const cJSON *from, const char *name, char **ret_file,
	char **ret_data, ss_error *err)
{
	char data_name[64];
	snprintf(data_name, sizeof(data_name), "%s-data", name);
	const char *data = ss_json_string(from, data_name);
	if (data != NULL && *data != '\0')
		return decode_base64(data_name, data, ret_data, err);
	const char *path = ss_json_string(from, name);
	if (path != NULL && *path != '\0')
		return copy_path(base, path, ret_file, err);
	return 0;
}

/* The member `what` of the entry that is called `name` in the list `list`. */
static const cJSON *find_named(
	const cJSON *root, const char *list, const char *name, const char *what)
{
	const cJSON *entry;
	cJSON_ArrayForEach(entry, ss_json_array(root, list))
	{
		const char *own = ss_json_string(entry, "name");
		if (own != NULL && strcmp(own, name) == 0)
			return ss_json_object(entry, what);
	}
	return NULL;
}

/* Refused by name, with what to use instead. */
static const struct
{
	const char *key;
	const char *hint;
} unsupported_user[] = {
	{"exec", "use a token, a tokenFile or a client certificate: credential plugins are not run"},
	{"auth-provider", "use a token, a tokenFile or a client certificate"},
	{"username", "use a token, a tokenFile or a client certificate"},
	{"password", "use a token, a tokenFile or a client certificate"},
	{"as", "impersonation is not supported: give the agent an account of its own"},
};

static int take_user(const char *base, const cJSON *user, kube_config *config, ss_error *err)
{
	for (size_t i = 0; i < sizeof(unsupported_user) / sizeof(*unsupported_user); i++)
	{
		if (ss_json_get(user, unsupported_user[i].key) != NULL)
		{
			ss_fail(err, "kubeconfig_unsupported", "%s: the user has `%s`", base,
				unsupported_user[i].key);
			return ss_error_set_hint(err, "%s", unsupported_user[i].hint);
		}
	}
	const char *token = ss_json_string(user, "token");
	const char *token_file = ss_json_string(user, "tokenFile");
	if (token_file != NULL && *token_file != '\0')
	{
		if (copy_path(base, token_file, &config->token_file, err) < 0)
			return -1;
	}
	else if (token != NULL && *token != '\0')
	{
		if (strpbrk(token, "\r\n \t") != NULL)
			return ss_fail(err, "kubeconfig_invalid", "%s: the token holds white space", base);
		if (copy(token, &config->token, err) < 0)
			return -1;
	}
	if (take_file_or_data(
			base, user, "client-certificate", &config->cert_file, &config->cert_data, err) < 0 ||
		take_file_or_data(base, user, "client-key", &config->key_file, &config->key_data, err) < 0)
		return -1;
	bool cert = config->cert_file != NULL || config->cert_data != NULL;
	bool key = config->key_file != NULL || config->key_data != NULL;
	if (cert != key)
		return ss_fail(
			err, "kubeconfig_invalid", "%s: client certificate and key go together", base);
	if (!cert && config->token == NULL && config->token_file == NULL)
		return ss_fail(err, "kubeconfig_invalid", "%s: the user has no credential", base);
	return 0;
}

static int set_server(const char *base, const char *server, kube_config *config, ss_error *err)
{
	if (server == NULL || strncmp(server, "https://", 8) != 0 || server[8] == '\0' ||
		strpbrk(server, " ?#@\r\n\t") != NULL)
		return ss_fail(
			err, "kubeconfig_invalid", "%s: the server must be an https:// address", base);
	if (copy(server, &config->server, err) < 0)
		return -1;
	for (size_t len = strlen(config->server); len > 8 && config->server[len - 1] == '/';)
		config->server[--len] = '\0';
	return 0;
}

static int take_cluster(const char *base, const cJSON *cluster, kube_config *config, ss_error *err)
{
	if (cJSON_IsTrue(ss_json_get(cluster, "insecure-skip-tls-verify")))
		return ss_fail(
			err, "kubeconfig_unsupported", "%s: insecure-skip-tls-verify is refused", base);
	if (ss_json_get(cluster, "proxy-url") != NULL)
		return ss_fail(err, "kubeconfig_unsupported", "%s: proxy-url is not supported", base);
	if (set_server(base, ss_json_string(cluster, "server"), config, err) < 0)
		return -1;
	if (ss_json_get(cluster, "tls-server-name") != NULL)
		return ss_fail(err, "kubeconfig_unsupported", "%s: tls-server-name is not supported", base);
	return take_file_or_data(
		base, cluster, "certificate-authority", &config->ca_file, &config->ca_data, err);
}

static int load_kubeconfig(const char *path, kube_config *config, ss_error *err)
{
	char *text = NULL;
	size_t len = 0;
	auto_cjson cJSON *root = NULL;
	if (kube_file_read(path, KUBECONFIG_MAX, &text, &len, err) < 0)
		return -1;
	int rc = kube_yaml_parse(text, len, &root, err);
	wipe(text);
	if (rc < 0)
		return ss_wrap(err, "%s", path);
	const char *name = ss_json_string(root, "current-context");
	const cJSON *context = name == NULL ? NULL : find_named(root, "contexts", name, "context");
	const char *cluster_name = ss_json_string(context, "cluster");
	const char *user_name = ss_json_string(context, "user");
	if (cluster_name == NULL || user_name == NULL)
		return ss_fail(
			err, "kubeconfig_invalid", "%s: no current-context with cluster and user", path);
	const cJSON *cluster = find_named(root, "clusters", cluster_name, "cluster");
	const cJSON *user = find_named(root, "users", user_name, "user");
	if (cluster == NULL || user == NULL)
		return ss_fail(err, "kubeconfig_invalid", "%s: the context names a missing %s", path,
			cluster == NULL ? "cluster" : "user");
	const char *name_space = ss_json_string(context, "namespace");
	if (name_space != NULL && *name_space != '\0' && copy(name_space, &config->name_space, err) < 0)
		return -1;
	if (take_cluster(path, cluster, config, err) < 0)
		return -1;
	return take_user(path, user, config, err);
}

static int load_service_account(kube_config *config, ss_error *err)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST");
	const char *port = getenv("KUBERNETES_SERVICE_PORT");
	if (host == NULL || *host == '\0' || port == NULL || *port == '\0')
	{
		ss_fail(err, "not_in_cluster", "this process runs in no pod, and no kubeconfig is given");
		return ss_error_set_hint(err, "set the option kubeconfig");
	}
	char server[512];
	bool v6 = strchr(host, ':') != NULL;
	if (snprintf(server, sizeof(server), "https://%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "",
			port) >= (int)sizeof(server))
		return ss_fail(err, "kubeconfig_invalid", "KUBERNETES_SERVICE_HOST is too long");
	if (set_server("KUBERNETES_SERVICE_HOST", server, config, err) < 0 ||
		copy(KUBE_SERVICE_ACCOUNT "/token", &config->token_file, err) < 0 ||
		copy(KUBE_SERVICE_ACCOUNT "/ca.crt", &config->ca_file, err) < 0)
		return -1;
	auto_free char *name_space = NULL;
	if (kube_file_read(KUBE_SERVICE_ACCOUNT "/namespace", 256, &name_space, NULL, err) < 0)
		return -1;
	name_space[strcspn(name_space, "\r\n \t")] = '\0';
	return copy(name_space, &config->name_space, err);
}

int kube_config_load(const char *path, kube_config *ret, ss_error *err)
{
	kube_config config = {0};
	bool in_cluster = path == NULL || *path == '\0';
	if ((in_cluster ? load_service_account(&config, err) : load_kubeconfig(path, &config, err)) < 0)
	{
		kube_config_done(&config);
		return -1;
	}
	*ret = config;
	return 0;
}
