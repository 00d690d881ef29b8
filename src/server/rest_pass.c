/* rest_pass: how every step ends. Runs in the work threads, or inline in the HTTP threads. */
#include <stdio.h>
#include <stdlib.h>

#include "server/precondition.h"
#include "server/request.h"
#include "server/rest_steps.h"

/* What the client has already is not sent again (RFC 9110, section 15.4.5). */
static void set_etag(rest_request *r)
{
	long long revision;
	if (r->call.dry_run || !precondition_find_revision(r->out.body, &revision))
		return;
	snprintf(r->out.etag, sizeof r->out.etag, "\"%lld\"", revision);
	rest_not_modified(r);
}

void rest_not_modified(rest_request *r)
{
	if (r->if_none_match == NULL || !precondition_names(r->if_none_match, r->out.etag))
		return;
	free(r->out.body);
	r->out.body = NULL;
	r->out.len = 0;
	r->out.status = 304;
}

rest_next rest_pass(rest_request *r, int rc, char *json, ss_error *err)
{
	if (rc < 0)
		return REST_FAILED;
	if (rc > 0 || json == NULL)
	{
		ss_fail(err, "internal", "%s: the database answered nothing", r->route->name);
		return REST_FAILED;
	}
	answer_set_json(&r->out, r->call.dry_run ? 200 : r->route->status, json);
	set_etag(r);
	return REST_DONE;
}
