/* Requests to one API server. Any thread. */
#include "agent/kube_client.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/kube_auth.h"
#include "agent/kube_rate.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/strbuf.h"
#include "common/timeutil.h"
#include "common/version.h"

#define IDLE_MAX 16
#define ERROR_BODY_MAX ((size_t)64 << 10)
#define RETRY_AFTER_MAX_MS 60000
#define PAUSE_SLICE_MS 100
#define FORBIDDEN_MS 10000

typedef struct pooled
{
	CURL *curl;
	unsigned generation;
} pooled;

struct kube_client
{
	kube_config config;
	kube_client_options options;
	kube_auth *auth;
	kube_rate rate;
	pthread_mutex_t lock; /* guards these */
	pooled idle[IDLE_MAX];
	size_t idle_count;
	bool clock_seen;
	long long clock_offset_ms;
};

int kube_client_open(
	kube_config *config, const kube_client_options *options, kube_client **ret, ss_error *err)
{
	kube_client *client = calloc(1, sizeof(*client));
	if (client == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a Kubernetes client");
	client->config = *config;
	*config = (kube_config){0};
	client->options = *options;
	pthread_mutex_init(&client->lock, NULL);
	kube_rate_init(&client->rate, options->rate, options->burst);
	if (kube_auth_open(&client->config, &client->auth, err) < 0)
	{
		kube_client_close(client);
		return -1;
	}
	*ret = client;
	return 0;
}

void kube_client_close(kube_client *client)
{
	if (client == NULL)
		return;
	for (size_t i = 0; i < client->idle_count; i++)
		curl_easy_cleanup(client->idle[i].curl);
	kube_auth_close(client->auth);
	kube_config_done(&client->config);
	kube_rate_done(&client->rate);
	pthread_mutex_destroy(&client->lock);
	free(client);
}

const kube_client_options *kube_client_get_options(const kube_client *client)
{
	return &client->options;
}

bool kube_client_is_stopping(const kube_client *client)
{
	return client->options.stopping != NULL && client->options.stopping(client->options.ctx);
}

int kube_client_pause(const kube_client *client, long long ms)
{
	long long end = ss_time_monotonic_ms() + ms;
	for (long long left = ms; left > 0; left = end - ss_time_monotonic_ms())
	{
		if (kube_client_is_stopping(client))
			return -1;
		ss_time_sleep_ms(left < PAUSE_SLICE_MS ? left : PAUSE_SLICE_MS);
	}
	return kube_client_is_stopping(client) ? -1 : 0;
}

long long kube_retry_after_ms(CURL *curl, const cJSON *status)
{
	curl_off_t seconds = 0;
	if (curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds) != CURLE_OK || seconds <= 0)
	{
		long long named = 0;
		if (ss_json_int(ss_json_object(status, "details"), "retryAfterSeconds", &named) != 0)
			named = 0;
		seconds = named;
	}
	if (seconds <= 0)
		return 0;
	return seconds > RETRY_AFTER_MAX_MS / 1000 ? RETRY_AFTER_MAX_MS : (long long)seconds * 1000;
}

/* What every connection of ours has in common. */
static CURL *new_handle(kube_client *client, ss_error *err)
{
	CURL *curl = curl_easy_init();
	char name[64];
	if (curl == NULL)
	{
		ss_fail(err, "out_of_memory", "no memory for a connection");
		return NULL;
	}
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)KUBE_CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPIDLE, 30L);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPINTVL, 10L);
	snprintf(name, sizeof(name), "streamspace-agent/%s", ss_version());
	curl_easy_setopt(curl, CURLOPT_USERAGENT, name);
	if (kube_auth_prepare(client->auth, curl, err) < 0)
	{
		curl_easy_cleanup(curl);
		return NULL;
	}
	return curl;
}

static int borrow(kube_client *client, pooled *ret, ss_error *err)
{
	unsigned generation = kube_auth_generation(client->auth);
	for (;;)
	{
		pooled taken = {NULL, 0};
		pthread_mutex_lock(&client->lock);
		if (client->idle_count > 0)
			taken = client->idle[--client->idle_count];
		pthread_mutex_unlock(&client->lock);
		if (taken.curl == NULL)
			break;
		if (taken.generation == generation)
		{
			*ret = taken;
			return 0;
		}
		curl_easy_cleanup(taken.curl);
	}
	ret->curl = new_handle(client, err);
	ret->generation = generation;
	return ret->curl == NULL ? -1 : 0;
}

