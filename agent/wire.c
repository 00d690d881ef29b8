/* wire: reads and prints the agent's messages. Any thread. */
#include "agent/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/timeutil.h"

static const struct
{
	const char *name;
	driver_action action;
	const char *kind; /* that a command without objectKind means */
} actions[] = {
	{"start_session", DRIVER_START, "session"},
	{"stop_session", DRIVER_STOP, "session"},
	{"hibernate_session", DRIVER_HIBERNATE, "session"},
	{"wake_session", DRIVER_WAKE, "session"},
	{"apply", DRIVER_APPLY, "template"},
	{"remove", DRIVER_REMOVE, "template"},
};
#define ACTION_COUNT (sizeof actions / sizeof *actions)

const char *wire_action_name(driver_action action)
{
	for (size_t i = 0; i < ACTION_COUNT; i++)
	{
		if (actions[i].action == action)
			return actions[i].name;
	}
	return "unknown";
}

/* Reads exactly `count` digits and, unless it is NUL, the character after them. */
static bool take_number(const char **at, int count, char after, int *ret)
{
	int value = 0;

	for (int i = 0; i < count; i++, (*at)++)
	{
		if (**at < '0' || **at > '9')
			return false;
		value = value * 10 + (**at - '0');
	}
	*ret = value;
	if (after == '\0')
		return true;
	return *(*at)++ == after;
}

/* Z or +hh:mm or -hh:mm, in seconds east of UTC. */
static bool take_offset(const char *at, long long *ret)
{
	int hours = 0;
	int minutes = 0;
	int sign = *at == '-' ? -1 : 1;

	*ret = 0;
	if (strcmp(at, "Z") == 0 || strcmp(at, "z") == 0)
		return true;
	if (*at != '+' && *at != '-')
		return false;
	at++;
	if (!take_number(&at, 2, ':', &hours) || !take_number(&at, 2, '\0', &minutes) || *at != '\0')
		return false;
	*ret = sign * (hours * 3600LL + minutes * 60LL);
	return true;
}

long long wire_parse_time(const char *text)
{
	struct tm tm = {0};
	const char *at = text;
	long long offset = 0;
	long long ms = 0;

	if (!take_number(&at, 4, '-', &tm.tm_year) || !take_number(&at, 2, '-', &tm.tm_mon) ||
		!take_number(&at, 2, '\0', &tm.tm_mday) || (*at != 'T' && *at != 't' && *at != ' '))
		return -1;
	at++;
	if (!take_number(&at, 2, ':', &tm.tm_hour) || !take_number(&at, 2, ':', &tm.tm_min) ||
		!take_number(&at, 2, '\0', &tm.tm_sec))
		return -1;
	if (*at == '.')
	{
		long long scale = 100;
		for (at++; *at >= '0' && *at <= '9'; at++, scale /= 10)
			ms += (*at - '0') * scale;
	}
	if (!take_offset(at, &offset))
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	return ((long long)timegm(&tm) - offset) * 1000 + ms;
}

int wire_parse_welcome(const cJSON *payload, wire_welcome *ret, ss_error *err)
{
	wire_welcome welcome = {.heartbeat_s = 10, .max_frame = 1 << 20};
	long long value = 0;

	if (ss_json_int(payload, "epoch", &value) != 0 || value < 0)
		return ss_fail(err, "invalid_message", "the welcome has no epoch");
	welcome.epoch = value;
	if (ss_json_int(payload, "heartbeatSeconds", &value) == 0)
		welcome.heartbeat_s = value < 1 ? 1 : value > 300 ? 300 : (int)value;
	if (ss_json_int(ss_json_object(payload, "limits"), "maxFrameBytes", &value) == 0)
		welcome.max_frame = value < 65536        ? 65536
							: value > 64LL << 20 ? (size_t)64 << 20
												 : (size_t)value;
	(void)!ss_json_bool(ss_json_object(payload, "limits"), "streams", &welcome.streams);
	const char *time = ss_json_string(payload, "serverTime");
	long long wall = time != NULL ? wire_parse_time(time) : -1;
	if (wall >= 0)
		welcome.server_offset_ms = wall - ss_time_wall_ms();
	const char *installation = ss_json_string(payload, "installationId");
	if (installation != NULL)
	{
		if (strlen(installation) >= sizeof welcome.installation_id)
			return ss_fail(err, "invalid_message", "the installation's id is too long");
		snprintf(welcome.installation_id, sizeof welcome.installation_id, "%s", installation);
	}
	*ret = welcome;
	return 0;
}

