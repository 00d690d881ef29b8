/*
 * option: see option.h. Flags are collected first (they name the file), then defaults, file,
 * environment and flags are applied in this order.
 */
#include "common/cleanup.h"
#include "common/option_value.h"
#include "common/version.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

/* A flag as it stood in argv. */
typedef struct flag
{
	const ss_option *option;
	bool from_file;
	const char *name;
	const char *value;
} flag;

typedef struct loader
{
	const ss_option_program *program;
	void *config;
	ss_error *err;
	const char *config_path;
	bool print_config;
	flag *flags;
	size_t flag_count;
} loader;

/* Keys compare without case, and a dash is an underscore. */
static bool is_key(const char *text, size_t len, const char *key)
{
	for (size_t i = 0; i < len; i++)
	{
		char c = text[i] == '-' ? '_' : (char)tolower((unsigned char)text[i]);

		if (key[i] == '\0' || c != key[i])
			return false;
	}
	return key[len] == '\0';
}

/* The option of a key, or of `key_file` for a secret. NULL: unknown. */
static const ss_option *find_option(
	const ss_option_program *program, const char *text, size_t len, bool *ret_from_file)
{
	for (size_t i = 0; i < program->option_count; i++)
	{
		const ss_option *option = &program->options[i];

		*ret_from_file = false;
		if (is_key(text, len, option->name))
			return option;
		*ret_from_file = true;
		if (option->secret && len > 5 && is_key(text + len - 5, 5, "_file") &&
			is_key(text, len - 5, option->name))
			return option;
	}
	return NULL;
}

static int apply(
	loader *load, const ss_option *option, bool from_file, const char *value, const char *where)
{
	if (from_file)
		return ss_option_set_from_file(option, load->config, value, where, load->err);
	return ss_option_set(option, load->config, value, where, load->err);
}

static int apply_defaults(loader *load)
{
	for (size_t i = 0; i < load->program->option_count; i++)
	{
		const ss_option *option = &load->program->options[i];

		if (option->default_value != NULL &&
			ss_option_set(option, load->config, option->default_value, "default", load->err) != 0)
			return -1;
	}
	return 0;
}

