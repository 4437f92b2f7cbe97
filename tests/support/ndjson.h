/* SPDX-License-Identifier: Apache-2.0 */
/* Case files: one JSON value a line; "#" starts a comment line. Tests run from the repository's root. */
#ifndef SUPPORT_NDJSON_H
#define SUPPORT_NDJSON_H

#include "base/json.h"
#include "sys/file.h"

#include "support/check.h"

/* test_cases runs fn on each line of path; a line that is not JSON, or an empty file, fails. */
static inline void test_cases(const char *path, void (*fn)(yyjson_val *one))
{
    struct buf text = {0};
    struct arena arena = {0};
    struct err err = {0};
    struct str rest, line;
    size_t count = 0, number = 0;
    if (!file_read_all(path, (size_t)64 << 20, &text, &err)) fail_msg("%s", err.text);
    rest = buf_str(&text);
    while (rest.n) {
        (void)str_cut(rest, '\n', &line, &rest);
        number++;
        if (!line.n || line.p[0] == '#') continue;
        yyjson_val *one = json_read(&arena, line, &err);
        if (!one) fail_msg("%s:%zu: %s", path, number, err.text);
        fn(one);
        arena_reset(&arena);
        count++;
    }
    assert_true(count > 0);
    arena_fini(&arena);
    buf_fini(&text);
}

static inline struct str test_case_str(yyjson_val *one, const char *key)
{
    return json_str(yyjson_obj_get(one, key));
}

#endif
