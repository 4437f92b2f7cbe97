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

static bool redact_url(struct emitter *e, struct str *text)
{
    struct url_found found;
    *text = url_clean(e->job->plan, *text, &e->job->run->scratch, &found);
    tell(e, S("personal query keys were taken out"), found.keys);
    tell(e, S("what looks personal was taken out of the address"), found.values);
    return !found.values || pii_values(e->job->plan) != VALUES_DROP;
}

bool redact_address(struct emitter *e, const struct target *t, struct str *text)
{
    if (t->page_only) *text = url_page(*text);
    return !url_is(*text) || redact_url(e, text);
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
static bool put_parts(struct emitter *e, struct detect_hint *hint, struct str text)
{
    struct str link;
    bool stays = true;
    while (stays && url_find(text, &link)) {
        size_t before = (size_t)(link.p - text.p), end = before + link.n;
        stays = put_redacted(e, hint, str_head(text, before)) && redact_url(e, &link);
        buf_put(&e->job->run->text, link);
        text = str_from(text, end);
    }
    return stays && put_redacted(e, hint, text);
}

bool redact_text(struct emitter *e, struct str name, struct str *text)
{
    struct buf *out = &e->job->run->text;
    size_t mark = out->n, before = e->job->redacted;
    unsigned signs = detect_signs(*text);
    struct str link;
    bool relative = text->n && (text->p[0] == '/' || text->p[0] == '?');
    if (!relative && !(signs & (DETECT_FOUND | DETECT_COLON))) return true; /* most texts */
    if (url_is(*text)) return redact_url(e, text);
    bool looks = pii_values(e->job->plan) != VALUES_KEEP && (signs & DETECT_FOUND);
    if (!looks && !url_find(*text, &link)) return true;
    struct detect_hint hint = detect_hint(name);
    bool stays = put_parts(e, &hint, *text);
    if (e->job->redacted != before) *text = arena_str(&e->job->run->scratch, buf_since(out, mark));
    buf_cut(out, mark);
    return stays;
}

bool redact_key(struct emitter *e, struct str name)
{
    struct detect_hint only_sure = {.known = true, .id = true};
    struct str last, rest = name; /* of a.b */
    struct hit hit;
    if (pii_values(e->job->plan) == VALUES_KEEP || !detect_maybe(name)) return true;
    while (str_cut(rest, '.', &last, &rest)) continue;
    if (!detect_next(name, 0, &only_sure, &hit) && !detect_next(last, 0, &only_sure, &hit)) {
        return true;
    }
    tell(e, detect_words(hit.kind), 1);
    return false;
}

bool redact_scalar(struct emitter *e, struct str name, struct value *v)
{
    struct str before = v->text;
    if (v->kind != VALUE_TEXT && v->kind != VALUE_NUMBER) return true;
    if (!redact_text(e, name, &v->text)) return false;
    if (v->text.p != before.p) v->kind = VALUE_TEXT; /* a number is not one any more */
    return true;
}

/* Appends a member of a list or object, behind its key if it has one. */
static void put_member(struct emitter *e, struct str name, bool keyed, const struct value *v)
{
    struct buf *out = e->job->out;
    size_t mark = out->n;
    if (keyed && !redact_key(e, name)) return;
    if (keyed) {
        json_key(out, name);
    } else {
        json_comma(out);
    }
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

/* Recursion: as deep as JSON may be. */
bool redact_put(struct emitter *e, struct str name, const struct value *v)
{
    struct buf *out = e->job->out;
    struct value own = *v, item;
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
    if (!redact_scalar(e, name, &own)) return false;
    value_put_json(out, &own);
    return true;
}
