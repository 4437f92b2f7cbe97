/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 and HMAC by OpenSSL. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include "base/buf.h"

enum { SHA256_BYTES = 32, SHA256_HEX = 64 };

/* sha256 writes the digest of s. Any thread; allocates nothing. */
void sha256(struct str s, unsigned char out[SHA256_BYTES]);
/* sha256_put_hex appends the 64 lower-case hex digits of the digest of s. */
void sha256_put_hex(struct buf *out, struct str s);
/* sha256_is_hex: exactly 64 hex digits of either case? */
bool sha256_is_hex(struct str s);
/* hmac_sha256_put_hex appends the hex HMAC of message under key. */
void hmac_sha256_put_hex(struct buf *out, struct str key, struct str message);

#endif
