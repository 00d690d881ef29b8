/* route: matching and printing. Any thread. */
#include "server/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/crypto.h"
#include "server/utf8.h"

const char *route_type_name(route_type type)
{
	switch (type)
	{
	case ROUTE_STRING:
		return "string";
	case ROUTE_INT:
		return "integer";
	case ROUTE_BOOL:
		return "boolean";
	case ROUTE_OBJECT:
		return "object";
	}
	return "string";
}

size_t route_index(const route *r)
{
	return (size_t)(r - route_table);
}

bool route_unescape(char *text)
{
	char *out = text;
	for (const char *in = text; *in; in++)
	{
		if (*in != '%')
		{
			*out++ = *in;
			continue;
		}
		int high = ss_hex_value(in[1]);
		int low = high < 0 ? -1 : ss_hex_value(in[2]);
		if (low < 0 || (high == 0 && low == 0))
			return false;
		*out++ = (char)(high * 16 + low);
		in += 2;
	}
	*out = '\0';
	return utf8_valid(text, (size_t)(out - text));
}

/*
 * Does path have the form of pattern? A {capture} takes what stands before the next slash, less
 * the :verb that the pattern has after it; without a verb in the pattern there is none in the
 * path either.
 */
static bool path_matches(
	const char *pattern, const char *path, const char **ret_start, size_t *ret_len)
{
	const char *brace = strchr(pattern, '{');
	*ret_start = NULL;
	*ret_len = 0;
	if (brace == NULL)
		return strcmp(pattern, path) == 0;
	size_t lead = (size_t)(brace - pattern);
	if (strncmp(pattern, path, lead) != 0)
		return false;
	const char *tail = strchr(brace, '}') + 1;
	const char *start = path + lead;
	size_t len = strcspn(start, "/:");
	if (len == 0 || strcmp(start + len, tail) != 0)
		return false;
	*ret_start = start;
	*ret_len = len;
	return true;
}

static void allow_add(char *allow, size_t size, const char *method)
{
	size_t used = strlen(allow);
	snprintf(allow + used, size - used, "%s%s%s", used ? ", " : "", method,
		strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

/* RFC 9112 §3.2.2: http://host/path is as good as /path; proxies may send it. */
static const char *origin_form(const char *target)
{
	static const char *const schemes[] = {"http://", "https://"};
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (strncasecmp(target, schemes[i], strlen(schemes[i])) == 0)
		{
			const char *path = strchr(target + strlen(schemes[i]), '/');
			return path != NULL ? path : "/";
		}
	return target;
}

route_result route_find(unsigned listener, const char *method, const char *path,
	const route **ret_route, char **ret_capture, char *allow, size_t allow_size)
{
	const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
	bool known = false;

	path = origin_form(path);
	allow[0] = '\0';
	for (size_t i = 0; i < route_count; i++)
	{
		const route *row = &route_table[i];
		const char *start;
		size_t len;
		if (!(row->flags & listener) || !path_matches(row->path, path, &start, &len))
			continue;
		known = true;
		if (strcmp(row->method, wanted) != 0)
		{
			allow_add(allow, allow_size, row->method);
			continue;
		}
		char *capture = NULL;
		if (start != NULL)
		{
			capture = strndup(start, len);
			if (capture == NULL || !route_unescape(capture))
			{
				free(capture);
				return ROUTE_BAD_PATH;
			}
		}
		allow[0] = '\0';
		*ret_route = row;
		*ret_capture = capture;
		return ROUTE_FOUND;
	}
	return known ? ROUTE_WRONG_METHOD : ROUTE_UNKNOWN_PATH;
}

static void print_fields(const char *key, const route_field *fields)
{
	printf(", \"%s\": [", key);
	for (const route_field *f = fields; f != NULL && f->name[0]; f++)
		printf("%s{\"name\": \"%s\", \"type\": \"%s\", \"required\": %s}", f == fields ? "" : ", ",
			f->name, route_type_name(f->type), f->required ? "true" : "false");
	printf("]");
}

int route_print(void)
{
	static const char *const auths[] = {"none", "bearer", "agent_key"};

	printf("[\n");
	for (size_t i = 0; i < route_count; i++)
	{
		const route *r = &route_table[i];
		printf("{\"name\": \"%s\", \"method\": \"%s\", \"path\": \"%s\", \"auth\": \"%s\", "
			   "\"status\": %d",
			r->name, r->method, r->path, auths[r->auth], r->status);
		printf(", \"public\": %s, \"internal\": %s, \"mutates\": %s, \"free_body\": %s, "
			   "\"open_body\": %s, \"websocket\": %s",
			r->flags & ROUTE_PUBLIC ? "true" : "false",
			r->flags & ROUTE_INTERNAL ? "true" : "false",
			r->flags & ROUTE_MUTATES ? "true" : "false",
			r->flags & ROUTE_FREE_BODY ? "true" : "false",
			r->flags & ROUTE_OPEN_BODY ? "true" : "false",
			r->flags & ROUTE_WEBSOCKET ? "true" : "false");
		print_fields("query", r->query);
		print_fields("body", r->body);
		printf("}%s\n", i + 1 < route_count ? "," : "");
	}
	printf("]\n");
	return fflush(stdout) == 0 ? 0 : -1;
}
