/* SPDX-License-Identifier: Apache-2.0 */
/* See signature.h. Stripe signs "TIME.BODY" and sends t=TIME,v1=HEX[,v1=HEX] in one header; Customer.io
 * "v0:TIME:BODY" with the time in a header of its own; Shopify the body alone, in Base64; GitHub and those
 * after it the body, as sha256=HEX. */
#include "ingest/signature.h"

#include "base/sha256.h"
#include "http/base64.h"
#include "ingest/source.h"

#include <ctype.h>

/* --- the header -------------------------------------------------------------------------------- */

/* Takes the next value of a field from a list such as t=1,v1=AB,v1=CD; false at its end. */
static bool next_field(struct str *rest, struct str field, struct str *value)
{
    while (rest->n) {
        struct str pair, name;
        if (!str_cut(*rest, ',', &pair, rest)) *rest = S("");
        if (str_cut(str_trim(pair), '=', &name, value) && str_eq(str_trim(name), field))
            return true;
    }
    return false;
}

static struct str header_of(const struct http_request *req, const struct text *name)
{
    return name->text.p ? str_trim(http_header(req, name->text)) : S("");
}

/* The time that was signed, as it was written; n = 0: none. */
static struct str signed_time(const struct signature_conf *s, const struct http_request *req)
{
    struct str list = header_of(req, &s->header), time = S("");
    if (!s->time_field.text.p) return header_of(req, &s->time_header);
    return next_field(&list, s->time_field.text, &time) ? str_trim(time) : S("");
}

static bool is_fresh(const struct signature_conf *s, struct str time, int64_t now_ms)
{
    int64_t seconds;
    if (!str_to_i64(time, &seconds) || seconds < 0 || seconds > INT64_MAX / 1000) return false;
    int64_t apart = now_ms - seconds * 1000;
    return apart <= s->tolerance_ms && apart >= -s->tolerance_ms;
}

/* --- the signature ----------------------------------------------------------------------------- */

static void put_replaced(struct buf *out, struct str text, struct str time, struct str body)
{
    while (text.n) {
        if (str_starts(text, S("{time}"))) {
            buf_put(out, time);
            text = str_from(text, S("{time}").n);
        } else if (str_starts(text, S("{body}"))) {
            buf_put(out, body);
            text = str_from(text, S("{body}").n);
        } else {
            buf_putc(out, text.p[0]);
            text = str_from(text, 1);
        }
    }
}

/* A given signature as small hex digits; false when it is none. */
static bool as_hex(const struct signature_conf *s, struct str given, struct arena *arena,
                   struct buf *hex)
{
    buf_clear(hex);
    given = str_trim(given);
    if (s->prefix.text.p && !str_starts(given, s->prefix.text)) return false;
    given = str_from(given, s->prefix.text.n);
    if (str_eq(s->encoding.text, S("base64"))) {
        struct str bytes = base64_decode(arena, given);
        if (bytes.p && bytes.n == SHA256_BYTES) buf_put_hex(hex, bytes.p, bytes.n);
        return hex->n == SHA256_HEX;
    }
    if (!sha256_is_hex(given)) return false;
    for (size_t i = 0; i < given.n; i++) buf_putc(hex, (char)tolower((unsigned char)given.p[i]));
    return true;
}

/* The HMACs under all secrets, one after the other in hex. */
static void put_macs(struct buf *out, const struct webhook_conf *w, struct str message)
{
    for (size_t i = 0; i < w->secret_count; i++) {
        hmac_sha256_put_hex(out, w->secrets[i], message);
    }
}

static bool is_among(struct str macs, struct str hex)
{
    bool found = false;
    for (; macs.n; macs = str_from(macs, SHA256_HEX)) {
        found |= source_same_key(str_head(macs, SHA256_HEX), hex);
    }
    return found;
}

static bool is_signed(const struct webhook_conf *w, const struct http_request *req, struct str time)
{
    const struct signature_conf *s = &w->signature;
    struct str list = http_header(req, s->header.text), one = list;
    struct buf message = {0}, macs = {0}, hex = {0};
    bool good = false;
    put_replaced(&message, s->content.text, time, req->body);
    put_macs(&macs, w, buf_str(&message));
    if (!s->field.text.p) {
        good = as_hex(s, one, req->transient, &hex) && is_among(buf_str(&macs), buf_str(&hex));
    }
    while (s->field.text.p && !good && next_field(&list, s->field.text, &one)) {
        good = as_hex(s, one, req->transient, &hex) && is_among(buf_str(&macs), buf_str(&hex));
    }
    buf_fini(&message);
    buf_fini(&macs);
    buf_fini(&hex);
    return good;
}

enum refusal signature_check(const struct webhook_conf *w, const struct http_request *req,
                             int64_t now_ms)
{
    const struct signature_conf *s = &w->signature;
    bool plain = w->header.text.p != NULL, known = false;
    struct str shown = http_header(req, plain ? w->header.text : s->header.text);
    if (!shown.n) return REFUSAL_NO_KEY;
    if (plain) {
        for (size_t i = 0; i < w->secret_count; i++) known |= source_same_key(w->secrets[i], shown);
        return known ? REFUSAL_NONE : REFUSAL_BAD_KEY;
    }
    bool dated = s->time_header.text.p || s->time_field.text.p;
    struct str time = dated ? signed_time(s, req) : S("");
    if (!is_signed(w, req, time)) return REFUSAL_SIGNATURE;
    return !dated || is_fresh(s, time, now_ms) ? REFUSAL_NONE : REFUSAL_STALE;
}
