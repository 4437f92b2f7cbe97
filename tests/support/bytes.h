/* SPDX-License-Identifier: Apache-2.0 */
/* Reading, writing and copying whole small files, for tests that damage them. */
#ifndef SUPPORT_BYTES_H
#define SUPPORT_BYTES_H

#include "base/arena.h"
#include "base/buf.h"
#include "sys/file.h"

#include <stdio.h>
#include <stdlib.h>

static inline void test_file_read(const char *path, struct buf *out)
{
    struct err err = {0};
    buf_clear(out);
    if (file_read_all(path, (size_t)1 << 30, out, &err)) return;
    (void)fprintf(stderr, "%s\n", err.text);
    abort();
}

static inline void test_file_write(const char *path, struct str content)
{
    FILE *f = fopen(path, "w");
    bool ok = f && fwrite(content.p, 1, content.n, f) == content.n;
    if (!ok || fclose(f)) abort();
}

/* test_dir_copy copies the files of one directory into another, as a power cut would leave them. */
static inline void test_dir_copy(const char *from, const char *to)
{
    struct arena arena = {0};
    struct buf content = {0};
    struct err err = {0};
    struct str *names;
    size_t count;
    if (!file_list(from, &arena, &names, &count, &err)) abort();
    for (size_t i = 0; i < count; i++) {
        test_file_read(arena_printf(&arena, "%s/%s", from, names[i].p).p, &content);
        test_file_write(arena_printf(&arena, "%s/%s", to, names[i].p).p, buf_str(&content));
    }
    buf_fini(&content);
    arena_fini(&arena);
}

#endif
