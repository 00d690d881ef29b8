/* page: see page.h. */
#include "server/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "server/rest_steps.h"
#include "server/ui.h"

static rest_next answer_page(rest_request *r, db_conn *conn, ss_error *err)
{
	(void)conn;
	(void)err;
	const ui_file *f = r->page;
	const char *accepted = MHD_lookup_connection_value(
		r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_ENCODING);
	const ui_body *body = f->packed.data && ui_takes_gzip(accepted) ? &f->packed : &f->plain;
	answer *a = &r->out;
	a->status = 200;
	a->page = f;
	a->page_body = body;
	a->len = body->len;
	a->content_type = f->type;
	snprintf(a->etag, sizeof a->etag, "%s", body->etag);
	rest_not_modified(r);
	return REST_DONE;
}

const route page_route = {
	.name = "page",
	.method = "GET",
	.path = "/",
	.auth = ROUTE_AUTH_NONE,
	.flags = ROUTE_PUBLIC | ROUTE_INLINE,
	.status = 200,
	.run = answer_page,
};

bool page_find(rest_request *r, const char *url)
{
	if (r->server->ui == NULL)
		return false;
	auto_free char *path = strdup(route_origin_form(url));
	if (path == NULL || !route_unescape(path))
		return false;
	r->page = ui_find(r->server->ui, path);
	if (r->page == NULL)
		return false;
	r->route = &page_route;
	return true;
}

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
	(void)MHD_add_response_header(response, name, value);
}

void page_add_headers(struct MHD_Response *response, const answer *a)
{
	const ui_file *f = a->page;
	add_header(response, "Cache-Control",
		f->immutable ? "public, max-age=31536000, immutable" : "no-cache");
	if (f->packed.data != NULL)
		add_header(response, "Vary", "Accept-Encoding");
	if (a->status == 200 && a->page_body == &f->packed)
		add_header(response, "Content-Encoding", "gzip");
	add_header(response, "Content-Security-Policy", "default-src 'self'; img-src 'self' data:");
	add_header(response, "Referrer-Policy", "same-origin");
	add_header(response, "Cross-Origin-Opener-Policy", "same-origin");
}
