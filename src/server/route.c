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
	case ROUTE_TIME:
		return "string";
	case ROUTE_INT:
		return "integer";
	case ROUTE_BOOL:
		return "boolean";
	case ROUTE_OBJECT:
		return "object";
	case ROUTE_STRINGS:
	case ROUTE_ARRAY:
		return "array";
	}
	return "string";
}

size_t route_count(void)
{
	size_t count = 0;
	for (size_t i = 0; route_areas[i] != NULL; i++)
		count += route_areas[i]->count;
	return count;
}

const route *route_at(size_t index)
{
	for (size_t i = 0; route_areas[i] != NULL; i++)
	{
		if (index < route_areas[i]->count)
			return &route_areas[i]->rows[index];
		index -= route_areas[i]->count;
	}
	return NULL;
}

size_t route_index(const route *r)
{
	size_t before = 0;
	for (size_t i = 0; route_areas[i] != NULL; i++)
	{
		const route_area *area = route_areas[i];
		if (r >= area->rows && r < area->rows + area->count)
			return before + (size_t)(r - area->rows);
		before += area->count;
	}
	return before;
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

/* Where the captures of a pattern lie in a path. */
typedef struct captured
{
	size_t count;
	const char *start[ROUTE_MAX_CAPTURES];
	size_t len[ROUTE_MAX_CAPTURES];
} captured;

/*
 * Does path have the form of pattern? A {capture} takes what stands before the next slash or
 * colon; what follows it in the pattern (a slash, a :verb, nothing) must follow in the path.
 */
static bool path_matches(const char *pattern, const char *path, captured *ret)
{
	ret->count = 0;
	while (*pattern)
	{
		if (*pattern != '{')
		{
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		size_t len = strcspn(path, "/:");
		if (len == 0)
			return false;
		ret->start[ret->count] = path;
		ret->len[ret->count++] = len;
		path += len;
		pattern = strchr(pattern, '}') + 1;
	}
	return *path == '\0';
}

/* False: malformed; nothing is left allocated. */
static bool take_captures(const captured *from, char *ret[ROUTE_MAX_CAPTURES])
{
	for (size_t i = 0; i < ROUTE_MAX_CAPTURES; i++)
		ret[i] = NULL;
	for (size_t i = 0; i < from->count; i++)
	{
		ret[i] = strndup(from->start[i], from->len[i]);
		if (ret[i] != NULL && route_unescape(ret[i]))
			continue;
		for (size_t k = 0; k <= i; k++)
		{
			free(ret[k]);
			ret[k] = NULL;
		}
		return false;
	}
	return true;
}

static void allow_add(char *allow, size_t size, const char *method)
{
	size_t used = strlen(allow);
	snprintf(allow + used, size - used, "%s%s%s", used ? ", " : "", method,
		strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

/* http://host/path is as good as /path; proxies may send it. */
const char *route_origin_form(const char *target)
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

/* The captures of the rows that fit a path best; ROUTE_MAX_CAPTURES + 1: none fits. */
static size_t fewest_captures(unsigned listener, const char *path)
{
	size_t fewest = ROUTE_MAX_CAPTURES + 1;
	captured found;
	for (size_t i = 0; route_areas[i] != NULL; i++)
		for (size_t k = 0; k < route_areas[i]->count; k++)
		{
			const route *row = &route_areas[i]->rows[k];
			if (row->flags & listener && path_matches(row->path, path, &found) &&
				found.count < fewest)
				fewest = found.count;
		}
	return fewest;
}

route_result route_find(unsigned listener, const char *method, const char *path,
	const route **ret_route, char *ret_captures[ROUTE_MAX_CAPTURES], char *allow, size_t allow_size)
{
	const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;

	path = route_origin_form(path);
	allow[0] = '\0';
	size_t captures = fewest_captures(listener, path);
	if (captures > ROUTE_MAX_CAPTURES)
		return ROUTE_UNKNOWN_PATH;
	for (size_t i = 0; route_areas[i] != NULL; i++)
		for (size_t k = 0; k < route_areas[i]->count; k++)
		{
			const route *row = &route_areas[i]->rows[k];
			captured found;
			if (!(row->flags & listener) || !path_matches(row->path, path, &found) ||
				found.count != captures)
				continue;
			if (strcmp(row->method, wanted) != 0)
			{
				allow_add(allow, allow_size, row->method);
				continue;
			}
			if (!take_captures(&found, ret_captures))
				return ROUTE_BAD_PATH;
			allow[0] = '\0';
			*ret_route = row;
			return ROUTE_FOUND;
		}
	return ROUTE_WRONG_METHOD;
}

static void print_fields(const char *key, const route_field *fields)
{
	printf(", \"%s\": [", key);
	for (const route_field *f = fields; f != NULL && f->name[0]; f++)
		printf("%s{\"name\": \"%s\", \"type\": \"%s\", \"format\": %s, \"items\": %s, "
			   "\"required\": %s}",
			f == fields ? "" : ", ", f->name, route_type_name(f->type),
			f->type == ROUTE_TIME ? "\"date-time\"" : "null",
			f->type == ROUTE_STRINGS ? "\"string\"" : "null", f->required ? "true" : "false");
	printf("]");
}

int route_print(void)
{
	static const char *const auths[] = {"none", "bearer", "agent_key"};

	printf("[\n");
	size_t count = route_count();
	for (size_t i = 0; i < count; i++)
	{
		const route *r = route_at(i);
		printf("{\"name\": \"%s\", \"method\": \"%s\", \"path\": \"%s\", \"auth\": \"%s\", "
			   "\"status\": %d",
			r->name, r->method, r->path, auths[r->auth], r->status);
		printf(", \"public\": %s, \"internal\": %s, \"mutates\": %s, \"revision\": %s, "
			   "\"free_body\": %s, \"open_body\": %s, \"websocket\": %s",
			r->flags & ROUTE_PUBLIC ? "true" : "false",
			r->flags & ROUTE_INTERNAL ? "true" : "false",
			r->flags & ROUTE_MUTATES ? "true" : "false",
			r->flags & ROUTE_REVISION ? "true" : "false",
			r->flags & ROUTE_FREE_BODY ? "true" : "false",
			r->flags & ROUTE_OPEN_BODY ? "true" : "false",
			r->flags & ROUTE_WEBSOCKET ? "true" : "false");
		print_fields("query", r->query);
		print_fields("body", r->body);
		printf("}%s\n", i + 1 < count ? "," : "");
	}
	printf("]\n");
	return fflush(stdout) == 0 ? 0 : -1;
}
