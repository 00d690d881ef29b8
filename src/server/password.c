/* password: hashing, verifying, and the pool that does both. */
#include "server/password.h"

#include <argon2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/queue.h"
#include "server/inflight.h"
#include "server/work.h"

#define MEMORY_KIB 19456
#define PASSES 2
#define LANES 1
#define SALT_SIZE 16
#define HASH_SIZE 32

struct password_pool
{
	server *server;
	ss_queue *queue;
	size_t thread_count;
	pthread_t threads[];
};

int password_hash(const char *password, char ret[PASSWORD_HASH_SIZE], ss_error *err)
{
	unsigned char salt[SALT_SIZE];
	if (ss_random_bytes(salt, sizeof salt, err))
		return -1;
	int rc = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password, strlen(password), salt,
		sizeof salt, HASH_SIZE, ret, PASSWORD_HASH_SIZE);
	if (rc != ARGON2_OK)
		return ss_fail(err, "internal", "argon2id: %s", argon2_error_message(rc));
	return 0;
}

int password_verify(const char *password, const char *hash, ss_error *err)
{
	int rc = argon2id_verify(hash, password, strlen(password));
	if (rc == ARGON2_OK)
		return 0;
	if (rc == ARGON2_VERIFY_MISMATCH)
		return 1;
	return ss_fail(err, "internal", "argon2id: %s", argon2_error_message(rc));
}

int password_check(const char *password, const char *pointer, ss_error *err)
{
	size_t len = strlen(password);
	if (len < PASSWORD_MIN || len > PASSWORD_MAX)
		return answer_refuse(err, "invalid_argument", "pointer", pointer,
			"A password has %d to %d bytes.", PASSWORD_MIN, PASSWORD_MAX);
	return 0;
}

int password_reserve(rest_request *r, ss_error *err)
{
	server *s = r->server;
	if (atomic_fetch_add(&s->password_places, 1) >= s->config->password_queue)
	{
		atomic_fetch_sub(&s->password_places, 1);
		return ss_fail(err, "overloaded",
			"Too many requests wait for a password to be hashed; nothing was changed.");
	}
	r->password_place = true;
	return 0;
}

void password_release(rest_request *r)
{
	if (r->password_place)
		atomic_fetch_sub(&r->server->password_places, 1);
	r->password_place = false;
}

static void run(password_pool *pool, rest_request *r)
{
	ss_error err = SS_ERROR_INIT;
	password_release(r);
	if (!inflight_begin(pool->server->inflight, r))
	{
		request_unref(r);
		return;
	}
	if (r->hash(r, &err) != REST_DONE)
		work_finish(r, REST_FAILED, &err);
	else if (inflight_requeue(pool->server->inflight, r))
		work_submit(pool->server->work, r);
	else
		request_unref(r);
}

static void *thread_main(void *arg)
{
	password_pool *pool = arg;
	void *item;
	while (ss_queue_pop(pool->queue, &item, -1) == 0)
		run(pool, item);
	return NULL;
}

int password_start(server *s, password_pool **ret, ss_error *err)
{
	size_t count = (size_t)s->config->password_threads;
	password_pool *pool = calloc(1, sizeof *pool + count * sizeof pool->threads[0]);
	if (pool == NULL)
		return ss_fail(err, "internal", "out of memory");
	pool->server = s;
	pool->queue = ss_queue_new((size_t)s->config->password_queue);
	for (; pool->queue != NULL && pool->thread_count < count; pool->thread_count++)
		if (pthread_create(&pool->threads[pool->thread_count], NULL, thread_main, pool) != 0)
			break;
	if (pool->thread_count < count)
	{
		password_stop(pool);
		return ss_fail(err, "internal", "the password threads do not start");
	}
	*ret = pool;
	return 0;
}

int password_submit(password_pool *pool, rest_request *r)
{
	return ss_queue_push(pool->queue, r, 0) ? 1 : 0;
}

size_t password_queue_len(password_pool *pool)
{
	return ss_queue_len(pool->queue);
}

void password_stop(password_pool *pool)
{
	if (pool == NULL)
		return;
	if (pool->queue != NULL)
		ss_queue_close(pool->queue);
	for (; pool->thread_count > 0; pool->thread_count--)
		pthread_join(pool->threads[pool->thread_count - 1], NULL);
	ss_queue_free(pool->queue);
	free(pool);
}
