/*
 * fuzz: what the fuzz targets share. Each target is one file, linked with libFuzzer, for one parser
 * of bytes that a peer controls: it must neither crash, hang nor leak, and what it accepts must
 * keep what its header promises. tests/bin/fuzz runs one.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A promise that was broken ends the run with this input. */
#define FUZZ_CHECK(condition) \
	do \
	{ \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* Called by libFuzzer with each input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy with a NUL that is exactly as large as it must be, so that a byte read beyond it is seen.
 */
static inline char *fuzz_text(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1);
	FUZZ_CHECK(text != NULL);
	if (len > 0)
		memcpy(text, data, len);
	text[len] = '\0';
	return text;
}

/* Cuts the next line off, without its line feed; a copy as of fuzz_text(). */
static inline char *fuzz_line(const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size > 0 ? memchr(*data, '\n', *size) : NULL;
	size_t len = end != NULL ? (size_t)(end - *data) : *size;
	char *text = fuzz_text(*data, len);
	size_t used = end != NULL ? len + 1 : len;
	*data += used;
	*size -= used;
	return text;
}

#endif