static void give_back(kube_client *client, pooled one)
{
	pthread_mutex_lock(&client->lock);
	if (client->idle_count < IDLE_MAX)
	{
		client->idle[client->idle_count++] = one;
		one.curl = NULL;
	}
	pthread_mutex_unlock(&client->lock);
	if (one.curl != NULL)
		curl_easy_cleanup(one.curl);
}

static size_t collect(char *bytes, size_t size, size_t count, void *ctx)
{
	ss_strbuf *buf = ctx;
	ss_strbuf_append_bytes(buf, bytes, size * count);
	return buf->failed ? 0 : size * count;
}

static int request_progress(
	void *ctx, curl_off_t total_down, curl_off_t down, curl_off_t total_up, curl_off_t up)
{
	(void)total_down, (void)down, (void)total_up, (void)up;
	return kube_client_is_stopping(ctx) ? 1 : 0;
}

/* Servers of one cluster may disagree: the one that is behind counts. */
static void read_clock(kube_client *client, CURL *curl)
{
	struct curl_header *header = NULL;
	if (curl_easy_header(curl, "Date", 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return;
	time_t date = curl_getdate(header->value, NULL);
	if (date < 0)
		return;
	long long offset_ms = (long long)date * 1000 - ss_time_wall_ms();
	pthread_mutex_lock(&client->lock);
	if (!client->clock_seen || offset_ms < client->clock_offset_ms)
		client->clock_offset_ms = offset_ms;
	client->clock_seen = true;
	pthread_mutex_unlock(&client->lock);
}

bool kube_client_clock(kube_client *client, long long *ret_offset_ms)
{
	pthread_mutex_lock(&client->lock);
	bool seen = client->clock_seen;
	if (seen)
		*ret_offset_ms = client->clock_offset_ms;
	pthread_mutex_unlock(&client->lock);
	return seen;
}

/* Headers are the caller's to free, also after a failure. */
static int set_request(kube_client *client, CURL *curl, const kube_request *request,
	struct curl_slist **headers, ss_error *err)
{
	auto_free char *url = NULL;
	auto_free char *type = NULL;
	if (asprintf(&url, "%s%s", client->config.server, request->path) < 0)
	{
		url = NULL;
		return ss_fail(err, "out_of_memory", "no memory for a request");
	}
	*headers = curl_slist_append(NULL, "Accept: application/json");
	if (*headers == NULL || kube_auth_add_header(client->auth, headers, err) < 0)
		return *headers == NULL ? ss_fail(err, "out_of_memory", "no memory for a header") : -1;
	if (request->body != NULL)
	{
		if (asprintf(&type, "Content-Type: %s", request->content_type) < 0)
		{
			type = NULL;
			return ss_fail(err, "out_of_memory", "no memory for a header");
		}
		struct curl_slist *longer = curl_slist_append(*headers, type);
		if (longer == NULL)
			return ss_fail(err, "out_of_memory", "no memory for a header");
		*headers = longer;
	}
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *headers);
	curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
	if (request->body != NULL)
	{
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(request->body));
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	return 0;
}

/* One attempt. -1 with code kube_unreachable is worth another one. */
static int attempt(kube_client *client, const kube_request *request, long long deadline_ms,
	kube_response *ret, long long *ret_retry_after_ms, ss_error *err)
{
	pooled one;
	if (borrow(client, &one, err) < 0)
		return -1;
	auto_strbuf ss_strbuf body = {.max = client->options.max_answer};
	char text[CURL_ERROR_SIZE] = "";
	struct curl_slist *headers = NULL;
	long long left = deadline_ms - ss_time_monotonic_ms();
	if (left > KUBE_REQUEST_MS)
		left = KUBE_REQUEST_MS;
	if (left < 1)
		left = 1;
	if (set_request(client, one.curl, request, &headers, err) < 0)
	{
		curl_slist_free_all(headers);
		curl_easy_cleanup(one.curl);
		return -1;
	}
	curl_easy_setopt(one.curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(one.curl, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(one.curl, CURLOPT_TIMEOUT_MS, (long)left);
	curl_easy_setopt(one.curl, CURLOPT_WRITEFUNCTION, collect);
	curl_easy_setopt(one.curl, CURLOPT_WRITEDATA, &body);
	curl_easy_setopt(one.curl, CURLOPT_ERRORBUFFER, text);
	curl_easy_setopt(one.curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(one.curl, CURLOPT_XFERINFOFUNCTION, request_progress);
	curl_easy_setopt(one.curl, CURLOPT_XFERINFODATA, client);
	CURLcode rc = curl_easy_perform(one.curl);
	/* What points into this frame must not outlive it. */
	curl_easy_setopt(one.curl, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(one.curl, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(one.curl, CURLOPT_POSTFIELDS, NULL);
	curl_slist_free_all(headers);
	if (rc != CURLE_OK)
	{
		curl_easy_cleanup(one.curl);
		if (kube_client_is_stopping(client))
			return ss_fail(err, "stopping", "the agent is about to end");
		if (body.failed)
			return ss_fail(err, "kube_answer_invalid", "%s %s: the answer passes %zu bytes",
				request->method, request->path, client->options.max_answer);
		return ss_fail(err, "kube_unreachable", "%s %s: %s", request->method, request->path,
			*text != '\0' ? text : curl_easy_strerror(rc));
	}
	kube_response response = {0};
	curl_easy_getinfo(one.curl, CURLINFO_RESPONSE_CODE, &response.status);
	int rc_parse = 0;
	/* Errors of a proxy in between may be plain text: their status is enough. */
	if (body.len > 0 &&
		(ss_json_parse(body.data, body.len, body.len, &response.body, NULL, 0, err) < 0) &&
		response.status < 400)
		rc_parse = ss_fail(err, "kube_answer_invalid", "%s %s: the answer is no JSON object",
			request->method, request->path);
	*ret_retry_after_ms = kube_retry_after_ms(one.curl, response.body);
	read_clock(client, one.curl);
	give_back(client, one);
	if (rc_parse < 0)
	{
		kube_response_done(&response);
		return -1;
	}
	*ret = response;
	return 0;
}

/*
 * A server that has just started forbids what it allows a moment later, when it has read its roles:
 * a 403 is believed once it has lasted.
 */
static bool is_worth_repeating(long status, long long *forbidden_ms)
{
	if (status == 403)
	{
		long long now = ss_time_monotonic_ms();
		if (*forbidden_ms == 0)
			*forbidden_ms = now;
		return now - *forbidden_ms < FORBIDDEN_MS;
	}
	return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

int kube_client_request(
	kube_client *client, const kube_request *request, kube_response *ret, ss_error *err)
{
	long long deadline_ms = request->deadline_ms;
	bool refused = false;
	long long forbidden_ms = 0;
	if (deadline_ms == 0)
		deadline_ms = ss_time_monotonic_ms() + client->options.patience_ms;
	for (unsigned tries = 0;; tries++)
	{
		kube_response response = {0};
		ss_error failure = SS_ERROR_INIT;
		long long wait_ms = 0;
		if (kube_client_pause(client, kube_rate_take(&client->rate)) < 0)
			return ss_fail(err, "stopping", "the agent is about to end");
		int rc = attempt(client, request, deadline_ms, &response, &wait_ms, &failure);
		if (rc < 0 && strcmp(failure.code, "kube_unreachable") != 0)
		{
			if (err != NULL)
				*err = failure;
			return -1;
		}
		if (rc == 0 && response.status == 401 && !refused)
		{
			kube_auth_refused(client->auth);
			kube_response_done(&response);
			refused = true;
			continue;
		}
		if (rc == 0 && !is_worth_repeating(response.status, &forbidden_ms))
		{
			*ret = response;
			return 0;
		}
		if (wait_ms == 0)
			wait_ms = ss_time_backoff_ms(tries, KUBE_BACKOFF_MS, KUBE_BACKOFF_MAX_MS);
		if (ss_time_monotonic_ms() + wait_ms >= deadline_ms)
		{
			if (rc < 0 && err != NULL)
				*err = failure;
			if (rc == 0)
				*ret = response;
			return rc;
		}
		kube_response_done(&response);
		if (kube_client_pause(client, wait_ms) < 0)
			return ss_fail(err, "stopping", "the agent is about to end");
	}
}

void kube_response_done(kube_response *response)
{
	cJSON_Delete(response->body);
	*response = (kube_response){0};
}

/* By the reason of the Status object; the HTTP status decides when there is none. */
static const struct
{
	const char *reason;
	long status;
	const char *code;
} failures[] = {
	{"AlreadyExists", 0, "kube_already_exists"},
	{"Conflict", 409, "kube_conflict"},
	{"NotFound", 404, "kube_not_found"},
	{"Forbidden", 403, "kube_forbidden"},
	{"Invalid", 422, "kube_invalid"},
	{"BadRequest", 400, "kube_invalid"},
	{"Unauthorized", 401, "kube_unauthorized"},
	{"TooManyRequests", 429, "kube_busy"},
	{"Expired", 410, "kube_gone"},
	{"Gone", 410, "kube_gone"},
};

int kube_client_fail(const kube_response *response, ss_error *err, const char *fmt, ...)
{
	const char *reason = ss_json_string(response->body, "reason");
	const char *message = ss_json_string(response->body, "message");
	const char *code = "kube_error";
	for (size_t i = 0; i < sizeof(failures) / sizeof(*failures); i++)
	{
		if (reason != NULL ? strcmp(reason, failures[i].reason) == 0
						   : response->status == failures[i].status)
		{
			code = failures[i].code;
			break;
		}
	}
	char what[256];
	va_list args;
	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	ss_fail(err, code, "%s", message != NULL ? message : "the API server gave no reason");
	ss_error_set_detail(err, "HTTP %ld", response->status);
	return ss_wrap(err, "%s", what);
}

typedef struct stream_run
{
	kube_client *client;
	kube_stream *stream;
	ss_strbuf error_body;
	long long heard_ms;
	bool silent;
	bool ended; /* by data() or stop() */
} stream_run;

static size_t stream_data(char *bytes, size_t size, size_t count, void *ctx)
{
	stream_run *run = ctx;
	size_t len = size * count;
	long status = 0;
	run->heard_ms = ss_time_monotonic_ms();
	curl_easy_getinfo(run->stream->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		return collect(bytes, size, count, &run->error_body);
	if (run->stream->data(run->stream->ctx, bytes, len) < 0)
	{
		run->ended = true;
		return 0;
	}
	return len;
}

static int stream_progress(
	void *ctx, curl_off_t total_down, curl_off_t down, curl_off_t total_up, curl_off_t up)
{
	(void)total_down, (void)down, (void)total_up, (void)up;
	stream_run *run = ctx;
	if (run->stream->stop(run->stream->ctx) || kube_client_is_stopping(run->client))
	{
		run->ended = true;
		return 1;
	}
	run->silent = ss_time_monotonic_ms() - run->heard_ms > run->client->options.silence_ms;
	return run->silent ? 1 : 0;
}

int kube_client_stream(kube_client *client, kube_stream *stream, const char *path, ss_error *err)
{
	unsigned generation = kube_auth_generation(client->auth);
	stream->status = 0;
	stream->error = NULL;
	stream->retry_after_ms = 0;
	if (stream->curl != NULL && stream->generation != generation)
		kube_stream_done(stream);
	if (stream->curl == NULL)
		stream->curl = new_handle(client, err);
	if (stream->curl == NULL)
		return -1;
	stream->generation = generation;
	if (kube_client_pause(client, kube_rate_take(&client->rate)) < 0)
		return ss_fail(err, "stopping", "the agent is about to end");

	CURL *curl = stream->curl;
	stream_run run = {.client = client,
		.stream = stream,
		.error_body = {.max = ERROR_BODY_MAX},
		.heard_ms = ss_time_monotonic_ms()};
	kube_request request = {.method = "GET", .path = path};
	char text[CURL_ERROR_SIZE] = "";
	struct curl_slist *headers = NULL;
	if (set_request(client, curl, &request, &headers, err) < 0)
	{
		curl_slist_free_all(headers);
		return -1;
	}
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, stream_data);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &run);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stream_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &run);
	CURLcode rc = curl_easy_perform(curl);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &stream->status);
	ss_error ignored = SS_ERROR_INIT;
	if (run.error_body.len > 0 && ss_json_parse(run.error_body.data, run.error_body.len,
									  ERROR_BODY_MAX, &stream->error, NULL, 0, &ignored) < 0)
		stream->error = NULL;
	ss_strbuf_done(&run.error_body);
	if (stream->status == 401)
		kube_auth_refused(client->auth);
	stream->retry_after_ms = kube_retry_after_ms(curl, stream->error);
	if (rc == CURLE_OK)
		return 0;
	kube_stream_done(stream); /* its connection is in an unknown state */
	if (run.ended)
		return ss_fail(err, "stream_ended", "the watch was ended by its owner");
	if (run.silent)
		return ss_fail(
			err, "kube_silent", "%s: nothing for %lld s", path, client->options.silence_ms / 1000);
	return ss_fail(
		err, "kube_unreachable", "%s: %s", path, *text != '\0' ? text : curl_easy_strerror(rc));
}

void kube_stream_done(kube_stream *stream)
{
	if (stream->curl != NULL)
		curl_easy_cleanup(stream->curl);
	stream->curl = NULL;
}
