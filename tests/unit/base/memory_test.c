/* SPDX-License-Identifier: Apache-2.0 */
/* base/mem.c, base/arena.c, base/buf.c, base/table.c, base/err.c: what everything stands on. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/table.h"

#include "support/check.h"

static void arena_gives_aligned_separate_bytes(void **state)
{
    struct arena a = {0};
    unsigned char *before = NULL;
    (void)state;
    for (size_t i = 0; i < 10000; i++) {
        unsigned char *p = arena_alloc(&a, i % 100);
        assert_int_equal((uintptr_t)p % 16, 0);
        assert_ptr_not_equal(p, before);
        memset(p, 0xAB, i % 100);
        before = p;
    }
    arena_fini(&a);
    assert_int_equal(a.total, 0);
}

static void arena_grows_in_place_or_moves(void **state)
{
    struct arena a = {0};
    (void)state;
    char *p = arena_alloc(&a, 10);
    memcpy(p, "0123456789", 10);
    assert_ptr_equal(arena_grow(&a, p, 10, 1000), p); /* it is the latest */
    (void)arena_alloc(&a, 1);
    char *moved = arena_grow(&a, p, 1000, 2000);
    assert_ptr_not_equal(moved, p);
    assert_memory_equal(moved, "0123456789", 10);
    char *large = arena_grow(&a, moved, 2000, 5000000);
    assert_memory_equal(large, "0123456789", 10);
    assert_non_null(arena_grow(&a, NULL, 0, 5));
    arena_fini(&a);
}

static void arena_reset_keeps_a_bounded_chunk(void **state)
{
    struct arena a = {0};
    (void)state;
    for (int i = 0; i < 100; i++) (void)arena_alloc(&a, 20000);
    arena_reset(&a);
    assert_true(a.total > 0 && a.total <= ARENA_KEEP_BYTES);
    size_t held = a.total;
    (void)arena_alloc(&a, 100);
    assert_int_equal(a.total, held); /* no new chunk in the steady state */
    (void)arena_alloc(&a, 3 * ARENA_KEEP_BYTES);
    arena_reset(&a);
    assert_true(a.total <= ARENA_KEEP_BYTES);
    arena_fini(&a);
}

static void arena_copies_and_formats(void **state)
{
    struct arena a = {0};
    (void)state;
    struct str s = arena_str(&a, S("abc"));
    assert_int_equal(s.p[3], '\0');
    check_str(arena_printf(&a, "%s-%d", "x", 42), "x-42");
    char *zero = arena_zero(&a, 64);
    for (int i = 0; i < 64; i++) assert_int_equal(zero[i], 0);
    arena_fini(&a);
}

static void buf_appends(void **state)
{
    struct buf b = {0};
    (void)state;
    buf_put(&b, S("abc"));
    buf_put(&b, str_of(NULL, 0));
    buf_putc(&b, '-');
    buf_put_u64(&b, UINT64_MAX);
    buf_putc(&b, ' ');
    buf_put_i64(&b, INT64_MIN);
    buf_printf(&b, " %03d", 7);
    check_str(buf_str(&b), "abc-18446744073709551615 -9223372036854775808 007");
    size_t mark = b.n;
    buf_put_hex(&b, "\x00\xff\x1a", 3);
    check_str(buf_since(&b, mark), "00ff1a");
    buf_cut(&b, 3);
    check_str(buf_str(&b), "abc");
    char *kept = b.p;
    buf_clear(&b);
    buf_putc(&b, 'x');
    assert_ptr_equal(b.p, kept); /* memory is kept */
    buf_fini(&b);
    assert_null(b.p);
}

/* Around every power of ten, where the number of digits changes. */
static void buf_writes_numbers_as_printf(void **state)
{
    struct buf b = {0};
    char want[32];
    (void)state;
    for (uint64_t power = 1; power; power = power <= UINT64_MAX / 10 ? power * 10 : 0) {
        for (uint64_t i = 0; i < 5; i++) {
            uint64_t value = power * (i > 2 ? i : 1) + i - 1;
            buf_clear(&b);
            buf_put_u64(&b, value);
            (void)snprintf(want, sizeof want, "%llu", (unsigned long long)value);
            check_str(buf_str(&b), want);
        }
    }
    buf_fini(&b);
}

static void table_finds_what_was_put(void **state)
{
    struct arena a = {0};
    struct table t = {0};
    int values[1000];
    (void)state;
    assert_null(table_get(&t, S("none")));
    for (int i = 0; i < 1000; i++) {
        table_put(&t, &a, arena_printf(&a, "key %d", i), &values[i]);
    }
    assert_int_equal(t.count, 1000);
    for (int i = 0; i < 1000; i++) {
        assert_ptr_equal(table_get(&t, arena_printf(&a, "key %d", i)), &values[i]);
    }
    assert_null(table_get(&t, S("key 1000")));
    table_put(&t, &a, S("key 5"), &values[6]);
    assert_int_equal(t.count, 1000);
    assert_ptr_equal(table_get(&t, S("key 5")), &values[6]);
    table_put(&t, &a, S(""), &values[0]);
    assert_ptr_equal(table_get(&t, str_of(NULL, 0)), &values[0]);
    arena_fini(&a);
}

static void errors_carry_context(void **state)
{
    struct err err;
    (void)state;
    assert_false(err_set(&err, ERR_IO, "disk %d is full", 3));
    assert_false(err_wrap(&err, "writing %s", "x.log"));
    assert_string_equal(err.text, "writing x.log: disk 3 is full");
    assert_int_equal(err_exit_code(&err), 3);
    assert_false(err_set(&err, ERR_USAGE, "%0600d", 1)); /* longer than the text: cut */
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_false(err_wrap(&err, "%0600d", 2));
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_int_equal(err_exit_code(&err), 2);
    (void)err_set(&err, ERR_INPUT, "x");
    assert_int_equal(err_exit_code(&err), 1);
}

static void mem_zeroes_and_wipes(void **state)
{
    (void)state;
    char *p = mem_new(32);
    for (int i = 0; i < 32; i++) assert_int_equal(p[i], 0);
    memset(p, 'x', 32);
    p = mem_grow(p, 64);
    assert_int_equal(p[31], 'x');
    mem_wipe(p, 64);
    assert_int_equal(p[31], 0);
    mem_free(p);
    mem_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_aligned_separate_bytes),
        cmocka_unit_test(arena_grows_in_place_or_moves),
        cmocka_unit_test(arena_reset_keeps_a_bounded_chunk),
        cmocka_unit_test(arena_copies_and_formats),
        cmocka_unit_test(buf_appends),
        cmocka_unit_test(buf_writes_numbers_as_printf),
        cmocka_unit_test(table_finds_what_was_put),
        cmocka_unit_test(errors_carry_context),
        cmocka_unit_test(mem_zeroes_and_wipes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
