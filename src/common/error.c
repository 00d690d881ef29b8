/*
 * error: see error.h.
 */
#include "common/error.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Loaded tables are chained and kept, so that a row once found stays valid. */
typedef struct error_table
{
	struct error_table *previous;
	size_t count;
	ss_error_code rows[];
} error_table;

static pthread_rwlock_t table_lock = PTHREAD_RWLOCK_INITIALIZER;
static error_table *table = NULL;

/*
 * What C raises by itself. The database's table holds the server's part of these too, with
 * the same status; a test compares. The last rows belong to programs without a database.
 */
static const ss_error_code builtin[] = {
	{NULL, "invalid_json", 400, "The body is not valid JSON", NULL},
	{NULL, "invalid_utf8", 400, "The body is not valid UTF-8", NULL},
	{NULL, "duplicate_key", 400, "An object holds a key twice", NULL},
	{NULL, "too_deep", 400, "The JSON is nested too deeply", NULL},
	{NULL, "unauthorized", 401, "Authentication is required", NULL},
	{NULL, "route_not_found", 404, "There is no such route", NULL},
	{NULL, "method_not_allowed", 405, "The route does not know this method", NULL},
	{NULL, "body_too_large", 413, "The body is too large", NULL},
	{NULL, "unsupported_media_type", 415, "The body must be application/json", NULL},
	{NULL, "unknown_field", 422, "A field is unknown", NULL},
	{NULL, "wrong_type", 422, "A field has the wrong type", NULL},
	{NULL, "missing_field", 422, "A field is missing", NULL},
	{NULL, "invalid_argument", 422, "A value is not valid", NULL},
	{NULL, "bad_request", 400, "The request is malformed", NULL},
	{NULL, "unknown_parameter", 422, "The query has a parameter that is not known", NULL},
	{NULL, "rate_limited", 429, "Too many requests", NULL},
	{NULL, "deadline_exceeded", 504, "The database has not answered in time", NULL},
	{NULL, "upgrade_required", 426, "This route speaks WebSocket only", NULL},
	{NULL, "internal", 500, "An internal error occurred", NULL},
	{NULL, "overloaded", 503, "The server is busy", "Try again in a moment."},
	{NULL, "database_unavailable", 503, "The database cannot be reached", "Try again in a moment."},
	{NULL, "shutting_down", 503, "The server is stopping", "Try again in a moment."},
	{NULL, "http_failed", 502, "No answer from the other side", NULL},
	{NULL, "http_response_too_large", 502, "The answer is too large", NULL},
	{NULL, "invalid_option", 500, "The configuration is not valid", NULL},
};

const ss_error_code *ss_error_builtin(size_t *ret_count)
{
	*ret_count = sizeof builtin / sizeof builtin[0];
	return builtin;
}

static const ss_error_code *find_in(
	const ss_error_code *rows, size_t count, const char *code, const char *sqlstate)
{
	for (size_t i = 0; i < count; i++)
	{
		if (code != NULL && strcmp(rows[i].code, code) == 0)
			return &rows[i];
		if (sqlstate != NULL && rows[i].sqlstate != NULL && strcmp(rows[i].sqlstate, sqlstate) == 0)
			return &rows[i];
	}
	return NULL;
}

static const ss_error_code *find(const char *code, const char *sqlstate)
{
	const ss_error_code *row = NULL;

	pthread_rwlock_rdlock(&table_lock);
	if (table != NULL)
		row = find_in(table->rows, table->count, code, sqlstate);
	pthread_rwlock_unlock(&table_lock);
	if (row == NULL)
		row = find_in(builtin, sizeof builtin / sizeof builtin[0], code, sqlstate);
	return row;
}

const ss_error_code *ss_error_find_code(const char *code)
{
	return code != NULL ? find(code, NULL) : NULL;
}

const ss_error_code *ss_error_find_sqlstate(const char *sqlstate)
{
	return sqlstate != NULL && sqlstate[0] != '\0' ? find(NULL, sqlstate) : NULL;
}

static void free_rows(error_table *old)
{
	for (size_t i = 0; i < old->count; i++)
	{
		free((char *)old->rows[i].sqlstate);
		free((char *)old->rows[i].code);
		free((char *)old->rows[i].title);
		free((char *)old->rows[i].hint);
	}
	free(old);
}

