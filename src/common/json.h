/*
 * json: strict JSON on the way in, small getters, printing.
 *
 * ss_json_parse() checks the whole text before cJSON sees it: the grammar of RFC 8259, UTF-8
 * (no overlong form, no surrogate), no NUL (raw or \u0000), no lone surrogate escape, no key
 * twice in an object (compared after unescaping), at most SS_JSON_DEPTH_MAX levels, nothing
 * after the value, no number beyond a double. Any thread.
 */
#ifndef SS_COMMON_JSON_H
#define SS_COMMON_JSON_H

#include "common/error.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

#define SS_JSON_DEPTH_MAX 32

/* Beyond this a double no longer holds every integer: 2^53 - 1. */
#define SS_JSON_INT_MAX 9007199254740991LL

/*
 * Parses `len` bytes (no NUL needed). *ret is the caller's: cJSON_Delete() or auto_cjson.
 * Codes: body_too_large (len > max_len), invalid_json, invalid_utf8, duplicate_key, too_deep.
 * On failure `pointer` (may be NULL) holds the RFC 6901 pointer of the value that is wrong
 * ("" = the whole text), cut at a level when the buffer is too small; err->detail is
 * {"pointer":…,"offset":N,"reason":…}.
 */
int ss_json_parse(const char *buf, size_t len, size_t max_len, cJSON **ret, char *pointer,
	size_t pointer_size, ss_error *err) SS_MUST_CHECK;

/*
 * Members of an object, by exact (case-sensitive) name. NULL when the object is NULL or none,
 * when there is no such member, or when it is of another type.
 */
const char *ss_json_string(const cJSON *object, const char *key);
const cJSON *ss_json_object(const cJSON *object, const char *key);
const cJSON *ss_json_array(const cJSON *object, const char *key);
const cJSON *ss_json_get(const cJSON *object, const char *key);

/*
 * 0 and *ret set; 1 when the member is absent or null; -1 when it is of another type, or, for
 * an integer, has a fraction or lies outside +-SS_JSON_INT_MAX. *ret is left alone unless 0.
 */
int ss_json_int(const cJSON *object, const char *key, long long *ret) SS_MUST_CHECK;
int ss_json_bool(const cJSON *object, const char *key, bool *ret) SS_MUST_CHECK;

/* Whether the number of `value` is an integer within +-SS_JSON_INT_MAX; *ret may be NULL. */
bool ss_json_is_int(const cJSON *value, long long *ret);

/*
 * Compact text, malloc'd (free()); NULL when there is no memory. Integers keep every digit (cJSON's
 * printer rounds from 10^15 on); a cJSON_Raw value is printed as it is.
 */
char *ss_json_print(const cJSON *value) SS_MUST_CHECK;

/*
 * Appends "/" and the RFC 6901 escaped key to `pointer`. When it does not fit, pointer stays
 * as it was and -1 is returned.
 */
int ss_json_pointer_append(char *pointer, size_t size, const char *key);

#endif
