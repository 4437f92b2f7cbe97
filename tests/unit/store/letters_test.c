/* SPDX-License-Identifier: Apache-2.0 */
/* store/letters.c, and the selections of dead.c that look inside: groups, bounds, mended letters. */
#include "support/store.h"

#include "core/limits.h"

static void die(struct str destination, uint64_t seq, enum reason reason, int code, int64_t died_ms,
                struct str source, size_t pad)
{
    store_die(
        destination, reason,
        (struct dead_letter){
            .seq = seq, .died_ms = died_ms, .code = code, .record = store_record(source, pad)});
}

static size_t count_of(struct letter_selection which)
{
    struct dead_letter *letters;
    size_t count;
    uint64_t next;
    which.limit = 100000;
    assert_true(store_letters_list(s, &which, &arena, &letters, &count, &next, &err));
    return count;
}

static void letters_are_grouped(void **state)
{
    (void)state;
    struct letter_group *groups;
    size_t count;
    uint64_t next;
    die(S("a"), 1, REASON_REFUSED, 100, 1000, S("shop"), 10);
    die(S("a"), 2, REASON_REFUSED, 100, 500, S("shop"), 10);
    die(S("a"), 3, REASON_REFUSED, 2804, 2000, S("shop"), 10);
    die(S("a"), 4, REASON_EXPIRED, 0, 3000, S("app"), 10);
    die(S("b"), 5, REASON_EXPIRED, 0, 3000, S("app"), 10);
    assert_true(store_letters_groups(s, &(struct letter_selection){.destination = S("a")}, &arena,
                                     &groups, &count, &next, &err));
    assert_int_equal(count, 3);
    assert_int_equal(next, 0);
    assert_int_equal(groups[0].reason, REASON_REFUSED);
    assert_int_equal(groups[0].code, 100);
    assert_int_equal(groups[0].count, 2);
    assert_int_equal(groups[0].first_ms, 500);
    assert_int_equal(groups[0].last_ms, 1000);
    assert_int_equal(groups[0].sample, 2);
    assert_int_equal(groups[2].reason, REASON_EXPIRED);
    assert_true(store_letters_groups(s, &(struct letter_selection){.destination = S("none")},
                                     &arena, &groups, &count, &next, &err));
    assert_int_equal(count, 0);
}

static void more_kinds_than_groups(void **state)
{
    (void)state;
    struct letter_group *groups;
    size_t count, sum = 0;
    uint64_t next;
    for (int i = 0; i < LIMIT_LETTER_GROUPS + 10; i++)
        die(S("a"), (uint64_t)i, REASON_REFUSED, 1 + i, 1, S("s"), 1);
    assert_true(store_letters_groups(s, &(struct letter_selection){.destination = S("a")}, &arena,
                                     &groups, &count, &next, &err));
    assert_int_equal(count, LIMIT_LETTER_GROUPS);
    for (size_t i = 0; i < count; i++) sum += groups[i].count;
    assert_int_equal(sum, LIMIT_LETTER_GROUPS + 10);
}

static void selections_look_inside(void **state)
{
    (void)state;
    struct letter_selection any = {.destination = S("a"), .reason = REASON_COUNT}, which;
    uint64_t moved;
    die(S("a"), 1, REASON_REFUSED, 100, 1000, S("shop"), 10);
    die(S("a"), 2, REASON_REFUSED, 2804, 2000, S("shop"), 10);
    die(S("a"), 3, REASON_EXPIRED, 0, 3000, S("app"), 10);
    assert_int_equal(count_of(any), 3);
    which = any, which.code = 100;
    assert_int_equal(count_of(which), 1);
    which = any, which.source = S("shop");
    assert_int_equal(count_of(which), 2);
    which = any, which.since_ms = 2000;
    assert_int_equal(count_of(which), 2);
    which.until_ms = 3000;
    assert_int_equal(count_of(which), 1);
    which.source = S("app");
    assert_int_equal(count_of(which), 0);
    which = any, which.source = S("shop"), which.code = 2804;
    assert_true(store_letters_retry(s, &which, &moved, &err));
    assert_int_equal(moved, 1);
    assert_int_equal(count_of(any), 2);
}

