/* SPDX-License-Identifier: Apache-2.0 */
/* See shape.h. */
#include "console/shape.h"

#include "base/json.h"

#include <assert.h>

enum { DEPTH_MAX = 12 };

struct reader {
    struct str text;
    size_t at;
    unsigned depth;
};

static void put_shape(struct reader *r, struct buf *out);

static void skip_space(struct reader *r)
{
    while (r->at < r->text.n && r->text.p[r->at] == ' ') r->at++;
}

static bool take(struct reader *r, struct str token)
{
    skip_space(r);
    if (!str_starts(str_from(r->text, r->at), token)) return false;
    r->at += token.n;
    return true;
}

static struct str take_word(struct reader *r)
{
    skip_space(r);
    size_t start = r->at;
    while (r->at < r->text.n && !strchr(" {}[]:?,", r->text.p[r->at])) r->at++;
    assert(r->at > start);
    return str_of(r->text.p + start, r->at - start);
}

static bool take_key(struct reader *r, struct shape_key *key)
{
    if (take(r, S("}"))) return false;
    key->name = take_word(r);
    key->optional = take(r, S("?"));
    bool colon = take(r, S(":"));
    assert(colon);
    (void)colon;
    skip_space(r);
    return true;
}

static void put_object(struct reader *r, struct buf *out)
{
    struct shape_key key;
    struct buf required = {0};
    buf_put(out, S("{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"));
    while (take_key(r, &key)) {
        json_key(out, key.name);
        put_shape(r, out);
        if (!key.optional) {
            if (required.n) buf_putc(&required, ',');
            json_put_str(&required, key.name);
        }
        (void)take(r, S(","));
    }
    buf_put(out, S("},\"required\":["));
    buf_put(out, buf_str(&required));
    buf_put(out, S("]}"));
    buf_fini(&required);
}

static void put_word(struct reader *r, struct buf *out)
{
    static const struct str types[] = {S_INIT("string"), S_INIT("integer"), S_INIT("number"),
                                       S_INIT("boolean"), S_INIT("object")};
    struct str word = take_word(r);
    if (str_eq(word, S("any"))) {
        buf_put(out, S("{}"));
        return;
    }
    for (size_t i = 0; i < countof(types); i++) {
        if (!str_eq(word, types[i])) continue;
        buf_printf(out, "{\"type\":\"%.*s\"}", STR_ARG(word));
        return;
    }
    buf_printf(out, "{\"$ref\":\"#/components/schemas/%.*s\"}", STR_ARG(word));
}

static void put_plain(struct reader *r, struct buf *out)
{
    if (take(r, S("{"))) {
        put_object(r, out);
    } else if (take(r, S("["))) {
        buf_put(out, S("{\"type\":\"array\",\"items\":"));
        put_shape(r, out);
        buf_putc(out, '}');
        bool closed = take(r, S("]"));
        assert(closed);
        (void)closed;
    } else if (take(r, S("map of "))) {
        buf_put(out, S("{\"type\":\"object\",\"additionalProperties\":"));
        put_shape(r, out);
        buf_putc(out, '}');
    } else {
        put_word(r, out);
    }
}

static void put_shape(struct reader *r, struct buf *out)
{
    struct buf plain = {0};
    assert(r->depth < DEPTH_MAX);
    r->depth++;
    put_plain(r, &plain);
    r->depth--;
    if (take(r, S("or null"))) {
        buf_put(out, S("{\"anyOf\":["));
        buf_put(out, buf_str(&plain));
        buf_put(out, S(",{\"type\":\"null\"}]}"));
    } else {
        buf_put(out, buf_str(&plain));
    }
    buf_fini(&plain);
}

void shape_put_schema(struct buf *out, const char *shape)
{
    struct reader r = {.text = str_z(shape)};
    put_shape(&r, out);
    skip_space(&r);
    assert(r.at == r.text.n);
}

void shape_each_key(const char *shape, void (*fn)(void *ctx, const struct shape_key *key),
                    void *ctx)
{
    struct reader r = {.text = str_z(shape)};
    struct shape_key key;
    struct buf ignored = {0};
    bool open = take(&r, S("{"));
    assert(open);
    (void)open;
    while (take_key(&r, &key)) {
        size_t start = r.at;
        put_shape(&r, &ignored);
        key.shape = str_of(r.text.p + start, r.at - start);
        fn(ctx, &key);
        (void)take(&r, S(","));
    }
    buf_fini(&ignored);
}
