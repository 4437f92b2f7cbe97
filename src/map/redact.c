/* SPDX-License-Identifier: Apache-2.0 */
/* Values on their way out, without what looks personal in them: passed-along properties, free texts of
 * custom_data, values of any shape, addresses. What becomes of a find is the destination's `pii.values`;
 * each is counted and told to explain, without the find itself. Part of emit.h. */
#include "map/detect.h"
#include "map/emit.h"
#include "map/explain.h"
#include "map/pii.h"
#include "map/url.h"

static void tell(struct emitter *e, struct str what, size_t count)
{
    e->job->redacted += count;
    if (e->job->eval.explain && count) explain_redacted(e->job->eval.explain, what);
}

/* signs are those of the address, or of what it is in. */
static bool redact_url(struct emitter *e, unsigned signs, struct str *text)
{
    struct url_found found;
    *text = url_clean(e->job->plan, *text, signs, &e->job->run->scratch, &found);
    tell(e, S("personal query keys were taken out"), found.keys);
    tell(e, S("what looks personal was taken out of the address"), found.values);
    return !found.values || pii_values(e->job->plan) != VALUES_DROP;
}

/* Appends text as it may leave; false when it may not at all. */
static bool put_redacted(struct emitter *e, struct detect_hint *hint, struct str text)
{
    enum pii_values mode = pii_values(e->job->plan);
    struct buf *out = &e->job->run->text;
    size_t at = 0;
    struct hit hit;
    bool looks = mode != VALUES_KEEP && detect_maybe(text);
    for (; looks && detect_next(text, at, hint, &hit); at = hit.at + hit.n) {
        tell(e, detect_words(hit.kind), 1);
        if (mode == VALUES_DROP) return false;
        buf_put(out, str_of(text.p + at, hit.at - at));
        buf_put(out, S("[redacted]"));
    }
    buf_put(out, str_from(text, at));
    return true;
}

/* Texts with addresses in them: what is between two addresses, then the address, and so on. */
static bool put_parts(struct emitter *e, struct detect_hint *hint, unsigned signs, struct str text)
{
    struct str link;
    bool stays = true;
    while (stays && url_find(text, &link)) {
        size_t before = (size_t)(link.p - text.p), end = before + link.n;
        stays = put_redacted(e, hint, str_head(text, before)) && redact_url(e, signs, &link);
        buf_put(&e->job->run->text, link);
        text = str_from(text, end);
    }
    return stays && put_redacted(e, hint, text);
}

/* Takes what looks personal out of a text with these signs; new text is in the scratch arena. False: the
 * text has to be left out. */
static bool redact_text(struct emitter *e, struct str name, unsigned signs, struct str *text)
{
    struct buf *out = &e->job->run->text;
    size_t mark = out->n, before = e->job->redacted;
    struct str link;
    if (url_is(*text)) return redact_url(e, signs, text);
    bool looks = pii_values(e->job->plan) != VALUES_KEEP && (signs & SIGN_FOUND);
    if (!looks && !url_find(*text, &link)) return true;
    struct detect_hint hint = detect_hint(name);
    bool stays = put_parts(e, &hint, signs, *text);
    if (e->job->redacted != before) *text = arena_str(&e->job->run->scratch, buf_since(out, mark));
    buf_cut(out, mark);
    return stays;
}

/* Has signs_put written all that is to be said? Nothing personal is in it, and no address with a query. */
static bool is_done(unsigned signs)
{
    return !(signs & (SIGN_FOUND | SIGN_QUERY | SIGN_ODD));
}

/* A text was written, unless its signs say that it is odd, and cleaned: what is there in the end. */
static bool put_clean(struct buf *out, size_t mark, bool stays, unsigned signs, struct str text,
                      struct str clean)
{
    if (stays && !(signs & SIGN_ODD) && clean.p == text.p && clean.n == text.n) return true;
    buf_cut(out, mark);
    if (stays) json_put_str(out, clean);
    return stays;
}

