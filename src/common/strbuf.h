/*
 * strbuf: text that grows, with an upper bound.
 *
 * Errors stick: after a failed append (no memory, bound passed) all others do nothing and
 * ss_strbuf_take() returns NULL, so only the end needs a check. One thread at a time.
 */
#ifndef SS_COMMON_STRBUF_H
#define SS_COMMON_STRBUF_H

#include "common/error.h"

#include <stdbool.h>

typedef struct ss_strbuf
{
	char *data; /* NUL-terminated when not NULL; the buffer's */
	size_t len; /* without the NUL */
	size_t capacity;
	size_t max; /* greatest len; 0: SS_STRBUF_MAX */
	bool failed;
} ss_strbuf;

#define SS_STRBUF_INIT \
	{ \
		0 \
	}
#define SS_STRBUF_MAX ((size_t)256 << 20)
#define auto_strbuf __attribute__((cleanup(ss_strbuf_done)))

void ss_strbuf_append(ss_strbuf *buf, const char *text);
void ss_strbuf_append_bytes(ss_strbuf *buf, const void *data, size_t len);
void ss_strbuf_appendf(ss_strbuf *buf, const char *fmt, ...) SS_PRINTF(2, 3);

/* text in double quotes, escaped for JSON (it must be UTF-8); NULL appends null. */
void ss_strbuf_append_json(ss_strbuf *buf, const char *text);

/* The text ("" when empty), the caller's to free(); the buffer is empty again. NULL: failed. */
char *ss_strbuf_take(ss_strbuf *buf) SS_MUST_CHECK;

/* Empties and frees. */
void ss_strbuf_done(ss_strbuf *buf);

#endif
