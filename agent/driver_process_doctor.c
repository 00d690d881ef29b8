/* driver_process_doctor: what this host must have for --platform process. Main thread. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/driver_process.h"
#include "common/cleanup.h"

typedef void (*say_fn)(void *ctx, const char *name, bool ok, const char *text);

static void check_program(
	const char *name, const char *path, const char *package, say_fn say, void *ctx)
{
	char text[256];
	bool ok = access(path, X_OK) == 0;

	if (ok)
		snprintf(text, sizeof text, "%s", path);
	else
		snprintf(text, sizeof text, "%s is not there: apt-get install %s", path, package);
	say(ctx, name, ok, text);
}

/* Runs a small sandbox as the uid that sessions would have; 0 = it works. */
static int try_sandbox(uid_t uid, char *ret_output, size_t size)
{
	int ends[2];
	int status = -1;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0)
	{
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		if (uid != 0 && (setgid(uid) < 0 || setuid(uid) < 0))
			_exit(1);
		execl("/usr/bin/bwrap", "bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc",
			"--unshare-uts", "--unshare-net", "--disable-userns", "--uid", "1000", "--gid", "1000",
			"--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--",
			"/bin/true", (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	size_t len = 0;
	ssize_t n;
	while (len + 1 < size && (n = read(ends[0], ret_output + len, size - 1 - len)) > 0)
		len += (size_t)n;
	ret_output[len] = '\0';
	ret_output[strcspn(ret_output, "\n")] = '\0';
	close(ends[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static void check_sandbox(uid_t uid, say_fn say, void *ctx)
{
	char output[256];
	char text[640];

	if (try_sandbox(uid, output, sizeof output) == 0)
	{
		snprintf(text, sizeof text, "made one with user, mount, pid, ipc, uts and net namespaces");
		say(ctx, "sandbox", true, text);
		return;
	}
	snprintf(text, sizeof text,
		"bubblewrap says: %s; unprivileged user namespaces must be allowed (sysctl "
		"kernel.unprivileged_userns_clone=1, user.max_user_namespaces > 0)",
		output);
	say(ctx, "sandbox", false, text);
}

static void check_uids(const struct agent_options *options, uid_t *ret_uid, say_fn say, void *ctx)
{
	char text[256];
	uid_t first;
	uid_t last;

	bool valid = process_parse_uids(options->session_uids, &first, &last);
	*ret_uid = valid ? first : 0;
	if (geteuid() != 0)
	{
		*ret_uid = 0;
		say(ctx, "session-uids", true, "not needed: the agent is an ordinary user");
		return;
	}
	if (!valid || first == 0)
	{
		say(ctx, "session-uids", false,
			"as root the agent needs --session-uids FIRST-LAST, uids that nothing else uses");
		return;
	}
	bool enough = (long long)(last - first) + 1 >= options->max_sessions;
	snprintf(text, sizeof text, "%u uids for %lld sessions%s", (unsigned)(last - first) + 1,
		options->max_sessions, enough ? "" : ": widen the range or lower --max-sessions");
	say(ctx, "session-uids", enough, text);
}

static void check_state_dir(const struct agent_options *options, say_fn say, void *ctx)
{
	char text[512];
	size_t longest = strlen(options->state_dir) + strlen("/sessions//run/rfb.sock") + 28;

	if (longest > 107)
		snprintf(text, sizeof text,
			"the path of a session's socket would need %zu bytes of 107: "
			"choose a shorter --state-dir",
			longest);
	else
		snprintf(text, sizeof text, "%s", options->state_dir);
	say(ctx, "socket-path", longest <= 107, text);
}

static void check_limits(say_fn say, void *ctx)
{
	struct driver_instance driver = {0};
	char text[256];

	process_limits_open(&driver);
	say(ctx, "limits", true, process_limits_text(&driver, text, sizeof text));
	free(driver.cgroup);
}

void process_doctor(const struct agent_options *options, say_fn say, void *ctx)
{
	uid_t uid = 0;

	check_program("bubblewrap", "/usr/bin/bwrap", "bubblewrap", say, ctx);
	check_program("x-server", "/usr/bin/Xtigervnc", "tigervnc-standalone-server", say, ctx);
	check_program("window-manager", "/usr/bin/openbox", "openbox", say, ctx);
	check_program("keyboard", "/usr/bin/xkbcomp", "x11-xkb-utils", say, ctx);
	check_uids(options, &uid, say, ctx);
	check_sandbox(uid, say, ctx);
	check_state_dir(options, say, ctx);
	check_limits(say, ctx);
}
