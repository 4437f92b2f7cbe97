/* SPDX-License-Identifier: Apache-2.0 */
/* See password.h. Costs as RFC 7914 and OWASP name them for interactive use: N = 2^15, r = 8, p = 1. */
#include "console/password.h"

#include "sys/random.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { COST = 1 << 15, BLOCK = 8, LANES = 1, MEMORY = 64 * 1024 * 1024 };

static void derive(const unsigned char *salt, struct str text, unsigned char *out)
{
    int ok = EVP_PBE_scrypt(text.p, text.n, salt, PASSWORD_SALT_BYTES, COST, BLOCK, LANES, MEMORY,
                            out, PASSWORD_HASH_BYTES);
    assert(ok == 1);
    (void)ok;
}

void password_make(struct password *p, struct str text)
{
    random_bytes(p->salt, sizeof p->salt);
    derive(p->salt, text, p->hash);
}

bool password_is(const struct password *p, struct str text)
{
    unsigned char hash[PASSWORD_HASH_BYTES];
    derive(p->salt, text, hash);
    return CRYPTO_memcmp(hash, p->hash, sizeof hash) == 0;
}
