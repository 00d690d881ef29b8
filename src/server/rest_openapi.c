/* rest_openapi: the description of the API that this program was built with. */
#include <stdio.h>
#include <string.h>

#include "server/openapi_json.h"
#include "server/request.h"
#include "server/rest_steps.h"

rest_next rest_get_openapi(rest_request *r, db_conn *conn, ss_error *err)
{
	(void)conn;
	rest_next next = rest_pass(r, 0, strdup(openapi_json), err);
	if (next != REST_DONE)
		return next;
	snprintf(r->out.etag, sizeof r->out.etag, "%s", openapi_json_etag);
	rest_not_modified(r);
	return REST_DONE;
}
