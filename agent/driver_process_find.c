/* driver_process_find: the processes of a sandbox as /proc shows them. Any thread. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/driver_process.h"
#include "common/cleanup.h"

#define PATH_SIZE 64

/* Reads a file of /proc/PID; its length, or -1. The text is NUL-terminated. */
static ssize_t read_proc(pid_t pid, const char *name, char *ret, size_t size)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, ret, size - 1);
	if (len >= 0)
		ret[len] = '\0';
	return len;
}

uint64_t process_find_start_time(pid_t pid)
{
	char text[1024];

	if (pid <= 0 || read_proc(pid, "stat", text, sizeof text) < 0)
		return 0;
	/* The name may hold blanks and parentheses: count from the last one; state is field 3. */
	char *at = strrchr(text, ')');
	char *rest = NULL;
	int field = 3;
	if (at == NULL)
		return 0;
	for (char *word = strtok_r(at + 1, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
	{
		if (field++ == 22)
			return strtoull(word, NULL, 10);
	}
	return 0;
}

/* Its number in its own, innermost pid namespace; 0 = not known. */
static int inner_pid(pid_t pid)
{
	char text[4096];

	if (read_proc(pid, "status", text, sizeof text) < 0)
		return 0;
	char *line = strstr(text, "\nNSpid:");
	if (line == NULL)
		return 0;
	line += strlen("\nNSpid:");
	line[strcspn(line, "\n")] = '\0';
	char *last = strrchr(line, '\t');
	return last != NULL ? (int)strtol(last + 1, NULL, 10) : 0;
}

static bool holds_file(pid_t pid, const struct stat *wanted)
{
	char path[PATH_SIZE];
	struct dirent *entry;
	bool found = false;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	DIR *dir = opendir(path);
	if (dir == NULL)
		return false;
	while (!found && (entry = readdir(dir)) != NULL)
	{
		struct stat st;
		found = fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && st.st_dev == wanted->st_dev &&
				st.st_ino == wanted->st_ino;
	}
	closedir(dir);
	return found;
}

/* The pidfd is opened first: what is then read of the number is of the process it pins. */
static int try_first(pid_t pid, const struct stat *lock, int *ret_pidfd)
{
	auto_close int pidfd = pidfd_open(pid, 0);

	if (pidfd < 0 || inner_pid(pid) != 1 || !holds_file(pid, lock))
		return 1;
	if (pidfd_send_signal(pidfd, 0, NULL, 0) < 0)
		return 1;
	*ret_pidfd = ss_steal_fd(pidfd);
	return 0;
}

int process_find_first(int lock_fd, pid_t hint, pid_t *ret_pid, int *ret_pidfd)
{
	struct stat lock;
	struct dirent *entry;
	int result = 1;

	if (fstat(lock_fd, &lock) < 0)
		return 1;
	if (hint > 1 && try_first(hint, &lock, ret_pidfd) == 0)
	{
		*ret_pid = hint;
		return 0;
	}
	DIR *dir = opendir("/proc");
	while (dir != NULL && result == 1 && (entry = readdir(dir)) != NULL)
	{
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid > 1 && pid != getpid() && try_first(pid, &lock, ret_pidfd) == 0)
		{
			*ret_pid = pid;
			result = 0;
		}
	}
	if (dir != NULL)
		closedir(dir);
	return result;
}

static bool is_x_server(pid_t pid)
{
	char name[32];

	return read_proc(pid, "comm", name, sizeof name) > 0 && strncmp(name, "Xtigervnc", 9) == 0;
}

int process_find_signal(pid_t first, int signal)
{
	char path[PATH_SIZE];
	struct stat wanted;
	struct dirent *entry;
	int count = 0;

	snprintf(path, sizeof path, "/proc/%d/ns/pid", (int)first);
	DIR *dir = stat(path, &wanted) == 0 ? opendir("/proc") : NULL;
	while (dir != NULL && (entry = readdir(dir)) != NULL)
	{
		struct stat st;
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid <= 1 || pid == first)
			continue;
		auto_close int pidfd = pidfd_open(pid, 0);
		snprintf(path, sizeof path, "/proc/%d/ns/pid", (int)pid);
		if (pidfd < 0 || stat(path, &st) < 0 || st.st_dev != wanted.st_dev ||
			st.st_ino != wanted.st_ino)
			continue;
		/* The script is the first process's only child of its own making: number 2 inside. */
		if (inner_pid(pid) <= 2 || is_x_server(pid))
			continue;
		if (signal == 0 || pidfd_send_signal(pidfd, signal, NULL, 0) == 0)
			count++;
	}
	if (dir != NULL)
		closedir(dir);
	return count;
}
