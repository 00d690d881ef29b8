/* server_config: the options of streamspaced, one table for all of its subcommands. */
#ifndef STREAMSPACE_SERVER_CONFIG_H
#define STREAMSPACE_SERVER_CONFIG_H

#include <stdbool.h>

#include "common/option.h"
#include "server/dispatch.h"
#include "server/event_hub.h"

/* Filled by ss_option_load(server_program, ...); read-only afterwards, so any thread may read. */
typedef struct server_config
{
	char *listen;
	char *internal_listen;
	char *port_file;
	char *database;
	long long db_pool;
	long long db_wait;
	char *log_level;
	char *replica;
	char *relay_address;

	long long max_body;
	long long body_memory;
	long long max_connections;
	long long max_pending;
	long long create_batch, create_threads;
	long long request_queue;
	long long request_timeout;
	long long read_timeout;
	long long send_timeout;
	long long idle_timeout;
	long long drain_delay;
	long long drain_timeout;
	long long password_threads;
	long long password_queue;
	char *trusted_proxies;
	long long rate_limit_actor;
	long long rate_limit_address;
	long long rate_limit_entries;
	char *origins;
	char *ui_dir;
	long long ui_memory;

	event_config events;
	dispatch_config dispatch; /* its numbers; serve() adds the texts */

	char *org;
	char *admin;
	char *admin_password_file;
	bool if_needed;
	long long schema_wait;
	char *bootstrap_key_file;
	char *enrol_agent;
	char *enrol_token_file;
} server_config;

extern const ss_option_program server_program;

#endif
