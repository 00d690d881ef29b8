/*
 * tap: Test Anything Protocol for C tests. One main() a program, which ends with tap_done().
 *
 * tap_ok() may be called from one thread at a time.
 */
#ifndef TESTS_C_TAP_H
#define TESTS_C_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int tap_count;
static int tap_failed;

__attribute__((format(printf, 2, 3))) static inline bool tap_ok(bool good, const char *fmt, ...)
{
	va_list args;

	tap_count++;
	tap_failed += good ? 0 : 1;
	printf("%sok %d - ", good ? "" : "not ", tap_count);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	return good;
}

__attribute__((format(printf, 3, 4))) static inline bool tap_is(
	const char *got, const char *wanted, const char *fmt, ...)
{
	char name[256];
	bool good = got == wanted || (got != NULL && wanted != NULL && strcmp(got, wanted) == 0);
	va_list args;

	va_start(args, fmt);
	vsnprintf(name, sizeof name, fmt, args);
	va_end(args);
	tap_ok(good, "%s", name);
	if (!good)
		printf("#   got:    %s\n#   wanted: %s\n", got != NULL ? got : "(null)",
			wanted != NULL ? wanted : "(null)");
	return good;
}

__attribute__((format(printf, 3, 4))) static inline bool tap_is_int(
	long long got, long long wanted, const char *fmt, ...)
{
	char name[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(name, sizeof name, fmt, args);
	va_end(args);
	tap_ok(got == wanted, "%s", name);
	if (got != wanted)
		printf("#   got:    %lld\n#   wanted: %lld\n", got, wanted);
	return got == wanted;
}

/* The plan, and the exit status of main(). */
static inline int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed == 0 ? 0 : 1;
}

/*
 * Starts this program again inside tests/bin/WRAPPER (with-postgres or with-db) unless it runs
 * there already. Tests run with the repository's root as working directory.
 */
static inline void tap_run_inside(const char *wrapper, char **argv)
{
	char path[128];

	if (getenv("SS_PGDIR") != NULL)
		return;
	snprintf(path, sizeof path, "tests/bin/%s", wrapper);
	execl(path, path, "--", argv[0], (char *)NULL);
	printf("Bail out! %s cannot be started\n", path);
	exit(2);
}

#endif
