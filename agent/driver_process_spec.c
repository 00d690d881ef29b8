/*
 * driver_process_spec: reads what a session shall be from a command's payload. Any thread.
 *
 * Everything here came over the wire: each text, count and number is bounded, and what the
 * process platform has no use for (volumes, services, image) is not looked at.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/driver_process.h"
#include "common/json.h"

#define DEFAULT_WIDTH 1280
#define DEFAULT_HEIGHT 800
#define EDGE_MIN 200
#define EDGE_MAX 8192

bool process_id_valid(const char *id)
{
	size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len > 0 && len < PROCESS_ID_SIZE && id[len] == '\0' && id[0] >= 'a' && id[0] <= 'z';
}

/* A non-negative decimal number; *ret_rest is what follows it. -1: none. */
static double parse_number(const char *text, const char **ret_rest)
{
	size_t len = strspn(text, "0123456789.");
	char *end = NULL;

	if (len == 0 || len > 15)
		return -1;
	double value = strtod(text, &end);
	if (end != text + len || !isfinite(value))
		return -1;
	*ret_rest = end;
	return value;
}

long long process_parse_memory(const char *text)
{
	static const struct
	{
		const char *suffix;
		double factor;
	} units[] = {
		{"", 1},
		{"k", 1e3},
		{"M", 1e6},
		{"G", 1e9},
		{"T", 1e12},
		{"Ki", 1024.0},
		{"Mi", 1024.0 * 1024},
		{"Gi", 1024.0 * 1024 * 1024},
		{"Ti", 1024.0 * 1024 * 1024 * 1024},
	};
	const char *rest = NULL;
	double value = parse_number(text, &rest);

	for (size_t i = 0; value >= 0 && i < sizeof units / sizeof *units; i++)
	{
		if (strcmp(rest, units[i].suffix) != 0)
			continue;
		value *= units[i].factor;
		return value <= (double)SS_JSON_INT_MAX ? (long long)value : -1;
	}
	return -1;
}

long long process_parse_cpu(const char *text)
{
	const char *rest = NULL;
	double value = parse_number(text, &rest);

	if (value < 0 || value > 1e9)
		return -1;
	if (strcmp(rest, "m") == 0)
		return (long long)value;
	return *rest == '\0' ? (long long)(value * 1000) : -1;
}

static int parse_command(const cJSON *spec, process_spec *ret, ss_error *err)
{
	const cJSON *command = cJSON_GetObjectItemCaseSensitive(spec, "command");
	const cJSON *arg = NULL;
	int n = 0;

	if (command == NULL || cJSON_IsNull(command))
		return 0;
	if (!cJSON_IsArray(command))
		return ss_fail(err, "template_invalid", "the template's command is not an array");
	cJSON_ArrayForEach(arg, command)
	{
		if (!cJSON_IsString(arg) || strlen(arg->valuestring) > PROCESS_TEXT_MAX)
			return ss_fail(err, "template_invalid",
				"argument %d of the command is no text of at "
				"most %d bytes",
				n, PROCESS_TEXT_MAX);
		if (n == PROCESS_ARGS_MAX)
			return ss_fail(err, "template_invalid", "the command has more than %d arguments",
				PROCESS_ARGS_MAX);
		ret->args[n] = strdup(arg->valuestring);
		if (ret->args[n++] == NULL)
			return ss_fail(err, "out_of_memory", "no memory for the command");
	}
	if (n > 0 && ret->args[0][0] == '\0')
		return ss_fail(err, "template_invalid", "the command's program is empty");
	return 0;
}

static bool env_name_valid(const char *name)
{
	size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

	return len > 0 && len <= 128 && name[len] == '\0' && (name[0] < '0' || name[0] > '9');
}

/* Names that decide what the sandbox is stay ours. */
static bool env_name_ours(const char *name)
{
	static const char *const ours[] = {"HOME", "USER", "LOGNAME", "DISPLAY", "XAUTHORITY", "PATH",
		"XDG_RUNTIME_DIR", "LD_PRELOAD", "LD_LIBRARY_PATH"};

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
	{
		if (strcmp(name, ours[i]) == 0)
			return true;
	}
	return strncmp(name, "STREAMSPACE_", strlen("STREAMSPACE_")) == 0;
}

