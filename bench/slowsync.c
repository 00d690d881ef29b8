/*
 * slowsync: preloaded into PostgreSQL, makes every fdatasync() take SLOWSYNC_US micro-seconds more:
 * a disk that is slower than the one of the machine that measures.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

int fdatasync(int fd)
{
	static int (*real)(int);
	static long extra = -1;

	if (real == NULL)
		real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
	if (extra < 0)
	{
		const char *text = getenv("SLOWSYNC_US");

		extra = text != NULL ? strtol(text, NULL, 10) : 0;
	}
	int rc = real(fd);

	if (extra > 0)
		usleep((useconds_t)extra);
	return rc;
}
