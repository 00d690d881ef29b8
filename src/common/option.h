/*
 * option: configuration from one table: file, environment, flags, in rising precedence.
 *
 * From the same table come --help, --print-config and every check. A key `db_pool` of program
 * `streamspaced` is
 *   - `db_pool = 8` in the file named by --config or PREFIX_CONFIG ('#' begins a comment line),
 *   - `STREAMSPACED_DB_POOL=8` in the environment,
 *   - `--db-pool=8`, `--db-pool 8` or `--db_pool=8` on the command line (a BOOL alone is true).
 * An unknown key, a repeated key in a file and a value out of range are errors that say where
 * they stand (file:line, variable or flag). A secret stands in the configuration file, or in a
 * file of its own named by `NAME_file` (key, `PREFIX_NAME_FILE`, `--NAME-file`): never in a flag
 * or directly in the environment, and it is never printed. One line break at the end of such a
 * file does not count. An empty text is no value: NULL; an empty variable counts as unset; the
 * last of several flags wins.
 * Variables of Kubernetes service links (PREFIX_..._SERVICE_HOST, PREFIX_PORT, ...) are ignored.
 * Call from the main thread before others start.
 */
#ifndef SS_COMMON_OPTION_H
#define SS_COMMON_OPTION_H

#include "common/error.h"

#include <stdbool.h>
#include <stdio.h>

typedef enum ss_option_kind
{
	SS_OPTION_STRING,     /* char *; min and max bound its length (max 0: 4096) */
	SS_OPTION_INT,        /* long long */
	SS_OPTION_BOOL,       /* bool; true|false|yes|no|on|off|1|0 */
	SS_OPTION_DURATION_S, /* long long, seconds; `90`, `90s`, `15m`, `2h`, `1d` */
	SS_OPTION_SIZE,       /* long long, bytes; `512`, `64KiB`, `1MiB`, `2GiB` */
	SS_OPTION_FILE,       /* char *, the path of a file; min 1 means that it must be given */
} ss_option_kind;

typedef struct ss_option
{
	const char *name; /* lower case with underscores */
	ss_option_kind kind;
	const char *default_value; /* as it would stand in the file; NULL: no value (0, false) */
	long long min;             /* least value; for text the least length: 1 = required */
	long long max;             /* greatest value; for text the greatest length, 0 = 4096 */
	bool secret;               /* STRING only; see above */
	size_t offset;             /* offsetof(config, field) */
	const char *help;          /* one sentence, no period needed */
} ss_option;

typedef struct ss_option_program
{
	const char *name;        /* "streamspaced" */
	const char *env_prefix;  /* "STREAMSPACED_" */
	const char *usage;       /* "[OPTIONS] [init]": what follows the name in --help */
	const char *description; /* a paragraph for --help */
	const char *epilogue;    /* printed at the end of --help (exit codes, examples); or NULL */
	const ss_option *options;
	size_t option_count;
} ss_option_program;

/*
 * Fills the zeroed struct `config`. Operands (what is neither flag nor value; all after `--`)
 * are moved to argv[1..] and *argc is set, so that argv holds the program and its operands.
 * 0: loaded. 1: --help, --version or --print-config was answered on stdout; exit with 0.
 * -1: err->code is "invalid_option" (exit SS_EXIT_USAGE) and config is empty again.
 */
int ss_option_load(const ss_option_program *program, int *argc, char **argv, void *config,
	ss_error *err) SS_MUST_CHECK;

/* Frees the texts that ss_option_load() put into config, wiping secrets. */
void ss_option_done(const ss_option_program *program, void *config);

/* What --help and --print-config print; the latter is a valid file, secrets as comments. */
void ss_option_print_help(const ss_option_program *program, FILE *out);
void ss_option_print_config(const ss_option_program *program, const void *config, FILE *out);

#endif
