/* SPDX-License-Identifier: Apache-2.0 */
/* Differences of texts as people read them (load/textdiff.c). */
#include "load/textdiff.h"

#include "support/check.h"

static void differs(const char *before, const char *after, const char *want)
{
    struct buf out = {0};
    textdiff(&out, str_z(before), str_z(after));
    check_str(buf_str(&out), want);
    buf_fini(&out);
}

static void test_texts(void **state)
{
    (void)state;
    differs("", "", "");
    differs("a\nb\n", "a\nb\n", "");
    differs("", "a\n", "@@ -0,0 +1,1 @@\n+a\n");
    differs("a\n", "", "@@ -1,1 +0,0 @@\n-a\n");
    differs("a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
    differs("1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\n6\n7\n", "@@ -4,3 +4,4 @@\n 4\n 5\n 6\n+7\n");
    /* Near changes share a hunk, far ones do not. */
    differs("a\n1\n2\n3\n4\nb\n", "A\n1\n2\n3\n4\nB\n",
            "@@ -1,6 +1,6 @@\n-a\n+A\n 1\n 2\n 3\n 4\n-b\n+B\n");
    differs("a\n1\n2\n3\n4\n5\n6\n7\n8\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\n8\nB\n",
            "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -7,4 +7,4 @@\n 6\n 7\n 8\n-b\n+B\n");
    differs("a", "b", "@@ -1,1 +1,1 @@\n-a\n+b\n");
}

/* Too large to compare line by line: still right, only not small. */
static void test_large(void **state)
{
    struct buf before = {0}, after = {0}, out = {0};
    (void)state;
    for (int i = 0; i < 3000; i++) {
        buf_printf(&before, "a%d\n", i);
        buf_printf(&after, "b%d\n", i);
    }
    textdiff(&out, buf_str(&before), buf_str(&after));
    assert_true(str_starts(buf_str(&out), S("@@ -1,3000 +1,3000 @@\n-a0\n-a1\n")));
    buf_fini(&out);
    buf_fini(&after);
    buf_fini(&before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
