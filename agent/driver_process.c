/*
 * driver_process: sessions as sandboxed processes of this host (--platform process).
 *
 * The table of operations; what they do to one session stands in driver_process_life.c, the
 * layout on disk and the reason for the lock in driver_process.h. Threads as in driver.h.
 */
#include "agent/driver_process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/log.h"
#include "common/timeutil.h"

/* sun_path, less the NUL. */
#define SOCKET_PATH_MAX 107

/* ---- The list of sessions. */

/* The session of that id, made when missing; NULL: no memory. */
static process_session *obtain(struct driver_instance *driver, const char *id)
{
	pthread_mutex_lock(&driver->lock);
	process_session *session = process_session_find(driver, id);
	if (session == NULL && (session = calloc(1, sizeof *session)) != NULL)
	{
		snprintf(session->record.id, sizeof session->record.id, "%s", id);
		session->pidfd = session->greet_fd = -1;
		session->next = driver->sessions;
		driver->sessions = session;
	}
	pthread_mutex_unlock(&driver->lock);
	return session;
}

static void forget(struct driver_instance *driver, process_session *session)
{
	pthread_mutex_lock(&driver->lock);
	process_session **at = &driver->sessions;
	while (*at != session)
		at = &(*at)->next;
	*at = session->next;
	while (session->pins > 0)
	{
		pthread_mutex_unlock(&driver->lock);
		ss_time_sleep_ms(1);
		pthread_mutex_lock(&driver->lock);
	}
	pthread_mutex_unlock(&driver->lock);
	if (session->pidfd >= 0)
		close(session->pidfd);
	process_session_drop_greeting(session);
	free(session);
}

static void fill(struct driver_instance *driver, process_session *session, driver_result *ret)
{
	pthread_mutex_lock(&driver->lock);
	snprintf(ret->state, sizeof ret->state, "%s", process_state_public(session->record.state));
	snprintf(ret->uid, sizeof ret->uid, "%s", session->record.instance);
	ret->revision = session->record.revision;
	pthread_mutex_unlock(&driver->lock);
}

/* Sets and saves the state; the revision only ever rises. */
static int enter(struct driver_instance *driver, process_session *session, process_state state,
	const driver_command *command, ss_error *err)
{
	pthread_mutex_lock(&driver->lock);
	process_record *record = &session->record;
	record->state = state;
	record->reason[0] = record->message[0] = '\0';
	if (command->revision > record->revision)
		record->revision = command->revision;
	if (command->installation_id[0] != '\0')
		snprintf(record->installation_id, sizeof record->installation_id, "%s",
			command->installation_id);
	if (state == PROCESS_HIBERNATING || state == PROCESS_STOPPING || state == PROCESS_TERMINATING)
		session->ending = true;
	pthread_mutex_unlock(&driver->lock);
	return process_session_save(driver, record->id, err);
}

/* The command's payload, checked; object_id must be a session's. */
static int parse(const driver_command *command, process_spec *ret, ss_error *err)
{
	if (!process_id_valid(command->object_id))
		return ss_fail(err, "invalid_argument", "the session's id is not valid");
	return process_spec_parse(command->payload, ret, err);
}

static bool outdated(
	struct driver_instance *driver, process_session *session, const driver_command *command)
{
	pthread_mutex_lock(&driver->lock);
	bool old = session->record.revision > command->revision;
	pthread_mutex_unlock(&driver->lock);
	return old;
}

/* ---- start, wake */

static int check_room(struct driver_instance *driver, const process_session *session, ss_error *err)
{
	long long running = 0;

	pthread_mutex_lock(&driver->lock);
	for (process_session *other = driver->sessions; other != NULL; other = other->next)
		running += other != session && (other->pidfd >= 0 || other->lost);
	pthread_mutex_unlock(&driver->lock);
	if (running >= driver->host.options->max_sessions)
		return ss_fail(err, "capacity_exhausted", "%lld sessions run already", running);
	return 0;
}

static int fail_start(struct driver_instance *driver, process_session *session, ss_error *err)
{
	ss_error ignored = SS_ERROR_INIT;

	pthread_mutex_lock(&driver->lock);
	process_record *record = &session->record;
	record->state = PROCESS_FAILED;
	record->pid = 0;
	snprintf(record->reason, sizeof record->reason, "%s", err->code);
	snprintf(record->message, sizeof record->message, "%s", err->message);
	pthread_mutex_unlock(&driver->lock);
	if (process_session_save(driver, record->id, &ignored) < 0)
		return ss_wrap(err, "and the record could not be saved");
	return -1;
}

