/* The agent's key in a Secret. Main thread, before others start. */
#include "agent/identity_secret.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "agent/kube_object.h"
#include "common/cleanup.h"
#include "common/json.h"

#define BASE64_SIZE 93 /* of 66 bytes, the key and a line's end, and a NUL */
#define TRIES 5

/* 0 and the key; 1: the Secret holds none. */
static int read_key(const cJSON *secret, char ret[SS_HEX_SIZE], ss_error *err)
{
	const char *text = ss_json_string(ss_json_object(secret, "data"), IDENTITY_SECRET_ENTRY);
	unsigned char key[BASE64_SIZE];

	if (text == NULL || *text == '\0')
		return 1;
	size_t len = strlen(text);
	int decoded =
		len < BASE64_SIZE ? EVP_DecodeBlock(key, (const unsigned char *)text, (int)len) : -1;
	if (decoded >= SS_HEX_SIZE - 1)
	{
		/* What follows the digits is a line's end, or the padding. */
		memcpy(ret, key, SS_HEX_SIZE - 1);
		ret[SS_HEX_SIZE - 1] = '\0';
		key[decoded] = '\0';
	}
	bool valid = decoded >= SS_HEX_SIZE - 1 && ss_hex_is_token(ret) &&
				 (key[SS_HEX_SIZE - 1] == '\0' || key[SS_HEX_SIZE - 1] == '\n');
	ss_crypto_wipe(key, sizeof key);
	if (!valid)
		return ss_fail(err, "key_invalid", "entry %s does not hold 64 lower-case hex digits",
			IDENTITY_SECRET_ENTRY);
	return 0;
}

/* 0: written; 1: somebody else was faster. */
static int write_key(const kube_scope *scope, cJSON *secret, const char *key, ss_error *err)
{
	ss_error failure = SS_ERROR_INIT;
	cJSON *entries = cJSON_AddObjectToObject(secret, "stringData");

	if (cJSON_AddStringToObject(entries, IDENTITY_SECRET_ENTRY, key) == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a Secret");
	if (kube_replace(scope, &kube_secret, secret, NULL, &failure) == 0)
		return 0;
	if (strcmp(failure.code, "kube_conflict") == 0)
		return 1;
	*err = failure;
	return -1;
}

static int open_secret(const kube_scope *scope, const char *name, char ret_key[SS_HEX_SIZE],
	bool *ret_found, ss_error *err)
{
	for (int i = 0; i < TRIES; i++)
	{
		auto_cjson cJSON *secret = NULL;
		int rc = kube_get(scope, &kube_secret, name, &secret, err);

		if (rc < 0)
			return -1;
		if (rc == 1)
		{
			ss_fail(err, "secret_missing", "there is no Secret %s/%s", scope->name_space, name);
			return ss_error_set_hint(err, "create it empty; the agent may only update it");
		}
		*ret_found = true;
		if ((rc = read_key(secret, ret_key, err)) <= 0)
			return rc;
		*ret_found = false;
		if (ss_random_token(ret_key, err) < 0 || (rc = write_key(scope, secret, ret_key, err)) < 0)
			return -1;
		if (rc == 0)
			return 0;
	}
	return ss_fail(err, "kube_conflict", "the Secret changes faster than it can be written");
}

int identity_secret_open(
	const agent_options *options, char ret_key[SS_HEX_SIZE], bool *ret_found, ss_error *err)
{
	char name_space[64];
	const char *slash = strchr(options->identity_secret, '/');
	kube_config config = {0};
	kube_client_options limits = KUBE_CLIENT_DEFAULTS;
	kube_scope scope = {.name_space = name_space};

	if (slash == NULL || (size_t)(slash - options->identity_secret) >= sizeof name_space)
		return ss_fail(err, "invalid_option", "identity_secret: NAMESPACE/NAME");
	snprintf(name_space, sizeof name_space, "%.*s", (int)(slash - options->identity_secret),
		options->identity_secret);
	if (kube_config_load(options->kubeconfig, &config, err) < 0)
		return ss_wrap(err, "identity_secret");
	int rc = kube_client_open(&config, &limits, &scope.client, err);
	kube_config_done(&config);
	if (rc == 0)
		rc = open_secret(&scope, slash + 1, ret_key, ret_found, err);
	kube_client_close(scope.client);
	return rc < 0 ? ss_wrap(err, "identity_secret %s", options->identity_secret) : 0;
}
