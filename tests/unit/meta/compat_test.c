/* SPDX-License-Identifier: Apache-2.0 */
/* meta/compat.c, as lines of tests/cases/meta/compat.ndjson: values and what Meta's parameter builder made of
 * them. */
#include "meta/compat.h"

#include "base/text.h"
#include "meta/normalise.h"

#include "support/cases.h"

static const struct meta_context builder = {
    .now_ms = 1795262400000, /* 2026-11-21T12:00Z */
    .compat = META_COMPAT_BUILDER,
};

static bool same(struct str got, struct str want)
{
    if (str_eq(got, want)) return true;
    print_error("got \"%.*s\", want \"%.*s\"\n", STR_ARG(got), STR_ARG(want));
    return false;
}

static bool run_case(yyjson_val *line)
{
    const struct meta_field *field = meta_field_find(META_USER, case_str(line, "field"));
    struct str in = case_str(line, "input"), want = case_str(line, "normalized");
    struct buf text = {0}, scratch = {0}, out = {0};
    bool hashed;
    if (!field) return false;
    bool taken = meta_normalise_value(field, &builder, in, &text, &hashed);
    bool sent = meta_hash_value(field, &builder, in, &scratch, &out);
    bool ok = taken == sent && taken == (want.p != NULL) && same(buf_str(&text), want) &&
              same(buf_str(&out), case_str(line, "sha256"));
    buf_fini(&text);
    buf_fini(&scratch);
    buf_fini(&out);
    return ok;
}

static void cases(void **state)
{
    (void)state;
    cases_run("tests/cases/meta/compat.ndjson", 333, run_case);
}

/* The builder knows nothing of the event around a value, and fields that are not hashed keep their rules. */
static void only_the_value_counts(void **state)
{
    (void)state;
    struct meta_context who = builder;
    struct buf out = {0};
    bool hashed;
    who.country = who.default_country = S("de");
    assert_true(meta_normalise_value(meta_field_find(META_USER, S("ph")), &who, S("0171 1234567"),
                                     &out, &hashed));
    check_str(buf_str(&out), "1711234567");
    buf_clear(&out);
    assert_false(meta_normalise_value(meta_field_find(META_USER, S("client_ip_address")), &who,
                                      S("10.0.0.1"), &out, &hashed));
    assert_true(meta_normalise_value(meta_field_find(META_USER, S("madid")), &who, S("AB-1"), &out,
                                     &hashed));
    check_str(buf_str(&out), "ab-1");
    buf_fini(&out);
}

static void modes(void **state)
{
    (void)state;
    enum meta_compat compat = META_COMPAT_BUILDER;
    assert_true(compat_find(S("docs"), &compat));
    assert_int_equal(compat, META_COMPAT_DOCS);
    assert_true(compat_find(S("param-builder"), &compat));
    assert_int_equal(compat, META_COMPAT_BUILDER);
    assert_false(compat_find(S(""), &compat));
    assert_false(compat_find(S("builder"), &compat));
}

/* Whatever the bytes: valid UTF-8 or nothing, and nothing appended where it is refused. */
static void any_bytes(void **state)
{
    (void)state;
    static const char bytes[] = "aZ09 .,-@'\xC3\xA9\xCE\xA3\xE2\x80\x99\xF0\xFF";
    uint64_t seed = 20261121;
    struct buf out = {0};
    char text[48];
    for (int round = 0; round < 100000; round++) {
        size_t n = check_random(&seed) % sizeof text;
        bool hashed;
        for (size_t i = 0; i < n; i++) text[i] = bytes[check_random(&seed) % (sizeof bytes - 1)];
        for (size_t i = 0; i < meta_field_count; i++) {
            if (!compat_normaliser(&meta_fields[i]) || meta_fields[i].section != META_USER)
                continue;
            buf_clear(&out);
            bool taken =
                meta_normalise_value(&meta_fields[i], &builder, str_of(text, n), &out, &hashed);
            assert_int_equal(taken, out.n > 0);
            assert_true(text_is_valid(buf_str(&out)));
        }
    }
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases),
        cmocka_unit_test(only_the_value_counts),
        cmocka_unit_test(modes),
        cmocka_unit_test(any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
