/*
 * timeutil: see timeutil.h.
 */
#include "common/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
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

long long ss_time_monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
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

/* As many digits as wanted; -1: they are not there. */
static int read_digits(const char **text, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++)
	{
		if (**text < '0' || **text > '9')
			return -1;
		value = value * 10 + *(*text)++ - '0';
	}
	return value;
}

static bool read_char(const char **text, char wanted)
{
	return **text == wanted && *(*text)++ != '\0';
}

static int days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool read_date(const char **text)
{
	int year = read_digits(text, 4);
	int month = year >= 1 && read_char(text, '-') ? read_digits(text, 2) : -1;
	int day = month >= 1 && month <= 12 && read_char(text, '-') ? read_digits(text, 2) : -1;

	return day >= 1 && day <= days_of(year, month);
}

/* HH:MM */
static bool read_minutes(const char **text, int max_hour)
{
	int hour = read_digits(text, 2);
	int minute = hour >= 0 && hour <= max_hour && read_char(text, ':') ? read_digits(text, 2) : -1;

	return minute >= 0 && minute <= 59;
}

static bool read_seconds(const char **text)
{
	int second = read_digits(text, 2);
	size_t digits;

	if (second < 0 || second > 59)
		return false;
	if (!read_char(text, '.'))
		return true;
	digits = strspn(*text, "0123456789");
	*text += digits;
	return digits >= 1 && digits <= 9;
}

bool ss_time_is_rfc3339(const char *text)
{
	if (!read_date(&text) || (!read_char(&text, 'T') && !read_char(&text, 't')) ||
		!read_minutes(&text, 23) || !read_char(&text, ':') || !read_seconds(&text))
		return false;
	if (read_char(&text, 'Z') || read_char(&text, 'z'))
		return *text == '\0';
	return (read_char(&text, '+') || read_char(&text, '-')) && read_minutes(&text, 15) &&
		   *text == '\0';
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

struct timespec ss_time_at_us(long long us)
{
	return (struct timespec){.tv_sec = us / 1000000, .tv_nsec = (us % 1000000) * 1000};
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
