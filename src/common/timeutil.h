/*
 * timeutil: clocks and RFC 3339 text. Any thread.
 */
#ifndef SS_COMMON_TIMEUTIL_H
#define SS_COMMON_TIMEUTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define SS_TIME_SIZE 32 /* room for the text of a time */

/* Milliseconds of a clock that never jumps: for intervals and time-outs. */
long long ss_time_monotonic_ms(void);
long long ss_time_monotonic_us(void);

/* Wall clock, milliseconds since 1970. */
long long ss_time_wall_ms(void);

/* "2026-01-31T12:00:00.123Z" in buf. Returns buf. */
const char *ss_time_format(long long wall_ms, char buf[SS_TIME_SIZE]);
const char *ss_time_now(char buf[SS_TIME_SIZE]);

/*
 * Is the text a date-time of RFC 3339, section 5.6, that PostgreSQL takes: of the years 0001 to
 * 9999, a day that the month has, no leap second, at most 9 digits of a fraction, an offset below
 * 16 hours?
 */
bool ss_time_is_rfc3339(const char *text);

/* Point of CLOCK_MONOTONIC that lies `ms` ahead, for pthread_cond_clockwait(). */
struct timespec ss_time_deadline(int ms);

/* The point of CLOCK_MONOTONIC that ss_time_monotonic_us() will tell as `us`. */
struct timespec ss_time_at_us(long long us);

/* Sleeps; goes on sleeping after a signal. */
void ss_time_sleep_ms(long long ms);

/*
 * Full-jitter back-off: a random time in [0, min(cap_ms, base_ms * 2^attempt)], attempt from 0.
 * (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.)
 */
long long ss_time_backoff_ms(unsigned attempt, long long base_ms, long long cap_ms);

#endif
