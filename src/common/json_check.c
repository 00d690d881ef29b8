/*
 * json_check: see json_check.h. A recursive descent over the grammar of RFC 8259; recursion is
 * bounded by SS_JSON_DEPTH_MAX.
 */
#include "common/json_check.h"
#include "common/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cJSON copies a number into 64 bytes and would split a longer one. */
#define NUMBER_MAX 63

/* A member's name after unescaping; it lies in scanner.arena. */
typedef struct member_key
{
	const unsigned char *text;
	size_t len;
	size_t offset;
} member_key;

/* One open array or object. */
typedef struct scan_level
{
	bool is_object;
	size_t index;
	member_key key;
} scan_level;

typedef struct scanner
{
	const unsigned char *text;
	size_t len;
	size_t at;
	scan_level levels[SS_JSON_DEPTH_MAX];
	int depth;
	unsigned char *arena; /* unescaped names of all open objects; as large as the text */
	size_t arena_len;
	member_key *keys;
	size_t key_count;
	size_t key_capacity;
	size_t bad_offset;
	ss_error *err;
} scanner;

static int scan_value(scanner *scan);

static int refuse(scanner *scan, const char *code, size_t offset, const char *reason)
{
	scan->bad_offset = offset;
	return ss_fail(scan->err, code, "%s", reason);
}

static int refuse_here(scanner *scan, const char *reason)
{
	return refuse(scan, "invalid_json", scan->at, reason);
}

/* The byte at the cursor, or -1 at the end. */
static int peek(const scanner *scan)
{
	return scan->at < scan->len ? scan->text[scan->at] : -1;
}

static void skip_space(scanner *scan)
{
	while (scan->at < scan->len && memchr(" \t\r\n", scan->text[scan->at], 4) != NULL)
		scan->at++;
}

/* Length of the UTF-8 sequence at the cursor (Unicode 15, table 3-7), or 0. */
static size_t measure_utf8(const scanner *scan)
{
	static const struct
	{
		unsigned char first_min, first_max, second_min, second_max;
		size_t len;
	} forms[] = {
		{0x00, 0x7F, 0x00, 0x00, 1},
		{0xC2, 0xDF, 0x80, 0xBF, 2},
		{0xE0, 0xE0, 0xA0, 0xBF, 3},
		{0xE1, 0xEC, 0x80, 0xBF, 3},
		{0xED, 0xED, 0x80, 0x9F, 3},
		{0xEE, 0xEF, 0x80, 0xBF, 3},
		{0xF0, 0xF0, 0x90, 0xBF, 4},
		{0xF1, 0xF3, 0x80, 0xBF, 4},
		{0xF4, 0xF4, 0x80, 0x8F, 4},
	};
	const unsigned char *bytes = scan->text + scan->at;
	size_t left = scan->len - scan->at;

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
	{
		if (bytes[0] < forms[i].first_min || bytes[0] > forms[i].first_max)
			continue;
		if (left < forms[i].len)
			return 0;
		if (forms[i].len > 1 && (bytes[1] < forms[i].second_min || bytes[1] > forms[i].second_max))
			return 0;
		for (size_t k = 2; k < forms[i].len; k++)
		{
			if ((bytes[k] & 0xC0) != 0x80)
				return 0;
		}
		return forms[i].len;
	}
	return 0;
}

/* Four hex digits after `\u`; the cursor stands on the first. */
static int scan_hex4(scanner *scan, unsigned *ret)
{
	unsigned value = 0;

	for (int i = 0; i < 4; i++, scan->at++)
	{
		int c = peek(scan);

		if (c >= '0' && c <= '9')
			value = value << 4 | (unsigned)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value << 4 | (unsigned)((c | 0x20) - 'a' + 10);
		else
			return refuse_here(scan, "\\u needs four hex digits");
	}
	*ret = value;
	return 0;
}

