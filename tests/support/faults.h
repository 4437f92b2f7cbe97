/* SPDX-License-Identifier: Apache-2.0 */
/* A bad disk: file operations that count their calls and fail the ones a test asks for. */
#ifndef SUPPORT_FAULTS_H
#define SUPPORT_FAULTS_H

#include "sys/file.h"

#include <errno.h>
#include <stdatomic.h>

/* X(NAME, letter) — the letter stands for the call in faults.trace. */
#define FAULT_OPS(X)                                                                               \
    X(OPEN, 'o')                                                                                   \
    X(WRITE, 'w')                                                                                  \
    X(DATASYNC, 'd')                                                                               \
    X(SYNC, 's')                                                                                   \
    X(ALLOCATE, 'a')                                                                               \
    X(TRUNCATE, 't')                                                                               \
    X(RENAME, 'r')                                                                                 \
    X(UNLINK, 'u')

enum fault_op {
#define X(NAME, letter) FAULT_##NAME,
    FAULT_OPS(X)
#undef X
        FAULT_OP_COUNT
};

enum { FAULT_SHORT_WRITE = -1 }; /* in place of an errno: half a piece, then EIO */

struct faults {
    enum fault_op op;
    unsigned from, count; /* calls from .. from + count - 1 fail, counted from 1; from 0: none */
    int error;            /* errno, or FAULT_SHORT_WRITE */
    _Atomic unsigned calls[FAULT_OP_COUNT];
    char trace[64]; /* the first calls since faults_on; read it when nobody calls */
    _Atomic size_t traced;
};

static struct faults faults;

/* fault_now counts one call: does it fail? */
static inline bool fault_now(enum fault_op op)
{
    static const char letters[] = {
#define X(NAME, letter) letter,
        FAULT_OPS(X)
#undef X
    };
    unsigned call = atomic_fetch_add(&faults.calls[op], 1) + 1;
    size_t at = atomic_fetch_add(&faults.traced, 1);
    if (at + 1 < sizeof faults.trace) faults.trace[at] = letters[op];
    bool hit =
        faults.from && op == faults.op && call >= faults.from && call - faults.from < faults.count;
    if (hit) errno = faults.error == FAULT_SHORT_WRITE ? EIO : faults.error;
    return hit;
}

static inline int fault_open(const char *path, int flags, mode_t mode)
{
    return fault_now(FAULT_OPEN) ? -1 : file_ops_real.open(path, flags, mode);
}

static inline ssize_t fault_write(int fd, const struct iovec *iov, int count, off_t offset)
{
    bool hit = fault_now(FAULT_WRITE);
    if (!hit) return file_ops_real.pwritev(fd, iov, count, offset);
    bool first = atomic_load(&faults.calls[FAULT_WRITE]) == faults.from;
    if (faults.error != FAULT_SHORT_WRITE || !first || iov->iov_len < 2) return -1;
    struct iovec half = {iov->iov_base, iov->iov_len / 2};
    return file_ops_real.pwritev(fd, &half, 1, offset);
}

static inline int fault_datasync(int fd)
{
    return fault_now(FAULT_DATASYNC) ? -1 : file_ops_real.datasync(fd);
}

static inline int fault_sync(int fd)
{
    return fault_now(FAULT_SYNC) ? -1 : file_ops_real.sync(fd);
}

static inline int fault_allocate(int fd, off_t offset, off_t length)
{
    return fault_now(FAULT_ALLOCATE) ? -1 : file_ops_real.allocate(fd, offset, length);
}

static inline int fault_truncate(int fd, off_t length)
{
    return fault_now(FAULT_TRUNCATE) ? -1 : file_ops_real.truncate(fd, length);
}

static inline int fault_rename(const char *from, const char *to)
{
    return fault_now(FAULT_RENAME) ? -1 : file_ops_real.rename(from, to);
}

static inline int fault_unlink(const char *path)
{
    return fault_now(FAULT_UNLINK) ? -1 : file_ops_real.unlink(path);
}

static const struct file_ops fault_ops = {
    .open = fault_open,
    .pwritev = fault_write,
    .datasync = fault_datasync,
    .sync = fault_sync,
    .allocate = fault_allocate,
    .truncate = fault_truncate,
    .rename = fault_rename,
    .unlink = fault_unlink,
};

/* faults_on makes count calls of op fail with error, beginning with the from-th from now on. */
static inline void faults_on(enum fault_op op, unsigned from, unsigned count, int error)
{
    faults.op = op;
    faults.from = from;
    faults.count = count;
    faults.error = error;
    for (size_t i = 0; i < FAULT_OP_COUNT; i++) atomic_store(&faults.calls[i], 0);
    atomic_store(&faults.traced, 0);
    memset(faults.trace, 0, sizeof faults.trace);
    (void)file_ops_set(&fault_ops); /* faults_off puts the real ones back */
}

/* faults_off heals the disk. Did the fault ever happen? */
static inline bool faults_off(void)
{
    bool hit = faults.from && atomic_load(&faults.calls[faults.op]) >= faults.from;
    (void)file_ops_set(&file_ops_real); /* what was set is ours */
    faults.from = 0;
    return hit;
}

#endif
