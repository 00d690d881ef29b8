/*
 * cookie: the headers Cookie and Origin, and the others that are read from whoever asks. Input:
 * lines: Host, Origin, the option origins, If-None-Match, Accept-Encoding, X-Forwarded-For,
 * traceparent; the rest is Cookie.
 */
#include "tests/fuzz/fuzz.h"

#include <strings.h>

#include "common/cleanup.h"
#include "server/client_address.h"
#include "server/cookie.h"
#include "server/origin.h"
#include "server/precondition.h"
#include "server/trace.h"
#include "server/ui.h"

static void check_cookie(const char *header, const char *host)
{
	cookie_token found, again;
	char line[COOKIE_LINE_SIZE];
	int rc = cookie_read(header, host, &found);

	FUZZ_CHECK(cookie_read(NULL, host, &again) == 0);
	if (rc != 1)
		return;
	FUZZ_CHECK(ss_hex_is_token(found.text) && strstr(header, found.text) != NULL);
	FUZZ_CHECK(strstr(header, found.loopback ? COOKIE_NAME_LOOPBACK : COOKIE_NAME) != NULL);
	FUZZ_CHECK(!found.loopback || origin_host_is_loopback(host));
	/* What we give is what we take. */
	cookie_format(found.text, found.loopback, line);
	line[strcspn(line, ";")] = '\0';
	FUZZ_CHECK(cookie_read(line, host, &again) == 1);
	FUZZ_CHECK(strcmp(found.text, again.text) == 0 && found.loopback == again.loopback);
}

static void check_origin(const char *origins, const char *origin, const char *host)
{
	ss_error err = SS_ERROR_INIT;
	origin_kind by_host = origin_judge(NULL, origin, host);
	origin_kind by_list = origin_judge(origins, origin, NULL);

	FUZZ_CHECK(origin_judge(origins, NULL, host) == ORIGIN_NONE);
	if (origin_check_list(origins, &err) != 0)
		FUZZ_CHECK(strcmp(err.code, "invalid_option") == 0);
	if (by_host == ORIGIN_FOREIGN)
		return;
	/* The whole name of the host, where the scheme ends, and nothing that only begins like it. */
	size_t name = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	const char *at = strstr(origin, "://");
	FUZZ_CHECK(at != NULL && strncasecmp(at + 3, host, name) == 0);
	FUZZ_CHECK(at[3 + name] == '\0' || at[3 + name] == ':');
	FUZZ_CHECK((by_host == ORIGIN_SECURE) == (strncasecmp(origin, "https:", 6) == 0));
	FUZZ_CHECK((by_host == ORIGIN_LOOPBACK) ==
			   (by_host != ORIGIN_SECURE && origin_host_is_loopback(host)));
	/* By name it is ours as well. */
	FUZZ_CHECK(origin_judge(origin, origin, NULL) == by_host);
	FUZZ_CHECK(by_list == ORIGIN_FOREIGN || by_list == by_host);
}

static void check_others(
	const char *none_match, const char *encoding, const char *forwarded, const char *trace)
{
	static address_set *trusted;
	ss_error err = SS_ERROR_INIT;
	client_address peer, found;
	char text[CLIENT_ADDRESS_TEXT], own[TRACE_SIZE], id[TRACE_ID_SIZE];
	if (trusted == NULL)
		FUZZ_CHECK(address_set_parse("127.0.0.0/8 2001:db8::/32", &trusted, &err) == 0);
	FUZZ_CHECK(client_address_parse("127.0.0.1", 9, &peer));

	if (precondition_is_list(none_match) && precondition_names(none_match, "\"1\""))
		FUZZ_CHECK(strcmp(none_match, "*") == 0 || strstr(none_match, "\"1\"") != NULL);
	(void)ui_takes_gzip(encoding);
	found = client_address_find(trusted, peer, forwarded);
	FUZZ_CHECK(strlen(client_address_format(&found, text)) < sizeof text);
	FUZZ_CHECK(client_address_parse(text, strlen(text), &peer));
	FUZZ_CHECK(memcmp(peer.bytes, found.bytes, sizeof peer.bytes) == 0);
	(void)trace_begin(trace, own);
	FUZZ_CHECK(strlen(own) == TRACE_SIZE - 1 && strlen(trace_id(own, id)) == TRACE_ID_SIZE - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *host = fuzz_line(&data, &size);
	auto_free char *origin = fuzz_line(&data, &size);
	auto_free char *origins = fuzz_line(&data, &size);
	auto_free char *none_match = fuzz_line(&data, &size);
	auto_free char *encoding = fuzz_line(&data, &size);
	auto_free char *forwarded = fuzz_line(&data, &size);
	auto_free char *trace = fuzz_line(&data, &size);
	auto_free char *cookie = fuzz_text(data, size);

	check_cookie(cookie, host);
	check_origin(origins, origin, host);
	check_others(none_match, encoding, forwarded, trace);
	return 0;
}
