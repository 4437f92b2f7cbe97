/* SPDX-License-Identifier: Apache-2.0 */
/* See sha256.h. The low-level calls are marked as deprecated since OpenSSL 3.0 in favour of EVP, but a
 * hash by EVP allocates and takes 78 ns instead of 51 for a short text, and we make a dozen for each
 * event. They are in every OpenSSL 3. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha256.h"

#include "base/mem.h"

#include <assert.h>
#include <endian.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

enum { BLOCK_BYTES = 64, SHORT_BYTES = BLOCK_BYTES - 9 };

/* What fits into one block with the bit and the length behind it (FIPS 180-4, 5.1.1), as nearly all that we
 * hash: without the copying and wiping around it, which is 140 instructions more. */
static void hash_short(SHA256_CTX *ctx, struct str s, unsigned char out[SHA256_BYTES])
{
    unsigned char block[BLOCK_BYTES] = {0};
    str_copy((char *)block, s);
    block[s.n] = 0x80;
    block[BLOCK_BYTES - 2] = (unsigned char)(s.n >> 5);
    block[BLOCK_BYTES - 1] = (unsigned char)(s.n << 3);
    SHA256_Transform(ctx, block);
    mem_wipe(block, sizeof block);
    for (size_t i = 0; i < SHA256_BYTES / 4; i++) {
        uint32_t word = htobe32(ctx->h[i]);
        memcpy(out + 4 * i, &word, sizeof word);
    }
}

void sha256(struct str s, unsigned char out[SHA256_BYTES])
{
    SHA256_CTX ctx;
    int ok = SHA256_Init(&ctx);
    if (s.n <= SHORT_BYTES) {
        hash_short(&ctx, s, out);
    } else {
        ok = ok && SHA256_Update(&ctx, s.p, s.n) && SHA256_Final(out, &ctx);
    }
    assert(ok);
}

void sha256_put_hex(struct buf *out, struct str s)
{
    unsigned char bytes[SHA256_BYTES];
    sha256(s, bytes);
    buf_put_hex(out, bytes, sizeof bytes);
}

bool sha256_is_hex(struct str s)
{
    if (s.n != SHA256_HEX) return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (!hex) return false;
    }
    return true;
}

void hmac_sha256_put_hex(struct buf *out, struct str key, struct str message)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    assert(key.n <= INT_MAX);
    const unsigned char *ok = HMAC(EVP_sha256(), key.p, (int)key.n,
                                   (const unsigned char *)message.p, message.n, bytes, &n);
    assert(ok && n == SHA256_BYTES);
    buf_put_hex(out, bytes, n);
}
