/*
 * Log lines that values cannot forge, and fault points that kill.
 */
#include "common/fault.h"
#include "common/log.h"
#include "tests/c/tap.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static int saved_stderr;
static FILE *captured;

static void begin_capture(void)
{
	captured = tmpfile();
	saved_stderr = dup(STDERR_FILENO);
	if (captured == NULL || saved_stderr < 0 || dup2(fileno(captured), STDERR_FILENO) < 0)
		exit(2);
}

/* What was written, from the level on (the time before it is checked for its length). */
static const char *end_capture(void)
{
	static char text[2 * SS_LOG_LINE_MAX];
	size_t len;

	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	rewind(captured);
	len = fread(text, 1, sizeof text - 1, captured);
	text[len] = '\0';
	fclose(captured);
	return len > 25 ? text + 25 : text;
}

static void test_lines(void)
{
	begin_capture();
	ss_log(SS_LOG_INFO, "door", "accepted", "peer", "127.0.0.1", "fd", SS_NUM(-7), NULL);
	tap_is(end_capture(), "info door accepted peer=127.0.0.1 fd=-7\n", "a line");
	begin_capture();
	ss_log(SS_LOG_WARNING, "m", "e", "a", "x y", "b", "\"q\\\"", "c", "l1\nl2 k=v\x01\x7F", "d", "",
		"e", NULL, "f", "grün", NULL);
	tap_is(end_capture(),
		"warning m e a=\"x y\" b=\"\\\"q\\\\\\\"\" c=\"l1\\nl2 k=v\\x01\\x7f\" d=\"\" e=- "
		"f=\"grün\"\n",
		"values are quoted and escaped");
	begin_capture();
	ss_log(SS_LOG_DEBUG, "m", "e", NULL);
	tap_is(end_capture(), "", "debug is off");
	ss_log_set_level(SS_LOG_DEBUG);
	begin_capture();
	ss_log(SS_LOG_DEBUG, "m", "e", NULL);
	tap_is(end_capture(), "debug m e\n", "until it is on");
}

static void test_long_line(void)
{
	static char value[2 * SS_LOG_LINE_MAX];
	const char *line;

	memset(value, 'a', sizeof value - 1);
	begin_capture();
	ss_log(SS_LOG_INFO, "m", "e", "before", "1", "long", value, "after", "2", NULL);
	line = end_capture();
	tap_ok(strlen(line) <= SS_LOG_LINE_MAX && strcmp(line + strlen(line) - 4, "...\n") == 0,
		"a long line is cut and says so");
	tap_ok(strstr(line, "before=1") != NULL && strchr(line, '\n') == line + strlen(line) - 1,
		"and stays one line");
}

static void test_error_line(void)
{
	ss_error err = SS_ERROR_INIT;

	ss_fail(&err, "overloaded", "too busy");
	ss_wrap(&err, "serve");
	begin_capture();
	ss_log_error(SS_LOG_ERROR, "rest", "failed", &err, "route", "/x", NULL);
	tap_is(end_capture(),
		"error rest failed route=/x code=overloaded message=\"too busy\" context=serve\n",
		"an error's parts follow the pairs");
}

static void test_levels(void)
{
	ss_log_level level = SS_LOG_ERROR;

	tap_ok(ss_log_level_parse("warning", &level) == 0 && level == SS_LOG_WARNING, "a level's name");
	tap_ok(ss_log_level_parse("loud", &level) == -1 && level == SS_LOG_WARNING, "no level's name");
}

/* In a child: passes the points and exits with 7, unless it is killed. */
static int run_child(const char *fault, const char *once)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
	{
		if (once != NULL)
			setenv("STREAMSPACE_FAULT_ONCE", once, 1);
		setenv("STREAMSPACE_FAULT", fault, 1);
		dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
		for (int i = 0; i < 3; i++)
		{
			ss_fault("point");
			ss_fault("point-two");
		}
		_exit(7);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void test_faults(void)
{
	char once[] = "/tmp/ss-fault.XXXXXX";

	close(mkstemp(once));
	unlink(once);
	tap_is_int(run_child("point", NULL), -SIGKILL, "a fault point kills");
	tap_is_int(run_child("point:3", NULL), -SIGKILL, "at the third passage");
	tap_is_int(run_child("point:4", NULL), 7, "not before it is due");
	tap_is_int(run_child("poin", NULL), 7, "not at another name");
	tap_is_int(run_child("point-two", once), -SIGKILL, "once");
	tap_is_int(run_child("point-two", once), 7, "and not again");
	unlink(once);
}

int main(void)
{
	test_lines();
	test_long_line();
	test_error_line();
	test_levels();
#ifdef SS_FAULTS
	test_faults();
#else
	(void)run_child;
	(void)test_faults;
#endif
	return tap_done();
}