static void a_mended_letter_is_retried(void **state)
{
    (void)state;
    struct retry_entry *entries;
    size_t count;
    struct letter_selection all = {.destination = S("a"), .reason = REASON_COUNT, .limit = 10};
    die(S("a"), 1, REASON_REFUSED, 100, 1000, S("shop"), 10);
    assert_true(store_letter_retry_as(s, S("a"), 1, S("mended"), &err));
    assert_int_equal(count_of(all), 0);
    assert_true(store_retries_list(s, &all, &arena, &entries, &count, &err));
    assert_int_equal(count, 1);
    assert_true(str_eq(entries[0].record, S("mended")));
    assert_int_equal(entries[0].former, REASON_REFUSED);
    assert_false(store_letter_retry_as(s, S("a"), 1, S("again"), &err));
    assert_int_equal(err.kind, ERR_NONE);
}

static void the_old_ones_go(void **state)
{
    (void)state;
    struct letter_selection a = {.destination = S("a"), .reason = REASON_COUNT};
    struct letter_selection b = {.destination = S("b"), .reason = REASON_COUNT};
    uint64_t dropped;
    for (uint64_t i = 0; i < 20; i++) die(S("a"), i, REASON_REFUSED, 1, (int64_t)i, S("s"), 10);
    die(S("b"), 1, REASON_REFUSED, 1, 5, S("s"), 10);
    assert_true(store_letters_trim(s, 10, UINT64_MAX, &dropped, &err));
    assert_int_equal(dropped, 11);
    assert_int_equal(count_of(a), 10);
    assert_int_equal(count_of(b), 0);
    assert_true(store_letters_trim(s, 10, UINT64_MAX, &dropped, &err));
    assert_int_equal(dropped, 0);
}

static void they_take_no_more_than_they_may(void **state)
{
    (void)state;
    struct letter_selection a = {.destination = S("a"), .reason = REASON_COUNT};
    uint64_t dropped;
    for (uint64_t i = 0; i < 1000; i++) die(S("a"), i, REASON_REFUSED, 1, 1, S("s"), 3000);
    assert_true(store_letters_trim(s, 0, 2 << 20, &dropped, &err));
    assert_true(dropped >= 256 && dropped <= 768);
    size_t left = count_of(a);
    assert_int_equal(left, 1000 - dropped);
    struct dead_letter letter;
    assert_true(store_dead_get(s, S("a"), 999, &arena, &letter, &err)); /* the newest stay */
    assert_false(store_dead_get(s, S("a"), 0, &arena, &letter, &err));
}

/* A store that is full of letters takes no more, keeps what it has, and is usable again once some are gone, by
 * hand or by the bound on their size. */
static void a_full_store_can_be_emptied(void **state)
{
    (void)state;
    enum { SMALL = 4 << 20 };
    struct letter_selection all = {.destination = S("a"), .reason = REASON_COUNT};
    struct settlement one = {.destination = S("a"), .cursor = &(struct cursor){0}, .dead_count = 1};
    struct dead_letter letter = {.record = store_record(S("shop"), 3000)};
    for (int turn = 0; turn < 2; turn++) {
        size_t had = count_of(all), added = 0;
        uint64_t gone;
        outcome_set(&letter.outcome, REASON_REFUSED, NULL, NULL);
        one.dead = &letter;
        store_close(s);
        s = store_open(dir.path, SMALL, &err);
        assert_non_null(s);
        for (; store_settle(s, &one, 1, &err); added++) assert_true(letter.seq++ < 10000);
        assert_int_equal(err.kind, ERR_LIMIT);
        assert_true(added > 200);
        assert_int_equal(count_of(all), had + added);
        if (turn == 0)
            assert_true(store_letters_trim(s, 0, SMALL / 2, &gone, &err));
        else
            assert_true(store_letters_discard(s, &all, &gone, &err));
        assert_true(gone > 100);
        assert_int_equal(count_of(all), had + added - gone);
        assert_true(store_settle(s, &one, 1, &err));
        letter.seq++;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(letters_are_grouped),
        STORE_TEST(more_kinds_than_groups),
        STORE_TEST(selections_look_inside),
        STORE_TEST(a_mended_letter_is_retried),
        STORE_TEST(the_old_ones_go),
        STORE_TEST(they_take_no_more_than_they_may),
        STORE_TEST(a_full_store_can_be_emptied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
