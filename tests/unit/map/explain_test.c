/* SPDX-License-Identifier: Apache-2.0 */
/* The story of an event: it says what was decided and why, and hides who it is about. */
#include "support/mapping.h"

#include "core/limits.h"
#include "map/explain.h"

static struct mapping_world w;

#define ORDER(more)                                                                                \
    "{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"user-42\",\"messageId\":"      \
    "\"m-1\",\"timestamp\":\"2026-01-15T11:00:00Z\",\"context\":{\"ip\":\"203.0.113.7\","          \
    "\"traits\":{\"email\":\"Jane.Doe@Example.com\"},\"page\":{\"url\":"                           \
    "\"https://shop.example/?email=jane@shop.example\"}},\"properties\":{" more "}}"

/* The story of one event; the caller frees. */
static struct buf story_of(const char *body, const char *json, bool reveal)
{
    struct buf story = {0};
    struct explain *x = explain_new(reveal);
    struct event e = {.source = S("web"), .message_id = S("m-1"), .json = str_z(json)};
    mapping_open(&w, str_z(body));
    assert_non_null(w.plan);
    mapping_run(&w, &e, mapping_time(S(MAPPING_NOW)), x);
    explain_print(x, &w.result, buf_str(&w.out), &story);
    explain_free(x);
    mapping_close(&w);
    return story;
}

static void says(const struct buf *story, const char *words)
{
    if (str_find(buf_str(story), str_z(words), 0) == SIZE_MAX) {
        fail_msg("does not say \"%s\":\n%.*s", words, STR_ARG(buf_str(story)));
    }
}

static void says_not(const struct buf *story, const char *words)
{
    if (str_find(buf_str(story), str_z(words), 0) != SIZE_MAX) {
        fail_msg("says \"%s\":\n%.*s", words, STR_ARG(buf_str(story)));
    }
}

static void a_sent_event(void **state)
{
    (void)state;
    struct buf s = story_of("", ORDER("\"revenue\":\"9.999\",\"k\":1"), false);
    says(&s, "track \"Order Completed\" (m-1) from web to shop\n");
    says(&s, "- action \"Purchase\" matches   (presets/standard.yaml:");
    says(&s, "  custom_data.value = 10   (presets/standard.yaml:");
    says(&s, "      properties.revenue is \"9.999\"\n      | money: \"9.999\" \xE2\x86\x92 10\n");
    says(&s, "      | required: unchanged\n");
    says(&s, "  properties.k = 1\n");
    says(&s, "nothing for: ");
    says(&s, "user_data.ph");
    says(&s, "Verdict: send 1 Meta event\n");
    says(&s, "For pixel 1001:\n{\n  \"event_name\": \"Purchase\",\n");
    buf_fini(&s);
}

static void personal_data_is_masked(void **state)
{
    (void)state;
    struct buf s = story_of("", ORDER("\"revenue\":1"), false);
    says(&s, "context.traits.email is \"J***@E***.com\"");
    says(&s, "user_data.external_id = \"");
    says_not(&s, "Jane.Doe");
    says_not(&s, "user-42");
    says_not(&s, "jane@shop");
    says_not(&s, "203.0.113.7");
    buf_fini(&s);
    s = story_of("", ORDER("\"revenue\":1"), true);
    says(&s, "Jane.Doe@Example.com");
    says(&s, "203.0.113.7");
    buf_fini(&s);
}

/* What was taken out and what was held back is told, but not shown. */
static void privacy(void **state)
{
    (void)state;
    struct buf s = story_of("", ORDER("\"revenue\":1,\"note\":\"call +49 151 12345678\""), false);
    says(&s, "  properties.note = \"call [redacted]\"\n      redacted: a phone number\n");
    says(&s, "redacted: personal query keys were taken out");
    says_not(&s, "12345678");
    buf_fini(&s);
    s = story_of("pii: { values: drop }", ORDER("\"revenue\":1,\"note\":\"j@x.example\""), false);
    says(&s, "  properties.note is left out\n      redacted: an e-mail address\n");
    buf_fini(&s);
    s = story_of("pii: { only: [external_id, value, currency, plan] }",
                 ORDER("\"revenue\":1,\"plan\":1,\"a\":{\"b\":2},\"order_id\":\"o\""), false);
    says(&s, "withheld by pii.only: ");
    says(&s, "user_data.em, ");
    says(&s, "custom_data.order_id, ");
    says(&s, "properties.a.b");
    says(&s, "properties.plan = 1\n");
    says_not(&s, "\"em\"");
    says_not(&s, "properties.a.b =");
    buf_fini(&s);
}

/* The parts of an object are told with their names. */
static void members(void **state)
{
    (void)state;
    struct buf s = story_of("custom_data: { mine: { a: properties.k | text, b: properties.none } }",
                            ORDER("\"revenue\":1,\"k\":5"), false);
    says(&s, "  custom_data.mine = {\"a\":\"5\"}   (shop.yaml:");
    says(&s, "      a: properties.k is 5\n      a: | text: 5 \xE2\x86\x92 \"5\"\n");
    says_not(&s, "mine.b");
    buf_fini(&s);
}

