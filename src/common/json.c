/*
 * json: see json.h.
 */
#include "common/json.h"
#include "common/json_check.h"
#include "common/strbuf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The detail of a refusal, dropped where it would not fit as a whole. */
static void describe(ss_error *err, const char *pointer, size_t offset)
{
	auto_strbuf ss_strbuf detail = SS_STRBUF_INIT;

	if (err == NULL)
		return;
	detail.max = sizeof err->detail - 1;
	ss_strbuf_append(&detail, "{\"pointer\":");
	ss_strbuf_append_json(&detail, pointer);
	ss_strbuf_appendf(&detail, ",\"offset\":%zu,\"reason\":", offset);
	ss_strbuf_append_json(&detail, err->message);
	ss_strbuf_append(&detail, "}");
	if (!detail.failed)
		ss_error_set_detail(err, "%s", detail.data);
}

int ss_json_parse(const char *buf, size_t len, size_t max_len, cJSON **ret, char *pointer,
	size_t pointer_size, ss_error *err)
{
	char own_pointer[256];
	size_t offset = 0;
	cJSON *value;

	if (pointer == NULL || pointer_size == 0)
	{
		pointer = own_pointer;
		pointer_size = sizeof own_pointer;
	}
	pointer[0] = '\0';
	if (len > max_len)
		return ss_fail(
			err, "body_too_large", "the text has %zu bytes, %zu are allowed", len, max_len);
	if (ss_json_check(buf, len, pointer, pointer_size, &offset, err) != 0)
	{
		describe(err, pointer, offset);
		return -1;
	}
	value = cJSON_ParseWithLengthOpts(buf, len, NULL, 0);
	if (value == NULL)
		return ss_fail(err, "internal", "no memory to parse JSON");
	*ret = value;
	return 0;
}

const cJSON *ss_json_get(const cJSON *object, const char *key)
{
	return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
}

const char *ss_json_string(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(ss_json_get(object, key));
}

const cJSON *ss_json_object(const cJSON *object, const char *key)
{
	const cJSON *value = ss_json_get(object, key);

	return cJSON_IsObject(value) ? value : NULL;
}

const cJSON *ss_json_array(const cJSON *object, const char *key)
{
	const cJSON *value = ss_json_get(object, key);

	return cJSON_IsArray(value) ? value : NULL;
}

bool ss_json_is_int(const cJSON *value, long long *ret)
{
	double number;

	if (!cJSON_IsNumber(value))
		return false;
	number = value->valuedouble;
	if (!(fabs(number) <= (double)SS_JSON_INT_MAX) || floor(number) != number)
		return false;
	if (ret != NULL)
		*ret = (long long)number;
	return true;
}

int ss_json_int(const cJSON *object, const char *key, long long *ret)
{
	const cJSON *value = ss_json_get(object, key);

	if (value == NULL || cJSON_IsNull(value))
		return 1;
	return ss_json_is_int(value, ret) ? 0 : -1;
}

int ss_json_bool(const cJSON *object, const char *key, bool *ret)
{
	const cJSON *value = ss_json_get(object, key);

	if (value == NULL || cJSON_IsNull(value))
		return 1;
	if (!cJSON_IsBool(value))
		return -1;
	*ret = cJSON_IsTrue(value);
	return 0;
}

int ss_json_pointer_append(char *pointer, size_t size, const char *key)
{
	size_t start = strlen(pointer);
	size_t at = start;

	if (at + 2 > size)
		return -1;
	pointer[at++] = '/';
	for (; *key != '\0'; key++)
	{
		bool escaped = *key == '~' || *key == '/';

		if (at + (escaped ? 2 : 1) >= size)
		{
			pointer[start] = '\0';
			return -1;
		}
		if (escaped)
			pointer[at++] = '~';
		pointer[at++] = *key == '~' ? '0' : *key == '/' ? '1' : *key;
	}
	pointer[at] = '\0';
	return 0;
}
