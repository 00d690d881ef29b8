/* doctor: checks that need no running agent, then those of the platform. Main thread. */
#include "agent/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/driver.h"
#include "agent/identity.h"
#include "agent/url.h"
#include "common/exit.h"
#include "common/http.h"

typedef struct report
{
	int lacking;
} report;

static void say(void *ctx, const char *name, bool ok, const char *text)
{
	report *sum = ctx;

	printf("%-8s %-16s %s\n", ok ? "ok" : "lacking", name, text);
	sum->lacking += !ok;
}

/* The state directory, or the nearest of its parents that exists, must be ours to write. */
static void check_state_dir(const agent_options *options, report *sum)
{
	char path[1100];
	char text[1400];
	struct stat st;

	snprintf(path, sizeof path, "%s", options->state_dir);
	while (stat(path, &st) < 0 && errno == ENOENT && strlen(path) > 1)
	{
		char *slash = strrchr(path, '/');
		slash[slash == path ? 1 : 0] = '\0';
	}
	bool ok = access(path, W_OK | X_OK) == 0;
	snprintf(text, sizeof text, "%s%s", options->state_dir,
		ok ? "" : " cannot be written: choose another --state-dir or give it to this user");
	say(sum, "state-dir", ok, text);
}

static void check_key(const char *name, const char *path, bool needed, report *sum)
{
	ss_error err = SS_ERROR_INIT;
	char key[SS_HEX_SIZE];
	char text[600];

	if (path == NULL || *path == '\0')
	{
		if (needed)
			say(sum, name, true, "none given: enough once the agent is registered");
		return;
	}
	bool ok = agent_identity_read_key(path, key, &err) == 0;
	ss_crypto_wipe(key, sizeof key);
	snprintf(text, sizeof text, "%s", ok ? path : err.message);
	say(sum, name, ok, text);
}

static void check_control_plane(const agent_options *options, report *sum)
{
	ss_error err = SS_ERROR_INIT;
	agent_url url;
	char address[1100];
	char text[1400];
	ss_http_response answer = {0};
	bool ok = false;

	if (agent_url_parse(options->control_plane_url, &url, &err) == 0 && ss_http_init(&err) == 0 &&
		agent_url_http(&url, "/livez", address, sizeof address) != NULL)
	{
		ss_http_request request = {
			.method = "GET",
			.url = address,
			.ca_file = options->ca_file && *options->ca_file ? options->ca_file : NULL,
			.connect_timeout_ms = 3000,
			.timeout_ms = 5000,
		};
		ok = ss_http_perform(&request, &answer, &err) == 0 && answer.status == 200;
		if (!ok && answer.status != 0)
			(void)ss_fail(&err, "http_failed", "%s answered %ld", address, answer.status);
		ss_http_response_done(&answer);
	}
	snprintf(text, sizeof text, "%s%s%s", options->control_plane_url, ok ? "" : ": ",
		ok ? "" : err.message);
	say(sum, "control-plane", ok, text);
}

int doctor_run(const agent_options *options)
{
	report sum = {0};
	const driver_ops *ops = driver_find(options->platform);

	check_state_dir(options, &sum);
	check_key("bootstrap-key", options->bootstrap_key_file, true, &sum);
	check_key("enrolment-token", options->enrolment_token_file, false, &sum);
	check_control_plane(options, &sum);
	ops->doctor(options, say, &sum);
	return sum.lacking == 0 ? SS_EXIT_OK : SS_EXIT_INCAPABLE;
}
