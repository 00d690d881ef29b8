/*
 * version: the release, from the file VERSION at build time. Any thread.
 */
#ifndef SS_COMMON_VERSION_H
#define SS_COMMON_VERSION_H

const char *ss_version(void);

#endif
