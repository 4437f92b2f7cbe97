/* SPDX-License-Identifier: Apache-2.0 */
/* See judge.h. This file is custom_data: types, the entries of contents, and what a value and a
 * Purchase need. */
#include "meta/check.h"
#include "sandbox/judge.h"

/* A limit of the browser pixel; the Conversions API documents none. */
enum { CUSTOM_NAME_BYTES = 50 };

static bool judge_entry(struct verdict *v, const struct place *at, yyjson_val *entry)
{
    size_t index, count;
    yyjson_val *key, *val;
    if (!yyjson_is_obj(entry)) return verdict_refuse(v, VERDICT_CONTENTS, at, S(""));
    val = json_get(entry, "id");
    if (!json_str(val).n) return verdict_refuse(v, VERDICT_CONTENTS, at, S(""));
    yyjson_obj_foreach (entry, index, count, key, val) {
        const struct place below = {at, json_str(key), 0};
        const struct meta_field *field = meta_field_find(META_CONTENT, below.key);
        if (!field) {
            judge_unknown(v, META_CONTENT, &below, true);
        } else if (!judge_value(v, field, &below, val)) {
            return false;
        }
    }
    return true;
}

static bool judge_contents(struct verdict *v, const struct place *at, yyjson_val *contents)
{
    size_t index, count;
    yyjson_val *entry;
    if (yyjson_is_null(contents)) return true;
    if (!yyjson_is_arr(contents)) {
        return verdict_refuse(v, VERDICT_PARAMETER, at, S("A list of objects is expected."));
    }
    yyjson_arr_foreach (contents, index, count, entry) {
        const struct place below = {at, {NULL, 0}, index};
        if (!judge_entry(v, &below, entry)) return false;
    }
    return true;
}

static bool judge_money(struct verdict *v, const struct place *above, yyjson_val *custom,
                        struct str event_name)
{
    const struct place value_at = {above, S("value"), 0}, currency_at = {above, S("currency"), 0};
    bool is_purchase = str_eq(event_name, S("Purchase"));
    yyjson_val *value = custom ? json_get(custom, "value") : NULL;
    double number;
    if (is_purchase && !judge_has(value)) {
        return verdict_refuse(v, VERDICT_NO_VALUE, &value_at, S(""));
    }
    if (judge_has(value) && !judge_has(json_get(custom, "currency"))) {
        return verdict_refuse(v, VERDICT_NO_CURRENCY, &currency_at, S(""));
    }
    if (json_number(value, &number) && number < 0) verdict_warn(v, &value_at, "negative");
    return true;
}

bool judge_custom(struct verdict *v, yyjson_val *custom, struct str event_name)
{
    const struct place above = {NULL, S("custom_data"), 0};
    size_t index, count;
    yyjson_val *key, *val;
    if (!meta_is_standard_event(event_name) && event_name.n > CUSTOM_NAME_BYTES) {
        verdict_warn(v, NULL, "event_name is longer than a custom event's 50 characters");
    }
    if (!judge_money(v, &above, custom, event_name)) return false;
    if (!custom) return true;
    yyjson_obj_foreach (custom, index, count, key, val) {
        const struct place at = {&above, json_str(key), 0};
        const struct meta_field *field = meta_field_find(META_CUSTOM, at.key);
        if (!field) {
            judge_unknown(v, META_CUSTOM, &at, true);
        } else if (field->type == META_CONTENTS) {
            if (!judge_contents(v, &at, val)) return false;
        } else if (!judge_value(v, field, &at, val)) {
            return false;
        }
        judge_clear(v, &at, val);
    }
    return true;
}
