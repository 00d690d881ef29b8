/*
 * driver_process_watch: the one thread that looks at what sessions do by themselves.
 *
 * It polls a pidfd of each sandbox's first process, tries the desktop's socket until there is one,
 * waits there for the RFB greeting without asking again, and takes up sandboxes whose first process
 * was not known when the agent came back. It reports through host->observed, never while it holds
 * the lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/driver_process.h"
#include "common/cleanup.h"
#include "common/log.h"
#include "common/timeutil.h"

#define CONNECT_POLL_MS 5 /* while a desktop has no socket yet */
#define LATE_POLL_MS 250  /* while it has, and does not greet */
#define IDLE_POLL_MS 5000
#define EXIT_CODE_MS 200 /* from the end of the first process to bubblewrap's word on it */

typedef enum watch_task
{
	WATCH_NOTHING,
	WATCH_EXITED,
	WATCH_CONNECT,
	WATCH_GREETED,
	WATCH_LATE,
	WATCH_LOST,
} watch_task;

/* What one round looks at: copies, so that the lock is free while it waits. */
typedef struct watch_item
{
	char id[PROCESS_ID_SIZE];
	uid_t uid;
	int pidfd;    /* a duplicate; -1 = none */
	int greet_fd; /* the same */
	bool ready;
	bool lost;
	bool late;
} watch_item;

void process_watch_report(
	struct driver_instance *driver, const process_record *record, int exit_code)
{
	auto_cjson cJSON *details = cJSON_CreateObject();
	char endpoint[128];
	char limits[256];

	snprintf(endpoint, sizeof endpoint, "unix:%s/sessions/%s/run/rfb.sock", driver->state_dir,
		record->id);
	cJSON_AddStringToObject(details, "limits", process_limits_text(driver, limits, sizeof limits));
	if (exit_code >= 0)
		cJSON_AddNumberToObject(details, "exitCode", exit_code);
	driver_observed observed = {
		.session_id = record->id,
		.revision = record->revision,
		.state = process_state_public(record->state),
		.reason = *record->reason != '\0' ? record->reason : NULL,
		.message = *record->message != '\0' ? record->message : NULL,
		.endpoint = record->state == PROCESS_RUNNING ? endpoint : NULL,
		.details = details,
	};
	driver->host.observed(driver->host.ctx, &observed);
}

static void save(struct driver_instance *driver, const char *id)
{
	ss_error err = SS_ERROR_INIT;

	if (process_session_save(driver, id, &err) < 0)
		ss_log_error(SS_LOG_ERROR, "process", "record_not_saved", &err, "session", id, NULL);
}

/* The first process is gone; unless an operation ended it, the session has failed. */
static void on_ended(struct driver_instance *driver, const char *id, const char *reason)
{
	pthread_mutex_lock(&driver->lock);
	process_session *session = process_session_find(driver, id);
	struct pollfd poller = {.fd = session ? session->pidfd : -1, .events = POLLIN};
	if (session == NULL || session->ending || session->pidfd < 0 || poll(&poller, 1, 0) <= 0)
	{
		pthread_mutex_unlock(&driver->lock);
		return;
	}
	bool was_ready = session->ready;
	pid_t child = session->child;
	close(session->pidfd);
	session->pidfd = -1;
	session->child = 0;
	session->ready = false;
	process_session_drop_greeting(session);
	session->record.state = PROCESS_FAILED;
	session->record.pid = 0;
	session->record.start_time = 0;
	process_record record = session->record;
	pthread_mutex_unlock(&driver->lock);

	int code = process_session_exit_code(driver, id, EXIT_CODE_MS);
	if (reason != NULL)
	{
		snprintf(record.reason, sizeof record.reason, "%s", reason);
		snprintf(record.message, sizeof record.message, "the desktop did not answer within %lld s",
			driver->host.options->start_timeout);
	}
	else
		process_session_explain(driver, &record, was_ready, code);
	if (child > 0)
		waitpid(child, NULL, 0);
	process_limits_remove(driver, id);

	pthread_mutex_lock(&driver->lock);
	session = process_session_find(driver, id);
	bool ours = session != NULL && session->record.revision == record.revision &&
				session->record.state == PROCESS_FAILED;
	if (ours)
		session->record = record;
	pthread_mutex_unlock(&driver->lock);
	/* An operation that came in between owns the record now. */
	if (!ours)
		return;
	save(driver, record.id);
	ss_log(SS_LOG_WARNING, "process", "session_failed", "session", id, "reason", record.reason,
		"message", record.message, NULL);
	process_watch_report(driver, &record, code);
}

