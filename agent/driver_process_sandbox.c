/*
 * driver_process_sandbox: builds the command line of one bubblewrap and executes it.
 *
 * Namespaces: user, mount, pid, ipc, uts, cgroup, and net unless the template asks for the
 * network. The session sees /usr read-only, the few files of /etc that desktop programs read, its
 * home, a private /tmp and nothing else of the host. It is uid 1000 inside; on the host it is the
 * agent's user, or, when the agent is root, a uid of its own. bubblewrap then runs as that uid
 * and could not walk to the home below the agent's 0700 directory: the child therefore mounts
 * home and run directory into a private mount namespace first, and drops to the uid after that.
 *
 * --die-with-parent is left out on purpose: sessions outlive the agent.
 * Any thread; between fork and exec only async-signal-safe calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/driver_process.h"
#include "common/cleanup.h"
#include "common/crypto.h"

#define BWRAP "/usr/bin/bwrap"
#define STAGE "/mnt"
#define ARGS_ROOM 512
#define FILES_ROOM 8
#define TMP_SIZE_DEFAULT (512LL << 20)

static const char passwd_text[] = "root:x:0:0:root:/root:/usr/sbin/nologin\n"
								  "user:x:1000:1000:user:/home/user:/bin/bash\n"
								  "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
static const char group_text[] = "root:x:0:\nuser:x:1000:\nnogroup:x:65534:\n";
static const char hosts_text[] = "127.0.0.1 localhost desktop\n::1 localhost\n";
static const char nsswitch_text[] = "passwd: files\ngroup: files\nhosts: files dns\n";

/* What programs of the host need beside /usr to draw; none holds a secret. */
static const char *const etc_paths[] = {"/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache",
	"/etc/localtime", "/etc/X11", "/etc/xdg", "/etc/terminfo", "/etc/mime.types",
	"/etc/bash.bashrc", "/etc/profile", "/etc/inputrc", "/etc/magic", "/var/lib/openbox"};
static const char *const etc_network_paths[] = {"/etc/resolv.conf", "/etc/ssl/certs",
	"/etc/ca-certificates.conf", "/etc/services", "/etc/protocols"};

typedef struct command_line
{
	char *args[ARGS_ROOM + 1];
	size_t count;
	bool failed;
	int files[FILES_ROOM]; /* memory files that bubblewrap reads */
	size_t file_count;
} command_line;

static void add(command_line *line, const char *fmt, ...) SS_PRINTF(2, 3);
static void add(command_line *line, const char *fmt, ...)
{
	va_list args;
	char *text = NULL;

	va_start(args, fmt);
	if (line->count >= ARGS_ROOM || vasprintf(&text, fmt, args) < 0)
		line->failed = true;
	else
		line->args[line->count++] = text;
	va_end(args);
}

/* Arguments that are taken as they are, ended by NULL. */
static void add_all(command_line *line, ...) __attribute__((sentinel));
static void add_all(command_line *line, ...)
{
	const char *text;
	va_list args;

	va_start(args, line);
	while ((text = va_arg(args, const char *)) != NULL)
		add(line, "%s", text);
	va_end(args);
}

static void line_done(command_line *line)
{
	for (size_t i = 0; i < line->count; i++)
		free(line->args[i]);
	for (size_t i = 0; i < line->file_count; i++)
		close(line->files[i]);
}

static int add_file(
	command_line *line, const char *place, const void *data, size_t len, ss_error *err)
{
	int fd = -1;

	if (process_memory_file("session", data, len, &fd, err) < 0)
		return -1;
	line->files[line->file_count++] = fd;
	add_all(line, "--ro-bind-data", NULL);
	add(line, "%d", fd);
	add(line, "%s", place);
	return 0;
}

