/*
 * wire: the messages between agent and control plane (agent wire version 3). Any thread.
 *
 * One message is one text frame {"type","timestamp","payload"}; the functions that print return
 * its text, malloc'd, or NULL when memory is out. Unknown members of a payload are ignored.
 */
#ifndef AGENT_WIRE_H
#define AGENT_WIRE_H

#include "agent/driver.h"
#include "common/envelope.h"

#define WIRE_PROTOCOL_VERSION 3

/* A command and the memory its payload points into. */
typedef struct wire_command
{
	driver_command command;
	ss_envelope envelope;
} wire_command;

/* First frame of a connection. */
typedef struct wire_welcome
{
	int64_t epoch;
	long long server_offset_ms; /* server's wall clock minus ours; 0 when it told no time */
	int heartbeat_s;            /* 1..300 */
	size_t max_frame;           /* 64 KiB..64 MiB: what the control plane takes */
	bool streams;               /* it has a socket for viewer streams */
	char installation_id[DRIVER_INSTALLATION_SIZE];
} wire_welcome;

int wire_parse_welcome(const cJSON *payload, wire_welcome *ret, ss_error *err) SS_MUST_CHECK;

/*
 * Takes *envelope over in any case (it is empty afterwards). On success *ret is freed by
 * wire_command_free(). Codes: invalid_message; err->detail then holds the command's id if it had
 * a valid one.
 */
int wire_parse_command(ss_envelope *envelope, long long server_offset_ms, const char *installation,
	wire_command **ret, ss_error *err) SS_MUST_CHECK;
void wire_command_free(wire_command *command);

const char *wire_action_name(driver_action action);

char *wire_print_ack(const char *command_id) SS_MUST_CHECK;
char *wire_print_complete(const char *command_id, const driver_result *result) SS_MUST_CHECK;
char *wire_print_failed(
	const char *command_id, const char *error, const char *reason) SS_MUST_CHECK;
char *wire_print_observed(const driver_observed *observed) SS_MUST_CHECK;
char *wire_print_progress(const char *command_id, const char *phase, int percent) SS_MUST_CHECK;
/* network: open, closed, or NULL when that is not known. */
char *wire_print_heartbeat(
	const char *status, long long active, long long max, const char *network) SS_MUST_CHECK;
char *wire_print_unsupported(const char *type) SS_MUST_CHECK;
/* Objects [from, from + count) of the inventory. */
char *wire_print_inventory(const driver_inventory *inventory, size_t from, size_t count, int chunk,
	bool complete) SS_MUST_CHECK;

/* RFC 3339 (UTC or with an offset) in wall milliseconds; -1: it is none. */
long long wire_parse_time(const char *text);

#endif
