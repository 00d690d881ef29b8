/*
 * log: one line an event on stderr: `time level module event key=value ...`.
 *
 * Values that hold anything but printable, unquoted text are put in double quotes with
 * backslash escapes, so that no value can forge a line or a key. Never log a secret: keys,
 * tokens, passwords, hashes of them, bodies of requests. Only a thread's main loop and a
 * request handler log; what lies below returns an error. Any thread; a line is one write().
 */
#ifndef SS_COMMON_LOG_H
#define SS_COMMON_LOG_H

#include "common/error.h"

#include <stdbool.h>

typedef enum ss_log_level
{
	SS_LOG_DEBUG,
	SS_LOG_INFO,
	SS_LOG_WARNING,
	SS_LOG_ERROR,
} ss_log_level;

/* Longest line, newline included; what does not fit is cut and ends in "...". */
#define SS_LOG_LINE_MAX 4096

/* Events below this level are dropped. Default SS_LOG_INFO. */
void ss_log_set_level(ss_log_level level);
bool ss_log_is_enabled(ss_log_level level);

/* "debug", "info", "warning" or "error"; 0, or -1 for another name (*ret is left alone). */
int ss_log_level_parse(const char *name, ss_log_level *ret) SS_MUST_CHECK;

/*
 * Pairs of key and value, both const char *, ended by NULL. A NULL value prints as `key=-`.
 *   ss_log(SS_LOG_INFO, "door", "accepted", "peer", peer, "fd", SS_NUM(fd), NULL);
 */
void ss_log(ss_log_level level, const char *module, const char *event, ...)
	__attribute__((sentinel));

/* The same, and after the pairs what *err says: code, sqlstate, message, detail, context. */
void ss_log_error(ss_log_level level, const char *module, const char *event, const ss_error *err,
	...) __attribute__((sentinel));

/* A number as text, valid until the end of the enclosing block. */
#define SS_NUM(number) ss_log_number((char[24]){0}, (long long)(number))
const char *ss_log_number(char buf[24], long long number);

#endif
