/*
 * route: the table of everything the server answers, and how a request line finds its row.
 *
 * The table is the one place where a method, a path, its parameters and its body are declared;
 * checks, metrics, `streamspaced routes` and the comparison with docs/openapi.yaml all read it.
 * It is written in areas, one file routes_AREA.c each, which route_table.c lists.
 * Constant data; any thread.
 */
#ifndef STREAMSPACE_SERVER_ROUTE_H
#define STREAMSPACE_SERVER_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"
#include "ecpg/db_conn.h"

#define ROUTE_MAX_CAPTURES 2
#define ROUTE_MAX_QUERY 16

typedef enum route_auth
{
	ROUTE_AUTH_NONE,
	ROUTE_AUTH_BEARER,    /* Authorization: Bearer TOKEN */
	ROUTE_AUTH_AGENT_KEY, /* X-Agent-API-Key: KEY */
} route_auth;

typedef enum route_type
{
	ROUTE_STRING,
	ROUTE_INT,
	ROUTE_BOOL,
	ROUTE_OBJECT,
	ROUTE_TIME,    /* a string: date and time of RFC 3339, with its offset */
	ROUTE_STRINGS, /* an array of strings; of bodies only */
	ROUTE_ARRAY,   /* an array of anything; of bodies only */
} route_type;

/* A field of a body or a parameter of a query. Lists end with an empty name. */
typedef struct route_field
{
	const char *name;
	route_type type;
	bool required;
} route_field;

#define ROUTE_END_OF_FIELDS \
	{ \
		"", ROUTE_STRING, false \
	}

enum route_flags
{
	ROUTE_MUTATES = 1 << 0,   /* takes Idempotency-Key and ?dry_run= */
	ROUTE_ONCE = 1 << 1,      /* changes something, but takes neither of the two */
	ROUTE_FREE_BODY = 1 << 2, /* the body is an object that SQL judges as a whole */
	ROUTE_OPEN_BODY = 1 << 3, /* fields beyond the declared ones are ignored */
	ROUTE_INLINE = 1 << 4,    /* answered at once: never waits for the database */
	ROUTE_PUBLIC = 1 << 5,    /* on the public listener */
	ROUTE_INTERNAL = 1 << 6,  /* on the internal listener */
	ROUTE_WEBSOCKET = 1 << 7, /* the front door's; reaching HTTP it is answered 426 */
	ROUTE_BATCHED = 1 << 15,  /* may share its transaction with others: see batch.h */
	ROUTE_REVISION = 1 << 8,  /* takes If-Match: changes something that exists */
	ROUTE_STREAMS = 1 << 16,  /* Accept: text/event-stream is answered by a stream of events */
	ROUTE_ASKS = 1 << 9,      /* a POST that changes nothing: its question fits no query */
};

/* What most rows of the table are made of. */
enum
{
	ROUTE_READS = ROUTE_PUBLIC,
	ROUTE_CREATES = ROUTE_PUBLIC | ROUTE_MUTATES,
	ROUTE_CHANGES = ROUTE_PUBLIC | ROUTE_MUTATES | ROUTE_REVISION,
};

typedef struct rest_request rest_request;

/* What a step of a request says. REST_HASH: go on in the password pool with request->hash. */
typedef enum rest_next
{
	REST_FAILED = -1, /* *err is filled */
	REST_DONE = 0,    /* request->answer is set */
	REST_HASH = 1,
} rest_next;

/* Runs in a database thread (conn is NULL for ROUTE_INLINE: then in the HTTP thread). */
typedef rest_next rest_step(rest_request *request, db_conn *conn, ss_error *err);

typedef struct route
{
	const char *name;   /* operationId, and the label of metrics and log */
	const char *method; /* GET also answers HEAD */
	const char *path;   /* up to ROUTE_MAX_CAPTURES {captures}; one may be followed by :verb */
	route_auth auth;
	unsigned flags;
	int status;               /* of success; a dry run answers 200 */
	const route_field *query; /* beside dry_run */
	const route_field *body;
	rest_step *run;
} route;

typedef struct route_area
{
	const route *rows;
	size_t count;
} route_area;

#define ROUTE_AREA(rows) \
	{ \
		rows, sizeof(rows) / sizeof(rows)[0] \
	}

/* What route_table.c lists; ends with a row of NULL. */
extern const route_area *const route_areas[];

/* All rows, numbered through all areas. */
size_t route_count(void);
const route *route_at(size_t index);
size_t route_index(const route *r);

/* Where a look-up ended. */
typedef enum route_result
{
	ROUTE_FOUND,
	ROUTE_UNKNOWN_PATH,
	ROUTE_WRONG_METHOD,
	ROUTE_BAD_PATH, /* a percent escape that is none, or no UTF-8 */
} route_result;

/*
 * Finds the row for a method and a raw (not unescaped) path among the rows that carry listener
 * (ROUTE_PUBLIC or ROUTE_INTERNAL). Of several that fit a path those with the fewest captures
 * count: /agents/register is no {id}. ROUTE_FOUND: *ret_route, and ret_captures (malloc'd,
 * unescaped, NULL where the path has none; the caller frees). ROUTE_WRONG_METHOD: allow holds the
 * methods.
 */
route_result route_find(unsigned listener, const char *method, const char *path,
	const route **ret_route, char *ret_captures[ROUTE_MAX_CAPTURES], char *allow,
	size_t allow_size);

/* RFC 9112 §3.2.2: of http://host/path the path; any other target as it is. */
const char *route_origin_form(const char *target);

/* Decodes percent escapes in place. False: malformed, NUL, or not UTF-8. */
bool route_unescape(char *text);

const char *route_type_name(route_type type);

/* Prints the table as JSON, for the test that compares it with docs/openapi.yaml. */
int route_print(void);

#endif
