/*
 * strbuf: see strbuf.h.
 */
#include "common/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for `more` bytes and the NUL. */
static bool reserve(ss_strbuf *buf, size_t more)
{
	size_t max = buf->max != 0 ? buf->max : SS_STRBUF_MAX;
	size_t need = buf->len + more + 1;
	size_t capacity = buf->capacity != 0 ? buf->capacity : 64;
	char *grown;

	if (buf->failed || more > max || buf->len > max - more)
	{
		buf->failed = true;
		return false;
	}
	if (need <= buf->capacity)
		return true;
	while (capacity < need)
		capacity *= 2;
	grown = realloc(buf->data, capacity);
	if (grown == NULL)
	{
		buf->failed = true;
		return false;
	}
	buf->data = grown;
	buf->capacity = capacity;
	return true;
}

void ss_strbuf_append_bytes(ss_strbuf *buf, const void *data, size_t len)
{
	if (!reserve(buf, len))
		return;
	if (len > 0)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void ss_strbuf_append(ss_strbuf *buf, const char *text)
{
	ss_strbuf_append_bytes(buf, text, strlen(text));
}

void ss_strbuf_appendf(ss_strbuf *buf, const char *fmt, ...)
{
	va_list args;
	va_list again;
	int len;

	va_start(args, fmt);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0)
		buf->failed = true;
	else if (reserve(buf, (size_t)len))
	{
		vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, again);
		buf->len += (size_t)len;
	}
	va_end(again);
}

static const char *find_escape(unsigned char byte)
{
	static const struct
	{
		unsigned char byte;
		const char *escape;
	} short_forms[] = {
		{'"', "\\\""},
		{'\\', "\\\\"},
		{'\n', "\\n"},
		{'\r', "\\r"},
		{'\t', "\\t"},
		{'\b', "\\b"},
		{'\f', "\\f"},
	};

	for (size_t i = 0; i < sizeof short_forms / sizeof short_forms[0]; i++)
	{
		if (short_forms[i].byte == byte)
			return short_forms[i].escape;
	}
	return NULL;
}

void ss_strbuf_append_json(ss_strbuf *buf, const char *text)
{
	if (text == NULL)
	{
		ss_strbuf_append(buf, "null");
		return;
	}
	ss_strbuf_append(buf, "\"");
	for (; *text != '\0'; text++)
	{
		unsigned char byte = (unsigned char)*text;
		const char *escape = find_escape(byte);

		if (escape != NULL)
			ss_strbuf_append(buf, escape);
		else if (byte < ' ')
			ss_strbuf_appendf(buf, "\\u%04x", byte);
		else
			ss_strbuf_append_bytes(buf, text, 1);
	}
	ss_strbuf_append(buf, "\"");
}

char *ss_strbuf_take(ss_strbuf *buf)
{
	char *text;

	ss_strbuf_append_bytes(buf, "", 0);
	if (buf->failed)
	{
		ss_strbuf_done(buf);
		return NULL;
	}
	text = buf->data;
	buf->data = NULL;
	ss_strbuf_done(buf);
	return text;
}

void ss_strbuf_done(ss_strbuf *buf)
{
	size_t max = buf->max;

	free(buf->data);
	*buf = (ss_strbuf){.max = max};
}