bool redact_put_text(struct emitter *e, struct str name, struct str text)
{
    struct buf *out = e->job->out;
    struct str clean = text;
    size_t mark = out->n;
    unsigned signs = signs_put(out, text);
    bool stays = is_done(signs) || redact_text(e, name, signs, &clean);
    return put_clean(out, mark, stays, signs, text, clean);
}

bool redact_put_address(struct emitter *e, bool page_only, struct str text)
{
    struct buf *out = e->job->out;
    if (page_only) text = url_page(text);
    struct str clean = text;
    size_t mark = out->n;
    unsigned signs = signs_put(out, text);
    bool stays = is_done(signs) || !url_is(text) || redact_url(e, signs, &clean);
    return put_clean(out, mark, stays, signs, text, clean);
}

/* Not when somebody's address became a name. */
static bool may_name(struct emitter *e, struct str name)
{
    struct detect_hint only_sure = {.known = true, .id = true};
    struct str last, rest = name; /* of a.b */
    struct hit hit;
    if (pii_values(e->job->plan) == VALUES_KEEP) return true;
    while (str_cut(rest, '.', &last, &rest)) continue;
    if (!detect_next(name, 0, &only_sure, &hit) && !detect_next(last, 0, &only_sure, &hit)) {
        return true;
    }
    tell(e, detect_words(hit.kind), 1);
    return false;
}

bool redact_put_key(struct emitter *e, struct str name)
{
    struct buf *out = e->job->out;
    size_t mark = out->n;
    json_comma(out);
    unsigned signs = signs_put(out, name);
    if ((signs & SIGN_FOUND) && !may_name(e, name)) {
        buf_cut(out, mark);
        return false;
    }
    if (signs & SIGN_ODD) json_put_str(out, name);
    buf_putc(out, ':');
    return true;
}

/* Appends a member of a list or object, behind its key if it has one. */
static void put_member(struct emitter *e, struct str name, bool keyed, const struct value *v)
{
    struct buf *out = e->job->out;
    size_t mark = out->n;
    if (keyed && !redact_put_key(e, name)) return;
    if (!keyed) json_comma(out);
    if (!redact_put(e, name, v)) buf_cut(out, mark);
}

static void put_node(struct emitter *e, yyjson_val *object)
{
    size_t index, count;
    yyjson_val *key, *item;
    buf_putc(e->job->out, '{');
    yyjson_obj_foreach (object, index, count, key, item) {
        struct value v = value_of(item);
        put_member(e, json_str(key), true, &v);
    }
    buf_putc(e->job->out, '}');
}

/* Digits alone may be a card's. */
static bool put_number(struct emitter *e, struct str name, struct str digits)
{
    struct str clean = digits;
    if (digits.n >= DETECT_DIGITS_MIN && !redact_text(e, name, signs_of(digits), &clean))
        return false;
    if (clean.p == digits.p) {
        buf_put(e->job->out, digits);
    } else { /* not a number any more */
        json_put_str(e->job->out, clean);
    }
    return true;
}

/* Recursion: as deep as JSON may be. */
bool redact_put(struct emitter *e, struct str name, const struct value *v)
{
    struct buf *out = e->job->out;
    struct value item;
    if (v->kind == VALUE_NODE && yyjson_is_obj(v->node)) {
        put_node(e, v->node);
        return true;
    }
    if (v->kind == VALUE_NODE || v->kind == VALUE_LIST) {
        struct value_walk walk = value_walk(v);
        buf_putc(out, '[');
        while (value_next(&walk, &item)) put_member(e, name, false, &item);
        buf_putc(out, ']');
        return true;
    }
    if (v->kind == VALUE_TEXT) return redact_put_text(e, name, v->text);
    if (v->kind == VALUE_NUMBER) return put_number(e, name, v->text);
    value_put_json(out, v);
    return true;
}
