/* SPDX-License-Identifier: Apache-2.0 */
/* The table of Meta's fields; see fields.h. One row is one key of the Conversions API, grouped by
 * section in the order of Meta's documents. A row added here is known to the mapping, to the checks,
 * to `pixeld hash` and to the docs; nothing else needs a change. */
#include "meta/fields.h"

#include "meta/check.h"
#include "meta/normalise.h"

#include <assert.h>

static const struct str action_sources[] = {
    S_INIT("website"),
    S_INIT("app"),
    S_INIT("email"),
    S_INIT("phone_call"),
    S_INIT("chat"),
    S_INIT("physical_store"),
    S_INIT("system_generated"),
    S_INIT("business_messaging"),
    S_INIT("other"),
};
static const struct str segments[] = {
    S_INIT("new_customer_to_business"),          S_INIT("new_customer_to_business_line"),
    S_INIT("new_customer_to_product_area"),      S_INIT("new_customer_to_medium"),
    S_INIT("existing_customer_to_business"),     S_INIT("existing_customer_to_business_line"),
    S_INIT("existing_customer_to_product_area"), S_INIT("existing_customer_to_medium"),
    S_INIT("customer_in_loyalty_program"),
};
static const struct str messaging_channels[] = {
    S_INIT("messenger"),
    S_INIT("whatsapp"),
    S_INIT("instagram"),
};
static const struct str delivery_categories[] = {
    S_INIT("in_store"),
    S_INIT("curbside"),
    S_INIT("home_delivery"),
};

static const struct str app_formats[] = {S_INIT("a2"), S_INIT("i2")};
static const struct str attribution_models[] = {
    S_INIT("customized_multi_touch"),
    S_INIT("first_touch"),
    S_INIT("last_click"),
    S_INIT("last_touch"),
    S_INIT("linear"),
    S_INIT("position_based"),
    S_INIT("time_decay"),
    S_INIT("unknown"),
};
static const struct str attribution_methods[] = {
    S_INIT("ard"), S_INIT("deeplink"), S_INIT("gpir"), S_INIT("invalid_response"),
    S_INIT("mir"), S_INIT("srn"),
};

/* The kinds of row: any field; text that people write; one of a list of words; an object or a list of
 * fixed places; user_data that is hashed; the same, shared by many people; that is not hashed. */
#define FIELD(SECTION, key, TYPE, text)                                                            \
    {                                                                                              \
        .name = S_INIT(key), .section = META_##SECTION, .type = META_##TYPE, .doc = S_INIT(text)   \
    }
#define FREE(SECTION, key, text)                                                                   \
    {                                                                                              \
        .name = S_INIT(key), .section = META_##SECTION, .type = META_TEXT, .free_text = true,      \
        .doc = S_INIT(text)                                                                        \
    }
#define NESTED(SECTION, key, TYPE, MEMBERS, text)                                                  \
    {                                                                                              \
        .name = S_INIT(key), .section = META_##SECTION, .type = META_##TYPE,                       \
        .members = META_##MEMBERS, .doc = S_INIT(text)                                             \
    }
#define CHOICE(SECTION, key, choices, text)                                                        \
    {                                                                                              \
        .name = S_INIT(key), .section = META_##SECTION, .type = META_ENUM, .words = (choices),     \
        .word_count = countof(choices), .doc = S_INIT(text)                                        \
    }
#define HASHED(key, normaliser, too_broad, text)                                                   \
    {                                                                                              \
        .name = S_INIT(key), .section = META_USER, .type = META_TEXT, .hash = META_HASHED,         \
        .list = true, .normalise = normalise_##normaliser, .broad = (too_broad),                   \
        .doc = S_INIT(text)                                                                        \
    }
#define COMMON(key, normaliser, too_broad, text)                                                   \
    {                                                                                              \
        .name = S_INIT(key), .section = META_USER, .type = META_TEXT, .hash = META_HASHED,         \
        .list = true, .common = true, .normalise = normalise_##normaliser, .broad = (too_broad),   \
        .doc = S_INIT(text)                                                                        \
    }
#define PLAIN(key, TYPE, normaliser, too_broad, text)                                              \
    {                                                                                              \
        .name = S_INIT(key), .section = META_USER, .type = META_##TYPE,                            \
        .normalise = normalise_##normaliser, .broad = (too_broad), .doc = S_INIT(text)             \
    }

