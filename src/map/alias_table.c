/* SPDX-License-Identifier: Apache-2.0 */
/* See alias_table.h. Sources: Amplitude's HTTP V2 and Batch API pages and what its TypeScript SDKs
 * (browser 2.46, node 1.5) send; Meta's Pixel and the requests that its fbevents.js 2.9 makes. */
#include "map/alias_table.h"

#define AT(segment, theirs) .path = S_INIT(segment), .place = S_INIT(theirs)
#define WORDS(list) .words = (list), .word_count = countof(list)
#define TIMES(theirs) .factor = S_INIT(theirs)
#define EXCEPT(text) .except = S_INIT(text)

/* --- Amplitude ---------------------------------------------------------------------------------- */

static const struct alias_word amplitude_types[] = {
    {S_INIT("$identify"), S_INIT("identify")},
    {S_INIT("$groupidentify"), S_INIT("group")},
    {S_INIT("[Amplitude] Page Viewed"), S_INIT("page")},
    {S_INIT(""), S_INIT("track")},
};

static const struct alias_word amplitude_channels[] = {
    {S_INIT("Web"), S_INIT("web")},
    {S_INIT("iOS"), S_INIT("mobile")},
    {S_INIT("Android"), S_INIT("mobile")},
};

/* A person's properties are what the event sets, by an operator or plainly, else what was set once and
 * for all. The SDK writes EMPTY where it found nothing. Revenue is in the event's own property, in the
 * $ properties of the SDKs' Revenue, or at the top (HTTP API); without a total it is the price times
 * the quantity. */
static const struct alias amplitude[] = {
    {AT("type", "event_type"), WORDS(amplitude_types)},
    {AT("event", "event_type")},
    {AT("userId", "user_id")},
    {AT("anonymousId", "device_id")},
    {AT("messageId", "insert_id")},
    {AT("timestamp", "time")},
    {AT("channel", "platform"), WORDS(amplitude_channels)},
    {AT("properties", "event_properties")},
    {AT("properties/revenue", "event_properties/revenue")},
    {AT("properties/revenue", "event_properties/$revenue")},
    {AT("properties/revenue", "event_properties/$price"), TIMES("event_properties/$quantity")},
    {AT("properties/revenue", "revenue")},
    {AT("properties/revenue", "price"), TIMES("quantity")},
    {AT("properties/currency", "event_properties/currency")},
    {AT("properties/currency", "event_properties/$currency")},
    {AT("properties/currency", "currency")},
    {AT("properties/price", "event_properties/price")},
    {AT("properties/price", "event_properties/$price")},
    {AT("properties/price", "price")},
    {AT("properties/quantity", "event_properties/quantity")},
    {AT("properties/quantity", "event_properties/$quantity")},
    {AT("properties/quantity", "quantity")},
    {AT("properties/product_id", "event_properties/product_id")},
    {AT("properties/product_id", "event_properties/$productId")},
    {AT("properties/product_id", "productId")},
    {AT("traits", "user_properties/$set"), EXCEPT("EMPTY")},
    {AT("traits", "user_properties"), EXCEPT("EMPTY")},
    {AT("traits", "user_properties/$setOnce"), EXCEPT("EMPTY")},
    {AT("context/traits", "user_properties/$set"), EXCEPT("EMPTY")},
    {AT("context/traits", "user_properties"), EXCEPT("EMPTY")},
    {AT("context/traits", "user_properties/$setOnce"), EXCEPT("EMPTY")},
    {AT("context/ip", "ip"), EXCEPT("$remote")},
    {AT("context/userAgent", "user_agent")},
    {AT("context/page/url", "event_properties/[Amplitude] Page Location")},
    {AT("context/page/url", "event_properties/[Amplitude] Page URL")},
    {AT("context/page/referrer", "event_properties/[Amplitude] Previous Page Location")},
    {AT("context/page/path", "event_properties/[Amplitude] Page Path")},
    {AT("context/page/title", "event_properties/[Amplitude] Page Title")},
    {AT("context/locale", "language")},
    {AT("context/library/name", "library")},
    {AT("context/sessionId", "session_id")},
    {AT("context/platform", "platform")},
    {AT("context/app/version", "app_version")},
    {AT("context/os/name", "os_name")},
    {AT("context/os/version", "os_version")},
    {AT("context/device/brand", "device_brand")},
    {AT("context/device/manufacturer", "device_manufacturer")},
    {AT("context/device/model", "device_model")},
    {AT("context/device/advertisingId", "idfa")},
    {AT("context/device/advertisingId", "adid")},
    {AT("context/network/carrier", "carrier")},
    {AT("context/location/country", "country")},
    {AT("context/location/region", "region")},
    {AT("context/location/city", "city")},
    {AT("context/location/latitude", "location_lat")},
    {AT("context/location/longitude", "location_lng")},
    {AT("context/groups", "groups")},
};

/* --- the browser pixel -------------------------------------------------------------------------- */

/* One JSON object per event with the keys that fbq sends to /tr (id, ev, dl, rl, ts, eid, fbp, ...)
 * and their values as texts; only cd[NAME] and ud[NAME] are gathered, into the objects cd and ud:
 *
 *     {"id":"1234567890","ev":"Purchase","dl":"https://shop.example/","ts":"1795284245123",
 *      "cd":{"value":"12.50","content_ids":"[\"a\"]"},"ud":{"em":"..."},"eid":"o-1"} */
static const struct alias_word any_track[] = {{S_INIT(""), S_INIT("track")}};

