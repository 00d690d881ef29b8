/*
 * init: reads or makes the password and the bootstrap key, and passes their hashes to SQL. What
 * was made up is written once: the password to stdout, the key to its file.
 */
#include "server/init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/crypto.h"
#include "common/exit.h"
#include "common/json.h"
#include "common/log.h"
#include "ecpg/db_agent.h"
#include "ecpg/db_identity.h"
#include "ecpg/db_system.h"
#include "server/exit_code.h"
#include "server/password.h"

#define LINE_SIZE (PASSWORD_MAX + 2)
#define BORROW_TIMEOUT_MS 5000

typedef struct secrets
{
	char password[LINE_SIZE];
	bool made_password;
	char key[LINE_SIZE];
	bool made_key;
	char key_draft[4200]; /* where a key that was made stands until it counts */
	bool was_there;       /* an organisation with its administrator */
	char password_hash[PASSWORD_HASH_SIZE];
	char key_hash[SS_HEX_SIZE];
	char token_hash[SS_HEX_SIZE]; /* of the token with which an agent enrols itself */
} secrets;

/* The first line of a file without its end. */
static int read_line(FILE *file, const char *what, char line[LINE_SIZE], ss_error *err)
{
	if (fgets(line, LINE_SIZE, file) == NULL)
		return ss_fail(err, "invalid_option", "%s is empty", what);
	size_t len = strcspn(line, "\r\n");
	if (line[len] == '\0' && !feof(file))
		return ss_fail(err, "invalid_option", "the first line of %s is too long", what);
	line[len] = '\0';
	return 0;
}

static int read_file(const char *path, char line[LINE_SIZE], ss_error *err)
{
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return ss_fail(err, "invalid_option", "%s: %s", path, strerror(errno));
	int rc = read_line(file, path, line, err);
	fclose(file);
	return rc;
}

/* Asks at the terminal, twice, without showing what is typed. */
static int prompt(const char *admin, char line[LINE_SIZE], ss_error *err)
{
	struct termios shown;
	char again[LINE_SIZE] = "";
	if (tcgetattr(STDIN_FILENO, &shown) != 0)
		return ss_fail_errno(err, errno, "terminal");
	struct termios hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	fprintf(stderr, "Password of %s: ", admin);
	int rc = read_line(stdin, "the password", line, err);
	fprintf(stderr, "\nOnce more: ");
	if (rc == 0)
		rc = read_line(stdin, "the password", again, err);
	fprintf(stderr, "\n");
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	if (rc == 0 && strcmp(line, again) != 0)
		rc = ss_fail(err, "invalid_option", "the two passwords differ");
	ss_crypto_wipe(again, sizeof again);
	return rc;
}

static int get_password(const server_config *config, secrets *s, ss_error *err)
{
	const char *path = config->admin_password_file;
	char token[SS_HEX_SIZE];
	if (path != NULL && path[0])
	{
		if (read_file(path, s->password, err))
			return -1;
	}
	else if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
	{
		if (prompt(config->admin, s->password, err))
			return -1;
	}
	else
	{
		if (ss_random_token(token, err))
			return -1;
		snprintf(s->password, sizeof s->password, "%.24s", token);
		s->made_password = true;
	}
	if (password_check(s->password, "/password", err))
		return -1;
	return password_hash(s->password, s->password_hash, err);
}

/* Beside its place: a second init must not take for given what a first one may throw away. */
static int draft_key(const char *path, secrets *s, ss_error *err)
{
	if (snprintf(s->key_draft, sizeof s->key_draft, "%s.XXXXXX", path) >= (int)sizeof s->key_draft)
		return ss_fail(err, "invalid_option", "%.100s... is too long", path);
	auto_close int fd = mkostemp(s->key_draft, O_CLOEXEC);
	if (fd < 0)
		return ss_fail(err, "invalid_option", "%s: %s", path, strerror(errno));
	s->made_key = true;
	char line[SS_HEX_SIZE + 1];
	int len = snprintf(line, sizeof line, "%s\n", s->key);
	if (fchmod(fd, 0600) != 0 || write(fd, line, (size_t)len) != len || fsync(fd) != 0)
		return ss_fail_errno(err, errno, "write %s", s->key_draft);
	return 0;
}

/* The database knows the key by now: where its file cannot be put in place the draft is kept. */
static int place_key(const char *path, const secrets *s, ss_error *err)
{
	if (!s->made_key)
		return 0;
	if (link(s->key_draft, path) != 0)
		return ss_fail_errno(err, errno, "%s; the bootstrap key is in %s", path, s->key_draft);
	(void)unlink(s->key_draft);
	return 0;
}

