/*
 * The agent's options: one table for file, environment (STREAMSPACE_AGENT_X) and flags (--x).
 * Read once by main before any thread starts, constant after that.
 */
#ifndef AGENT_OPTIONS_H
#define AGENT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"
#include "common/log.h"
#include "common/option.h"

typedef struct agent_options
{
	char *control_plane_url;    /* http(s):// or ws(s)://host[:port][/prefix] */
	char *agent_id;             /* 3..63 of [a-z0-9-], begins with a letter */
	char *platform;             /* name of a driver */
	char *region;               /* NULL when empty, as every text that has no default */
	char *state_dir;            /* 0700; agent.key, installation_id, sessions/, homes/ */
	char *bootstrap_key_file;   /* read at registration only */
	char *enrolment_token_file; /* likewise */
	char *ca_file;              /* NULL or "" = the system's */
	char *log_level;

	long long max_sessions;
	long long executors;     /* effects at a time */
	long long queue;         /* commands waiting, before the agent stops taking more */
	long long outbox;        /* results and observations kept while disconnected */
	long long reconnect_max; /* seconds; cap of the back-off */

	long long max_streams;            /* viewers at a time, of all sessions */
	long long stream_buffer;          /* bytes of one viewer's input that may wait */
	long long stream_connect_timeout; /* seconds until a desktop must take a viewer */

	long long start_timeout; /* seconds until a desktop must show its greeting */
	long long stop_timeout;  /* seconds between TERM and KILL */

	/* process */
	char *session_uids; /* FIRST-LAST; needed when the agent runs as root */
	char *session_path; /* host directories that sessions see read-only, beside /usr */

	/* kubernetes */
	char *kubeconfig;            /* "" = in-cluster service account */
	char *namespace;             /* where sessions live */
	char *home_size;             /* of a session's claim, such as 10Gi */
	char *home_class;            /* storage class of it; NULL or "" = the cluster's default */
	char *identity_secret;       /* NAMESPACE/NAME; NULL or "" = the key lives in state_dir */
	char *leader_election_lease; /* name; NULL or "" = this process alone has this agent's id */
	char *network_probe;         /* image; "off" = strangers are not tried */
	char *credential_file;       /* key of the cleanup command */
	long long kube_rate;         /* requests a second to the API server */
	long long kube_burst;        /* requests at once after a pause */
	char *node_selector;         /* KEY=VALUE,... of all pods */
	char *tolerations;           /* JSON file of all pods */
	char *runtime_classes;  /* that templates may name; these three: the first is the default */
	char *priority_classes; /* same */
	char *pull_secrets;     /* same */
} agent_options;

/* The table (ended by its count) that main, --help and --print-config use. */
extern const ss_option agent_option_table[];
extern const size_t agent_option_count;

/* 3..63 of [a-z0-9-], beginning with a letter. */
bool agent_id_valid(const char *id);

/* What a single option cannot say for itself: formats, and options that need each other. */
int agent_options_check(const agent_options *options, ss_error *err) SS_MUST_CHECK;

#endif
