/* SPDX-License-Identifier: Apache-2.0 */
/* See file.h. */
#include "sys/file.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int real_open(const char *path, int flags, mode_t mode)
{
    return open(path, flags, mode);
}

static int real_allocate(int fd, off_t offset, off_t length)
{
    return fallocate(fd, 0, offset, length);
}

const struct file_ops file_ops_real = {
    .open = real_open,
    .pwritev = pwritev,
    .datasync = fdatasync,
    .sync = fsync,
    .allocate = real_allocate,
    .truncate = ftruncate,
    .rename = rename,
    .unlink = unlink,
};

static const struct file_ops *ops = &file_ops_real;

const struct file_ops *file_ops_set(const struct file_ops *new_ops)
{
    const struct file_ops *before = ops;
    ops = new_ops;
    return before;
}

static bool fail(struct err *err, const char *what)
{
    return err_set(err, ERR_IO, "%s: %s", what, strerror(errno));
}

int file_open(const char *path, int flags, mode_t mode, struct err *err)
{
    int fd = ops->open(path, flags | O_CLOEXEC, mode);
    if (fd < 0) (void)fail(err, path);
    return fd;
}

void file_close(int fd)
{
    if (fd >= 0) (void)close(fd); /* nothing to do about it: data was synced before */
}

bool file_write_at(int fd, struct iovec *iov, int count, off_t offset, struct err *err)
{
    while (count) {
        ssize_t n = ops->pwritev(fd, iov, count < IOV_MAX ? count : IOV_MAX, offset);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(err, "cannot write");
        if (n == 0 && iov->iov_len)
            return err_set(err, ERR_IO, "cannot write: disk takes no bytes");
        offset += n;
        while (count && (size_t)n >= iov->iov_len) {
            n -= (ssize_t)iov->iov_len;
            iov++;
            count--;
        }
        if (count) {
            iov->iov_base = (char *)iov->iov_base + n;
            iov->iov_len -= (size_t)n;
        }
    }
    return true;
}

bool file_datasync(int fd, struct err *err)
{
    return ops->datasync(fd) == 0 || fail(err, "cannot sync to disk");
}

bool file_allocate(int fd, off_t length, struct err *err)
{
    if (ops->allocate(fd, 0, length) == 0) return true;
    if (errno != EOPNOTSUPP) return fail(err, "cannot reserve disk space");
    /* A file system without fallocate (some network and overlay ones): a sparse file will do. */
    return file_truncate(fd, length, err);
}

bool file_truncate(int fd, off_t length, struct err *err)
{
    return ops->truncate(fd, length) == 0 || fail(err, "cannot set file length");
}

bool file_unlink(const char *path, struct err *err)
{
    return ops->unlink(path) == 0 || errno == ENOENT || fail(err, path);
}

bool file_rename(const char *from, const char *to, struct err *err)
{
    return ops->rename(from, to) == 0 || fail(err, to);
}

bool file_sync_dir(const char *path, struct err *err)
{
    int fd = file_open(path, O_RDONLY | O_DIRECTORY, 0, err);
    if (fd < 0) return false;
    bool ok = ops->sync(fd) == 0 || fail(err, "cannot sync directory");
    file_close(fd);
    return ok;
}

off_t file_size(int fd, struct err *err)
{
    struct stat info;
    if (fstat(fd, &info)) {
        (void)fail(err, "cannot read file size");
        return -1;
    }
    return info.st_size;
}

