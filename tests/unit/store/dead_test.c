/* SPDX-License-Identifier: Apache-2.0 */
/* Dead letters: listing, paging, retrying and discarding any selection, each letter in one place. */
#include "store/dead.c"

#include "base/mem.h"
#include "store/known.h"
#include "support/store.h"

/* add_letters adds seqs first, first + step, ...; every third refused, the others expired. */
static void add_letters(struct str destination, uint64_t first, uint64_t step, size_t count)
{
    struct cursor c = {0};
    struct dead_letter *letters = mem_new(count * sizeof *letters);
    for (size_t i = 0; i < count; i++) {
        letters[i].seq = first + i * step;
        letters[i].record = S("record");
        outcome_set(&letters[i].outcome, i % 3 ? REASON_EXPIRED : REASON_REFUSED, "a.b", "because");
    }
    struct settlement one = {
        .destination = destination, .cursor = &c, .dead = letters, .dead_count = count};
    assert_true(store_settle(s, &one, 1, &err));
    mem_free(letters);
}

static size_t count_dead(struct str destination, enum reason reason)
{
    struct dead_letter *letters;
    size_t count;
    uint64_t next;
    assert_true(store_letters_list(
        s,
        &(struct letter_selection){
            .destination = destination, .reason = reason, .from_seq = 0, .limit = SIZE_MAX},
        &arena, &letters, &count, &next, &err));
    assert_int_equal(next, 0);
    return count;
}

static size_t count_retries(struct str destination)
{
    struct retry_entry *entries;
    size_t count;
    assert_true(store_retries_list(
        s, &(struct letter_selection){.destination = destination, .from_seq = 0, .limit = SIZE_MAX},
        &arena, &entries, &count, &err));
    return count;
}

static void keeps_every_field(void **state)
{
    (void)state;
    struct cursor c = {0};
    size_t n = 300 * 1024;
    char *record = mem_new(n);
    for (size_t i = 0; i < n; i++) record[i] = (char)(i * 7);
    struct dead_letter d = {.seq = UINT64_MAX,
                            .died_ms = 1795284000123,
                            .code = 100,
                            .subcode = 2804050,
                            .meta_text = S("words"),
                            .fbtrace_id = S("trace"),
                            .pixel_id = S("123"),
                            .record = {record, n}};
    struct dead_letter back;
    struct settlement one = {.destination = S("shop"), .cursor = &c, .dead = &d, .dead_count = 1};
    outcome_set(&d.outcome, REASON_REFUSED, "user_data.em", "not a hash");
    assert_true(store_settle(s, &one, 1, &err));
    assert_true(store_dead_get(s, S("shop"), UINT64_MAX, &arena, &back, &err));
    assert_true(back.seq == UINT64_MAX && back.died_ms == d.died_ms);
    assert_true(back.code == 100 && back.subcode == 2804050);
    assert_string_equal(back.outcome.message, "not a hash");
    assert_true(str_eq(back.record, d.record));
    assert_false(store_dead_get(s, S("shop"), 1, &arena, &back, &err));
    assert_int_equal(err.kind, ERR_NONE);
    assert_false(store_dead_get(s, S("shopp"), UINT64_MAX, &arena, &back, &err));
    mem_free(record);
}

static void pages_in_order(void **state)
{
    (void)state;
    struct dead_letter *page;
    size_t count, total = 0;
    uint64_t from = 0, last = 0, next;
    add_letters(S("shop"), 5, 200, 10); /* 5 .. 1805: more than one byte of the key differs */
    add_letters(S("sho"), 0, 1, 4);
    add_letters(S("shops"), 0, 1, 4);
    do {
        assert_true(store_letters_list(
            s,
            &(struct letter_selection){
                .destination = S("shop"), .reason = REASON_COUNT, .from_seq = from, .limit = 3},
            &arena, &page, &count, &next, &err));
        for (size_t i = 0; i < count; i++) {
            assert_true(page[i].seq > last);
            last = page[i].seq;
        }
        total += count;
        from = next;
    } while (next);
    assert_int_equal(total, 10);
    assert_int_equal(last, 1805);
    assert_int_equal(count_dead(S("shop"), REASON_REFUSED), 4);
    assert_int_equal(count_dead(S("shop"), REASON_EXPIRED), 6);
    assert_int_equal(count_dead(S("nobody"), REASON_COUNT), 0);
}

