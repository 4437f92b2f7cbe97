/* SPDX-License-Identifier: Apache-2.0 */
/* See judge.h. This file is the event itself: its name, time and source, and the order in which the
 * rest is judged. Meta reports an old timestamp before it looks at user_data, and so do we. */
#include "sandbox/judge.h"

static bool judge_name(struct verdict *v, yyjson_val *event, struct str *name)
{
    const struct place at = {NULL, S("event_name"), 0};
    yyjson_val *val = json_get(event, "event_name");
    if (!yyjson_is_str(val) || !yyjson_get_len(val)) {
        return verdict_refuse(v, VERDICT_PARAMETER, &at, S("event_name is required."));
    }
    *name = json_str(val);
    return true;
}

static bool judge_source(struct verdict *v, yyjson_val *event, struct str *source)
{
    const struct place at = {NULL, S("action_source"), 0};
    const struct meta_field *field = meta_field_find(META_EVENT, S("action_source"));
    yyjson_val *val = json_get(event, "action_source");
    if (!yyjson_is_str(val)) {
        return verdict_refuse(v, VERDICT_PARAMETER, &at, S("action_source is required."));
    }
    *source = json_str(val);
    return judge_value(v, field, &at, val);
}

static bool judge_time(struct verdict *v, yyjson_val *event, int64_t now_ms)
{
    const struct place at = {NULL, S("event_time"), 0};
    yyjson_val *val = json_get(event, "event_time");
    bool is_store = str_eq(json_str(json_get(event, "action_source")), S("physical_store"));
    int64_t age_max_ms = is_store ? META_MAX_AGE_STORE_MS : META_MAX_AGE_MS;
    int64_t time_s;
    if (!yyjson_is_raw(val) || !str_to_i64(json_str(val), &time_s)) {
        return verdict_refuse(v, VERDICT_PARAMETER, &at,
                              S("event_time is required, an integer of seconds since 1970."));
    }
    if (time_s < (now_ms - age_max_ms) / MS_PER_SECOND) {
        return verdict_refuse(v, VERDICT_TOO_OLD, &at, S(""));
    }
    if (time_s > (now_ms + META_MAX_AHEAD_MS) / MS_PER_SECOND) {
        bool looks_ms = time_s / MS_PER_SECOND <= now_ms / MS_PER_SECOND + MS_PER_DAY;
        return verdict_refuse(v, VERDICT_IN_FUTURE, &at,
                              looks_ms ? S("This one looks like milliseconds.") : S(""));
    }
    return true;
}

static bool judge_people(struct verdict *v, yyjson_val *event)
{
    const struct place at = {NULL, S("user_data"), 0};
    yyjson_val *user = json_get(event, "user_data");
    if (!user || yyjson_is_null(user)) return verdict_refuse(v, VERDICT_TOO_BROAD, &at, S(""));
    if (!yyjson_is_obj(user)) {
        return verdict_refuse(v, VERDICT_PARAMETER, &at, S("An object is expected."));
    }
    return judge_user(v, user);
}

static bool judge_goods(struct verdict *v, yyjson_val *event, struct str name)
{
    const struct place at = {NULL, S("custom_data"), 0};
    yyjson_val *custom = json_get(event, "custom_data");
    if (custom && !yyjson_is_null(custom) && !yyjson_is_obj(custom)) {
        return verdict_refuse(v, VERDICT_PARAMETER, &at, S("An object is expected."));
    }
    return judge_custom(v, yyjson_is_obj(custom) ? custom : NULL, name);
}

/* The keys that have a chapter of their own. */
static bool is_judged_apart(struct str key)
{
    static const struct str apart[] = {
        S_INIT("event_name"), S_INIT("event_time"),  S_INIT("action_source"),
        S_INIT("user_data"),  S_INIT("custom_data"), S_INIT("app_data"),
    };
    for (size_t i = 0; i < countof(apart); i++) {
        if (str_eq(key, apart[i])) return true;
    }
    return false;
}

static bool judge_rest(struct verdict *v, yyjson_val *event)
{
    size_t index, count;
    yyjson_val *key, *val;
    yyjson_obj_foreach (event, index, count, key, val) {
        const struct place at = {NULL, json_str(key), 0};
        if (is_judged_apart(at.key)) continue;
        const struct meta_field *field = meta_field_find(META_EVENT, at.key);
        if (!field) {
            judge_unknown(v, META_EVENT, &at, false);
        } else if (!judge_value(v, field, &at, val)) {
            return false;
        }
        judge_clear(v, &at, val);
    }
    if (!judge_has(json_get(event, "event_id"))) {
        verdict_warn(v, NULL, "no event_id: a copy of this event cannot be recognised");
    }
    return true;
}

void judge_event(yyjson_val *event, int64_t now_ms, struct arena *arena, struct verdict *v)
{
    struct str name, source;
    v->arena = arena;
    v->rule = VERDICT_OK;
    v->path = v->detail = S("");
    v->warning_count = 0;
    if (!yyjson_is_obj(event)) {
        (void)verdict_refuse(v, VERDICT_PARAMETER, NULL, S("An event is a JSON object."));
        return;
    }
    /* Each step refuses or passes on; the last one's answer is in v as well. */
    (void)(judge_name(v, event, &name) && judge_time(v, event, now_ms) &&
           judge_source(v, event, &source) && judge_people(v, event) &&
           judge_goods(v, event, name) && judge_channel(v, event, source) && judge_rest(v, event));
}
