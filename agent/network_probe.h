/* network_probe: `streamspace-agent probe HOST PORT`, what a stranger's pod runs. Main thread. */
#ifndef AGENT_NETWORK_PROBE_H
#define AGENT_NETWORK_PROBE_H

#define NETWORK_PROBE_OPEN 3 /* exit code: the port was reached */
#define NETWORK_PROBE_MS 5000

/*
 * Tries to connect to a numeric address. 0: not within five seconds, or refused on the way;
 * NETWORK_PROBE_OPEN: connected; SS_EXIT_USAGE: no address.
 */
int network_probe_run(const char *host, const char *port);

#endif
