/*
 * precondition: entity tags and If-Match, If-None-Match (RFC 9110, sections 8.8.3 and 13.1). An
 * object's tag is its revision: "17". Pure; any thread.
 */
#ifndef STREAMSPACE_SERVER_PRECONDITION_H
#define STREAMSPACE_SERVER_PRECONDITION_H

#include <stdbool.h>

/* "17" in quotation marks, 1 to 2^53 - 1, sets *ret; * sets 0 (any). False: neither. */
bool precondition_revision(const char *if_match, long long *ret);

/* Has the header the form of * or of a list of entity tags? */
bool precondition_is_list(const char *if_none_match);

/* Does a well-formed list name the tag, weak or strong? */
bool precondition_names(const char *if_none_match, const char *etag);

/*
 * The member "revision" of a JSON object, of its own level only. False: there is none, or the text
 * is a page of a list.
 */
bool precondition_find_revision(const char *json, long long *ret);

#endif
