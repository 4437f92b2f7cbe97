/* SPDX-License-Identifier: Apache-2.0 */
/* A directory for one test, made empty and removed with everything in it. */
#ifndef SUPPORT_DIR_H
#define SUPPORT_DIR_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct test_dir {
    char path[256];
};

static inline void test_dir_make(struct test_dir *d)
{
    const char *base = getenv("TMPDIR");
    (void)snprintf(d->path, sizeof d->path, "%s/pixeld-test-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(d->path)) abort();
}

static inline int test_dir_remove_one(const char *path, const struct stat *info, int type,
                                      struct FTW *ftw)
{
    (void)info;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void test_dir_remove(struct test_dir *d)
{
    (void)nftw(d->path, test_dir_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
