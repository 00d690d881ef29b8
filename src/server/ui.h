/*
 * ui: the files of the page, all of them in memory. Read once at start, constant from then on: any
 * thread. A path is looked up in a table, never on the disk.
 */
#ifndef STREAMSPACE_SERVER_UI_H
#define STREAMSPACE_SERVER_UI_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

typedef struct ui_body
{
	char *data; /* NULL: there is none */
	size_t len;
	char etag[48]; /* with its quotation marks */
} ui_body;

typedef struct ui_file
{
	char *path; /* /assets/…/app.js */
	const char *type;
	bool immutable; /* its path changes with its content */
	ui_body plain;
	ui_body packed; /* gzip, made when the page was built */
} ui_file;

typedef struct ui ui;

/*
 * Reads a directory: regular files with names of letters, digits, `.`, `-` and `_`; NAME.gz is the
 * packed form of NAME. dir NULL or "": `ui` beside the program, else ../share/streamspace/ui; that
 * neither is there is no failure: *ret is NULL then. memory bounds all files together. Codes:
 * invalid_option.
 */
int ui_load(const char *dir, long long memory, ui **ret, ss_error *err) SS_MUST_CHECK;
void ui_free(ui *u);

/* Files, and the bytes that they take. */
size_t ui_count(const ui *u);
size_t ui_bytes(const ui *u);

/*
 * What a path of the page answers: its file, or index.html where the page's own routes are (no dot
 * in the path). NULL: nothing, and whatever looks like /api, /livez, /readyz and /metrics. path is
 * unescaped.
 */
const ui_file *ui_find(const ui *u, const char *path);

/* Does Accept-Encoding (NULL: none) allow gzip? */
bool ui_takes_gzip(const char *accept_encoding);

#endif
