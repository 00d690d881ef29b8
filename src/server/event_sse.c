/* event_sse: see event_sse.h. The reader runs in the HTTP thread, wake() in any. */
#include "server/event_sse.h"

#include <stdlib.h>
#include <string.h>

#include "common/strbuf.h"

#define BLOCK 16384
/* After bye the client gets this long to take it. */
#define GOODBYE_SECONDS 5

struct event_sse
{
	event_subscriber *subscriber;
	struct MHD_Connection *connection;
	httpd_conn *conn;
	char *text; /* what is being sent */
	size_t len, at;
	bool suspended; /* under the hub's lock */
};

static void wake(void *arg, bool ended)
{
	event_sse *sse = arg;

	if (ended)
		httpd_conn_deadline(sse->conn, GOODBYE_SECONDS);
	if (!sse->suspended)
		return;
	sse->suspended = false;
	MHD_resume_connection(sse->connection);
}

static void idle(void *arg)
{
	event_sse *sse = arg;

	sse->suspended = true;
	MHD_suspend_connection(sse->connection);
}

/* event, id and data; a comment for a sign of life. -1: no memory. */
static int format(event_sse *sse, const event_message *m)
{
	ss_strbuf out = SS_STRBUF_INIT;

	if (m->type == EVENT_ALIVE)
		ss_strbuf_append(&out, ":\n\n");
	else
	{
		ss_strbuf_appendf(&out, "event: %s\n", event_type_names[m->type]);
		if (m->token[0])
			ss_strbuf_appendf(&out, "id: %s\n", m->token);
		ss_strbuf_append(&out, "data: ");
		ss_strbuf_append_bytes(&out, m->text, m->len);
		ss_strbuf_append(&out, "\n\n");
	}
	sse->len = out.len;
	sse->at = 0;
	sse->text = ss_strbuf_take(&out);
	return sse->text != NULL ? 0 : -1;
}

static ssize_t read_block(void *cls, uint64_t position, char *block, size_t size)
{
	event_sse *sse = cls;
	bool ended;

	(void)position;
	if (sse->at == sse->len)
	{
		event_message *m = event_subscriber_take(sse->subscriber, &ended, idle, sse);

		free(sse->text);
		sse->text = NULL;
		sse->at = sse->len = 0;
		if (m == NULL)
			return ended ? MHD_CONTENT_READER_END_OF_STREAM : 0;
		int rc = format(sse, m);

		free(m);
		if (rc)
			return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	size_t n = sse->len - sse->at < size ? sse->len - sse->at : size;

	memcpy(block, sse->text + sse->at, n);
	sse->at += n;
	return (ssize_t)n;
}

event_sse *event_sse_new(
	event_subscriber *subscriber, struct MHD_Connection *connection, httpd_conn *conn)
{
	event_sse *sse = calloc(1, sizeof *sse);

	if (sse == NULL)
	{
		event_subscriber_free(subscriber);
		return NULL;
	}
	sse->subscriber = subscriber;
	sse->connection = connection;
	sse->conn = conn;
	event_subscriber_listen(subscriber, wake, sse);
	return sse;
}

struct MHD_Response *event_sse_response(event_sse *sse)
{
	return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_block, sse, NULL);
}

void event_sse_leave(event_sse *sse)
{
	event_subscriber_free(sse->subscriber);
	sse->subscriber = NULL;
}

void event_sse_free(event_sse *sse)
{
	if (sse == NULL)
		return;
	event_subscriber_free(sse->subscriber);
	free(sse->text);
	free(sse);
}
