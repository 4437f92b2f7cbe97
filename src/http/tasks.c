/* SPDX-License-Identifier: Apache-2.0 */
/* Work for the loop's thread: from other threads (http_post) and for later (http_after). */
#include "http/loop.h"

void http_post(struct http_server *s, struct http_task *task)
{
    task->next = NULL;
    lock_take(&s->lock);
    *s->tasks_end = task;
    s->tasks_end = &task->next;
    if (s->awake && !s->looking) (void)uv_async_send(&s->wake); /* cannot fail while it is open */
    lock_give(&s->lock);
}

static void run_list(struct http_task *task)
{
    while (task) {
        struct http_task *next = task->next; /* the node is its owner's again once fn runs */
        task->fn(task->arg);
        task = next;
    }
}

void tasks_run(struct http_server *s)
{
    lock_take(&s->lock);
    s->looking = true;
    while (s->tasks) {
        struct http_task *list = s->tasks;
        s->tasks = NULL;
        s->tasks_end = &s->tasks;
        lock_give(&s->lock);
        run_list(list);
        lock_take(&s->lock);
    }
    s->looking = false;
    lock_give(&s->lock);
}

static void on_due(uv_timer_t *timer);

/* Arms the timer for the first of the later tasks. */
static void arm(struct http_server *s)
{
    if (!s->later) return;
    int64_t ms = s->later->due_ms - (int64_t)uv_now(&s->loop);
    (void)uv_timer_start(&s->alarm, on_due, ms > 0 ? (uint64_t)ms : 0, 0); /* it has a callback */
}

static void on_due(uv_timer_t *timer)
{
    struct http_server *s = timer->data;
    int64_t now = (int64_t)uv_now(&s->loop);
    while (s->later && s->later->due_ms <= now) {
        struct http_task *task = s->later;
        s->later = task->next;
        task->fn(task->arg);
    }
    arm(s);
}

void http_after(struct http_server *s, int64_t ms, struct http_task *task)
{
    if (s->stopping) {
        http_post(s, task);
        return;
    }
    struct http_task **at = &s->later;
    task->due_ms = (int64_t)uv_now(&s->loop) + ms;
    while (*at && (*at)->due_ms <= task->due_ms) at = &(*at)->next;
    task->next = *at;
    *at = task;
    arm(s);
}

void tasks_hurry(struct http_server *s)
{
    while (s->later) {
        struct http_task *task = s->later;
        s->later = task->next;
        http_post(s, task);
    }
}
