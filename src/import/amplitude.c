/* SPDX-License-Identifier: Apache-2.0 */
/* Amplitude's "Meta Pixel" event streaming: which events, which of their properties, and where the
 * person's data is. Its settings are only seen in Amplitude's pages; the JSON that is read here is in
 * docs/migrating-amplitude.md. */
#include "import/vendor.h"

/* X("Parameter Name of Amplitude's page", "Meta's") */
#define AMPLITUDE_MAPPINGS(X)                                                                      \
    X("External ID", "external_id")                                                                \
    X("Email", "em")                                                                               \
    X("Phone Number", "ph")                                                                        \
    X("First Name", "fn")                                                                          \
    X("Last Name", "ln")                                                                           \
    X("Date of Birth", "db")                                                                       \
    X("Gender", "ge")                                                                              \
    X("City", "ct")                                                                                \
    X("State", "st")                                                                               \
    X("Zip Code", "zp")                                                                            \
    X("Country", "country")                                                                        \
    X("Client IP Address", "client_ip_address")                                                    \
    X("Client User Agent", "client_user_agent")                                                    \
    X("Click ID", "fbc")                                                                           \
    X("Browser ID", "fbp")                                                                         \
    X("Subscription ID", "subscription_id")                                                        \
    X("Facebook Login ID", "fb_login_id")                                                          \
    X("Lead ID", "lead_id")

/* X("Amplitude's own property", "where it is") */
#define AMPLITUDE_PROPERTIES(X)                                                                    \
    X("user_id", "userId")                                                                         \
    X("device_id", "anonymousId")                                                                  \
    X("event_type", "event")                                                                       \
    X("insert_id", "messageId")                                                                    \
    X("time", "timestamp")                                                                         \
    X("ip", "context.ip")                                                                          \
    X("ip_address", "context.ip")                                                                  \
    X("user_agent", "context.userAgent")

/* X("operator of a filter", "ours", it is a call, several values are alternatives) */
#define AMPLITUDE_OPERATORS(X)                                                                     \
    X("is", "=", false, true)                                                                      \
    X("is not", "!=", false, false)                                                                \
    X("contains", "contains", true, true)                                                          \
    X("does not contain", "!contains", true, false)                                                \
    X("less", "<", false, true)                                                                    \
    X("less or equal", "<=", false, true)                                                          \
    X("greater", ">", false, true)                                                                 \
    X("greater or equal", ">=", false, true)

bool amplitude_settings(yyjson_val *root, struct vendor_settings *out, struct err *err)
{
    yyjson_val *status = yyjson_obj_get(root, "status");
    (void)err; /* any object will do */
    *out = (struct vendor_settings){
        .pixel_id = yyjson_obj_get(root, "pixelId"),
        .disabled = yyjson_is_false(status) || str_eq_nocase(json_str(status), S("disabled")) ||
                    yyjson_is_false(yyjson_obj_get(root, "sendEvents")),
    };
    return true;
}

/* --- properties --------------------------------------------------------------------------------- */

/* Are they the same name, "User ID" and user_id alike? */
static bool same_name(struct str a, struct str b)
{
    if (a.n != b.n) return false;
    for (size_t i = 0; i < a.n; i++) {
        char x = a.p[i] == ' ' ? '_' : a.p[i], y = b.p[i] == ' ' ? '_' : b.p[i];
        if (!str_eq_nocase(str_of(&x, 1), str_of(&y, 1))) return false;
    }
    return true;
}

static bool cut_prefix(struct str *name, struct str prefix)
{
    if (!str_starts(*name, prefix)) return false;
    *name = str_from(*name, prefix.n);
    return true;
}

static struct piece member(struct import *im, struct str root, struct str name)
{
    struct str steps[3] = {root, name};
    if (!str_eq(root, S("context.traits"))) return piece_path(im->arena, false, steps, 2);
    steps[0] = S("context");
    steps[1] = S("traits");
    steps[2] = name;
    return piece_path(im->arena, false, steps, 3);
}

/* Where an Amplitude property is: one of its own, a user property, an event property, or, when the
 * name does not say which, the first of both. one: a single path, for triggers. */
static struct piece find_property(struct import *im, struct str name, bool one)
{
    static const struct {
        struct str name, path;
    } own[] = {
#define X(name, path) {S_INIT(name), S_INIT(path)},
        AMPLITUDE_PROPERTIES(X)
#undef X
    };
    for (size_t i = 0; i < countof(own); i++)
        if (same_name(own[i].name, name)) return (struct piece){PIECE_ATOM, own[i].path};
    bool event = cut_prefix(&name, S("event_properties.")) || cut_prefix(&name, S("ep:"));
    bool user = !event && (cut_prefix(&name, S("user_properties.")) ||
                           cut_prefix(&name, S("gp:")) || cut_prefix(&name, S("up:")));
    struct piece of_event = member(im, S("properties"), name);
    struct piece of_user = member(im, S("traits"), name);
    if (one) return user ? of_user : of_event;
    of_user = piece_else(im->arena, of_user, S("||"), member(im, S("context.traits"), name));
    if (user) return of_user;
    if (event) return of_event;
    return (struct piece){PIECE_CHAIN, arena_printf(im->arena, "%.*s || %.*s",
                                                    STR_ARG(of_user.text), STR_ARG(of_event.text))};
}

