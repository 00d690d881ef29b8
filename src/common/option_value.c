/*
 * option_value: see option_value.h.
 */
#include "common/option_value.h"
#include "common/cleanup.h"
#include "common/crypto.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TEXT_MAX 4096

typedef struct unit
{
	const char *name;
	long long factor;
} unit;

static const unit no_units[] = {{"", 1}, {NULL, 0}};
static const unit time_units[] = {
	{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {NULL, 0}};
static const unit size_units[] = {
	{"", 1}, {"B", 1}, {"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30}, {NULL, 0}};

/* What a kind is in numbers; text kinds have no units. */
static const struct
{
	const unit *units;
	const char *wanted;
} kinds[] = {
	[SS_OPTION_STRING] = {NULL, "a text"},
	[SS_OPTION_INT] = {no_units, "an integer"},
	[SS_OPTION_BOOL] = {NULL, "true or false"},
	[SS_OPTION_DURATION_S] = {time_units, "a duration such as 90s, 15m, 2h or 1d"},
	[SS_OPTION_SIZE] = {size_units, "a size such as 512, 64KiB or 1MiB"},
	[SS_OPTION_FILE] = {NULL, "the path of a file"},
};

bool ss_option_is_text(const ss_option *option)
{
	return option->kind == SS_OPTION_STRING || option->kind == SS_OPTION_FILE;
}

static void *field_of(const ss_option *option, void *config)
{
	return (char *)config + option->offset;
}

static int refuse(
	const ss_option *option, const char *where, const char *text, const char *wanted, ss_error *err)
{
	if (option->secret)
		return ss_fail(err, "invalid_option", "%s: %s must be %s", where, option->name, wanted);
	return ss_fail(
		err, "invalid_option", "%s: %s must be %s, not \"%s\"", where, option->name, wanted, text);
}

static int refuse_range(const ss_option *option, const char *where, const char *what, ss_error *err)
{
	return ss_fail(err, "invalid_option", "%s: %s must %s from %lld to %lld", where, option->name,
		what, option->min, option->max);
}

/* Digits and a unit; -1 when it is none or does not fit. */
static int parse_number(const char *text, const unit *units, long long *ret)
{
	long long number;
	char *end;

	if (!isdigit((unsigned char)text[0]) && text[0] != '-')
		return -1;
	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno != 0 || end == text)
		return -1;
	for (; units->name != NULL; units++)
	{
		if (strcmp(end, units->name) == 0)
			return __builtin_mul_overflow(number, units->factor, ret) ? -1 : 0;
	}
	return -1;
}

static int set_number(
	const ss_option *option, void *config, const char *text, const char *where, ss_error *err)
{
	long long number;

	if (parse_number(text, kinds[option->kind].units, &number) != 0)
		return refuse(option, where, text, kinds[option->kind].wanted, err);
	if (number < option->min || number > option->max)
		return refuse_range(option, where, "be", err);
	*(long long *)field_of(option, config) = number;
	return 0;
}

static int set_bool(
	const ss_option *option, void *config, const char *text, const char *where, ss_error *err)
{
	static const struct
	{
		const char *text;
		bool value;
	} words[] = {
		{"true", true},
		{"yes", true},
		{"on", true},
		{"1", true},
		{"false", false},
		{"no", false},
		{"off", false},
		{"0", false},
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
	{
		if (strcasecmp(text, words[i].text) == 0)
		{
			*(bool *)field_of(option, config) = words[i].value;
			return 0;
		}
	}
	return refuse(option, where, text, kinds[option->kind].wanted, err);
}

static int set_text(
	const ss_option *option, void *config, const char *text, const char *where, ss_error *err)
{
	size_t len = strlen(text);
	size_t max = option->max > 0 ? (size_t)option->max : TEXT_MAX;
	char *copy = NULL;

	if (len > 0 && (len < (size_t)option->min || len > max))
		return ss_fail(err, "invalid_option", "%s: %s must have from %lld to %zu bytes", where,
			option->name, option->min, max);
	if (len > 0)
	{
		copy = strdup(text);
		if (copy == NULL)
			return ss_fail(err, "internal", "no memory for options");
	}
	ss_option_clear(option, config);
	*(char **)field_of(option, config) = copy;
	return 0;
}

int ss_option_set(
	const ss_option *option, void *config, const char *text, const char *where, ss_error *err)
{
	if (ss_option_is_text(option))
		return set_text(option, config, text, where, err);
	if (option->kind == SS_OPTION_BOOL)
		return set_bool(option, config, text, where, err);
	return set_number(option, config, text, where, err);
}

/* Up to size - 1 bytes and a NUL; -1 with errno. EFBIG: there is more. */
static ssize_t read_file(const char *path, char *buf, size_t size)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t got;

	if (fd < 0)
		return -1;
	while ((got = read(fd, buf + len, size - len)) > 0)
	{
		len += (size_t)got;
		if (len == size)
		{
			errno = EFBIG;
			return -1;
		}
	}
	buf[len] = '\0';
	return got < 0 ? -1 : (ssize_t)len;
}

int ss_option_set_from_file(
	const ss_option *option, void *config, const char *path, const char *where, ss_error *err)
{
	char *text = malloc(SS_OPTION_SECRET_MAX + 1);
	ssize_t len;
	int rc;

	if (text == NULL)
		return ss_fail(err, "internal", "no memory for options");
	len = read_file(path, text, SS_OPTION_SECRET_MAX + 1);
	if (len < 0)
		rc = ss_fail(err, "invalid_option", "%s: %s_file: %s: %s", where, option->name, path,
			strerrordesc_np(errno));
	else if (memchr(text, '\0', (size_t)len) != NULL)
		rc = ss_fail(
			err, "invalid_option", "%s: %s_file: %s holds a NUL", where, option->name, path);
	else
	{
		if (len > 0 && text[len - 1] == '\n')
			text[len - 1] = '\0';
		rc = ss_option_set(option, config, text, where, err);
	}
	ss_crypto_wipe(text, SS_OPTION_SECRET_MAX + 1);
	free(text);
	return rc;
}

void ss_option_clear(const ss_option *option, void *config)
{
	char **field;

	if (!ss_option_is_text(option))
		return;
	field = field_of(option, config);
	if (*field != NULL && option->secret)
		ss_crypto_wipe(*field, strlen(*field));
	free(*field);
	*field = NULL;
}

bool ss_option_is_missing(const ss_option *option, const void *config)
{
	return ss_option_is_text(option) && option->min > 0 &&
		   *(char *const *)((const char *)config + option->offset) == NULL;
}

void ss_option_print_value(const ss_option *option, const void *config, FILE *out)
{
	const void *field = (const char *)config + option->offset;

	if (option->kind == SS_OPTION_BOOL)
		fputs(*(const bool *)field ? "true" : "false", out);
	else if (!ss_option_is_text(option))
		fprintf(out, "%lld", *(const long long *)field);
	else if (*(char *const *)field != NULL)
		fputs(*(char *const *)field, out);
}
