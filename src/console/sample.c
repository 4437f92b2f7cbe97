/* SPDX-License-Identifier: Apache-2.0 */
/* See sample.h. A value is personal by the object that it is in, by its own name, or by its looks. */
#include "console/sample.h"

#include "base/json.h"
#include "map/detect.h"
#include "map/mask.h"

/* Objects about a person, in the protocols' spellings. */
static const struct str objects[] = {
    S_INIT("traits"),   S_INIT("user_properties"), S_INIT("user_data"), S_INIT("ud"),
    S_INIT("customer"), S_INIT("billing_details"), S_INIT("address"),   S_INIT("user"),
};
static const struct str names[] = {
    S_INIT("userId"),     S_INIT("anonymousId"), S_INIT("previousId"), S_INIT("user_id"),
    S_INIT("device_id"),  S_INIT("ip"),          S_INIT("email"),      S_INIT("phone"),
    S_INIT("firstName"),  S_INIT("lastName"),    S_INIT("first_name"), S_INIT("last_name"),
    S_INIT("ip_address"), S_INIT("fbp"),         S_INIT("fbc"),
};

static bool is_listed(const struct str *list, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(list[i], name)) return true;
    }
    return false;
}

static bool looks_personal(struct str text, struct str name)
{
    struct detect_hint hint = detect_hint(name);
    struct hit hit;
    return detect_maybe(text) && detect_next(text, 0, &hint, &hit);
}

static void put_scalar(struct buf *out, yyjson_val *value, struct str name, bool personal)
{
    struct str text = json_str(value);
    bool telling = yyjson_is_bool(value) || yyjson_is_null(value);
    if (telling || !(personal || looks_personal(text, name))) {
        json_put_val(out, value);
        return;
    }
    struct buf masked = {0};
    mask_put(&masked, text);
    json_put_str(out, buf_str(&masked));
    buf_fini(&masked);
}

/* As deep as json_read lets it be. */
static void put_value(struct buf *out, yyjson_val *value, struct str name, bool personal)
{
    size_t index, count;
    yyjson_val *key, *item;
    if (yyjson_is_obj(value)) {
        buf_putc(out, '{');
        yyjson_obj_foreach (value, index, count, key, item) {
            struct str inner = json_str(key);
            bool scalar = !yyjson_is_ctn(item);
            json_key(out, inner);
            put_value(out, item, inner,
                      personal || is_listed(objects, countof(objects), inner) ||
                          (scalar && is_listed(names, countof(names), inner)));
        }
        buf_putc(out, '}');
    } else if (yyjson_is_arr(value)) {
        buf_putc(out, '[');
        yyjson_arr_foreach (value, index, count, item) {
            json_comma(out);
            put_value(out, item, name, personal);
        }
        buf_putc(out, ']');
    } else {
        put_scalar(out, value, name, personal);
    }
}

void sample_put(struct buf *out, struct str json)
{
    struct arena arena = {0};
    struct err err;
    yyjson_val *root = json_read(&arena, json, &err);
    if (root) {
        put_value(out, root, S(""), false);
    } else {
        buf_put(out, S("null"));
    }
    arena_fini(&arena);
}
