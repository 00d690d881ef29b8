/*
 * The option table: sources and their order, ranges, errors that say where, secrets, help.
 */
#include "common/cleanup.h"
#include "common/option.h"
#include "tests/c/tap.h"

typedef struct config
{
	char *listen;
	char *password;
	char *port_file;
	long long pool;
	long long timeout_s;
	long long max_body;
	bool verbose;
} config;

static const ss_option options[] = {
	{"listen", SS_OPTION_STRING, "127.0.0.1:8080", 1, 64, false, offsetof(config, listen),
		"address to listen on"},
	{"password", SS_OPTION_STRING, NULL, 0, 0, true, offsetof(config, password), "the password"},
	{"port_file", SS_OPTION_FILE, NULL, 0, 0, false, offsetof(config, port_file), "where ports go"},
	{"db_pool", SS_OPTION_INT, "8", 1, 100, false, offsetof(config, pool), "connections"},
	{"timeout", SS_OPTION_DURATION_S, "30s", 1, 86400, false, offsetof(config, timeout_s), "time"},
	{"max_body", SS_OPTION_SIZE, "1MiB", 1024, 1LL << 30, false, offsetof(config, max_body),
		"size"},
	{"verbose", SS_OPTION_BOOL, NULL, 0, 0, false, offsetof(config, verbose), "say more"},
};

static const ss_option_program program = {
	.name = "prog",
	.env_prefix = "TPROG_",
	.usage = "[OPTIONS] [init]",
	.description = "A program of the tests.",
	.epilogue = "The end.\n",
	.options = options,
	.option_count = sizeof options / sizeof options[0],
};

static char directory[] = "/tmp/ss-option.XXXXXX";

static const char *write_file(const char *name, const char *text)
{
	static char path[64];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	file = fopen(path, "w");
	if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
		exit(2);
	return path;
}

/* Loads with up to four arguments. */
static int load(config *ret, ss_error *err, const char *a, const char *b, const char *c)
{
	char *argv[] = {"prog", (char *)a, (char *)b, (char *)c, NULL};
	int argc = 1;

	while (argv[argc] != NULL)
		argc++;
	*ret = (config){0};
	return ss_option_load(&program, &argc, argv, ret, err);
}

static void expect_refusal(const char *a, const char *b, const char *message)
{
	ss_error err = SS_ERROR_INIT;
	config got;

	tap_is_int(load(&got, &err, a, b, NULL), -1, "refused: %s", message);
	tap_is(err.code, "invalid_option", "with the code");
	tap_ok(strstr(err.message, message) != NULL, "says: %s", err.message);
	tap_ok(got.listen == NULL && got.password == NULL, "and leaves nothing");
}

static void test_defaults_and_order(void)
{
	ss_error err = SS_ERROR_INIT;
	config got;
	const char *file =
		write_file("conf", "# a comment\n\n  db_pool = 5 \ntimeout=2m\nverbose = yes\n");

	tap_is_int(load(&got, &err, NULL, NULL, NULL), 0, "defaults load");
	tap_is(got.listen, "127.0.0.1:8080", "a text");
	tap_ok(got.pool == 8 && got.timeout_s == 30 && got.max_body == 1 << 20 && !got.verbose,
		"numbers, times, sizes, booleans");
	tap_ok(got.port_file == NULL, "no value is NULL");
	ss_option_done(&program, &got);
	tap_is_int(load(&got, &err, "--config", file, NULL), 0, "a file loads");
	tap_ok(got.pool == 5 && got.timeout_s == 120 && got.verbose, "and wins over defaults");
	ss_option_done(&program, &got);
	setenv("TPROG_DB_POOL", "6", 1);
	setenv("TPROG_CONFIG", file, 1);
	setenv("TPROG_LISTEN", "", 1);
	setenv("TPROG_SERVICE_HOST", "10.0.0.1", 1);
	setenv("TPROG_PORT_8080_TCP", "tcp://10.0.0.1:8080", 1);
	tap_is_int(load(&got, &err, NULL, NULL, NULL), 0, "the environment loads");
	tap_ok(got.pool == 6 && got.timeout_s == 120, "and wins over the file");
	tap_is(got.listen, "127.0.0.1:8080", "an empty variable counts as unset");
	ss_option_done(&program, &got);
	tap_is_int(load(&got, &err, "--db-pool=7", "--max_body=64KiB", "--verbose=off"), 0, "flags");
	tap_ok(got.pool == 7 && got.max_body == 65536 && !got.verbose, "win over all");
	ss_option_done(&program, &got);
	unsetenv("TPROG_DB_POOL");
	unsetenv("TPROG_CONFIG");
}

static void test_operands(void)
{
	char *argv[] = {"prog", "--verbose", "init", "--db-pool", "3", "now", "--", "--help", NULL};
	int argc = 8;
	ss_error err = SS_ERROR_INIT;
	config got = {0};

	tap_is_int(ss_option_load(&program, &argc, argv, &got, &err), 0, "operands between flags");
	tap_is_int(argc, 4, "three operands are left");
	tap_is(argv[1], "init", "the first");
	tap_is(argv[3], "--help", "the one after --");
	tap_ok(got.verbose && got.pool == 3, "flags around them count");
	ss_option_done(&program, &got);
}

