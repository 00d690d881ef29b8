/*
 * fault: see fault.h.
 */
#include "common/fault.h"

#ifdef SS_FAULTS

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t count_lock = PTHREAD_MUTEX_INITIALIZER;
static long passages = 0;

/* Whether this passage is the one that STREAMSPACE_FAULT means. */
static int is_due(const char *wanted, const char *name)
{
	size_t len = strlen(name);
	long nth = 1;
	long passed;

	if (strncmp(wanted, name, len) != 0 || (wanted[len] != '\0' && wanted[len] != ':'))
		return 0;
	if (wanted[len] == ':')
		nth = strtol(wanted + len + 1, NULL, 10);
	pthread_mutex_lock(&count_lock);
	passed = ++passages;
	pthread_mutex_unlock(&count_lock);
	return passed >= nth; /* beyond it only after FAULT_ONCE let one pass */
}

/* Whether the fault has not fired in an earlier process. */
static int take_once(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return 0;
	close(fd);
	return 1;
}

void ss_fault(const char *name)
{
	const char *wanted = getenv("STREAMSPACE_FAULT");
	const char *once = getenv("STREAMSPACE_FAULT_ONCE");
	char line[128];
	ssize_t written;
	int len;

	if (wanted == NULL || !is_due(wanted, name))
		return;
	if (once != NULL && once[0] != '\0' && !take_once(once))
		return;
	len = snprintf(line, sizeof line, "fault point=%s\n", name);
	written = write(STDERR_FILENO, line, (size_t)len);
	(void)written;
	raise(SIGKILL);
}

#else

/* ISO C wants a declaration in every file. */
typedef int ss_fault_is_compiled_out;

#endif
