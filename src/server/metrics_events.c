/* metrics_events: what the streams of events count, as metrics. */
#include <stddef.h>

#include "server/event_hub.h"
#include "server/metrics.h"

typedef struct event_metric
{
	const char *name; /* after streamspace_events_; a counter gets _total behind it */
	size_t offset;    /* in event_stats */
	bool counter;
	const char *help;
} event_metric;

#define AT(field) #field, offsetof(event_stats, field)

static const event_metric table[] = {
	{AT(streams), false, "Streams of events that are open on this server."},
	{"queued_bytes", offsetof(event_stats, queued), false, "Bytes that wait to be sent on them."},
	{AT(opened), true, "Streams of events that were opened."},
	{AT(refused), true, "Streams of events that were refused for want of room."},
	{AT(messages), true, "Messages put on streams."},
	{AT(gaps), true, "Gaps that were said on streams."},
	{AT(slow), true, "Streams ended because their reader was too slow."},
	{AT(looks), true, "Looks for changes, one for all streams."},
	{AT(reads), true, "Reads for one stream, which a look found to be concerned."},
	{AT(errors), true, "Rounds that the database failed."},
};

void metrics_add_events(ss_strbuf *out, event_hub *hub)
{
	event_stats stats = {0};
	event_hub_read_stats(hub, &stats);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
	{
		const event_metric *m = &table[i];
		const char *total = m->counter ? "_total" : "";
		const char *base = (const char *)&stats;
		long long value = *(const long long *)(const void *)(base + m->offset);
		ss_strbuf_appendf(out, "# HELP streamspace_events_%s%s %s\n", m->name, total, m->help);
		ss_strbuf_appendf(out, "# TYPE streamspace_events_%s%s %s\n", m->name, total,
			m->counter ? "counter" : "gauge");
		ss_strbuf_appendf(out, "streamspace_events_%s%s %lld\n", m->name, total, value);
	}
}
