/*
 * exit: exit codes of our programs. They are an interface: units, scripts and tests read them.
 */
#ifndef SS_COMMON_EXIT_H
#define SS_COMMON_EXIT_H

typedef enum ss_exit
{
	SS_EXIT_OK = 0,        /* done, or stopped as asked (SIGTERM, SIGINT) */
	SS_EXIT_FAILURE = 1,   /* failed while running; the log says why */
	SS_EXIT_USAGE = 2,     /* unknown or invalid option, operand or configuration file */
	SS_EXIT_DATABASE = 3,  /* the database cannot be reached or refuses us */
	SS_EXIT_SCHEMA = 4,    /* the database lacks our schema, or a function that we call */
	SS_EXIT_LISTEN = 5,    /* an address cannot be bound */
	SS_EXIT_REFUSED = 6,   /* refused for good: already initialized, or a guard of cleanup */
	SS_EXIT_INCAPABLE = 7, /* this host lacks what the work needs (see `doctor`) */
} ss_exit;

/* For the epilogue of --help. */
#define SS_EXIT_HELP \
	"Exit codes: 0 done or stopped as asked, 1 failed while running, 2 usage or configuration,\n" \
	"3 database unreachable or refuses us, 4 schema is missing or too old, 5 address cannot be\n" \
	"bound, 6 refused for good (already initialized, a guard of cleanup), 7 this host lacks what " \
	"the work needs.\n"

#endif
