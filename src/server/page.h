/*
 * page: the answer to a path that is none of the API: a file of the page (ui.h). Runs in the HTTP
 * threads.
 */
#ifndef STREAMSPACE_SERVER_PAGE_H
#define STREAMSPACE_SERVER_PAGE_H

#include <microhttpd.h>

#include "server/answer.h"
#include "server/request.h"

/* What such requests count and are logged as; no row of the route table. */
extern const route page_route;

/*
 * For a raw path that no route has: sets the request's route and page. False: the page has nothing
 * there either.
 */
bool page_find(rest_request *request, const char *url);

/* Headers of an answer with a file, or a 304 for one. */
void page_add_headers(struct MHD_Response *response, const answer *a);

#endif
