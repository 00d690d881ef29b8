/* credential_use: see credential_use.h. */
#include "server/credential_use.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/crypto.h"
#include "common/strbuf.h"
#include "ecpg/db_credential.h"

#define SLOTS ((size_t)CREDENTIAL_USE_MAX * 2) /* a power of two, at most half full */

typedef struct use
{
	char hash[SS_HEX_SIZE]; /* "" : free */
	long long at_ms;
} use;

struct credential_uses
{
	pthread_mutex_t lock;
	use *slots;
	size_t count;
	long long flushed_ms;
};

int credential_uses_new(credential_uses **ret, ss_error *err)
{
	credential_uses *uses = calloc(1, sizeof *uses);
	if (uses == NULL || (uses->slots = calloc(SLOTS, sizeof uses->slots[0])) == NULL)
	{
		free(uses);
		return ss_fail(err, "internal", "out of memory");
	}
	pthread_mutex_init(&uses->lock, NULL);
	*ret = uses;
	return 0;
}

void credential_uses_free(credential_uses *uses)
{
	if (uses == NULL)
		return;
	pthread_mutex_destroy(&uses->lock);
	free(uses->slots);
	free(uses);
}

/* The digits are those of a SHA-256: the first ones spread as well as any. */
static size_t first_slot(const char *hash)
{
	size_t n = 0;
	for (int i = 0; i < 8; i++)
		n = n << 4 | (size_t)(hash[i] <= '9' ? hash[i] - '0' : hash[i] - 'a' + 10);
	return n % SLOTS;
}

void credential_uses_add(credential_uses *uses, const char *hash, long long now_ms)
{
	pthread_mutex_lock(&uses->lock);
	size_t i = first_slot(hash);
	while (uses->slots[i].hash[0] != '\0' && strcmp(uses->slots[i].hash, hash) != 0)
		i = (i + 1) % SLOTS;
	use *slot = &uses->slots[i];
	if (slot->hash[0] == '\0' && uses->count < CREDENTIAL_USE_MAX)
	{
		memcpy(slot->hash, hash, sizeof slot->hash);
		uses->count++;
	}
	if (slot->hash[0] != '\0')
		slot->at_ms = now_ms;
	pthread_mutex_unlock(&uses->lock);
}

char *credential_uses_take(credential_uses *uses, long long now_ms)
{
	auto_strbuf ss_strbuf text = SS_STRBUF_INIT;

	pthread_mutex_lock(&uses->lock);
	for (size_t i = 0; uses->count > 0 && i < SLOTS; i++)
	{
		use *slot = &uses->slots[i];
		if (slot->hash[0] == '\0')
			continue;
		ss_strbuf_appendf(&text, "%s{\"hash\":\"%s\",\"age_ms\":%lld}", text.len ? "," : "[",
			slot->hash, now_ms > slot->at_ms ? now_ms - slot->at_ms : 0);
		slot->hash[0] = '\0';
		uses->count--;
	}
	uses->flushed_ms = now_ms;
	pthread_mutex_unlock(&uses->lock);
	if (text.len == 0)
		return NULL;
	ss_strbuf_append(&text, "]");
	return ss_strbuf_take(&text);
}

int credential_uses_flush(credential_uses *uses, db_conn *conn, long long now_ms, ss_error *err)
{
	pthread_mutex_lock(&uses->lock);
	bool due = uses->count > 0 && now_ms - uses->flushed_ms >= CREDENTIAL_USE_FLUSH_MS;
	pthread_mutex_unlock(&uses->lock);
	if (!due)
		return 0;
	auto_free char *items = credential_uses_take(uses, now_ms);
	if (items == NULL)
		return 0;
	return db_record_credential_uses(conn, items, NULL, err) < 0 ? -1 : 0;
}
