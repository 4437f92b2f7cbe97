/* SPDX-License-Identifier: Apache-2.0 */
/* sys/handover.c and sys/process.c: this test program, run again in many roles. */
#include "sys/clock.h"
#include "sys/handover.h"
#include "sys/process.h"

#include "support/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static int listener(unsigned *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

/* --- the roles of the program when it is run again -------------------------------------------- */

/* Says what it was handed. */
static int role_taker(void)
{
    struct handover h = {0};
    handover_take(&h);
    printf("paused %lld\n", (long long)h.paused_us);
    for (size_t i = 0; i < h.count; i++) {
        unsigned port = ntohs(((struct sockaddr_in *)&h.items[i].address)->sin_port);
        bool inherits = (fcntl(h.items[i].fd, F_GETFD) & FD_CLOEXEC) == 0;
        printf("%d %s %s %s%s\n", h.items[i].fd, h.items[i].name,
               h.items[i].listening ? "listens" : "talks", port ? "somewhere" : "nowhere",
               inherits ? " inherited" : "");
    }
    printf("then %s %s %s\n", getenv("LISTEN_FDS") ? "fds" : "-",
           getenv("LISTEN_PID") ? "pid" : "-", getenv("LISTEN_FDNAMES") ? "names" : "-");
    handover_close(&h);
    return 0;
}

/* Becomes the taker with sockets whose numbers are in each other's way. */
static int role_giver(void)
{
    struct handover h = {.paused_us = 77};
    struct err err;
    unsigned port;
    int first = listener(&port), second = listener(&port), talking = listener(&port);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(client, (struct sockaddr *)&at, sizeof at)) return 9;
    if (!handover_add(&h, "second", second) || !handover_add(&h, "a-long-name", first)) return 8;
    if (!handover_add(&h, "gone", talking) || !handover_add(&h, "client", client)) return 7;
    if (handover_add(&h, "pipe", STDOUT_FILENO)) return 6;
    (void)close(h.items[2].fd);
    h.items[2].fd = -1; /* taken away */
    static char name[] = "handover_test", role[] = "taker";
    char *argv[] = {name, role, NULL};
    (void)handover_become(&h, process_path(), argv, &err);
    printf("%s\n", err.text);
    return 5;
}

static int role_noisy(void)
{
    for (int i = 0; i < 100000; i++) printf("0123456789\n");
    fprintf(stderr, "the end\n");
    return 4;
}

static int role_lost(void)
{
    struct handover h = {0};
    struct err err;
    char *argv[] = {NULL};
    if (handover_become(&h, "/nowhere/at-all", argv, &err)) return 1;
    printf("%s\n", err.text);
    return 3;
}

static int role_sleeper(void)
{
    (void)pause();
    return 0;
}

/* Has nothing more to say, and goes on. */
static int role_mute(void)
{
    (void)close(STDOUT_FILENO);
    (void)close(STDERR_FILENO);
    (void)pause();
    return 0;
}

/* Ends, and leaves somebody behind who keeps the outputs open for a while. */
static int role_parent(void)
{
    printf("done\n");
    (void)fflush(stdout);
    if (fork()) return 7;
    clock_sleep_ms(3000);
    return 0;
}

static int role_suicide(void)
{
    return raise(SIGKILL);
}

/* Signals that the parent blocked or ignores are not the child's business. */
static int role_signals(void)
{
    sigset_t mask;
    (void)sigprocmask(SIG_BLOCK, NULL, &mask);
    bool ignored = signal(SIGPIPE, SIG_DFL) == SIG_IGN;
    printf("%s %s\n", sigismember(&mask, SIGTERM) ? "blocked" : "open",
           ignored ? "ignored" : "default");
    return 0;
}

static const struct role {
    const char *name;
    int (*play)(void);
} roles[] = {{"taker", role_taker},     {"giver", role_giver},     {"noisy", role_noisy},
             {"lost", role_lost},       {"sleeper", role_sleeper}, {"suicide", role_suicide},
             {"signals", role_signals}, {"mute", role_mute},       {"parent", role_parent}};

static int play(const char *role, int64_t ms, struct buf *out, struct err *err)
{
    const char *argv[] = {process_path(), role, NULL};
    buf_clear(out);
    return process_run(argv, ms, out, err);
}

/* --- tests ---------------------------------------------------------------------------------------- */

static void sockets_reach_the_next_program(void **state)
{
    (void)state;
    struct buf out = {0};
    struct err err;
    assert_int_equal(play("giver", 10000, &out, &err), 0);
    check_str(buf_str(&out), "paused 77\n3 second listens somewhere\n4 a-long-n listens somewhere\n"
                             "5 client talks somewhere\nthen - - -\n");
    assert_int_equal(play("lost", 10000, &out, &err), 3);
    check_str(buf_str(&out), "cannot run /nowhere/at-all: No such file or directory\n");
    buf_fini(&out);
}

