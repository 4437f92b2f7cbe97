/* SPDX-License-Identifier: Apache-2.0 */
/* See check.h. The order is Meta's own where it is known: an old event_time is reported before too
 * little user_data. */
#include "meta/check.h"

#include "core/limits.h"

#include <stdio.h>

const struct str meta_standard_events[] = {
    S_INIT("AddPaymentInfo"),   S_INIT("AddToCart"),
    S_INIT("AddToWishlist"),    S_INIT("CompleteRegistration"),
    S_INIT("Contact"),          S_INIT("CustomizeProduct"),
    S_INIT("Donate"),           S_INIT("FindLocation"),
    S_INIT("InitiateCheckout"), S_INIT("Lead"),
    S_INIT("PageView"),         S_INIT("Purchase"),
    S_INIT("Schedule"),         S_INIT("Search"),
    S_INIT("StartTrial"),       S_INIT("SubmitApplication"),
    S_INIT("Subscribe"),        S_INIT("ViewContent"),
};
const size_t meta_standard_event_count = countof(meta_standard_events);

bool meta_is_standard_event(struct str name)
{
    for (size_t i = 0; i < meta_standard_event_count; i++)
        if (str_eq(meta_standard_events[i], name)) return true;
    return false;
}

/* ISO 4217, three letters each, sorted. Also those withdrawn since 2023 (ANG, BGN, CUC, HRK, SLL, ZWL),
 * because shops still send them and Meta is the judge of that; not the two codes that are no money. */
static const char currencies[] =
    "AEDAFNALLAMDANGAOAARSAUDAWGAZNBAMBBDBDTBGNBHDBIFBMDBNDBOBBOVBRLBSDBTNBWPBYNBZDCADCDFCHECHFCHW"
    "CLFCLPCNYCOPCOUCRCCUCCUPCVECZKDJFDKKDOPDZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGNFGTQGYDHKDHNLHRK"
    "HTGHUFIDRILSINRIQDIRRISKJMDJODJPYKESKGSKHRKMFKPWKRWKWDKYDKZTLAKLBPLKRLRDLSLLYDMADMDLMGAMKDMMK"
    "MNTMOPMRUMURMVRMWKMXNMXVMYRMZNNADNGNNIONOKNPRNZDOMRPABPENPGKPHPPKRPLNPYGQARRONRSDRUBRWFSARSBD"
    "SCRSDGSEKSGDSHPSLESLLSOSSRDSSPSTNSVCSYPSZLTHBTJSTMTTNDTOPTRYTTDTWDTZSUAHUGXUSDUSNUYIUYUUYWUZS"
    "VEDVESVNDVUVWSTXADXAFXAGXAUXBAXBBXBCXBDXCDXCGXDRXOFXPDXPFXPTXSUXUAYERZARZMWZWGZWL";

/* Its three letters as one number in the order of the list. */
static unsigned currency_order(const char *code)
{
    const unsigned char *p = (const unsigned char *)code;
    return (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2];
}

