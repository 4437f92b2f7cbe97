/* SPDX-License-Identifier: Apache-2.0 */
/* map/members.c: one pass over an item finds what a walk for each name finds. */
#include "map/members.h"

#include "map/paths.h"

#include "support/check.h"

/* Some of one mark (same length and first letter), and one that is not in any item. */
static const struct str names[] = {S_INIT("id"),  S_INIT("ix"),    S_INIT("price"), S_INIT("prize"),
                                   S_INIT("sku"), S_INIT("a key"), S_INIT("0"),     S_INIT("none")};

static void same_as_a_walk(void **state)
{
    static const char *const items[] = {
        "{\"id\":\"p1\",\"ix\":2,\"price\":9.50,\"prize\":null,\"a key\":[1],\"0\":{\"id\":3}}",
        "{\"id\":1,\"sku\":\"s\",\"id\":2,\"sku\":null}", /* the last one counts */
        "{\"\":1,\"ID\":2,\"idx\":3}",
        "{}",
        "[\"zero\",\"one\"]",
        "[]",
        "\"p-1\"",
        "5",
        "true",
        "null",
    };
    struct members m = {0};
    struct arena arena = {0};
    struct err err;
    (void)state;
    for (size_t i = 0; i < countof(names); i++) assert_int_equal(members_add(&m, names[i]), i);
    for (size_t i = 0; i < countof(names); i++) assert_int_equal(members_add(&m, names[i]), i);
    for (size_t k = 0; k < countof(items); k++) {
        struct value values[MEMBERS_MAX];
        struct value item = value_of(json_read(&arena, str_z(items[k]), &err));
        memset(values, 0xFF, sizeof values); /* from the item before */
        members_fill(&m, &item, values);
        for (size_t i = 0; i < countof(names); i++) {
            const struct path_step step = {names[i], 0};
            struct value want = paths_walk(item, &step, 1);
            struct buf a = {0}, b = {0};
            assert_int_equal(values[i].kind, want.kind);
            value_put_json(&a, &values[i]);
            value_put_json(&b, &want);
            assert_true(str_eq(buf_str(&a), buf_str(&b)));
            buf_fini(&a);
            buf_fini(&b);
        }
    }
    arena_fini(&arena);
}

static void a_list_that_was_made(void **state)
{
    struct members m = {0};
    const struct value items[] = {value_bool(true), value_text(S("x"))};
    struct value list = {.kind = VALUE_LIST, .items = items, .count = 2}, values[MEMBERS_MAX];
    (void)state;
    assert_int_equal(members_add(&m, S("1")), 0);
    assert_int_equal(members_add(&m, S("id")), 1);
    members_fill(&m, &list, values);
    assert_true(str_eq(values[0].text, S("x")));
    assert_int_equal(values[1].kind, VALUE_MISSING);
}

/* More are read one by one; an empty name has no place. */
static void bounded(void **state)
{
    static char text[MEMBERS_MAX][4];
    struct members m = {0};
    (void)state;
    assert_int_equal(members_add(&m, S("")), NO_MEMBER);
    for (unsigned i = 0; i < MEMBERS_MAX; i++) {
        (void)snprintf(text[i], sizeof text[i], "n%02u", i);
        assert_int_equal(members_add(&m, str_z(text[i])), i);
    }
    assert_int_equal(members_add(&m, S("more")), NO_MEMBER);
    assert_int_equal(members_add(&m, S("n07")), 7);
    assert_int_equal(m.count, MEMBERS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_a_walk),
        cmocka_unit_test(a_list_that_was_made),
        cmocka_unit_test(bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