/* One MIT-MAGIC-COOKIE-1 for display 1 of any host, in the format of Xau(3). */
static int add_xauth(command_line *line, ss_error *err)
{
	static const char name[] = "MIT-MAGIC-COOKIE-1";
	unsigned char entry[64] = {0xff, 0xff, 0, 0, 0, 1, '1', 0, sizeof name - 1};
	size_t len = 9;

	for (size_t i = 0; i < sizeof name - 1; i++)
		entry[len++] = (unsigned char)name[i];
	entry[len++] = 0;
	entry[len++] = 16;
	if (ss_random_bytes(entry + len, 16, err) < 0)
		return -1;
	return add_file(line, "/run/session/xauth", entry, len + 16, err);
}

/* /bin, /lib, ... as on the host: links into /usr, or directories of their own. */
static void add_root_dirs(command_line *line)
{
	static const char *const names[] = {"bin", "sbin", "lib", "lib32", "lib64", "libx32"};

	add_all(line, "--ro-bind", "/usr", "/usr", NULL);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
	{
		char path[16];
		char target[64];

		snprintf(path, sizeof path, "/%s", names[i]);
		ssize_t len = readlink(path, target, sizeof target - 1);
		if (len > 0)
		{
			target[len] = '\0';
			add_all(line, "--symlink", target, path, NULL);
		}
		else if (access(path, F_OK) == 0)
			add_all(line, "--ro-bind", path, path, NULL);
	}
}

/* --session-path: colon-separated host directories, read-only at the same place. */
static void add_session_path(command_line *line, const char *list)
{
	auto_free char *copy = strdup(list != NULL ? list : "");
	char *rest = NULL;

	for (char *dir = copy ? strtok_r(copy, ":", &rest) : NULL; dir != NULL;
		 dir = strtok_r(NULL, ":", &rest))
		add_all(line, "--ro-bind-try", dir, dir, NULL);
}

static int add_etc(command_line *line, bool network, ss_error *err)
{
	for (size_t i = 0; i < sizeof etc_paths / sizeof *etc_paths; i++)
		add_all(line, "--ro-bind-try", etc_paths[i], etc_paths[i], NULL);
	for (size_t i = 0; network && i < sizeof etc_network_paths / sizeof *etc_network_paths; i++)
		add_all(line, "--ro-bind-try", etc_network_paths[i], etc_network_paths[i], NULL);
	if (add_file(line, "/etc/passwd", passwd_text, sizeof passwd_text - 1, err) < 0 ||
		add_file(line, "/etc/group", group_text, sizeof group_text - 1, err) < 0 ||
		add_file(line, "/etc/hosts", hosts_text, sizeof hosts_text - 1, err) < 0)
		return -1;
	return add_file(line, "/etc/nsswitch.conf", nsswitch_text, sizeof nsswitch_text - 1, err);
}

static void add_env(command_line *line, const process_sandbox *sandbox)
{
	static const char *const fixed[][2] = {
		{"HOME", "/home/user"},
		{"USER", "user"},
		{"LOGNAME", "user"},
		{"SHELL", "/bin/bash"},
		{"PATH", "/usr/local/bin:/usr/bin:/bin:/usr/games"},
		{"LANG", "C.UTF-8"},
		{"DISPLAY", ":1"},
		{"XAUTHORITY", "/run/session/xauth"},
		{"XDG_RUNTIME_DIR", "/run/user/1000"},
		{"XDG_SESSION_TYPE", "x11"},
	};
	long long cpus = (sandbox->spec->millicpu + 999) / 1000;

	add_all(line, "--clearenv", NULL);
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		add_all(line, "--setenv", fixed[i][0], fixed[i][1], NULL);
	for (char *const *env = sandbox->spec->env; *env != NULL; env += 2)
		add_all(line, "--setenv", env[0], env[1], NULL);
	add_all(line, "--setenv", "STREAMSPACE_SESSION", sandbox->id, NULL);
	/* Counted by the kernel per user namespace, so it is lowered inside. */
	add_all(line, "--setenv", "STREAMSPACE_NPROC", NULL);
	add(line, "%lld",
		sandbox->driver->limits == PROCESS_LIMITS_RLIMIT && cpus > 0 ? 256 + cpus * 256 : 0);
}

