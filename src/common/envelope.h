/*
 * envelope: the one shape of every WebSocket message, {"type","timestamp","payload"}.
 *
 * Exactly one message stands in a text frame. Any thread.
 */
#ifndef SS_COMMON_ENVELOPE_H
#define SS_COMMON_ENVELOPE_H

#include "common/error.h"

#include <cjson/cJSON.h>

typedef struct ss_envelope
{
	cJSON *root;           /* owns the rest */
	const char *type;      /* never NULL, 1..64 bytes */
	const char *timestamp; /* NULL when absent: it is informative only */
	const cJSON *payload;  /* an object, or NULL when absent or null */
} ss_envelope;

/*
 * Parses one frame. Codes: those of ss_json_parse(), wrong_type (not an object, type no string
 * or out of bounds, payload no object), missing_field (no type). Unknown members are ignored.
 */
int ss_envelope_parse(
	const char *frame, size_t len, size_t max_len, ss_envelope *ret, ss_error *err) SS_MUST_CHECK;

/* Frees what parse filled; *envelope becomes empty. */
void ss_envelope_done(ss_envelope *envelope);

/*
 * The text of a message with the time of now, malloc'd. payload stays the caller's; NULL
 * prints {}. NULL: no memory.
 */
char *ss_envelope_print(const char *type, const cJSON *payload) SS_MUST_CHECK;

/* The same around a payload that is JSON text already (from SQL, taken as it is). */
char *ss_envelope_print_text(const char *type, const char *payload_json) SS_MUST_CHECK;

#endif
