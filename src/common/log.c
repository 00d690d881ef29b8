/*
 * log: see log.h.
 */
#include "common/log.h"
#include "common/timeutil.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static atomic_int threshold = SS_LOG_INFO;

static const char *const level_names[] = {
	[SS_LOG_DEBUG] = "debug",
	[SS_LOG_INFO] = "info",
	[SS_LOG_WARNING] = "warning",
	[SS_LOG_ERROR] = "error",
};

/* A line in the making; `cut` once something did not fit. */
typedef struct log_line
{
	char text[SS_LOG_LINE_MAX];
	size_t len;
	bool cut;
} log_line;

void ss_log_set_level(ss_log_level level)
{
	atomic_store(&threshold, (int)level);
}

bool ss_log_is_enabled(ss_log_level level)
{
	return (int)level >= atomic_load(&threshold);
}

int ss_log_level_parse(const char *name, ss_log_level *ret)
{
	for (size_t i = 0; i < sizeof level_names / sizeof level_names[0]; i++)
	{
		if (strcmp(name, level_names[i]) == 0)
		{
			*ret = (ss_log_level)i;
			return 0;
		}
	}
	return -1;
}

const char *ss_log_number(char buf[24], long long number)
{
	snprintf(buf, 24, "%lld", number);
	return buf;
}

/* Room is kept for "..." and the newline. */
static void put(log_line *line, const char *text, size_t len)
{
	if (line->cut || line->len + len > sizeof line->text - 4)
	{
		line->cut = true;
		return;
	}
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

static void put_text(log_line *line, const char *text)
{
	put(line, text, strlen(text));
}

static bool is_bare(const char *value)
{
	if (value[0] == '\0')
		return false;
	for (const unsigned char *c = (const unsigned char *)value; *c != '\0'; c++)
	{
		if (*c <= ' ' || *c >= 0x7F || *c == '"' || *c == '=' || *c == '\\')
			return false;
	}
	return true;
}

static void put_quoted_byte(log_line *line, unsigned char byte)
{
	char escaped[5];

	if (byte == '"' || byte == '\\')
		snprintf(escaped, sizeof escaped, "\\%c", byte);
	else if (byte == '\n')
		snprintf(escaped, sizeof escaped, "\\n");
	else if (byte < ' ' || byte == 0x7F)
		snprintf(escaped, sizeof escaped, "\\x%02x", byte);
	else
	{
		put(line, (const char *)&byte, 1);
		return;
	}
	put_text(line, escaped);
}

static void put_pair(log_line *line, const char *key, const char *value)
{
	put_text(line, " ");
	put_text(line, key);
	put_text(line, "=");
	if (value == NULL)
		put_text(line, "-");
	else if (is_bare(value))
		put_text(line, value);
	else
	{
		put_text(line, "\"");
		for (const unsigned char *c = (const unsigned char *)value; *c != '\0' && !line->cut; c++)
			put_quoted_byte(line, *c);
		put_text(line, "\"");
	}
}

static void put_pairs(log_line *line, va_list args)
{
	const char *key;

	while ((key = va_arg(args, const char *)) != NULL)
		put_pair(line, key, va_arg(args, const char *));
}

static void begin(log_line *line, ss_log_level level, const char *module, const char *event)
{
	char now[SS_TIME_SIZE];

	line->len = 0;
	line->cut = false;
	put_text(line, ss_time_now(now));
	put_text(line, " ");
	put_text(line, level_names[level]);
	put_text(line, " ");
	put_text(line, module);
	put_text(line, " ");
	put_text(line, event);
}

static void finish(log_line *line)
{
	ssize_t written;

	if (line->cut)
	{
		memcpy(line->text + line->len, "...", 3);
		line->len += 3;
	}
	line->text[line->len++] = '\n';
	/* Nothing sensible can be done when stderr is gone. */
	written = write(STDERR_FILENO, line->text, line->len);
	(void)written;
}

void ss_log(ss_log_level level, const char *module, const char *event, ...)
{
	log_line line;
	va_list args;

	if (!ss_log_is_enabled(level))
		return;
	begin(&line, level, module, event);
	va_start(args, event);
	put_pairs(&line, args);
	va_end(args);
	finish(&line);
}

void ss_log_error(
	ss_log_level level, const char *module, const char *event, const ss_error *err, ...)
{
	log_line line;
	va_list args;

	if (!ss_log_is_enabled(level))
		return;
	begin(&line, level, module, event);
	va_start(args, err);
	put_pairs(&line, args);
	va_end(args);
	put_pair(&line, "code", err->code);
	if (err->sqlstate[0] != '\0')
		put_pair(&line, "sqlstate", err->sqlstate);
	put_pair(&line, "message", err->message);
	if (err->detail[0] != '\0')
		put_pair(&line, "detail", err->detail);
	if (err->context[0] != '\0')
		put_pair(&line, "context", err->context);
	finish(&line);
}