const struct meta_field meta_fields[] = {
    /* --- the event itself --------------------------------------------------------------------- */
    FREE(EVENT, "event_name", "standard or custom event name; capitals count; needed"),
    FIELD(EVENT, "event_time", TIME, "when it happened, in seconds; at most 7 days ago; needed"),
    CHOICE(EVENT, "action_source", action_sources, "where it happened; needed"),
    FIELD(EVENT, "event_source_url", TEXT, "the page's address; expected of website events"),
    FIELD(EVENT, "event_id", TEXT,
          "the same id on the browser's and the server's copy removes one"),
    FIELD(EVENT, "referrer_url", TEXT, "the HTTP referrer that the page saw"),
    FIELD(EVENT, "opt_out", BOOL, "true: for attribution only, not for delivery optimisation"),
    FIELD(EVENT, "data_processing_options", TEXTS, "[\"LDU\"] for Limited Data Use, [] for none"),
    FIELD(EVENT, "data_processing_options_country", INTEGER,
          "1 = USA, 0 = Meta finds out; with LDU"),
    FIELD(EVENT, "data_processing_options_state", INTEGER,
          "0 = Meta finds out; 1000 CA, 1001 CO, 1002 CT, 1003 FL, 1004 OR, 1005 TX, 1006 MT, 1007 "
          "DE, 1008 NE, 1009 NH, 1010 NJ, 1011 MN, 1012 MD, 1013 RI; with LDU"),
    {.name = S_INIT("app_data"),
     .section = META_EVENT,
     .type = META_OBJECT,
     .members = META_APP,
     .only_from = S_INIT("app"),
     .doc = S_INIT("the app and device; needed of app events, goes with no others")},
    FIELD(EVENT, "advertiser_tracking_enabled", BOOL, "may the advertiser track (iOS)?"),
    NESTED(EVENT, "original_event_data", OBJECT, ORIGINAL, "the event that this one amends"),
    NESTED(EVENT, "attribution_data", OBJECT, ATTRIBUTION,
           "attribution of another tool (AppendAttribution)"),
    FIELD(EVENT, "advanced_measurement_table", TEXT, "Advanced Analytics only"),
    CHOICE(EVENT, "customer_segmentation", segments, "new or existing customer"),
    CHOICE(EVENT, "messaging_channel", messaging_channels, "needed of business_messaging events"),

    /* --- user_data, hashed -------------------------------------------------------------------- */
    HASHED("em", email, 0, "e-mail address"),
    HASHED("ph", phone, 0, "phone number with country code"),
    COMMON("fn", name, META_BROAD_FIRST, "first name"),
    COMMON("ln", name, META_BROAD_LAST, "last name"),
    HASHED("db", birth, META_BROAD_BIRTH, "date of birth, becomes YYYYMMDD"),
    COMMON("ge", gender, META_BROAD_PLACE | META_BROAD_FIRST | META_BROAD_LAST,
           "gender, becomes f or m"),
    COMMON("ct", city, META_BROAD_PLACE, "city"),
    COMMON("st", state, META_BROAD_PLACE, "state; two letters in the US and Canada"),
    COMMON("zp", zip, META_BROAD_PLACE, "postal code; five digits in the US"),
    COMMON("country", country, META_BROAD_PLACE, "country, becomes ISO 3166-1 alpha-2"),
    HASHED("external_id", external_id, 0, "your own id of the person, the same on every channel"),
    /* Not in the documents; Meta's own libraries know them. */
    HASHED("f5first", first5, 0, "first five letters of the first name"),
    HASHED("f5last", first5, 0, "first five letters of the last name"),
    HASHED("fi", initial, 0, "first letter of the first name"),
    HASHED("dobd", birth_day, 0, "day of birth, DD"),
    HASHED("dobm", birth_month, 0, "month of birth, MM"),
    HASHED("doby", birth_year, 0, "year of birth, YYYY"),

    /* --- user_data, never hashed -------------------------------------------------------------- */
    PLAIN("client_ip_address", TEXT, ip, 0, "the person's own public address, IPv6 preferred"),
    PLAIN("client_user_agent", TEXT, trimmed, META_BROAD_PLACE | META_BROAD_BIRTH,
          "the browser's User-Agent; expected of website events"),
    PLAIN("fbc", TEXT, trimmed, 0, "click id, the _fbc cookie; never altered"),
    PLAIN("fbp", TEXT, trimmed, 0, "browser id, the _fbp cookie; never altered"),
    PLAIN("subscription_id", TEXT, trimmed, 0, "subscription of this person"),
    PLAIN("fb_login_id", INTEGER, digits, 0, "id that Meta issued at the first login to an app"),
    PLAIN("lead_id", INTEGER, digits, 0, "id of a lead from Meta's lead ads"),
    PLAIN("anon_id", TEXT, trimmed, 0, "install id of an app"),
    PLAIN("madid", TEXT, madid, 0, "mobile advertising id; lower case, hyphens kept"),
    PLAIN("app_user_id", TEXT, trimmed, 0, "app-scoped user id"),
    PLAIN("page_id", TEXT, trimmed, 0, "Page of a Messenger conversation"),
    PLAIN("page_scoped_user_id", TEXT, trimmed, 0, "person in a Messenger conversation"),
    PLAIN("ctwa_clid", TEXT, trimmed, 0, "click id of a click-to-WhatsApp ad"),
    PLAIN("ig_account_id", TEXT, trimmed, 0, "account of an Instagram conversation"),
    PLAIN("ig_sid", TEXT, trimmed, 0, "person in an Instagram conversation"),
    PLAIN("whatsapp_business_account_id", TEXT, trimmed, 0, "account of a WhatsApp conversation"),
    PLAIN("partner_id", TEXT, trimmed, 0, "id of a partner in a data collaboration"),
    PLAIN("partner_name", TEXT, trimmed, 0, "name of a partner in a data collaboration"),

    /* --- custom_data -------------------------------------------------------------------------- */
    FIELD(CUSTOM, "value", MONEY, "what the event is worth; needed of Purchase"),
    FIELD(CUSTOM, "currency", CURRENCY,
          "ISO 4217 code of all amounts; needed of Purchase and any value"),
    FIELD(CUSTOM, "content_ids", TEXTS, "product ids as in the catalogue"),
    FIELD(CUSTOM, "contents", CONTENTS, "the products: id, quantity, item_price"),
    FIELD(CUSTOM, "content_type", TEXT,
          "product or product_group, or a catalogue's kind (hotel, flight)"),
    FREE(CUSTOM, "content_name", "name of the page or product"),
    FREE(CUSTOM, "content_category", "category of the page or product"),
    FIELD(CUSTOM, "num_items", INTEGER, "number of items; with InitiateCheckout and Purchase"),
    FIELD(CUSTOM, "order_id", TEXT, "your id of the order"),
    FIELD(CUSTOM, "net_revenue", MONEY, "the part of value that is margin"),
    FIELD(CUSTOM, "predicted_ltv", MONEY, "predicted lifetime value of a subscriber"),
    FREE(CUSTOM, "search_string", "what was searched for; with Search"),
    FREE(CUSTOM, "status", "state of a registration; with CompleteRegistration"),
    CHOICE(CUSTOM, "delivery_category", delivery_categories, "how a purchase reaches the customer"),
    FIELD(CUSTOM, "item_number", TEXT, "item of an order; de-duplicates offline events"),
    FIELD(CUSTOM, "event_source", TEXT, "crm; for leads of a CRM"),
    FIELD(CUSTOM, "lead_event_source", TEXT, "name of the CRM"),
    CHOICE(CUSTOM, "customer_segmentation", segments, "new or existing customer"),
    NESTED(CUSTOM, "store_data", OBJECT, STORE, "store of an offline event"),
    FIELD(CUSTOM, "product_catalog_id", TEXT, "catalogue of the products"),
    /* travel */
    FIELD(CUSTOM, "checkin_date", DATE, "hotel: first night"),
    FIELD(CUSTOM, "checkout_date", DATE, "hotel: day of leaving"),
    FIELD(CUSTOM, "travel_start", DATE, "start of the trip"),
    FIELD(CUSTOM, "travel_end", DATE, "end of the trip"),
    FIELD(CUSTOM, "departing_departure_date", DATE, "flight out: departure"),
    FIELD(CUSTOM, "departing_arrival_date", DATE, "flight out: arrival"),
    FIELD(CUSTOM, "returning_departure_date", DATE, "flight back: departure"),
    FIELD(CUSTOM, "returning_arrival_date", DATE, "flight back: arrival"),
    FIELD(CUSTOM, "origin_airport", TEXT, "IATA code of the first airport"),
    FIELD(CUSTOM, "destination_airport", TEXT, "IATA code of the last airport"),
    FIELD(CUSTOM, "destination_ids", TEXTS, "destinations as in the catalogue"),
    FIELD(CUSTOM, "travel_class", TEXT, "economy, premium, business, first"),
    FIELD(CUSTOM, "num_adults", INTEGER, "travelling adults"),
    FIELD(CUSTOM, "num_children", INTEGER, "travelling children"),
    FIELD(CUSTOM, "num_infants", INTEGER, "travelling infants"),
    FIELD(CUSTOM, "city", TEXT, "city of the hotel, destination or home"),
    FIELD(CUSTOM, "region", TEXT, "state or region of the hotel, destination or home"),
    FIELD(CUSTOM, "country", TEXT, "country of the hotel, destination or home"),
    FIELD(CUSTOM, "neighborhood", TEXT, "neighbourhood of the hotel or home"),
    FIELD(CUSTOM, "hotel_score", NUMBER, "how much this hotel fits the person"),
    FIELD(CUSTOM, "user_score", NUMBER, "how much this person is worth"),
    FIELD(CUSTOM, "preferred_star_ratings", JSON, "lowest and highest hotel stars"),
    FIELD(CUSTOM, "preferred_price_range", JSON, "lowest and highest price"),
    FIELD(CUSTOM, "suggested_destinations", JSON, "destinations to suggest"),
    FIELD(CUSTOM, "suggested_hotels", JSON, "hotels to suggest"),
    /* vehicles */
    FIELD(CUSTOM, "body_style", TEXT, "vehicle: SUV, SEDAN, ..."),
    FIELD(CUSTOM, "condition_of_vehicle", TEXT, "vehicle: EXCELLENT, GOOD, ..."),
    FIELD(CUSTOM, "drivetrain", TEXT, "vehicle: 4X4, AWD, FWD, RWD, ..."),
    FIELD(CUSTOM, "exterior_color", TEXT, "vehicle: colour outside"),
    FIELD(CUSTOM, "interior_color", TEXT, "vehicle: colour inside"),
    FIELD(CUSTOM, "interior_upholstery", TEXT, "vehicle: upholstery"),
    FIELD(CUSTOM, "fuel_type", TEXT, "vehicle: GASOLINE, ELECTRIC, ..."),
    FIELD(CUSTOM, "make", TEXT, "vehicle: make"),
    FIELD(CUSTOM, "model", TEXT, "vehicle: model"),
    FIELD(CUSTOM, "trim", TEXT, "vehicle: trim, at most 50 characters"),
    FIELD(CUSTOM, "year", INTEGER, "vehicle: model year"),
    FIELD(CUSTOM, "mileage", JSON, "vehicle: {value, unit}"),
    FIELD(CUSTOM, "state_of_vehicle", TEXT, "vehicle: New, Used, CPO"),
    FIELD(CUSTOM, "transmission", TEXT, "vehicle: AUTOMATIC, MANUAL, ..."),
    FIELD(CUSTOM, "vin", TEXT, "vehicle: identification number"),
    FIELD(CUSTOM, "lease_start_date", DATE, "vehicle or home: lease begins"),
    FIELD(CUSTOM, "lease_end_date", DATE, "vehicle or home: lease ends"),
    FIELD(CUSTOM, "postal_code", TEXT, "where the vehicle or home is"),
    /* homes */
    FIELD(CUSTOM, "availability", TEXT, "home or vehicle: for_sale, for_rent, available, ..."),
    FIELD(CUSTOM, "listing_type", TEXT, "home: for_sale_by_agent, for_rent_by_owner, ..."),
    FIELD(CUSTOM, "property_type", TEXT, "home: apartment, house, ..."),
    FIELD(CUSTOM, "preferred_baths_range", JSON, "home: lowest and highest number of baths"),
    FIELD(CUSTOM, "preferred_beds_range", JSON, "home: lowest and highest number of beds"),

    /* --- one entry of contents ---------------------------------------------------------------- */
    FIELD(CONTENT, "id", TEXT, "product id as in the catalogue; needed"),
    FIELD(CONTENT, "quantity", INTEGER, "number of this product"),
    FIELD(CONTENT, "item_price", NUMBER, "price of one"),
    CHOICE(CONTENT, "delivery_category", delivery_categories, "how it reaches the customer"),
    FREE(CONTENT, "title", "name of the product"),
    FREE(CONTENT, "description", "description of the product"),
    FREE(CONTENT, "brand", "brand of the product"),
    FREE(CONTENT, "category", "category of the product"),
    FIELD(CONTENT, "price", NUMBER, "price of one, in offline events"),

    /* --- app_data ----------------------------------------------------------------------------- */
    FIELD(APP, "advertiser_tracking_enabled", FLAG,
          "1: the person lets the advertiser track (iOS: ATT), 0: not; needed"),
    FIELD(APP, "application_tracking_enabled", FLAG,
          "1: the person lets the app track, 0: not; needed by one of Meta's pages, optional by "
          "another"),
    NESTED(APP, "extinfo", SLOTS, EXTINFO, "the device, in 16 fixed places; needed"),
    FIELD(APP, "campaign_ids", TEXT, "campaign data of the install's deep link"),
    FIELD(APP, "install_referrer", TEXT, "Android: the install referrer"),
    FIELD(APP, "installer_package", TEXT, "package that installed the app"),
    FIELD(APP, "url_schemes", TEXTS, "URL schemes that the app opens"),
    FIELD(APP, "madid", TEXT, "mobile advertising id where Segment has it; else in user_data"),
    FIELD(APP, "vendor_id", TEXT, "iOS: the vendor's id of the device"),
    FIELD(APP, "windows_attribution_id", TEXT, "Windows: attribution token"),
    FIELD(APP, "consider_views", BOOL, "whether views count for attribution"),
    FIELD(APP, "include_dwell_data", BOOL, "whether dwell data is included"),
    FIELD(APP, "include_video_data", BOOL, "whether video data is included"),
    FIELD(APP, "receipt_data", TEXT, "receipt of an in-app purchase"),

    /* --- app_data.extinfo: a row is a slot, in this order --------------------------------------- */
    CHOICE(EXTINFO, "version", app_formats, "0: a2 for Android, i2 for iOS; needed"),
    FIELD(EXTINFO, "package_name", TEXT, "1: package or bundle, com.example.app"),
    FIELD(EXTINFO, "short_version", TEXT, "2: short version, or build, of the app"),
    FIELD(EXTINFO, "long_version", TEXT, "3: long version of the app"),
    FIELD(EXTINFO, "os_version", TEXT, "4: version of the operating system; needed"),
    FIELD(EXTINFO, "device_model", TEXT, "5: device model"),
    FIELD(EXTINFO, "locale", TEXT, "6: locale, en_US"),
    FIELD(EXTINFO, "timezone_abbreviation", TEXT, "7: time zone, PST"),
    FIELD(EXTINFO, "carrier", TEXT, "8: mobile carrier"),
    FIELD(EXTINFO, "screen_width", TEXT, "9: screen width"),
    FIELD(EXTINFO, "screen_height", TEXT, "10: screen height"),
    FIELD(EXTINFO, "screen_density", TEXT, "11: screen density"),
    FIELD(EXTINFO, "cpu_cores", TEXT, "12: processor cores"),
    FIELD(EXTINFO, "storage_size", TEXT, "13: external storage, GB"),
    FIELD(EXTINFO, "storage_free", TEXT, "14: free external storage, GB"),
    FIELD(EXTINFO, "timezone", TEXT, "15: time zone, America/New_York"),

    /* --- original_event_data ------------------------------------------------------------------ */
    FREE(ORIGINAL, "event_name", "its name"),
    FIELD(ORIGINAL, "event_time", TIME, "when it happened, in seconds"),
    FIELD(ORIGINAL, "order_id", TEXT, "its order_id"),
    FIELD(ORIGINAL, "event_id", TEXT, "its event_id"),

    /* --- attribution_data --------------------------------------------------------------------- */
    FIELD(ATTRIBUTION, "scope", TEXT, "what the attribution is of: click, impression, ..."),
    FIELD(ATTRIBUTION, "visit_time", TIME, "when the person came from the ad, in seconds"),
    FIELD(ATTRIBUTION, "ad_id", TEXT, "the ad"),
    FIELD(ATTRIBUTION, "adset_id", TEXT, "the ad set"),
    FIELD(ATTRIBUTION, "campaign_id", TEXT, "the campaign"),
    FIELD(ATTRIBUTION, "attribution_share", NUMBER, "share of the credit, 0 to 1"),
    CHOICE(ATTRIBUTION, "attribution_model", attribution_models, "how credit is shared out"),
    FIELD(ATTRIBUTION, "attr_window", INTEGER, "the attribution window, in days"),
    FIELD(ATTRIBUTION, "attribution_value", NUMBER, "the part of value that is credited"),
    FIELD(ATTRIBUTION, "attribution_source", TEXT, "the tool that attributed"),
    FIELD(ATTRIBUTION, "touchpoint_type", TEXT, "kind of the touch point"),
    FIELD(ATTRIBUTION, "touchpoint_ts", TIME, "when the touch was, in seconds"),
    CHOICE(ATTRIBUTION, "attribution_method", attribution_methods, "how it was attributed"),
    FIELD(ATTRIBUTION, "decline_reason", TEXT, "why it was not attributed"),
    FIELD(ATTRIBUTION, "auditing_token", TEXT, "token for audits"),
    FIELD(ATTRIBUTION, "linkage_key", TEXT, "key that links events"),
    FIELD(ATTRIBUTION, "touchpoint_id", TEXT, "id of the touch point"),
    NESTED(ATTRIBUTION, "attribution_setting", OBJECT, WINDOWS, "windows of the attribution"),
    FIELD(ATTRIBUTION, "total_credit", NUMBER, "the whole credit"),
    FIELD(ATTRIBUTION, "partner_client_id", TEXT, "the partner's id of the client"),

    /* --- attribution_data.attribution_setting --------------------------------------------------- */
    FIELD(WINDOWS, "inactivity_window_hours", INTEGER, "hours of inactivity"),
    FIELD(WINDOWS, "reattribution_window_hours", INTEGER, "hours until it may be attributed anew"),

    /* --- custom_data.store_data ----------------------------------------------------------------- */
    FIELD(STORE, "store_page_id", TEXT, "Page of the store"),
    FIELD(STORE, "brand_page_id", TEXT, "Page of the brand"),
    FIELD(STORE, "store_code", TEXT, "your code of the store"),
};

