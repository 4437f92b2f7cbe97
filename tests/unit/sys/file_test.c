/* SPDX-License-Identifier: Apache-2.0 */
/* sys/file.c on a good disk and on a bad one: whole writes or an error, replaced files never half. */
#include "support/cmocka.h"

#include "sys/file.h"

#include "support/bytes.h"
#include "support/dir.h"
#include "support/faults.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct test_dir dir;
static char path[512], other[512];
static struct err err;
static struct buf content;

static int setup(void **state)
{
    (void)state;
    test_dir_make(&dir);
    (void)snprintf(path, sizeof path, "%s/file", dir.path);
    (void)snprintf(other, sizeof other, "%s/other", dir.path);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)faults_off();
    test_dir_remove(&dir);
    buf_fini(&content);
    return 0;
}

static void assert_content(const char *name, struct str expected)
{
    test_file_read(name, &content);
    assert_true(str_eq(buf_str(&content), expected));
}

/* A system that takes three bytes a call, and is interrupted every other time. */
static ssize_t dribble(int fd, const struct iovec *iov, int count, off_t offset)
{
    static unsigned calls;
    (void)count;
    if (calls++ % 2) {
        errno = EINTR;
        return -1;
    }
    struct iovec some = {iov->iov_base, iov->iov_len < 3 ? iov->iov_len : 3};
    return pwritev(fd, &some, 1, offset);
}

static void short_writes_are_finished(void **state)
{
    (void)state;
    struct file_ops ops = file_ops_real;
    char empty[1];
    struct iovec pieces[] = {{(void *)"hello ", 6}, {empty, 0}, {(void *)"world", 5}};
    ops.pwritev = dribble;
    int fd = file_open(path, O_RDWR | O_CREAT, 0600, &err);
    assert_true(fd >= 0);
    assert_ptr_equal(file_ops_set(&ops), &file_ops_real);
    assert_true(file_write_at(fd, pieces, 3, 2, &err));
    assert_ptr_equal(file_ops_set(&file_ops_real), &ops);
    assert_int_equal(file_size(fd, &err), 13);
    file_close(fd);
    assert_content(path, S("\0\0hello world"));
}

static void replacing_is_all_or_nothing(void **state)
{
    (void)state;
    static const enum fault_op ops[] = {FAULT_OPEN, FAULT_WRITE, FAULT_SYNC, FAULT_RENAME};
    assert_true(file_replace(path, S("old"), 0600, &err));
    for (size_t i = 0; i < countof(ops); i++) {
        bool is_write = ops[i] == FAULT_WRITE;
        faults_on(ops[i], 1, 2, is_write ? FAULT_SHORT_WRITE : ENOSPC);
        assert_false(file_replace(path, S("something new"), 0600, &err));
        assert_int_equal(err.kind, ERR_IO);
        assert_true(faults_off());
        assert_content(path, S("old"));
    }
    faults_on(FAULT_OPEN, 0, 0, 0);
    assert_true(file_replace(path, S("new"), 0600, &err));
    (void)faults_off();
    assert_string_equal(faults.trace, "uowsros"); /* synced, renamed, the directory synced */
    assert_content(path, S("new"));
}

/* A crash between two calls leaves path.new behind; somebody else may have put it there, too. */
static void replacing_keeps_its_mode(void **state)
{
    (void)state;
    struct stat info;
    (void)snprintf(other, sizeof other, "%s/file.new", dir.path);
    test_file_write(other, S("left over"));
    assert_int_equal(chmod(other, 0666), 0);
    assert_true(file_replace(path, S("secret"), 0600, &err));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(symlink("elsewhere", other), 0);
    assert_true(file_replace(path, S("secret"), 0600, &err));
    (void)snprintf(other, sizeof other, "%s/elsewhere", dir.path);
    assert_false(file_exists(other));
    /* What cannot take the place of the old one is not left to be found. */
    (void)snprintf(other, sizeof other, "%s/d", dir.path);
    assert_true(file_make_dirs(other, &err));
    assert_false(file_replace(other, S("secret"), 0600, &err));
    (void)snprintf(other, sizeof other, "%s/d.new", dir.path);
    assert_false(file_exists(other));
}

static void renames_and_removes(void **state)
{
    (void)state;
    test_file_write(path, S("a"));
    test_file_write(other, S("b"));
    assert_true(file_rename(path, other, &err));
    assert_content(other, S("a"));
    assert_false(file_rename(path, other, &err));
    assert_non_null(strstr(err.text, other));
    assert_true(file_unlink(other, &err));
    assert_true(file_unlink(other, &err)); /* what is not there is fine */
}

static int no_fallocate(int fd, off_t offset, off_t length)
{
    (void)fd;
    (void)offset;
    (void)length;
    errno = EOPNOTSUPP;
    return -1;
}

