/* SPDX-License-Identifier: Apache-2.0 */
/* The door to the normalisers, of the documents or of the mode of compatibility: recognises values that already are hashes, bounds what is looked at,
 * hashes. And the simplest normalisers, for opaque ids. */
#include "meta/normalise.h"

#include "base/mem.h"
#include "base/sha256.h"
#include "base/text.h"
#include "core/limits.h"
#include "meta/compat.h"

enum { MD5_HEX = 32 };

struct str normalise_context_country(const struct meta_context *ctx)
{
    return ctx->country.n ? ctx->country : ctx->default_country;
}

static bool is_hex(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (!hex) return false;
    }
    return true;
}

static bool is_base64url(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-' || c == '_';
        if (!ok) return false;
    }
    return true;
}

/* Meta's parameter builder ends its hashes with a dot and two or eight characters that tell which
 * library made them; Meta takes its own suffix back. */
static bool is_builder_hash(struct str s)
{
    size_t suffix = s.n - SHA256_HEX;
    return s.n > SHA256_HEX && (suffix == 3 || suffix == 9) && s.p[SHA256_HEX] == '.' &&
           is_base64url(str_from(s, SHA256_HEX + 1)) && sha256_is_hex(str_head(s, SHA256_HEX));
}

bool meta_normalise_value(const struct meta_field *field, const struct meta_context *ctx,
                          struct str in, struct buf *out, bool *hashed)
{
    *hashed = false;
    in = text_trim(in);
    if (in.n == 0 || in.n > LIMIT_USER_VALUE_BYTES) return false;
    if (field->hash == META_HASHED) {
        *hashed = true;
        if (sha256_is_hex(in)) {
            text_lower(out, in);
            return true;
        }
        if (is_builder_hash(in)) {
            buf_put(out, in);
            return true;
        }
        bool builder = ctx->compat == META_COMPAT_BUILDER;
        if (builder && in.n == MD5_HEX && is_hex(in)) {
            text_lower(out, in);
            return true;
        }
        *hashed = false;
        meta_normalise_fn *normalise = builder ? compat_normaliser(field) : NULL;
        if (normalise) return normalise(ctx, in, out);
        /* An MD5 is neither the value nor a hash that Meta takes. An id may well look like one. */
        bool opaque = field->normalise == normalise_external_id;
        if (in.n == MD5_HEX && is_hex(in) && !opaque) return false;
    }
    if (field->normalise) return field->normalise(ctx, in, out);
    return normalise_trimmed(ctx, in, out);
}

bool meta_hash_value(const struct meta_field *field, const struct meta_context *ctx, struct str in,
                     struct buf *scratch, struct buf *out)
{
    bool hashed;
    if (field->hash == META_PLAIN) return meta_normalise_value(field, ctx, in, out, &hashed);
    size_t mark = scratch->n;
    if (!meta_normalise_value(field, ctx, in, scratch, &hashed)) return false;
    struct str value = buf_since(scratch, mark);
    if (hashed)
        buf_put(out, value);
    else
        sha256_put_hex(out, value);
    mem_wipe(scratch->p + mark, value.n);
    buf_cut(scratch, mark);
    return true;
}

bool normalise_trimmed(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    in = text_trim(in);
    if (in.n == 0 || !text_is_valid(in)) return false;
    buf_put(out, in);
    return true;
}

/* Meta asks only for the same form on every channel, so an id is not folded: two ids that differ in
 * case may be two people. */
bool normalise_external_id(const struct meta_context *ctx, struct str in, struct buf *out)
{
    return normalise_trimmed(ctx, in, out);
}

bool normalise_digits(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    enum { DIGITS_MAX = 20 }; /* of a 64-bit number */
    in = str_trim(in);
    if (in.n == 0 || in.n > DIGITS_MAX) return false;
    for (size_t i = 0; i < in.n; i++)
        if (in.p[i] < '0' || in.p[i] > '9') return false;
    buf_put(out, in);
    return true;
}

/* Phones that refuse tracking give an id of nothing but zeros: it would join all of them. */
bool normalise_madid(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    in = str_trim(in);
    bool zero = true;
    for (size_t i = 0; i < in.n; i++) zero = zero && (in.p[i] == '0' || in.p[i] == '-');
    if (zero || !text_is_valid(in)) return false;
    text_lower(out, in);
    return true;
}
