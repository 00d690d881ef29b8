/* ui: see ui.h. */
#include "server/ui.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/crypto.h"

#define FILES_MAX 4096
#define DEPTH_MAX 8
#define PATH_SIZE 512
#define INDEX "/index.html"

struct ui
{
	size_t count, capacity, bytes;
	long long memory;
	const ui_file *index;
	ui_file *files; /* in order of path */
};

static const char *type_of(const char *path)
{
	static const struct
	{
		const char *ending, *type;
	} types[] = {
		{".html", "text/html; charset=utf-8"},
		{".js", "text/javascript; charset=utf-8"},
		{".css", "text/css; charset=utf-8"},
		{".json", "application/json"},
		{".svg", "image/svg+xml"},
		{".png", "image/png"},
		{".ico", "image/x-icon"},
		{".woff2", "font/woff2"},
		{".txt", "text/plain; charset=utf-8"},
	};
	const char *dot = strrchr(path, '.');
	for (size_t i = 0; dot != NULL && i < sizeof types / sizeof types[0]; i++)
		if (strcmp(dot, types[i].ending) == 0)
			return types[i].type;
	return "application/octet-stream";
}

static bool is_name(const char *name)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	return name[0] != '.' && name[strspn(name, allowed)] == '\0';
}

/* --- reading --- */

