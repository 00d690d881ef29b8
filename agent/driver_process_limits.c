/*
 * driver_process_limits: what a session may use at most.
 *
 * A cgroup v2 that was delegated to the agent (its own cgroup is writable and holds the memory,
 * cpu and pids controllers, as systemd's Delegate=yes gives) bounds the session as a whole.
 * Elsewhere rlimits bound each of its processes: data segment by the memory, open files, and the
 * number of processes by the processors (256 and 256 a processor, per user namespace).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/driver_process.h"
#include "common/cleanup.h"

#define CGROUP_ROOT "/sys/fs/cgroup"
#define FILES_MAX 8192
#define PIDS_PER_CPU 256

static int write_file(const char *dir, const char *name, const char *text)
{
	char path[1024];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	auto_close int fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
}

/* Our own cgroup's directory, when all controllers hang in the unified hierarchy. */
static char *own_cgroup(void)
{
	char line[512];
	char *path = NULL;

	FILE *file = fopen("/proc/self/cgroup", "re");
	while (file != NULL && path == NULL && fgets(line, sizeof line, file) != NULL)
	{
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::", 3) == 0 && asprintf(&path, "%s%s", CGROUP_ROOT, line + 3) < 0)
			path = NULL;
	}
	if (file != NULL)
		fclose(file);
	return path;
}

static bool has_controllers(const char *dir)
{
	char path[1024];
	char text[512] = "";

	snprintf(path, sizeof path, "%s/cgroup.controllers", dir);
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
		return false;
	return strstr(text, "memory") && strstr(text, "cpu") && strstr(text, "pids");
}

/*
 * The kernel allows controllers for children only where no process is: the agent moves itself
 * into the child `agent`, sessions get siblings.
 */
static bool delegate(const char *dir)
{
	char child[1024];
	char pid[24];

	snprintf(child, sizeof child, "%s/agent", dir);
	snprintf(pid, sizeof pid, "%d", (int)getpid());
	if (!has_controllers(dir) || (mkdir(child, 0755) < 0 && errno != EEXIST))
		return false;
	return write_file(child, "cgroup.procs", pid) == 0 &&
		   write_file(dir, "cgroup.subtree_control", "+memory +cpu +pids") == 0;
}

void process_limits_open(struct driver_instance *driver)
{
	auto_free char *dir = own_cgroup();

	driver->limits = PROCESS_LIMITS_RLIMIT;
	if (dir == NULL)
		return;
	/* A restarted agent may stand in the child already. */
	size_t len = strlen(dir);
	if (len > 6 && strcmp(dir + len - 6, "/agent") == 0)
		dir[len - 6] = '\0';
	if (delegate(dir))
	{
		driver->limits = PROCESS_LIMITS_CGROUP;
		driver->cgroup = ss_steal_ptr(dir);
	}
}

const char *process_limits_text(const struct driver_instance *driver, char *buf, size_t size)
{
	if (driver->limits == PROCESS_LIMITS_CGROUP)
		snprintf(buf, size, "cgroup v2 (%s)", driver->cgroup);
	else
		snprintf(buf, size, "rlimits (each process, not the session as a whole)");
	return buf;
}

int process_limits_prepare(
	const struct driver_instance *driver, const char *id, const process_spec *spec, ss_error *err)
{
	char dir[1024];
	char text[64];

	if (driver->limits != PROCESS_LIMITS_CGROUP)
		return 0;
	snprintf(dir, sizeof dir, "%s/%s", driver->cgroup, id);
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		return ss_fail_errno(err, errno, "make cgroup %s", dir);
	if (spec->memory > 0)
	{
		snprintf(text, sizeof text, "%lld", spec->memory);
		if (write_file(dir, "memory.max", text) < 0)
			return ss_fail_errno(err, errno, "set memory.max of %s", dir);
	}
	if (spec->millicpu > 0)
	{
		snprintf(text, sizeof text, "%lld 100000", spec->millicpu * 100);
		if (write_file(dir, "cpu.max", text) < 0)
			return ss_fail_errno(err, errno, "set cpu.max of %s", dir);
		snprintf(text, sizeof text, "%lld", PIDS_PER_CPU * (1 + (spec->millicpu + 999) / 1000));
		if (write_file(dir, "pids.max", text) < 0)
			return ss_fail_errno(err, errno, "set pids.max of %s", dir);
	}
	return 0;
}

int process_limits_open_procs(const struct driver_instance *driver, const char *id)
{
	char path[1024];

	if (driver->limits != PROCESS_LIMITS_CGROUP)
		return -1;
	snprintf(path, sizeof path, "%s/%s/cgroup.procs", driver->cgroup, id);
	return open(path, O_WRONLY | O_CLOEXEC);
}

int process_limits_enter(
	const struct driver_instance *driver, int cgroup_fd, const process_spec *spec)
{
	struct rlimit files = {FILES_MAX, FILES_MAX};
	struct rlimit core = {0, 0};
	struct rlimit data = {(rlim_t)spec->memory, (rlim_t)spec->memory};
	struct rlimit now;

	if (getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_max < files.rlim_max)
		files = (struct rlimit){now.rlim_max, now.rlim_max};
	if (setrlimit(RLIMIT_NOFILE, &files) < 0 || setrlimit(RLIMIT_CORE, &core) < 0)
		return -1;
	if (driver->limits == PROCESS_LIMITS_CGROUP)
		return cgroup_fd >= 0 && write(cgroup_fd, "0", 1) == 1 ? 0 : -1;
	return spec->memory > 0 ? setrlimit(RLIMIT_DATA, &data) : 0;
}

void process_limits_remove(const struct driver_instance *driver, const char *id)
{
	char path[1024];

	if (driver->limits != PROCESS_LIMITS_CGROUP)
		return;
	snprintf(path, sizeof path, "%s/%s", driver->cgroup, id);
	(void)rmdir(path);
}
