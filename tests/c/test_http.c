/*
 * The HTTP client against a server of the test's own that answers with canned text.
 */
#include "common/http.h"
#include "common/timeutil.h"
#include "tests/c/tap.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

typedef struct server
{
	int listener;
	int port;
	pthread_t thread;
	const char *answer; /* NULL: accepts and says nothing */
	char request[4096];
} server;

/* One connection: reads a request that ends the head (and a short body), answers, closes. */
static void *serve(void *context)
{
	server *self = context;
	int fd = accept(self->listener, NULL, NULL);
	size_t len = 0;
	ssize_t got;

	while (fd >= 0 && strstr(self->request, "\r\n\r\n") == NULL &&
		   (got = read(fd, self->request + len, sizeof self->request - 1 - len)) > 0)
		len += (size_t)got;
	if (self->answer == NULL)
		ss_time_sleep_ms(400);
	else if (write(fd, self->answer, strlen(self->answer)) < 0)
		perror("write");
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void start(server *self, const char *answer)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;

	*self = (server){.answer = answer, .listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	if (bind(self->listener, (struct sockaddr *)&address, size) != 0 ||
		listen(self->listener, 1) != 0 ||
		getsockname(self->listener, (struct sockaddr *)&address, &size) != 0)
		exit(2);
	self->port = ntohs(address.sin_port);
	pthread_create(&self->thread, NULL, serve, self);
}

static void stop(server *self)
{
	pthread_join(self->thread, NULL);
	close(self->listener);
}

/* A request to a server that answers so. */
static int ask(
	server *self, const char *answer, ss_http_request request, ss_http_response *ret, ss_error *err)
{
	char url[64];
	int rc;

	start(self, answer);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/p?q=1", self->port);
	request.url = url;
	*err = (ss_error)SS_ERROR_INIT;
	rc = ss_http_perform(&request, ret, err);
	stop(self);
	return rc;
}

static void test_post(void)
{
	static const char *const headers[] = {
		"X-Agent-API-Key: canary", "Content-Type: application/json", NULL};
	const ss_http_request request = {
		.method = "POST", .headers = headers, .body = "{\"a\":1}", .body_len = 7};
	ss_http_response response = {0};
	server peer;
	ss_error err;

	tap_is_int(ask(&peer,
				   "HTTP/1.1 503 No\r\nContent-Type: application/problem+json\r\nRetry-After: 5\r\n"
				   "Content-Length: 2\r\nConnection: close\r\n\r\n{}",
				   request, &response, &err),
		0, "an answer of any status is an answer");
	tap_is_int(response.status, 503, "its status");
	tap_is(response.body, "{}", "its body");
	tap_is(response.content_type, "application/problem+json", "its type");
	tap_is_int(response.retry_after_s, 5, "its Retry-After");
	tap_ok(strncmp(peer.request, "POST /p?q=1 HTTP/1.1\r\n", 22) == 0, "method and path are sent");
	tap_ok(strstr(peer.request, "\r\nX-Agent-API-Key: canary\r\n") != NULL, "headers are sent");
	tap_ok(strstr(peer.request, "\r\nContent-Length: 7\r\n") != NULL, "the body's length is sent");
	ss_http_response_done(&response);
	tap_ok(response.body == NULL, "done empties");
}

static void test_get(void)
{
	const ss_http_request request = {.method = "GET"};
	ss_http_response response = {0};
	server peer;
	ss_error err;

	tap_is_int(
		ask(&peer,
			"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
			request, &response, &err),
		0, "a redirect");
	tap_is_int(response.status, 302, "is not followed");
	tap_is(response.body, "", "an empty body is an empty text");
	ss_http_response_done(&response);
}

static void test_failures(void)
{
	const ss_http_request small = {.method = "GET", .max_response = 4};
	const ss_http_request hasty = {.method = "GET", .timeout_ms = 100};
	ss_http_request odd = {.method = "GET", .url = "file:///etc/passwd"};
	ss_http_response response = {0};
	server peer;
	ss_error err = SS_ERROR_INIT;

	tap_is_int(
		ask(&peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345", small, &response, &err), -1,
		"a body over the bound");
	tap_is(err.code, "http_response_too_large", "is refused");
	tap_is_int(ask(&peer, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n12345",
				   (ss_http_request){.method = "GET"}, &response, &err),
		-1, "half a body");
	tap_is(err.code, "http_failed", "is a failure");
	tap_is_int(ask(&peer, NULL, hasty, &response, &err), -1, "silence");
	tap_is(err.code, "http_failed", "ends with the time-out");
	tap_is_int(ss_http_perform(&odd, &response, &err), -1, "a file is no URL of ours");
	odd.url = "http://127.0.0.1:1/";
	tap_is_int(ss_http_perform(&odd, &response, &err), -1, "nobody listens");
	tap_ok(strstr(err.message, "127.0.0.1") != NULL, "says: %s", err.message);
	tap_ok(response.body == NULL, "a failure leaves the output alone");
}

int main(void)
{
	ss_error err = SS_ERROR_INIT;

	if (ss_http_init(&err) != 0)
		return 2;
	test_post();
	test_get();
	test_failures();
	return tap_done();
}
