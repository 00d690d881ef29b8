/* identity: the agent's key and directory. Threads as in identity.h. */
#include "agent/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/identity_secret.h"
#include "common/cleanup.h"
#include "common/timeutil.h"

static int read_key_at(int dir_fd, const char *name, char ret[SS_HEX_SIZE], ss_error *err)
{
	char text[SS_HEX_SIZE + 8];

	auto_close int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ss_fail_errno(err, errno, "open %s", name);
	ssize_t len = read(fd, text, sizeof text - 1);
	if (len < 0)
		return ss_fail_errno(err, errno, "read %s", name);
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r' || text[len - 1] == ' '))
		len--;
	text[len] = '\0';
	if (!ss_hex_is_token(text))
		return ss_fail(err, "key_invalid", "%s does not hold 64 lower-case hex digits", name);
	memcpy(ret, text, SS_HEX_SIZE);
	ss_crypto_wipe(text, sizeof text);
	return 0;
}

int agent_identity_read_key(const char *path, char ret[SS_HEX_SIZE], ss_error *err)
{
	return read_key_at(AT_FDCWD, path, ret, err);
}

/* Writes a small file beside, synchronises and renames: it is whole or not there. */
static int write_file(int dir_fd, const char *name, const char *text, ss_error *err)
{
	char temporary[64];
	size_t len = strlen(text);

	snprintf(temporary, sizeof temporary, "%s.new", name);
	auto_close int fd =
		openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len || fsync(fd) < 0 ||
		renameat(dir_fd, temporary, dir_fd, name) < 0 || fsync(dir_fd) < 0)
		return ss_fail_errno(err, errno, "write %s", name);
	return 0;
}

/* mkdir -p, the last directory with mode 0700. */
static int make_dirs(const char *path, ss_error *err)
{
	auto_free char *copy = strdup(path);

	if (copy == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a path");
	for (char *at = copy + 1; (at = strchr(at, '/')) != NULL; *at++ = '/')
	{
		*at = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			return ss_fail_errno(err, errno, "make directory %s", copy);
	}
	if (mkdir(copy, 0700) < 0 && errno != EEXIST)
		return ss_fail_errno(err, errno, "make directory %s", copy);
	return 0;
}

static int open_dir(const char *path, agent_identity *identity, ss_error *err)
{
	struct stat st;

	if (make_dirs(path, err) < 0)
		return -1;
	identity->dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (identity->dir_fd < 0 || fstat(identity->dir_fd, &st) < 0)
		return ss_fail_errno(err, errno, "open %s", path);
	if (st.st_uid != geteuid())
		return ss_fail(err, "state_dir_unsafe", "%s belongs to uid %u", path, (unsigned)st.st_uid);
	if ((st.st_mode & 077) != 0 && fchmod(identity->dir_fd, 0700) < 0)
		return ss_fail_errno(err, errno, "close %s to others", path);
	identity->lock_fd =
		openat(identity->dir_fd, "agent.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (identity->lock_fd < 0)
		return ss_fail_errno(err, errno, "open %s/agent.lock", path);
	/* A predecessor that was just killed may have a child that has not executed yet. */
	for (int i = 0; flock(identity->lock_fd, LOCK_EX | LOCK_NB) < 0; i++)
	{
		if (i < 100)
		{
			ss_time_sleep_ms(20);
			continue;
		}
		return ss_fail(err, "state_dir_in_use", "another agent runs with %s", path);
	}
	return 0;
}

static int open_key(agent_identity *identity, ss_error *err)
{
	char text[SS_HEX_SIZE + 1];

	if (faccessat(identity->dir_fd, "agent.key", F_OK, 0) < 0)
	{
		if (ss_random_token(identity->key, err) < 0)
			return -1;
		snprintf(text, sizeof text, "%s\n", identity->key);
		if (write_file(identity->dir_fd, "agent.key", text, err) < 0)
			return -1;
		ss_crypto_wipe(text, sizeof text);
	}
	if (read_key_at(identity->dir_fd, "agent.key", identity->key, err) < 0)
		return -1;
	return ss_sha256_hex(identity->key, SS_HEX_SIZE - 1, identity->hash, err);
}

static void read_text(int dir_fd, const char *name, char *ret, size_t size)
{
	auto_close int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, ret, size - 1);

	ret[len > 0 ? len : 0] = '\0';
	ret[strcspn(ret, "\r\n")] = '\0';
}

int agent_identity_open(const agent_options *options, agent_identity *ret, ss_error *err)
{
	unsigned char instance[16];
	char registered[SS_HEX_SIZE + 2];

	const char *secret = options->identity_secret;
	bool found = false;

	if (open_dir(options->state_dir, ret, err) < 0 ||
		ss_random_bytes(instance, sizeof instance, err) < 0)
		return -1;
	if (secret != NULL && *secret != '\0')
	{
		if (identity_secret_open(options, ret->key, &found, err) < 0 ||
			ss_sha256_hex(ret->key, SS_HEX_SIZE - 1, ret->hash, err) < 0)
			return -1;
	}
	else if (open_key(ret, err) < 0)
		return -1;
	ss_hex_encode(instance, sizeof instance, ret->instance_id);
	read_text(ret->dir_fd, "registered", registered, sizeof registered);
	/* A key that was there before this process did register, or its predecessor meant to. */
	ret->registered = found || strcmp(registered, ret->hash) == 0;
	read_text(ret->dir_fd, "installation_id", ret->installation_id, sizeof ret->installation_id);
	return 0;
}

void agent_identity_done(agent_identity *identity)
{
	if (identity->lock_fd >= 0)
		close(identity->lock_fd);
	if (identity->dir_fd >= 0)
		close(identity->dir_fd);
	ss_crypto_wipe(identity->key, sizeof identity->key);
	identity->lock_fd = identity->dir_fd = -1;
}

int agent_identity_set_registered(agent_identity *identity, ss_error *err)
{
	if (!identity->registered &&
		write_file(identity->dir_fd, "registered", identity->hash, err) < 0)
		return -1;
	identity->registered = true;
	return 0;
}

int agent_identity_set_installation(agent_identity *identity, const char *id, ss_error *err)
{
	size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

	if (len == 0 || id[len] != '\0' || len >= sizeof identity->installation_id)
		return ss_fail(err, "invalid_message", "the installation's id is not valid");
	if (strcmp(identity->installation_id, id) == 0)
		return 0;
	if (identity->installation_id[0] != '\0')
		return ss_fail(err, "installation_changed",
			"this agent serves installation %s, the control plane is %s; remove installation_id "
			"from "
			"the state directory once nothing of the old one is left",
			identity->installation_id, id);
	if (write_file(identity->dir_fd, "installation_id", id, err) < 0)
		return -1;
	snprintf(identity->installation_id, sizeof identity->installation_id, "%s", id);
	return 0;
}
