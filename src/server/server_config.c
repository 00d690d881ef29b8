/* server_config: the table from which --help, --print-config and every check come. */
#include "server/server_config.h"

#include <stddef.h>

#include "common/exit.h"

#define AT(field) offsetof(server_config, field)
#define KIB(n) ((long long)(n) << 10)
#define MIB(n) ((long long)(n) << 20)

static const ss_option options[] = {
	{"listen", SS_OPTION_STRING, "127.0.0.1:8080", 1, 255, false, AT(listen),
		"address of the public port, HOST:PORT; port 0 takes a free one"},
	{"internal_listen", SS_OPTION_STRING, "127.0.0.1:9090", 1, 255, false, AT(internal_listen),
		"address of /metrics, /livez and /readyz, not to be reached from outside"},
	{"port_file", SS_OPTION_FILE, NULL, 0, 0, false, AT(port_file),
		"file to write the two ports to (`public N`, `internal N`) once both listen"},
	{"database", SS_OPTION_STRING, "streamspace", 1, 63, false, AT(database),
		"name of the database; everything else comes from the libpq environment (PGHOST, ...)"},
	{"db_pool", SS_OPTION_INT, "8", 1, 100, false, AT(db_pool),
		"database connections, and threads, that serve REST"},
	{"db_wait", SS_OPTION_DURATION_S, "30s", 0, 3600, false, AT(db_wait),
		"how long to wait for the database at start"},
	{"log_level", SS_OPTION_STRING, "info", 1, 16, false, AT(log_level),
		"debug, info, warning or error"},
	{"replica", SS_OPTION_STRING, NULL, 0, 63, false, AT(replica),
		"name of this server among several; made up when empty"},
	{"relay_address", SS_OPTION_STRING, NULL, 0, 255, false, AT(relay_address),
		"IP:PORT by which other servers reach the internal port; empty: as it listens, if not on "
		"all addresses"},

	{"max_body", SS_OPTION_SIZE, "1MiB", KIB(4), MIB(16), false, AT(max_body),
		"largest body of a request"},
	{"body_memory", SS_OPTION_SIZE, "64MiB", MIB(1), MIB(4096), false, AT(body_memory),
		"memory for the bodies of all requests together; more is answered 503"},
	{"max_connections", SS_OPTION_INT, "1200", 16, 50000, false, AT(max_connections),
		"public HTTP connections; more are answered 503"},
	{"max_pending", SS_OPTION_INT, "2048", 16, 50000, false, AT(max_pending),
		"connections that have not shown a request line yet; the oldest makes room"},
	{"request_queue", SS_OPTION_INT, "1024", 1, 100000, false, AT(request_queue),
		"requests waiting for a database thread; more are answered 503"},
	{"create_batch", SS_OPTION_INT, "64", 1, 64, false, AT(create_batch),
		"sessions created in one transaction at most, of those that wait at that moment"},
	{"create_threads", SS_OPTION_INT, "1", 1, 16, false, AT(create_threads),
		"threads, with a database connection each, that create sessions"},
	{"request_timeout", SS_OPTION_DURATION_S, "30s", 1, 3600, false, AT(request_timeout),
		"time for an answer; a call of the database is cancelled after two thirds of it"},
	{"read_timeout", SS_OPTION_DURATION_S, "30s", 1, 3600, false, AT(read_timeout),
		"time in which a client must have sent the whole of a body"},
	{"send_timeout", SS_OPTION_DURATION_S, "60s", 1, 3600, false, AT(send_timeout),
		"time in which a client must have taken the whole of an answer"},
	{"idle_timeout", SS_OPTION_DURATION_S, "30s", 1, 3600, false, AT(idle_timeout),
		"time between one answer and the whole head of the next request"},
	{"drain_delay", SS_OPTION_DURATION_S, "0s", 0, 600, false, AT(drain_delay),
		"after SIGTERM: go on serving this long while /readyz says 503"},
	{"drain_timeout", SS_OPTION_DURATION_S, "20s", 1, 3600, false, AT(drain_timeout),
		"after that: wait this long for requests in flight"},
	{"password_threads", SS_OPTION_INT, "2", 1, 64, false, AT(password_threads),
		"threads that hash passwords (19 MiB of memory each)"},
	{"password_queue", SS_OPTION_INT, "64", 1, 10000, false, AT(password_queue),
		"log-ins waiting for such a thread; more are answered 503"},

	{"trusted_proxies", SS_OPTION_STRING, NULL, 0, 4096, false, AT(trusted_proxies),
		"addresses and networks (CIDR, by commas) whose X-Forwarded-For counts"},
	{"rate_limit_actor", SS_OPTION_INT, "6000", 0, 60000000, false, AT(rate_limit_actor),
		"requests a minute of one token, on this server; more are answered 429; 0: no limit"},
	{"rate_limit_address", SS_OPTION_INT, "0", 0, 60000000, false, AT(rate_limit_address),
		"the same of one client address (IPv6: of one /64); behind proxies set trusted_proxies "
		"first"},
	{"rate_limit_entries", SS_OPTION_INT, "8192", 64, 10000000, false, AT(rate_limit_entries),
		"tokens, and addresses, that the limits tell apart (40 bytes each)"},

	{"origins", SS_OPTION_STRING, NULL, 0, 4096, false, AT(origins),
		"origins of the page (https://HOST:PORT, by commas); empty: the Host of each request"},
	{"ui_dir", SS_OPTION_FILE, NULL, 0, 0, false, AT(ui_dir),
		"directory of the page; empty: `ui` beside the program or ../share/streamspace/ui"},
	{"ui_memory", SS_OPTION_SIZE, "32MiB", MIB(1), MIB(1024), false, AT(ui_memory),
		"largest size of all files of the page; they are kept in memory"},

#define DISPATCH_FIELD(name, kind, default_value, min, max, help) \
	{"dispatch_" #name, SS_OPTION_##kind, #default_value, min, max, false, AT(dispatch.name), help},
#include "server/dispatch_options.h"
#undef DISPATCH_FIELD
#define EVENT_FIELD(name, kind, default_value, min, max, help) \
	{"events_" #name, SS_OPTION_##kind, #default_value, min, max, false, AT(events.name), help},
#include "server/event_options.h"
#undef EVENT_FIELD

	{"org", SS_OPTION_STRING, "default", 1, 63, false, AT(org),
		"init: name of the first organisation"},
	{"admin", SS_OPTION_STRING, "admin", 1, 63, false, AT(admin),
		"init: name of the first administrator"},
	{"admin_password_file", SS_OPTION_FILE, NULL, 0, 0, false, AT(admin_password_file),
		"init: file whose first line is his password; else it is asked for or made up"},
	{"if_needed", SS_OPTION_BOOL, NULL, 0, 0, false, AT(if_needed),
		"init: a database that has users already is success; only the token is offered"},
	{"schema_wait", SS_OPTION_DURATION_S, "300s", 0, 86400, false, AT(schema_wait),
		"wait-schema: how long to wait; 0: look once"},
	{"bootstrap_key_file", SS_OPTION_FILE, NULL, 0, 0, false, AT(bootstrap_key_file),
		"init: file of the key that agents register with; made (mode 0600) when absent"},
	{"enrol_agent", SS_OPTION_STRING, NULL, 0, 100, false, AT(enrol_agent),
		"init: id of an agent that enrols itself with the token of enrol_token_file"},
	{"enrol_token_file", SS_OPTION_FILE, NULL, 0, 0, false, AT(enrol_token_file),
		"init: file of a one-time token of 64 hex digits; of no effect once that agent is "
		"enrolled"},
};

const ss_option_program server_program = {
	.name = "streamspaced",
	.env_prefix = "STREAMSPACED_",
	.usage = "[OPTIONS] [serve | init | wait-schema | routes]",
	.description =
		"The server of StreamSpace: REST and agents' WebSockets in front of PostgreSQL.\n"
		"  serve        (the default) run the server until SIGTERM or SIGINT\n"
		"  init         create the first organisation, administrator and bootstrap key, and a\n"
		"               token with which an agent enrols itself\n"
		"  wait-schema  wait until the database has a schema that serves this program\n"
		"  routes       print the table of routes as JSON\n",
	.epilogue = SS_EXIT_HELP,
	.options = options,
	.option_count = sizeof options / sizeof options[0],
};