static void reserves_also_without_fallocate(void **state)
{
    (void)state;
    struct file_ops ops = file_ops_real;
    ops.allocate = no_fallocate;
    int fd = file_open(path, O_RDWR | O_CREAT, 0600, &err);
    (void)file_ops_set(&ops); /* put back below */
    assert_true(file_allocate(fd, 100000, &err));
    (void)file_ops_set(&file_ops_real); /* ours */
    assert_int_equal(file_size(fd, &err), 100000);
    file_close(fd);
}

/* A map of a file that became shorter is an error, not SIGBUS. */
static void touching_tells_what_is_gone(void **state)
{
    (void)state;
    int fd = file_open(path, O_RDWR | O_CREAT, 0600, &err);
    assert_true(file_truncate(fd, 64 * 1024, &err));
    const char *p = file_map(fd, 64 * 1024, &err);
    assert_non_null(p);
    assert_true(file_touch(p + 5, 64 * 1024 - 5, &err));
    assert_true(file_truncate(fd, 100, &err));
    assert_true(file_touch(p, 100, &err));
    assert_false(file_touch(p + 32 * 1024, 1, &err));
    assert_int_equal(err.kind, ERR_IO);
    file_unmap(p, 64 * 1024);
    file_unmap(NULL, 0);
    file_close(fd);
}

/* Says the system of the map at p that it has this flag (proc(5), smaps)? */
static bool map_has(const void *p, const char *flag)
{
    char start[32], line[512];
    bool here = false, found = false;
    FILE *f = fopen("/proc/self/smaps", "r");
    assert_non_null(f);
    (void)snprintf(start, sizeof start, "%lx-", (unsigned long)(uintptr_t)p);
    while (fgets(line, sizeof line, f)) {
        here = here || strncmp(line, start, strlen(start)) == 0;
        if (!here || strncmp(line, "VmFlags:", 8) != 0) continue;
        found = strstr(line, flag) != NULL;
        break;
    }
    (void)fclose(f);
    return found;
}

/* What is changed here and there must not come in large pieces: a change would make all of a piece dirty. */
static void a_shared_map_is_of_single_pages(void **state)
{
    enum { BYTES = 4 * 1024 * 1024 };
    (void)state;
    int fd = file_open(path, O_RDWR | O_CREAT, 0600, &err);
    assert_true(fd >= 0 && file_allocate(fd, BYTES, &err));
    char *p = file_map_shared(fd, BYTES, &err);
    assert_non_null(p);
    assert_true(map_has(p, " rr"));
    p[BYTES - 1] = 'x';
    char last = 0;
    assert_int_equal(pread(fd, &last, 1, BYTES - 1), 1);
    assert_int_equal(last, 'x');
    assert_true(file_write_out(fd, BYTES - 4096, 4096, &err));
    assert_false(file_write_out(-1, 0, 4096, &err));
    assert_non_null(strstr(err.text, "cannot write to disk"));
    file_unmap(p, BYTES);
    file_close(fd);
}

static void one_lock_at_a_time(void **state)
{
    (void)state;
    int status, fd = file_lock(path, &err);
    assert_true(fd >= 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) _exit(file_lock(path, &err) < 0 && strstr(err.text, "another pixeld") ? 7 : 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 7);
    file_close(fd);
    fd = file_lock(path, &err);
    assert_true(fd >= 0);
    file_close(fd);
}

static void reading_is_bounded(void **state)
{
    (void)state;
    test_file_write(path, S("12345678"));
    assert_true(file_read_all(path, 8, &content, &err));
    buf_clear(&content);
    assert_false(file_read_all(path, 7, &content, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_non_null(strstr(err.text, path));
    assert_false(file_read_all(other, 7, &content, &err));
    assert_int_equal(err.kind, ERR_IO);
}

static void makes_and_lists_directories(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct str *names;
    size_t count;
    (void)snprintf(other, sizeof other, "%s/a/b/c", dir.path);
    assert_true(file_make_dirs(other, &err));
    assert_true(file_make_dirs(other, &err));
    assert_true(file_list(other, &arena, &names, &count, &err));
    assert_int_equal(count, 0);
    test_file_write(path, S(""));
    assert_true(file_list(dir.path, &arena, &names, &count, &err));
    assert_int_equal(count, 2);
    assert_true(str_eq(names[0], S("a")) && str_eq(names[1], S("file")));
    assert_false(file_make_dirs(path, &err) && file_list(path, &arena, &names, &count, &err));
    assert_true(file_disk_free(dir.path) > 0);
    assert_true(file_disk_total(dir.path) >= file_disk_free(dir.path));
    assert_int_equal(file_disk_total("/nowhere/at/all"), 0);
    arena_fini(&arena);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(short_writes_are_finished),
        T(replacing_is_all_or_nothing),
        T(replacing_keeps_its_mode),
        T(renames_and_removes),
        T(reserves_also_without_fallocate),
        T(touching_tells_what_is_gone),
        T(a_shared_map_is_of_single_pages),
        T(one_lock_at_a_time),
        T(reading_is_bounded),
        T(makes_and_lists_directories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
