/* The agent's option table. Main thread, before others start. */
#include "agent/options.h"

#include <string.h>

#include "agent/driver.h"
#include "agent/url.h"

#define AT(field) offsetof(agent_options, field)

const ss_option agent_option_table[] = {
	{"control_plane_url", SS_OPTION_STRING, NULL, 1, 1024, false, AT(control_plane_url),
		"control plane, http(s):// or ws(s)://host[:port][/prefix]"},
	{"agent_id", SS_OPTION_STRING, NULL, 1, 63, false, AT(agent_id),
		"name of this agent, 3 to 63 of a-z, 0-9 and -, begins with a letter"},
	{"platform", SS_OPTION_STRING, "process", 1, 32, false, AT(platform),
		"where sessions run: process (this host) or kubernetes"},
	{"region", SS_OPTION_STRING, "", 0, 100, false, AT(region), "told to the control plane"},
	{"state_dir", SS_OPTION_STRING, "/var/lib/streamspace-agent", 1, 1024, false, AT(state_dir),
		"directory (0700) of the agent's key and, for processes, sessions and homes"},
	{"bootstrap_key_file", SS_OPTION_FILE, NULL, 0, 1024, false, AT(bootstrap_key_file),
		"key of 64 hex digits that opens registration, and nothing else"},
	{"enrolment_token_file", SS_OPTION_FILE, NULL, 0, 1024, false, AT(enrolment_token_file),
		"one-time token of 64 hex digits with which this agent enrols itself, approved beforehand"},
	{"ca_file", SS_OPTION_FILE, NULL, 0, 1024, false, AT(ca_file),
		"PEM bundle to trust for https and wss instead of the system's"},
	{"log_level", SS_OPTION_STRING, "info", 1, 16, false, AT(log_level),
		"debug, info, warning or error"},
	{"max_sessions", SS_OPTION_INT, "10", 1, 10000, false, AT(max_sessions),
		"sessions that may run at the same time"},
	{"executors", SS_OPTION_INT, "4", 1, 64, false, AT(executors),
		"commands carried out at the same time (of one session always one)"},
	{"queue", SS_OPTION_INT, "1000", 10, 100000, false, AT(queue),
		"commands that may wait; more are left for the control plane to send again"},
	{"outbox", SS_OPTION_INT, "5000", 100, 100000, false, AT(outbox),
		"messages kept for sending; the oldest are dropped while there is no connection"},
	{"reconnect_max", SS_OPTION_DURATION_S, "30s", 1, 3600, false, AT(reconnect_max),
		"longest pause between two attempts to reach the control plane"},
	{"max_streams", SS_OPTION_INT, "1024", 1, 10000, false, AT(max_streams),
		"viewers of all sessions that may be connected at the same time"},
	{"stream_buffer", SS_OPTION_SIZE, "64KiB", 4096, 16 << 20, false, AT(stream_buffer),
		"input of one viewer that may wait for its desktop; the viewer is stopped beyond that"},
	{"stream_connect_timeout", SS_OPTION_DURATION_S, "5s", 1, 60, false, AT(stream_connect_timeout),
		"time within which a desktop must take a viewer's connection"},
	{"start_timeout", SS_OPTION_DURATION_S, "60s", 1, 3600, false, AT(start_timeout),
		"time within which a started desktop must answer"},
	{"stop_timeout", SS_OPTION_DURATION_S, "5s", 0, 600, false, AT(stop_timeout),
		"time between asking programs to end and killing them"},
	{"session_uids", SS_OPTION_STRING, "", 0, 32, false, AT(session_uids),
		"process, as root: FIRST-LAST, uids (from 1000) that nothing else uses, one a session"},
	{"session_path", SS_OPTION_STRING, "/opt", 0, 4096, false, AT(session_path),
		"process: directories, colon-separated, that sessions see read-only beside /usr"},
	{"kubeconfig", SS_OPTION_FILE, NULL, 0, 1024, false, AT(kubeconfig),
		"kubernetes: configuration file; without it the pod's service account is used"},
	{"namespace", SS_OPTION_STRING, "streamspace", 1, 63, false, AT(namespace),
		"kubernetes: namespace of the sessions"},
	{"home_size", SS_OPTION_STRING, "10Gi", 1, 20, false, AT(home_size),
		"kubernetes: size of the volume that a session's home is asked for"},
	{"home_class", SS_OPTION_STRING, "", 0, 253, false, AT(home_class),
		"kubernetes: storage class of homes; without it the cluster's default"},
	{"node_selector", SS_OPTION_STRING, "", 0, 4096, false, AT(node_selector),
		"kubernetes: labels KEY=VALUE, comma-separated, that the nodes of all sessions have"},
	{"tolerations", SS_OPTION_FILE, NULL, 0, 1024, false, AT(tolerations),
		"kubernetes: JSON file {\"tolerations\": [...]} that all sessions get"},
	{"runtime_classes", SS_OPTION_STRING, "", 0, 4096, false, AT(runtime_classes),
		"kubernetes: runtime classes that templates may name; the first (may be empty) is the "
		"default"},
	{"priority_classes", SS_OPTION_STRING, "", 0, 4096, false, AT(priority_classes),
		"kubernetes: priority classes that templates may name; the first (may be empty) is the "
		"default"},
	{"pull_secrets", SS_OPTION_STRING, "", 0, 4096, false, AT(pull_secrets),
		"kubernetes: pull secrets that templates may name; the first (may be empty) is the "
		"default"},
	{"network_probe", SS_OPTION_STRING, "off", 0, 512, false, AT(network_probe),
		"kubernetes: image of this program for the pod that tries whether strangers reach "
		"desktops, or off"},
	{"credential_file", SS_OPTION_FILE, NULL, 0, 1024, false, AT(credential_file),
		"cleanup: its key of 64 hex digits, which reads one agent's set and nothing else"},
	{"identity_secret", SS_OPTION_STRING, "", 0, 320, false, AT(identity_secret),
		"kubernetes: NAMESPACE/NAME of the Secret that keeps the agent's key instead of state_dir"},
	{"leader_election_lease", SS_OPTION_STRING, "", 0, 253, false, AT(leader_election_lease),
		"kubernetes: Lease in namespace; of all agents with this id only its holder works"},
	{"kube_rate", SS_OPTION_INT, "20", 1, 10000, false, AT(kube_rate),
		"kubernetes: requests a second to the API server"},
	{"kube_burst", SS_OPTION_INT, "50", 1, 10000, false, AT(kube_burst),
		"kubernetes: requests at once after a pause"},
};
const size_t agent_option_count = sizeof agent_option_table / sizeof *agent_option_table;

