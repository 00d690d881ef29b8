/* utf8: validation of what comes in paths, queries and headers. Any thread. */
#include "server/utf8.h"

/* Length of the sequence that a byte begins, and the bounds of its second byte; 0: none. */
static int sequence(unsigned char lead, unsigned char *ret_low, unsigned char *ret_high)
{
	*ret_low = 0x80;
	*ret_high = 0xbf;
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
	{
		if (lead == 0xe0)
			*ret_low = 0xa0;
		if (lead == 0xed)
			*ret_high = 0x9f;
		return 3;
	}
	if (lead >= 0xf0 && lead <= 0xf4)
	{
		if (lead == 0xf0)
			*ret_low = 0x90;
		if (lead == 0xf4)
			*ret_high = 0x8f;
		return 4;
	}
	return 0;
}

bool utf8_valid(const char *text, size_t len)
{
	const unsigned char *at = (const unsigned char *)text;
	const unsigned char *end = at + len;
	while (at < end)
	{
		unsigned char low, high;
		int n = sequence(*at, &low, &high);
		if (n == 0 || end - at < n)
			return false;
		if (n > 1 && (at[1] < low || at[1] > high))
			return false;
		for (int i = 2; i < n; i++)
			if (at[i] < 0x80 || at[i] > 0xbf)
				return false;
		at += n;
	}
	return true;
}

size_t utf8_length(const char *text)
{
	size_t count = 0;
	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}
