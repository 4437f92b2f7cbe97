/* SPDX-License-Identifier: Apache-2.0 */
/* See process.h. */
#include "sys/process.h"

#include "sys/clock.h"
#include "sys/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

static char **started_argv;
static char started_path[PATH_MAX];

void process_remember(char **argv)
{
    char here[PATH_MAX];
    started_argv = argv;
    if (argv[0][0] == '/') {
        (void)snprintf(started_path, sizeof started_path, "%s", argv[0]);
    } else if (strchr(argv[0], '/') && getcwd(here, sizeof here)) {
        int n = snprintf(started_path, sizeof started_path, "%s/%s", here, argv[0]);
        if (n >= PATH_MAX) started_path[0] = '\0';
    } else { /* found in PATH: the kernel knows where */
        ssize_t n = readlink("/proc/self/exe", started_path, sizeof started_path - 1);
        started_path[n > 0 ? n : 0] = '\0';
    }
}

const char *process_path(void)
{
    return started_path;
}

char *const *process_argv(void)
{
    return started_argv;
}

/* Starts it with both outputs into the pipe and no signal blocked or ignored; 0 or an errno. */
static int start(const char *const *argv, const int pipe_ends[2], pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed) return failed;
    failed = posix_spawnattr_init(&attributes);
    if (!failed) {
        (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        (void)posix_spawnattr_setsigmask(&attributes, &none);
        (void)posix_spawnattr_setsigdefault(&attributes, &all);
        failed = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 1);
        if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 2);
        /* posix_spawn takes no const argv for reasons of history; it does not write to it. */
        if (!failed)
            failed = posix_spawn(pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* Reads until the program has ended; false when the time passed first. It may close its outputs before its end,
 * and a child of its own may keep them open after it. Without child, a pidfd, the outputs' end counts. */
static bool read_output(int fd, int child, int64_t ms, struct buf *out)
{
    int64_t end_us = clock_mono_us() + ms * 1000;
    size_t limit = out->n + PROCESS_OUTPUT_BYTES;
    struct pollfd wait[] = {{.fd = fd, .events = POLLIN}, {.fd = child, .events = POLLIN}};
    char piece[1024];
    for (;;) {
        int64_t left_ms = (end_us - clock_mono_us()) / 1000;
        if (left_ms <= 0) return false;
        if (poll(wait, countof(wait), (int)left_ms) <= 0) continue;
        if (wait[0].revents) {
            ssize_t n = read(fd, piece, sizeof piece);
            if (n > 0 && out->n < limit)
                buf_put(out, str_head(str_of(piece, (size_t)n), limit - out->n));
            if (n > 0) continue;
            wait[0].fd = -1; /* closed: poll passes it over */
        }
        if (wait[1].revents || (wait[0].fd < 0 && child < 0)) return true;
    }
}

int process_run(const char *const *argv, int64_t ms, struct buf *out, struct err *err)
{
    int ends[2], status = 0;
    pid_t pid;
    assert(ms > 0 && ms <= INT_MAX);
    if (pipe2(ends, O_CLOEXEC)) {
        (void)err_set(err, ERR_IO, "cannot make a pipe: %s", strerror(errno));
        return -1;
    }
    int failed = start(argv, ends, &pid);
    (void)close(ends[1]);
    if (failed) {
        (void)close(ends[0]);
        (void)err_set(err, ERR_IO, "cannot run %s: %s", argv[0], strerror(failed));
        return -1;
    }
    int child = pidfd_open(pid, 0); /* -1: a kernel or container that has none */
    bool ended = read_output(ends[0], child, ms, out);
    if (!ended) (void)kill(pid, SIGKILL); /* it is our child and not yet waited for */
    (void)close(ends[0]);
    file_close(child);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    if (ended && WIFEXITED(status)) return WEXITSTATUS(status);
    (void)err_set(err, ERR_IO, ended ? "%s was killed by a signal" : "%s did not end in time",
                  argv[0]);
    return -1;
}

bool process_try(bool (*fn)(void *ctx), void *ctx)
{
    int status = 0;
    pid_t child = fork();
    if (child < 0) return false;
    if (child == 0) {
        static const int deaths[] = {SIGBUS, SIGSEGV, SIGABRT};
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (null >= 0) (void)dup2(null, STDERR_FILENO); /* dying words would only puzzle */
        for (size_t i = 0; i < countof(deaths); i++) (void)signal(deaths[i], SIG_DFL);
        _exit(fn(ctx) ? 0 : 1);
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The number behind a name of /proc/self/status, "VmRSS:   12345 kB". */
static uint64_t read_status(struct str status, struct str name)
{
    uint64_t number = 0;
    size_t at = str_find(status, name, 0);
    if (at == SIZE_MAX) return 0;
    struct str rest = str_trim(str_from(status, at + name.n));
    for (size_t i = 0; i < rest.n && rest.p[i] >= '0' && rest.p[i] <= '9'; i++)
        number = number * 10 + (uint64_t)(rest.p[i] - '0');
    return number;
}

void process_use(struct process_use *out)
{
    struct buf status = {0};
    struct err err;
    *out = (struct process_use){0};
    if (file_read_all("/proc/self/status", 64 * 1024, &status, &err)) {
        out->memory_bytes = read_status(buf_str(&status), S("VmRSS:")) * 1024;
        out->threads = (unsigned)read_status(buf_str(&status), S("Threads:"));
    }
    buf_fini(&status);
}
