/*
 * cleanup: variables that release what they hold when they leave their scope.
 *
 * Use these or one `out:` label in a function, never both. A variable must be initialised
 * where it is declared: `auto_free char *text = NULL;`. To hand a value on, use
 * ss_steal_ptr(). Any thread.
 */
#ifndef SS_COMMON_CLEANUP_H
#define SS_COMMON_CLEANUP_H

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static inline void ss_cleanup_free(void *variable)
{
	free(*(void **)variable);
}

static inline void ss_cleanup_cjson(cJSON **variable)
{
	cJSON_Delete(*variable);
}

static inline void ss_cleanup_close(const int *variable)
{
	int saved = errno;

	if (*variable >= 0)
		close(*variable);
	errno = saved;
}

#define auto_free __attribute__((cleanup(ss_cleanup_free)))
#define auto_cjson __attribute__((cleanup(ss_cleanup_cjson)))
#define auto_close __attribute__((cleanup(ss_cleanup_close)))

/* Yields the pointer and sets the variable to NULL, so that the cleanup finds nothing. */
#define ss_steal_ptr(variable) \
	({ \
		__typeof__(variable) ss_stolen = (variable); \
		(variable) = NULL; \
		ss_stolen; \
	})

/* The same for a file descriptor: the variable becomes -1. */
#define ss_steal_fd(variable) \
	({ \
		int ss_stolen = (variable); \
		(variable) = -1; \
		ss_stolen; \
	})

#endif
