/* rest_config: what the page has to know before anybody has logged in. Runs in the HTTP threads. */
#include "common/strbuf.h"
#include "common/version.h"
#include "server/request.h"
#include "server/rest_steps.h"

/* The organisation that complete_login() takes when none is named. */
#define DEFAULT_ORG "default"

rest_next rest_get_config(rest_request *r, db_conn *conn, ss_error *err)
{
	(void)conn;
	auto_strbuf ss_strbuf body = SS_STRBUF_INIT;
	ss_strbuf_append(&body, "{\"version\":");
	ss_strbuf_append_json(&body, ss_version());
	ss_strbuf_append(&body, ",\"default_org\":\"" DEFAULT_ORG "\"}");
	return rest_pass(r, 0, ss_strbuf_take(&body), err);
}
