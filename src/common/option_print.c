/*
 * option_print: --help and --print-config, from the option table. See option.h.
 */
#include "common/option_value.h"

#include <string.h>

#define HELP_COLUMN 34

static const char *const placeholders[] = {
	[SS_OPTION_STRING] = "TEXT",
	[SS_OPTION_INT] = "N",
	[SS_OPTION_BOOL] = "BOOL",
	[SS_OPTION_DURATION_S] = "TIME",
	[SS_OPTION_SIZE] = "SIZE",
	[SS_OPTION_FILE] = "FILE",
};

/* A flag is the key with dashes. */
static void format_flag(const ss_option *option, char *buf, size_t size)
{
	snprintf(buf, size, "  --%s%s %s", option->name, option->secret ? "-file" : "",
		option->secret ? "FILE" : placeholders[option->kind]);
	for (char *c = buf; *c != '\0'; c++)
	{
		if (*c == '_')
			*c = '-';
	}
}

static void print_limits(const ss_option *option, FILE *out)
{
	const char *separator = " (";

	if (!ss_option_is_text(option) && option->kind != SS_OPTION_BOOL)
	{
		fprintf(out, "%s%lld..%lld", separator, option->min, option->max);
		separator = ", ";
	}
	else if (ss_option_is_text(option) && option->min > 0 && option->default_value == NULL)
	{
		fprintf(out, "%srequired", separator);
		separator = ", ";
	}
	if (option->default_value != NULL)
	{
		fprintf(out, "%sdefault %s", separator, option->default_value);
		separator = ", ";
	}
	fputs(separator[0] == ',' ? ")\n" : "\n", out);
}

static void print_row(FILE *out, const char *flag, const char *help)
{
	if (strlen(flag) >= HELP_COLUMN)
		fprintf(out, "%s\n%*s%s", flag, HELP_COLUMN, "", help);
	else
		fprintf(out, "%-*s%s", HELP_COLUMN, flag, help);
}

void ss_option_print_help(const ss_option_program *program, FILE *out)
{
	char flag[128];

	fprintf(out, "Usage: %s %s\n\n%s\n\nOptions:\n", program->name, program->usage,
		program->description);
	for (size_t i = 0; i < program->option_count; i++)
	{
		format_flag(&program->options[i], flag, sizeof flag);
		print_row(out, flag, program->options[i].help);
		print_limits(&program->options[i], out);
	}
	print_row(out, "  --config FILE", "read `key = value` lines from FILE\n");
	print_row(out, "  --print-config", "print the configuration in effect and exit\n");
	print_row(out, "  --version", "print the version and exit\n");
	print_row(out, "  --help", "print this and exit\n");
	fprintf(out,
		"\nA flag `--some-key` is the key `some_key` of the file and the variable %sSOME_KEY;\n"
		"flags win over the environment, the environment over the file.\n",
		program->env_prefix);
	if (program->epilogue != NULL)
		fprintf(out, "\n%s", program->epilogue);
}

void ss_option_print_config(const ss_option_program *program, const void *config, FILE *out)
{
	for (size_t i = 0; i < program->option_count; i++)
	{
		const ss_option *option = &program->options[i];
		const char *text = NULL;

		fprintf(out, "# %s\n", option->help);
		if (ss_option_is_text(option))
			text = *(char *const *)((const char *)config + option->offset);
		if (option->secret)
		{
			fprintf(out, "# %s is %s\n", option->name, text != NULL ? "set, not shown" : "not set");
			continue;
		}
		if (ss_option_is_text(option) && text == NULL)
		{
			fprintf(out, "# %s =\n", option->name);
			continue;
		}
		fprintf(out, "%s = ", option->name);
		ss_option_print_value(option, config, out);
		fputc('\n', out);
	}
}
