/* SPDX-License-Identifier: Apache-2.0 */
/* store/whole.c: a store that was cut off is refused in words, at any length, and a whole one never is. */
#include "store/whole.h"

#include "store/store.h"
#include "support/check.h"
#include "support/dir.h"

#include <sys/stat.h>
#include <unistd.h>

enum { MAP_BYTES = 64 << 20, LETTERS = 300 };

static const char *data_file(const struct test_dir *dir, struct arena *arena)
{
    return arena_printf(arena, "%s/data.mdb", dir->path).p;
}

static void fill(struct store *s)
{
    struct dead_letter letters[LETTERS];
    char record[3000];
    struct cursor cursor = {.low = LETTERS};
    struct err err = {0};
    memset(record, 'r', sizeof record);
    for (uint64_t i = 0; i < LETTERS; i++) {
        letters[i] = (struct dead_letter){.seq = i, .record = str_of(record, sizeof record)};
        outcome_set(&letters[i].outcome, REASON_REFUSED, NULL, "no");
    }
    struct settlement one = {
        .destination = S("a"), .cursor = &cursor, .dead = letters, .dead_count = LETTERS};
    if (!store_settle(s, &one, 1, &err)) fail_msg("%s", err.text);
}

static void cut_stores_are_refused(void **state)
{
    struct test_dir dir;
    struct arena arena = {0};
    struct err err = {0};
    struct stat st;
    (void)state;
    test_dir_make(&dir);
    assert_true(whole_check(dir.path, MAP_BYTES, &err)); /* nothing there */
    struct store *s = store_open(dir.path, MAP_BYTES, &err);
    assert_non_null(s);
    fill(s);
    store_close(s);
    assert_true(whole_check(dir.path, MAP_BYTES, &err));
    assert_int_equal(stat(data_file(&dir, &arena), &st), 0);
    for (off_t part = 15; part > 0; part -= 2) {
        assert_int_equal(truncate(data_file(&dir, &arena), st.st_size * part / 16), 0);
        assert_null(store_open(dir.path, MAP_BYTES, &err));
        assert_non_null(strstr(err.text, "cut off"));
    }
    arena_fini(&arena);
    test_dir_remove(&dir);
}

/* Many steps forward and back: whatever LMDB leaves at the end of its file is fine. */
static void whole_stores_are_not(void **state)
{
    struct test_dir dir;
    struct err err = {0};
    (void)state;
    test_dir_make(&dir);
    for (int round = 0; round < 10; round++) {
        struct letter_selection all = {.destination = S("a"), .reason = REASON_COUNT};
        uint64_t moved;
        struct store *s = store_open(dir.path, MAP_BYTES, &err);
        if (!s) fail_msg("%s", err.text);
        fill(s);
        assert_true(store_letters_discard(s, &all, &moved, &err));
        store_close(s);
    }
    test_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_stores_are_refused),
        cmocka_unit_test(whole_stores_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
