/* messages: what each message of the control plane does. Connection thread. */
#include <stdio.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/connection.h"
#include "common/fault.h"
#include "common/json.h"
#include "common/log.h"

#define FRAME_MAX ((size_t)4 << 20)
#define RETRY_AFTER_MAX_S 600

/* 0, or a close code. `envelope` may be taken over (it is then empty). */
typedef int (*message_handler)(agent *self, ss_envelope *envelope, const char **ret_reason);

static int on_welcome(agent *self, ss_envelope *envelope, const char **ret_reason)
{
	wire_welcome welcome;
	ss_error err = SS_ERROR_INIT;

	if (wire_parse_welcome(envelope->payload, &welcome, &err) < 0)
	{
		*ret_reason = "invalid welcome";
		return 1008;
	}
	if (welcome.installation_id[0] != '\0' &&
		agent_identity_set_installation(&self->identity, welcome.installation_id, &err) < 0)
	{
		ss_log_error(SS_LOG_ERROR, "agent", "installation_refused", &err, NULL);
		*ret_reason = "another installation";
		return 1008;
	}
	connection_set_welcome(self->connection, &welcome);
	ss_log(SS_LOG_INFO, "agent", "welcome", "epoch", SS_NUM(welcome.epoch), "heartbeat_s",
		SS_NUM(welcome.heartbeat_s), "installation", welcome.installation_id, NULL);
	atomic_store(&self->draining, false);
	connection_send_heartbeat(self->connection);
	inventory_request(self->inventory, 0);
	return 0;
}

static int on_command(agent *self, ss_envelope *envelope, const char **ret_reason)
{
	const wire_welcome *welcome = connection_welcome(self->connection);
	wire_command *command = NULL;
	ss_error err = SS_ERROR_INIT;
	char id[DRIVER_ID_SIZE];
	char action[DRIVER_STATE_SIZE];
	char object[DRIVER_OBJECT_SIZE];

	(void)ret_reason;
	if (wire_parse_command(envelope, welcome->server_offset_ms, self->identity.installation_id,
			&command, &err) < 0)
	{
		ss_log_error(SS_LOG_WARNING, "agent", "command_refused", &err, NULL);
		if (err.detail[0] != '\0')
			outbox_push(self->outbox, OUTBOX_RESULT, err.detail,
				wire_print_failed(err.detail, err.message, err.code));
		return 0;
	}
	if (command->command.epoch != 0 && command->command.epoch != welcome->epoch)
	{
		ss_log(SS_LOG_WARNING, "agent", "command_of_other_epoch", "command", command->command.id,
			NULL);
		wire_command_free(command);
		return 0;
	}
	ss_fault("command-received");
	snprintf(id, sizeof id, "%s", command->command.id);
	snprintf(action, sizeof action, "%s", wire_action_name(command->command.action));
	snprintf(object, sizeof object, "%s", command->command.object_id);
	ss_log(
		SS_LOG_DEBUG, "agent", "command", "command", id, "action", action, "object", object, NULL);
	/* Only this thread submits, so the room stays; the ack goes out before any result. */
	if (!executor_has_room(self->executor))
	{
		ss_log(SS_LOG_WARNING, "agent", "queue_full", "command", id, NULL);
		wire_command_free(command);
		return 0;
	}
	outbox_push(self->outbox, OUTBOX_PASSING, NULL, wire_print_ack(id));
	executor_submit(self->executor, command);
	return 0;
}

static int on_inventory_request(agent *self, ss_envelope *envelope, const char **ret_reason)
{
	(void)envelope;
	(void)ret_reason;
	inventory_request(self->inventory, 0);
	return 0;
}

static int on_ping(agent *self, ss_envelope *envelope, const char **ret_reason)
{
	(void)envelope;
	(void)ret_reason;
	connection_send_heartbeat(self->connection);
	return 0;
}

static int on_drain(agent *self, ss_envelope *envelope, const char **ret_reason)
{
	(void)envelope;
	(void)ret_reason;
	ss_log(SS_LOG_INFO, "agent", "draining", NULL);
	atomic_store(&self->draining, true);
	connection_send_heartbeat(self->connection);
	return 0;
}

static int on_goaway(agent *self, ss_envelope *envelope, const char **ret_reason)
{
	const char *reason = ss_json_string(envelope->payload, "reason");
	long long seconds = 0;

	(void)ret_reason;
	if (ss_json_int(envelope->payload, "retryAfterSeconds", &seconds) != 0 || seconds < 0)
		seconds = 0;
	if (seconds > RETRY_AFTER_MAX_S)
		seconds = RETRY_AFTER_MAX_S;
	connection_set_goaway(self->connection, reason != NULL ? reason : "", seconds * 1000);
	return 0;
}

static const struct
{
	const char *type;
	message_handler handle;
} handlers[] = {
	{"welcome", on_welcome},
	{"command", on_command},
	{"inventory_request", on_inventory_request},
	{"ping", on_ping},
	{"drain", on_drain},
	{"goaway", on_goaway},
	{"shutdown", on_goaway},
};

int messages_handle(agent *self, const char *frame, size_t len, const char **ret_reason)
{
	ss_envelope envelope = {0};
	ss_error err = SS_ERROR_INIT;
	int code = -1;

	if (ss_envelope_parse(frame, len, FRAME_MAX, &envelope, &err) < 0)
	{
		ss_log_error(SS_LOG_WARNING, "agent", "malformed_frame", &err, NULL);
		*ret_reason = err.code[0] == 'i' ? "invalid JSON" : "malformed message";
		return strcmp(err.code, "invalid_utf8") == 0 ? 1007 : 1008;
	}
	if (!connection_is_welcome(self->connection) && strcmp(envelope.type, "welcome") != 0 &&
		strcmp(envelope.type, "goaway") != 0)
	{
		ss_envelope_done(&envelope);
		*ret_reason = "the welcome comes first";
		return 1008;
	}
	for (size_t i = 0; code < 0 && i < sizeof handlers / sizeof *handlers; i++)
	{
		if (strcmp(handlers[i].type, envelope.type) == 0)
			code = handlers[i].handle(self, &envelope, ret_reason);
	}
	if (code < 0)
	{
		atomic_fetch_add(&self->unsupported, 1);
		ss_log(SS_LOG_DEBUG, "agent", "unsupported", "type", envelope.type, NULL);
		outbox_push(self->outbox, OUTBOX_PASSING, NULL, wire_print_unsupported(envelope.type));
		code = 0;
	}
	ss_envelope_done(&envelope);
	return code;
}
