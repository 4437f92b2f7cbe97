/* SPDX-License-Identifier: Apache-2.0 */
#include "meta/docs.h"

#include "meta/fields.h"
#include "meta/reply.h"

#include "support/check.h"

/* Every line of a table has as many bars as its head; *rows counts those that are not head or rule. */
static void check_tables(struct str text, size_t *rows)
{
    size_t bars = 0, line_in_table = 0;
    struct str line;
    *rows = 0;
    while (text.n) {
        if (!str_cut(text, '\n', &line, &text)) fail_msg("the last line does not end");
        if (!str_starts(line, S("| "))) {
            line_in_table = 0;
            continue;
        }
        size_t count = 0;
        for (size_t i = 0; i < line.n; i++) count += line.p[i] == '|';
        if (line_in_table++ == 0) bars = count;
        if (count != bars) fail_msg("%zu bars, not %zu: %.*s", count, bars, STR_ARG(line));
        *rows += line_in_table > 2;
    }
}

static bool has(const struct buf *out, const char *words)
{
    return str_find(buf_str(out), str_z(words), 0) != SIZE_MAX;
}

static void test_fields(void **state)
{
    (void)state;
    struct buf out = {0};
    size_t rows;
    meta_docs_put_fields(&out);
    check_tables(buf_str(&out), &rows);
    assert_int_equal(rows, meta_field_count);
    assert_true(has(&out, "| `em` | text, or several | yes | e-mail address |\n"));
    assert_true(has(&out, "| `fbp` | text | no |"));
    assert_true(has(&out, "| one of `in_store`, `curbside`, `home_delivery` |"));
    assert_true(has(&out, "### custom_data\n"));
    buf_fini(&out);
}

static void test_codes(void **state)
{
    (void)state;
    struct buf out = {0};
    size_t rows;
    meta_docs_put_codes(&out);
    check_tables(buf_str(&out), &rows);
    assert_int_equal(rows, reply_code_count);
    assert_true(has(&out, "| 190 | 463 | token | The token has expired. |"));
    assert_true(has(&out, "| 190 | any | token |"));
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
