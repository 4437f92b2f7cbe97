/* SPDX-License-Identifier: Apache-2.0 */
/* The limit: C by hand for just the events of bench/corpus.h. It parses with yyjson, hashes the same values and
 * writes the same parameters with the same writer as pixeld, in a straight line; but has no rules, no checks,
 * no normalisers and does not look for personal data. */
#ifndef BENCH_LIMIT_H
#define BENCH_LIMIT_H

#include "base/buf.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/time.h"

struct limit {
    struct buf out, text;
    struct arena arena;
    unsigned hashes; /* in the present event */
};

static inline yyjson_val *limit_get(yyjson_val *object, struct str key)
{
    return yyjson_obj_getn(object, key.p, key.n);
}

/* key is `"name":`, ready to be written. */
static inline void limit_hash(struct limit *l, yyjson_val *object, struct str name, struct str key)
{
    struct str value = json_str(limit_get(object, name));
    if (!value.n) return;
    buf_clear(&l->text);
    text_lower(&l->text, value);
    json_comma(&l->out);
    buf_put(&l->out, key);
    buf_putc(&l->out, '"');
    sha256_put_hex(&l->out, buf_str(&l->text));
    buf_putc(&l->out, '"');
    l->hashes++;
}

static inline void limit_copy(struct limit *l, yyjson_val *object, struct str name, struct str key)
{
    yyjson_val *value = limit_get(object, name);
    if (!value) return;
    json_comma(&l->out);
    buf_put(&l->out, key);
    json_put_val(&l->out, value);
}

static inline void limit_user(struct limit *l, yyjson_val *root, yyjson_val *context, int64_t ms)
{
    yyjson_val *traits = limit_get(context, S("traits")),
               *address = limit_get(traits, S("address"));
    struct str url = json_str(limit_get(limit_get(context, S("page")), S("url")));
    size_t click = str_find(url, S("fbclid="), 0);
    buf_put(&l->out, S(",\"user_data\":{"));
    limit_hash(l, traits, S("email"), S("\"em\":"));
    limit_hash(l, traits, S("phone"), S("\"ph\":"));
    limit_hash(l, traits, S("firstName"), S("\"fn\":"));
    limit_hash(l, traits, S("lastName"), S("\"ln\":"));
    limit_hash(l, traits, S("birthday"), S("\"db\":"));
    limit_hash(l, traits, S("gender"), S("\"ge\":"));
    limit_hash(l, address, S("city"), S("\"ct\":"));
    limit_hash(l, address, S("state"), S("\"st\":"));
    limit_hash(l, address, S("postalCode"), S("\"zp\":"));
    limit_hash(l, address, S("country"), S("\"country\":"));
    limit_hash(l, root, S("userId"), S("\"external_id\":"));
    limit_copy(l, context, S("ip"), S("\"client_ip_address\":"));
    limit_copy(l, context, S("userAgent"), S("\"client_user_agent\":"));
    if (click != SIZE_MAX) {
        buf_put(&l->out, S(",\"fbc\":\"fb.1."));
        buf_put_i64(&l->out, ms);
        buf_putc(&l->out, '.');
        buf_put(&l->out, str_from(url, click + S("fbclid=").n));
        buf_putc(&l->out, '"');
    }
    buf_putc(&l->out, '}');
}

static inline void limit_item(struct limit *l, yyjson_val *product)
{
    buf_putc(&l->out, '{');
    limit_copy(l, product, S("product_id"), S("\"id\":"));
    limit_copy(l, product, S("quantity"), S("\"quantity\":"));
    limit_copy(l, product, S("price"), S("\"item_price\":"));
    buf_putc(&l->out, '}');
}

static inline void limit_products(struct limit *l, yyjson_val *properties)
{
    yyjson_val *products = limit_get(properties, S("products")), *product;
    yyjson_val *one = limit_get(properties, S("product_id"));
    size_t i, count;
    if (!products && !one) return;
    json_comma(&l->out);
    buf_put(&l->out, S("\"content_ids\":["));
    if (one) json_put_val(&l->out, one);
    yyjson_arr_foreach (products, i, count, product) {
        json_comma(&l->out);
        json_put_val(&l->out, limit_get(product, S("product_id")));
    }
    buf_put(&l->out, S("],\"contents\":["));
    if (one) limit_item(l, properties);
    yyjson_arr_foreach (products, i, count, product) {
        json_comma(&l->out);
        limit_item(l, product);
    }
    buf_put(&l->out, S("],\"content_type\":\"product\""));
}

static inline void limit_custom(struct limit *l, yyjson_val *properties)
{
    yyjson_val *key, *value;
    size_t i, count;
    buf_put(&l->out, S(",\"custom_data\":{"));
    limit_copy(l, properties, S("revenue"), S("\"value\":"));
    limit_products(l, properties);
    limit_copy(l, properties, S("product_name"), S("\"content_name\":"));
    limit_copy(l, properties, S("category"), S("\"content_category\":"));
    yyjson_obj_foreach (properties, i, count, key, value) {
        if (yyjson_is_ctn(value)) continue;
        json_key(&l->out, json_str(key));
        json_put_val(&l->out, value);
    }
    buf_putc(&l->out, '}');
}

/* limit_write appends the Meta event, with at_least so many hashes, of the anonymousId where there are no values
 * for them. */
static inline void limit_write(struct limit *l, yyjson_val *root, unsigned at_least)
{
    int64_t ms = 0;
    yyjson_val *context = limit_get(root, S("context")), *page = limit_get(context, S("page"));
    buf_putc(&l->out, '{');
    limit_copy(l, root, S("event"), S("\"event_name\":"));
    (void)time_parse(json_str(limit_get(root, S("timestamp"))), &ms); /* they all have one */
    json_comma(&l->out);
    buf_put(&l->out, S("\"event_time\":"));
    buf_put_i64(&l->out, ms / MS_PER_SECOND);
    buf_put(&l->out, S(",\"action_source\":\"website\""));
    limit_copy(l, page, S("url"), S("\"event_source_url\":"));
    limit_copy(l, root, S("messageId"), S("\"event_id\":"));
    limit_copy(l, page, S("referrer"), S("\"referrer_url\":"));
    l->hashes = 0;
    limit_user(l, root, context, ms);
    for (struct str more = json_str(limit_get(root, S("anonymousId"))); l->hashes < at_least;
         l->hashes++) {
        buf_clear(&l->text);
        sha256_put_hex(&l->text, more);
    }
    limit_custom(l, limit_get(root, S("properties")));
    buf_putc(&l->out, '}');
}

/* limit_event is parse and limit_write. */
static inline void limit_event(struct limit *l, struct str json, unsigned at_least)
{
    struct err err;
    arena_reset(&l->arena);
    limit_write(l, json_read(&l->arena, json, &err), at_least);
}

#endif
