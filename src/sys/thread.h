/* SPDX-License-Identifier: Apache-2.0 */
/* Threads, locks and wake-ups. A thread owns its data; what crosses threads does so under one of
 * these locks or through a queue built on them. Failures here are bugs or a broken system: abort. */
#ifndef SYS_THREAD_H
#define SYS_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct thread {
    pthread_t id;
    bool running;
};

typedef void thread_main_fn(void *ctx);

/* thread_start runs main(ctx) in a new thread with all signals blocked; name (15 bytes) shows in ps. */
void thread_start(struct thread *t, const char *name, thread_main_fn *main, void *ctx);
/* thread_join waits for the thread to return; does nothing when it was never started. */
void thread_join(struct thread *t);

struct lock {
    pthread_mutex_t mutex;
};

void lock_init(struct lock *l);
void lock_fini(struct lock *l);
void lock_take(struct lock *l);
void lock_give(struct lock *l);

struct signal {
    pthread_cond_t cond;
};

void signal_init(struct signal *s);
void signal_fini(struct signal *s);
void signal_wake(struct signal *s);
/* signal_wait gives l up while waiting; spurious wake-ups happen, so wait in a loop. */
void signal_wait(struct signal *s, struct lock *l);
/* signal_wait_ms is signal_wait for at most ms; false when the time passed. */
bool signal_wait_ms(struct signal *s, struct lock *l, int64_t ms);

/* thread_cpu_count is the number of processors this process may use, at least 1. */
unsigned thread_cpu_count(void);

#endif
