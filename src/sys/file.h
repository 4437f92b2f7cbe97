/* SPDX-License-Identifier: Apache-2.0 */
/* Files and directories. The calls that can fail on a bad disk go through a table of functions that
 * tests replace, to inject ENOSPC, EIO, short writes and crashes at every point. Paths are
 * NUL-terminated here and only here. */
#ifndef SYS_FILE_H
#define SYS_FILE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <sys/types.h>
#include <sys/uio.h>

/* The replaceable calls. Same contracts as the system's; -1 and errno on failure. */
struct file_ops {
    int (*open)(const char *path, int flags, mode_t mode);
    ssize_t (*pwritev)(int fd, const struct iovec *iov, int count, off_t offset);
    int (*datasync)(int fd);                             /* fdatasync */
    int (*sync)(int fd);                                 /* fsync; also for directories */
    int (*allocate)(int fd, off_t offset, off_t length); /* fallocate: reserves zeroed blocks */
    int (*truncate)(int fd, off_t length);
    int (*rename)(const char *from, const char *to);
    int (*unlink)(const char *path);
};

/* file_ops_real are the system's own calls. */
extern const struct file_ops file_ops_real;
/* file_ops_set replaces the calls for the whole process and returns the former ones; tests only. */
const struct file_ops *file_ops_set(const struct file_ops *ops);

/* file_open opens with O_CLOEXEC added; -1 and err on failure. */
int file_open(const char *path, int flags, mode_t mode, struct err *err);
void file_close(int fd);
/* file_write_at writes all of the pieces at offset (retrying short writes); iov is consumed. */
bool file_write_at(int fd, struct iovec *iov, int count, off_t offset, struct err *err);
bool file_datasync(int fd, struct err *err);
bool file_allocate(int fd, off_t length, struct err *err);
bool file_truncate(int fd, off_t length, struct err *err);
bool file_unlink(const char *path, struct err *err);
/* file_rename replaces to, atomically; durable only after file_sync_dir. */
bool file_rename(const char *from, const char *to, struct err *err);
/* file_sync_dir makes creations, renames and removals in the directory durable. */
bool file_sync_dir(const char *path, struct err *err);
/* file_size is the length in bytes; -1 and err on failure. */
off_t file_size(int fd, struct err *err);

/* file_exists: is there anything of that name? */
bool file_exists(const char *path);
/* file_read appends what is there to read, at most n bytes, and returns how much that was: 0 at the end, -1 and
 * err on failure. Waits when nothing is there yet. */
ssize_t file_read(int fd, size_t n, struct buf *out, struct err *err);
/* file_read_all appends the whole file, at most limit bytes (more is an error of kind LIMIT). */
bool file_read_all(const char *path, size_t limit, struct buf *out, struct err *err);
/* file_read_input is the same for standard input, whatever it is: a socket cannot be opened by name. */
bool file_read_input(size_t limit, struct buf *out, struct err *err);
/* file_replace writes path anew, atomically and durably: a new file path.new, sync, rename, sync dir. Nobody can
 * read what mode does not let them, at no moment. */
bool file_replace(const char *path, struct str content, mode_t mode, struct err *err);

/* file_make_dirs creates path and its parents, mode 0750. */
bool file_make_dirs(const char *path, struct err *err);
/* file_list gives the names in a directory, sorted, without "." and "..", in the arena. */
bool file_list(const char *path, struct arena *arena, struct str **names, size_t *count,
               struct err *err);
/* file_lock takes an exclusive lock on path (created), so that two processes do not share a data
 * directory; returns the descriptor to keep open, or -1 and err saying that another one holds it. */
int file_lock(const char *path, struct err *err);
/* file_disk_free is the number of bytes an ordinary user can still write at path; 0 if unknown. */
uint64_t file_disk_free(const char *path);
/* file_disk_total is the size of the file system at path; 0 if unknown. */
uint64_t file_disk_total(const char *path);

/* file_map maps length bytes read-only and shared; NULL and err on failure. */
const void *file_map(int fd, size_t length, struct err *err);
/* file_map_shared maps for reading and writing here and there; what is written reaches the file at the
 * system's leisure, also when the process is killed. The blocks must be reserved (file_allocate): a write
 * that finds no space is a SIGBUS. Reads all of the file into memory, in single pages: where the system
 * keeps files in pieces of 2 MiB (ext4 since Linux 6.16), the first write to each piece takes 230 us
 * instead of 3, and a change of 16 bytes is 2 MiB to write back. */
void *file_map_shared(int fd, size_t length, struct err *err);
void file_unmap(const void *p, size_t length);
/* file_let_go gives the memory back that holds what was read or written of the file, as far as it is on the disk; it
 * is read from there when it is wanted again. map: where its n bytes are mapped; NULL: nowhere here. */
void file_let_go(int fd, const void *map, size_t n);
/* file_write_out lets the disk begin to write what was changed of n bytes, without waiting for it. It makes nothing
 * durable; it keeps the system from writing much at once later. */
bool file_write_out(int fd, off_t offset, off_t n, struct err *err);
/* file_touch brings n mapped bytes into memory, so that a disk that cannot read them, or a file that
 * someone made shorter, is an error here and not a SIGBUS later. */
bool file_touch(const void *p, size_t n, struct err *err);

#endif