/* --- filter ------------------------------------------------------------------------------------- */

struct operator
{
    struct str name, ours;
    bool is_call, alternatives;
};

static const struct operator operators[] = {
#define X(name, ours, is_call, alternatives) {S_INIT(name), S_INIT(ours), is_call, alternatives},
    AMPLITUDE_OPERATORS(X)
#undef X
};

static const struct operator* find_operator(struct str name)
{
    for (size_t i = 0; i < countof(operators); i++)
        if (same_name(operators[i].name, name) || str_eq(operators[i].ours, name))
            return &operators[i];
    return NULL;
}

/* The filter as a condition; empty when it has no equal. */
static struct str condition(struct import *im, yyjson_val *filter)
{
    const struct operator* op = find_operator(json_str(yyjson_obj_get(filter, "operator")));
    struct str property = json_str(yyjson_obj_get(filter, "property")), why;
    yyjson_val *values = yyjson_obj_get(filter, "values");
    size_t count = yyjson_is_arr(values) ? yyjson_arr_size(values) : 1;
    struct buf text = {0};
    struct piece literal;
    bool ok = op && property.n && values && count;
    struct str field = ok ? find_property(im, property, true).text : S("");
    for (size_t i = 0; ok && i < count; i++) {
        yyjson_val *value = yyjson_is_arr(values) ? yyjson_arr_get(values, i) : values;
        ok = piece_scalar(im->arena, value, &literal) && literal.kind != PIECE_NOTHING;
        if (!ok) break;
        buf_put(&text, !i ? S("") : op->alternatives ? S(" or ") : S(" and "));
        if (op->is_call) {
            buf_printf(&text, "%.*s(%.*s, %.*s)", STR_ARG(op->ours), STR_ARG(field),
                       STR_ARG(literal.text));
        } else {
            buf_printf(&text, "%.*s %.*s %.*s", STR_ARG(field), STR_ARG(op->ours),
                       STR_ARG(literal.text));
        }
    }
    struct str made = arena_str(im->arena, buf_str(&text));
    buf_fini(&text);
    if (!ok || !piece_check_trigger(im->arena, made, &why)) return S("");
    return count > 1 ? arena_printf(im->arena, "(%.*s)", STR_ARG(made)) : made;
}

static void add_condition(struct buf *trigger, struct str condition)
{
    if (!condition.n) return;
    if (trigger->n) buf_put(trigger, S(" and "));
    buf_put(trigger, condition);
}

static void add_events(struct import *im, yyjson_val *names, struct buf *trigger)
{
    struct buf list = {0};
    struct piece literal;
    size_t index, count;
    yyjson_val *name;
    yyjson_arr_foreach (names, index, count, name) {
        if (!yyjson_is_str(name) || !piece_scalar(im->arena, name, &literal)) {
            vendor_unknown(im, S("events"), name, S("not the name of an event"));
            continue;
        }
        if (list.n) buf_put(&list, S(", "));
        buf_put(&list, literal.text);
    }
    if (list.n)
        add_condition(trigger, arena_printf(im->arena, "event in [%.*s]", STR_ARG(buf_str(&list))));
    buf_fini(&list);
}

static const struct vendor_key filter_keys[] = {{S_INIT("property"), VENDOR_TEXT, S_INIT("")},
                                                {S_INIT("operator"), VENDOR_TEXT, S_INIT("")},
                                                {S_INIT("values"), VENDOR_ANY, S_INIT("")}};

static bool write_filter(struct import *im, yyjson_val *root, struct err *err)
{
    yyjson_val *events = yyjson_obj_get(root, "events");
    yyjson_val *filters = yyjson_obj_get(root, "filters"), *filter;
    struct buf trigger = {0};
    struct str why;
    size_t index, count;
    if (events && !yyjson_is_arr(events))
        return err_set(err, ERR_INPUT, "events: a list of names is needed");
    if (filters && !yyjson_is_arr(filters))
        return err_set(err, ERR_INPUT, "filters: a list is needed");
    add_events(im, events, &trigger);
    yyjson_arr_foreach (filters, index, count, filter) {
        struct str made = condition(im, filter);
        if (made.n) vendor_tell_others(im, filter, filter_keys, countof(filter_keys));
        if (!made.n)
            vendor_unknown(im, S("filters"), filter,
                           S("wanted is {property, operator, values}; events that it would stop "
                             "are sent"));
        add_condition(&trigger, made);
    }
    struct str text = arena_str(im->arena, buf_str(&trigger));
    buf_fini(&trigger);
    if (!text.n) {
        writer_comment(&im->w, S("No events are named, so all are looked at."));
    } else if (piece_check_trigger(im->arena, text, &why)) {
        writer_pair(&im->w, S("filter"), text);
    } else {
        return err_set(err, ERR_INPUT, "events, filters: %.*s", STR_ARG(why));
    }
    return true;
}

