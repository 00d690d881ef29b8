/*
 * driver_process_life: one session's processes, from start to end.
 *
 * Called by executor threads, never twice at a time for one session; adoption also by the
 * watcher. The driver's lock is held only to read or write the session's fields, never across
 * a wait.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/driver_process.h"
#include "common/cleanup.h"
#include "common/crypto.h"
#include "common/fault.h"
#include "common/timeutil.h"

#define UP_TIMEOUT_MS 15000
#define KILL_TIMEOUT_MS 10000
#define STATUS_MAX 2048

process_session *process_session_find(struct driver_instance *driver, const char *id)
{
	process_session *session = driver->sessions;

	while (session != NULL && strcmp(session->record.id, id) != 0)
		session = session->next;
	return session;
}

void process_session_drop_greeting(process_session *session)
{
	if (session->greet_fd >= 0)
		close(session->greet_fd);
	session->greet_fd = -1;
}

int process_session_dir(
	const struct driver_instance *driver, const char *id, int *ret_fd, ss_error *err)
{
	return process_dir_open(driver->sessions_fd, id, ret_fd, err);
}

/* The number after a key of status.json; -1 = it is not there. */
static long status_number(int session_fd, const char *key)
{
	char text[STATUS_MAX];

	auto_close int fd = openat(session_fd, "status.json", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (len <= 0)
		return -1;
	text[len] = '\0';
	const char *at = strstr(text, key);
	return at != NULL ? strtol(at + strlen(key), NULL, 10) : -1;
}

int process_session_exit_code(const struct driver_instance *driver, const char *id, int wait_ms)
{
	auto_close int dir =
		openat(driver->sessions_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	/* bubblewrap's outer process writes it a moment after the first process ended. */
	for (int waited = 0; dir >= 0; waited += 10)
	{
		long code = status_number(dir, "\"exit-code\":");
		if (code >= 0)
			return (int)code;
		if (waited >= wait_ms)
			break;
		ss_time_sleep_ms(10);
	}
	return -1;
}

/* The last line that was logged, for the message of a failure. */
static void last_log_line(int session_fd, char *ret, size_t size)
{
	char text[1024];

	auto_close int fd = openat(session_fd, "log", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	off_t begin = end > (off_t)sizeof text - 1 ? end - (off_t)sizeof text + 1 : 0;
	ssize_t len = end < 0 ? -1 : pread(fd, text, sizeof text - 1, begin);

	*ret = '\0';
	if (len <= 0)
		return;
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' '))
		len--;
	text[len] = '\0';
	const char *line = strrchr(text, '\n');
	snprintf(ret, size, "%.150s", line != NULL ? line + 1 : text);
	for (char *at = ret; *at != '\0'; at++)
	{
		if ((unsigned char)*at < ' ' || (unsigned char)*at > '~')
			*at = '?';
	}
}

void process_session_explain(
	const struct driver_instance *driver, process_record *record, bool was_ready, int code)
{
	static const struct
	{
		int code;
		const char *reason;
		const char *message;
	} reasons[] = {
		{PROCESS_EXIT_COMMAND, "command_failed", "the command ended again and again"},
		{PROCESS_EXIT_DISPLAY, "display_failed", "the X server ended"},
		{PROCESS_EXIT_NOT_FOUND, "command_not_found", "the command is not on this host"},
		{PROCESS_EXIT_WM, "window_manager_missing", "openbox is not on this host"},
		{1, "sandbox_unavailable", "bubblewrap could not make the sandbox"},
	};
	char line[160];
	auto_close int dir =
		openat(driver->sessions_fd, record->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	last_log_line(dir, line, sizeof line);
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
	{
		if (reasons[i].code != code || (was_ready && code == PROCESS_EXIT_DISPLAY))
			continue;
		snprintf(record->reason, sizeof record->reason, "%s", reasons[i].reason);
		snprintf(record->message, sizeof record->message, "%s: %s", reasons[i].message, line);
		return;
	}
	snprintf(record->reason, sizeof record->reason, "process_exited");
	if (code >= 0)
		snprintf(record->message, sizeof record->message,
			"the session's processes ended with code %d: %s", code, line);
	else
		snprintf(record->message, sizeof record->message, "the session's processes were killed");
}

static pthread_mutex_t *turn_of(struct driver_instance *driver, const char *id)
{
	unsigned hash = 5381;

	while (*id != '\0')
		hash = hash * 33 + (unsigned char)*id++;
	return &driver->saving[hash % PROCESS_SAVING];
}

int process_session_save(struct driver_instance *driver, const char *id, ss_error *err)
{
	auto_close int dir = -1;
	pthread_mutex_t *turn = turn_of(driver, id);
	process_record record = {0};
	int rc = 0;

	pthread_mutex_lock(turn);
	pthread_mutex_lock(&driver->lock);
	const process_session *session = process_session_find(driver, id);
	if (session != NULL)
		record = session->record;
	pthread_mutex_unlock(&driver->lock);
	if (session != NULL)
		rc = process_session_dir(driver, id, &dir, err) < 0
				 ? -1
				 : process_record_save(dir, &record, err);
	pthread_mutex_unlock(turn);
	return rc;
}

static void set_pid(struct driver_instance *driver, process_session *session, pid_t pid, int pidfd)
{
	pthread_mutex_lock(&driver->lock);
	if (session->pidfd >= 0)
		close(session->pidfd);
	session->pidfd = pidfd;
	session->record.pid = pid;
	session->record.start_time = process_find_start_time(pid);
	session->ready = false;
	process_session_drop_greeting(session);
	session->ending = false;
	session->lost = false;
	session->ready_by_ms = ss_time_monotonic_ms() + driver->host.options->start_timeout * 1000;
	pthread_mutex_unlock(&driver->lock);
}

/* The lock file, opened anew; *ret_held says whether somebody else holds the lock. */
static int open_lock(int session_fd, int *ret_fd, bool *ret_held, ss_error *err)
{
	auto_close int fd = openat(session_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return ss_fail_errno(err, errno, "open the session's lock");
	*ret_held = flock(fd, LOCK_EX | LOCK_NB) < 0;
	if (*ret_held && errno != EWOULDBLOCK)
		return ss_fail_errno(err, errno, "lock the session");
	*ret_fd = ss_steal_fd(fd);
	return 0;
}

int process_session_adopt(struct driver_instance *driver, process_session *session, ss_error *err)
{
	auto_close int dir = -1;
	auto_close int lock = -1;
	bool held = false;
	pid_t pid = 0;
	int pidfd = -1;

	pthread_mutex_lock(&driver->lock);
	process_record record = session->record;
	pthread_mutex_unlock(&driver->lock);
	if (process_session_dir(driver, record.id, &dir, err) < 0 ||
		open_lock(dir, &lock, &held, err) < 0)
		return -1;
	if (held)
	{
		long hint = record.pid > 0 ? record.pid : status_number(dir, "\"child-pid\":");
		if (process_find_first(lock, (pid_t)hint, &pid, &pidfd) == 0)
		{
			set_pid(driver, session, pid, pidfd);
			return process_session_save(driver, session->record.id, err);
		}
		pthread_mutex_lock(&driver->lock);
		session->lost = true;
		pthread_mutex_unlock(&driver->lock);
		return 0;
	}
	/* A first process that lives without its lock was tampered with: not ours to keep. */
	if (record.pid > 0 && process_find_start_time(record.pid) == record.start_time &&
		record.start_time != 0)
	{
		auto_close int stray = pidfd_open(record.pid, 0);
		if (stray >= 0 && process_find_start_time(record.pid) == record.start_time)
			pidfd_send_signal(stray, SIGKILL, NULL, 0);
	}
	pthread_mutex_lock(&driver->lock);
	session->lost = false;
	pthread_mutex_unlock(&driver->lock);
	return 0;
}

/* ---- Start. */

/* The lowest uid that no session of this agent and, if one can be found, no kept home has. */
static int choose_uid(struct driver_instance *driver, uid_t *ret, ss_error *err)
{
	uid_t fallback = 0;

	for (uid_t uid = driver->first_uid; uid >= driver->first_uid && uid <= driver->last_uid; uid++)
	{
		bool used = false;
		for (process_session *other = driver->sessions; other != NULL && !used; other = other->next)
			used = other->record.uid == uid;
		if (!used)
		{
			fallback = uid;
			break;
		}
	}
	if (fallback == 0)
		return ss_fail(err, "uids_exhausted", "every uid of --session-uids is in use");
	*ret = fallback;
	return 0;
}

/* The home, made when missing, of the session's uid. */
static int prepare_home(
	struct driver_instance *driver, process_session *session, int *ret_fd, ss_error *err)
{
	auto_close int home = -1;
	struct stat st;

	if (process_dir_open(driver->homes_fd, process_home_name(&session->record), &home, err) < 0)
		return -1;
	int result = 0;
	pthread_mutex_lock(&driver->lock);
	if (!driver->as_root)
		session->record.uid = getuid();
	else if (session->record.uid < driver->first_uid || session->record.uid > driver->last_uid)
		result = choose_uid(driver, &session->record.uid, err);
	uid_t uid = session->record.uid;
	pthread_mutex_unlock(&driver->lock);
	if (result < 0)
		return -1;
	if (driver->as_root)
	{
		if (fstat(home, &st) < 0)
			return ss_fail_errno(err, errno, "look at the home");
		if (st.st_uid != uid && process_tree_chown(home, uid, err) < 0)
			return -1;
	}
	*ret_fd = ss_steal_fd(home);
	return 0;
}

/* A new, empty directory for the desktop's socket. */
static int prepare_run(
	struct driver_instance *driver, uid_t uid, int session_fd, int *ret_fd, ss_error *err)
{
	auto_close int run = -1;

	if (process_tree_remove(session_fd, "run", err) < 0 ||
		process_dir_open(session_fd, "run", &run, err) < 0)
		return -1;
	if (driver->as_root && fchown(run, uid, uid) < 0)
		return ss_fail_errno(err, errno, "give the run directory to its uid");
	*ret_fd = ss_steal_fd(run);
	return 0;
}

static int open_output(int session_fd, const char *name, int *ret_fd, ss_error *err)
{
	int fd = openat(
		session_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return ss_fail_errno(err, errno, "open %s of the session", name);
	*ret_fd = fd;
	return 0;
}

/* Why bubblewrap ended before the session's script ran. */
static int explain_spawn(
	struct driver_instance *driver, process_session *session, int wait_status, ss_error *err)
{
	pthread_mutex_lock(&driver->lock);
	process_record record = session->record;
	pthread_mutex_unlock(&driver->lock);
	int code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
	process_session_explain(driver, &record, false, code);
	if (code == PROCESS_EXIT_NOT_FOUND || code == PROCESS_EXIT_WM || code == PROCESS_EXIT_DISPLAY)
		return ss_fail(err, record.reason, "%s", record.message);
	auto_close int dir = openat(driver->sessions_fd, record.id, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char line[160];
	last_log_line(dir, line, sizeof line);
	return ss_fail(
		err, "sandbox_unavailable", "bubblewrap made no sandbox (code %d): %s", code, line);
}

/* Waits until the script inside says that it runs, and finds the sandbox's first process. */
static int await_up(struct driver_instance *driver, process_session *session, pid_t child,
	int session_fd, int run_fd, int lock_fd, ss_error *err)
{
	long long end = ss_time_monotonic_ms() + UP_TIMEOUT_MS;
	struct stat st;
	pid_t pid = 0;
	int pidfd = -1;
	int status = 0;

	while (ss_time_monotonic_ms() < end)
	{
		bool up = fstatat(run_fd, "up", &st, AT_SYMLINK_NOFOLLOW) == 0;
		if (waitpid(child, &status, WNOHANG) == child)
			return explain_spawn(driver, session, status, err);
		if (up)
		{
			long hint = status_number(session_fd, "\"child-pid\":");
			if (process_find_first(lock_fd, (pid_t)hint, &pid, &pidfd) == 0)
			{
				set_pid(driver, session, pid, pidfd);
				pthread_mutex_lock(&driver->lock);
				session->child = child;
				pthread_mutex_unlock(&driver->lock);
				return 0;
			}
		}
		ss_time_sleep_ms(5);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return ss_fail(
		err, "sandbox_unavailable", "bubblewrap made no sandbox within %d s", UP_TIMEOUT_MS / 1000);
}

/*
 * The lock is held by a sandbox that an earlier run of this start made: finds it. 1: it is gone
 * meanwhile, the lock is free.
 */
static int join_running(struct driver_instance *driver, process_session *session, ss_error *err)
{
	long long end = ss_time_monotonic_ms() + UP_TIMEOUT_MS;

	while (ss_time_monotonic_ms() < end)
	{
		pthread_mutex_lock(&driver->lock);
		bool found = session->pidfd >= 0;
		pthread_mutex_unlock(&driver->lock);
		if (found)
			return 0;
		if (process_session_adopt(driver, session, err) < 0)
			return -1;
		pthread_mutex_lock(&driver->lock);
		bool free_now = session->pidfd < 0 && !session->lost;
		pthread_mutex_unlock(&driver->lock);
		if (free_now)
			return 1;
		ss_time_sleep_ms(20);
	}
	return ss_fail(err, "sandbox_unavailable", "the session's sandbox has no first process");
}

/* A new name for this start; no process is known yet. */
static int new_instance(struct driver_instance *driver, process_session *session, ss_error *err)
{
	unsigned char bytes[8];

	if (ss_random_bytes(bytes, sizeof bytes, err) < 0)
		return -1;
	pthread_mutex_lock(&driver->lock);
	ss_hex_encode(bytes, sizeof bytes, session->record.instance);
	session->record.pid = 0;
	session->record.start_time = 0;
	pthread_mutex_unlock(&driver->lock);
	return 0;
}

int process_session_start(struct driver_instance *driver, process_session *session,
	const process_spec *spec, ss_error *err)
{
	auto_close int dir = -1;
	auto_close int lock = -1;
	auto_close int home = -1;
	auto_close int run = -1;
	auto_close int status = -1;
	auto_close int log = -1;
	bool held = false;
	pid_t child = 0;
	const char *id = session->record.id;

	if (process_session_dir(driver, id, &dir, err) < 0 || open_lock(dir, &lock, &held, err) < 0)
		return -1;
	if (held)
	{
		int joined = join_running(driver, session, err);
		if (joined != 1)
			return joined;
		close(ss_steal_fd(lock));
		if (open_lock(dir, &lock, &held, err) < 0)
			return -1;
		if (held)
			return ss_fail(err, "sandbox_unavailable", "the session's lock is held by a stranger");
	}
	if (process_home_take(driver, session, spec, err) < 0 ||
		prepare_home(driver, session, &home, err) < 0 ||
		prepare_run(driver, session->record.uid, dir, &run, err) < 0 ||
		open_output(dir, "status.json", &status, err) < 0 ||
		open_output(dir, "log", &log, err) < 0 || new_instance(driver, session, err) < 0)
		return -1;
	if (process_session_save(driver, id, err) < 0 ||
		process_limits_prepare(driver, id, spec, err) < 0)
		return -1;
	ss_fault("effect-middle");

	process_sandbox sandbox = {
		.id = id,
		.home = process_home_name(&session->record),
		.spec = spec,
		.driver = driver,
		.uid = session->record.uid,
		.home_fd = home,
		.run_fd = run,
		.lock_fd = lock,
		.status_fd = status,
		.log_fd = log,
	};
	if (process_sandbox_spawn(&sandbox, &child, err) < 0)
		return -1;
	/* From here on only the sandbox holds the lock; this descriptor finds the file's holders. */
	auto_close int probe = openat(dir, "lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	close(ss_steal_fd(lock));
	if (await_up(driver, session, child, dir, run, probe, err) < 0)
		return -1;
	return process_session_save(driver, session->record.id, err);
}

/* ---- End. */

static bool gone(int pidfd, int timeout_ms)
{
	struct pollfd poller = {.fd = pidfd, .events = POLLIN};

	return poll(&poller, 1, timeout_ms) > 0;
}

/* Asks the programs to end; the X server stays until they have, so that they can still save. */
static void ask_to_end(int pidfd, pid_t first, long long until_ms)
{
	if (process_find_signal(first, SIGTERM) == 0)
		return;
	while (ss_time_monotonic_ms() < until_ms && !gone(pidfd, 40))
	{
		if (process_find_signal(first, 0) == 0)
			return;
	}
}

/* bubblewrap's outer process lets go of the lock a moment later. */
static int await_unlocked(int session_fd, ss_error *err)
{
	long long end = ss_time_monotonic_ms() + KILL_TIMEOUT_MS;
	bool held = true;

	while (ss_time_monotonic_ms() < end)
	{
		auto_close int lock = -1;
		if (open_lock(session_fd, &lock, &held, err) < 0)
			return -1;
		if (!held)
			return 0;
		ss_time_sleep_ms(5);
	}
	return ss_fail(err, "stop_timeout", "the sandbox did not end within %d s after SIGKILL",
		KILL_TIMEOUT_MS / 1000);
}

int process_session_end(
	struct driver_instance *driver, process_session *session, long long deadline_ms, ss_error *err)
{
	auto_close int dir = -1;
	auto_close int pidfd = -1;

	if (process_session_dir(driver, session->record.id, &dir, err) < 0)
		return -1;
	pthread_mutex_lock(&driver->lock);
	session->ending = true;
	bool unknown = session->pidfd < 0;
	pthread_mutex_unlock(&driver->lock);
	if (unknown)
	{
		/* Nothing runs, or the agent was killed before it knew what does. */
		ss_error ignored = SS_ERROR_INIT;
		auto_close int lock = -1;
		bool held = false;
		if (open_lock(dir, &lock, &held, err) < 0)
			return -1;
		if (held && join_running(driver, session, &ignored) < 0)
			return ss_fail(err, "stop_failed", "%s", ignored.message);
	}
	pthread_mutex_lock(&driver->lock);
	session->ending = true;
	pidfd = session->pidfd >= 0 ? fcntl(session->pidfd, F_DUPFD_CLOEXEC, 3) : -1;
	pid_t first = session->record.pid;
	pid_t child = session->child;
	pthread_mutex_unlock(&driver->lock);

	if (pidfd >= 0)
	{
		long long until = ss_time_monotonic_ms() + driver->host.options->stop_timeout * 1000;
		if (deadline_ms > 0 && deadline_ms - KILL_TIMEOUT_MS < until)
			until = deadline_ms - KILL_TIMEOUT_MS;
		ask_to_end(pidfd, first, until);
		ss_fault("effect-middle");
		pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
		if (!gone(pidfd, KILL_TIMEOUT_MS))
			return ss_fail(err, "stop_timeout", "the first process did not end after SIGKILL");
	}
	if (await_unlocked(dir, err) < 0)
		return -1;
	if (child > 0)
		waitpid(child, NULL, 0);
	process_limits_remove(driver, session->record.id);
	pthread_mutex_lock(&driver->lock);
	if (session->pidfd >= 0)
		close(session->pidfd);
	session->pidfd = -1;
	session->child = 0;
	session->record.pid = 0;
	session->record.start_time = 0;
	session->record.instance[0] = '\0';
	session->ready = false;
	process_session_drop_greeting(session);
	session->lost = false;
	pthread_mutex_unlock(&driver->lock);
	return process_tree_remove(dir, "run", err);
}
