/*
 * driver_process: what the files of the process driver share. Nobody else includes it.
 *
 * A session is one bubblewrap sandbox with an X server that speaks RFB on a Unix socket, a window
 * manager and the template's command. On disk, below the state directory (0700):
 *
 *   sessions/ID/record.json   what the agent knows of it: revision, state, first process
 *   sessions/ID/lock          flock held by the sandbox itself: held = it lives
 *   sessions/ID/status.json   written by bubblewrap: first process, later its exit code
 *   sessions/ID/log           what bubblewrap, the X server and the window manager said
 *   sessions/ID/run/rfb.sock  the desktop; run/ (0700) belongs to the session's uid
 *   homes/HOME                the home h-X; belongs to the session's uid, outlives the session
 *   homes/ID                  what a session without a home has instead, as long as it lives
 *
 * The lock is what makes a start happen once: it is taken before the fork and inherited, so that
 * an agent that is killed at any instruction leaves either no lock or a living sandbox.
 */
#ifndef AGENT_DRIVER_PROCESS_H
#define AGENT_DRIVER_PROCESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent/driver.h"
#include "agent/options.h"

#define PROCESS_ID_SIZE 64
#define PROCESS_INSTANCE_SIZE 33
#define PROCESS_ARGS_MAX 64
#define PROCESS_ENV_MAX 64
#define PROCESS_TEXT_MAX 4096 /* one argument or value of a template */

typedef enum process_state
{
	PROCESS_STARTING, /* no pid recorded: the start did not get as far as a sandbox */
	PROCESS_RUNNING,
	PROCESS_HIBERNATING,
	PROCESS_HIBERNATED,
	PROCESS_STOPPING,
	PROCESS_STOPPED,
	PROCESS_TERMINATING,
	PROCESS_FAILED,
} process_state;

/* What record.json keeps. */
typedef struct process_record
{
	char id[PROCESS_ID_SIZE];
	char home[PROCESS_ID_SIZE]; /* the home h-X that it was started with; "" = none */
	int64_t revision;
	process_state state;
	char reason[DRIVER_REASON_SIZE];
	char message[DRIVER_MESSAGE_SIZE];
	char instance[PROCESS_INSTANCE_SIZE]; /* of this start of the sandbox; "" = none */
	char installation_id[DRIVER_INSTALLATION_SIZE];
	uid_t uid;           /* that owns home and processes on the host */
	pid_t pid;           /* first process of the sandbox, as the host sees it; 0 = none */
	uint64_t start_time; /* of that process, clock ticks since boot (proc(5), field 22) */
} process_record;

/* A session of this agent. Fields are guarded by process_driver.lock. */
typedef struct process_session
{
	struct process_session *next;
	process_record record;
	int pidfd;             /* of the first process; -1 = not running or not yet found */
	pid_t child;           /* bubblewrap's outer process when it is ours to reap; else 0 */
	bool ready;            /* the greeting was read */
	int greet_fd;          /* connection on which it is awaited; -1 = none yet */
	bool ending;           /* an operation ends it: its death is no failure */
	bool lost;             /* the lock is held, but the first process is not yet known */
	int pins;              /* > 0: the watcher uses it outside the lock; not to be freed */
	long long ready_by_ms; /* monotonic; the greeting must have come by then */
} process_session;

/* The template's and the session's wishes, checked. process_spec_done() frees. */
typedef struct process_spec
{
	char *args[PROCESS_ARGS_MAX + 1];   /* NULL-terminated; empty = the window manager alone */
	char *env[PROCESS_ENV_MAX * 2 + 1]; /* name, value, name, value, ..., NULL */
	int width;
	int height;
	bool network;
	char home[PROCESS_ID_SIZE]; /* "" = none */
	bool persistent_home;
	bool delete_home;
	bool stopped_only; /* desiredState "stopped": end compute, keep record and home */
	long long memory;  /* bytes; 0 = not limited */
	long long millicpu;
} process_spec;

typedef enum process_limits_kind
{
	PROCESS_LIMITS_CGROUP,
	PROCESS_LIMITS_RLIMIT,
} process_limits_kind;

#define PROCESS_SAVING 16 /* records that can be written at one moment */

struct driver_instance
{
	driver_host host;
	char *state_dir; /* absolute, symlinks resolved */
	int sessions_fd;
	int homes_fd;
	bool as_root;
	uid_t first_uid; /* pool of --session-uids, when as root */
	uid_t last_uid;
	process_limits_kind limits;
	char *cgroup; /* directory of the delegated cgroup; NULL with rlimits */