static char *trim(char *text)
{
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* One line of the file; `seen` has a flag for each option. */
static int apply_line(loader *load, char *line, const char *where, bool *seen)
{
	char *text = trim(line);
	char *equals = strchr(text, '=');
	const ss_option *option;
	bool from_file;
	char *key;

	if (text[0] == '\0' || text[0] == '#')
		return 0;
	if (equals == NULL)
		return ss_fail(load->err, "invalid_option", "%s: `key = value` is expected", where);
	*equals = '\0';
	key = trim(text);
	option = find_option(load->program, key, strlen(key), &from_file);
	if (option == NULL)
		return ss_fail(load->err, "invalid_option", "%s: unknown key \"%s\"", where, key);
	if (seen[option - load->program->options])
		return ss_fail(load->err, "invalid_option", "%s: \"%s\" stands here twice", where, key);
	seen[option - load->program->options] = true;
	return apply(load, option, from_file, trim(equals + 1), where);
}

static int apply_lines(loader *load, FILE *file, bool *seen)
{
	auto_free char *line = NULL;
	char where[PATH_MAX + 32];
	size_t capacity = 0;
	ssize_t len;

	for (int number = 1; (len = getline(&line, &capacity, file)) >= 0; number++)
	{
		snprintf(where, sizeof where, "%s:%d", load->config_path, number);
		if (strlen(line) != (size_t)len)
			return ss_fail(load->err, "invalid_option", "%s: the line holds a NUL", where);
		if (apply_line(load, line, where, seen) != 0)
			return -1;
	}
	if (ferror(file))
		return ss_fail(load->err, "invalid_option", "%s: cannot be read", load->config_path);
	return 0;
}

static int apply_file(loader *load)
{
	auto_free bool *seen = NULL;
	FILE *file;
	int rc;

	if (load->config_path == NULL)
		return 0;
	seen = calloc(load->program->option_count + 1, sizeof *seen);
	if (seen == NULL)
		return ss_fail(load->err, "internal", "no memory for options");
	file = fopen(load->config_path, "re");
	if (file == NULL)
		return ss_fail(
			load->err, "invalid_option", "%s: %s", load->config_path, strerrordesc_np(errno));
	rc = apply_lines(load, file, seen);
	fclose(file);
	return rc;
}

/* Variables that Kubernetes makes for a Service whose name begins like ours. */
static bool is_service_link(const char *key, size_t len)
{
	static const char *const marks[] = {"SERVICE_HOST", "SERVICE_PORT", "_PORT_"};
	auto_free char *name = strndup(key, len);

	if (name == NULL)
		return false;
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
	{
		if (strstr(name, marks[i]) != NULL)
			return true;
	}
	return strcmp(name, "PORT") == 0 || strncmp(name, "PORT_", 5) == 0 ||
		   (len > 5 && strcmp(name + len - 5, "_PORT") == 0);
}

static int apply_variable(loader *load, const char *variable, size_t prefix_len)
{
	const char *equals = strchr(variable, '=');
	const char *key = variable + prefix_len;
	const ss_option *option;
	size_t len;
	char name[128];
	bool from_file;

	if (equals == NULL || equals[1] == '\0')
		return 0;
	len = (size_t)(equals - key);
	snprintf(name, sizeof name, "%.*s", (int)(equals - variable), variable);
	if (is_key(key, len, "config"))
		return 0;
	option = find_option(load->program, key, len, &from_file);
	if (option == NULL && is_service_link(key, len))
		return 0;
	if (option == NULL)
		return ss_fail(load->err, "invalid_option", "%s: unknown variable", name);
	if (option->secret && !from_file)
		return ss_fail(load->err, "invalid_option",
			"%s: a secret does not stand in the environment; use %s_FILE", name, name);
	return apply(load, option, from_file, equals + 1, name);
}

static int apply_environment(loader *load)
{
	size_t prefix_len = strlen(load->program->env_prefix);

	for (char **variable = environ; *variable != NULL; variable++)
	{
		if (strncmp(*variable, load->program->env_prefix, prefix_len) == 0 &&
			apply_variable(load, *variable, prefix_len) != 0)
			return -1;
	}
	return 0;
}

static int apply_flags(loader *load)
{
	for (size_t i = 0; i < load->flag_count; i++)
	{
		const flag *given = &load->flags[i];
		char where[160];

		snprintf(where, sizeof where, "--%.128s", given->name);
		where[2 + strcspn(where + 2, "=")] = '\0';
		if (apply(load, given->option, given->from_file, given->value, where) != 0)
			return -1;
	}
	return 0;
}

/* The value of a flag: after '=', or the next argument (a BOOL takes none). NULL: missing. */
static const char *take_value(const char *arg, bool is_bool, int argc, char **argv, int *at)
{
	const char *equals = strchr(arg, '=');

	if (equals != NULL)
		return equals + 1;
	if (is_bool)
		return "true";
	return *at + 1 < argc ? argv[++*at] : NULL;
}

static int collect_option(loader *load, const char *name, int argc, char **argv, int *at)
{
	size_t len = strcspn(name, "=");
	bool from_file;
	const ss_option *option = find_option(load->program, name, len, &from_file);
	const char *value;

	if (option == NULL)
		return ss_fail(load->err, "invalid_option", "--%.*s: unknown flag", (int)len, name);
	if (option->secret && !from_file)
		return ss_fail(load->err, "invalid_option",
			"--%.*s: a secret does not stand in a flag; use --%.*s-file", (int)len, name, (int)len,
			name);
	value = take_value(name, option->kind == SS_OPTION_BOOL, argc, argv, at);
	if (value == NULL)
		return ss_fail(load->err, "invalid_option", "--%s: a value is expected", name);
	load->flags[load->flag_count++] = (flag){option, from_file, name, value};
	return 0;
}

/* A flag without its dashes. 1: answered on stdout. */
static int collect_flag(loader *load, const char *name, int argc, char **argv, int *at)
{
	size_t len = strcspn(name, "=");

	if (strcmp(name, "help") == 0)
	{
		ss_option_print_help(load->program, stdout);
		return 1;
	}
	if (strcmp(name, "version") == 0)
	{
		printf("%s %s\n", load->program->name, ss_version());
		return 1;
	}
	if (is_key(name, strlen(name), "print_config"))
	{
		load->print_config = true;
		return 0;
	}
	if (!is_key(name, len, "config"))
		return collect_option(load, name, argc, argv, at);
	load->config_path = take_value(name, false, argc, argv, at);
	if (load->config_path == NULL)
		return ss_fail(load->err, "invalid_option", "--config: a value is expected");
	return 0;
}

/* Moves operands to the front; *argc is set only on success. */
static int collect_flags(loader *load, int *argc, char **argv)
{
	int operands = 1;
	bool only_operands = false;
	int rc;

	for (int at = 1; at < *argc; at++)
	{
		char *arg = argv[at];

		if (only_operands || arg[0] != '-' || arg[1] == '\0')
			argv[operands++] = arg;
		else if (strcmp(arg, "--") == 0)
			only_operands = true;
		else if (strncmp(arg, "--", 2) != 0 && strcmp(arg, "-h") != 0)
			return ss_fail(load->err, "invalid_option", "%s: unknown flag", arg);
		else
		{
			rc = collect_flag(load, strcmp(arg, "-h") == 0 ? "help" : arg + 2, *argc, argv, &at);
			if (rc != 0)
				return rc;
		}
	}
	argv[operands] = NULL;
	*argc = operands;
	return 0;
}

static const char *find_config_variable(const ss_option_program *program)
{
	char name[128];
	const char *path;

	snprintf(name, sizeof name, "%sCONFIG", program->env_prefix);
	path = getenv(name);
	return path != NULL && path[0] != '\0' ? path : NULL;
}

static int refuse_missing(const loader *load)
{
	for (size_t i = 0; i < load->program->option_count; i++)
	{
		if (ss_option_is_missing(&load->program->options[i], load->config))
			return ss_fail(
				load->err, "invalid_option", "%s must be given", load->program->options[i].name);
	}
	return 0;
}

static int load_all(loader *load, int *argc, char **argv)
{
	int rc = collect_flags(load, argc, argv);

	if (rc != 0)
		return rc;
	if (load->config_path == NULL)
		load->config_path = find_config_variable(load->program);
	if (apply_defaults(load) != 0 || apply_file(load) != 0 || apply_environment(load) != 0 ||
		apply_flags(load) != 0)
		return -1;
	if (load->print_config)
	{
		ss_option_print_config(load->program, load->config, stdout);
		return 1;
	}
	return refuse_missing(load);
}

int ss_option_load(
	const ss_option_program *program, int *argc, char **argv, void *config, ss_error *err)
{
	loader load = {.program = program, .config = config, .err = err};
	int rc;

	load.flags = calloc((size_t)*argc + 1, sizeof *load.flags);
	if (load.flags == NULL)
		return ss_fail(err, "internal", "no memory for options");
	rc = load_all(&load, argc, argv);
	free(load.flags);
	if (rc != 0)
		ss_option_done(program, config);
	return rc;
}

void ss_option_done(const ss_option_program *program, void *config)
{
	for (size_t i = 0; i < program->option_count; i++)
		ss_option_clear(&program->options[i], config);
}