/* Connects, once there is a socket; the desktop greets when it is up. */
static void try_connect(struct driver_instance *driver, const watch_item *item)
{
	ss_error err = SS_ERROR_INIT;
	auto_close int dir = -1;
	auto_close int run = -1;
	auto_close int fd = -1;

	if (process_session_dir(driver, item->id, &dir, &err) < 0 ||
		process_dir_open(dir, "run", &run, &err) < 0 ||
		process_socket_connect(run, "rfb.sock", item->uid, &fd, &err) != 0)
		return;
	pthread_mutex_lock(&driver->lock);
	process_session *session = process_session_find(driver, item->id);
	if (session != NULL && !session->ready && !session->ending && session->pidfd >= 0 &&
		session->greet_fd < 0)
		session->greet_fd = ss_steal_fd(fd);
	pthread_mutex_unlock(&driver->lock);
}

/* Takes the 12 bytes with which an RFB server begins (RFC 6143, 7.1.1) for its readiness. */
static void on_greeted(struct driver_instance *driver, const watch_item *item)
{
	char greeting[12];
	process_record record = {0};

	bool good = recv(item->greet_fd, greeting, sizeof greeting, MSG_DONTWAIT) == sizeof greeting &&
				memcmp(greeting, "RFB ", 4) == 0;
	pthread_mutex_lock(&driver->lock);
	process_session *session = process_session_find(driver, item->id);
	bool ours = session != NULL && !session->ending && session->pidfd >= 0 && !session->ready;
	if (ours)
		process_session_drop_greeting(session);
	if (ours && good)
	{
		session->ready = true;
		session->record.state = PROCESS_RUNNING;
		session->record.reason[0] = session->record.message[0] = '\0';
		record = session->record;
	}
	pthread_mutex_unlock(&driver->lock);
	if (!ours || !good)
		return;
	ss_log(SS_LOG_INFO, "process", "session_ready", "session", record.id, "pid", SS_NUM(record.pid),
		NULL);
	/* Somebody waits for it. An agent that is killed before it saves reads the greeting again. */
	process_watch_report(driver, &record, -1);
	save(driver, record.id);
}

static void on_late(struct driver_instance *driver, const watch_item *item)
{
	struct pollfd poller = {.fd = item->pidfd, .events = POLLIN};

	pidfd_send_signal(item->pidfd, SIGKILL, NULL, 0);
	poll(&poller, 1, 5000);
	on_ended(driver, item->id, "start_timeout");
}

/* Its lock was held, its first process unknown; found now, or gone meanwhile. */
static void on_lost(struct driver_instance *driver, const char *id)
{
	ss_error err = SS_ERROR_INIT;

	pthread_mutex_lock(&driver->lock);
	process_session *session = process_session_find(driver, id);
	if (session != NULL)
		session->pins++;
	pthread_mutex_unlock(&driver->lock);
	if (session == NULL)
		return;
	if (process_session_adopt(driver, session, &err) < 0)
		ss_log_error(SS_LOG_ERROR, "process", "not_adopted", &err, "session", id, NULL);
	pthread_mutex_lock(&driver->lock);
	session->pins--;
	pthread_mutex_unlock(&driver->lock);
}

/* Copies what is to be watched. Returns the number of items; *ret_wait is the longest wait. */
static size_t collect(struct driver_instance *driver, watch_item **ret_items,
	struct pollfd **ret_polls, int *ret_wait)
{
	size_t count = 0;
	size_t room = 0;
	long long now = ss_time_monotonic_ms();

