/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log (console/audit.c). */
#include "base/json.h"
#include "console/audit.h"
#include "core/limits.h"
#include "sys/file.h"

#include "support/check.h"
#include "support/dir.h"

static struct test_dir dir;
static char path[300];

static int set_up(void **state)
{
    (void)state;
    test_dir_make(&dir);
    (void)snprintf(path, sizeof path, "%s/audit.ndjson", dir.path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_dir_remove(&dir);
    return 0;
}

static struct audit *opened(void)
{
    struct err err;
    struct audit *a = audit_open(path, &err);
    assert_non_null(a);
    return a;
}

/* The details of the last lines, newest first. */
static void reads(const struct audit *a, size_t most, const char *details)
{
    struct arena arena = {0};
    struct buf text = {0}, found = {0};
    struct err err;
    size_t index, count;
    yyjson_val *item;
    audit_read(a, most, &text);
    yyjson_val *list = json_read(&arena, buf_str(&text), &err);
    assert_true(yyjson_is_arr(list));
    yyjson_arr_foreach (list, index, count, item) {
        buf_put(&found, json_str(json_get(item, "detail")));
        buf_putc(&found, ' ');
    }
    buf_putc(&found, '\0');
    assert_string_equal(found.p, details);
    buf_fini(&found);
    buf_fini(&text);
    arena_fini(&arena);
}

static void test_lines(void **state)
{
    (void)state;
    struct audit *a = opened();
    reads(a, 10, "");
    audit_note(a, S("ann"), S("did"), S("one"));
    audit_note(a, S("ann"), S("did"), S("two\"\n"));
    audit_close(a);
    a = opened();
    audit_note(a, S("bob"), S("did"), S("three"));
    reads(a, 10, "three two\"\n one ");
    reads(a, 1, "three ");
    audit_close(a);
}

static void test_torn_line(void **state)
{
    struct err err;
    (void)state;
    struct audit *a = opened();
    audit_note(a, S("ann"), S("did"), S("one"));
    audit_close(a);
    struct buf text = {0};
    assert_true(file_read_all(path, 4096, &text, &err));
    buf_put(&text, S("{\"time\":\"20"));
    assert_true(file_replace(path, buf_str(&text), 0600, &err));
    buf_fini(&text);
    a = opened();
    reads(a, 10, "one ");
    audit_close(a);
}

static void test_full_file(void **state)
{
    char detail[901];
    (void)state;
    memset(detail, 'x', sizeof detail - 1);
    detail[sizeof detail - 1] = '\0';
    struct audit *a = opened();
    for (size_t i = 0; i < LIMIT_AUDIT_BYTES / 900 + 10; i++) {
        audit_note(a, S("ann"), S("did"), str_z(detail));
    }
    audit_note(a, S("ann"), S("did"), S("last"));
    audit_close(a);
    struct err err;
    int fd = file_open(path, 0, 0, &err);
    assert_true(file_size(fd, &err) <= (off_t)LIMIT_AUDIT_BYTES);
    file_close(fd);
    a = opened();
    struct buf text = {0};
    audit_read(a, 1000, &text); /* goes on in the former file */
    size_t lines = 0;
    for (size_t at = 0; (at = str_find(buf_str(&text), S("\"who\""), at)) != SIZE_MAX; at++)
        lines++;
    assert_int_equal(lines, 1000);
    buf_fini(&text);
    audit_close(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        T(test_lines),
        T(test_torn_line),
        T(test_full_file),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
