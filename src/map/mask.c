/* SPDX-License-Identifier: Apache-2.0 */
/* See mask.h. */
#include "map/mask.h"

#include "base/json.h"
#include "base/sha256.h"
#include "base/text.h"

enum { HASH_SHOWN = 8 };

/* The first letter and three stars; a single letter hides altogether. */
static void put_word(struct buf *out, struct str word)
{
    size_t first = 0;
    if (word.n > 1) (void)text_next(word, &first); /* only moves first */
    if (first < word.n) buf_put(out, str_head(word, first));
    buf_put(out, S("***"));
}

void mask_put(struct buf *out, struct str text)
{
    struct str local, domain;
    if (!text.n) return;
    if (sha256_is_hex(text)) {
        buf_put(out, str_head(text, HASH_SHOWN));
        buf_put(out, S("\xE2\x80\xA6"));
        return;
    }
    if (!str_cut(text, '@', &local, &domain)) {
        put_word(out, text);
        return;
    }
    size_t dot = domain.n;
    while (dot && domain.p[dot - 1] != '.') dot--;
    put_word(out, local);
    buf_putc(out, '@');
    put_word(out, dot ? str_head(domain, dot - 1) : domain);
    if (dot) buf_put(out, str_from(domain, dot - 1));
}

void mask_put_json(struct buf *out, struct str json)
{
    size_t at = 0;
    while (at < json.n) {
        char c = json.p[at];
        bool number = (c >= '0' && c <= '9') || c == '-';
        if (c != '"' && !number) {
            buf_putc(out, c);
            at++;
            continue;
        }
        size_t end = json_skip(json, at);
        if (c == '"') buf_putc(out, '"');
        size_t quote = c == '"';
        mask_put(out, str_of(json.p + at + quote, end - at - 2 * quote));
        if (c == '"') buf_putc(out, '"');
        at = end;
    }
}
