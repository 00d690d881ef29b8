/*
 * http: see http.h.
 */
#include "common/http.h"
#include "common/strbuf.h"
#include "common/version.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_TIMEOUT_MS 5000
#define TIMEOUT_MS 30000
#define RESPONSE_MAX ((size_t)1 << 20)

int ss_http_init(ss_error *err)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return ss_fail(err, "internal", "libcurl cannot start");
	return 0;
}

/* libcurl's write callback; a short count makes it end with CURLE_WRITE_ERROR. */
static size_t receive(char *data, size_t size, size_t count, void *context)
{
	ss_strbuf *body = context;

	ss_strbuf_append_bytes(body, data, size * count);
	return body->failed ? 0 : size * count;
}

/* -1: no memory. */
static int make_headers(const char *const *headers, struct curl_slist **ret)
{
	for (; headers != NULL && *headers != NULL; headers++)
	{
		struct curl_slist *longer = curl_slist_append(*ret, *headers);

		if (longer == NULL)
			return -1;
		*ret = longer;
	}
	return 0;
}

static void set_request(CURL *curl, const ss_http_request *request, struct curl_slist *headers)
{
	char agent[64];

	snprintf(agent, sizeof agent, "streamspace/%s", ss_version());
	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, agent);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
		request->connect_timeout_ms > 0 ? request->connect_timeout_ms : CONNECT_TIMEOUT_MS);
	curl_easy_setopt(
		curl, CURLOPT_TIMEOUT_MS, request->timeout_ms > 0 ? request->timeout_ms : (long)TIMEOUT_MS);
	if (request->ca_file != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, request->ca_file);
	if (strcmp(request->method, "HEAD") == 0)
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	if (request->body != NULL)
	{
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

static int describe_failure(
	CURLcode result, const char *reason, const ss_strbuf *body, const char *url, ss_error *err)
{
	if (result == CURLE_WRITE_ERROR && body->failed)
		return ss_fail(
			err, "http_response_too_large", "%s: the answer exceeds %zu bytes", url, body->max);
	return ss_fail(
		err, "http_failed", "%s: %s", url, reason[0] != '\0' ? reason : curl_easy_strerror(result));
}

static int read_answer(CURL *curl, ss_strbuf *body, ss_http_response *ret, ss_error *err)
{
	curl_off_t retry_after = 0;
	const char *content_type = NULL;
	ss_http_response response = {.body_len = body->len};

	response.body = ss_strbuf_take(body);
	if (response.body == NULL)
		return ss_fail(err, "internal", "no memory for an answer");
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &response.status);
	curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &content_type);
	curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after);
	response.retry_after_s = (long)retry_after;
	snprintf(response.content_type, sizeof response.content_type, "%s",
		content_type != NULL ? content_type : "");
	*ret = response;
	return 0;
}

int ss_http_perform(const ss_http_request *request, ss_http_response *ret, ss_error *err)
{
	ss_strbuf body = {.max = request->max_response != 0 ? request->max_response : RESPONSE_MAX};
	struct curl_slist *headers = NULL;
	char reason[CURL_ERROR_SIZE] = "";
	CURL *curl = curl_easy_init();
	CURLcode result;
	int rc = -1;

	if (curl == NULL || make_headers(request->headers, &headers) != 0)
	{
		ss_fail(err, "internal", "no memory for a request");
		goto out;
	}
	set_request(curl, request, headers);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
	result = curl_easy_perform(curl);
	if (result != CURLE_OK)
		describe_failure(result, reason, &body, request->url, err);
	else
		rc = read_answer(curl, &body, ret, err);
out:
	ss_strbuf_done(&body);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return rc;
}

void ss_http_response_done(ss_http_response *response)
{
	free(response->body);
	*response = (ss_http_response){0};
}