/* --- user_data and properties ------------------------------------------------------------------- */

static const struct {
    struct str name, target;
} parameters[] = {
#define X(name, target) {S_INIT(name), S_INIT(target)},
    AMPLITUDE_MAPPINGS(X)
#undef X
};

static yyjson_val *find_mapping(yyjson_val *mappings, size_t row)
{
    size_t index, count;
    yyjson_val *key, *value;
    if (!mappings) return NULL;
    yyjson_obj_foreach (mappings, index, count, key, value)
        if (same_name(json_str(key), parameters[row].name)) return value;
    return NULL;
}

static void write_mapping(struct import *im, size_t row, yyjson_val *value)
{
    struct str why;
    if (!value || yyjson_is_null(value) || (yyjson_is_str(value) && !json_str(value).n)) return;
    if (!yyjson_is_str(value)) {
        vendor_unknown(im, parameters[row].name, value, S("not the name of a property"));
        return;
    }
    struct piece p = find_property(im, json_str(value), false);
    if (piece_check(im->arena, p.text, false, &why)) {
        writer_pair(&im->w, parameters[row].target, p.text);
    } else {
        vendor_unknown(im, parameters[row].name, value, why);
    }
}

static bool write_mappings(struct import *im, yyjson_val *root, struct err *err)
{
    yyjson_val *mappings = yyjson_obj_get(root, "mappings"), *key, *value;
    size_t index, count;
    if (mappings && !yyjson_is_obj(mappings))
        return err_set(err, ERR_INPUT, "mappings: an object is needed");
    writer_open(&im->w, S("user_data"));
    for (size_t i = 0; i < countof(parameters); i++)
        write_mapping(im, i, find_mapping(mappings, i));
    writer_close(&im->w);
    if (!mappings) return true;
    yyjson_obj_foreach (mappings, index, count, key, value) {
        bool known = false, first = false;
        for (size_t i = 0; i < countof(parameters); i++) {
            bool same = same_name(json_str(key), parameters[i].name);
            known |= same;
            first |= same && find_mapping(mappings, i) == value;
        }
        if (!first)
            vendor_unknown(im, json_str(key), value,
                           known ? S("given twice; the first counts")
                                 : S("no parameter of the destination"));
    }
    return true;
}

static bool write_properties(struct import *im, yyjson_val *root, struct err *err)
{
    yyjson_val *names = yyjson_obj_get(root, "eventProperties"), *name;
    size_t index, count;
    if (names && !yyjson_is_arr(names))
        return err_set(err, ERR_INPUT, "eventProperties: a list of names is needed");
    if (!yyjson_arr_size(names)) {
        writer_comment(&im->w, S("Amplitude sends no properties that were not selected."));
        writer_pair(&im->w, S("properties"), S("none"));
        return true;
    }
    writer_open(&im->w, S("properties"));
    yyjson_arr_foreach (names, index, count, name) {
        struct str text = json_str(name);
        bool fits = yyjson_is_str(name) && text.n && str_find(text, S("${"), 0) == SIZE_MAX &&
                    str_find_char(text, '\0', 0) == SIZE_MAX;
        if (fits) {
            writer_element(&im->w, text);
        } else {
            vendor_unknown(im, S("eventProperties"), name, S("not the name of a property"));
        }
    }
    writer_close(&im->w);
    return true;
}

bool amplitude_write(struct import *im, yyjson_val *root, struct err *err)
{
    static const struct vendor_key known[] = {{S_INIT("pixelId"), VENDOR_TEXT, S_INIT("")},
                                              {S_INIT("accessToken"), VENDOR_ANY, S_INIT("")},
                                              {S_INIT("status"), VENDOR_ANY, S_INIT("")},
                                              {S_INIT("sendEvents"), VENDOR_TRUTH, S_INIT("")},
                                              {S_INIT("events"), VENDOR_ANY, S_INIT("")},
                                              {S_INIT("filters"), VENDOR_ANY, S_INIT("")},
                                              {S_INIT("eventProperties"), VENDOR_ANY, S_INIT("")},
                                              {S_INIT("mappings"), VENDOR_ANY, S_INIT("")},
                                              {S_INIT("name"), VENDOR_ANY, S_INIT("")}};
    yyjson_val *status = yyjson_obj_get(root, "status");
    bool is_status = !status || yyjson_is_null(status) || yyjson_is_bool(status) ||
                     str_eq_nocase(json_str(status), S("enabled")) ||
                     str_eq_nocase(json_str(status), S("disabled"));
    if (!is_status)
        vendor_unknown(im, S("status"), status,
                       S("neither enabled nor disabled; it counts as "
                         "enabled"));
    writer_pair(&im->w, S("preset"), S("amplitude"));
    if (!write_filter(im, root, err) || !write_mappings(im, root, err) ||
        !write_properties(im, root, err))
        return false;
    vendor_tell_others(im, root, known, countof(known));
    return true;
}
