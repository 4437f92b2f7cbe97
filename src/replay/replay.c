/* SPDX-License-Identifier: Apache-2.0 */
/* See replay.h. The thread takes a piece of each running job in turn. A piece is a stretch of the journal:
 * its events are decided on, then what is to go and how far the job is enter the store in one transaction,
 * so a crash neither skips nor repeats anything. Under the lock only the list of jobs is touched. */
#include "replay/replay.h"

#include "base/mem.h"
#include "core/log.h"
#include "replay/pick.h"
#include "store/jobs.h"
#include "sys/clock.h"

#include <assert.h>
#include <stdio.h>

/* Events looked at in one piece, and how long a job waits when its queue is long enough. */
enum { PIECE_EVENTS = 2000, WAIT_MS = 100, FAILED_WAIT_MS = 1000 };

struct replay {
    struct replay_options options;
    struct thread thread;
    struct lock lock; /* holds what follows, up to the blank line */
    struct signal work;
    struct replay_job *jobs;
    size_t count;
    bool stopping;

    /* The thread's own. */
    struct picker picker;
    struct journal_reader reader;
    struct arena arena; /* of one piece */
    struct again *again;
    size_t again_count;
};

/* --- keeping ------------------------------------------------------------------------------------ */

static struct job_text job_text(const struct replay_job *job, struct buf *text)
{
    buf_clear(text);
    job_put(text, job);
    return (struct job_text){job->id, buf_str(text)};
}

static bool keep(struct replay *r, const struct replay_job *job, struct err *err)
{
    struct buf text = {0};
    struct job_text one = job_text(job, &text);
    bool ok = store_job_put(r->options.store, &one, err);
    buf_fini(&text);
    return ok;
}

static bool load(struct replay *r, struct err *err)
{
    struct arena arena = {0};
    struct job_text *texts;
    size_t count;
    bool ok = store_jobs_list(r->options.store, &arena, &texts, &count, err);
    if (ok && count) r->jobs = mem_new(count * sizeof *r->jobs);
    for (size_t i = 0; ok && i < count; i++) {
        ok = job_read(texts[i].text, &arena, &r->jobs[i], err);
        if (ok) r->count++;
    }
    arena_fini(&arena);
    return ok;
}

/* --- one piece ---------------------------------------------------------------------------------- */

/* decide looks at the records of a view from job->next on; stops at the end of the piece. */
static void decide(struct replay *r, struct replay_job *job, const struct journal_view *view,
                   const enum reason *formers, uint64_t end)
{
    struct str rest = view->records;
    for (; job->next < end; job->next++) {
        struct str record = str_head(rest, event_record_size(rest));
        enum reason former = formers[job->next - view->first_seq];
        enum replay_count what = pick_event(&r->picker, job, record, former);
        job->counts[REPLAY_LOOKED_AT]++;
        rest = str_from(rest, record.n);
        if (what == REPLAY_QUEUED && !job->dry_run)
            r->again[r->again_count++] =
                (struct again){job->next, former, arena_str(&r->arena, record)};
        else
            job->counts[what]++;
    }
}

static void skip(struct replay *r, struct replay_job *job)
{
    uint64_t to = r->reader.skip_to < job->end ? r->reader.skip_to : job->end;
    if (to <= job->next) to = job->next + 1;
    job->counts[REPLAY_LOOKED_AT] += to - job->next;
    job->counts[REPLAY_LOST] += to - job->next;
    job->next = to;
}

/* find_start finds where the job's destination began. One that delivery has not seen yet has no event. */
static bool find_start(struct replay *r, const struct replay_job *job, struct err *err)
{
    struct cursor cursor;
    r->picker.start = UINT64_MAX;
    if (store_load_cursor(r->options.store, str_z(job->destination), &r->arena, &cursor, err))
        r->picker.start = cursor.start;
    return r->picker.start != UINT64_MAX || err->kind == ERR_NONE;
}

/* read_piece decides on one stretch. False and err: the store cannot tell. */
static bool read_piece(struct replay *r, struct replay_job *job, struct err *err)
{
    enum reason formers[PIECE_EVENTS];
    struct journal_view view;
    struct err unreadable;
    if (!journal_read(r->options.journal, &r->reader, job->next, &view, &unreadable)) {
        skip(r, job);
        return true;
    }
    uint64_t n = view.count < PIECE_EVENTS ? view.count : PIECE_EVENTS;
    if (n > job->end - job->next) n = job->end - job->next;
    bool ok =
        find_start(r, job, err) && store_outcomes_read(r->options.store, str_z(job->destination),
                                                       job->next, (size_t)n, formers, err);
    if (ok) decide(r, job, &view, formers, job->next + n);
    journal_release(r->options.journal, &view);
    return ok;
}