	pthread_mutex_t lock;
	process_session *sessions;
	/* Held, by the hash of the session's id, while a record is written; taken before `lock`. */
	pthread_mutex_t saving[PROCESS_SAVING];

	pthread_t watcher;
	bool watching;
	bool closing;
	int wake_fd; /* eventfd: the watcher looks again */
};

/* ---- driver_process_spec.c: the payload. Any thread. */

/* Codes: template_invalid. *ret is zeroed by the caller, freed by it even on failure. */
int process_spec_parse(const cJSON *payload, process_spec *ret, ss_error *err) SS_MUST_CHECK;
void process_spec_done(process_spec *spec);
bool process_id_valid(const char *id);
/* "2Gi", "512M", "1073741824" in bytes; "1500m", "2", "0.5" in thousandths. -1: neither. */
long long process_parse_memory(const char *text);
long long process_parse_cpu(const char *text);

/* ---- driver_process_record.c: the record on disk. Any thread; one at a time per session. */

const char *process_state_name(process_state state);
/* The name that the control plane knows: starting, running, hibernated, terminated, failed. */
const char *process_state_public(process_state state);
/*
 * Durable when it returns: written beside, synchronised, renamed. Of a session that other threads
 * know, process_session_save() writes.
 */
int process_record_save(int session_fd, const process_record *record, ss_error *err) SS_MUST_CHECK;
/* 1: there is none. Codes: record_unreadable. */
int process_record_load(int session_fd, process_record *ret, ss_error *err) SS_MUST_CHECK;

/* ---- driver_process_files.c: directories whose content a session controls. Any thread. */

/* Makes (if missing) and opens a directory of mode 0700; never follows a symbolic link. */
int process_dir_open(int parent_fd, const char *name, int *ret_fd, ss_error *err) SS_MUST_CHECK;
/* Removes a tree, whatever stands in it; a missing one is fine. */
int process_tree_remove(int parent_fd, const char *name, ss_error *err) SS_MUST_CHECK;
/* Gives everything below (and the directory itself) to uid:uid, links not followed. */
int process_tree_chown(int dir_fd, uid_t uid, ss_error *err) SS_MUST_CHECK;
/*
 * Connects to the socket `name` in dir_fd that must be a socket of `uid`, not a link to another
 * place. 0 and a connected, non-blocking descriptor; 1: not there yet.
 */
int process_socket_connect(
	int dir_fd, const char *name, uid_t uid, int *ret_fd, ss_error *err) SS_MUST_CHECK;
/* A sealed, close-on-exec file in memory that holds these bytes, at offset 0. */
int process_memory_file(
	const char *name, const void *data, size_t len, int *ret_fd, ss_error *err) SS_MUST_CHECK;

/* ---- driver_process_find.c: processes as /proc shows them. Any thread. */

/* Start time of a process; 0 = there is none. */
uint64_t process_find_start_time(pid_t pid);
/*
 * The first process of the sandbox that holds the lock file open, and a pidfd of it. 1: none
 * found. `hint` (0 = none) is looked at before all others.
 */
int process_find_first(int lock_fd, pid_t hint, pid_t *ret_pid, int *ret_pidfd);
/*
 * Sends `signal` (0 = only count) to the processes of the pid namespace of `first` except the
 * first process, the session's script and the X server. Returns how many there are.
 */
int process_find_signal(pid_t first, int signal);

/* ---- driver_process_sandbox.c: one bubblewrap. Any thread. */

typedef struct process_sandbox
{
	const char *id;
	const char *home; /* its name in homes/ */
	const process_spec *spec;
	const struct driver_instance *driver;
	uid_t uid;
	int home_fd;
	int run_fd;
	int lock_fd; /* flock held; inherited by the sandbox */
	int status_fd;
	int log_fd;
} process_sandbox;

/* Forks and executes; does not wait until it is up. Codes: sandbox_unavailable, internal. */
int process_sandbox_spawn(
	const process_sandbox *sandbox, pid_t *ret_child, ss_error *err) SS_MUST_CHECK;
/* Shell text of the session's first program, which it runs as `sh FILE WxH [command...]`. */
extern const char process_session_script[];
/* Exit codes of that script. */
#define PROCESS_EXIT_COMMAND 70   /* the command ended again and again */
#define PROCESS_EXIT_DISPLAY 71   /* the X server ended or did not come up */
#define PROCESS_EXIT_NOT_FOUND 72 /* the command is not in the sandbox */
#define PROCESS_EXIT_WM 73        /* there is no window manager */

