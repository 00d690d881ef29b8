/* main: options, then the subcommand. */
#include <stdio.h>
#include <string.h>

#include "common/exit.h"
#include "common/log.h"
#include "server/init.h"
#include "server/route.h"
#include "server/server.h"
#include "server/wait_schema.h"

static int print_routes(const server_config *config)
{
	(void)config;
	return route_print() ? SS_EXIT_FAILURE : SS_EXIT_OK;
}

static const struct
{
	const char *name;
	int (*run)(const server_config *config);
} commands[] = {
	{"serve", serve},
	{"init", init_run},
	{"wait-schema", wait_schema_run},
	{"routes", print_routes},
};

static int run(const char *name, const server_config *config)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].run(config);
	fprintf(stderr, "streamspaced: there is no command %s (see --help)\n", name);
	return SS_EXIT_USAGE;
}

int main(int argc, char **argv)
{
	server_config config = {0};
	ss_error err = SS_ERROR_INIT;
	ss_log_level level;

	int rc = ss_option_load(&server_program, &argc, argv, &config, &err);
	if (rc > 0)
		return SS_EXIT_OK;
	if (rc < 0)
	{
		fprintf(stderr, "streamspaced: %s\n", err.message);
		return SS_EXIT_USAGE;
	}
	int code = SS_EXIT_USAGE;
	if (ss_log_level_parse(config.log_level, &level))
		fprintf(stderr, "streamspaced: log_level is debug, info, warning or error\n");
	else if (argc > 2)
		fprintf(stderr, "streamspaced: one command at most (see --help)\n");
	else
	{
		ss_log_set_level(level);
		code = run(argc > 1 ? argv[1] : "serve", &config);
	}
	ss_option_done(&server_program, &config);
	return code;
}
