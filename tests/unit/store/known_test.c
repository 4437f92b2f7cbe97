/* SPDX-License-Identifier: Apache-2.0 */
/* store/known.c: who is known, what numbers are given, and forgetting. */
#include "store/known.c"

#include "support/store.h"

static void settle(struct str destination, const struct cursor *c)
{
    struct settlement one = {.destination = destination, .cursor = c};
    assert_true(store_settle(s, &one, 1, &err));
}

static void notes_and_cursors_are_one_list(void **state)
{
    (void)state;
    struct known *list;
    size_t count;
    assert_true(store_known_list(s, &arena, &list, &count, &err));
    assert_int_equal(count, 0);
    settle(S("begun"), &(struct cursor){.low = 3});
    settle(S("both"), &(struct cursor){.low = 3});
    assert_true(store_known_put(s, &(struct known){S("both"), S("123"), 0, false}, &err));
    assert_true(store_known_put(s, &(struct known){S("noted"), S(""), 1795284000123, true}, &err));
    store_reopen();
    assert_true(store_known_list(s, &arena, &list, &count, &err));
    assert_int_equal(count, 3);
    assert_true(str_eq(list[0].name, S("both")) && str_eq(list[0].pixel_id, S("123")));
    assert_true(list[0].removed_ms == 0 && !list[0].forget);
    assert_true(str_eq(list[1].name, S("noted")) && !list[1].pixel_id.n);
    assert_true(list[1].removed_ms == 1795284000123 && list[1].forget);
    assert_true(str_eq(list[2].name, S("begun")) && !list[2].pixel_id.n && !list[2].removed_ms);
}

static void numbers_that_were_given_are_known(void **state)
{
    (void)state;
    uint64_t end = 7;
    struct seq_range ahead = {40, 50};
    assert_true(store_known_end(s, &end, &err));
    assert_int_equal(end, 0);
    settle(S("a"), &(struct cursor){.low = 30});
    settle(S("b"), &(struct cursor){.low = 20, .range_count = 1, .ranges = &ahead});
    assert_true(store_known_end(s, &end, &err));
    assert_int_equal(end, 50);
    settle(S("c"), &(struct cursor){.low = 10, .drop_end = 60});
    assert_true(store_known_end(s, &end, &err));
    assert_int_equal(end, 60);
}

/* What is forgotten is all of it, in bounded steps, and nothing of a neighbour whose name begins alike. */
static void all_of_one_is_forgotten(void **state)
{
    (void)state;
    enum { LETTERS = 3 * LIMIT_STORE_STEP };
    struct outcome_run run = {{0, 100}, REASON_NONE};
    struct parked parked = {.seq = 5, .pixels = S("1")};
    struct attempt attempt = {.events = &run.events, .event_ranges = 1};
    const struct str names[] = {S_INIT("shop"), S_INIT("shop2")};
    struct known *list;
    size_t count, steps = 0;
    bool more;
    for (size_t i = 0; i < countof(names); i++) {
        struct settlement one = {.destination = names[i],
                                 .cursor = &(struct cursor){.low = 100},
                                 .outcomes = &run,
                                 .outcome_count = 1,
                                 .attempts = &attempt,
                                 .attempt_count = 1,
                                 .parked = &parked,
                                 .parked_count = 1};
        for (uint64_t seq = 0; seq < LETTERS; seq++)
            store_die(names[i], REASON_REFUSED, (struct dead_letter){.seq = seq});
        assert_true(store_settle(s, &one, 1, &err));
        assert_true(store_known_put(s, &(struct known){names[i], S("1"), 1, true}, &err));
    }
    do {
        assert_true(store_forget(s, S("shop"), &more, &err));
        assert_true(++steps < 10);
        store_reopen(); /* a stop half way loses nothing and repeats nothing */
    } while (more);
    assert_int_equal(steps, LETTERS / LIMIT_STORE_STEP + 1);
    assert_true(store_known_list(s, &arena, &list, &count, &err));
    assert_int_equal(count, 1);
    assert_true(str_eq(list[0].name, S("shop2")));

    for (size_t i = 0; i < countof(names); i++) {
        struct letter_selection all = {.destination = names[i], .reason = REASON_COUNT, .limit = 9};
        struct attempt_selection any = {names[i], UINT64_MAX, UINT64_MAX, 10};
        struct dead_letter *letters;
        struct parked *waiting;
        struct attempt *sent;
        size_t dead, parks, attempts;
        uint64_t next;
        enum reason reason;
        assert_true(store_letters_list(s, &all, &arena, &letters, &dead, &next, &err));
        assert_true(store_parked_list(s, &all, &arena, &waiting, &parks, &err));
        assert_true(store_attempts_list(s, &any, &arena, &sent, &attempts, &err));
        assert_true(store_outcomes_read(s, names[i], 7, 1, &reason, &err));
        assert_int_equal(dead, i ? 9 : 0);
        assert_int_equal(parks, i);
        assert_int_equal(attempts, i);
        assert_int_equal(reason, i ? REASON_NONE : REASON_COUNT);
    }
}

static void impossible_names_are_nobody(void **state)
{
    (void)state;
    char text[LIMIT_NAME_BYTES + 1];
    bool more = true;
    memset(text, 'a', sizeof text);
    assert_true(store_forget(s, S(""), &more, &err) && !more);
    more = true;
    assert_true(store_forget(s, str_of(text, sizeof text), &more, &err) && !more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(notes_and_cursors_are_one_list),
        STORE_TEST(numbers_that_were_given_are_known),
        STORE_TEST(all_of_one_is_forgotten),
        STORE_TEST(impossible_names_are_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