/* However many letters are asked for: what a page holds in memory is bounded. */
static void pages_are_bounded_in_bytes(void **state)
{
    (void)state;
    struct dead_letter *letters;
    size_t count, pages = 0, seen = 0;
    struct str record = {mem_new(LIMIT_EVENT_BYTES), LIMIT_EVENT_BYTES};
    for (uint64_t seq = 0; seq < 40; seq++) {
        struct dead_letter letter = {.seq = seq, .record = record};
        struct cursor c = {0};
        outcome_set(&letter.outcome, REASON_REFUSED, NULL, "no");
        struct settlement one = {
            .destination = S("shop"), .cursor = &c, .dead = &letter, .dead_count = 1};
        assert_true(store_settle(s, &one, 1, &err));
    }
    struct letter_selection which = {
        .destination = S("shop"), .reason = REASON_COUNT, .limit = 1000};
    for (bool more = true; more; pages++) {
        assert_true(store_letters_list(s, &which, &arena, &letters, &count, &which.from_seq, &err));
        assert_in_range(count, 1, LIMIT_STORE_PAGE_BYTES / LIMIT_EVENT_BYTES);
        assert_int_equal(letters[0].seq, seen);
        seen += count;
        more = which.from_seq != 0;
    }
    assert_int_equal(seen, 40);
    assert_int_equal(pages, 3);
    mem_free((char *)record.p);
}

/* A search that finds nothing is as long as the table: it comes in pieces, each of which gets on. */
static void patience_bounds_a_look(void **state)
{
    (void)state;
    struct dead_letter *letters;
    struct letter_group *groups;
    size_t count, pieces = 0, found = 0, grouped = 0;
    struct letter_selection rare = {
        .destination = S("shop"), .reason = REASON_REFUSED, .limit = 1000, .patience_us = 1};
    add_letters(S("shop"), 0, 1, 900);
    do {
        uint64_t from = rare.from_seq;
        assert_true(store_letters_list(s, &rare, &arena, &letters, &count, &rare.from_seq, &err));
        assert_true(!rare.from_seq || rare.from_seq > from);
        found += count;
        pieces++;
    } while (rare.from_seq);
    assert_int_equal(found, 300);
    assert_true(pieces > 10);
    do {
        assert_true(store_letters_groups(s, &rare, &arena, &groups, &count, &rare.from_seq, &err));
        for (size_t i = 0; i < count; i++) grouped += groups[i].count;
    } while (rare.from_seq);
    assert_int_equal(grouped, 900);
}

static void a_long_work_can_be_stopped(void **state)
{
    (void)state;
    uint64_t moved;
    _Atomic bool going = false;
    struct letter_selection all = {
        .destination = S("shop"), .reason = REASON_COUNT, .going = &going};
    add_letters(S("shop"), 0, 1, 900);
    assert_true(store_letters_retry(s, &all, &moved, &err));
    assert_int_equal(moved, 0);
    going = true;
    assert_true(store_letters_retry(s, &all, &moved, &err));
    assert_int_equal(moved, 900);
}

static void retries_by_number(void **state)
{
    (void)state;
    uint64_t moved, seqs[] = {4, 0, 0, 99, 2};
    struct retry_entry *entries;
    size_t count;
    add_letters(S("shop"), 0, 1, 6);
    add_letters(S("other"), 0, 1, 6);
    assert_true(store_letters_retry(
        s,
        &(struct letter_selection){
            .destination = S("shop"), .reason = REASON_COUNT, .seqs = seqs, .seq_count = 0},
        &moved, &err));
    assert_int_equal(moved, 0);
    assert_true(store_letters_retry(s,
                                    &(struct letter_selection){.destination = S("shop"),
                                                               .reason = REASON_COUNT,
                                                               .seqs = seqs,
                                                               .seq_count = countof(seqs)},
                                    &moved, &err));
    assert_int_equal(moved, 3);
    assert_int_equal(count_dead(S("shop"), REASON_COUNT), 3);
    assert_int_equal(count_dead(S("other"), REASON_COUNT), 6);
    assert_true(store_retries_list(
        s, &(struct letter_selection){.destination = S("shop"), .from_seq = 1, .limit = 10}, &arena,
        &entries, &count, &err));
    assert_int_equal(count, 2);
    assert_int_equal(entries[0].seq, 2);
    assert_int_equal(entries[0].former, REASON_EXPIRED);
    assert_true(str_eq(entries[0].record, S("record")));
    assert_int_equal(entries[1].seq, 4);
}

static void discards_by_reason(void **state)
{
    (void)state;
    uint64_t removed, seqs[] = {0, 1, 2, 3};
    add_letters(S("shop"), 0, 1, 9);
    assert_true(store_letters_discard(
        s,
        &(struct letter_selection){
            .destination = S("shop"), .reason = REASON_REFUSED, .seqs = seqs, .seq_count = 4},
        &removed, &err));
    assert_int_equal(removed, 2); /* 0 and 3 */
    assert_true(store_letters_discard(
        s, &(struct letter_selection){.destination = S("shop"), .reason = REASON_EXPIRED}, &removed,
        &err));
    assert_int_equal(removed, 6);
    assert_int_equal(count_dead(S("shop"), REASON_COUNT), 1);
    assert_true(store_letters_discard(
        s, &(struct letter_selection){.destination = S("shop"), .reason = REASON_COUNT}, &removed,
        &err));
    assert_int_equal(removed, 1);
    assert_int_equal(count_retries(S("shop")), 0);
}

