/*
 * kube_config: where the API server is and how we prove who we are.
 *
 * From a kubeconfig (current-context; token, tokenFile, client certificate as data or file, CA as
 * data or file), or inside a pod from its service account. What we do not support is an error that
 * says so, never silently ignored: exec and auth-provider plugins, user name and password,
 * impersonation, proxies, insecure-skip-tls-verify, tls-server-name, servers without TLS. Any
 * thread; the value is constant after loading.
 */
#ifndef AGENT_KUBE_CONFIG_H
#define AGENT_KUBE_CONFIG_H

#include "common/error.h"

/* Every text is malloc'd or NULL. Of each pair at most one is set. */
typedef struct kube_config
{
	char *server;     /* https://host[:port][/prefix], no slash at the end */
	char *name_space; /* of the context or of the service account */
	char *ca_file;
	char *ca_data; /* PEM */
	char *token;
	char *token_file;
	char *cert_file;
	char *cert_data; /* PEM */
	char *key_file;
	char *key_data; /* PEM */
} kube_config;

#define KUBE_SERVICE_ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount"

/*
 * path "" or NULL: the pod's service account. Codes: kubeconfig_invalid, kubeconfig_unsupported,
 * not_in_cluster, kube_file_unreadable. Secrets are never put into *err.
 */
int kube_config_load(const char *path, kube_config *ret, ss_error *err) SS_MUST_CHECK;

/* Frees the texts, wiping the secret ones. */
void kube_config_done(kube_config *config);

/*
 * Reads a file of at most `max` bytes into *ret (malloc'd, NUL-terminated; a NUL inside is an
 * error). *ret_len may be NULL.
 */
int kube_file_read(
	const char *path, size_t max, char **ret, size_t *ret_len, ss_error *err) SS_MUST_CHECK;

#endif