/* Copies a text member of 1..size-1 bytes of `chars`. */
static int copy_id(
	const cJSON *payload, const char *name, const char *chars, char *ret, size_t size)
{
	const char *text = ss_json_string(payload, name);
	size_t len = text != NULL ? strspn(text, chars) : 0;

	if (len == 0 || text[len] != '\0' || len >= size)
		return -1;
	memcpy(ret, text, len + 1);
	return 0;
}

static int find_action(const char *name, size_t *ret)
{
	for (size_t i = 0; name != NULL && i < ACTION_COUNT; i++)
	{
		if (strcmp(actions[i].name, name) == 0)
		{
			*ret = i;
			return 0;
		}
	}
	return -1;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static int parse_fields(
	const cJSON *payload, long long offset_ms, driver_command *ret, ss_error *err)
{
	size_t action = 0;
	long long value = 0;

	if (copy_id(payload, "commandId", LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "-_.:", ret->id,
			sizeof ret->id) < 0)
		return ss_fail(err, "invalid_message", "the command has no valid commandId");
	if (find_action(ss_json_string(payload, "action"), &action) < 0)
		return ss_fail(err, "unsupported_action", "the action is none of this agent's");
	ret->action = actions[action].action;
	snprintf(ret->object_kind, sizeof ret->object_kind, "%s", actions[action].kind);
	if (ss_json_get(payload, "objectKind") != NULL &&
		copy_id(payload, "objectKind", LOWER, ret->object_kind, sizeof ret->object_kind) < 0)
		return ss_fail(err, "invalid_message", "the command's objectKind is not valid");
	if (copy_id(payload, "objectId", LOWER DIGITS "-.", ret->object_id, sizeof ret->object_id) <
			0 ||
		ret->object_id[0] == '-' || ret->object_id[0] == '.')
		return ss_fail(err, "invalid_message", "the command has no valid objectId");
	ret->payload = ss_json_object(payload, "payload");
	if (ret->payload == NULL)
		return ss_fail(err, "invalid_message", "the command has no payload");
	if (ss_json_int(payload, "epoch", &value) == 0)
		ret->epoch = value;
	if (ss_json_int(payload, "revision", &value) != 0 || value < 0)
		return ss_fail(err, "invalid_message", "the command has no revision");
	ret->revision = value;
	const char *deadline = ss_json_string(payload, "deadline");
	long long wall = deadline != NULL ? wire_parse_time(deadline) : -1;
	if (wall >= 0)
		ret->deadline_ms = wall - offset_ms - ss_time_wall_ms() + ss_time_monotonic_ms();
	return 0;
}

int wire_parse_command(ss_envelope *envelope, long long server_offset_ms, const char *installation,
	wire_command **ret, ss_error *err)
{
	wire_command *command = calloc(1, sizeof *command);

	if (command == NULL)
	{
		ss_envelope_done(envelope);
		return ss_fail(err, "out_of_memory", "no memory for a command");
	}
	command->envelope = *envelope;
	*envelope = (ss_envelope){0};
	if (parse_fields(command->envelope.payload, server_offset_ms, &command->command, err) < 0)
	{
		ss_error_set_detail(err, "%s", command->command.id);
		wire_command_free(command);
		return -1;
	}
	const char *own = ss_json_string(command->command.payload, "installationId");
	snprintf(command->command.installation_id, sizeof command->command.installation_id, "%.63s",
		own != NULL ? own : installation);
	*ret = command;
	return 0;
}

void wire_command_free(wire_command *command)
{
	if (command == NULL)
		return;
	ss_envelope_done(&command->envelope);
	free(command);
}

/* ---- Printing. cJSON's Add functions take NULL objects and then do nothing. */

static void add_text(cJSON *object, const char *name, const char *text)
{
	if (text != NULL && *text != '\0')
		cJSON_AddStringToObject(object, name, text);
}

char *wire_print_ack(const char *command_id)
{
	auto_cjson cJSON *payload = cJSON_CreateObject();

	if (cJSON_AddStringToObject(payload, "commandId", command_id) == NULL)
		return NULL;
	return ss_envelope_print("ack", payload);
}

char *wire_print_complete(const char *command_id, const driver_result *result)
{
	auto_cjson cJSON *payload = cJSON_CreateObject();

	cJSON_AddStringToObject(payload, "commandId", command_id);
	cJSON *object = cJSON_AddObjectToObject(payload, "result");
	cJSON_AddStringToObject(object, "state", result->state);
	add_text(object, "uid", result->uid);
	if (cJSON_AddNumberToObject(object, "revision", (double)result->revision) == NULL)
		return NULL;
	return ss_envelope_print("complete", payload);
}

char *wire_print_failed(const char *command_id, const char *error, const char *reason)
{
	auto_cjson cJSON *payload = cJSON_CreateObject();

	cJSON_AddStringToObject(payload, "commandId", command_id);
	cJSON_AddStringToObject(payload, "error", error);
	if (cJSON_AddStringToObject(payload, "reason", reason) == NULL)
		return NULL;
	return ss_envelope_print("failed", payload);
}

char *wire_print_observed(const driver_observed *observed)
{
	auto_cjson cJSON *payload = cJSON_CreateObject();

	cJSON_AddStringToObject(payload, "sessionId", observed->session_id);
	cJSON_AddNumberToObject(payload, "revision", (double)observed->revision);
	add_text(payload, "reason", observed->reason);
	add_text(payload, "message", observed->message);
	add_text(payload, "endpoint", observed->endpoint);
	if (observed->details != NULL)
		cJSON_AddItemToObject(payload, "details", cJSON_Duplicate(observed->details, true));
	if (cJSON_AddStringToObject(payload, "state", observed->state) == NULL)
		return NULL;
	return ss_envelope_print("observed", payload);
}

char *wire_print_progress(const char *command_id, const char *phase, int percent)
{
	auto_cjson cJSON *payload = cJSON_CreateObject();

	cJSON_AddStringToObject(payload, "commandId", command_id);
	if (percent >= 0)
		cJSON_AddNumberToObject(payload, "percent", percent);
	if (cJSON_AddStringToObject(payload, "phase", phase) == NULL)
		return NULL;
	return ss_envelope_print("progress", payload);
}

char *wire_print_heartbeat(const char *status, long long active, long long max, const char *network)
{
	auto_cjson cJSON *payload = cJSON_CreateObject();

	cJSON_AddStringToObject(payload, "status", status);
	cJSON_AddNumberToObject(payload, "activeSessions", (double)active);
	if (network != NULL)
		cJSON_AddStringToObject(payload, "network", network);
	cJSON *capacity = cJSON_AddObjectToObject(payload, "capacity");
	if (cJSON_AddNumberToObject(capacity, "maxSessions", (double)max) == NULL)
		return NULL;
	return ss_envelope_print("heartbeat", payload);
}

char *wire_print_unsupported(const char *type)
{
	auto_cjson cJSON *payload = cJSON_CreateObject();

	if (cJSON_AddStringToObject(payload, "type", type) == NULL)
		return NULL;
	return ss_envelope_print("unsupported", payload);
}

char *wire_print_inventory(
	const driver_inventory *inventory, size_t from, size_t count, int chunk, bool complete)
{
	auto_cjson cJSON *payload = cJSON_CreateObject();
	cJSON *objects = cJSON_AddArrayToObject(payload, "objects");

	for (size_t i = from; i < from + count; i++)
	{
		const driver_object *item = &inventory->items[i];
		cJSON *object = cJSON_CreateObject();
		cJSON_AddStringToObject(object, "kind", item->kind);
		cJSON_AddStringToObject(object, "id", item->id);
		cJSON_AddNumberToObject(object, "revision", (double)item->revision);
		add_text(object, "uid", item->uid);
		if (cJSON_AddStringToObject(object, "state", item->state) == NULL ||
			!cJSON_AddItemToArray(objects, object))
		{
			cJSON_Delete(object);
			return NULL;
		}
	}
	cJSON_AddNumberToObject(payload, "chunk", chunk);
	if (cJSON_AddBoolToObject(payload, "complete", complete) == NULL)
		return NULL;
	return ss_envelope_print("inventory", payload);
}