static void test_refusals(void)
{
	expect_refusal("--db-pool", "0", "--db-pool: db_pool must be from 1 to 100");
	expect_refusal("--db-pool=101", NULL, "from 1 to 100");
	expect_refusal("--db-pool=8x", NULL, "must be an integer, not \"8x\"");
	expect_refusal("--db-pool= 8", NULL, "must be an integer");
	expect_refusal("--db-pool=99999999999999999999", NULL, "must be an integer");
	expect_refusal("--timeout=5 m", NULL, "must be a duration");
	expect_refusal("--timeout=9223372036854775807d", NULL, "must be a duration");
	expect_refusal("--max-body=1MB", NULL, "must be a size");
	expect_refusal("--verbose=maybe", NULL, "must be true or false");
	expect_refusal("--db-pool", NULL, "a value is expected");
	expect_refusal("--dbpool=1", NULL, "--dbpool: unknown flag");
	expect_refusal("-x", NULL, "unknown flag");
	expect_refusal("--config", "/nonexistent/file", "No such file");
	expect_refusal("--config", write_file("c1", "db_pool = 5\ncolour = red\n"), ":2: unknown key");
	expect_refusal("--config", write_file("c2", "db_pool = 5\n\nDB-POOL = 6\n"), ":3: \"DB-POOL\"");
	expect_refusal("--config", write_file("c3", "db_pool\n"), ":1: `key = value`");
	expect_refusal("--config", write_file("c4", "db_pool = 500\n"), ":1: db_pool must be from");
	setenv("TPROG_COLOUR", "red", 1);
	expect_refusal(NULL, NULL, "TPROG_COLOUR: unknown variable");
	unsetenv("TPROG_COLOUR");
}

static void test_secrets(void)
{
	ss_error err = SS_ERROR_INIT;
	config got;
	char flag[128];
	char *printed = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&printed, &size);

	expect_refusal("--password=canary", NULL, "does not stand in a flag");
	setenv("TPROG_PASSWORD", "canary", 1);
	expect_refusal(NULL, NULL, "use TPROG_PASSWORD_FILE");
	unsetenv("TPROG_PASSWORD");
	snprintf(flag, sizeof flag, "--password-file=%s", write_file("secret", "canary\n"));
	tap_is_int(load(&got, &err, flag, NULL, NULL), 0, "a secret from a file");
	tap_is(got.password, "canary", "without its line break");
	ss_option_print_config(&program, &got, out);
	fclose(out);
	tap_ok(strstr(printed, "canary") == NULL && strstr(printed, "# password is set") != NULL,
		"is never printed");
	free(printed);
	ss_option_done(&program, &got);
	setenv("TPROG_PASSWORD_FILE", write_file("secret", "other"), 1);
	tap_is_int(load(&got, &err, NULL, NULL, NULL), 0, "a secret by a variable that names a file");
	tap_is(got.password, "other", "is read");
	ss_option_done(&program, &got);
	unsetenv("TPROG_PASSWORD_FILE");
	tap_is_int(load(&got, &err, "--config", write_file("c5", "password = p w\n"), NULL), 0,
		"a secret in the configuration file");
	tap_is(got.password, "p w", "is read");
	ss_option_done(&program, &got);
	expect_refusal("--password-file", "/nonexistent", "No such file");
}

/* What --print-config prints is a file that loads to the same. */
static void test_round_trip(void)
{
	ss_error err = SS_ERROR_INIT;
	config got;
	char *printed = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&printed, &size);

	tap_is_int(load(&got, &err, "--timeout=2h", "--port-file=/x y", "--verbose"), 0, "some values");
	ss_option_print_config(&program, &got, out);
	fclose(out);
	ss_option_done(&program, &got);
	tap_is_int(
		load(&got, &err, "--config", write_file("c6", printed), NULL), 0, "what is printed loads");
	tap_ok(got.timeout_s == 7200 && got.verbose && got.pool == 8, "to the same numbers");
	tap_is(got.port_file, "/x y", "and texts");
	ss_option_done(&program, &got);
	free(printed);
}

static void test_help(void)
{
	char *printed = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&printed, &size);

	ss_option_print_help(&program, out);
	fclose(out);
	for (size_t i = 0; i < program.option_count; i++)
		tap_ok(strstr(printed, options[i].help) != NULL, "help tells of %s", options[i].name);
	tap_ok(strstr(printed, "--db-pool N ") != NULL && strstr(printed, "1..100, default 8") != NULL,
		"with range and default");
	tap_ok(
		strstr(printed, "--password-file FILE") != NULL && strstr(printed, "--password ") == NULL,
		"a secret is offered as a file only");
	free(printed);
}

int main(void)
{
	if (mkdtemp(directory) == NULL)
		return 2;
	test_defaults_and_order();
	test_operands();
	test_refusals();
	test_secrets();
	test_round_trip();
	test_help();
	for (int i = 1; i <= 6; i++)
	{
		char path[64];

		snprintf(path, sizeof path, "%s/c%d", directory, i);
		unlink(path);
	}
	unlink(write_file("conf", ""));
	unlink(write_file("secret", ""));
	tap_ok(rmdir(directory) == 0, "nothing is left");
	return tap_done();
}