static void verdicts(void **state)
{
    (void)state;
    struct buf s = story_of("", ORDER("\"k\":1"), false);
    says(&s, "Verdict: dead (missing_field) at custom_data.value\n  custom_data.value: required");
    says_not(&s, "For pixel");
    buf_fini(&s);
    s = story_of("filter: properties.k = 2", ORDER("\"k\":1"), false);
    says(&s, "- the filter is false   (shop.yaml:8)\n");
    says(&s, "Verdict: filtered (filter) at shop.yaml:8\n");
    buf_fini(&s);
    s = story_of("", "[1]", false);
    says(&s, "Verdict: dead (bad_event)");
    buf_fini(&s);
    s = story_of("events: { Order Completed: drop }", ORDER("\"k\":1"), false);
    says(&s, "its row of `events` says drop");
    buf_fini(&s);
}

static void a_refused_value_is_told(void **state)
{
    (void)state;
    struct buf s = story_of("custom_data: { delivery_category: properties.d }",
                            ORDER("\"revenue\":1,\"d\":\"drone\""), false);
    says(&s, "  custom_data.delivery_category is left out   (shop.yaml:8)\n"
             "      properties.d is \"drone\"\n");
    buf_fini(&s);
}

/* What the event died of is the last thing told of it, with where the value came from. */
static void the_value_that_failed_is_told(void **state)
{
    (void)state;
    struct buf s = story_of("", ORDER("\"revenue\":\"a lot\""), false);
    says(&s, "  custom_data.value fails   (presets/standard.yaml:");
    says(&s,
         "      properties.revenue is \"a lot\"\n      | money: \"a lot\" \xE2\x86\x92 nothing\n");
    says(&s, "\n\nVerdict: dead (invalid_value) at custom_data.value\n");
    buf_fini(&s);
    s = story_of("user_data: { em: traits.email | required, ph: properties.iban | required }",
                 ORDER("\"revenue\":1"), false);
    says(&s, "  user_data.em fails   (shop.yaml:");
    buf_fini(&s);
}

static void a_huge_event_has_a_bounded_story(void **state)
{
    (void)state;
    struct buf more = {0};
    buf_put(&more, S("\"revenue\":1"));
    for (int i = 0; i < 20000; i++) buf_printf(&more, ",\"property_number_%d\":\"v\"", i);
    struct buf json = {0};
    buf_printf(&json,
               "{\"type\":\"track\",\"event\":\"X\",\"userId\":\"u\",\"timestamp\":"
               "\"2026-01-15T11:00:00Z\",\"properties\":{%.*s}}",
               STR_ARG(buf_str(&more)));
    buf_putc(&json, '\0');
    struct buf s = story_of("custom_data:\n  a: { each: properties.none, v: .x }\n", json.p, false);
    assert_true(s.n < 2 * LIMIT_EXPLAIN_BYTES);
    buf_fini(&s);
    buf_fini(&json);
    buf_fini(&more);
}

/* The recorder changes nothing: same verdict, same bytes; and it can be used again. */
static void telling_changes_nothing(void **state)
{
    (void)state;
    struct explain *x = explain_new(false);
    struct buf first = {0}, plain = {0};
    struct event e = {.json = S(ORDER("\"revenue\":1,\"products\":[{\"id\":1},{\"id\":2}]"))};
    mapping_open(&w, S(""));
    for (int i = 0; i < 3; i++) {
        mapping_run(&w, &e, mapping_time(S(MAPPING_NOW)), NULL);
        buf_clear(&plain);
        buf_put(&plain, buf_str(&w.out));
        mapping_run(&w, &e, mapping_time(S(MAPPING_NOW)), x);
        assert_true(str_eq(buf_str(&plain), buf_str(&w.out)));
        struct buf story = {0};
        explain_print(x, &w.result, buf_str(&w.out), &story);
        if (!i) buf_put(&first, buf_str(&story));
        assert_true(str_eq(buf_str(&first), buf_str(&story)));
        buf_fini(&story);
    }
    buf_fini(&first);
    buf_fini(&plain);
    explain_free(x);
    mapping_close(&w);
}

/* What each runs over and that is not there leaves nothing behind, wherever it stands and whoever listens. */
static void nothing_is_nothing_to_all(void **state)
{
    struct event e = {.json = S(ORDER("\"a\":1,\"revenue\":1"))};
    struct explain *x = explain_new(false);
    struct buf plain = {0};
    (void)state;
    mapping_open(&w, S("properties: none\ncustom_data:\n"
                       "  k: { each: properties.none, value: .id }\n"
                       "  l: { each: properties.none | unique, value: .id }\n"
                       "  o: { z: properties.a, k: { each: properties.none, value: .id },\n"
                       "    l: { each: properties.none | unique, value: .id } }\n"
                       "  p: { l: { each: properties.none | unique, value: .id } }\n"));
    assert_non_null(w.plan);
    mapping_run(&w, &e, mapping_time(S(MAPPING_NOW)), NULL);
    buf_put(&plain, buf_str(&w.out));
    mapping_run(&w, &e, mapping_time(S(MAPPING_NOW)), x);
    assert_true(str_eq(buf_str(&w.out), buf_str(&plain)));
    says(&plain, "\"o\":{\"z\":1}");
    says_not(&plain, "[]");
    buf_fini(&plain);
    explain_free(x);
    mapping_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sent_event),
        cmocka_unit_test(personal_data_is_masked),
        cmocka_unit_test(verdicts),
        cmocka_unit_test(privacy),
        cmocka_unit_test(members),
        cmocka_unit_test(a_refused_value_is_told),
        cmocka_unit_test(the_value_that_failed_is_told),
        cmocka_unit_test(a_huge_event_has_a_bounded_story),
        cmocka_unit_test(telling_changes_nothing),
        cmocka_unit_test(nothing_is_nothing_to_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
