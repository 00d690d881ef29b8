/*
 * kube_auth: credentials as they are now, put on a curl handle.
 *
 * A token file is read again when it was read over 60 s ago and after a 401; a change of the CA
 * file (by mtime) or of a client certificate's file makes a new generation, after which old
 * connections are not used again. Any thread.
 */
#ifndef AGENT_KUBE_AUTH_H
#define AGENT_KUBE_AUTH_H

#include <curl/curl.h>

#include "agent/kube_config.h"
#include "common/error.h"

typedef struct kube_auth kube_auth;

/* Keeps a pointer to config, which must live longer. Reads the token file once, to fail early. */
int kube_auth_open(const kube_config *config, kube_auth **ret, ss_error *err) SS_MUST_CHECK;
void kube_auth_close(kube_auth *auth);

/* Rises when files that connections depend on have changed. Looks at most every 5 s. */
unsigned kube_auth_generation(kube_auth *auth);

/* TLS options and client certificate; once for each new curl handle. */
int kube_auth_prepare(kube_auth *auth, CURL *curl, ss_error *err) SS_MUST_CHECK;

/* Appends the Authorization header, if there is a token; *headers may start as NULL. */
int kube_auth_add_header(kube_auth *auth, struct curl_slist **headers, ss_error *err) SS_MUST_CHECK;

/* The server said 401: the token is read again before its next use. */
void kube_auth_refused(kube_auth *auth);

#endif
