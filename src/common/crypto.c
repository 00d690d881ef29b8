/*
 * crypto: see crypto.h.
 */
#include "common/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

int ss_sha256(const void *data, size_t len, unsigned char ret[SS_SHA256_SIZE], ss_error *err)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int digest_len = 0;

	if (EVP_Digest(data, len, digest, &digest_len, EVP_sha256(), NULL) != 1 ||
		digest_len != SS_SHA256_SIZE)
		return ss_fail(err, "internal", "libcrypto cannot compute SHA-256");
	memcpy(ret, digest, SS_SHA256_SIZE);
	return 0;
}

int ss_sha256_hex(const void *data, size_t len, char ret[SS_HEX_SIZE], ss_error *err)
{
	unsigned char digest[SS_SHA256_SIZE];

	if (ss_sha256(data, len, digest, err) != 0)
		return -1;
	ss_hex_encode(digest, sizeof digest, ret);
	return 0;
}

int ss_random_bytes(void *ret, size_t len, ss_error *err)
{
	if (len > INT32_MAX || RAND_bytes(ret, (int)len) != 1)
		return ss_fail(err, "internal", "libcrypto has no random bytes");
	return 0;
}

int ss_random_token(char ret[SS_HEX_SIZE], ss_error *err)
{
	unsigned char bytes[32];

	if (ss_random_bytes(bytes, sizeof bytes, err) != 0)
		return -1;
	ss_hex_encode(bytes, sizeof bytes, ret);
	ss_crypto_wipe(bytes, sizeof bytes);
	return 0;
}

void ss_hex_encode(const void *data, size_t len, char *ret)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++)
	{
		ret[2 * i] = digits[bytes[i] >> 4];
		ret[2 * i + 1] = digits[bytes[i] & 0x0F];
	}
	ret[2 * len] = '\0';
}

int ss_hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

bool ss_hex_is_token(const char *text)
{
	return text != NULL && strspn(text, "0123456789abcdef") == SS_HEX_SIZE - 1 &&
		   text[SS_HEX_SIZE - 1] == '\0';
}

void ss_crypto_wipe(void *data, size_t len)
{
	OPENSSL_cleanse(data, len);
}
