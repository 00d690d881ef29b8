/* The set of tokens in use: bounded, each told once with its latest time, from many threads. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/crypto.h"
#include "common/json.h"
#include "server/credential_use.h"
#include "tests/c/tap.h"

#define THREADS 8
#define PER_THREAD 1000

/* The hash of a number, as that of a token would look. */
static void make_hash(unsigned number, char hash[SS_HEX_SIZE])
{
	ss_error err = SS_ERROR_INIT;
	if (ss_sha256_hex(&number, sizeof number, hash, &err))
		exit(1);
}

static void add(credential_uses *uses, unsigned number, long long at_ms)
{
	char hash[SS_HEX_SIZE];
	make_hash(number, hash);
	credential_uses_add(uses, hash, at_ms);
}

/* What is taken out, parsed; NULL: nothing. */
static cJSON *take(credential_uses *uses, long long now_ms)
{
	auto_free char *text = credential_uses_take(uses, now_ms);
	return text ? cJSON_Parse(text) : NULL;
}

static long long age_of(const cJSON *items, unsigned number)
{
	char hash[SS_HEX_SIZE];
	const cJSON *item;
	make_hash(number, hash);
	cJSON_ArrayForEach(item, items)
	{
		long long age;
		const char *found = ss_json_string(item, "hash");
		if (found && strcmp(found, hash) == 0 && ss_json_int(item, "age_ms", &age) == 0)
			return age;
	}
	return -1;
}

static void check_times(credential_uses *uses)
{
	tap_ok(credential_uses_take(uses, 0) == NULL, "nothing was used");
	add(uses, 1, 1000);
	add(uses, 2, 2000);
	add(uses, 1, 3000);
	auto_cjson cJSON *items = take(uses, 5000);
	tap_is_int(cJSON_GetArraySize(items), 2, "a token twice is one item");
	tap_is_int(age_of(items, 1), 2000, "with its latest use");
	tap_is_int(age_of(items, 2), 3000, "each with its own");
	tap_ok(credential_uses_take(uses, 6000) == NULL, "what was taken out is out");
	add(uses, 1, 7000);
	auto_cjson cJSON *later = take(uses, 6999);
	tap_is_int(age_of(later, 1), 0, "and no age is negative");
}

static void check_bound(credential_uses *uses)
{
	for (unsigned i = 0; i < CREDENTIAL_USE_MAX + 1000; i++)
		add(uses, i, 1);
	add(uses, 0, 50);
	auto_cjson cJSON *items = take(uses, 100);
	tap_is_int(cJSON_GetArraySize(items), CREDENTIAL_USE_MAX, "what does not fit is left out");
	tap_is_int(age_of(items, 0), 50, "who is in goes on being told");
	add(uses, CREDENTIAL_USE_MAX + 500, 150);
	auto_cjson cJSON *next = take(uses, 200);
	tap_is_int(age_of(next, CREDENTIAL_USE_MAX + 500), 50, "who was left out comes with the next");
}

typedef struct adder
{
	credential_uses *uses;
	unsigned first;
} adder;

static void *add_many(void *arg)
{
	const adder *a = arg;
	for (unsigned i = 0; i < PER_THREAD; i++)
		add(a->uses, (a->first + i) % 2000, 1 + i);
	return NULL;
}

static void check_threads(credential_uses *uses)
{
	pthread_t threads[THREADS];
	adder adders[THREADS];
	int total = 0;
	for (unsigned i = 0; i < THREADS; i++)
	{
		adders[i] = (adder){uses, i * 250};
		if (pthread_create(&threads[i], NULL, add_many, &adders[i]))
			exit(1);
	}
	for (int i = 0; i < 20; i++)
	{
		auto_cjson cJSON *items = take(uses, 10000);
		total += items ? cJSON_GetArraySize(items) : 0;
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	auto_cjson cJSON *rest = take(uses, 10000);
	total += rest ? cJSON_GetArraySize(rest) : 0;
	tap_ok(total >= 2000 && total <= THREADS * PER_THREAD,
		"8 threads and one that takes out: each of 2000 tokens was told (%d items)", total);
}

int main(void)
{
	ss_error err = SS_ERROR_INIT;
	credential_uses *uses;
	if (credential_uses_new(&uses, &err))
		return 1;
	check_times(uses);
	check_bound(uses);
	check_threads(uses);
	credential_uses_free(uses);
	credential_uses_free(NULL);
	return tap_done();
}
