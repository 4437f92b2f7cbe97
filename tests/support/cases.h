/* SPDX-License-Identifier: Apache-2.0 */
/* Rules as data: a file of one JSON object a line (tests/cases/...). Blank lines and lines that begin
 * with # are left out. */
#ifndef SUPPORT_CASES_H
#define SUPPORT_CASES_H

#include "base/json.h"
#include "sys/file.h"

#include "support/check.h"

/* case_str is the text of a string or number; p = NULL when it is neither. */
static inline struct str case_str(yyjson_val *line, const char *key)
{
    return json_str(json_get(line, key));
}

static inline int64_t case_i64(yyjson_val *line, const char *key, int64_t otherwise)
{
    int64_t value;
    return str_to_i64(case_str(line, key), &value) ? value : otherwise;
}

/* cases_run gives each line to fn, which says whether it passed (and prints what was wrong); fails
 * at the end when any did not, or when there were fewer than least. A line lives during its call. */
static inline void cases_run(const char *path, size_t least, bool (*fn)(yyjson_val *line))
{
    struct buf content = {0};
    struct arena arena = {0};
    struct err err;
    size_t count = 0, failed = 0;
    unsigned number = 0;
    if (!file_read_all(path, (size_t)16 << 20, &content, &err)) fail_msg("%s", err.text);
    for (struct str line, rest = buf_str(&content); rest.n;) {
        (void)str_cut(rest, '\n', &line, &rest);
        number++;
        if (!line.n || line.p[0] == '#') continue;
        yyjson_val *v = json_read(&arena, line, &err);
        count++;
        if (!v || !fn(v)) {
            print_error("%s:%u: %s\n", path, number, v ? "failed" : err.text);
            failed++;
        }
        arena_reset(&arena);
    }
    arena_fini(&arena);
    buf_fini(&content);
    if (failed) fail_msg("%zu of %zu cases failed", failed, count);
    if (count < least) fail_msg("%s has %zu cases, not %zu", path, count, least);
}

#endif
