/* metrics_dispatch: what the dispatcher counts, as metrics. */
#include <stddef.h>

#include "server/metrics.h"

typedef struct dispatch_metric
{
	const char *name; /* after streamspace_dispatch_; a counter gets _total behind it */
	size_t offset;    /* in dispatch_stats */
	bool counter;
	const char *help;
} dispatch_metric;

#define AT(field) #field, offsetof(dispatch_stats, field)

static const dispatch_metric table[] = {
	{AT(agents_connected), false, "Agents that are connected to this server."},
	{AT(admissions_waiting), false, "Agents that wait to be admitted."},
	{AT(write_queue_length), false, "Reports of agents that wait to be written."},
	{AT(write_queue_bytes), false, "Bytes of the reports that wait to be written."},
	{AT(listening), false, "1 while the notification connection to the database is up."},
	{AT(asleep), false, "1 while commands are told by the database, 0 while they are looked for."},
	{AT(admissions_accepted), true, "Agents admitted."},
	{AT(admissions_refused), true, "Agents refused."},
	{AT(connections_lost), true, "Connections of agents that ended."},
	{AT(frames_received), true, "Messages received from agents."},
	{AT(frames_sent), true, "Messages sent to agents."},
	{AT(frames_rejected), true, "Messages that closed a connection: malformed, too large, binary."},
	{AT(frames_unsupported), true, "Messages of an unknown or refused type."},
	{AT(agents_slow), true, "Agents cut off because they did not read."},
	{AT(agents_silent), true, "Agents cut off because they answered no ping."},
	{AT(reads_held), true, "Times that reading from an agent was suspended."},
	{AT(rings_received), true, "Notifications received from the database."},
	{AT(awakenings), true, "Times that notifications came so fast that polling began."},
	{AT(polls), true, "Looks for commands without a notification."},
	{AT(claims), true, "Calls that claimed commands."},
	{AT(commands_claimed), true, "Commands claimed."},
	{AT(commands_ahead), true, "Commands sent while their claim was being written."},
	{AT(commands_undelivered), true, "Commands claimed for a connection that was gone."},
	{AT(results_written), true, "Results of commands written to the database."},
	{AT(results_refused), true, "Results that the database refused: stale, unknown or foreign."},
	{AT(items_written), true, "Reports of all kinds written to the database."},
	{AT(items_refused), true, "Reports of all kinds that the database refused."},
	{AT(items_dropped), true, "Reports that could not be written."},
	{AT(ticks), true, "Sweeps done."},
	{AT(sockets_waiting), false, "Viewers, streams and the like that wait to be admitted."},
	{AT(sockets_admitted), true, "Viewers, streams and the like that were admitted."},
	{AT(sockets_refused), true, "Viewers, streams and the like that were refused."},
	{AT(viewers), false, "Browsers that look at sessions through this server."},
	{AT(relays), false, "Streams that come from or go to another server."},
	{AT(stream_sockets), false, "Agents whose stream socket is at this server."},
	{AT(stream_bytes), false, "Bytes of streams that wait to be written."},
	{AT(stream_reserved), false, "Bytes set aside for open streams, of dispatch_stream_memory."},
	{AT(viewer_bytes_received), true, "Bytes from browsers."},
	{AT(viewer_bytes_sent), true, "Bytes to browsers."},
	{AT(viewer_reads_held), true, "Times that reading from a viewer was suspended."},
	{AT(viewer_reviews), true, "Times that the database was asked which viewers may go on."},
	{AT(viewers_cut), true, "Viewers that might not go on."},
	{AT(viewers_malformed), true, "Viewers closed because of what they sent."},
	{AT(viewers_silent), true, "Viewers cut off because they answered no ping."},
	{AT(viewers_slow), true, "Viewers cut off because they did not read."},
	{AT(stream_bytes_to_agents), true, "Bytes of streams sent to agents."},
	{AT(stream_bytes_from_agents), true, "Bytes of stream sockets received from agents."},
	{AT(stream_violations), true, "Stream sockets closed because of what the agent sent."},
	{AT(errors), true, "Calls of the database that failed."},
};

void metrics_add_dispatch(ss_strbuf *out, dispatch *d)
{
	dispatch_stats stats = {0};
	dispatch_get_stats(d, &stats);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
	{
		const dispatch_metric *m = &table[i];
		const char *total = m->counter ? "_total" : "";
		const char *base = (const char *)&stats;
		long long value = *(const long long *)(const void *)(base + m->offset);
		ss_strbuf_appendf(out, "# HELP streamspace_dispatch_%s%s %s\n", m->name, total, m->help);
		ss_strbuf_appendf(out, "# TYPE streamspace_dispatch_%s%s %s\n", m->name, total,
			m->counter ? "counter" : "gauge");
		ss_strbuf_appendf(out, "streamspace_dispatch_%s%s %lld\n", m->name, total, value);
	}
}
