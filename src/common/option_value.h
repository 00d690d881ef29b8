/*
 * option_value: values of options between text and struct. Internal to common/option.
 */
#ifndef SS_COMMON_OPTION_VALUE_H
#define SS_COMMON_OPTION_VALUE_H

#include "common/option.h"

/* Longest file that may hold a secret. */
#define SS_OPTION_SECRET_MAX 65536

/*
 * Checks the text and puts it into the field, releasing what the field held. `where` begins the
 * message: "FILE:LINE", a variable, a flag, "default". The text of a secret is not quoted.
 */
int ss_option_set(const ss_option *option, void *config, const char *text, const char *where,
	ss_error *err) SS_MUST_CHECK;

/* The same with the content of the file `path`. */
int ss_option_set_from_file(const ss_option *option, void *config, const char *path,
	const char *where, ss_error *err) SS_MUST_CHECK;

/* Frees and wipes the field. */
void ss_option_clear(const ss_option *option, void *config);

/* Whether a text option that must be given is missing. */
bool ss_option_is_missing(const ss_option *option, const void *config);

bool ss_option_is_text(const ss_option *option);

/* The value as it may stand in a file. */
void ss_option_print_value(const ss_option *option, const void *config, FILE *out);

#endif
