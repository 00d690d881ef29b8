/*
 * stream_frame: the frames on the stream socket between server and agent. Pure; any thread.
 *
 * A message of that WebSocket is binary and holds exactly one frame:
 * [type u8][stream u32 big-endian][payload of at most SS_STREAM_PAYLOAD_MAX bytes].
 *
 *   OPEN    server to agent  {"session":"s-…","credit":N}: N bytes of DATA may come back
 *   OPENED  agent to server  u32: so many bytes of DATA may be sent
 *   DATA    both             bytes
 *   CREDIT  both             u32: so many bytes more
 *   CLOSE   both             a reason of at most 64 bytes; answered by CLOSE unless both crossed
 *   ERROR   both             {"code","message"}; ends the stream, is not answered
 *
 * Stream ids are the server's, rise from 1 and are never used again on a socket. What a socket may
 * not say at all is refused here; what depends on the streams that there are, by their owners.
 */
#ifndef SS_COMMON_STREAM_FRAME_H
#define SS_COMMON_STREAM_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* The subprotocol that an agent offers: with it the server reads whole frames at once. */
#define SS_STREAM_PROTOCOL "streamspace-streams"

#define SS_STREAM_HEAD 5
#define SS_STREAM_PAYLOAD_MAX 16384
#define SS_STREAM_FRAME_MAX (SS_STREAM_HEAD + SS_STREAM_PAYLOAD_MAX)
#define SS_STREAM_REASON_MAX 64
#define SS_STREAM_CREDIT_STEP_MAX (1u << 24) /* of OPENED and CREDIT */
#define SS_STREAM_CREDIT_MAX (1u << 30)      /* that may stand at a time */

typedef enum ss_stream_type
{
	SS_STREAM_OPEN = 1,
	SS_STREAM_OPENED,
	SS_STREAM_DATA,
	SS_STREAM_CREDIT,
	SS_STREAM_CLOSE,
	SS_STREAM_ERROR,
} ss_stream_type;

typedef struct ss_stream_frame
{
	ss_stream_type type;
	uint32_t stream; /* never 0 */
	const unsigned char *payload;
	size_t len;
	uint32_t credit; /* of OPENED and CREDIT: 1..2^24; else 0 */
} ss_stream_frame;

/*
 * Takes one message apart; payload points into it. Code invalid_frame; the message may be told to
 * the other side.
 */
int ss_stream_frame_parse(
	const void *data, size_t len, ss_stream_frame *ret, ss_error *err) SS_MUST_CHECK;

/*
 * The JSON of OPEN (credit 0..2^24) and of ERROR. A code is cut to what its buffer holds, and
 * what is not printable in code and message becomes '?'. Code invalid_frame.
 */
int ss_stream_open_parse(const ss_stream_frame *frame, char *ret_session, size_t size,
	uint32_t *ret_credit, ss_error *err) SS_MUST_CHECK;
int ss_stream_error_parse(const ss_stream_frame *frame, char *ret_code, size_t code_size,
	char *ret_message, size_t message_size, ss_error *err) SS_MUST_CHECK;

/* The first SS_STREAM_HEAD bytes of a frame; the payload is the caller's. */
void ss_stream_frame_head(unsigned char *buf, ss_stream_type type, uint32_t stream);

/*
 * Whole frames in buf of SS_STREAM_FRAME_MAX bytes; they return its length. Texts are cut where
 * they do not fit: a reason to 64 bytes, code and message of an error to 64 and 500.
 */
size_t ss_stream_frame_credit(
	unsigned char *buf, ss_stream_type type, uint32_t stream, uint32_t credit);
size_t ss_stream_frame_close(unsigned char *buf, uint32_t stream, const char *reason);
size_t ss_stream_open_print(
	unsigned char *buf, uint32_t stream, const char *session, uint32_t credit);
size_t ss_stream_error_print(
	unsigned char *buf, uint32_t stream, const char *code, const char *message);

#endif
