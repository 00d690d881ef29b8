/* ws_frame: see ws_frame.h. */
#include "agent/ws_frame.h"

#include <stdint.h>
#include <string.h>

#include "common/crypto.h"

#define KEY 4
#define FINAL_BINARY 0x82
#define MASKED 0x80
#define LENGTH_16 126

static int take_key(ws_frame_keys *keys, unsigned char ret[KEY], ss_error *err)
{
	if (keys->left < KEY)
	{
		if (ss_random_bytes(keys->bytes, sizeof keys->bytes, err))
			return -1;
		keys->left = sizeof keys->bytes;
	}
	keys->left -= KEY;
	memcpy(ret, keys->bytes + keys->left, KEY);
	return 0;
}

/* Eight bytes at a time, wherever they stand. */
static void mask(unsigned char *data, size_t len, const unsigned char key[KEY])
{
	uint64_t twice, word;

	memcpy(&twice, key, KEY);
	memcpy((unsigned char *)&twice + KEY, key, KEY);
	for (; len >= sizeof word; data += sizeof word, len -= sizeof word)
	{
		memcpy(&word, data, sizeof word);
		word ^= twice;
		memcpy(data, &word, sizeof word);
	}
	for (size_t i = 0; i < len; i++)
		data[i] ^= key[i % KEY];
}

size_t ws_frame_make(ws_frame_keys *keys, unsigned char *buf, size_t len, ss_error *err)
{
	unsigned char key[KEY];
	size_t at = 2;

	if (len > WS_FRAME_MAX)
	{
		ss_fail(err, "internal", "a message of %zu bytes", len);
		return 0;
	}
	if (take_key(keys, key, err))
		return 0;
	if (len < LENGTH_16)
	{
		memmove(buf + 2 + KEY, buf + WS_FRAME_HEAD, len);
		buf[1] = (unsigned char)(MASKED | len);
	}
	else
	{
		buf[1] = MASKED | LENGTH_16;
		buf[2] = (unsigned char)(len >> 8);
		buf[3] = (unsigned char)len;
		at = 4;
	}
	buf[0] = FINAL_BINARY;
	memcpy(buf + at, key, KEY);
	mask(buf + at + KEY, len, key);
	return at + KEY + len;
}
