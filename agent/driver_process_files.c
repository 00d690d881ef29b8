/*
 * driver_process_files: directories whose content a session controls. Any thread.
 *
 * A session's user may put anything into his home and his run directory: links to other places,
 * trees of any depth. So nothing here resolves a path of more than one component, follows a
 * symbolic link, or recurses deeper than DEPTH_MAX.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/driver_process.h"
#include "common/cleanup.h"

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define DEPTH_MAX 64

int process_dir_open(int parent_fd, const char *name, int *ret_fd, ss_error *err)
{
	if (mkdirat(parent_fd, name, 0700) < 0 && errno != EEXIST)
		return ss_fail_errno(err, errno, "make directory %s", name);
	int fd = openat(parent_fd, name, DIR_FLAGS);
	if (fd < 0)
		return ss_fail_errno(err, errno, "open directory %s", name);
	*ret_fd = fd;
	return 0;
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static DIR *dir_stream(int dir_fd)
{
	int copy = openat(dir_fd, ".", DIR_FLAGS);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);

	if (dir == NULL && copy >= 0)
		close(copy);
	return dir;
}

/*
 * Empties one directory. A directory below DEPTH_MAX levels is moved up to `top`, where a later
 * pass finds it: a tree of any depth needs neither stack nor descriptors.
 */
static int empty_dir(int top_fd, int dir_fd, int depth, unsigned *lifted)
{
	DIR *dir = dir_stream(dir_fd);
	struct dirent *entry;
	int result = 0;

	if (dir == NULL)
		return -1;
	while (result == 0 && (entry = readdir(dir)) != NULL)
	{
		if (is_dots(entry->d_name))
			continue;
		if (unlinkat(dir_fd, entry->d_name, 0) == 0 || errno == ENOENT)
			continue;
		if (errno != EISDIR && errno != EPERM)
			result = -1;
		else if (unlinkat(dir_fd, entry->d_name, AT_REMOVEDIR) == 0)
			continue;
		else if (depth >= DEPTH_MAX)
		{
			char name[32];
			snprintf(name, sizeof name, ".lifted-%u", (*lifted)++);
			result = renameat(dir_fd, entry->d_name, top_fd, name);
		}
		else
		{
			/* unlinkat said EISDIR: a directory, so this follows no link. */
			bool open_up = unlinkat(dir_fd, entry->d_name, 0) < 0 && errno == EISDIR &&
						   fchmodat(dir_fd, entry->d_name, 0700, 0) == 0;
			int child = open_up ? openat(dir_fd, entry->d_name, DIR_FLAGS) : -1;
			result = child < 0 ? -1 : empty_dir(top_fd, child, depth + 1, lifted);
			if (child >= 0)
				close(child);
			if (result == 0 && unlinkat(dir_fd, entry->d_name, AT_REMOVEDIR) < 0)
				result = errno == ENOTEMPTY ? 1 : -1;
		}
	}
	int saved = errno;
	closedir(dir);
	errno = saved;
	return result;
}

int process_tree_remove(int parent_fd, const char *name, ss_error *err)
{
	unsigned lifted = 0;

	for (int pass = 0; pass < 1000; pass++)
	{
		if (unlinkat(parent_fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno == ENOTDIR)
		{
			if (unlinkat(parent_fd, name, 0) == 0)
				return 0;
			break;
		}
		auto_close int top = openat(parent_fd, name, DIR_FLAGS);
		if (top < 0 || empty_dir(top, top, 0, &lifted) < 0)
			break;
	}
	return ss_fail_errno(err, errno, "remove %s", name);
}

static int chown_dir(int dir_fd, uid_t uid, int depth)
{
	DIR *dir = dir_stream(dir_fd);
	struct dirent *entry;
	int result = 0;

	if (dir == NULL)
		return -1;
	while (result == 0 && (entry = readdir(dir)) != NULL)
	{
		if (is_dots(entry->d_name))
			continue;
		int child = openat(dir_fd, entry->d_name, DIR_FLAGS);
		if (child >= 0)
		{
			if (depth >= DEPTH_MAX)
			{
				result = -1;
				errno = ELOOP;
			}
			else
				result = chown_dir(child, uid, depth + 1);
			if (result == 0)
				result = fchown(child, uid, uid);
			close(child);
		}
		else
			result = fchownat(dir_fd, entry->d_name, uid, uid, AT_SYMLINK_NOFOLLOW);
	}
	int saved = errno;
	closedir(dir);
	errno = saved;
	return result;
}

int process_tree_chown(int dir_fd, uid_t uid, ss_error *err)
{
	if (chown_dir(dir_fd, uid, 0) < 0 || fchown(dir_fd, uid, uid) < 0)
		return ss_fail_errno(err, errno, "give a home to uid %u", (unsigned)uid);
	return 0;
}

int process_socket_connect(int dir_fd, const char *name, uid_t uid, int *ret_fd, ss_error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ucred peer;
	socklen_t peer_len = sizeof peer;
	struct stat st;

	/* The descriptor pins what was looked at: a link put in its place later leads nowhere. */
	auto_close int place = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (place < 0)
		return errno == ENOENT ? 1 : ss_fail_errno(err, errno, "open %s", name);
	if (fstat(place, &st) < 0 || !S_ISSOCK(st.st_mode) || st.st_uid != uid)
		return ss_fail(err, "endpoint_invalid", "%s is no socket of uid %u", name, (unsigned)uid);
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", place);
	auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return ss_fail_errno(err, errno, "socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
	{
		if (errno == ECONNREFUSED || errno == EAGAIN || errno == ENOENT)
			return 1;
		return ss_fail_errno(err, errno, "connect to %s", name);
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_len) < 0 || peer.uid != uid)
		return ss_fail(err, "endpoint_invalid", "%s is not served by uid %u", name, (unsigned)uid);
	*ret_fd = ss_steal_fd(fd);
	return 0;
}

int process_memory_file(const char *name, const void *data, size_t len, int *ret_fd, ss_error *err)
{
	auto_close int fd = memfd_create(name, MFD_CLOEXEC);
	const char *at = data;

	if (fd < 0)
		return ss_fail_errno(err, errno, "memfd_create");
	while (len > 0)
	{
		ssize_t n = write(fd, at, len);
		if (n <= 0)
			return ss_fail_errno(err, errno, "write %s", name);
		at += n;
		len -= (size_t)n;
	}
	if (lseek(fd, 0, SEEK_SET) < 0)
		return ss_fail_errno(err, errno, "rewind %s", name);
	*ret_fd = ss_steal_fd(fd);
	return 0;
}