/* ---- driver_process_limits.c: memory, processors, processes. */

/* Finds out once whether a cgroup v2 is delegated to us; sets driver->limits and ->cgroup. */
void process_limits_open(struct driver_instance *driver);
/* "cgroup v2 (PATH)" or "rlimits (...)", in buf. */
const char *process_limits_text(const struct driver_instance *driver, char *buf, size_t size);
/* Makes the session's cgroup with its limits; 0 also when there is nothing to do. */
int process_limits_prepare(const struct driver_instance *driver, const char *id,
	const process_spec *spec, ss_error *err) SS_MUST_CHECK;
/* In the child, between fork and exec: enters the cgroup or sets rlimits. -1 with errno. */
int process_limits_enter(
	const struct driver_instance *driver, int cgroup_fd, const process_spec *spec) SS_MUST_CHECK;
/* Descriptor of the session's cgroup.procs; -1 when limits are rlimits. */
int process_limits_open_procs(const struct driver_instance *driver, const char *id);
void process_limits_remove(const struct driver_instance *driver, const char *id);

/* ---- driver_process_life.c: one session's processes, from start to end. Executor threads. */

process_session *process_session_find(struct driver_instance *driver, const char *id);
/* Closes the connection on which the greeting is awaited, if there is one. With the lock held. */
void process_session_drop_greeting(process_session *session);
/*
 * Makes the record on disk that of this moment, whoever else saves at the same time; one that has
 * been forgotten is left. Takes `lock`.
 */
int process_session_save(
	struct driver_instance *driver, const char *id, ss_error *err) SS_MUST_CHECK;
int process_session_dir(
	const struct driver_instance *driver, const char *id, int *ret_fd, ss_error *err) SS_MUST_CHECK;
/* Starts the sandbox unless it runs. Codes: sandbox_unavailable, command_not_found, ... */
int process_session_start(struct driver_instance *driver, process_session *session,
	const process_spec *spec, ss_error *err) SS_MUST_CHECK;
/* Ends the sandbox if it runs: TERM, then KILL of the whole pid namespace. */
int process_session_end(struct driver_instance *driver, process_session *session,
	long long deadline_ms, ss_error *err) SS_MUST_CHECK;
/* After open: finds the living sandbox of a record, or says that it is dead. */
int process_session_adopt(
	struct driver_instance *driver, process_session *session, ss_error *err) SS_MUST_CHECK;
/* Exit code that bubblewrap wrote, within that time; -1 = it did not. */
int process_session_exit_code(const struct driver_instance *driver, const char *id, int wait_ms);
/* Puts reason and message of an end that nobody asked for into the record. */
void process_session_explain(
	const struct driver_instance *driver, process_record *record, bool was_ready, int exit_code);

/* ---- driver_process_home.c: homes, which outlive sessions. */

/* Its name in homes/. */
const char *process_home_name(const process_record *record);
/* The home that the spec names is this session's from now on. Codes: home_in_use. */
int process_home_take(struct driver_instance *driver, process_session *session,
	const process_spec *spec, ss_error *err) SS_MUST_CHECK;
/* Removes a home and all in it; a missing one is fine. Codes: home_in_use. */
int process_home_remove(
	struct driver_instance *driver, const char *home, ss_error *err) SS_MUST_CHECK;
/* Adds every home, also those that are called like a session, as h-X. */
int process_home_list(
	const struct driver_instance *driver, driver_inventory *ret, ss_error *err) SS_MUST_CHECK;

/* ---- driver_process_dial.c: connections to desktops, for viewers. Any thread. */

int process_dial(struct driver_instance *driver, const char *session_id, int *ret_fd,
	ss_error *err) SS_MUST_CHECK;

/* ---- driver_process_watch.c: the watcher's thread. */

int process_watch_start(struct driver_instance *driver, ss_error *err) SS_MUST_CHECK;
void process_watch_stop(struct driver_instance *driver);
void process_watch_wake(struct driver_instance *driver);
/* Tells the control plane the record's state. Any thread, without the lock. exit_code -1: none. */
void process_watch_report(
	struct driver_instance *driver, const process_record *record, int exit_code);

/* ---- driver_process_doctor.c */

void process_doctor(const struct agent_options *options,
	void (*say)(void *ctx, const char *name, bool ok, const char *text), void *ctx);

/* FIRST-LAST; false when it is neither empty nor a range of at least one uid above 999. */
bool process_parse_uids(const char *text, uid_t *ret_first, uid_t *ret_last);

#endif
