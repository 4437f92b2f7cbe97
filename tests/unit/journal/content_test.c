/* SPDX-License-Identifier: Apache-2.0 */
/* journal/content.c: what of an event is its content, and that its two forms agree. */
#include "journal/content.h"

#include "base/mem.h"
#include "sys/file.h"

#include "support/check.h"

static struct arena arena;

static struct event event_of(struct str json, unsigned flags, bool sent)
{
    return (struct event){.json = json, .flags = flags, .sent_ms = sent};
}

/* The sum of JSON, for an event that says when it was sent. */
static uint32_t sum_of(unsigned flags, struct str json)
{
    struct event e = event_of(json, flags, true);
    return content_sum(&e);
}

static void what_sdks_stamp_is_no_content(void **state)
{
    (void)state;
    uint32_t plain = sum_of(0, S("{\"a\":1,\"sentAt\":\"2026-01-01\",\"b\":2}"));
    assert_int_equal(plain, sum_of(0, S("{\"a\":1,\"sentAt\": \"2027\",\"b\":2}")));
    assert_int_not_equal(plain, sum_of(0, S("{\"a\":1,\"sentAt\":\"2026-01-01\",\"b\":3}")));
    assert_int_not_equal(plain, sum_of(0, S("{\"a\":2,\"sentAt\":\"2026-01-01\",\"b\":2}")));
    struct str first = S("{\"a\":1,\"sentAt\":\"x\",\"_metadata\":{\"bundled\":[]},\"k\":1}");
    struct str again = S("{\"a\":1,\"sentAt\":\"y\",\"_metadata\":{\"retryCount\":2},\"k\":1}");
    struct str other = S("{\"a\":1,\"sentAt\":\"y\",\"_metadata\":{\"retryCount\":2},\"k\":2}");
    assert_int_equal(sum_of(EVENT_FROM_BROWSER, first), sum_of(EVENT_FROM_BROWSER, again));
    assert_int_not_equal(sum_of(EVENT_FROM_BROWSER, first), sum_of(EVENT_FROM_BROWSER, other));
    assert_int_not_equal(sum_of(0, first), sum_of(0, again));
    (void)sum_of(EVENT_FROM_BROWSER, S("{\"_metadata\":")); /* cut short: just no crash */
    (void)sum_of(EVENT_FROM_BROWSER, S("{\"sentAt\":\""));
    struct event stamped = event_of(S("{\"sentAt\":1}"), 0, false);
    struct event later = event_of(S("{\"sentAt\":2}"), 0, false);
    assert_int_not_equal(content_sum(&stamped), content_sum(&later));
}

static void what_customers_call_so_is_content(void **state)
{
    static const char *const pairs[][2] = {
        {"{\"properties\":{\"sentAt\":1}}", "{\"properties\":{\"sentAt\":2}}"},
        {"{\"a\":[{\"_metadata\":1}]}", "{\"a\":[{\"_metadata\":2}]}"},
        {"{\"a\":\"\\\"sentAt\\\":1\"}", "{\"a\":\"\\\"sentAt\\\":2\"}"},
        {"[{\"sentAt\":1}]", "[{\"sentAt\":2}]"},
        {"{\"sentAt\":1,\"sentAt2\":1}", "{\"sentAt\":1,\"sentAt2\":2}"},
    };
    (void)state;
    for (size_t i = 0; i < countof(pairs); i++)
        assert_int_not_equal(sum_of(EVENT_FROM_BROWSER, str_z(pairs[i][0])),
                             sum_of(EVENT_FROM_BROWSER, str_z(pairs[i][1])));
}

static void the_sum_on_disk_stays_the_same(void **state)
{
    (void)state;
    struct str json = S("{\"a\":1,\"sentAt\": \"x\",\"_metadata\":{\"b\":[]},\"k\":{\"c\":1}}");
    assert_int_equal(sum_of(EVENT_FROM_BROWSER, json), 0x7e1769);
    assert_int_equal(sum_of(0, json), 0xd8576a);
}

