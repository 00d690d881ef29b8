/*
 * crypto: SHA-256, random tokens and comparison in constant time, by libcrypto. Any thread.
 */
#ifndef SS_COMMON_CRYPTO_H
#define SS_COMMON_CRYPTO_H

#include "common/error.h"

#include <stdbool.h>

#define SS_SHA256_SIZE 32
#define SS_HEX_SIZE 65 /* 64 lower-case hex digits and a NUL: a SHA-256 or a token */

int ss_sha256(
	const void *data, size_t len, unsigned char ret[SS_SHA256_SIZE], ss_error *err) SS_MUST_CHECK;
int ss_sha256_hex(const void *data, size_t len, char ret[SS_HEX_SIZE], ss_error *err) SS_MUST_CHECK;

/* Cryptographically strong random bytes. */
int ss_random_bytes(void *ret, size_t len, ss_error *err) SS_MUST_CHECK;

/* A new 256-bit token as 64 hex digits. */
int ss_random_token(char ret[SS_HEX_SIZE], ss_error *err) SS_MUST_CHECK;

/* Lower-case hex of `len` bytes and a NUL; ret has room for 2 * len + 1. */
void ss_hex_encode(const void *data, size_t len, char *ret);

/* What a hex digit of either case is worth; -1: it is none. */
int ss_hex_value(char digit);

/* Whether text is exactly 64 hex digits, lower case. NULL is not. */
bool ss_hex_is_token(const char *text);

/* Overwrites a secret in a way that the compiler keeps. */
void ss_crypto_wipe(void *data, size_t len);

#endif
