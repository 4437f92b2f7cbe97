/* SPDX-License-Identifier: Apache-2.0 */
/* See integrations.h. The names are those of Segment's, RudderStack's and Customer.io's documents,
 * compared without regard to capitals. */
#include "map/integrations.h"

#include "core/limits.h"

static const struct str our_names[] = {
    S_INIT("Facebook Pixel"),
    S_INIT("Facebook Conversions"),
    S_INIT("Facebook Conversions API"),
    S_INIT("Facebook Conversions API (Actions)"),
    S_INIT("Facebook Pixel Server Side"),
    S_INIT("Meta"),
    S_INIT("Meta Pixel"),
    S_INIT("Meta Conversions API"),
    S_INIT("FacebookPixel"),
    S_INIT("Facebook_Pixel"),
    S_INIT("FB Pixel"),
    S_INIT("fb_pixel"),
    S_INIT("FacebookConversions"),
    S_INIT("Facebook_Conversions"),
    S_INIT("FB Conversions"),
    S_INIT("fb_conversions"),
};

static bool is_vendors(struct str name)
{
    for (size_t i = 0; i < countof(our_names); i++) {
        if (str_eq_nocase(name, our_names[i])) return true;
    }
    return false;
}

static bool is_ours(struct str name, struct str destination)
{
    return is_vendors(name) || str_eq(name, destination);
}

/* Of a name that comes twice the last counts. Of so many fields as nobody has, all do, or each could be looked for
 * among all. */
static bool is_last(yyjson_val *object, yyjson_val *key, const yyjson_val *value)
{
    return yyjson_obj_size(object) > LIMIT_SHARED_FIELDS ||
           json_member(object, json_text(key)) == value;
}

/* Does it name us with true or options? */
static bool is_given(yyjson_val *object, struct str destination)
{
    size_t index, count;
    yyjson_val *key, *value;
    yyjson_obj_foreach (object, index, count, key, value) {
        bool yes = yyjson_is_true(value) || yyjson_is_obj(value);
        if (yes && is_ours(json_text(key), destination) && is_last(object, key, value)) return true;
    }
    return false;
}

bool integrations_excludes(yyjson_val *object, struct str destination)
{
    size_t index, count;
    yyjson_val *key, *value;
    bool none = false;
    if (!yyjson_is_obj(object)) return false;
    yyjson_obj_foreach (object, index, count, key, value) {
        struct str name = json_text(key);
        if (str_eq_nocase(name, S("All"))) {
            none = yyjson_is_false(value);
        } else if (yyjson_is_false(value) && is_ours(name, destination)) {
            if (is_last(object, key, value)) return true;
        }
    }
    return none && !is_given(object, destination);
}

bool integrations_name_one(yyjson_val *object, const struct table *destinations)
{
    size_t index, count;
    yyjson_val *key, *value;
    if (!yyjson_is_obj(object)) return false;
    yyjson_obj_foreach (object, index, count, key, value)
        if (table_get(destinations, json_str(key))) return true;
    return false;
}

yyjson_val *integrations_option(yyjson_val *object, struct str name)
{
    size_t index, count;
    yyjson_val *key, *value;
    if (!yyjson_is_obj(object)) return NULL;
    yyjson_obj_foreach (object, index, count, key, value) {
        yyjson_val *option = json_member(value, name);
        if (option && is_vendors(json_str(key)) && is_last(object, key, value)) return option;
    }
    return NULL;
}
