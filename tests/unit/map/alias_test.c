/* SPDX-License-Identifier: Apache-2.0 */
/* map/alias.c: what Segment's names mean in other protocols is in tests/cases/map/aliases.ndjson. Here:
 * the tables are well-formed, and one plan takes events of all protocols in any order. */
#include "support/mapping_case.h"

#include "map/alias.h"
#include "map/alias_table.h"

static void cases(void **state)
{
    (void)state;
    mapping_case_file("tests/cases/map/aliases.ndjson", S(""));
}

/* alias.c relies on these. */
static void tables_are_well_formed(void **state)
{
    (void)state;
    for (size_t p = 0; p < PROTOCOL_COUNT; p++) {
        const struct alias_list *list = &alias_lists[p];
        assert_true(alias_exists((enum protocol)p) == (list->count > 0));
        for (size_t i = 0; i < list->count; i++) {
            const struct alias *row = &list->items[i];
            assert_true(row->path.n && row->place.n);
            assert_false(str_ends(row->path, S("/")) || str_ends(row->place, S("/")));
            for (size_t w = 0; w < row->word_count; w++) assert_true(row->words[w].here.n);
        }
    }
    assert_true(alias_exists(PROTOCOL_AMPLITUDE) && alias_exists(PROTOCOL_PIXEL));
    assert_true(alias_exists(PROTOCOL_META));
    assert_false(alias_exists(PROTOCOL_SEGMENT) || alias_exists(PROTOCOL_CUSTOMERIO));
}

/* The page for people that come from Amplitude has every name and every place. */
static void amplitude_is_documented(void **state)
{
    const struct alias_list *list = &alias_lists[PROTOCOL_AMPLITUDE];
    struct buf page = {0}, name = {0};
    struct err err;
    (void)state;
    assert_true(file_read_all("docs/migrating-amplitude.md", (size_t)1 << 20, &page, &err));
    for (size_t i = 0; i < list->count; i++) {
        buf_clear(&name);
        buf_put(&name, list->items[i].path);
        for (size_t k = 0; k < name.n; k++) {
            if (name.p[k] == '/') name.p[k] = '.';
        }
        struct str place = list->items[i].place;
        for (struct str step; place.n && str_find_char(place, '/', 0) != SIZE_MAX;) {
            (void)str_cut(place, '/', &step, &place);
        }
        assert_true(str_find(buf_str(&page), buf_str(&name), 0) != SIZE_MAX);
        assert_true(str_find(buf_str(&page), place, 0) != SIZE_MAX);
    }
    buf_fini(&page);
    buf_fini(&name);
}

static void one_plan_many_protocols(void **state)
{
    static struct mapping_world w;
    static const struct {
        enum protocol protocol;
        struct str json;
        const char *start;
    } events[] = {
        {PROTOCOL_SEGMENT,
         S_INIT("{\"type\":\"track\",\"event\":\"S\",\"userId\":\"u\",\"event_type\":\"no\","
                "\"timestamp\":\"2026-01-15T11:00:00Z\"}"),
         "{\"event_name\":\"S\""},
        {PROTOCOL_AMPLITUDE,
         S_INIT("{\"event_type\":\"A\",\"user_id\":\"u\",\"time\":1768474800000,\"event\":\"no\"}"),
         "{\"event_name\":\"A\""},
        {PROTOCOL_PIXEL,
         S_INIT("{\"ev\":\"P\",\"fbp\":\"fb.1.1.2\",\"ts\":\"1768474800000\",\"type\":\"page\"}"),
         "{\"event_name\":\"P\""},
    };
    (void)state;
    mapping_open(&w, S(""));
    assert_non_null(w.plan);
    for (size_t i = 0; i < 3 * countof(events); i++) {
        size_t k = i % countof(events);
        struct event e = {.protocol = events[k].protocol, .json = events[k].json};
        mapping_run(&w, &e, mapping_time(S(MAPPING_NOW)), NULL);
        assert_int_equal(w.result.send_count, 1);
        assert_true(str_starts(mapping_json(&w, 0), str_z(events[k].start)));
    }
    mapping_close(&w);
}

/* The compiled paths follow the table as a path would be followed in an event of that shape. */
static void longest_row_wins(void **state)
{
    struct arena arena = {0}, scratch = {0};
    struct paths *paths = paths_new(&arena);
    const struct path_step revenue[] = {{S("properties"), 0}, {S("revenue"), 0}};
    const struct path_step below[] = {{S("properties"), 0}, {S("revenue"), 0}, {S("eur"), 0}};
    struct event event = {.protocol = PROTOCOL_AMPLITUDE};
    struct err err;
    struct value slots[3];
    (void)state;
    size_t all = paths_add(paths, revenue, 1), one = paths_add(paths, revenue, 2);
    size_t deep = paths_add(paths, below, 3);
    struct parsed_event parsed = {
        .event = &event,
        .root = json_read(&scratch, S("{\"event_properties\":{\"$revenue\":{\"eur\":5}}}"), &err)};
    paths_fill(paths, &parsed, &scratch, slots);
    assert_int_equal(slots[all].kind, VALUE_NODE);
    assert_int_equal(slots[one].kind, VALUE_NODE);
    check_str(slots[deep].text, "5");
    parsed.root = json_read(&scratch, S("{\"event_type\":1}"), &err);
    paths_fill(paths, &parsed, &scratch, slots);
    for (size_t i = 0; i < countof(slots); i++) assert_int_equal(slots[i].kind, VALUE_MISSING);
    arena_fini(&arena);
    arena_fini(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases),
        cmocka_unit_test(tables_are_well_formed),
        cmocka_unit_test(amplitude_is_documented),
        cmocka_unit_test(one_plan_many_protocols),
        cmocka_unit_test(longest_row_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