ssize_t file_read(int fd, size_t n, struct buf *out, struct err *err)
{
    ssize_t got;
    do {
        got = read(fd, buf_reserve(out, n), n);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        (void)fail(err, "cannot read");
    else
        out->n += (size_t)got;
    return got;
}

static bool read_fd(int fd, size_t limit, struct buf *out, struct err *err)
{
    size_t start = out->n;
    for (;;) {
        ssize_t n = file_read(fd, (size_t)64 * 1024, out, err);
        if (n <= 0) return n == 0;
        if (out->n - start > limit) return err_set(err, ERR_LIMIT, "larger than %zu bytes", limit);
    }
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool file_read_all(const char *path, size_t limit, struct buf *out, struct err *err)
{
    int fd = file_open(path, O_RDONLY, 0, err);
    if (fd < 0) return false;
    bool ok = read_fd(fd, limit, out, err) || err_wrap(err, "%s", path);
    file_close(fd);
    return ok;
}

bool file_read_input(size_t limit, struct buf *out, struct err *err)
{
    return read_fd(STDIN_FILENO, limit, out, err) || err_wrap(err, "<stdin>");
}

/* What a crash left there, or somebody else put there, may be open to others: it is not written into. */
static bool write_new(const char *path, struct str content, mode_t mode, struct err *err)
{
    if (!file_unlink(path, err)) return false;
    int fd = file_open(path, O_WRONLY | O_CREAT | O_EXCL, mode, err);
    if (fd < 0) return false;
    struct iovec piece = {(void *)content.p, content.n};
    bool ok = file_write_at(fd, &piece, 1, 0, err) && (ops->sync(fd) == 0 || fail(err, path));
    file_close(fd);
    return ok;
}

bool file_replace(const char *path, struct str content, mode_t mode, struct err *err)
{
    char temporary[4096], dir[4096];
    int n = snprintf(temporary, sizeof temporary, "%s.new", path);
    if (n < 0 || (size_t)n >= sizeof temporary) return err_set(err, ERR_INPUT, "path too long");
    if (!write_new(temporary, content, mode, err) || !file_rename(temporary, path, err)) {
        (void)ops->unlink(temporary); /* best effort: the old file is what counts */
        return false;
    }
    const char *slash = strrchr(path, '/');
    if (!slash) return file_sync_dir(".", err);
    int dir_n = slash == path ? 1 : (int)(slash - path);
    (void)snprintf(dir, sizeof dir, "%.*s", dir_n, path); /* fits: path did */
    return file_sync_dir(dir, err);
}

bool file_make_dirs(const char *path, struct err *err)
{
    char part[4096];
    size_t n = strlen(path);
    if (n >= sizeof part) return err_set(err, ERR_INPUT, "path too long: %.80s...", path);
    for (size_t i = 1; i <= n; i++) {
        if (i < n && path[i] != '/') continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0750) && errno != EEXIST) return fail(err, part);
    }
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* NULL at the end, with errno 0, and when the disk cannot tell the rest. */
static struct dirent *next_entry(DIR *dir)
{
    errno = 0;
    return readdir(dir);
}

bool file_list(const char *path, struct arena *arena, struct str **names, size_t *count,
               struct err *err)
{
    struct str *list = NULL;
    size_t n = 0, capacity = 0;
    DIR *dir = opendir(path);
    if (!dir) return fail(err, path);
    for (struct dirent *entry; (entry = next_entry(dir));) {
        struct str name = str_z(entry->d_name);
        if (str_eq(name, S(".")) || str_eq(name, S(".."))) continue;
        if (n == capacity) {
            size_t bigger = capacity ? capacity * 2 : 32;
            list = arena_grow(arena, list, capacity * sizeof *list, bigger * sizeof *list);
            capacity = bigger;
        }
        list[n++] = arena_str(arena, name);
    }
    bool whole = errno == 0 || fail(err, path);
    (void)closedir(dir);
    if (!whole) return false;
    if (n) qsort(list, n, sizeof *list, compare_names);
    *names = list;
    *count = n;
    return true;
}

int file_lock(const char *path, struct err *err)
{
    int fd = file_open(path, O_RDWR | O_CREAT, 0640, err);
    if (fd < 0) return -1;
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        (void)err_set(err, ERR_IO,
                      "%s is in use: is another pixeld running on this data directory?", path);
        file_close(fd);
        return -1;
    }
    return fd;
}

uint64_t file_disk_free(const char *path)
{
    struct statvfs info;
    if (statvfs(path, &info)) return 0;
    return (uint64_t)info.f_bavail * info.f_frsize;
}

uint64_t file_disk_total(const char *path)
{
    struct statvfs info;
    if (statvfs(path, &info)) return 0;
    return (uint64_t)info.f_blocks * info.f_frsize;
}

static void *map(int fd, size_t length, int access, struct err *err)
{
    void *p = mmap(NULL, length, access, MAP_SHARED, fd, 0);
    if (p != MAP_FAILED) return p;
    (void)fail(err, "cannot map file");
    return NULL;
}

const void *file_map(int fd, size_t length, struct err *err)
{
    return map(fd, length, PROT_READ, err);
}

void *file_map_shared(int fd, size_t length, struct err *err)
{
    enum { STEP = 128 * 1024 }; /* the system does at most about so much for one call */
    /* Asked for ahead, a file comes in single pages; found missing, in pieces that grow. */
    for (size_t at = 0; at < length; at += STEP) (void)readahead(fd, (off64_t)at, STEP);
    void *p = map(fd, length, PROT_READ | PROT_WRITE, err);
    if (p) (void)madvise(p, length, MADV_RANDOM); /* both are hints */
    return p;
}

bool file_write_out(int fd, off_t offset, off_t n, struct err *err)
{
    return sync_file_range(fd, offset, n, SYNC_FILE_RANGE_WRITE) == 0 ||
           fail(err, "cannot write to disk");
}

void file_unmap(const void *p, size_t length)
{
    if (p) (void)munmap((void *)p, length); /* only fails on arguments of our own making */
}

void file_let_go(int fd, const void *map, size_t n)
{
    /* The system keeps what is mapped anywhere. Neither call can do harm: what fails is kept. */
    if (map) (void)madvise((void *)map, n, MADV_DONTNEED);
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

bool file_touch(const void *p, size_t n, struct err *err)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE) - 1;
    uintptr_t start = (uintptr_t)p & ~page;
    size_t length = (uintptr_t)p + n - start;
    if (madvise((void *)start, length, MADV_POPULATE_READ) == 0) return true;
    if (errno == EINVAL) return true; /* Linux before 5.14 cannot tell; reading works as ever */
    return err_set(err, ERR_IO, "cannot read: the disk failed or the file became shorter");
}
