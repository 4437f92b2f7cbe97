/* SPDX-License-Identifier: Apache-2.0 */
/* meta/memo.c against what it remembers: the same answer, whatever was asked before. */
#include "meta/memo.h"

#include "core/limits.h"
#include "meta/normalise.h"

#include "support/check.h"

static const char *const values[] = {
    "",
    " ",
    "Jane",
    "jane",
    " Jane ",
    "JANE",
    "Z\xC3\xBCrich",
    "female",
    "F",
    "male",
    "x",
    "CA",
    "ca",
    "US-CA",
    "Texas",
    "94025-1234",
    "94025",
    "1",
    "-1",
    "US",
    "usa",
    "de",
    "Berlin",
    "berlin",
    "a\xFF",
    "O'Neil",
    "New York",
    "0",
    "U S",
    "Maria",
    "Mari\xC3\xA1",
    "cafe0000cafe0000cafe0000cafe0000",
    "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
    "a name of just as many letters as are kept, 54 with it",
    "a name of one letter more than what is kept, 55 with it",
};

struct both {
    struct meta_memo *memo;
    struct buf scratch, got, want;
};

static void ask(struct both *b, const struct meta_field *field, const struct meta_context *ctx,
                struct str in)
{
    buf_clear(&b->got);
    buf_clear(&b->want);
    bool taken = meta_memo_hash(b->memo, field, ctx, in, &b->scratch, &b->got);
    assert_int_equal(taken, meta_hash_value(field, ctx, in, &b->scratch, &b->want));
    assert_true(str_eq(buf_str(&b->got), buf_str(&b->want)));
    assert_int_equal(b->scratch.n, 0);
}

static void close_both(struct both *b)
{
    meta_memo_free(b->memo);
    buf_fini(&b->scratch);
    buf_fini(&b->got);
    buf_fini(&b->want);
}

/* Every field in every country and mode, the same values again and again in any order. */
static void gives_the_same_answer(void **state)
{
    static const char *const countries[] = {"", "us", "de", "su", "d", "deu"};
    struct both b = {.memo = meta_memo_new()};
    uint64_t seed = 20261121;
    size_t users;
    const struct meta_field *fields = meta_section_fields(META_USER, &users);
    (void)state;
    for (size_t round = 0; round < 60000; round++) {
        struct meta_context ctx = {.now_ms = 1795262400000};
        ctx.country = str_z(countries[check_random(&seed) % countof(countries)]);
        ctx.default_country = str_z(countries[check_random(&seed) % countof(countries)]);
        ctx.compat = check_random(&seed) % 2 ? META_COMPAT_DOCS : META_COMPAT_BUILDER;
        ask(&b, &fields[check_random(&seed) % users], &ctx,
            str_z(values[check_random(&seed) % countof(values)]));
    }
    close_both(&b);
}

/* Far more values than there are places: they push each other out. */
static void forgets(void **state)
{
    struct both b = {.memo = meta_memo_new()};
    const struct meta_context ctx = {.country = S("us"), .now_ms = 1795262400000};
    const struct meta_field *city = meta_field_find(META_USER, S("ct"));
    uint64_t seed = 5;
    char text[8];
    (void)state;
    for (size_t round = 0; round < 40000; round++) {
        for (size_t i = 0; i < sizeof text; i++) text[i] = (char)('a' + check_random(&seed) % 3);
        ask(&b, city, &ctx, str_of(text, 1 + check_random(&seed) % sizeof text));
    }
    close_both(&b);
}

/* What depends on the clock, or is one person's, is not remembered. */
static void keeps_only_what_is_common(void **state)
{
    static const char *const own[] = {"em", "ph", "external_id", "db", "client_ip_address", "doby"};
    (void)state;
    for (size_t i = 0; i < countof(own); i++) {
        assert_false(meta_field_find(META_USER, str_z(own[i]))->common);
    }
    assert_true(meta_field_find(META_USER, S("country"))->common);
    meta_memo_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_same_answer),
        cmocka_unit_test(forgets),
        cmocka_unit_test(keeps_only_what_is_common),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