/* The session's state; *ret_runs: its sandbox lives and is not one that was being ended. */
static process_state look(struct driver_instance *driver, process_session *session, bool *ret_runs)
{
	pthread_mutex_lock(&driver->lock);
	process_state state = session->record.state;
	*ret_runs = session->pidfd >= 0 && (state == PROCESS_STARTING || state == PROCESS_RUNNING);
	pthread_mutex_unlock(&driver->lock);
	return state;
}

static int bring_up(
	driver_instance *driver, const driver_command *command, driver_result *ret, ss_error *err)
{
	process_spec spec __attribute__((cleanup(process_spec_done))) = {0};

	if (parse(command, &spec, err) < 0)
		return -1;
	process_session *session = obtain(driver, command->object_id);
	if (session == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a session");
	if (!outdated(driver, session, command))
	{
		bool runs = false;
		process_state state = look(driver, session, &runs);
		if (!runs && check_room(driver, session, err) < 0)
		{
			/* A session that was never here leaves no trace. */
			if (session->record.revision == 0)
				forget(driver, session);
			return -1;
		}
		/* What an interrupted end left is ended first: its programs were told to go. */
		if (!runs && state != PROCESS_STARTING &&
			process_session_end(driver, session, command->deadline_ms, err) < 0)
			return -1;
		if (enter(driver, session, runs ? state : PROCESS_STARTING, command, err) < 0)
			return -1;
		driver->host.progress(driver->host.ctx, command, "starting", -1);
		if (!runs && process_session_start(driver, session, &spec, err) < 0)
			return fail_start(driver, session, err);
		driver->host.progress(driver->host.ctx, command, "waiting for the desktop", -1);
		process_watch_wake(driver);
	}
	fill(driver, session, ret);
	return 0;
}

/* ---- hibernate, stop */

static int bring_down(driver_instance *driver, process_session *session,
	const driver_command *command, process_state during, process_state after, ss_error *err)
{
	if (enter(driver, session, during, command, err) < 0 ||
		process_session_end(driver, session, command->deadline_ms, err) < 0)
		return -1;
	return after == during ? 0 : enter(driver, session, after, command, err);
}

static int op_hibernate(
	driver_instance *driver, const driver_command *command, driver_result *ret, ss_error *err)
{
	if (!process_id_valid(command->object_id))
		return ss_fail(err, "invalid_argument", "the session's id is not valid");
	process_session *session = obtain(driver, command->object_id);
	if (session == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a session");
	if (!outdated(driver, session, command) &&
		bring_down(driver, session, command, PROCESS_HIBERNATING, PROCESS_HIBERNATED, err) < 0)
		return -1;
	fill(driver, session, ret);
	return 0;
}

/* Ends the session for good: processes, record, and what it had for a home when the command says
 * so. */
static int terminate(driver_instance *driver, process_session *session,
	const driver_command *command, bool delete_home, ss_error *err)
{
	char id[PROCESS_ID_SIZE];
	/* A home of its own outlives it, whatever the command says. */
	bool own = session->record.home[0] == '\0';

	snprintf(id, sizeof id, "%.63s", command->object_id);
	if (bring_down(driver, session, command, PROCESS_TERMINATING, PROCESS_TERMINATING, err) < 0)
		return -1;
	if (delete_home && own && process_tree_remove(driver->homes_fd, id, err) < 0)
		return -1;
	forget(driver, session); /* before its directory goes: who saves late makes no new one */
	return process_tree_remove(driver->sessions_fd, id, err);
}

static int op_stop(
	driver_instance *driver, const driver_command *command, driver_result *ret, ss_error *err)
{
	process_spec spec __attribute__((cleanup(process_spec_done))) = {0};
	ss_error ignored = SS_ERROR_INIT;

	if (!process_id_valid(command->object_id))
		return ss_fail(err, "invalid_argument", "the session's id is not valid");
	/* A stop works even when the template is one that could not be started. */
	if (process_spec_parse(command->payload, &spec, &ignored) < 0)
		ss_log_error(SS_LOG_DEBUG, "process", "stop_of_invalid", &ignored, NULL);
	process_session *session = obtain(driver, command->object_id);
	if (session == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a session");
	if (outdated(driver, session, command))
	{
		fill(driver, session, ret);
		return 0;
	}
	if (spec.stopped_only)
	{
		if (bring_down(driver, session, command, PROCESS_STOPPING, PROCESS_STOPPED, err) < 0)
			return -1;
		fill(driver, session, ret);
		return 0;
	}
	bool delete_home = spec.delete_home || !spec.persistent_home;
	if (terminate(driver, session, command, delete_home, err) < 0)
		return -1;
	snprintf(ret->state, sizeof ret->state, "terminated");
	ret->revision = command->revision;
	return 0;
}

/* ---- Templates: a process session reads its template from its own command. Homes. */

static int op_apply(
	driver_instance *driver, const driver_command *command, driver_result *ret, ss_error *err)
{
	(void)driver;
	(void)err;
	snprintf(ret->state, sizeof ret->state, "applied");
	ret->revision = command->revision;
	return 0;
}

static int op_remove(
	driver_instance *driver, const driver_command *command, driver_result *ret, ss_error *err)
{
	if (strcmp(command->object_kind, "home") == 0 &&
		process_home_remove(driver, command->object_id, err) < 0)
		return -1;
	snprintf(ret->state, sizeof ret->state, "removed");
	ret->revision = command->revision;
	return 0;
}

/* ---- inventory */

/* Revision 0 asks for the command again: an agent was killed before it had done it. */
static int64_t vouched_revision(const process_session *session)
{
	switch (session->record.state)
	{
	case PROCESS_STARTING:
		return session->pidfd >= 0 || session->lost ? session->record.revision : 0;
	case PROCESS_HIBERNATING:
	case PROCESS_STOPPING:
	case PROCESS_TERMINATING:
		return 0;
	case PROCESS_RUNNING:
	case PROCESS_HIBERNATED:
	case PROCESS_STOPPED:
	case PROCESS_FAILED:
		break;
	}
	return session->record.revision;
}

static int op_inventory(driver_instance *driver, driver_inventory *ret, ss_error *err)
{
	int result = 0;

	pthread_mutex_lock(&driver->lock);
	for (process_session *s = driver->sessions; s != NULL && result == 0; s = s->next)
	{
		driver_object object = {.kind = "session", .revision = vouched_revision(s)};
		snprintf(object.id, sizeof object.id, "%s", s->record.id);
		snprintf(object.uid, sizeof object.uid, "%s", s->record.instance);
		snprintf(object.state, sizeof object.state, "%s", process_state_public(s->record.state));
		result = driver_inventory_add(ret, &object, err);
	}
	pthread_mutex_unlock(&driver->lock);
	if (result == 0)
		result = process_home_list(driver, ret, err);
	ret->complete = result == 0;
	return result;
}

/* ---- open, close */

/* Reads one directory of sessions/; what an earlier agent left there is taken up. */
static int take_up(driver_instance *driver, const char *id, ss_error *err)
{
	auto_close int dir = -1;
	process_record record = {0};

	if (process_session_dir(driver, id, &dir, err) < 0)
		return -1;
	int loaded = process_record_load(dir, &record, err);
	if (loaded != 0 || strcmp(record.id, id) != 0)
	{
		/* Without a record nothing is known but that it may run: the control plane decides. */
		record = (process_record){.state = PROCESS_RUNNING};
		snprintf(record.id, sizeof record.id, "%.63s", id);
	}
	process_session *session = obtain(driver, id);
	if (session == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a session");
	session->record = record;
	if (process_session_adopt(driver, session, err) < 0)
		return -1;
	if (session->pidfd >= 0 || session->lost)
	{
		/* One that was being ended when the agent was killed is for the next command to end. */
		session->ending = record.state != PROCESS_STARTING && record.state != PROCESS_RUNNING;
		ss_log(SS_LOG_INFO, "process", "session_adopted", "session", id, "pid",
			SS_NUM(session->record.pid), "state", process_state_name(record.state), NULL);
		return 0;
	}
	if (loaded == 1)
	{
		forget(driver, session);
		return process_tree_remove(driver->sessions_fd, id, err);
	}
	bool died =
		record.state == PROCESS_RUNNING || (record.state == PROCESS_STARTING && record.pid > 0);
	if (!died)
		return 0;
	int code = process_session_exit_code(driver, id, 0);
	process_session_explain(driver, &session->record, record.state == PROCESS_RUNNING, code);
	session->record.state = PROCESS_FAILED;
	session->record.pid = 0;
	process_watch_report(driver, &session->record, code);
	return process_record_save(dir, &session->record, err);
}

static int take_up_all(driver_instance *driver, ss_error *err)
{
	int copy = fcntl(driver->sessions_fd, F_DUPFD_CLOEXEC, 3);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (dir == NULL)
		return ss_fail_errno(err, errno, "list the sessions");
	while ((entry = readdir(dir)) != NULL)
	{
		ss_error problem = SS_ERROR_INIT;
		if (!process_id_valid(entry->d_name))
			continue;
		if (take_up(driver, entry->d_name, &problem) < 0)
			ss_log_error(SS_LOG_ERROR, "process", "session_not_taken_up", &problem, "session",
				entry->d_name, NULL);
	}
	closedir(dir);
	return 0;
}

static int open_dirs(driver_instance *driver, ss_error *err)
{
	driver->state_dir = realpath(driver->host.options->state_dir, NULL);
	if (driver->state_dir == NULL)
		return ss_fail_errno(err, errno, "find %s", driver->host.options->state_dir);
	size_t longest = strlen(driver->state_dir) + strlen("/sessions//run/rfb.sock") + 28;
	if (longest > SOCKET_PATH_MAX)
		return ss_fail(err, "invalid_option",
			"state_dir is too long: a session's socket would need %zu bytes of %d", longest,
			SOCKET_PATH_MAX);
	int dir = open(driver->state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return ss_fail_errno(err, errno, "open %s", driver->state_dir);
	int result = process_dir_open(dir, "sessions", &driver->sessions_fd, err);
	if (result == 0)
		result = process_dir_open(dir, "homes", &driver->homes_fd, err);
	close(dir);
	return result;
}

static int open_uids(driver_instance *driver, ss_error *err)
{
	driver->as_root = geteuid() == 0;
	if (!process_parse_uids(
			driver->host.options->session_uids, &driver->first_uid, &driver->last_uid))
		return ss_fail(err, "invalid_option", "session_uids is not FIRST-LAST, both from 1000 on");
	if (driver->as_root && driver->first_uid == 0)
		return ss_fail(err, "invalid_option",
			"as root session_uids is needed: uids that nothing else uses, as 200000-200999");
	return 0;
}

static void op_close(driver_instance *driver)
{
	process_watch_stop(driver);
	while (driver->sessions != NULL)
		forget(driver, driver->sessions);
	if (driver->wake_fd >= 0)
		close(driver->wake_fd);
	if (driver->sessions_fd >= 0)
		close(driver->sessions_fd);
	if (driver->homes_fd >= 0)
		close(driver->homes_fd);
	pthread_mutex_destroy(&driver->lock);
	for (size_t i = 0; i < PROCESS_SAVING; i++)
		pthread_mutex_destroy(&driver->saving[i]);
	free(driver->cgroup);
	free(driver->state_dir);
	free(driver);
}

static int op_open(const driver_host *host, driver_instance **ret, ss_error *err)
{
	char text[256];
	driver_instance *driver = calloc(1, sizeof *driver);

	if (driver == NULL)
		return ss_fail(err, "out_of_memory", "no memory for the driver");
	driver->host = *host;
	driver->sessions_fd = driver->homes_fd = -1;
	pthread_mutex_init(&driver->lock, NULL);
	for (size_t i = 0; i < PROCESS_SAVING; i++)
		pthread_mutex_init(&driver->saving[i], NULL);
	driver->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (driver->wake_fd < 0 || open_uids(driver, err) < 0 || open_dirs(driver, err) < 0)
	{
		op_close(driver);
		return -1;
	}
	process_limits_open(driver);
	ss_log(SS_LOG_INFO, "process", "limits", "by", process_limits_text(driver, text, sizeof text),
		NULL);
	if (take_up_all(driver, err) < 0)
	{
		op_close(driver);
		return -1;
	}
	*ret = driver;
	return 0;
}

static int op_watch(driver_instance *driver, ss_error *err)
{
	return process_watch_start(driver, err);
}

const driver_ops driver_process = {
	.name = "process",
	.open = op_open,
	.close = op_close,
	.start = bring_up,
	.stop = op_stop,
	.hibernate = op_hibernate,
	.wake = bring_up,
	.apply = op_apply,
	.remove = op_remove,
	.inventory = op_inventory,
	.watch = op_watch,
	.dial = process_dial,
	.doctor = process_doctor,
};
