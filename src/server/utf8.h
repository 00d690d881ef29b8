/* utf8: is text valid UTF-8 (RFC 3629: no overlong form, no surrogate, at most U+10FFFF)? */
#ifndef STREAMSPACE_SERVER_UTF8_H
#define STREAMSPACE_SERVER_UTF8_H

#include <stdbool.h>
#include <stddef.h>

bool utf8_valid(const char *text, size_t len);

/* Characters of a valid text. */
size_t utf8_length(const char *text);

#endif
