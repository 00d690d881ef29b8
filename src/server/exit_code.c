#include "server/exit_code.h"

#include <string.h>

ss_exit exit_code_of(const ss_error *err)
{
	/* Either the code or the SQLSTATE of the failure; the first row that fits counts. */
	static const struct
	{
		const char *word;
		ss_exit exit;
	} table[] = {
		{"invalid_option", SS_EXIT_USAGE}, {"invalid_argument", SS_EXIT_USAGE},
		{"already_initialized", SS_EXIT_REFUSED}, {"listen_failed", SS_EXIT_LISTEN},
		{"database_unavailable", SS_EXIT_DATABASE},
		{"42501", SS_EXIT_DATABASE}, /* the log-in is no member of streamspace_api */
		{"3F000", SS_EXIT_SCHEMA},   /* no schema streamspace */
		{"42883", SS_EXIT_SCHEMA},   /* a function is missing, or has other arguments */
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(table[i].word, err->code) == 0 || strcmp(table[i].word, err->sqlstate) == 0)
			return table[i].exit;
	return SS_EXIT_FAILURE;
}
