/* precondition: see precondition.h. */
#include "server/precondition.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"

/* The digits of a revision; NULL: none, a leading zero, or too many. */
static const char *read_revision(const char *text, long long *ret)
{
	size_t len = strspn(text, "0123456789");
	if (len == 0 || len > 16 || text[0] == '0')
		return NULL;
	long long value = strtoll(text, NULL, 10);
	if (value > SS_JSON_INT_MAX)
		return NULL;
	*ret = value;
	return text + len;
}

bool precondition_revision(const char *if_match, long long *ret)
{
	if (strcmp(if_match, "*") == 0)
	{
		*ret = 0;
		return true;
	}
	long long value;
	if (if_match[0] != '"')
		return false;
	const char *end = read_revision(if_match + 1, &value);
	if (end == NULL || strcmp(end, "\"") != 0)
		return false;
	*ret = value;
	return true;
}

/* One tag, weak or strong; returns what follows it, NULL when there is none. */
static const char *read_tag(const char *text, const char **ret_start, size_t *ret_len)
{
	if (strncmp(text, "W/", 2) == 0)
		text += 2;
	if (*text != '"')
		return NULL;
	const char *end = text + 1;
	while (*end == 0x21 || (unsigned char)*end > 0x22)
	{
		if (*end == 0x7f)
			return NULL;
		end++;
	}
	if (*end != '"')
		return NULL;
	*ret_start = text;
	*ret_len = (size_t)(end + 1 - text);
	return end + 1;
}

/* Walks a list; stops at a tag that is wanted. 1: found, 0: not, -1: malformed. */
static int walk_list(const char *list, const char *wanted)
{
	if (strcmp(list, "*") == 0)
		return 1;
	for (;;)
	{
		const char *start;
		size_t len;
		list = read_tag(list + strspn(list, " \t"), &start, &len);
		if (list == NULL)
			return -1;
		if (wanted != NULL && strlen(wanted) == len && memcmp(start, wanted, len) == 0)
			return 1;
		list += strspn(list, " \t");
		if (*list == '\0')
			return 0;
		if (*list++ != ',')
			return -1;
	}
}

bool precondition_is_list(const char *if_none_match)
{
	return walk_list(if_none_match, NULL) >= 0;
}

bool precondition_names(const char *if_none_match, const char *etag)
{
	return walk_list(if_none_match, etag) == 1;
}

/* text stands behind the opening quotation mark; returns what follows the closing one. */
static const char *skip_string(const char *text)
{
	while (*text && *text != '"')
		text += *text == '\\' && text[1] ? 2 : 1;
	return *text ? text + 1 : text;
}

bool precondition_find_revision(const char *json, long long *ret)
{
	static const char page[] = "{\"items\"";
	static const char name[] = "revision\"";
	int depth = 0;

	/* jsonb prints the shorter keys first, so a page begins with its items. */
	if (strncmp(json, page, sizeof page - 1) == 0)
		return false;
	while (*json)
	{
		char c = *json++;
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		else if (c == '"')
		{
			bool fits = depth == 1 && strncmp(json, name, sizeof name - 1) == 0;
			json = skip_string(json);
			json += strspn(json, " ");
			if (fits && *json == ':')
				return read_revision(json + 1 + strspn(json + 1, " "), ret) != NULL;
		}
	}
	return false;
}
