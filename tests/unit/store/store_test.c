/* SPDX-License-Identifier: Apache-2.0 */
/* The state store: cursors and settlements, all or nothing, also when the process is killed. */
#include "support/cmocka.h"

#include "base/mem.h"
#include "core/limits.h"
#include "store/known.h"
#include "support/dir.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { MAP_BYTES = 64 << 20 };

static struct test_dir dir;
static struct arena arena;

static int setup(void **state)
{
    (void)state;
    test_dir_make(&dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_dir_remove(&dir);
    arena_fini(&arena);
    return 0;
}

static struct store *open_or_fail(uint64_t map_bytes)
{
    struct err err = {0};
    struct store *s = store_open(dir.path, map_bytes, &err);
    if (!s) print_error("%s\n", err.text);
    assert_non_null(s);
    return s;
}

static void settle_cursor(struct store *s, struct str destination, const struct cursor *c)
{
    struct err err = {0};
    struct settlement one = {.destination = destination, .cursor = c};
    assert_true(store_settle(s, &one, 1, &err));
}

static void keeps_cursors(void **state)
{
    (void)state;
    struct err err = {0};
    struct seq_range ranges[] = {{20, 25}, {30, 31}, {1000000, 2000000}};
    struct cursor c = {.start = 3, .low = 10, .range_count = 3, .ranges = ranges, .retried = 7};
    struct cursor back;
    for (size_t i = 0; i < REASON_COUNT; i++) c.counts[i] = i * i * 1000;
    struct store *s = open_or_fail(MAP_BYTES);
    assert_false(store_load_cursor(s, S("shop"), &arena, &back, &err));
    assert_int_equal(err.kind, ERR_NONE);
    settle_cursor(s, S("shop"), &c);
    settle_cursor(s, S("sho"), &(struct cursor){.start = 1});
    for (int round = 0; round < 2; round++) {
        assert_true(store_load_cursor(s, S("shop"), &arena, &back, &err));
        assert_int_equal(back.start, 3);
        assert_int_equal(back.low, 10);
        assert_int_equal(back.retried, 7);
        assert_int_equal(back.range_count, 3);
        assert_memory_equal(back.ranges, ranges, sizeof ranges);
        assert_memory_equal(back.counts, c.counts, sizeof c.counts);
        store_close(s);
        s = open_or_fail(MAP_BYTES);
    }
    store_close(s);
}

static void lists_and_forgets_destinations(void **state)
{
    (void)state;
    struct err err = {0};
    struct str *names;
    size_t count;
    char longest[LIMIT_NAME_BYTES];
    memset(longest, 'x', sizeof longest);
    struct store *s = open_or_fail(MAP_BYTES);
    assert_true(store_destinations(s, &arena, &names, &count, &err));
    assert_int_equal(count, 0);
    settle_cursor(s, S("b"), &(struct cursor){0});
    settle_cursor(s, S("a"), &(struct cursor){0});
    settle_cursor(s, str_of(longest, sizeof longest), &(struct cursor){0});
    assert_true(store_destinations(s, &arena, &names, &count, &err));
    assert_int_equal(count, 3);
    assert_true(str_eq(names[0], S("a")));
    assert_true(str_eq(names[1], S("b")));
    assert_int_equal(names[2].n, LIMIT_NAME_BYTES);
    bool more;
    assert_true(store_forget(s, S("a"), &more, &err) && !more);
    assert_true(store_forget(s, S("never seen"), &more, &err) && !more);
    assert_true(store_destinations(s, &arena, &names, &count, &err));
    assert_int_equal(count, 2);
    store_close(s);
}

static void keeps_values(void **state)
{
    (void)state;
    struct err err = {0};
    struct str value;
    struct store *s = open_or_fail(MAP_BYTES);
    assert_false(store_get_value(s, S("key"), &arena, &value, &err));
    assert_int_equal(err.kind, ERR_NONE);
    assert_true(store_set_value(s, S("key"), S("one"), &err));
    assert_true(store_set_value(s, S("key"), S("two\0three"), &err));
    assert_true(store_set_value(s, S("empty"), S(""), &err));
    store_close(s);
    s = open_or_fail(MAP_BYTES);
    assert_true(store_get_value(s, S("key"), &arena, &value, &err));
    assert_true(str_eq(value, S("two\0three")));
    assert_true(store_get_value(s, S("empty"), &arena, &value, &err));
    assert_int_equal(value.n, 0);
    store_close(s);
}

/* A settlement that does not fit changes nothing, says so in plain words, and is possible again when
 * the store is larger. */
static void says_when_it_is_full(void **state)
{
    (void)state;
    struct err err = {0};
    struct cursor back, c = {.low = 1};
    size_t n = 300 * 1024;
    char *record = mem_new(n);
    struct dead_letter dead = {.record = {record, n}};
    struct settlement one = {
        .destination = S("shop"), .cursor = &c, .dead = &dead, .dead_count = 1};
    struct store *s = open_or_fail(2 << 20);
    outcome_set(&dead.outcome, REASON_REFUSED, NULL, "no");
    while (store_settle(s, &one, 1, &err)) {
        dead.seq++;
        c.low++;
        assert_true(dead.seq < 100);
    }
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_non_null(strstr(err.text, "size limit of 2 MiB"));
    assert_true(store_load_cursor(s, S("shop"), &arena, &back, &err));
    assert_int_equal(back.low, dead.seq);
    store_close(s);
    s = open_or_fail(MAP_BYTES);
    assert_true(store_settle(s, &one, 1, &err));
    store_close(s);
    mem_free(record);
}

/* The disk refuses to let the file grow (here: the process's file size limit), then takes it again. */
static void survives_a_full_disk(void **state)
{
    (void)state;
    struct err err = {0};
    struct cursor back, c = {.low = 1};
    size_t n = 300 * 1024;
    char *record = mem_new(n);
    struct dead_letter dead = {.record = {record, n}};
    struct settlement one = {
        .destination = S("shop"), .cursor = &c, .dead = &dead, .dead_count = 1};
    struct rlimit before, small;
    outcome_set(&dead.outcome, REASON_REFUSED, NULL, "no");
    struct store *s = open_or_fail(MAP_BYTES);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 1 << 20;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    while (store_settle(s, &one, 1, &err)) {
        dead.seq++;
        c.low++;
        assert_true(dead.seq < 100);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(err.kind, ERR_IO);
    assert_true(store_load_cursor(s, S("shop"), &arena, &back, &err));
    assert_int_equal(back.low, dead.seq);
    assert_true(store_settle(s, &one, 1, &err));
    store_close(s);
    mem_free(record);
}

static void refuses_what_is_not_a_store(void **state)
{
    (void)state;
    struct err err = {0};
    char path[512], junk[8192];
    memset(junk, 'j', sizeof junk);
    (void)snprintf(path, sizeof path, "%s/data.mdb", dir.path);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(junk, 1, sizeof junk, f), sizeof junk);
    assert_int_equal(fclose(f), 0);
    assert_null(store_open(dir.path, MAP_BYTES, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, dir.path));
    assert_null(store_open("/proc/nowhere", MAP_BYTES, &err));
    store_close(NULL);
}

/* The child settles one event after the other, every third dead, and tells after each. */
static void settle_until_killed(int told, uint64_t low)
{
    struct err err = {0};
    struct store *s = store_open(dir.path, MAP_BYTES, &err);
    struct cursor c;
    struct dead_letter dead = {.record = S("record")};
    if (!s) _exit(1);
    if (!store_load_cursor(s, S("shop"), &arena, &c, &err)) c = (struct cursor){0};
    if (c.low < low) _exit(2);
    outcome_set(&dead.outcome, REASON_REFUSED, NULL, "no");
    for (;;) {
        bool dies = c.low % 3 == 0;
        struct settlement one = {.destination = S("shop"), .cursor = &c, .dead = &dead};
        dead.seq = c.low;
        one.dead_count = dies;
        c.low++;
        c.counts[dies ? REASON_REFUSED : REASON_NONE]++;
        if (!store_settle(s, &one, 1, &err)) _exit(3);
        if (write(told, &c.low, sizeof c.low) != sizeof c.low) _exit(4);
    }
}

static void agrees_with_itself_after_kill(void **state)
{
    (void)state;
    uint64_t low = 0;
    for (int round = 0; round < 12; round++) {
        int told[2], status;
        assert_int_equal(pipe(told), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (!child) {
            close(told[0]);
            settle_until_killed(told[1], low);
        }
        close(told[1]);
        uint64_t heard, stop = low + 5 + (uint64_t)round * 3;
        while (read(told[0], &heard, sizeof heard) == sizeof heard) {
            low = heard;
            if (low >= stop) (void)kill(child, SIGKILL);
        }
        close(told[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));

        struct err err = {0};
        struct cursor c;
        struct dead_letter *letters;
        size_t count;
        uint64_t next;
        struct store *s = open_or_fail(MAP_BYTES);
        assert_true(store_load_cursor(s, S("shop"), &arena, &c, &err));
        assert_true(c.low >= low);
        assert_int_equal(c.counts[REASON_REFUSED] + c.counts[REASON_NONE], c.low);
        assert_true(store_letters_list(s,
                                       &(struct letter_selection){.destination = S("shop"),
                                                                  .reason = REASON_COUNT,
                                                                  .limit = SIZE_MAX},
                                       &arena, &letters, &count, &next, &err));
        assert_int_equal(count, c.counts[REASON_REFUSED]);
        for (size_t i = 0; i < count; i++) assert_int_equal(letters[i].seq, 3 * i);
        store_close(s);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(keeps_cursors),
        T(lists_and_forgets_destinations),
        T(keeps_values),
        T(says_when_it_is_full),
        T(survives_a_full_disk),
        T(refuses_what_is_not_a_store),
        T(agrees_with_itself_after_kill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
