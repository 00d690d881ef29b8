/* agent_frame: messages to agents. Any thread. */
#include "server/agent_frame.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/envelope.h"

/* text may be NULL: no memory. */
static agent_frame *wrap(const char *text)
{
	size_t len = text ? strlen(text) : 0;
	agent_frame *frame = text ? malloc(sizeof(*frame) + LWS_PRE + len) : NULL;

	if (!frame)
		return NULL;
	*frame = (agent_frame){.len = len, .text = frame->buffer + LWS_PRE};
	memcpy(frame->text, text, len);
	return frame;
}

agent_frame *agent_frame_new(const char *type, const cJSON *payload)
{
	auto_free char *text = ss_envelope_print(type, payload);

	return wrap(text);
}

agent_frame *agent_frame_new_text(const char *type, const char *json)
{
	auto_free char *text = ss_envelope_print_text(type, json);

	return wrap(text);
}

void agent_frame_free(agent_frame *frame)
{
	free(frame);
}