static int build(command_line *line, const process_sandbox *sandbox, ss_error *err)
{
	const struct driver_instance *driver = sandbox->driver;
	const process_spec *spec = sandbox->spec;

	add_all(line, BWRAP, "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
		"--unshare-cgroup-try", "--disable-userns", "--uid", "1000", "--gid", "1000", "--hostname",
		"desktop", "--new-session", NULL);
	if (!spec->network)
		add_all(line, "--unshare-net", NULL);
	add_root_dirs(line);
	add_session_path(line, driver->host.options->session_path);
	add_all(line, "--proc", "/proc", "--dev", "/dev", NULL);
	add_all(line, "--perms", "1777", "--size", NULL);
	add(line, "%lld", spec->memory > 0 ? spec->memory : TMP_SIZE_DEFAULT);
	add_all(line, "--tmpfs", "/tmp", "--perms", "1777", "--dir", "/tmp/.X11-unix", "--perms",
		"0755", "--dir", "/run", "--perms", "0700", "--dir", "/run/user", "--perms", "0700",
		"--dir", "/run/user/1000", "--perms", "0700", "--dir", "/run/session", "--perms", "0755",
		"--dir", "/etc", "--perms", "0755", "--dir", "/var", "--symlink", "/run", "/var/run",
		"--symlink", "/tmp", "/var/tmp", NULL);
	if (driver->as_root)
		add_all(
			line, "--bind", STAGE "/home", "/home/user", "--bind", STAGE "/run", "/run/vnc", NULL);
	else
	{
		add_all(line, "--bind", NULL);
		add(line, "%s/homes/%s", driver->state_dir, sandbox->home);
		add_all(line, "/home/user", "--bind", NULL);
		add(line, "%s/sessions/%s/run", driver->state_dir, sandbox->id);
		add_all(line, "/run/vnc", NULL);
	}
	if (add_etc(line, spec->network, err) < 0 || add_xauth(line, err) < 0 ||
		add_file(line, "/run/session/start", process_session_script, strlen(process_session_script),
			err) < 0)
		return -1;
	add_env(line, sandbox);
	add_all(line, "--chdir", "/home/user", "--sync-fd", NULL);
	add(line, "%d", sandbox->lock_fd);
	add_all(line, "--json-status-fd", NULL);
	add(line, "%d", sandbox->status_fd);
	add_all(line, "--", "/bin/sh", "/run/session/start", NULL);
	add(line, "%dx%d", spec->width, spec->height);
	for (char *const *arg = spec->args; *arg != NULL; arg++)
		add(line, "%s", *arg);
	if (line->failed)
		return ss_fail(err, "out_of_memory", "the sandbox's command line does not fit");
	return 0;
}

/*
 * Everything before `--` moves into a file that bubblewrap reads (--args): the command line of a
 * process is for every user of the host to read, and a template's variables may be confidential.
 */
static int conceal(command_line *line, ss_error *err)
{
	size_t end = 1;
	size_t size = 0;
	int fd = -1;

	while (strcmp(line->args[end], "--") != 0)
		size += strlen(line->args[end++]) + 1;
	auto_free char *text = malloc(size);
	if (text == NULL)
		return ss_fail(err, "out_of_memory", "no memory for the sandbox's command line");
	char *at = text;
	for (size_t i = 1; i < end; i++)
		at = stpcpy(at, line->args[i]) + 1;
	if (process_memory_file("args", text, size, &fd, err) < 0)
		return -1;
	line->files[line->file_count++] = fd;
	for (size_t i = 1; i < end; i++)
		free(line->args[i]);
	memmove(line->args + 3, line->args + end, (line->count - end + 1) * sizeof *line->args);
	line->count = line->count - end + 3;
	line->args[1] = strdup("--args");
	if (asprintf(&line->args[2], "%d", fd) < 0)
		line->args[2] = NULL;
	if (line->args[1] == NULL || line->args[2] == NULL)
		return ss_fail(err, "out_of_memory", "no memory for the sandbox's command line");
	return 0;
}

