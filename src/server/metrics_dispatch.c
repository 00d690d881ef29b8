/* metrics_dispatch: what the dispatcher counts, as metrics. */
#include <stddef.h>

#include "server/metrics.h"

#pragma weak dispatch_get_stats
#pragma weak dispatch_offer

static const struct
{
	const char *name, *type, *help;
	size_t offset;
} table[] = {
#define ROW(field, type, help) {"dispatch_" #field, type, help, offsetof(dispatch_stats, field)},
#define GAUGE(field, help) ROW(field, "gauge", help)
#define COUNTER(field, help) \
	{"dispatch_" #field "_total", "counter", help, offsetof(dispatch_stats, field)},
	GAUGE(agents_connected, "Agents that are connected to this server.") GAUGE(
		admissions_waiting, "Agents that wait to be admitted.") GAUGE(write_queue_length,
		"Reports of agents that wait to be written.")
		GAUGE(listening, "1 while the notification connection to the database is up.") COUNTER(
			admissions_accepted, "Agents admitted.") COUNTER(admissions_refused, "Agents refused.")
			COUNTER(connections_lost, "Connections of agents that ended.") COUNTER(frames_received,
				"Messages received from agents.") COUNTER(frames_sent, "Messages sent to agents.")
				COUNTER(frames_rejected, "Messages that closed a connection.")
					COUNTER(rings_received, "Notifications received from the database.")
						COUNTER(commands_claimed, "Commands claimed.") COUNTER(results_written,
							"Results written to the database.") COUNTER(results_refused,
							"Results that the database refused: stale, unknown or foreign.")
							COUNTER(ticks, "Sweeps done.")
								COUNTER(errors, "Calls of the database that failed.")};

void metrics_add_dispatch(ss_strbuf *out, dispatch *d)
{
	if (d == NULL)
		return;
	dispatch_stats stats = {0};
	dispatch_get_stats(d, &stats);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
	{
		const char *base = (const char *)&stats;
		long long value = *(const long long *)(const void *)(base + table[i].offset);
		ss_strbuf_appendf(out,
			"# HELP streamspace_%s %s\n# TYPE streamspace_%s %s\nstreamspace_%s %lld\n",
			table[i].name, table[i].help, table[i].name, table[i].type, table[i].name, value);
	}
}
