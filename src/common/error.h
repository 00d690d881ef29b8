/*
 * error: the error value that fallible functions fill, and the table of error codes.
 *
 * A fallible function returns 0, or -1 with *err filled (1 where "none" is an answer), and
 * leaves its outputs alone on failure. The origin calls ss_fail(); callers that know what was
 * being attempted add it with ss_wrap(). Any thread may call everything here; the table is
 * replaced once, at start, before other threads run.
 */
#ifndef SS_COMMON_ERROR_H
#define SS_COMMON_ERROR_H

#include <stddef.h>

#define SS_MUST_CHECK __attribute__((warn_unused_result))
#define SS_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Caller-owned, plain data: copy it, keep it on the stack, never free it. */
typedef struct ss_error
{
	char sqlstate[6];  /* five characters, or "" when no SQLSTATE belongs to the code */
	char code[48];     /* stable name, "session_not_found"; what programs test */
	int http_status;   /* status that belongs to the code; 500 for an unknown one */
	char message[256]; /* one sentence for people; from the database the constant title */
	char detail[1024]; /* one line of JSON or text about this very case, or "" */
	char hint[512];    /* what to do about it, or "" */
	char context[256]; /* what we were doing, outermost first: "start: read file" */
} ss_error;

#define SS_ERROR_INIT \
	{ \
		0 \
	}

/* One row of the table of codes; every pointer stays the owner's. */
typedef struct ss_error_code
{
	const char *sqlstate; /* NULL when only C raises the code */
	const char *code;
	int http_status;
	const char *title;
	const char *hint; /* NULL when there is none */
} ss_error_code;

/*
 * Fills *err at the origin of a failure: clears it, sets code, http_status, sqlstate and hint
 * from the table, and the formatted message. err may be NULL. Returns -1.
 */
int ss_fail(ss_error *err, const char *code, const char *fmt, ...) SS_PRINTF(3, 4);

/* Puts "what we were doing" before the context that is there already. Returns -1. */
int ss_wrap(ss_error *err, const char *fmt, ...) SS_PRINTF(2, 3);

/* Replaces the detail (one line). Text that does not fit is cut. Returns -1. */
int ss_error_set_detail(ss_error *err, const char *fmt, ...) SS_PRINTF(2, 3);

/* Replaces the hint. Returns -1. */
int ss_error_set_hint(ss_error *err, const char *fmt, ...) SS_PRINTF(2, 3);

/* Code "internal" with the text of an errno value: "open /x: No such file". Returns -1. */
int ss_fail_errno(ss_error *err, int errnum, const char *fmt, ...) SS_PRINTF(3, 4);

/* "context: message (code, detail)" in buf, NUL-terminated, cut when too long. Returns buf. */
const char *ss_error_text(const ss_error *err, char *buf, size_t size);

/*
 * Looks in the loaded table first, then in the built-in one (codes that C itself raises, so
 * that an agent or a server without its database can answer). NULL: unknown. The pointers
 * live as long as the process.
 */
const ss_error_code *ss_error_find_code(const char *code);
const ss_error_code *ss_error_find_sqlstate(const char *sqlstate);

/* The built-in table, for the test that compares it with the database's. */
const ss_error_code *ss_error_builtin(size_t *ret_count);

/*
 * Copies `count` rows as the loaded table. Call before other threads use errors, or again with
 * a newer table: readers keep a consistent one, the older is kept until the process ends.
 */
int ss_error_set_table(const ss_error_code *rows, size_t count, ss_error *err) SS_MUST_CHECK;

#endif