/* Any text may be asked for, and none makes it read beyond the end or stay for ever. */
static void texts_that_are_no_objects_are_summed_whole(void **state)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "{",
                                        "{\"",
                                        "{\"sentAt",
                                        "{\"sentAt\"",
                                        "{\"sentAt\":",
                                        "{\"sentAt\":1",
                                        "{,,,",
                                        "{:",
                                        "{\"a\":1,",
                                        "{\"a\":}",
                                        "{]",
                                        "{{\"sentAt\":1}",
                                        "{\"a\" 1}",
                                        "{1:2,\"sentAt\":3"};
    (void)state;
    for (size_t i = 0; i < countof(texts); i++) {
        size_t n = strlen(texts[i]);
        char *own = mem_new(n + 1);
        memcpy(own, texts[i], n);
        uint32_t sum = sum_of(EVENT_FROM_BROWSER, str_of(own, n));
        assert_int_equal(sum >> CONTENT_BITS, 0);
        assert_int_equal(sum, sum_of(EVENT_FROM_BROWSER, str_of(own, n)));
        mem_free(own);
    }
}

static void check_sums(const struct outline *o, const struct outline_node *where)
{
    for (unsigned i = 0; i < 4; i++) {
        struct event e = event_of(outline_text(o, where), i & 1 ? EVENT_FROM_BROWSER : 0, i & 2);
        assert_int_equal(content_sum_outlined(&e, o, where), content_sum(&e));
    }
}

/* All objects of a text. */
static void check_text(struct str text)
{
    struct outline o;
    assert_true(outline_read(&arena, text, &o));
    for (uint32_t i = 0; i < o.nodes->nodes; i++) {
        if (o.nodes[i].kind == OUTLINE_OBJECT) check_sums(&o, &o.nodes[i]);
    }
    arena_reset(&arena);
}

static void both_forms_agree_by_hand(void **state)
{
    static const char *const texts[] = {
        "{}",
        "{\"sentAt\":1}",
        "{\"sentAt\":\"\"}",
        "{\"a\":\"_metada\"}",
        "{\"a\":\"sentAt\"}",
        "{\"_metadata\":1}",
        "{\"a\":1}",
        "{\"sentAt\" :1,\"_metadata\" : {}}",
        "{\"sentAt\": \"a\" ,\"sentAt\":{\"sentAt\":[1,{\"x\":2}]},\"y\":\"sentAt\"}",
        "{\"x\":[\"sentAt\",\"_metadata\"],\"y\":\"\\\"sentAt\\\":1\",\"_metadata\":\"sentAt\"}",
        "{\"_metadata\":{\"sentAt\":1},\"_metadata\":{\"sentAt\":2},\"sentAt\":null}",
        "{\"context\":{\"sentAt\":true,\"_metadata\":[]},\"sentAt\":\"2026\",\"tail\":{\"sentAt\":-"
        "1}}",
        "{\"sentAt\":\"a\\\"b\\u00e9\",\"writeKey\":\"k\"}",
        "[{\"sentAt\":1},{\"sentAt\":2,\"_metadata\":3}]",
    };
    (void)state;
    for (size_t i = 0; i < countof(texts); i++) {
        size_t n = strlen(texts[i]);
        char *own = mem_new(n); /* ends where the text ends: reading beyond it is found */
        memcpy(own, texts[i], n);
        check_text(str_of(own, n));
        mem_free(own);
    }
}

static void both_forms_agree_on_what_sdks_send(void **state)
{
    struct buf text = {0};
    struct err err;
    struct str line, rest;
    (void)state;
    assert_true(file_read_all("tests/cases/ingest/captured.ndjson", (size_t)64 << 20, &text, &err));
    for (rest = buf_str(&text); rest.n;) {
        (void)str_cut(rest, '\n', &line, &rest);
        if (line.n && line.p[0] != '#') check_text(line);
    }
    buf_fini(&text);
}

static int teardown(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_sdks_stamp_is_no_content),
        cmocka_unit_test(what_customers_call_so_is_content),
        cmocka_unit_test(the_sum_on_disk_stays_the_same),
        cmocka_unit_test(texts_that_are_no_objects_are_summed_whole),
        cmocka_unit_test_teardown(both_forms_agree_by_hand, teardown),
        cmocka_unit_test_teardown(both_forms_agree_on_what_sdks_send, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