const size_t meta_field_count = countof(meta_fields);

_Static_assert(countof(meta_fields) <= META_FIELD_WORDS * 64,
               "struct meta_facts has a bit a field");

const struct meta_field *meta_field_find(enum meta_section section, struct str name)
{
    for (size_t i = 0; i < meta_field_count; i++) {
        const struct meta_field *field = &meta_fields[i];
        if (field->section == section && str_eq(field->name, name)) return field;
    }
    return NULL;
}

const struct meta_field *meta_section_fields(enum meta_section section, size_t *count)
{
    const struct meta_field *first = NULL;
    *count = 0;
    for (size_t i = 0; i < meta_field_count; i++) {
        if (meta_fields[i].section != section) continue;
        if (!first) first = &meta_fields[i];
        ++*count;
    }
    return first;
}

struct str meta_section_name(enum meta_section section)
{
    static const struct str names[] = {
        [META_EVENT] = S_INIT("event"),
        [META_USER] = S_INIT("user_data"),
        [META_CUSTOM] = S_INIT("custom_data"),
        [META_CONTENT] = S_INIT("contents"),
        [META_APP] = S_INIT("app_data"),
        [META_EXTINFO] = S_INIT("app_data.extinfo"),
        [META_ORIGINAL] = S_INIT("original_event_data"),
        [META_ATTRIBUTION] = S_INIT("attribution_data"),
        [META_WINDOWS] = S_INIT("attribution_data.attribution_setting"),
        [META_STORE] = S_INIT("custom_data.store_data"),
    };
    assert(section < countof(names));
    return names[section];
}
