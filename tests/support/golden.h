/* SPDX-License-Identifier: Apache-2.0 */
/* Golden files: what a file of a directory gives stands in another file beside it. UPDATE=1 writes them
 * anew; read the diff before it is committed. */
#ifndef SUPPORT_GOLDEN_H
#define SUPPORT_GOLDEN_H

#include "base/arena.h"
#include "sys/file.h"

#include "support/check.h"

/* golden_same: is got what the file expected has? input names the case. No output may show a secret that
 * stood in the input: the word of the tests is "very-secret". */
static inline bool golden_same(const char *input, const char *expected, struct str got)
{
    struct buf want = {0};
    struct err err;
    if (getenv("UPDATE")) assert_true(file_replace(expected, got, 0644, &err));
    bool same = file_read_all(expected, 8 << 20, &want, &err) && str_eq(got, buf_str(&want));
    bool shown = str_find(got, S("very-secret"), 0) != SIZE_MAX;
    if (!same) {
        print_error("%s gives\n%.*s\nwant\n%.*s\n", input, STR_ARG(got), STR_ARG(buf_str(&want)));
    }
    if (shown) print_error("%s: a secret is shown\n", input);
    buf_fini(&want);
    return same && !shown;
}

/* golden_files gives fn each file of the directory whose name ends so; fails when one fails, or when there
 * are fewer than least. */
static inline void golden_files(const char *dir, struct str ending, size_t least,
                                bool (*fn)(struct str name))
{
    struct arena arena = {0};
    struct str *names;
    struct err err;
    size_t count, run = 0, failed = 0;
    assert_true(file_list(dir, &arena, &names, &count, &err));
    for (size_t i = 0; i < count; i++) {
        if (!str_ends(names[i], ending)) continue;
        run++;
        failed += !fn(names[i]);
    }
    arena_fini(&arena);
    assert_true(run >= least);
    assert_int_equal(failed, 0);
}

#endif
