/* SPDX-License-Identifier: Apache-2.0 */
/* See thread.h. */
#include "sys/thread.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

struct start {
    thread_main_fn *main;
    void *ctx;
    char name[16];
};

/* asserts stay on in release, so that the call inside is always made (Makefile forbids NDEBUG). */
static void must(int result)
{
    assert(result == 0);
}

static void *run(void *arg)
{
    struct start start = *(struct start *)arg;
    mem_free(arg);
    (void)pthread_setname_np(pthread_self(), start.name); /* only for people who look */
    start.main(start.ctx);
    return NULL;
}

void thread_start(struct thread *t, const char *name, thread_main_fn *main, void *ctx)
{
    struct start *start = mem_new(sizeof *start);
    sigset_t all, before;
    start->main = main;
    start->ctx = ctx;
    (void)snprintf(start->name, sizeof start->name, "%s", name); /* cut to what the kernel takes */
    (void)sigfillset(&all);
    must(pthread_sigmask(SIG_SETMASK, &all, &before));
    must(pthread_create(&t->id, NULL, run, start));
    must(pthread_sigmask(SIG_SETMASK, &before, NULL));
    t->running = true;
}

void thread_join(struct thread *t)
{
    if (!t->running) return;
    must(pthread_join(t->id, NULL));
    t->running = false;
}

void lock_init(struct lock *l)
{
    must(pthread_mutex_init(&l->mutex, NULL));
}

void lock_fini(struct lock *l)
{
    must(pthread_mutex_destroy(&l->mutex));
}

void lock_take(struct lock *l)
{
    must(pthread_mutex_lock(&l->mutex));
}

void lock_give(struct lock *l)
{
    must(pthread_mutex_unlock(&l->mutex));
}

void signal_init(struct signal *s)
{
    pthread_condattr_t attr;
    must(pthread_condattr_init(&attr));
    must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC));
    must(pthread_cond_init(&s->cond, &attr));
    must(pthread_condattr_destroy(&attr));
}

void signal_fini(struct signal *s)
{
    must(pthread_cond_destroy(&s->cond));
}

void signal_wake(struct signal *s)
{
    must(pthread_cond_broadcast(&s->cond));
}

void signal_wait(struct signal *s, struct lock *l)
{
    must(pthread_cond_wait(&s->cond, &l->mutex));
}

bool signal_wait_ms(struct signal *s, struct lock *l, int64_t ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until); /* cannot fail with a valid clock id */
    int64_t ns = until.tv_nsec + (ms % 1000) * 1000000;
    until.tv_sec += (time_t)(ms / 1000 + ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    int result = pthread_cond_timedwait(&s->cond, &l->mutex, &until);
    assert(result == 0 || result == ETIMEDOUT);
    return result == 0;
}

unsigned thread_cpu_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set)) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? (unsigned)count : 1;
}