	pthread_mutex_lock(&driver->lock);
	for (process_session *s = driver->sessions; s != NULL; s = s->next)
		room++;
	watch_item *items = calloc(room + 1, sizeof *items);
	struct pollfd *polls = calloc(2 * room + 1, sizeof *polls);
	*ret_wait = IDLE_POLL_MS;
	for (process_session *s = driver->sessions; items && polls && s != NULL; s = s->next)
	{
		if (s->ending || (s->pidfd < 0 && !s->lost))
			continue;
		watch_item *item = &items[count];
		snprintf(item->id, sizeof item->id, "%s", s->record.id);
		item->uid = s->record.uid;
		item->pidfd = s->pidfd >= 0 ? fcntl(s->pidfd, F_DUPFD_CLOEXEC, 3) : -1;
		item->greet_fd = s->greet_fd >= 0 ? fcntl(s->greet_fd, F_DUPFD_CLOEXEC, 3) : -1;
		item->ready = s->ready;
		item->lost = s->lost;
		item->late = !s->ready && s->pidfd >= 0 && now > s->ready_by_ms;
		polls[2 * count + 1] = (struct pollfd){.fd = item->pidfd, .events = POLLIN};
		polls[2 * count + 2] = (struct pollfd){.fd = item->greet_fd, .events = POLLIN};
		count++;
		if (item->lost || (!item->ready && item->greet_fd < 0))
			*ret_wait = CONNECT_POLL_MS;
		else if (!item->ready && *ret_wait > LATE_POLL_MS)
			*ret_wait = LATE_POLL_MS;
	}
	pthread_mutex_unlock(&driver->lock);
	if (polls != NULL)
		polls[0] = (struct pollfd){.fd = driver->wake_fd, .events = POLLIN};
	*ret_items = items;
	*ret_polls = polls;
	return count;
}

static watch_task task_of(const watch_item *item, const struct pollfd *poller)
{
	if (item->lost)
		return WATCH_LOST;
	if (poller[0].revents != 0)
		return WATCH_EXITED;
	if (item->late)
		return WATCH_LATE;
	if (item->ready)
		return WATCH_NOTHING;
	if (item->greet_fd < 0)
		return WATCH_CONNECT;
	return poller[1].revents != 0 ? WATCH_GREETED : WATCH_NOTHING;
}

static void do_task(struct driver_instance *driver, const watch_item *item, watch_task task)
{
	switch (task)
	{
	case WATCH_NOTHING:
		break;
	case WATCH_EXITED:
		on_ended(driver, item->id, NULL);
		break;
	case WATCH_CONNECT:
		try_connect(driver, item);
		break;
	case WATCH_GREETED:
		on_greeted(driver, item);
		break;
	case WATCH_LATE:
		on_late(driver, item);
		break;
	case WATCH_LOST:
		on_lost(driver, item->id);
		break;
	}
}

static void *watch_main(void *arg)
{
	struct driver_instance *driver = arg;
	bool closing = false;

	while (!closing)
	{
		watch_item *items = NULL;
		struct pollfd *polls = NULL;
		uint64_t told;
		int wait_ms;

		size_t count = collect(driver, &items, &polls, &wait_ms);
		if (polls != NULL)
			poll(polls, 2 * count + 1, wait_ms);
		if (polls != NULL && polls[0].revents != 0)
			(void)!read(driver->wake_fd, &told, sizeof told);
		for (size_t i = 0; i < count; i++)
		{
			do_task(driver, &items[i], task_of(&items[i], &polls[2 * i + 1]));
			if (items[i].pidfd >= 0)
				close(items[i].pidfd);
			if (items[i].greet_fd >= 0)
				close(items[i].greet_fd);
		}
		free(items);
		free(polls);
		pthread_mutex_lock(&driver->lock);
		closing = driver->closing;
		pthread_mutex_unlock(&driver->lock);
	}
	return NULL;
}

void process_watch_wake(struct driver_instance *driver)
{
	uint64_t one = 1;

	(void)!write(driver->wake_fd, &one, sizeof one);
}

int process_watch_start(struct driver_instance *driver, ss_error *err)
{
	int code = pthread_create(&driver->watcher, NULL, watch_main, driver);

	if (code != 0)
		return ss_fail_errno(err, code, "start the watcher");
	driver->watching = true;
	return 0;
}

void process_watch_stop(struct driver_instance *driver)
{
	if (!driver->watching)
		return;
	pthread_mutex_lock(&driver->lock);
	driver->closing = true;
	pthread_mutex_unlock(&driver->lock);
	process_watch_wake(driver);
	pthread_join(driver->watcher, NULL);
	driver->watching = false;
}
