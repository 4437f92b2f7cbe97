/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of personal data, as lines of tests/cases/meta/normalise.ndjson: those of
 * meta/normalise.c, meta/normalise_text.c, meta/normalise_birth.c, meta/normalise_contact.c and
 * meta/normalise_ip.c. And what holds for all of them, whatever the bytes. */
#include "meta/normalise.h"

#include "base/sha256.h"
#include "base/text.h"
#include "core/limits.h"

#include "support/cases.h"

static const struct meta_context now = {.now_ms = 1795262400000}; /* 2026-11-21T12:00Z */

static bool same(struct str got, struct str want)
{
    if (str_eq(got, want)) return true;
    print_error("got \"%.*s\", want \"%.*s\"\n", STR_ARG(got), STR_ARG(want));
    return false;
}

static bool run_case(yyjson_val *line)
{
    struct meta_context ctx = {.country = case_str(line, "country"),
                               .default_country = case_str(line, "default_country"),
                               .now_ms = now.now_ms};
    struct str in = case_str(line, "input"), want = case_str(line, "normalized");
    const struct meta_field *field = meta_field_find(META_USER, case_str(line, "field"));
    struct buf text = {0}, scratch = {0}, out = {0};
    bool hashed;
    if (!field) return false;
    bool taken = meta_normalise_value(field, &ctx, in, &text, &hashed);
    bool sent = meta_hash_value(field, &ctx, in, &scratch, &out);
    bool ok = taken == sent && taken == (want.p != NULL) && same(buf_str(&text), want);
    struct str outgoing = field->hash == META_HASHED ? case_str(line, "sha256") : want;
    ok = ok && same(buf_str(&out), outgoing) && scratch.n == 0;
    buf_fini(&text);
    buf_fini(&scratch);
    buf_fini(&out);
    return ok;
}

static void test_cases(void **state)
{
    (void)state;
    cases_run("tests/cases/meta/normalise.ndjson", 600, run_case);
}

static const struct meta_field *user(const char *name)
{
    const struct meta_field *field = meta_field_find(META_USER, str_z(name));
    assert_non_null(field);
    return field;
}

static void test_appends_and_leaves_no_trace(void **state)
{
    (void)state;
    struct buf scratch = {0}, out = {0};
    buf_put(&scratch, S("kept"));
    buf_put(&out, S("before:"));
    assert_true(meta_hash_value(user("em"), &now, S("mary@example.com"), &scratch, &out));
    check_str(buf_str(&out),
              "before:f1904cf1a9d73a55fa5de0ac823c4403ded71afd4c3248d00bdcd0866552bb79");
    check_str(buf_str(&scratch), "kept");
    for (size_t i = scratch.n; i < scratch.n + strlen("mary@example.com"); i++)
        assert_int_equal(scratch.p[i], 0);
    out.n = strlen("before:");
    assert_false(meta_hash_value(user("em"), &now, S("mary"), &scratch, &out));
    check_str(buf_str(&out), "before:");
    check_str(buf_str(&scratch), "kept");
    assert_false(meta_hash_value(user("client_ip_address"), &now, S("10.0.0.1"), &scratch, &out));
    check_str(buf_str(&out), "before:");
    buf_fini(&scratch);
    buf_fini(&out);
}

static void test_refuses_what_is_too_long(void **state)
{
    (void)state;
    static char text[LIMIT_USER_VALUE_BYTES + 1];
    struct buf scratch = {0}, out = {0};
    memset(text, 'a', sizeof text);
    struct str fits = str_of(text, LIMIT_USER_VALUE_BYTES), over = str_of(text, sizeof text);
    assert_true(meta_hash_value(user("fn"), &now, fits, &scratch, &out));
    assert_false(meta_hash_value(user("fn"), &now, over, &scratch, &out));
    assert_true(meta_hash_value(user("fbc"), &now, fits, &scratch, &out));
    assert_false(meta_hash_value(user("fbc"), &now, over, &scratch, &out));
    buf_fini(&scratch);
    buf_fini(&out);
}

