/* SPDX-License-Identifier: Apache-2.0 */
/* journal/front.c: no id that is there is ever missed, and hardly one that is not is looked for. */
#include "journal/front.h"

#include "support/check.h"

enum { LINES = 64, IDS = 2 * LINES };

static uint64_t tag_of(uint64_t i)
{
    uint64_t x = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 32;
}

static bool has(struct front *front, uint64_t tag)
{
    struct id_entry *e = front_find(front, LINES, tag);
    return e && atomic_load(&e->tag) == tag;
}

static void what_was_put_is_found(void **state)
{
    struct front front[LINES] = {0};
    (void)state;
    for (uint64_t i = 0; i < IDS; i++) {
        assert_false(has(front, tag_of(i)));
        id_set(front_find(front, LINES, tag_of(i)), tag_of(i), i);
    }
    for (uint64_t i = 0; i < IDS; i++) {
        struct id_entry *e = front_find(front, LINES, tag_of(i));
        assert_int_equal(atomic_load(&e->tag), tag_of(i));
        assert_int_equal(atomic_load(&e->place), i);
    }
    for (uint64_t i = IDS; i < 10 * IDS; i++) assert_false(has(front, tag_of(i)));
}

static void a_full_front_has_no_room(void **state)
{
    struct front front[LINES] = {0};
    const uint64_t last_home = UINT64_C(0xffffffff)
                               << 32; /* what does not fit begins at the first line */
    (void)state;
    for (uint64_t i = 0; i < LINES * FRONT_ENTRIES; i++) {
        struct id_entry *e = front_find(front, LINES, last_home | (i + 1));
        assert_non_null(e);
        id_set(e, last_home | (i + 1), i);
    }
    assert_int_equal(atomic_load(&front[0].entries[0].place), FRONT_ENTRIES);
    assert_true(has(front, last_home | LINES));
    assert_null(front_find(front, LINES, 1));
}

/* Puts the ids into their lines, as far as they have room; true: it has. */
static bool keep(struct id_line *piece, uint64_t tag)
{
    struct id_line *line = &piece[front_line(LINES, tag)];
    for (size_t i = 0; i < ID_LINE_ENTRIES; i++) {
        if (atomic_load(&line->entries[i].tag)) continue;
        id_set(&line->entries[i], tag, 0);
        return true;
    }
    return false;
}

static void marks_miss_nothing(void **state)
{
    struct front front[LINES] = {0};
    struct id_line piece[LINES * FRONT_SHARE] = {0};
    uint64_t kept[FRONT_SHARE * LINES * ID_LINE_ENTRIES];
    size_t count = 0, others = 0;
    (void)state;
    for (uint64_t i = 0; i < IDS; i++) id_set(front_find(front, LINES, tag_of(i)), tag_of(i), i);
    for (uint64_t i = 0; i < 6 * IDS; i++) {
        assert_false(front_may_stay(front, LINES, tag_of(i) | 1));
        if (keep(piece, tag_of(i))) kept[count++] = tag_of(i);
    }
    front_empty(front, LINES, piece);
    for (size_t i = 0; i < count; i++) assert_true(front_may_stay(front, LINES, kept[i]));
    for (uint64_t i = 0; i < IDS; i++) assert_false(has(front, tag_of(i)));
    for (uint64_t i = 1000000; i < 1100000; i++) others += front_may_stay(front, LINES, tag_of(i));
    assert_in_range(others, 1, 3000); /* of 100,000 */
    front_empty(front, LINES, NULL);  /* the piece is as it was */
    for (size_t i = 0; i < count; i++) assert_true(front_may_stay(front, LINES, kept[i]));
    front_empty(front, LINES, (struct id_line[LINES * FRONT_SHARE]){0});
    for (size_t i = 0; i < count; i++) assert_false(front_may_stay(front, LINES, kept[i] | 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_found),
        cmocka_unit_test(a_full_front_has_no_room),
        cmocka_unit_test(marks_miss_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
