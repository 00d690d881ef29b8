/*
 * version: see version.h. The Makefile passes SS_VERSION from the file VERSION.
 */
#include "common/version.h"

const char *ss_version(void)
{
	return SS_VERSION;
}
