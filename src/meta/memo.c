/* SPDX-License-Identifier: Apache-2.0 */
/* See memo.h. A table with one place for each hash: a newer value takes the place of the one that is
 * there, so nothing has to be found out about which is the oldest. */
#include "meta/memo.h"

#include "base/mem.h"
#include "base/sha256.h"
#include "meta/normalise.h"

enum {
    PLACES = 1024,   /* what fits into the second-level cache beside all else */
    TEXT_BYTES = 54, /* longer values are seldom, and seldom twice */
};

/* 128 bytes, two lines of the cache. */
struct place {
    uint64_t kind; /* field, mode and country; 0: free */
    unsigned char text_n;
    unsigned char out_n; /* 0: refused */
    char text[TEXT_BYTES];
    char out[SHA256_HEX];
};

_Static_assert(sizeof(struct place) == 128, "a place is two lines of the cache");

struct meta_memo {
    struct place places[PLACES];
};

struct meta_memo *meta_memo_new(void)
{
    return mem_new(sizeof(struct meta_memo));
}

void meta_memo_free(struct meta_memo *memo)
{
    if (memo) mem_wipe(memo, sizeof *memo);
    mem_free(memo);
}

/* All that a result depends on besides the text; 0 when it cannot be told in a word. */
static uint64_t kind_of(const struct meta_field *field, const struct meta_context *ctx)
{
    struct str country = normalise_context_country(ctx);
    uint64_t kind = 1 + meta_field_index(field);
    if (country.n > 2) return 0;
    for (size_t i = 0; i < country.n; i++) kind = kind << 8 | (unsigned char)country.p[i];
    return kind << 2 | (uint64_t)ctx->compat;
}

static void keep(struct place *place, uint64_t kind, struct str text, struct str out)
{
    place->kind = kind;
    place->text_n = (unsigned char)text.n;
    place->out_n = (unsigned char)out.n;
    str_copy(place->text, text);
    if (out.n) memcpy(place->out, out.p, out.n);
}

bool meta_memo_hash(struct meta_memo *memo, const struct meta_field *field,
                    const struct meta_context *ctx, struct str in, struct buf *scratch,
                    struct buf *out)
{
    size_t mark = out->n;
    uint64_t kind = field->common && in.n <= TEXT_BYTES ? kind_of(field, ctx) : 0;
    if (!kind) return meta_hash_value(field, ctx, in, scratch, out);
    uint64_t hash = str_hash(in) + kind * 0x9E3779B97F4A7C15ULL;
    struct place *place = &memo->places[(hash ^ hash >> 40) % PLACES];
    if (place->kind == kind && str_eq(str_of(place->text, place->text_n), in)) {
        buf_put(out, str_of(place->out, place->out_n));
        return place->out_n != 0;
    }
    bool taken = meta_hash_value(field, ctx, in, scratch, out);
    struct str result = buf_since(out, mark);
    if (result.n <= sizeof place->out) keep(place, kind, in, result);
    return taken;
}
