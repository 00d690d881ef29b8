/* agent_frame: messages to agents. Any thread. */
#include "server/agent_frame.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/envelope.h"

agent_frame *agent_frame_new(const char *type, const cJSON *payload)
{
	auto_free char *text = ss_envelope_print(type, payload);

	if (!text)
		return NULL;
	size_t len = strlen(text);
	agent_frame *frame = malloc(sizeof(*frame) + LWS_PRE + len);

	if (!frame)
		return NULL;
	*frame = (agent_frame){.len = len, .text = frame->buffer + LWS_PRE};
	memcpy(frame->text, text, len);
	return frame;
}

void agent_frame_free(agent_frame *frame)
{
	free(frame);
}