static void finish(struct replay_job *job, enum replay_state state, const char *error)
{
    job->state = state;
    job->ended_ms = clock_now_ms();
    (void)snprintf(job->error, sizeof job->error, "%s", error); /* cut to fit */
    log_line(LOG_INFO, "replay", "a replay ended", LOG_NUM("id", job->id),
             LOG_Z("destination", job->destination), LOG_NUM("queued", job->counts[REPLAY_QUEUED]),
             LOG_NUM("looked_at", job->counts[REPLAY_LOOKED_AT]), LOG_Z("error", job->error));
}

/* queue makes the piece durable. The count of what was queued is known only then, so it is kept with the
 * next piece or the end; a crash in between counts too few, never sends twice. */
static bool queue(struct replay *r, struct replay_job *job, struct err *err)
{
    struct buf text = {0};
    uint64_t queued = 0;
    struct replay_job hopeful = *job;
    hopeful.counts[REPLAY_QUEUED] += r->again_count;
    struct job_text one = job_text(&hopeful, &text);
    bool ok = store_job_queue(r->options.store, str_z(job->destination), r->again, r->again_count,
                              &one, &queued, err);
    buf_fini(&text);
    if (!ok) return false;
    job->counts[REPLAY_QUEUED] += queued;
    job->counts[REPLAY_WAITING] += r->again_count - queued; /* somebody else sends them */
    if (queued) r->options.wake(r->options.wake_ctx);
    return true;
}

/* run_piece takes the job a piece further. *idle: it has to wait. False and err: the store refuses, and
 * nothing happened. */
static bool run_piece(struct replay *r, struct replay_job *job, bool *idle, struct err *err)
{
    size_t waiting = 0;
    struct generation *g = generation_acquire(r->options.generations);
    arena_reset(&r->arena);
    r->again_count = 0;
    *idle = false;
    if (!pick_turn(&r->picker, g, str_z(job->destination))) {
        finish(job, REPLAY_IS_FAILED, "the destination is no longer configured");
        return keep(r, job, err);
    }
    if (!job->dry_run && !store_retries_count(r->options.store, str_z(job->destination),
                                              LIMIT_REPLAY_QUEUE, &waiting, err))
        return false;
    *idle = waiting >= LIMIT_REPLAY_QUEUE;
    if (*idle) return true;
    if (job->next < job->end && !read_piece(r, job, err)) return false;
    if (!queue(r, job, err)) return false;
    if (job->next < job->end) return true;
    finish(job, REPLAY_IS_DONE, "");
    return keep(r, job, err);
}

/* --- the thread --------------------------------------------------------------------------------- */

/* next_running copies the first running job behind *id; false when there is none. */
static bool next_running(struct replay *r, uint64_t *id, struct replay_job *out)
{
    bool found = false;
    lock_take(&r->lock);
    for (size_t i = 0; !found && i < r->count && !r->stopping; i++) {
        found = r->jobs[i].state == REPLAY_IS_RUNNING && r->jobs[i].id > *id;
        if (found) *out = r->jobs[i];
    }
    lock_give(&r->lock);
    if (found) *id = out->id;
    return found;
}

/* put_back shows what the piece did, unless the job was cancelled meanwhile. */
static void put_back(struct replay *r, const struct replay_job *job)
{
    lock_take(&r->lock);
    for (size_t i = 0; i < r->count; i++) {
        struct replay_job *mine = &r->jobs[i];
        if (mine->id != job->id) continue;
        bool cancelled = mine->state == REPLAY_IS_CANCELLED;
        int64_t ended_ms = mine->ended_ms;
        *mine = *job;
        if (!cancelled) continue;
        mine->state = REPLAY_IS_CANCELLED;
        mine->ended_ms = ended_ms;
        struct err err; /* the piece had kept it as running */
        if (!keep(r, mine, &err)) log_err("replay", "a cancelled replay cannot be kept", &err);
    }
    lock_give(&r->lock);
}

/* One piece of each running job; how long to wait then, 0 = go on, -1 = nothing runs. */
static int64_t turn(struct replay *r)
{
    int64_t wait_ms = -1;
    uint64_t id = 0;
    struct replay_job job;
    while (next_running(r, &id, &job)) {
        struct err err;
        bool idle;
        if (run_piece(r, &job, &idle, &err)) {
            put_back(r, &job);
            if (wait_ms && idle && wait_ms < WAIT_MS) wait_ms = WAIT_MS;
            if (!idle) wait_ms = 0;
        } else if (wait_ms) {
            wait_ms = FAILED_WAIT_MS;
        }
    }
    return wait_ms;
}

