/*
 * streamspace-agent: carries out what a StreamSpace control plane decides, on this host or in a
 * Kubernetes cluster. The main thread reads the options, starts the others and waits for signals.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/cleanup.h"
#include "agent/doctor.h"
#include "agent/leader.h"
#include "agent/network_probe.h"
#include "common/exit.h"
#include "common/log.h"

static const ss_option_program program = {
	.name = "streamspace-agent",
	.env_prefix = "STREAMSPACE_AGENT_",
	.usage = "[OPTIONS] [run|doctor|cleanup [--dry-run] [--force]]",
	.description =
		"Connects to the control plane, starts and ends desktops as it says, and reports "
		"what becomes of them. `run` is the default; `doctor` says what this host lacks "
		"for it; `cleanup` removes from a cluster what the control plane does not know: it marks "
		"first and deletes a day later, --dry-run only reports, --force (by hand, at a terminal) "
		"lifts the limits on how much is deleted. SIGTERM ends the agent and leaves the sessions "
		"running.",
	.epilogue = SS_EXIT_HELP,
	.options = agent_option_table,
	/* Filled by main: the count is not a constant expression here. */
};

/* Until this process is the one that works; the signal that came before that, else 0. */
static int wait_for_lease(const leader *election, const sigset_t *set)
{
	const struct timespec slice = {.tv_nsec = 100000000};

	while (!leader_holds(election))
	{
		int which = sigtimedwait(set, NULL, &slice);
		if (which == SIGTERM || which == SIGINT)
			return which;
	}
	return 0;
}

static int run(const agent_options *options)
{
	leader *election = NULL;
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
	if (leader_start(options, &election, &err) < 0)
	{
		ss_log_error(SS_LOG_ERROR, "agent", "not_started", &err, NULL);
		return SS_EXIT_FAILURE;
	}
	if ((which = wait_for_lease(election, &set)) != 0)
	{
		leader_stop(election);
		ss_log(SS_LOG_INFO, "agent", "stopped", "signal", SS_NUM(which), NULL);
		return SS_EXIT_OK;
	}
	if (agent_start(options, election, &self, &err) < 0)
	{
		leader_stop(election);
		ss_log_error(SS_LOG_ERROR, "agent", "not_started", &err, NULL);
		return strcmp(err.code, "invalid_option") == 0 ? SS_EXIT_USAGE : SS_EXIT_FAILURE;
	}
	do
		sigwait(&set, &which);
	while (which == SIGHUP);
	ss_log(SS_LOG_INFO, "agent", "stopping", "signal", SS_NUM(which), NULL);
	agent_stop(&self);
	leader_stop(election);
	ss_log(SS_LOG_INFO, "agent", "stopped", NULL);
	return SS_EXIT_OK;
}

/*
 * Takes the flags of cleanup out of the arguments. They are in no table, so that neither a
 * variable nor a file can set them.
 */
static bool take_flags(int *argc, char **argv, cleanup_flags *ret)
{
	int kept = 1;
	for (int i = 1; i < *argc; i++)
	{
		if (strcmp(argv[i], "--dry-run") == 0)
			ret->dry_run = true;
		else if (strcmp(argv[i], "--force") == 0)
			ret->force = true;
		else
			argv[kept++] = argv[i];
	}
	bool some = kept < *argc;
	*argc = kept;
	argv[kept] = NULL;
	return some;
}

typedef enum command
{
	COMMAND_RUN,
	COMMAND_DOCTOR,
	COMMAND_CLEANUP,
	COMMAND_NONE,
} command;

static command find_command(int argc, char **argv)
{
	static const char *const names[] = {"run", "doctor", "cleanup"};
	if (argc == 1)
		return COMMAND_RUN;
	for (size_t i = 0; argc == 2 && i < sizeof names / sizeof *names; i++)
	{
		if (strcmp(argv[1], names[i]) == 0)
			return (command)i;
	}
	return COMMAND_NONE;
}

int main(int argc, char **argv)
{
	cleanup_flags flags = {0};
	agent_options options = {0};
	ss_option_program own = program;
	ss_error err = SS_ERROR_INIT;
	ss_log_level level = SS_LOG_INFO;
	char text[1024];
	int code = SS_EXIT_USAGE;

	/* Needs nothing of all this: it runs in a pod that has no configuration. */
	if (argc == 4 && strcmp(argv[1], "probe") == 0)
		return network_probe_run(argv[2], argv[3]);
	own.option_count = agent_option_count;
	bool flagged = take_flags(&argc, argv, &flags);
	int loaded = ss_option_load(&own, &argc, argv, &options, &err);
	if (loaded == 1)
		return SS_EXIT_OK;
	if (loaded < 0 || agent_options_check(&options, &err) < 0)
		fprintf(stderr, "streamspace-agent: %s\n", ss_error_text(&err, text, sizeof text));
	else if (find_command(argc, argv) == COMMAND_NONE)
		fprintf(stderr, "streamspace-agent: the operand is run, doctor or cleanup\n");
	else if (flagged && find_command(argc, argv) != COMMAND_CLEANUP)
		fprintf(stderr, "streamspace-agent: --dry-run and --force are of cleanup\n");
	else
	{
		(void)!ss_log_level_parse(options.log_level, &level);
		ss_log_set_level(level);
		signal(SIGPIPE, SIG_IGN);
		switch (find_command(argc, argv))
		{
		case COMMAND_DOCTOR:
			code = doctor_run(&options);
			break;
		case COMMAND_CLEANUP:
			code = cleanup_run(&options, &flags);
			break;
		case COMMAND_RUN:
		case COMMAND_NONE:
			code = run(&options);
		}
	}
	ss_option_done(&own, &options);
	return code;
}