static void what_is_not_for_us_is_left_alone(void **state)
{
    (void)state;
    static const struct {
        const char *pid, *fds;
    } cases[] = {{"1", "2"}, {"", "2"}, {"x", "2"}, {NULL, "2"}};
    for (size_t i = 0; i < countof(cases); i++) {
        struct handover h = {0};
        (void)setenv("LISTEN_FDS", cases[i].fds, 1);
        (void)setenv("LISTEN_FDNAMES", "a:b", 1);
        if (cases[i].pid) (void)setenv("LISTEN_PID", cases[i].pid, 1);
        handover_take(&h);
        assert_int_equal(h.count, 0);
        assert_null(getenv("LISTEN_FDS"));
        handover_close(&h);
    }
}

static void nonsense_is_survived(void **state)
{
    (void)state;
    static const char *const counts[] = {"0", "-1", "99999999999999999999", "x", ""};
    char pid[16];
    (void)snprintf(pid, sizeof pid, "%d", (int)getpid());
    for (size_t i = 0; i < countof(counts); i++) {
        struct handover h = {0};
        (void)setenv("LISTEN_FDS", counts[i], 1);
        (void)setenv("LISTEN_PID", pid, 1);
        handover_take(&h);
        assert_int_equal(h.count, 0);
    }
    /* More than there are, and what is there is no socket: closed, so that it does not pile up. */
    struct handover h = {0};
    int spare = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    (void)setenv("LISTEN_FDS", "12345", 1);
    (void)setenv("LISTEN_PID", pid, 1);
    handover_take(&h);
    assert_int_equal(h.count, 0);
    assert_int_equal(fcntl(spare, F_GETFD), -1);
    handover_close(&h);
}

static void holds_and_moves(void **state)
{
    (void)state;
    struct handover a = {0}, b = {0};
    unsigned port;
    int fd = listener(&port);
    for (int i = 0; i < 5; i++) assert_true(handover_add(&a, "x", fd));
    assert_true(handover_add(&b, "y", fd));
    handover_move(&b, &a);
    assert_int_equal(a.count, 0);
    assert_int_equal(b.count, 6);
    assert_true(b.items[5].listening && b.items[5].fd != fd);
    int copy = handed_copy(&b.items[5]);
    assert_true(copy >= 0);
    (void)close(copy);
    handover_close(&b);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC); /* still ours */
    (void)close(fd);
    assert_false(handover_add(&a, "x", fd));
    handover_close(&a);
}

static void runs_itself(void **state)
{
    (void)state;
    struct buf out = {0};
    struct err err;
    assert_int_equal(play("noisy", 10000, &out, &err), 4);
    assert_int_equal(out.n, PROCESS_OUTPUT_BYTES);
    assert_int_equal(play("suicide", 10000, &out, &err), -1);
    check_err(err, "was killed by a signal");
    assert_int_equal(play("sleeper", 50, &out, &err), -1);
    check_err(err, "did not end in time");
    assert_int_equal(play("mute", 50, &out, &err), -1);
    check_err(err, "did not end in time");
    assert_int_equal(play("parent", 2500, &out, &err), 7); /* its child has not ended by then */
    check_str(buf_str(&out), "done\n");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
    assert_int_equal(errno, ECHILD);
    sigset_t term;
    (void)sigemptyset(&term);
    (void)sigaddset(&term, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &term, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    assert_int_equal(play("signals", 10000, &out, &err), 0);
    check_str(buf_str(&out), "open default\n");
    buf_fini(&out);
}

static void knows_what_it_uses(void **state)
{
    struct process_use use;
    (void)state;
    process_use(&use);
    assert_true(use.memory_bytes > 100000 && use.memory_bytes < (uint64_t)1 << 50);
    assert_true(use.threads >= 1 && use.threads < 10000);
}

static void remembers_where_it_was_started(void **state)
{
    (void)state;
    static char names[][16] = {"/some/where", "./here", "found-in-path"};
    char **before = (char **)process_argv();
    char here[4096];
    struct buf out = {0};
    struct err err;
    assert_non_null(getcwd(here, sizeof here));
    for (size_t i = 0; i < countof(names); i++) {
        char *argv[] = {names[i], NULL};
        process_remember(argv);
        assert_ptr_equal(process_argv(), argv);
        if (i == 0) assert_string_equal(process_path(), "/some/where");
        if (i == 0) assert_int_equal(play("signals", 1000, &out, &err), -1);
        if (i == 1) assert_int_equal(strncmp(process_path(), here, strlen(here)), 0);
        if (i == 2) assert_int_equal(access(process_path(), X_OK), 0);
    }
    check_err(err, "cannot run /some/where: No such file");
    process_remember(before);
    buf_fini(&out);
}

int main(int argc, char **argv)
{
    process_remember(argv);
    for (size_t i = 0; argc == 2 && i < countof(roles); i++) {
        if (!strcmp(argv[1], roles[i].name)) return roles[i].play();
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sockets_reach_the_next_program),
        cmocka_unit_test(what_is_not_for_us_is_left_alone),
        cmocka_unit_test(nonsense_is_survived),
        cmocka_unit_test(holds_and_moves),
        cmocka_unit_test(runs_itself),
        cmocka_unit_test(knows_what_it_uses),
        cmocka_unit_test(remembers_where_it_was_started),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
