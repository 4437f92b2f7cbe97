/* SPDX-License-Identifier: Apache-2.0 */
/* import/import.c, import/rudderstack.c, import/amplitude.c, import/partner.c and import/vendor.h as a
 * whole: golden files (NAME.VENDOR.json gives NAME.VENDOR.yaml; UPDATE=1 writes them), what becomes of
 * events, and settings that are wrong. */
#include "core/limits.h"
#include "sys/file.h"

#include "support/golden.h"
#include "support/importing.h"

#define CASES "tests/cases/import/"

static struct importing im;

/* --- golden files ------------------------------------------------------------------------------- */

static bool run_golden(struct str name)
{
    struct buf settings = {0};
    struct err err;
    char path[256], expected[256];
    struct str base = str_head(name, name.n - 5), ignored, vendor;
    (void)str_cut(base, '.', &ignored, &vendor);
    (void)snprintf(path, sizeof path, CASES "%.*s", STR_ARG(name));
    (void)snprintf(expected, sizeof expected, CASES "%.*s.yaml", STR_ARG(base));
    if (!file_read_all(path, 1 << 20, &settings, &err)) fail_msg("%s", err.text);
    if (!importing_open(&im, vendor, buf_str(&settings))) fail_msg("%s: %s", path, im.err.text);
    bool same = golden_same(path, expected, buf_str(&im.result.yaml));
    bool shown = str_find(buf_str(&im.result.notes), S("very-secret"), 0) != SIZE_MAX;
    if (shown) print_error("%s: a note shows a secret\n", path);
    importing_close(&im);
    buf_fini(&settings);
    return same && !shown;
}

static void settings_give_their_configurations(void **state)
{
    (void)state;
    golden_files(CASES, S(".json"), 8, run_golden);
}

/* --- what becomes of events --------------------------------------------------------------------- */

static void open_settings(const char *vendor, const char *settings)
{
    if (!importing_open(&im, str_z(vendor), str_z(settings))) fail_msg("%s", im.err.text);
}

/* The first Meta event, "" when nothing is sent. */
static struct str mapped(const char *event)
{
    struct event e = {.source = S("web"), .json = str_z(event)};
    mapping_run(&im.world, &e, mapping_time(S(MAPPING_NOW)), NULL);
    return im.world.result.send_count ? mapping_json(&im.world, 0) : S("");
}

#define EVENT(type, more)                                                                          \
    "{\"type\":\"" type "\",\"userId\":\"u\",\"messageId\":\"m\",\"channel\":\"web\","             \
    "\"timestamp\":\"2026-01-15T11:00:00Z\"," more "}"

static void says(const char *event, const char *part, bool wanted)
{
    struct str json = mapped(event);
    if ((str_find(json, str_z(part), 0) != SIZE_MAX) == wanted && json.n) return;
    fail_msg("%s %s in %.*s of\n%.*s", wanted ? "no" : "a", part, STR_ARG(json),
             STR_ARG(buf_str(&im.result.yaml)));
}

static void rudderstack_events(void **state)
{
    (void)state;
    open_settings("rudderstack",
                  "{\"pixelId\":\"1\",\"standardPageCall\":false,\"removeExternalId\":true,"
                  "\"valueFieldIdentifier\":\"properties.value\",\"eventsToEvents\":"
                  "[{\"from\":\"Plan Bought\",\"to\":\"Purchase\"}],\"categoryToContent\":"
                  "[{\"from\":\"rooms\",\"to\":\"hotel\"}],\"blacklistPiiProperties\":"
                  "[{\"blacklistPiiProperties\":\"iban\",\"blacklistPiiHash\":false},"
                  "{\"blacklistPiiProperties\":\"card\",\"blacklistPiiHash\":true}]}");
#define PRODUCT                                                                                    \
    "\"context\":{\"traits\":{\"email\":\"a@b.example\"}},\"properties\":{\"product_id\":\"p\","   \
    "\"price\":1,\"value\":7,\"category\":\"rooms\",\"iban\":\"CZ65\",\"card\":\"abc\"}"
    says(EVENT("track", "\"event\":\"Product Viewed\"," PRODUCT), "\"value\":7", true);
    says(EVENT("track", "\"event\":\"Product Viewed\"," PRODUCT), "\"content_type\":\"hotel\"",
         true);
    says(EVENT("track", "\"event\":\"Product Viewed\"," PRODUCT), "external_id", false);
    says(EVENT("track", "\"event\":\"Product Viewed\"," PRODUCT), "CZ65", false);
    says(EVENT("track", "\"event\":\"Product Viewed\"," PRODUCT), "\"card\":\"ba7816bf", true);
    says(EVENT("track", "\"event\":\"Plan Bought\",\"context\":{\"traits\":{\"email\":"
                        "\"a@b.example\"}},\"properties\":{\"revenue\":9}"),
         "\"event_name\":\"Purchase\"", true);
    says(EVENT("page", "\"name\":\"Home\",\"context\":{\"traits\":{\"email\":\"a@b.example\"}},"
                       "\"properties\":{}"),
         "\"event_name\":\"Viewed page Home\"", true);
    says(EVENT("page", "\"context\":{\"traits\":{\"email\":\"a@b.example\"}},\"properties\":{}"),
         "\"event_name\":\"Viewed a page\"", true);
    importing_close(&im);
}

