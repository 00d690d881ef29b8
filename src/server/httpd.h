/*
 * httpd: libmicrohttpd. One daemon a thread, each with its own limit below 128 connections (its
 * epoll loop stalls when exactly 128 events are ready), and connections that are spread by us;
 * every connection has a deadline at every moment that does not depend on how often a byte
 * arrives.
 */
#ifndef STREAMSPACE_SERVER_HTTPD_H
#define STREAMSPACE_SERVER_HTTPD_H

#include <microhttpd.h>
#include <stddef.h>
#include <sys/socket.h>

#include "common/error.h"
#include "server/server.h"

typedef struct httpd_conn httpd_conn;

typedef struct httpd_config
{
	unsigned listener;   /* ROUTE_PUBLIC or ROUTE_INTERNAL */
	int listen_fd;       /* >= 0: accepts by itself (taken over); -1: fed by httpd_add() */
	int max_connections; /* together */
} httpd_config;

int httpd_start(
	server *server, const httpd_config *config, httpd **ret, ss_error *err) SS_MUST_CHECK;

/*
 * Hands a connected socket over. 0: fd is ours from now on, whatever becomes of it. 1: full; fd
 * stays the caller's. From the front door's thread only.
 */
int httpd_add(httpd *h, int fd, const struct sockaddr *address, socklen_t len) SS_MUST_CHECK;

/* Connections that are open now. Any thread. */
int httpd_connections(const httpd *h);

/* Shuts down every connection whose deadline has passed. From the clock's thread. */
void httpd_expire(httpd *h, long long now_ms);

/* No connection may be suspended. Closes all; NULL is allowed. */
void httpd_stop(httpd *h);

/* The connection that a request came on; its listener. From its own HTTP thread. */
httpd_conn *httpd_conn_of(struct MHD_Connection *connection);
unsigned httpd_conn_listener(const httpd_conn *conn);

/* Sets the deadline of a connection; timeout_s 0: none (while the request waits for us). */
void httpd_conn_deadline(httpd_conn *conn, long long timeout_s);

#endif