static void test_refuses_what_is_not_utf8(void **state)
{
    (void)state;
    struct buf scratch = {0}, out = {0};
    for (size_t i = 0; i < meta_field_count; i++) {
        if (meta_fields[i].section != META_USER) continue;
        assert_false(meta_hash_value(&meta_fields[i], &now, S("1\xC3\x28"), &scratch, &out));
        assert_false(meta_hash_value(&meta_fields[i], &now, S("a\xFF"), &scratch, &out));
        assert_false(meta_hash_value(&meta_fields[i], &now, S(""), &scratch, &out));
    }
    assert_int_equal(out.n, 0);
    buf_fini(&scratch);
    buf_fini(&out);
}

/* What a random value is made of: whole interesting pieces now and then, bytes otherwise. */
static struct str random_value(uint64_t *seed, char *bytes, size_t max)
{
    static const struct str pieces[] = {
        S_INIT("@"),
        S_INIT("."),
        S_INIT("+49"),
        S_INIT("00"),
        S_INIT("-"),
        S_INIT("\xCE\xA3"),
        S_INIT("1997"),
        S_INIT("/"),
        S_INIT("[::"),
        S_INIT("]"),
        S_INIT("\xC2\xA0"),
        S_INIT("Texas"),
        S_INIT("\xF0\x9F\x98\x80"),
        S_INIT("94035-1234"),
        S_INIT("\xC4\xB0"),
        S_INIT("germany"),
        S_INIT(" "),
        S_INIT("\xE2\x80\x99"),
    };
    size_t n = 0, parts = check_random(seed) % 8;
    for (size_t i = 0; i < parts; i++) {
        uint64_t dice = check_random(seed);
        struct str piece = pieces[dice % countof(pieces)];
        char byte = (char)(dice >> 8);
        if (dice % 3 == 0) piece = str_of(&byte, 1);
        if (n + piece.n > max) break;
        memcpy(bytes + n, piece.p, piece.n);
        n += piece.n;
    }
    return str_of(bytes, n);
}

/* Normalised twice is normalised once, except where the value's own length decides (first5) or a
 * country would be put in front again. */
static void check_stable(const struct meta_field *field, struct str once)
{
    struct buf twice = {0};
    bool hashed;
    if (!meta_normalise_value(field, &now, once, &twice, &hashed))
        fail_msg("%.*s refuses its own \"%.*s\"", STR_ARG(field->name), STR_ARG(once));
    if (!str_eq(buf_str(&twice), once))
        fail_msg("%.*s: \"%.*s\" becomes \"%.*s\"", STR_ARG(field->name), STR_ARG(once),
                 STR_ARG(buf_str(&twice)));
    buf_fini(&twice);
}

static void test_random_bytes(void **state)
{
    (void)state;
    uint64_t seed = 20261121;
    char bytes[64];
    struct buf text = {0};
    bool hashed;
    for (int round = 0; round < 20000; round++) {
        struct str value = random_value(&seed, bytes, sizeof bytes);
        for (size_t i = 0; i < meta_field_count; i++) {
            const struct meta_field *field = &meta_fields[i];
            if (field->section != META_USER) continue;
            buf_clear(&text);
            buf_put(&text, S("any"));
            bool taken = meta_normalise_value(field, &now, value, &text, &hashed);
            assert_int_equal(taken, text.n > 3);
            struct str once = buf_since(&text, 3);
            assert_true(text_is_valid(once));
            bool part =
                field->normalise == normalise_first5 || field->normalise == normalise_initial;
            if (taken && !part) check_stable(field, once);
        }
    }
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_appends_and_leaves_no_trace),
        cmocka_unit_test(test_refuses_what_is_too_long),
        cmocka_unit_test(test_refuses_what_is_not_utf8),
        cmocka_unit_test(test_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
