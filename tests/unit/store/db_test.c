/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, their order, and LMDB's codes in plain words. */
#include "support/cmocka.h"

#include "store/db.c"

static void keys_sort_by_destination_then_number(void **state)
{
    (void)state;
    static const uint64_t order[] = {0, 1, 255, 256, 65535, 1ull << 40, UINT64_MAX};
    for (size_t i = 1; i < countof(order); i++) {
        struct letter_key a = db_letter_key(S("shop"), order[i - 1]);
        struct letter_key b = db_letter_key(S("shop"), order[i]);
        assert_int_equal(a.n, b.n);
        assert_true(memcmp(a.bytes, b.bytes, a.n) < 0);
    }
    char longest[LIMIT_NAME_BYTES];
    memset(longest, 'x', sizeof longest);
    struct letter_key key = db_letter_key(str_of(longest, sizeof longest), 1);
    assert_int_equal(key.n, sizeof key.bytes);
}

static void codes_become_sentences(void **state)
{
    (void)state;
    static const struct {
        int code;
        enum err_kind kind;
        const char *part;
    } cases[] = {
        {MDB_MAP_FULL, ERR_LIMIT, "size limit of 5 MiB"},
        {MDB_READERS_FULL, ERR_LIMIT, "too many"},
        {MDB_PANIC, ERR_IO, "restart"},
        {MDB_CORRUPTED, ERR_IO, "damaged"},
        {MDB_INVALID, ERR_IO, "damaged"},
        {ENOSPC, ERR_IO, "No space left"},
        {EIO, ERR_IO, "Input/output"},
    };
    struct store s = {.map_bytes = 5 << 20};
    for (size_t i = 0; i < countof(cases); i++) {
        struct err err = {0};
        assert_false(db_fail(&s, cases[i].code, &err));
        assert_int_equal(err.kind, cases[i].kind);
        assert_non_null(strstr(err.text, cases[i].part));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_sort_by_destination_then_number),
        cmocka_unit_test(codes_become_sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