static void segment_events(void **state)
{
    (void)state;
    open_settings(
        "segment",
        "{\"settings\":{\"pixelId\":\"1\"},\"subscriptions\":[{\"name\":\"A\",\"enabled\":"
        "true,\"subscribe\":\"event = \\\"X\\\"\",\"partnerAction\":\"custom\","
        "\"mapping\":{\"event_name\":\"Lead\",\"event_time\":{\"@path\":\"$.timestamp\"},"
        "\"action_source\":\"website\",\"user_data\":{\"externalId\":{\"@path\":"
        "\"$.userId\"}},\"custom_data\":{\"@merge\":{\"direction\":\"left\",\"objects\":"
        "[{\"k\":\"fixed\",\"j\":\"j\"},{\"@path\":\"$.properties\"}]}}}}]}");
    says(EVENT("track", "\"event\":\"X\",\"properties\":{\"k\":\"own\",\"deep\":{\"a\":1}}"),
         "\"k\":\"fixed\"", true);
    says(EVENT("track", "\"event\":\"X\",\"properties\":{\"k\":\"own\",\"deep\":{\"a\":1}}"),
         "\"deep.a\":1", true);
    assert_int_equal(mapped(EVENT("track", "\"event\":\"Y\",\"properties\":{}")).n, 0);
    importing_close(&im);
}

static void amplitude_events(void **state)
{
    (void)state;
    open_settings("amplitude",
                  "{\"pixelId\":\"1\",\"events\":[\"Order Completed\"],\"filters\":[{\"property\":"
                  "\"plan\",\"operator\":\"is\",\"values\":[\"pro\",\"team\"]}],"
                  "\"eventProperties\":[\"plan\"],\"mappings\":{\"Email\":\"ep:mail\"}}");
    assert_non_null(im.world.plan);
    importing_close(&im);
    open_settings("amplitude", "{\"pixelId\":\"1\",\"filters\":[{\"property\":\"a b\",\"operator\":"
                               "\"contains\",\"values\":[\"x\"]},{\"property\":\"n\",\"operator\":"
                               "\"greater or equal\",\"values\":[3]},{\"property\":\"user_id\","
                               "\"operator\":\"is not\",\"values\":\"u\"}]}");
    assert_true(importing_has(&im, "filter: contains(properties.\"a b\", \"x\") and properties.n "
                                   ">= 3 and userId != \"u\""));
    importing_close(&im);
}

/* --- settings that are wrong -------------------------------------------------------------------- */

static void refuses(const char *vendor, const char *settings, const char *words)
{
    bool ok = importing_open(&im, str_z(vendor), str_z(settings));
    if (ok) fail_msg("taken: %s", settings);
    check_err(im.err, words);
    assert_int_equal(im.result.yaml.n, 0);
    importing_close(&im);
}

static void wrong_settings(void **state)
{
    (void)state;
    refuses("segmnt", "{}", "did you mean \"segment\"");
    refuses("segment", "", "empty");
    refuses("segment", "{", "invalid JSON");
    refuses("segment", "[]", "an object");
    refuses("segment", "{}", "neither settings nor subscriptions");
    refuses("segment", "{\"settings\":5}", "settings:");
    refuses("segment", "{\"subscriptions\":{}}", "subscriptions:");
    refuses("segment", "{\"subscriptions\":[{},5]}", "subscriptions[0].subscribe");
    refuses("segment", "{\"subscriptions\":[5]}", "subscriptions[0]");
    refuses("customerio", "{\"subscriptions\":[{\"subscribe\":\"x\"}]}", "[0].partnerAction");
    refuses(
        "segment",
        "{\"subscriptions\":[{\"subscribe\":\"x\",\"partnerAction\":\"search\",\"mapping\":[]}]}",
        "subscriptions[0].mapping");
    refuses("rudderstack", "{\"eventsToEvents\":5}", "eventsToEvents:");
    refuses("rudderstack", "{\"blacklistPiiProperties\":\"iban\"}", "blacklistPiiProperties:");
    refuses("amplitude", "{\"events\":5}", "events:");
    refuses("amplitude", "{\"filters\":5}", "filters:");
    refuses("amplitude", "{\"mappings\":[]}", "mappings:");
    refuses("amplitude", "{\"eventProperties\":{}}", "eventProperties:");
}