static void replay_main(void *ctx)
{
    struct replay *r = ctx;
    for (;;) {
        int64_t wait_ms = turn(r);
        lock_take(&r->lock);
        bool stop = r->stopping;
        if (!stop && wait_ms < 0)
            signal_wait(&r->work, &r->lock);
        else if (!stop && wait_ms)
            (void)signal_wait_ms(&r->work, &r->lock, wait_ms); /* over or woken: both go on */
        lock_give(&r->lock);
        if (stop) return;
    }
}

/* --- the doors ---------------------------------------------------------------------------------- */

static void free_all(struct replay *r)
{
    pick_fini(&r->picker);
    arena_fini(&r->arena);
    mem_free(r->again);
    mem_free(r->jobs);
    signal_fini(&r->work);
    lock_fini(&r->lock);
    mem_free(r);
}

struct replay *replay_open(const struct replay_options *options, struct err *err)
{
    struct replay *r = mem_new(sizeof *r);
    r->options = *options;
    lock_init(&r->lock);
    signal_init(&r->work);
    pick_init(&r->picker);
    r->again = mem_new(PIECE_EVENTS * sizeof *r->again);
    if (!load(r, err)) {
        free_all(r);
        return NULL;
    }
    thread_start(&r->thread, "replay", replay_main, r);
    return r;
}

void replay_close(struct replay *r)
{
    if (!r) return;
    lock_take(&r->lock);
    r->stopping = true;
    signal_wake(&r->work);
    lock_give(&r->lock);
    thread_join(&r->thread);
    free_all(r);
}

/* forget_oldest makes room in the list: of those that ended, the oldest goes. Under the lock. */
static bool forget_oldest(struct replay *r, struct err *err)
{
    size_t i = 0;
    while (i < r->count && r->jobs[i].state == REPLAY_IS_RUNNING) i++;
    if (i == r->count)
        return err_set(err, ERR_LIMIT, "%d replays are running already", LIMIT_REPLAYS);
    if (!store_job_put(r->options.store, &(struct job_text){.id = r->jobs[i].id}, err))
        return false;
    memmove(&r->jobs[i], &r->jobs[i + 1], (r->count - i - 1) * sizeof *r->jobs);
    r->count--;
    return true;
}

static bool add(struct replay *r, struct replay_job *job, struct err *err)
{
    if (r->count >= LIMIT_REPLAYS && !forget_oldest(r, err)) return false;
    job->id = r->count ? r->jobs[r->count - 1].id + 1 : 1;
    if (!keep(r, job, err)) return false;
    r->jobs = mem_grow(r->jobs, (r->count + 1) * sizeof *r->jobs);
    r->jobs[r->count++] = *job;
    signal_wake(&r->work);
    return true;
}

static bool is_configured(struct replay *r, struct str destination)
{
    struct generation *g = generation_acquire(r->options.generations);
    bool known = config_destination(g->config, destination) != NULL;
    generation_release(g);
    return known;
}

bool replay_submit(struct replay *r, const struct replay_job *wanted, struct replay_job *out,
                   struct err *err)
{
    struct journal *j = r->options.journal;
    struct replay_job job = *wanted;
    if (!is_configured(r, str_z(job.destination)))
        return err_set(err, ERR_INPUT, "there is no destination \"%s\"", job.destination);
    job.state = REPLAY_IS_RUNNING;
    job.started_ms = clock_now_ms();
    job.first = job.from_ms ? journal_find_time(j, job.from_ms) : journal_oldest_seq(j);
    job.end = job.to_ms ? journal_find_time(j, job.to_ms) : journal_next_seq(j);
    if (job.end < job.first) job.end = job.first;
    job.next = job.first;
    lock_take(&r->lock);
    bool ok = add(r, &job, err);
    lock_give(&r->lock);
    if (ok) *out = job;
    return ok;
}

bool replay_cancel(struct replay *r, uint64_t id, struct err *err)
{
    bool ok = false, found = false;
    lock_take(&r->lock);
    for (size_t i = 0; i < r->count; i++) {
        struct replay_job *job = &r->jobs[i];
        if (job->id != id || job->state != REPLAY_IS_RUNNING) continue;
        found = true;
        struct replay_job ended = *job;
        ended.state = REPLAY_IS_CANCELLED;
        ended.ended_ms = clock_now_ms();
        ok = keep(r, &ended, err);
        if (ok) *job = ended;
    }
    lock_give(&r->lock);
    if (found) return ok;
    return err_set(err, ERR_INPUT, "there is no running replay %llu", (unsigned long long)id);
}

void replay_list(struct replay *r, struct arena *arena, struct replay_job **out, size_t *count)
{
    lock_take(&r->lock);
    *count = r->count;
    *out = arena_array(arena, struct replay_job, r->count);
    if (r->count) memcpy(*out, r->jobs, r->count * sizeof *r->jobs);
    lock_give(&r->lock);
}
