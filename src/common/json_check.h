/*
 * json_check: the strict check of JSON text that runs before cJSON parses it. Internal to
 * common/json. Any thread.
 */
#ifndef SS_COMMON_JSON_CHECK_H
#define SS_COMMON_JSON_CHECK_H

#include "common/error.h"

/*
 * 0: cJSON will take the text as we mean it. -1: err has code and message, *ret_offset the byte
 * that is wrong, and `pointer` the RFC 6901 pointer of the value.
 */
int ss_json_check(const char *text, size_t len, char *pointer, size_t pointer_size,
	size_t *ret_offset, ss_error *err) SS_MUST_CHECK;

#endif
