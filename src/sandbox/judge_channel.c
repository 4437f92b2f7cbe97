/* SPDX-License-Identifier: Apache-2.0 */
/* See judge.h. This file is what each action_source asks for besides the common fields: a page for a
 * website, device data for an app, an account for a message. */
#include "sandbox/judge.h"

/* extinfo has 16 places; the first is the format ("a2" Android, "i2" iOS), the fifth the version of
 * the system. The others may be empty texts. Source: Meta's "App data parameters". */
enum { EXTINFO_PLACES = 16, EXTINFO_SYSTEM = 4 };

static bool judge_extinfo(struct verdict *v, const struct place *at, yyjson_val *extinfo)
{
    struct str format = json_str(yyjson_arr_get_first(extinfo));
    if (!yyjson_is_arr(extinfo) || yyjson_arr_size(extinfo) != EXTINFO_PLACES) {
        return verdict_refuse(v, VERDICT_APP_DATA, at, S("extinfo is a list of 16 texts."));
    }
    if (!str_eq(format, S("a2")) && !str_eq(format, S("i2"))) {
        return verdict_refuse(v, VERDICT_APP_DATA, at, S("extinfo begins with a2 or i2."));
    }
    if (!json_str(yyjson_arr_get(extinfo, EXTINFO_SYSTEM)).n) {
        return verdict_refuse(v, VERDICT_APP_DATA, at, S("The system's version is blank."));
    }
    return true;
}

static bool judge_app(struct verdict *v, yyjson_val *event)
{
    const struct place above = {NULL, S("app_data"), 0};
    const struct place tracking = {&above, S("advertiser_tracking_enabled"), 0};
    const struct place info = {&above, S("extinfo"), 0};
    yyjson_val *app = json_get(event, "app_data");
    if (!yyjson_is_obj(app)) return verdict_refuse(v, VERDICT_APP_DATA, &above, S(""));
    if (!judge_extinfo(v, &info, json_get(app, "extinfo"))) return false;
    if (!judge_has(json_get(app, "advertiser_tracking_enabled"))) {
        return verdict_refuse(v, VERDICT_PARAMETER, &tracking,
                              S("advertiser_tracking_enabled is required."));
    }
    if (!judge_has(json_get(app, "application_tracking_enabled"))) {
        verdict_warn(v, &above, "no application_tracking_enabled");
    }
    return true;
}

static const struct {
    struct str channel;
    const char *key;
    enum verdict_rule rule;
} channels[] = {
    {S_INIT("messenger"), "user_data.page_id", VERDICT_NO_PAGE},
    {S_INIT("instagram"), "user_data.ig_account_id", VERDICT_NO_INSTAGRAM},
    {S_INIT("whatsapp"), "user_data.whatsapp_business_account_id", VERDICT_NO_WHATSAPP},
};

static bool judge_message(struct verdict *v, yyjson_val *event)
{
    const struct place user = {NULL, S("user_data"), 0}, fbc = {&user, S("fbc"), 0};
    const struct place name = {NULL, S("event_name"), 0};
    struct str channel = json_str(json_get(event, "messaging_channel"));
    if (!channel.n) return verdict_refuse(v, VERDICT_NO_CHANNEL, NULL, S(""));
    for (size_t i = 0; i < countof(channels); i++) {
        if (str_eq(channel, channels[i].channel) && !judge_has(json_get(event, channels[i].key))) {
            return verdict_refuse(v, channels[i].rule, &user, S(""));
        }
    }
    if (judge_has(json_get(event, "user_data.fbc"))) {
        return verdict_refuse(v, VERDICT_CHANNEL_FBC, &fbc, S(""));
    }
    if (str_eq(json_str(json_get(event, "event_name")), S("Lead"))) {
        return verdict_refuse(v, VERDICT_CHANNEL_NAME, &name, S(""));
    }
    return true;
}

/* Documented as required for the web, but Meta takes events without them. */
static void note_website(struct verdict *v, yyjson_val *event)
{
    if (!judge_has(json_get(event, "event_source_url"))) {
        verdict_warn(v, NULL, "a website event without event_source_url");
    }
    if (!judge_has(json_get(event, "user_data.client_user_agent"))) {
        verdict_warn(v, NULL, "a website event without user_data.client_user_agent");
    }
}

bool judge_channel(struct verdict *v, yyjson_val *event, struct str action_source)
{
    if (str_eq(action_source, S("app"))) return judge_app(v, event);
    if (str_eq(action_source, S("business_messaging"))) return judge_message(v, event);
    if (str_eq(action_source, S("website"))) note_website(v, event);
    return true;
}
