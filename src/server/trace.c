/* trace: see trace.h. */
#include "server/trace.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "common/crypto.h"
#include "common/timeutil.h"

#define LENGTH 55
#define TRACE_AT 3
#define PARENT_AT 36
#define FLAGS_AT 53

/* Lower-case hexadecimal, and not all zero where zero is no value. */
static bool is_hex(const char *text, size_t len, bool zero_allowed)
{
	return strspn(text, "0123456789abcdef") >= len && (zero_allowed || strspn(text, "0") < len);
}

static bool is_valid(const char *header)
{
	if (strnlen(header, LENGTH) < LENGTH || header[2] != '-' || header[PARENT_AT - 1] != '-' ||
		header[FLAGS_AT - 1] != '-')
		return false;
	if (!is_hex(header, 2, true) || memcmp(header, "ff", 2) == 0 ||
		!is_hex(header + TRACE_AT, 32, false) || !is_hex(header + PARENT_AT, 16, false) ||
		!is_hex(header + FLAGS_AT, 2, true))
		return false;
	/* Later versions may have more after a further hyphen; 00 has not. */
	return header[LENGTH] == '\0' || (memcmp(header, "00", 2) != 0 && header[LENGTH] == '-');
}

/* Without random numbers the clock and a counter still tell requests apart. */
static void make_ids(unsigned char ids[24])
{
	static atomic_ullong counter;
	ss_error err = SS_ERROR_INIT;
	if (ss_random_bytes(ids, 24, &err) == 0)
		return;
	unsigned long long values[3] = {(unsigned long long)ss_time_wall_ms(),
		atomic_fetch_add(&counter, 1) + 1, atomic_load(&counter) + 1};
	memcpy(ids, values, sizeof values);
}

bool trace_begin(const char *header, char ret[TRACE_SIZE])
{
	if (header != NULL && is_valid(header))
	{
		snprintf(ret, TRACE_SIZE, "00%.*s", LENGTH - 2, header + 2);
		return true;
	}
	unsigned char ids[24];
	char trace[33], parent[17];
	make_ids(ids);
	ids[0] |= 1; /* all zero is no id */
	ids[16] |= 1;
	ss_hex_encode(ids, 16, trace);
	ss_hex_encode(ids + 16, 8, parent);
	snprintf(ret, TRACE_SIZE, "00-%s-%s-00", trace, parent);
	return false;
}

const char *trace_id(const char context[TRACE_SIZE], char ret[TRACE_ID_SIZE])
{
	snprintf(ret, TRACE_ID_SIZE, "%.32s", context + TRACE_AT);
	return ret;
}