static void too_deep_and_too_large(void **state)
{
    struct buf text = {0};
    (void)state;
    buf_put(&text, S("{\"a\":"));
    for (int i = 0; i < 200; i++) buf_putc(&text, '[');
    for (int i = 0; i < 200; i++) buf_putc(&text, ']');
    buf_putc(&text, '}');
    buf_putc(&text, '\0');
    refuses("rudderstack", text.p, "nested deeper");
    buf_clear(&text);
    buf_put(&text, S("{\"a\":\""));
    for (size_t i = 0; i < LIMIT_IMPORT_BYTES; i += 16) buf_put(&text, S("0123456789abcdef"));
    buf_put(&text, S("\"}"));
    buf_putc(&text, '\0');
    refuses("rudderstack", text.p, "larger than");
    buf_fini(&text);
}

/* Objects in objects, merges in merges and directives in directives up to the JSON's own limit. */
static void deep_mappings(void **state)
{
    static const char *const parts[][2] = {
        {"{\"a\":", "}"},
        {"{\"@literal\":", "}"},
        {"{\"@merge\":{\"objects\":[{\"a\":", "}]}}"},
        {"{\"@case\":{\"operator\":\"upper\",\"value\":", "}}"},
        {"{\"@if\":{\"exists\":", ",\"then\":1}}"},
        {"[1,", "]"},
        {"{\"@transform\":{\"apply\":{\"b\":1},\"mapping\":{\"a\":", "}}}"},
        {"{\"@json\":{\"mode\":\"encode\",\"value\":", "}}"},
        {"{\"a\":[{\"b\":", "}]}"}};
    (void)state;
    for (size_t i = 0; i < countof(parts); i++) {
        for (int depth = 1; depth < 28; depth += 2) {
            struct buf text = {0};
            buf_put(&text, S("{\"subscriptions\":[{\"subscribe\":\"type = \\\"x\\\"\","
                             "\"partnerAction\":\"custom\",\"mapping\":{\"custom_data\":{\"k\":"));
            for (int j = 0; j < depth; j++) buf_put(&text, str_z(parts[i][0]));
            buf_put(&text, S("{\"@path\":\"$.properties.x\"}"));
            for (int j = 0; j < depth; j++) buf_put(&text, str_z(parts[i][1]));
            buf_put(&text, S("}}}]}"));
            if (!importing_open(&im, S("segment"), buf_str(&text))) check_err(im.err, "nested");
            importing_close(&im);
            buf_fini(&text);
        }
    }
}

/* Every value of real settings replaced by every kind of JSON: an error or a configuration, always. */
static void other_kinds_everywhere(void **state)
{
    static const char *const kinds[] = {"null", "5",  "true",  "\"\"",         "\"x\"",
                                        "[]",   "{}", "[[1]]", "{\"@path\":5}"};
    struct buf settings = {0};
    struct err err;
    (void)state;
    assert_true(file_read_all(CASES "odd.customerio.json", 1 << 20, &settings, &err));
    struct str text = buf_str(&settings);
    for (size_t at = 0; (at = str_find_char(text, ':', at)) != SIZE_MAX; at++) {
        size_t value = json_skip_space(text, at + 1);
        if (at == 0 || text.p[at - 1] != '"') continue; /* a colon inside a text */
        size_t end = json_skip(text, value);
        for (size_t k = 0; k < countof(kinds); k++) {
            struct buf changed = {0};
            buf_put(&changed, str_head(text, value));
            buf_put(&changed, str_z(kinds[k]));
            buf_put(&changed, str_from(text, end));
            if (!importing_open(&im, S("customerio"), buf_str(&changed)))
                assert_true(im.err.text[0]);
            importing_close(&im);
            buf_fini(&changed);
        }
    }
    buf_fini(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_give_their_configurations),
        cmocka_unit_test(rudderstack_events),
        cmocka_unit_test(segment_events),
        cmocka_unit_test(amplitude_events),
        cmocka_unit_test(wrong_settings),
        cmocka_unit_test(too_deep_and_too_large),
        cmocka_unit_test(deep_mappings),
        cmocka_unit_test(other_kinds_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