/* ---- In the child: async-signal-safe calls only. */

static void complain(const char *what)
{
	const char *why = strerrordesc_np(errno);

	(void)!write(2, "sandbox: ", 9);
	(void)!write(2, what, strlen(what));
	(void)!write(2, ": ", 2);
	(void)!write(2, why, why != NULL ? strlen(why) : 0);
	(void)!write(2, "\n", 1);
}

/* Home and run directory at STAGE, in a mount namespace of this process alone. */
static int stage(const process_sandbox *sandbox)
{
	int home = open_tree(sandbox->home_fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	int run = open_tree(sandbox->run_fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);

	if (home < 0 || run < 0 || unshare(CLONE_NEWNS) < 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("tmpfs", STAGE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=64k") < 0 ||
		mkdir(STAGE "/home", 0755) < 0 || mkdir(STAGE "/run", 0755) < 0 ||
		move_mount(home, "", AT_FDCWD, STAGE "/home", MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
		move_mount(run, "", AT_FDCWD, STAGE "/run", MOVE_MOUNT_F_EMPTY_PATH) < 0)
	{
		complain("mount home and run directory on " STAGE);
		return -1;
	}
	return 0;
}

/* The raw calls: glibc's would ask threads that this child does not have. */
static int become(uid_t uid)
{
	if (syscall(SYS_setgroups, 0, NULL) < 0 || syscall(SYS_setresgid, uid, uid, uid) < 0 ||
		syscall(SYS_setresuid, uid, uid, uid) < 0)
	{
		complain("become the session's uid");
		return -1;
	}
	return 0;
}

static void __attribute__((noreturn))
child(const process_sandbox *sandbox, const command_line *line, int null_fd, int cgroup_fd)
{
	sigset_t none;

	/* A new session: a terminal's signals to the agent do not reach it. */
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = 1; i < 32; i++)
		signal(i, SIG_DFL);
	if (dup2(null_fd, 0) < 0 || dup2(sandbox->log_fd, 1) < 0 || dup2(sandbox->log_fd, 2) < 0)
		_exit(1);
	syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
	for (size_t i = 0; i < line->file_count; i++)
		fcntl(line->files[i], F_SETFD, 0);
	fcntl(sandbox->lock_fd, F_SETFD, 0);
	fcntl(sandbox->status_fd, F_SETFD, 0);
	umask(077);
	/* No keys of the agent's: KEYCTL_JOIN_SESSION_KEYRING, a new anonymous one. */
	syscall(SYS_keyctl, 1, NULL);
	if (process_limits_enter(sandbox->driver, cgroup_fd, sandbox->spec) < 0)
	{
		complain("set the session's limits");
		_exit(1);
	}
	if (sandbox->driver->as_root && (stage(sandbox) < 0 || become(sandbox->uid) < 0))
		_exit(1);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	char *env[] = {NULL};
	execve(BWRAP, line->args, env);
	complain("execute " BWRAP);
	_exit(1);
}

int process_sandbox_spawn(const process_sandbox *sandbox, pid_t *ret_child, ss_error *err)
{
	command_line line = {0};
	int result = -1;

	auto_close int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	auto_close int cgroup_fd = process_limits_open_procs(sandbox->driver, sandbox->id);
	if (null_fd < 0)
		return ss_fail_errno(err, errno, "open /dev/null");
	if (access(BWRAP, X_OK) < 0)
		return ss_fail(err, "sandbox_unavailable", BWRAP " is not there: install bubblewrap");
	if (build(&line, sandbox, err) == 0 && conceal(&line, err) == 0)
	{
		pid_t pid = fork();
		if (pid == 0)
			child(sandbox, &line, null_fd, cgroup_fd);
		if (pid < 0)
			(void)ss_fail_errno(err, errno, "fork");
		else
		{
			*ret_child = pid;
			result = 0;
		}
	}
	line_done(&line);
	return result;
}