bool meta_is_currency(struct str code)
{
    if (code.n != 3) return false;
    unsigned wanted = currency_order(code.p);
    for (size_t low = 0, high = (sizeof currencies - 1) / 3; low < high;) {
        size_t middle = low + (high - low) / 2;
        unsigned found = currency_order(currencies + middle * 3);
        if (found == wanted) return true;
        if (wanted < found)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

int64_t meta_max_age_ms(struct str action_source)
{
    return str_eq(action_source, S("physical_store")) ? META_MAX_AGE_STORE_MS : META_MAX_AGE_MS;
}

static bool refuse(struct outcome *o, enum reason reason, const char *path, const char *message)
{
    outcome_set(o, reason, path, "%s", message);
    return false;
}

/* Meta refuses user_data whose keys all are in one of its too-broad combinations. *any says whether
 * there is a key at all. */
static bool is_too_broad(const struct meta_facts *facts, bool *any)
{
    unsigned broad = META_BROAD_ALL;
    *any = false;
    for (size_t word = 0; word < META_FIELD_WORDS; word++) {
        for (uint64_t bits = facts->present[word]; bits; bits &= bits - 1) {
            const struct meta_field *field =
                &meta_fields[word * 64 + (size_t)__builtin_ctzll(bits)];
            if (field->section != META_USER) continue;
            broad &= field->broad;
            *any = true;
            if (!broad) return false; /* most have such a key among the first */
        }
    }
    return *any;
}

static bool check_time(const struct meta_facts *facts, int64_t now_ms, struct outcome *o)
{
    if (!facts->has_time)
        return refuse(o, REASON_MISSING_EVENT_TIME, "event_time",
                      "The event has no time; map its timestamp to event_time.");
    now_ms -= now_ms % MS_PER_SECOND; /* Meta is told whole seconds, and judges by them */
    if (facts->event_time_ms < now_ms - meta_max_age_ms(facts->action_source))
        return refuse(o, REASON_EVENT_TOO_OLD, "event_time",
                      "Meta takes events of the last 7 days, of 62 days from physical_store; send "
                      "events sooner.");
    if (facts->event_time_ms > now_ms + META_MAX_AHEAD_MS)
        return refuse(
            o, REASON_EVENT_IN_FUTURE, "event_time",
            "The event's time is more than a minute in the future; compare the sender's clock "
            "with this machine's.");
    return true;
}

/* What Meta asks for beside the common fields, by action_source and messaging channel (empty: any). In
 * extinfo a row of the table of fields is a place of the list. */
static const struct need {
    struct str source, channel;
    enum meta_section section;
    struct str name;
    const char *path, *message;
} needs[] = {
    {S_INIT("app"), S_INIT(""), META_EVENT, S_INIT("app_data"), "app_data",
     "An app event needs app_data with extinfo; map it, or use another action_source."},
    {S_INIT("app"), S_INIT(""), META_APP, S_INIT("extinfo"), "app_data.extinfo",
     "An app event needs extinfo, the 16 texts about the device; map it."},
    {S_INIT("app"), S_INIT(""), META_EXTINFO, S_INIT("version"), "app_data.extinfo[0]",
     "The first place of extinfo must be a2 (Android) or i2 (iOS)."},
    {S_INIT("app"), S_INIT(""), META_EXTINFO, S_INIT("os_version"), "app_data.extinfo[4]",
     "The fifth place of extinfo, the version of the operating system, must not be blank."},
    {S_INIT("app"), S_INIT(""), META_APP, S_INIT("advertiser_tracking_enabled"),
     "app_data.advertiser_tracking_enabled",
     "An app event needs app_data.advertiser_tracking_enabled: 1 or 0."},
    {S_INIT("business_messaging"), S_INIT(""), META_EVENT, S_INIT("messaging_channel"),
     "messaging_channel",
     "A business_messaging event needs messaging_channel: messenger, whatsapp or instagram."},
    {S_INIT("business_messaging"), S_INIT("messenger"), META_USER, S_INIT("page_id"),
     "user_data.page_id", "A Messenger event needs user_data.page_id."},
    {S_INIT("business_messaging"), S_INIT("instagram"), META_USER, S_INIT("ig_account_id"),
     "user_data.ig_account_id", "An Instagram event needs user_data.ig_account_id."},
    {S_INIT("business_messaging"), S_INIT("whatsapp"), META_USER,
     S_INIT("whatsapp_business_account_id"), "user_data.whatsapp_business_account_id",
     "A WhatsApp event needs user_data.whatsapp_business_account_id."},
};

static bool has_field(const struct meta_facts *facts, enum meta_section section, struct str name)
{
    return meta_facts_has(facts, meta_field_index(meta_field_find(section, name)));
}

static bool check_needs(const struct meta_facts *facts, struct outcome *o)
{
    for (size_t i = 0; i < countof(needs); i++) {
        const struct need *need = &needs[i];
        if (!str_eq(need->source, facts->action_source)) continue;
        if (need->channel.n && !str_eq(need->channel, facts->messaging_channel)) continue;
        if (!has_field(facts, need->section, need->name))
            return refuse(o, REASON_MISSING_FIELD, need->path, need->message);
    }
    return true;
}

/* What Meta does not take of a message. */
static bool check_message(const struct meta_facts *facts, struct outcome *o)
{
    if (!str_eq(facts->action_source, S("business_messaging"))) return true;
    if (has_field(facts, META_USER, S("fbc")))
        return refuse(o, REASON_INVALID_VALUE, "user_data.fbc",
                      "A business_messaging event cannot have fbc; take it away with fbc: null.");
    if (str_eq(facts->event_name, S("Lead")))
        return refuse(o, REASON_INVALID_VALUE, "event_name",
                      "In business messaging Lead is called LeadSubmitted.");
    return true;
}

/* What an event needs because of where it happened. */
static bool check_source(const struct meta_facts *facts, struct outcome *o)
{
    struct str source = facts->action_source;
    const struct meta_field *field = meta_field_find(META_EVENT, S("action_source"));
    bool known = false;
    if (source.n == 0)
        return refuse(o, REASON_MISSING_FIELD, "action_source",
                      "Every event needs an action_source; map it, or set it to website.");
    for (size_t i = 0; i < field->word_count && !known; i++)
        known = str_eq(field->words[i], source);
    if (!known)
        return refuse(
            o, REASON_INVALID_ACTION_SOURCE, "action_source",
            "action_source must be website, app, email, phone_call, chat, physical_store, "
            "system_generated, business_messaging or other.");
    return check_needs(facts, o) && check_message(facts, o);
}

static bool check_user(const struct meta_facts *facts, struct outcome *o)
{
    bool any;
    if (is_too_broad(facts, &any))
        return refuse(o, REASON_NO_USER_DATA, "user_data",
                      "The customer information is too broad to find a person; add one of em, ph, "
                      "external_id, fbp, fbc or client_ip_address.");
    if (!any)
        return refuse(o, REASON_NO_USER_DATA, "user_data",
                      "The event says nothing about the customer; map at least one of em, ph, "
                      "external_id, fbp, fbc or client_ip_address.");
    return true;
}

static bool check_money(const struct meta_facts *facts, struct outcome *o)
{
    bool purchase = str_eq(facts->event_name, S("Purchase"));
    if (purchase && !facts->has_value)
        return refuse(o, REASON_MISSING_VALUE, "custom_data.value",
                      "A Purchase needs a value; map the order's total.");
    if (facts->currency.n == 0 && (purchase || facts->has_value))
        return refuse(o, REASON_MISSING_CURRENCY, "custom_data.currency",
                      "A value needs a currency; map it, or give a default.");
    if (facts->currency.n && !meta_is_currency(facts->currency))
        return refuse(o, REASON_INVALID_CURRENCY, "custom_data.currency",
                      "The currency must be a three-letter ISO 4217 code such as USD.");
    return true;
}

bool meta_check(const struct meta_facts *facts, int64_t now_ms, struct outcome *o)
{
    if (facts->event_name.n == 0)
        return refuse(o, REASON_MISSING_EVENT_NAME, "event_name",
                      "The event has no name; map one to event_name.");
    return check_time(facts, now_ms, o) && check_source(facts, o) && check_user(facts, o) &&
           check_money(facts, o);
}

bool meta_check_content(bool has_id, size_t index, struct outcome *o)
{
    if (has_id) return true;
    char path[sizeof o->path];
    (void)snprintf(path, sizeof path, "custom_data.contents[%zu].id", index); /* always fits */
    return refuse(o, REASON_INVALID_CONTENTS, path,
                  "Every entry of contents needs an id: the product's, as in the catalogue.");
}