/* More letters than one step moves, and a reason so rare that whole steps find nothing. */
static void large_selections_take_steps(void **state)
{
    (void)state;
    uint64_t moved, removed;
    size_t count = SCAN_MAX + 3 * LIMIT_STORE_STEP + 7;
    add_letters(S("shop"), 0, 1, count);
    add_letters(S("shop"), UINT64_MAX, 1, 1); /* refused, and the largest number there is */
    assert_true(store_letters_retry(
        s, &(struct letter_selection){.destination = S("shop"), .reason = REASON_BAD_EVENT}, &moved,
        &err));
    assert_int_equal(moved, 0);
    assert_true(store_letters_retry(
        s, &(struct letter_selection){.destination = S("shop"), .reason = REASON_REFUSED}, &moved,
        &err));
    assert_int_equal(moved, (count + 2) / 3 + 1);
    assert_int_equal(count_dead(S("shop"), REASON_COUNT) + moved, count + 1);
    assert_int_equal(count_retries(S("shop")), moved);
    assert_true(store_letters_discard(
        s, &(struct letter_selection){.destination = S("shop"), .reason = REASON_COUNT}, &removed,
        &err));
    assert_int_equal(removed + moved, count + 1);
}

/* A retry that ends dead again goes back to the letters in the same settlement. */
static void settles_retries(void **state)
{
    (void)state;
    uint64_t moved, done[] = {0, 1, 77};
    struct cursor c = {.retried = 3};
    struct dead_letter again = {.seq = 1, .record = S("record")};
    struct settlement one = {.destination = S("shop"),
                             .cursor = &c,
                             .dead = &again,
                             .dead_count = 1,
                             .retried_done = done,
                             .retried_done_count = countof(done)};
    add_letters(S("shop"), 0, 1, 3);
    assert_true(store_letters_retry(
        s, &(struct letter_selection){.destination = S("shop"), .reason = REASON_COUNT}, &moved,
        &err));
    assert_int_equal(moved, 3);
    outcome_set(&again.outcome, REASON_INVALID_VALUE, NULL, "still");
    assert_true(store_settle(s, &one, 1, &err));
    assert_int_equal(count_retries(S("shop")), 1);
    assert_int_equal(count_dead(S("shop"), REASON_COUNT), 1);
    assert_int_equal(count_dead(S("shop"), REASON_INVALID_VALUE), 1);
}

static void forgets_letters_and_retries(void **state)
{
    (void)state;
    uint64_t moved, seqs[] = {1};
    add_letters(S("shop"), 0, 1, LIMIT_STORE_STEP + 10);
    add_letters(S("shop2"), 0, 1, 2);
    assert_true(store_letters_retry(
        s,
        &(struct letter_selection){
            .destination = S("shop"), .reason = REASON_COUNT, .seqs = seqs, .seq_count = 1},
        &moved, &err));
    bool more;
    size_t steps = 0;
    do {
        assert_true(store_forget(s, S("shop"), &more, &err));
        steps++;
    } while (more);
    assert_int_equal(steps, 2);
    assert_int_equal(count_dead(S("shop"), REASON_COUNT), 0);
    assert_int_equal(count_retries(S("shop")), 0);
    assert_int_equal(count_dead(S("shop2"), REASON_COUNT), 2);
}

/* Names come from whoever asks the admin API. */
static void impossible_names_have_no_letters(void **state)
{
    (void)state;
    char text[LIMIT_NAME_BYTES + 1];
    memset(text, 'a', sizeof text);
    const struct str names[] = {S_INIT(""), {text, sizeof text}};
    for (size_t i = 0; i < countof(names); i++) {
        uint64_t next;
        err.kind = ERR_IO;
        struct letter_selection which = {
            .destination = names[i], .reason = REASON_COUNT, .limit = 10};
        struct dead_letter letter, *letters;
        size_t count = 1;
        uint64_t moved = 1, removed = 1;
        assert_true(store_letters_list(s, &which, &arena, &letters, &count, &next, &err));
        assert_int_equal(count, 0);
        assert_false(store_dead_get(s, names[i], 1, &arena, &letter, &err));
        assert_int_equal(err.kind, ERR_NONE);
        assert_true(store_letters_retry(s, &which, &moved, &err));
        assert_true(store_letters_discard(s, &which, &removed, &err));
        assert_int_equal(moved + removed, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(keeps_every_field),
        STORE_TEST(pages_in_order),
        STORE_TEST(pages_are_bounded_in_bytes),
        STORE_TEST(patience_bounds_a_look),
        STORE_TEST(a_long_work_can_be_stopped),
        STORE_TEST(retries_by_number),
        STORE_TEST(discards_by_reason),
        STORE_TEST(settles_retries),
        STORE_TEST(large_selections_take_steps),
        STORE_TEST(forgets_letters_and_retries),
        STORE_TEST(impossible_names_have_no_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
