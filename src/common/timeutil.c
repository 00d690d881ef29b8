/*
 * timeutil: see timeutil.h.
 */
#include "common/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

static long long read_clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

long long ss_time_monotonic_ms(void)
{
	return read_clock_ms(CLOCK_MONOTONIC);
}

long long ss_time_wall_ms(void)
{
	return read_clock_ms(CLOCK_REALTIME);
}

const char *ss_time_format(long long wall_ms, char buf[SS_TIME_SIZE])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	int ms = (int)(wall_ms % 1000);
	struct tm utc;
	size_t len;

	if (ms < 0)
	{
		ms += 1000;
		seconds--;
	}
	if (gmtime_r(&seconds, &utc) == NULL)
	{
		buf[0] = '\0';
		return buf;
	}
	len = strftime(buf, SS_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(buf + len, SS_TIME_SIZE - len, ".%03dZ", ms);
	return buf;
}

const char *ss_time_now(char buf[SS_TIME_SIZE])
{
	return ss_time_format(ss_time_wall_ms(), buf);
}

struct timespec ss_time_deadline(int ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += (long)(ms % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000)
	{
		at.tv_nsec -= 1000000000;
		at.tv_sec++;
	}
	return at;
}

void ss_time_sleep_ms(long long ms)
{
	struct timespec left = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		continue;
}

long long ss_time_backoff_ms(unsigned attempt, long long base_ms, long long cap_ms)
{
	long long ceiling = base_ms;
	unsigned long long random = 0;

	while (attempt-- > 0 && ceiling < cap_ms)
		ceiling *= 2;
	if (ceiling > cap_ms)
		ceiling = cap_ms;
	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		random = (unsigned long long)read_clock_ms(CLOCK_MONOTONIC) * 2654435761ULL;
	return (long long)(random % (unsigned long long)(ceiling + 1));
}
