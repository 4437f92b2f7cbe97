/* SPDX-License-Identifier: Apache-2.0 */
/* See sha256.h. */
#include "base/sha256.h"

#include <assert.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>

static EVP_MD *digest;
static pthread_key_t context_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_context(void *ctx)
{
    EVP_MD_CTX_free(ctx);
}

static void fetch_digest(void)
{
    digest = EVP_MD_fetch(NULL, "SHA256", NULL);
    assert(digest);
    int failed = pthread_key_create(&context_key, free_context);
    assert(!failed);
}

/* The thread's own context: a thread-local for speed, the key only so that it is freed at the end. */
static EVP_MD_CTX *thread_context(void)
{
    static _Thread_local EVP_MD_CTX *ctx;
    if (ctx) return ctx;
    int failed = pthread_once(&once, fetch_digest);
    assert(!failed);
    ctx = EVP_MD_CTX_new();
    assert(ctx);
    failed = pthread_setspecific(context_key, ctx);
    assert(!failed);
    return ctx;
}

void sha256(struct str s, unsigned char out[SHA256_BYTES])
{
    EVP_MD_CTX *ctx = thread_context();
    unsigned n = 0;
    int ok = EVP_DigestInit_ex2(ctx, digest, NULL) && EVP_DigestUpdate(ctx, s.p, s.n) &&
             EVP_DigestFinal_ex(ctx, out, &n);
    assert(ok && n == SHA256_BYTES);
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