/* Copies text into *ret; 0 also for NULL, -1 when there is no memory. */
static int copy_text(const char *text, const char **ret)
{
	*ret = text != NULL ? strdup(text) : NULL;
	return text != NULL && *ret == NULL ? -1 : 0;
}

int ss_error_set_table(const ss_error_code *rows, size_t count, ss_error *err)
{
	error_table *fresh = calloc(1, sizeof *fresh + count * sizeof *rows);
	int failed = 0;

	if (fresh == NULL)
		return ss_fail(err, "internal", "no memory for the table of error codes");
	fresh->count = count;
	for (size_t i = 0; i < count; i++)
	{
		fresh->rows[i].http_status = rows[i].http_status;
		failed |= copy_text(rows[i].sqlstate, &fresh->rows[i].sqlstate);
		failed |= copy_text(rows[i].code, &fresh->rows[i].code);
		failed |= copy_text(rows[i].title, &fresh->rows[i].title);
		failed |= copy_text(rows[i].hint, &fresh->rows[i].hint);
	}
	if (failed != 0)
	{
		free_rows(fresh);
		return ss_fail(err, "internal", "no memory for the table of error codes");
	}
	pthread_rwlock_wrlock(&table_lock);
	fresh->previous = table;
	table = fresh;
	pthread_rwlock_unlock(&table_lock);
	return 0;
}

/* Cuts at the size, never inside a UTF-8 character. */
static void copy_cut(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size);

	if (len == size)
	{
		len = size - 1;
		while (len > 0 && ((unsigned char)from[len] & 0xC0) == 0x80)
			len--;
	}
	memmove(to, from, len);
	to[len] = '\0';
}

static void format_cut(char *to, size_t size, const char *fmt, va_list args)
{
	char text[2048];

	/* The format was checked where the caller's function was called. */
	if (vsnprintf(text, sizeof text, fmt, args) < 0)
		text[0] = '\0';
	copy_cut(to, size, text);
}

int ss_fail(ss_error *err, const char *code, const char *fmt, ...)
{
	const ss_error_code *row;
	va_list args;

	if (err == NULL)
		return -1;
	row = ss_error_find_code(code);
	va_start(args, fmt);
	format_cut(err->message, sizeof err->message, fmt, args);
	va_end(args);
	copy_cut(err->code, sizeof err->code, code);
	copy_cut(err->sqlstate, sizeof err->sqlstate,
		row != NULL && row->sqlstate != NULL ? row->sqlstate : "");
	copy_cut(err->hint, sizeof err->hint, row != NULL && row->hint != NULL ? row->hint : "");
	err->http_status = row != NULL ? row->http_status : 500;
	err->detail[0] = '\0';
	err->context[0] = '\0';
	return -1;
}

int ss_fail_errno(ss_error *err, int errnum, const char *fmt, ...)
{
	char what[256];
	char reason[128];
	va_list args;

	va_start(args, fmt);
	format_cut(what, sizeof what, fmt, args);
	va_end(args);
	return ss_fail(err, "internal", "%s: %s", what, strerror_r(errnum, reason, sizeof reason));
}

int ss_wrap(ss_error *err, const char *fmt, ...)
{
	char outer[sizeof err->context];
	char both[2 * sizeof err->context + 2];
	va_list args;

	if (err == NULL)
		return -1;
	va_start(args, fmt);
	format_cut(outer, sizeof outer, fmt, args);
	va_end(args);
	snprintf(both, sizeof both, "%s%s%s", outer, err->context[0] != '\0' ? ": " : "", err->context);
	copy_cut(err->context, sizeof err->context, both);
	return -1;
}

int ss_error_set_detail(ss_error *err, const char *fmt, ...)
{
	va_list args;

	if (err == NULL)
		return -1;
	va_start(args, fmt);
	format_cut(err->detail, sizeof err->detail, fmt, args);
	va_end(args);
	return -1;
}

int ss_error_set_hint(ss_error *err, const char *fmt, ...)
{
	va_list args;

	if (err == NULL)
		return -1;
	va_start(args, fmt);
	format_cut(err->hint, sizeof err->hint, fmt, args);
	va_end(args);
	return -1;
}

const char *ss_error_text(const ss_error *err, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s (%s%s%s)", err->context, err->context[0] != '\0' ? ": " : "",
		err->message, err->code, err->detail[0] != '\0' ? ", " : "", err->detail);
	return buf;
}
