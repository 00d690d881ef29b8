/*
 * streamspace-agent: carries out what a StreamSpace control plane decides, on this host or in a
 * Kubernetes cluster. The main thread reads the options, starts the others and waits for signals.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/doctor.h"
#include "common/exit.h"
#include "common/log.h"

static const ss_option_program program = {
	.name = "streamspace-agent",
	.env_prefix = "STREAMSPACE_AGENT_",
	.usage = "[OPTIONS] [run|doctor]",
	.description =
		"Connects to the control plane, starts and ends desktops as it says, and reports "
		"what becomes of them. `run` is the default; `doctor` says what this host lacks "
		"for it. SIGTERM ends the agent and leaves the sessions running.",
	.epilogue = SS_EXIT_HELP,
	.options = agent_option_table,
	/* Filled by main: the count is not a constant expression here. */
};

static int run(const agent_options *options)
{
	static agent self;
	ss_error err = SS_ERROR_INIT;
	sigset_t set;
	int which = 0;

	/* Before any thread starts: they inherit the mask, and only sigwait() sees the signals. */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (agent_start(options, &self, &err) < 0)
	{
		ss_log_error(SS_LOG_ERROR, "agent", "not_started", &err, NULL);
		return strcmp(err.code, "invalid_option") == 0 ? SS_EXIT_USAGE : SS_EXIT_FAILURE;
	}
	do
		sigwait(&set, &which);
	while (which == SIGHUP);
	ss_log(SS_LOG_INFO, "agent", "stopping", "signal", SS_NUM(which), NULL);
	agent_stop(&self);
	ss_log(SS_LOG_INFO, "agent", "stopped", NULL);
	return SS_EXIT_OK;
}

int main(int argc, char **argv)
{
	agent_options options = {0};
	ss_option_program own = program;
	ss_error err = SS_ERROR_INIT;
	ss_log_level level = SS_LOG_INFO;
	char text[1024];
	int code = SS_EXIT_USAGE;

	own.option_count = agent_option_count;
	int loaded = ss_option_load(&own, &argc, argv, &options, &err);
	if (loaded == 1)
		return SS_EXIT_OK;
	if (loaded < 0 || agent_options_check(&options, &err) < 0)
		fprintf(stderr, "streamspace-agent: %s\n", ss_error_text(&err, text, sizeof text));
	else if (argc > 2 ||
			 (argc == 2 && strcmp(argv[1], "run") != 0 && strcmp(argv[1], "doctor") != 0))
		fprintf(stderr, "streamspace-agent: the operand is run or doctor\n");
	else
	{
		(void)!ss_log_level_parse(options.log_level, &level);
		ss_log_set_level(level);
		signal(SIGPIPE, SIG_IGN);
		code = argc == 2 && strcmp(argv[1], "doctor") == 0 ? doctor_run(&options) : run(&options);
	}
	ss_option_done(&own, &options);
	return code;
}