static size_t encode_utf8(unsigned code, unsigned char *to)
{
	if (code < 0x80)
	{
		to[0] = (unsigned char)code;
		return 1;
	}
	if (code < 0x800)
	{
		to[0] = (unsigned char)(0xC0 | code >> 6);
		to[1] = (unsigned char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000)
	{
		to[0] = (unsigned char)(0xE0 | code >> 12);
		to[1] = (unsigned char)(0x80 | (code >> 6 & 0x3F));
		to[2] = (unsigned char)(0x80 | (code & 0x3F));
		return 3;
	}
	to[0] = (unsigned char)(0xF0 | code >> 18);
	to[1] = (unsigned char)(0x80 | (code >> 12 & 0x3F));
	to[2] = (unsigned char)(0x80 | (code >> 6 & 0x3F));
	to[3] = (unsigned char)(0x80 | (code & 0x3F));
	return 4;
}

/* `\uXXXX`, with its second half where it is a surrogate pair; the cursor stands after `\u`. */
static int scan_unicode_escape(scanner *scan, unsigned char *to, size_t *ret_len)
{
	size_t start = scan->at - 2;
	unsigned code;
	unsigned low;

	if (scan_hex4(scan, &code) != 0)
		return -1;
	if (code == 0)
		return refuse(scan, "invalid_json", start, "the character U+0000 is not allowed");
	if (code >= 0xDC00 && code <= 0xDFFF)
		return refuse(scan, "invalid_utf8", start, "a surrogate stands alone");
	if (code >= 0xD800 && code <= 0xDBFF)
	{
		if (scan->len - scan->at < 2 || scan->text[scan->at] != '\\' ||
			scan->text[scan->at + 1] != 'u')
			return refuse(scan, "invalid_utf8", start, "a surrogate stands alone");
		scan->at += 2;
		if (scan_hex4(scan, &low) != 0)
			return -1;
		if (low < 0xDC00 || low > 0xDFFF)
			return refuse(scan, "invalid_utf8", start, "a surrogate stands alone");
		code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
	}
	*ret_len = encode_utf8(code, to);
	return 0;
}

/* The cursor stands after the backslash. */
static int scan_escape(scanner *scan, unsigned char *to, size_t *ret_len)
{
	static const char escapes[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	int c = peek(scan);
	const char *found;

	if (c == 'u')
	{
		scan->at++;
		return scan_unicode_escape(scan, to, ret_len);
	}
	found = c > 0 ? strchr(escapes, c) : NULL;
	if (found == NULL)
		return refuse_here(scan, "unknown escape in a string");
	scan->at++;
	to[0] = (unsigned char)meanings[found - escapes];
	*ret_len = 1;
	return 0;
}

/* One character of a string, as UTF-8 in `to`. */
static int scan_character(scanner *scan, unsigned char to[4], size_t *ret_len)
{
	int c = peek(scan);

	if (c < 0)
		return refuse_here(scan, "the text ends inside a string");
	if (c < ' ')
		return refuse_here(scan, "a control character stands in a string");
	if (c == '\\')
	{
		scan->at++;
		return scan_escape(scan, to, ret_len);
	}
	*ret_len = measure_utf8(scan);
	if (*ret_len == 0)
		return refuse(scan, "invalid_utf8", scan->at, "the text is not valid UTF-8");
	memcpy(to, scan->text + scan->at, *ret_len);
	scan->at += *ret_len;
	return 0;
}

/* A string from its opening quote on. With ret_key its unescaped text goes to the arena. */
static int scan_string(scanner *scan, member_key *ret_key)
{
	unsigned char character[4];
	size_t len = 0;
	size_t arena_start = scan->arena_len;
	size_t start = scan->at++;

	while (peek(scan) != '"')
	{
		if (scan_character(scan, character, &len) != 0)
			return -1;
		if (ret_key != NULL)
		{
			memcpy(scan->arena + scan->arena_len, character, len);
			scan->arena_len += len;
		}
	}
	scan->at++;
	if (ret_key != NULL)
		*ret_key = (member_key){scan->arena + arena_start, scan->arena_len - arena_start, start};
	return 0;
}

static bool skip_digits(scanner *scan)
{
	size_t start = scan->at;

	while (peek(scan) >= '0' && peek(scan) <= '9')
		scan->at++;
	return scan->at > start;
}

static bool scan_number_grammar(scanner *scan)
{
	if (peek(scan) == '-')
		scan->at++;
	if (peek(scan) == '0')
		scan->at++;
	else if (!skip_digits(scan))
		return false;
	if (peek(scan) == '.')
	{
		scan->at++;
		if (!skip_digits(scan))
			return false;
	}
	if (peek(scan) == 'e' || peek(scan) == 'E')
	{
		scan->at++;
		if (peek(scan) == '+' || peek(scan) == '-')
			scan->at++;
		return skip_digits(scan);
	}
	return true;
}

static int scan_number(scanner *scan)
{
	char text[NUMBER_MAX + 1];
	size_t start = scan->at;
	size_t len;

	if (!scan_number_grammar(scan))
		return refuse_here(scan, "a number is not well-formed");
	len = scan->at - start;
	if (len > NUMBER_MAX)
		return refuse(scan, "invalid_json", start, "a number is longer than 63 characters");
	memcpy(text, scan->text + start, len);
	text[len] = '\0';
	if (!isfinite(strtod(text, NULL)))
		return refuse(scan, "invalid_json", start, "a number is out of range");
	return 0;
}

static int scan_word(scanner *scan)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
	{
		size_t len = strlen(words[i]);

		if (scan->len - scan->at >= len && memcmp(scan->text + scan->at, words[i], len) == 0)
		{
			scan->at += len;
			return 0;
		}
	}
	return refuse_here(scan, scan->at < scan->len ? "a value is expected" : "the text ends early");
}

static int compare_keys(const void *a, const void *b)
{
	const member_key *left = a;
	const member_key *right = b;
	size_t shorter = left->len < right->len ? left->len : right->len;
	int order = memcmp(left->text, right->text, shorter);

	if (order != 0)
		return order;
	if (left->len != right->len)
		return left->len < right->len ? -1 : 1;
	return left->offset < right->offset ? -1 : left->offset > right->offset;
}

/* Sorted, so that a body of many keys costs n log n whatever they are. */
static int refuse_duplicate_keys(scanner *scan, size_t first)
{
	size_t count = scan->key_count - first;

	if (count < 2)
		return 0;
	member_key *keys = scan->keys + first;

	qsort(keys, count, sizeof *keys, compare_keys);
	for (size_t i = 1; i < count; i++)
	{
		if (keys[i].len == keys[i - 1].len &&
			memcmp(keys[i].text, keys[i - 1].text, keys[i].len) == 0)
		{
			scan->levels[scan->depth - 1].key = keys[i];
			return refuse(scan, "duplicate_key", keys[i].offset, "an object holds a key twice");
		}
	}
	return 0;
}

static int remember_key(scanner *scan, const member_key *key)
{
	if (scan->key_count == scan->key_capacity)
	{
		size_t capacity = scan->key_capacity != 0 ? 2 * scan->key_capacity : 32;
		member_key *grown = reallocarray(scan->keys, capacity, sizeof *grown);

		if (grown == NULL)
			return refuse(scan, "internal", scan->at, "no memory to check JSON");
		scan->keys = grown;
		scan->key_capacity = capacity;
	}
	scan->keys[scan->key_count++] = *key;
	return 0;
}

/* `"name":` of a member. */
static int scan_member_name(scanner *scan)
{
	member_key key;

	scan->levels[scan->depth - 1].key.text = NULL;
	skip_space(scan);
	if (peek(scan) != '"')
		return refuse_here(scan, "the name of a member is expected");
	if (scan_string(scan, &key) != 0 || remember_key(scan, &key) != 0)
		return -1;
	scan->levels[scan->depth - 1].key = key;
	skip_space(scan);
	if (peek(scan) != ':')
		return refuse_here(scan, "':' is expected");
	scan->at++;
	return 0;
}

/* What stands between the brackets, closing bracket included. */
static int scan_items(scanner *scan, bool is_object)
{
	int closing = is_object ? '}' : ']';

	skip_space(scan);
	if (peek(scan) == closing)
	{
		scan->at++;
		return 0;
	}
	for (;;)
	{
		if (is_object && scan_member_name(scan) != 0)
			return -1;
		if (scan_value(scan) != 0)
			return -1;
		skip_space(scan);
		if (peek(scan) == closing)
		{
			scan->at++;
			return 0;
		}
		if (peek(scan) != ',')
			return refuse_here(
				scan, is_object ? "',' or '}' is expected" : "',' or ']' is expected");
		scan->at++;
		scan->levels[scan->depth - 1].index++;
	}
}

static int scan_container(scanner *scan, bool is_object)
{
	size_t first_key = scan->key_count;
	size_t arena_start = scan->arena_len;

	if (scan->depth == SS_JSON_DEPTH_MAX)
		return refuse(scan, "too_deep", scan->at, "the JSON is nested too deeply");
	/* An object is known by a NULL name until its first member. */
	scan->levels[scan->depth++] = (scan_level){.is_object = is_object};
	scan->at++;
	if (scan_items(scan, is_object) != 0 || refuse_duplicate_keys(scan, first_key) != 0)
		return -1;
	scan->key_count = first_key;
	scan->arena_len = arena_start;
	scan->depth--;
	return 0;
}

static int scan_value(scanner *scan)
{
	int c;

	skip_space(scan);
	c = peek(scan);
	if (c == '{' || c == '[')
		return scan_container(scan, c == '{');
	if (c == '"')
		return scan_string(scan, NULL);
	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(scan);
	return scan_word(scan);
}

static int scan_text(scanner *scan)
{
	if (scan_value(scan) != 0)
		return -1;
	skip_space(scan);
	if (scan->at < scan->len)
		return refuse_here(scan, "something follows the value");
	return 0;
}

/* Where the scanner stopped, from the levels that are open. */
static void write_pointer(const scanner *scan, char *pointer, size_t size)
{
	char step[512];

	for (int i = 0; i < scan->depth; i++)
	{
		const scan_level *level = &scan->levels[i];

		if (level->is_object && level->key.text == NULL)
			return;
		if (level->is_object && level->key.len >= sizeof step)
			return;
		if (level->is_object)
		{
			memcpy(step, level->key.text, level->key.len);
			step[level->key.len] = '\0';
		}
		else
			snprintf(step, sizeof step, "%zu", level->index);
		if (ss_json_pointer_append(pointer, size, step) != 0)
			return;
	}
}

int ss_json_check(const char *text, size_t len, char *pointer, size_t pointer_size,
	size_t *ret_offset, ss_error *err)
{
	scanner scan = {.text = (const unsigned char *)text, .len = len, .err = err};
	int rc;

	scan.arena = malloc(len + 1);
	if (scan.arena == NULL)
		return ss_fail(err, "internal", "no memory to check JSON");
	rc = scan_text(&scan);
	if (rc != 0)
	{
		*ret_offset = scan.bad_offset;
		write_pointer(&scan, pointer, pointer_size);
	}
	free(scan.arena);
	free(scan.keys);
	return rc;
}