static const struct alias pixel[] = {
    {AT("type", "ev"), WORDS(any_track)},
    {AT("event", "ev")},
    {AT("userId", "ud/external_id")},
    {AT("messageId", "eid")},
    {AT("timestamp", "ts")},
    {AT("properties", "cd")},
    {AT("traits/email", "ud/em")},
    {AT("traits/phone", "ud/ph")},
    {AT("traits/firstName", "ud/fn")},
    {AT("traits/lastName", "ud/ln")},
    {AT("traits/gender", "ud/ge")},
    {AT("traits/birthday", "ud/db")},
    {AT("traits/address/city", "ud/ct")},
    {AT("traits/address/state", "ud/st")},
    {AT("traits/address/postalCode", "ud/zp")},
    {AT("traits/address/country", "ud/country")},
    {AT("context/traits/email", "ud/em")},
    {AT("context/traits/phone", "ud/ph")},
    {AT("context/traits/firstName", "ud/fn")},
    {AT("context/traits/lastName", "ud/ln")},
    {AT("context/traits/gender", "ud/ge")},
    {AT("context/traits/birthday", "ud/db")},
    {AT("context/traits/address/city", "ud/ct")},
    {AT("context/traits/address/state", "ud/st")},
    {AT("context/traits/address/postalCode", "ud/zp")},
    {AT("context/traits/address/country", "ud/country")},
    {AT("context/page/url", "dl")},
    {AT("context/page/referrer", "rl")},
    {AT("context/fbp", "fbp")},
    {AT("context/fbc", "fbc")},
    {AT("context/dataProcessingOptions/0", "dpo")},
    {AT("context/dataProcessingOptions/1", "dpoco")},
    {AT("context/dataProcessingOptions/2", "dpost")},
    {AT("context/screen/width", "sw")},
    {AT("context/screen/height", "sh")},
    {AT("context/library/version", "v")},
    {AT("context/pixelId", "id")},
};

/* --- Meta's own shape --------------------------------------------------------------------------- */

/* An event of the Conversions API. It goes by the preset `meta`, which names its fields below context and
 * traits by their own names; the others are there for the rules of destinations. */
static const struct alias meta[] = {
    {AT("type", "event_name"), WORDS(any_track)},
    {AT("event", "event_name")},
    {AT("userId", "user_data/external_id/0")},
    {AT("userId", "user_data/external_id")},
    {AT("messageId", "event_id")},
    {AT("timestamp", "event_time")},
    {AT("properties", "custom_data")},
    {AT("traits", "user_data")},
    {AT("traits/email", "user_data/em")},
    {AT("traits/phone", "user_data/ph")},
    {AT("traits/firstName", "user_data/fn")},
    {AT("traits/lastName", "user_data/ln")},
    {AT("traits/gender", "user_data/ge")},
    {AT("traits/birthday", "user_data/db")},
    {AT("traits/address/city", "user_data/ct")},
    {AT("traits/address/state", "user_data/st")},
    {AT("traits/address/postalCode", "user_data/zp")},
    {AT("traits/address/country", "user_data/country")},
    {AT("context/traits/email", "user_data/em")},
    {AT("context/traits/phone", "user_data/ph")},
    {AT("context/traits/firstName", "user_data/fn")},
    {AT("context/traits/lastName", "user_data/ln")},
    {AT("context/traits/gender", "user_data/ge")},
    {AT("context/traits/birthday", "user_data/db")},
    {AT("context/traits/address/city", "user_data/ct")},
    {AT("context/traits/address/state", "user_data/st")},
    {AT("context/traits/address/postalCode", "user_data/zp")},
    {AT("context/traits/address/country", "user_data/country")},
    {AT("context/page/url", "event_source_url")},
    {AT("context/page/referrer", "referrer_url")},
    {AT("context/ip", "user_data/client_ip_address")},
    {AT("context/userAgent", "user_data/client_user_agent")},
    {AT("context/fbp", "user_data/fbp")},
    {AT("context/fbc", "user_data/fbc")},
    {AT("context/dataProcessingOptions/0", "data_processing_options")},
    {AT("context/dataProcessingOptions/1", "data_processing_options_country")},
    {AT("context/dataProcessingOptions/2", "data_processing_options_state")},
    {AT("context/action_source", "action_source")},
    {AT("context/event_source_url", "event_source_url")},
    {AT("context/referrer_url", "referrer_url")},
    {AT("context/opt_out", "opt_out")},
    {AT("context/data_processing_options", "data_processing_options")},
    {AT("context/data_processing_options_country", "data_processing_options_country")},
    {AT("context/data_processing_options_state", "data_processing_options_state")},
    {AT("context/app_data", "app_data")},
    {AT("context/advertiser_tracking_enabled", "advertiser_tracking_enabled")},
    {AT("context/original_event_data", "original_event_data")},
    {AT("context/attribution_data", "attribution_data")},
    {AT("context/advanced_measurement_table", "advanced_measurement_table")},
    {AT("context/customer_segmentation", "customer_segmentation")},
    {AT("context/messaging_channel", "messaging_channel")},
};

const struct alias_list alias_lists[PROTOCOL_COUNT] = {
    [PROTOCOL_AMPLITUDE] = {amplitude, countof(amplitude), {S_INIT("ip"), S_INIT("$remote")}},
    [PROTOCOL_META] = {.items = meta, .count = countof(meta)},
    [PROTOCOL_PIXEL] = {.items = pixel, .count = countof(pixel)},
};
