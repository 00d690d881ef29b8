/* driver_process_dial: connections of viewers to the desktops of processes. Any thread. */
#include <fcntl.h>

#include "agent/driver_process.h"
#include "common/cleanup.h"

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static int find_running(
	struct driver_instance *driver, const char *id, uid_t *ret_uid, ss_error *err)
{
	int result = 0;

	pthread_mutex_lock(&driver->lock);
	const process_session *session = process_id_valid(id) ? process_session_find(driver, id) : NULL;
	if (session == NULL)
		result = ss_fail(err, "session_not_found", "this agent has no such session");
	else if (session->record.state != PROCESS_RUNNING || session->ending ||
			 (session->pidfd < 0 && !session->lost))
		result = ss_fail(err, "session_not_running", "the session's desktop does not run");
	else
		*ret_uid = session->record.uid;
	pthread_mutex_unlock(&driver->lock);
	return result;
}

int process_dial(struct driver_instance *driver, const char *session_id, int *ret_fd, ss_error *err)
{
	ss_error why = SS_ERROR_INIT;
	uid_t uid = 0;

	if (find_running(driver, session_id, &uid, err) < 0)
		return -1;
	if (ret_fd == NULL)
		return 0;
	/* Opened and never made: the session may be going at this moment. */
	auto_close int dir = openat(driver->sessions_fd, session_id, DIR_FLAGS);
	auto_close int run = dir < 0 ? -1 : openat(dir, "run", DIR_FLAGS);
	if (run < 0)
		return ss_fail(err, "refused", "the session has no directory for its socket");
	int result = process_socket_connect(run, "rfb.sock", uid, ret_fd, &why);
	return result < 0 ? ss_fail(err, "refused", "%s", why.message) : result;
}
