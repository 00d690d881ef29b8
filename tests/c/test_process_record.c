/* The record of a session on disk, when several threads change and save it at the same time. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/driver_process.h"
#include "tests/c/tap.h"

#define THREADS 4
#define SAVES 100

typedef struct saver
{
	struct driver_instance *driver;
	int failures;
} saver;

/* What every caller does: changes the record under the lock, then saves. */
static void *save_often(void *arg)
{
	saver *self = arg;
	ss_error err = SS_ERROR_INIT;

	for (int i = 0; i < SAVES; i++)
	{
		pthread_mutex_lock(&self->driver->lock);
		self->driver->sessions->record.revision++;
		pthread_mutex_unlock(&self->driver->lock);
		self->failures += process_session_save(self->driver, "s-one", &err) != 0;
	}
	return NULL;
}

static void test_together(struct driver_instance *driver, int dir)
{
	saver savers[THREADS];
	pthread_t threads[THREADS];
	process_record record = {0};
	ss_error err = SS_ERROR_INIT;
	int failures = 0;

	for (int i = 0; i < THREADS; i++)
	{
		savers[i] = (saver){.driver = driver};
		if (pthread_create(&threads[i], NULL, save_often, &savers[i]) != 0)
			abort();
	}
	for (int i = 0; i < THREADS; i++)
	{
		pthread_join(threads[i], NULL);
		failures += savers[i].failures;
	}
	tap_is_int(failures, 0, "%d threads save %d times each: none fails", THREADS, SAVES);
	tap_is_int(process_record_load(dir, &record, &err), 0, "the record can be read");
	tap_is_int(record.revision, THREADS * SAVES, "it is the newest, not one that was written late");
}

int main(void)
{
	char root[] = "/tmp/ss-record.XXXXXX";
	process_session session = {.record = {.id = "s-one", .state = PROCESS_RUNNING}};
	struct driver_instance driver = {.sessions = &session};
	ss_error err = SS_ERROR_INIT;
	int dir = -1;

	if (mkdtemp(root) == NULL)
		abort();
	driver.sessions_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pthread_mutex_init(&driver.lock, NULL);
	for (size_t i = 0; i < PROCESS_SAVING; i++)
		pthread_mutex_init(&driver.saving[i], NULL);
	if (process_session_dir(&driver, "s-one", &dir, &err) < 0)
		abort();
	test_together(&driver, dir);
	tap_is_int(process_session_save(&driver, "s-two", &err), 0, "one that nobody knows any more");
	tap_ok(faccessat(driver.sessions_fd, "s-two", F_OK, 0) < 0, "leaves nothing behind");
	close(dir);
	if (process_tree_remove(driver.sessions_fd, "s-one", &err) < 0 || rmdir(root) < 0)
		abort();
	close(driver.sessions_fd);
	return tap_done();
}