bool agent_id_valid(const char *id)
{
	size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len >= 3 && len <= 63 && id[len] == '\0' && id[0] >= 'a' && id[0] <= 'z';
}

int agent_options_check(const agent_options *options, ss_error *err)
{
	ss_log_level level;
	agent_url url;

	if (!agent_id_valid(options->agent_id))
		return ss_fail(
			err, "invalid_option", "agent_id: 3 to 63 of a-z, 0-9 and -, beginning with a letter");
	if (driver_find(options->platform) == NULL)
		return ss_fail(
			err, "invalid_option", "platform %s is none of this program's", options->platform);
	if (ss_log_level_parse(options->log_level, &level) < 0)
		return ss_fail(err, "invalid_option", "log_level: debug, info, warning or error");
	if (options->state_dir[0] != '/')
		return ss_fail(err, "invalid_option", "state_dir is not an absolute path");
	const char *secret = options->identity_secret;
	const char *slash = secret != NULL ? strchr(secret, '/') : NULL;
	if (secret != NULL && *secret != '\0' &&
		(slash == NULL || slash == secret || slash[1] == '\0' || strchr(slash + 1, '/') != NULL))
		return ss_fail(err, "invalid_option", "identity_secret: NAMESPACE/NAME");
	return agent_url_parse(options->control_plane_url, &url, err);
}
