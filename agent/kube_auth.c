/* Credentials as they are now. Any thread. */
#include "agent/kube_auth.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/crypto.h"
#include "common/timeutil.h"

#define TOKEN_MAX ((size_t)16 << 10)
#define TOKEN_AGE_MS 60000
#define FILES_AGE_MS 5000

struct kube_auth
{
	const kube_config *config;
	pthread_mutex_t lock; /* guards all below */
	char *token;          /* content of token_file */
	long long token_read_ms;
	long long files_seen_ms;
	struct timespec ca_time;
	struct timespec cert_time;
	unsigned generation;
};

static struct timespec mtime_of(const char *path)
{
	struct stat st;
	if (path == NULL || stat(path, &st) < 0)
		return (struct timespec){0};
	return st.st_mtim;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static void wipe_token(kube_auth *auth)
{
	if (auth->token != NULL)
		ss_crypto_wipe(auth->token, strlen(auth->token));
	free(auth->token);
	auth->token = NULL;
}

/* With the lock held. A token that cannot be read leaves the older one in use. */
static int read_token(kube_auth *auth, ss_error *err)
{
	auto_free char *text = NULL;
	if (kube_file_read(auth->config->token_file, TOKEN_MAX, &text, NULL, err) < 0)
		return -1;
	text[strcspn(text, "\r\n")] = '\0';
	for (const char *p = text; *p != '\0'; p++)
	{
		if (*p <= ' ' || *p >= 0x7f)
			return ss_fail(
				err, "kube_file_unreadable", "%s holds no token", auth->config->token_file);
	}
	if (*text == '\0')
		return ss_fail(err, "kube_file_unreadable", "%s is empty", auth->config->token_file);
	wipe_token(auth);
	auth->token = ss_steal_ptr(text);
	auth->token_read_ms = ss_time_monotonic_ms();
	return 0;
}

int kube_auth_open(const kube_config *config, kube_auth **ret, ss_error *err)
{
	kube_auth *auth = calloc(1, sizeof(*auth));
	if (auth == NULL)
		return ss_fail(err, "out_of_memory", "no memory for the credentials");
	auth->config = config;
	pthread_mutex_init(&auth->lock, NULL);
	if (config->token_file != NULL && read_token(auth, err) < 0)
	{
		kube_auth_close(auth);
		return -1;
	}
	auth->ca_time = mtime_of(config->ca_file);
	auth->cert_time = mtime_of(config->cert_file);
	auth->files_seen_ms = ss_time_monotonic_ms();
	*ret = auth;
	return 0;
}

void kube_auth_close(kube_auth *auth)
{
	if (auth == NULL)
		return;
	wipe_token(auth);
	pthread_mutex_destroy(&auth->lock);
	free(auth);
}

unsigned kube_auth_generation(kube_auth *auth)
{
	pthread_mutex_lock(&auth->lock);
	long long now = ss_time_monotonic_ms();
	if (now - auth->files_seen_ms >= FILES_AGE_MS)
	{
		struct timespec ca = mtime_of(auth->config->ca_file);
		struct timespec cert = mtime_of(auth->config->cert_file);
		if (!same_time(ca, auth->ca_time) || !same_time(cert, auth->cert_time))
			auth->generation++;
		auth->ca_time = ca;
		auth->cert_time = cert;
		auth->files_seen_ms = now;
	}
	unsigned generation = auth->generation;
	pthread_mutex_unlock(&auth->lock);
	return generation;
}

static CURLcode set_blob(CURL *curl, CURLoption option, const char *text)
{
	struct curl_blob blob = {(void *)text, strlen(text), CURL_BLOB_NOCOPY};
	return curl_easy_setopt(curl, option, &blob);
}

int kube_auth_prepare(kube_auth *auth, CURL *curl, ss_error *err)
{
	const kube_config *config = auth->config;
	CURLcode rc = CURLE_OK;
	/* curl keeps a CA store for a day unless told otherwise: a new one must count at once. */
	curl_easy_setopt(curl, CURLOPT_CA_CACHE_TIMEOUT, 0L);
	if (config->ca_data != NULL)
		rc = set_blob(curl, CURLOPT_CAINFO_BLOB, config->ca_data);
	else if (config->ca_file != NULL)
		rc = curl_easy_setopt(curl, CURLOPT_CAINFO, config->ca_file);
	if (rc == CURLE_OK && config->cert_data != NULL)
		rc = set_blob(curl, CURLOPT_SSLCERT_BLOB, config->cert_data);
	else if (rc == CURLE_OK && config->cert_file != NULL)
		rc = curl_easy_setopt(curl, CURLOPT_SSLCERT, config->cert_file);
	if (rc == CURLE_OK && config->key_data != NULL)
		rc = set_blob(curl, CURLOPT_SSLKEY_BLOB, config->key_data);
	else if (rc == CURLE_OK && config->key_file != NULL)
		rc = curl_easy_setopt(curl, CURLOPT_SSLKEY, config->key_file);
	if (rc != CURLE_OK)
		return ss_fail(
			err, "kube_tls", "the credentials cannot be used: %s", curl_easy_strerror(rc));
	return 0;
}

int kube_auth_add_header(kube_auth *auth, struct curl_slist **headers, ss_error *err)
{
	if (auth->config->token_file == NULL && auth->config->token == NULL)
		return 0;
	char *line = NULL;
	pthread_mutex_lock(&auth->lock);
	const char *token = auth->config->token;
	if (auth->config->token_file != NULL)
	{
		ss_error ignored = SS_ERROR_INIT; /* the older token may still be good */
		if (ss_time_monotonic_ms() - auth->token_read_ms >= TOKEN_AGE_MS &&
			read_token(auth, &ignored) < 0)
			auth->token_read_ms = ss_time_monotonic_ms() - TOKEN_AGE_MS + 1000;
		token = auth->token;
	}
	int len = asprintf(&line, "Authorization: Bearer %s", token);
	pthread_mutex_unlock(&auth->lock);
	if (len < 0)
		return ss_fail(err, "out_of_memory", "no memory for a header");
	struct curl_slist *longer = curl_slist_append(*headers, line);
	ss_crypto_wipe(line, (size_t)len);
	free(line);
	if (longer == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a header");
	*headers = longer;
	return 0;
}

void kube_auth_refused(kube_auth *auth)
{
	pthread_mutex_lock(&auth->lock);
	auth->token_read_ms = ss_time_monotonic_ms() - TOKEN_AGE_MS;
	pthread_mutex_unlock(&auth->lock);
}
