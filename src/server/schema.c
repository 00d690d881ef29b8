/* schema: the one file that is compiled with the name of the last migration (see the Makefile). */
#include "server/schema.h"

const char *schema_expected(void)
{
	return SS_SCHEMA_VERSION;
}
