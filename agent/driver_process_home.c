/*
 * driver_process_home: homes, which outlive sessions. Executor threads; the list from any thread.
 *
 * A home is a directory of homes/ that is called like its id, h-X. One that was made before homes
 * had ids of their own is called like its session, s-X, and is renamed when it is first used. A
 * session without a home has a directory s-X of its own there, for as long as it lives.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/driver_process.h"
#include "common/cleanup.h"
#include "common/fault.h"

const char *process_home_name(const process_record *record)
{
	return record->home[0] != '\0' ? record->home : record->id;
}

/* The name that a home h-X had before: s-X. */
static void older_name(const char *home, char ret[PROCESS_ID_SIZE])
{
	snprintf(ret, PROCESS_ID_SIZE, "s-%.61s", home + 2);
}

static bool is_home_id(const char *id)
{
	return strncmp(id, "h-", 2) == 0 && process_id_valid(id);
}

/* With the lock held. A session that is stopped or asleep uses its home, too. */
static bool is_used(
	const struct driver_instance *driver, const char *home, const process_session *but)
{
	char older[PROCESS_ID_SIZE];

	older_name(home, older);
	for (const process_session *s = driver->sessions; s != NULL; s = s->next)
	{
		const char *name = process_home_name(&s->record);
		if (s != but && (strcmp(name, home) == 0 || strcmp(name, older) == 0))
			return true;
	}
	return false;
}

static bool is_there(const struct driver_instance *driver, const char *name)
{
	struct stat st;

	return fstatat(driver->homes_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* With the lock held: from here on the home has its present name, if it is there at all. */
static int rename_older(const struct driver_instance *driver, const char *home, ss_error *err)
{
	char older[PROCESS_ID_SIZE];

	older_name(home, older);
	if (is_there(driver, home) || !is_there(driver, older))
		return 0;
	if (renameat(driver->homes_fd, older, driver->homes_fd, home) < 0)
		return ss_fail_errno(err, errno, "rename the home %s", older);
	return 0;
}

int process_home_take(struct driver_instance *driver, process_session *session,
	const process_spec *spec, ss_error *err)
{
	int result = 0;

	if (spec->home[0] == '\0')
		return 0;
	if (!is_home_id(spec->home))
		return ss_fail(err, "invalid_argument", "the home's id is not valid");
	pthread_mutex_lock(&driver->lock);
	if (is_used(driver, spec->home, session))
		result = ss_fail(err, "home_in_use", "another session uses the home %s", spec->home);
	else
		result = rename_older(driver, spec->home, err);
	if (result == 0)
		snprintf(session->record.home, sizeof session->record.home, "%s", spec->home);
	pthread_mutex_unlock(&driver->lock);
	return result;
}

int process_home_remove(struct driver_instance *driver, const char *home, ss_error *err)
{
	char gone[PROCESS_ID_SIZE + 8];
	int result = 0;

	if (!is_home_id(home))
		return ss_fail(err, "invalid_argument", "the home's id is not valid");
	snprintf(gone, sizeof gone, ".gone-%s", home);
	/* What an agent that was killed in the middle left. */
	if (process_tree_remove(driver->homes_fd, gone, err) < 0)
		return -1;
	/* Under another name no session can begin to use it while it goes. */
	pthread_mutex_lock(&driver->lock);
	if (is_used(driver, home, NULL))
		result = ss_fail(err, "home_in_use", "a session uses the home %s", home);
	else if ((result = rename_older(driver, home, err)) == 0 &&
			 renameat(driver->homes_fd, home, driver->homes_fd, gone) < 0 && errno != ENOENT)
		result = ss_fail_errno(err, errno, "put the home %s aside", home);
	pthread_mutex_unlock(&driver->lock);
	if (result < 0)
		return -1;
	ss_fault("effect-middle");
	return process_tree_remove(driver->homes_fd, gone, err);
}

int process_home_list(const struct driver_instance *driver, driver_inventory *ret, ss_error *err)
{
	int copy = openat(driver->homes_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;
	int result = 0;

	if (dir == NULL)
	{
		result = ss_fail_errno(err, errno, "list the homes");
		if (copy >= 0)
			close(copy);
		return result;
	}
	while (result == 0 && (entry = readdir(dir)) != NULL)
	{
		driver_object object = {.kind = "home", .state = "kept"};
		if (!process_id_valid(entry->d_name) || entry->d_name[0] == '\0' || entry->d_name[1] != '-')
			continue;
		snprintf(object.id, sizeof object.id, "h-%.*s", PROCESS_ID_SIZE - 3, entry->d_name + 2);
		result = driver_inventory_add(ret, &object, err);
	}
	closedir(dir);
	return result;
}