static int read_body(int fd, const char *path, long long room, ui_body *ret, ss_error *err)
{
	struct stat st;
	unsigned char hash[SS_SHA256_SIZE];
	char text[SS_HEX_SIZE];
	if (fstat(fd, &st) != 0)
		return ss_fail_errno(err, errno, "read %s", path);
	if (st.st_size > room)
		return ss_fail(err, "invalid_option", "the files of the page pass the option ui_memory");
	size_t size = (size_t)st.st_size;
	auto_free char *data = malloc(size + 1);
	if (data == NULL)
		return ss_fail(err, "internal", "out of memory");
	size_t len = 0;
	while (len < size)
	{
		ssize_t n = read(fd, data + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ss_fail(err, "invalid_option", "%s changes while it is read", path);
		len += (size_t)n;
	}
	if (ss_sha256(data, len, hash, err))
		return -1;
	ss_hex_encode(hash, 16, text);
	snprintf(ret->etag, sizeof ret->etag, "\"%.32s\"", text);
	ret->len = len;
	ret->data = ss_steal_ptr(data);
	return 0;
}

static ui_file *new_file(ui *u)
{
	if (u->count == u->capacity)
	{
		size_t capacity = u->capacity ? u->capacity * 2 : 128;
		ui_file *files = realloc(u->files, capacity * sizeof *files);
		if (files == NULL)
			return NULL;
		u->files = files;
		u->capacity = capacity;
	}
	u->files[u->count] = (ui_file){0};
	return &u->files[u->count++];
}

static int add_file(ui *u, int fd, const char *path, ss_error *err)
{
	if (u->count >= FILES_MAX)
		return ss_fail(err, "invalid_option", "the page has more than %d files", FILES_MAX);
	ui_file *f = new_file(u);
	if (f == NULL || (f->path = strdup(path)) == NULL)
		return ss_fail(err, "internal", "out of memory");
	if (read_body(fd, path, u->memory - (long long)u->bytes, &f->plain, err))
		return -1;
	u->bytes += f->plain.len;
	return 0;
}

static int add_directory(ui *u, int fd, const char *path, int depth, ss_error *err);

static int add_entry(ui *u, int at, const char *path, const char *name, int depth, ss_error *err)
{
	char full[PATH_SIZE];
	struct stat st;
	if (!is_name(name))
		return ss_fail(
			err, "invalid_option", "%s/%s is no name for a file of the page", path, name);
	if (snprintf(full, sizeof full, "%s/%s", path, name) >= (int)sizeof full)
		return ss_fail(err, "invalid_option", "%s/%s is too long", path, name);
	auto_close int fd = openat(at, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0)
		return ss_fail(err, "invalid_option", "read %s: %s", full, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return add_directory(u, ss_steal_fd(fd), full, depth + 1, err);
	if (S_ISREG(st.st_mode))
		return add_file(u, fd, full, err);
	return ss_fail(err, "invalid_option", "%s is no regular file", full);
}

/* Takes fd over. */
static int add_directory(ui *u, int fd, const char *path, int depth, ss_error *err)
{
	DIR *dir = fdopendir(fd);
	if (dir == NULL)
	{
		close(fd);
		return ss_fail(err, "invalid_option", "read %s: %s", path, strerror(errno));
	}
	int rc = 0;
	if (depth > DEPTH_MAX)
		rc = ss_fail(err, "invalid_option", "%s lies too deep", path);
	struct dirent *entry;
	while (rc == 0 && (entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			rc = add_entry(u, dirfd(dir), path, entry->d_name, depth, err);
	closedir(dir);
	return rc;
}

/* --- the table --- */

static int by_path(const void *a, const void *b)
{
	const ui_file *left = a;
	const ui_file *right = b;
	return strcmp(left->path, right->path);
}

static ui_file *look_up(const ui *u, const char *path)
{
	const ui_file key = {.path = (char *)path};
	return bsearch(&key, u->files, u->count, sizeof u->files[0], by_path);
}

static void free_file(ui_file *f)
{
	free(f->path);
	free(f->plain.data);
	free(f->packed.data);
}

/* Moves NAME.gz into the row of NAME, which stands before it. */
static int pair_up(ui *u, ss_error *err)
{
	char base[PATH_SIZE];
	size_t kept = 0;
	size_t count = u->count;
	for (size_t i = 0; i < count; i++)
	{
		ui_file f = u->files[i];
		size_t len = strlen(f.path);
		u->files[i] = (ui_file){0};
		if (len <= 3 || strcmp(f.path + len - 3, ".gz") != 0)
		{
			f.type = type_of(f.path);
			f.immutable = strncmp(f.path, "/assets/", 8) == 0;
			u->files[kept++] = f;
			continue;
		}
		snprintf(base, sizeof base, "%.*s", (int)(len - 3), f.path);
		u->count = kept;
		ui_file *of = kept > 0 ? look_up(u, base) : NULL;
		u->count = count;
		if (of != NULL)
		{
			of->packed = f.plain;
			f.plain.data = NULL;
		}
		free_file(&f);
		if (of == NULL)
			return ss_fail(err, "invalid_option", "the page has %s.gz and no %s", base, base);
	}
	u->count = kept;
	return 0;
}

static int build(ui *u, const char *dir, ss_error *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ss_fail(err, "invalid_option", "read %s: %s", dir, strerror(errno));
	if (add_directory(u, fd, "", 0, err))
		return ss_wrap(err, "read the page in %s", dir);
	if (u->count > 0)
		qsort(u->files, u->count, sizeof u->files[0], by_path);
	if (pair_up(u, err))
		return ss_wrap(err, "read the page in %s", dir);
	u->index = u->count > 0 ? look_up(u, INDEX) : NULL;
	if (u->index == NULL)
		return ss_fail(err, "invalid_option", "%s has no index.html", dir);
	return 0;
}

/* False: there is none. */
static bool find_default(char ret[PATH_MAX])
{
	static const char *const places[] = {"/ui", "/../share/streamspace/ui"};
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
	if (len <= 0)
		return false;
	program[len] = '\0';
	char *slash = strrchr(program, '/');
	if (slash == NULL)
		return false;
	*slash = '\0';
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
	{
		struct stat st;
		int n = snprintf(ret, PATH_MAX, "%s%s", program, places[i]);
		if (n < PATH_MAX && stat(ret, &st) == 0 && S_ISDIR(st.st_mode))
			return true;
	}
	return false;
}

int ui_load(const char *dir, long long memory, ui **ret, ss_error *err)
{
	char place[PATH_MAX];
	*ret = NULL;
	if (dir == NULL || !dir[0])
	{
		if (!find_default(place))
			return 0;
		dir = place;
	}
	ui *u = calloc(1, sizeof *u);
	if (u == NULL)
		return ss_fail(err, "internal", "out of memory");
	u->memory = memory;
	if (build(u, dir, err))
	{
		ui_free(u);
		return -1;
	}
	*ret = u;
	return 0;
}

void ui_free(ui *u)
{
	if (u == NULL)
		return;
	for (size_t i = 0; i < u->count; i++)
		free_file(&u->files[i]);
	free(u->files);
	free(u);
}

size_t ui_count(const ui *u)
{
	return u ? u->count : 0;
}

size_t ui_bytes(const ui *u)
{
	return u ? u->bytes : 0;
}

/* --- answering --- */

/*
 * The server's own, on whichever listener. The page takes nothing that looks like one of these: who
 * asks for it is no browser, and a page with 200 would tell him that all is well.
 */
static bool is_reserved(const char *path)
{
	static const char *const taken[] = {"/api", "/livez", "/readyz", "/metrics"};
	for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
	{
		size_t len = strlen(taken[i]);
		if (strncasecmp(path, taken[i], len) == 0 && (path[len] == '\0' || path[len] == '/'))
			return true;
	}
	return false;
}

const ui_file *ui_find(const ui *u, const char *path)
{
	if (u == NULL || path[0] != '/' || is_reserved(path))
		return NULL;
	const ui_file *f = look_up(u, path);
	if (f != NULL)
		return f;
	bool route = strchr(path, '.') == NULL && strstr(path, "//") == NULL &&
				 strncmp(path, "/assets/", 8) != 0;
	return route ? u->index : NULL;
}

bool ui_takes_gzip(const char *text)
{
	static const char name[] = "gzip";
	while (text != NULL && *text)
	{
		text += strspn(text, " \t,");
		size_t len = strcspn(text, ",");
		size_t word = strcspn(text, ",; \t");
		const char *q = memmem(text, len, "q=", 2);
		bool zero = q != NULL && q[2] == '0' && strspn(q + 2, "0.") == strcspn(q + 2, ", \t");
		if (word == sizeof name - 1 && strncasecmp(text, name, word) == 0)
			return !zero;
		text += len;
	}
	return false;
}
