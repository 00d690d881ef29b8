/*
 * json_print: cJSON values as text. cJSON's own printer compares with a tolerance and so writes
 * 9007199254740991 as 9.00719925474099e+15; epochs and revisions must keep every digit.
 */
#include "common/json.h"
#include "common/strbuf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void print_value(ss_strbuf *buf, const cJSON *value);

/* The shortest of 15, 16 or 17 digits that reads back as the same double. */
static void print_number(ss_strbuf *buf, const cJSON *value)
{
	double number = value->valuedouble;
	long long integer;
	char text[32];

	if (ss_json_is_int(value, &integer))
	{
		ss_strbuf_appendf(buf, "%lld", integer);
		return;
	}
	if (!isfinite(number))
	{
		ss_strbuf_append(buf, "null");
		return;
	}
	for (int digits = 15; digits <= 17; digits++)
	{
		snprintf(text, sizeof text, "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	ss_strbuf_append(buf, text);
}

static void print_container(ss_strbuf *buf, const cJSON *value)
{
	bool is_object = cJSON_IsObject(value);
	const cJSON *item;

	ss_strbuf_append(buf, is_object ? "{" : "[");
	cJSON_ArrayForEach(item, value)
	{
		if (item != value->child)
			ss_strbuf_append(buf, ",");
		if (is_object)
		{
			ss_strbuf_append_json(buf, item->string);
			ss_strbuf_append(buf, ":");
		}
		print_value(buf, item);
	}
	ss_strbuf_append(buf, is_object ? "}" : "]");
}

static void print_value(ss_strbuf *buf, const cJSON *value)
{
	if (cJSON_IsObject(value) || cJSON_IsArray(value))
		print_container(buf, value);
	else if (cJSON_IsString(value))
		ss_strbuf_append_json(buf, value->valuestring);
	else if (cJSON_IsNumber(value))
		print_number(buf, value);
	else if (cJSON_IsRaw(value))
		ss_strbuf_append(buf, value->valuestring);
	else if (cJSON_IsBool(value))
		ss_strbuf_append(buf, cJSON_IsTrue(value) ? "true" : "false");
	else
		ss_strbuf_append(buf, "null");
}

char *ss_json_print(const cJSON *value)
{
	ss_strbuf buf = SS_STRBUF_INIT;

	print_value(&buf, value);
	return ss_strbuf_take(&buf);
}