/* An existing file is taken as it is, so that a key may be provided; else one is made. */
static int get_key(const server_config *config, secrets *s, ss_error *err)
{
	const char *path = config->bootstrap_key_file;
	if (path == NULL || !path[0])
		return 0;
	if (access(path, F_OK) == 0)
	{
		if (read_file(path, s->key, err))
			return -1;
		if (!ss_hex_is_token(s->key))
			return ss_fail(
				err, "invalid_option", "%s does not hold 64 lower-case hex digits", path);
	}
	else
	{
		if (ss_random_token(s->key, err) || draft_key(path, s, err))
			return -1;
	}
	return ss_sha256_hex(s->key, strlen(s->key), s->key_hash, err);
}

/* The token of the agent that is brought along; its hash alone is kept. */
static int get_token(const server_config *config, secrets *s, ss_error *err)
{
	const char *path = config->enrol_token_file;
	bool named = config->enrol_agent != NULL && config->enrol_agent[0];
	char token[LINE_SIZE];
	if (named != (path != NULL && path[0]))
		return ss_fail(err, "invalid_option", "enrol_agent and enrol_token_file need each other");
	if (!named)
		return 0;
	if (read_file(path, token, err))
		return -1;
	int rc = ss_hex_is_token(token) ? ss_sha256_hex(token, strlen(token), s->token_hash, err)
									: ss_fail(err, "invalid_option",
										  "%s does not hold 64 lower-case hex digits", path);
	ss_crypto_wipe(token, sizeof token);
	return rc;
}

/* Says what became of the token: an agent that is enrolled already keeps its key. */
static int offer_token(const server_config *config, const secrets *s, db_conn *conn, ss_error *err)
{
	auto_free char *json = NULL;
	auto_cjson cJSON *said = NULL;
	bool offered = false;
	if (!s->token_hash[0])
		return 0;
	int rc = db_offer_agent_token(conn, config->enrol_agent, s->token_hash, &json, err);
	if (rc < 0)
		return -1;
	if (rc > 0 || (said = cJSON_Parse(json)) == NULL || ss_json_bool(said, "offered", &offered))
		return ss_fail(err, "internal", "offer_agent_token gave an unexpected answer");
	const char *because = ss_json_string(said, "because");
	printf("agent %s: %s%s\n", config->enrol_agent,
		offered ? "may enrol itself with the token" : "the token has no effect, it is ",
		offered           ? ""
		: because != NULL ? because
						  : "not taken");
	return 0;
}

static int initialize(const server_config *config, secrets *s, ss_error *err)
{
	db_pool *pool = NULL;
	if (db_pool_open(config->database, 1, &pool, err))
		return -1;
	db_conn *conn = db_borrow(pool, BORROW_TIMEOUT_MS, err);
	int rc = -1;
	if (conn != NULL && db_error_table_load(conn, err) == 0)
	{
		rc = db_initialize(conn, config->org, config->admin, s->password_hash,
			s->key_hash[0] ? s->key_hash : NULL, NULL, err);
		if (rc > 0)
			rc = ss_fail(err, "internal", "the database answered nothing");
		if (rc != 0 && config->if_needed && exit_code_of(err) == SS_EXIT_REFUSED)
		{
			s->was_there = true;
			*err = (ss_error)SS_ERROR_INIT;
			rc = 0;
		}
		if (rc == 0) /* an agent may come along with an installation of before */
			rc = offer_token(config, s, conn, err);
	}
	db_return(conn);
	db_pool_close(pool);
	return rc;
}

static void say_failure(const ss_error *err)
{
	char text[1024];
	fprintf(stderr, "streamspaced init: %s\n", ss_error_text(err, text, sizeof text));
}

int init_run(const server_config *config)
{
	ss_error err = SS_ERROR_INIT;
	secrets s = {0};
	int code = SS_EXIT_OK;

	if (get_token(config, &s, &err) || get_password(config, &s, &err) ||
		get_key(config, &s, &err) || initialize(config, &s, &err))
	{
		if (s.made_key)
			(void)unlink(s.key_draft);
		code = exit_code_of(&err);
		say_failure(&err);
	}
	else if (s.was_there)
	{
		if (s.made_key)
			(void)unlink(s.key_draft);
		printf("already initialized: no organisation, administrator or key was changed\n");
	}
	else
	{
		if (place_key(config->bootstrap_key_file, &s, &err))
		{
			say_failure(&err);
			code = SS_EXIT_FAILURE;
		}
		printf("organisation %s\nadministrator %s\n", config->org, config->admin);
		if (s.made_password)
			printf("password %s\n", s.password);
		if (s.made_key && code == SS_EXIT_OK)
			printf("bootstrap key in %s\n", config->bootstrap_key_file);
	}
	if (code == SS_EXIT_OK && fflush(stdout) != 0)
		code = SS_EXIT_FAILURE;
	ss_crypto_wipe(&s, sizeof s);
	return code;
}