static int parse_env(const cJSON *spec, process_spec *ret, ss_error *err)
{
	const cJSON *item = NULL;
	int n = 0;

	cJSON_ArrayForEach(item, ss_json_array(spec, "env"))
	{
		const char *name = ss_json_string(item, "name");
		const char *value = ss_json_string(item, "value");

		if (name == NULL || !env_name_valid(name) || (value && strlen(value) > PROCESS_TEXT_MAX))
			return ss_fail(err, "template_invalid",
				"variable %d of the template has no valid name "
				"or a value over %d bytes",
				n, PROCESS_TEXT_MAX);
		if (env_name_ours(name))
			continue;
		if (n == PROCESS_ENV_MAX)
			return ss_fail(err, "template_invalid", "more than %d variables", PROCESS_ENV_MAX);
		ret->env[n * 2] = strdup(name);
		ret->env[n * 2 + 1] = strdup(value != NULL ? value : "");
		if (ret->env[n * 2] == NULL || ret->env[n * 2 + 1] == NULL)
			return ss_fail(err, "out_of_memory", "no memory for the variables");
		n++;
	}
	return 0;
}

static int parse_resolution(const cJSON *spec, process_spec *ret, ss_error *err)
{
	const char *text = ss_json_string(spec, "resolution");
	char *end = NULL;

	ret->width = DEFAULT_WIDTH;
	ret->height = DEFAULT_HEIGHT;
	if (text == NULL)
		return 0;
	long width = strtol(text, &end, 10);
	long height = *end == 'x' ? strtol(end + 1, &end, 10) : 0;
	if (*end != '\0' || width < EDGE_MIN || width > EDGE_MAX || height < EDGE_MIN ||
		height > EDGE_MAX)
		return ss_fail(err, "template_invalid", "resolution is not WIDTHxHEIGHT within %d and %d",
			EDGE_MIN, EDGE_MAX);
	ret->width = (int)width;
	ret->height = (int)height;
	return 0;
}

/* The session's own value, else the template's default. */
static const char *resource_text(const cJSON *payload, const cJSON *spec, const char *name)
{
	const char *text = ss_json_string(payload, name);

	if (text == NULL || *text == '\0')
		text = ss_json_string(ss_json_object(spec, "defaultResources"), name);
	return text;
}

static int parse_resources(
	const cJSON *payload, const cJSON *spec, process_spec *ret, ss_error *err)
{
	const char *memory = resource_text(payload, spec, "memory");
	const char *cpu = resource_text(payload, spec, "cpu");

	ret->memory = memory != NULL ? process_parse_memory(memory) : 0;
	ret->millicpu = cpu != NULL ? process_parse_cpu(cpu) : 0;
	if (ret->memory < 0 || (ret->memory > 0 && ret->memory < 64LL << 20))
		return ss_fail(err, "template_invalid", "memory is no quantity of at least 64Mi");
	if (ret->millicpu < 0)
		return ss_fail(err, "template_invalid", "cpu is no quantity");
	return 0;
}

/* True only for a member that is true. */
static bool is_true(const cJSON *object, const char *name)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static bool is_false(const cJSON *object, const char *name)
{
	return cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(object, name));
}

int process_spec_parse(const cJSON *payload, process_spec *ret, ss_error *err)
{
	const cJSON *spec = ss_json_object(ss_json_object(payload, "templateManifest"), "spec");
	const char *desired = ss_json_string(payload, "desiredState");

	const char *home = ss_json_string(ss_json_object(payload, "home"), "id");

	/* One that is too long is no valid id any more. */
	snprintf(ret->home, sizeof ret->home, "%s", home != NULL ? home : "");
	ret->network = is_true(spec, "network");
	ret->persistent_home = !is_false(payload, "persistentHome");
	ret->delete_home = is_true(payload, "deletePVC");
	ret->stopped_only = desired != NULL && strcmp(desired, "stopped") == 0;
	if (parse_command(spec, ret, err) < 0 || parse_env(spec, ret, err) < 0 ||
		parse_resolution(spec, ret, err) < 0)
		return -1;
	return parse_resources(payload, spec, ret, err);
}

void process_spec_done(process_spec *spec)
{
	for (int i = 0; i < PROCESS_ARGS_MAX; i++)
		free(spec->args[i]);
	for (int i = 0; i < PROCESS_ENV_MAX * 2; i++)
		free(spec->env[i]);
	*spec = (process_spec){0};
}

bool process_parse_uids(const char *text, uid_t *ret_first, uid_t *ret_last)
{
	char *end = NULL;

	*ret_first = *ret_last = 0;
	if (text == NULL || *text == '\0')
		return true;
	if (*text < '0' || *text > '9')
		return false;
	unsigned long first = strtoul(text, &end, 10);
	if (*end != '-' || end[1] < '0' || end[1] > '9')
		return false;
	unsigned long last = strtoul(end + 1, &end, 10);
	if (*end != '\0' || first < 1000 || last < first || last > 4294967293UL)
		return false;
	*ret_first = (uid_t)first;
	*ret_last = (uid_t)last;
	return true;
}
