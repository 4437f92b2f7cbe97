/* SPDX-License-Identifier: Apache-2.0 */
/* See rules.h. One entry for each rule and subject that was ever looked at; as the facts come in the same
 * order each time, the next entry is nearly always the one behind the last. */
#include "alert/rules.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    WINDOW_HALF_MS = 5 * MS_PER_MINUTE, /* "lately" is the last five to ten minutes */
    ERRORS_LEAST = 20,                  /* events, below which a share says nothing */
};

/* Counts as they were at the beginning of this half of the window and of the one before. */
struct window {
    bool begun;
    int64_t shifted_ms;
    uint64_t former[2], latest[2];
};

struct entry {
    struct alert alert;
    int64_t bad_ms, good_ms; /* since when; 0: it is not */
    struct window window;
    uint64_t round; /* of the latest facts that it was in */
};

struct rules {
    struct entry *entries;
    size_t count, capacity;
    size_t next; /* where the next one is looked for first */
    uint64_t round;
};

/* One call of rules_judge. */
struct judge {
    struct rules *rules;
    const struct alerts_conf *conf;
    int64_t now_ms;
    alert_fn *fn;
    void *ctx;
};

struct str alert_rule_name(enum alert_rule rule)
{
    static const struct str names[] = {
#define X(NAME, name, meaning) S_INIT(name),
        ALERT_RULES(X)
#undef X
    };
    return names[rule];
}

struct rules *rules_new(void)
{
    return mem_new(sizeof(struct rules));
}

void rules_free(struct rules *r)
{
    if (r) mem_free(r->entries);
    mem_free(r);
}

static bool is_entry(const struct entry *e, enum alert_rule rule, struct str subject)
{
    return e->alert.rule == rule && str_eq(str_z(e->alert.subject), subject);
}

static struct entry *find(struct rules *r, enum alert_rule rule, struct str subject)
{
    subject = str_head(subject, LIMIT_NAME_BYTES);
    for (size_t i = 0; i < r->count; i++) {
        size_t at = (r->next + i) % r->count;
        if (!is_entry(&r->entries[at], rule, subject)) continue;
        r->next = at + 1;
        return &r->entries[at];
    }
    if (r->count == r->capacity) {
        r->capacity = r->capacity ? 2 * r->capacity : 32;
        r->entries = mem_grow(r->entries, r->capacity * sizeof *r->entries);
    }
    struct entry *e = &r->entries[r->count++];
    *e = (struct entry){.alert = {.rule = rule}};
    memcpy(e->alert.subject, subject.p, subject.n);
    r->next = 0;
    return e;
}

static void change(const struct judge *j, struct entry *e, bool raised)
{
    e->alert.raised = raised;
    e->alert.changed_ms = j->now_ms;
    j->fn(j->ctx, &e->alert);
}

/* The condition of one entry at this moment; after_ms: how long it must hold. */
static void weigh(const struct judge *j, struct entry *e, bool bad, int64_t after_ms)
{
    e->round = j->rules->round;
    if (bad) {
        if (!e->bad_ms) e->bad_ms = j->now_ms;
        e->good_ms = 0;
    } else {
        if (!e->good_ms) e->good_ms = j->now_ms;
        e->bad_ms = 0;
    }
    if (bad && !e->alert.raised && j->now_ms - e->bad_ms >= after_ms) change(j, e, true);
    if (!bad && e->alert.raised && j->now_ms - e->good_ms >= j->conf->clear_after_ms)
        change(j, e, false);
}

static void say(struct entry *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The words stay those of the raising. */
static void say(struct entry *e, const char *format, ...)
{
    va_list args;
    if (e->alert.raised) return;
    va_start(args, format);
    (void)vsnprintf(e->alert.message, sizeof e->alert.message, format, args); /* cut */
    va_end(args);
}

/* --- counts ------------------------------------------------------------------------------------- */

static void window_move(struct window *w, int64_t now_ms, const uint64_t counts[2])
{
    bool first = !w->begun;
    if (!first && now_ms - w->shifted_ms < WINDOW_HALF_MS) return;
    memcpy(w->former, first ? counts : w->latest, sizeof w->former);
    memcpy(w->latest, counts, sizeof w->latest);
    w->shifted_ms = now_ms;
    w->begun = true;
}

/* A letter that is tried again is dead no more: the count may fall. */
static uint64_t window_delta(const struct window *w, size_t which, uint64_t count)
{
    return count > w->former[which] ? count - w->former[which] : 0;
}

/* --- the rules ---------------------------------------------------------------------------------- */

static void judge_source(const struct judge *j, const struct alert_source *s)
{
    struct entry *e = find(j->rules, ALERT_SOURCE_SILENT, s->name);
    struct window *w = &e->window;
    if (!w->begun || w->latest[0] != s->events) {
        w->begun = true;
        w->latest[0] = s->events;
        w->shifted_ms = j->now_ms;
    }
    int64_t silent_ms = j->now_ms - w->shifted_ms, most_ms = j->conf->source_silent_ms;
    bool bad = most_ms && s->events && silent_ms >= most_ms;
    if (bad)
        say(e, "no events for %lld min; there were %llu before",
            (long long)(silent_ms / MS_PER_MINUTE), (unsigned long long)s->events);
    weigh(j, e, bad, 0);
}

static void judge_errors(const struct judge *j, const struct alert_destination *d)
{
    struct entry *e = find(j->rules, ALERT_ERRORS, d->name);
    const uint64_t counts[2] = {d->delivered, d->dead};
    window_move(&e->window, j->now_ms, counts);
    uint64_t died = window_delta(&e->window, 1, d->dead);
    uint64_t all = died + window_delta(&e->window, 0, d->delivered);
    bool bad = j->conf->errors && all >= ERRORS_LEAST && died * 100 >= all * j->conf->errors;
    if (bad)
        say(e, "%llu of the last %llu events died", (unsigned long long)died,
            (unsigned long long)all);
    weigh(j, e, bad, 0);
}

static void judge_dead(const struct judge *j, const struct alert_destination *d)
{
    struct entry *e = find(j->rules, ALERT_DEAD_LETTERS, d->name);
    const uint64_t counts[2] = {d->dead, 0};
    window_move(&e->window, j->now_ms, counts);
    uint64_t died = window_delta(&e->window, 0, d->dead);
    bool bad = j->conf->dead_letters && died >= j->conf->dead_letters;
    if (bad)
        say(e, "%llu events died within ten minutes: see pixeld dead list",
            (unsigned long long)died);
    weigh(j, e, bad, 0);
}

static void judge_waiting(const struct judge *j, const struct alert_destination *d)
{
    struct entry *e = find(j->rules, ALERT_BACKLOG, d->name);
    int64_t age_ms = d->oldest_waiting_ms ? j->now_ms - d->oldest_waiting_ms : 0;
    bool bad = j->conf->backlog_ms && age_ms >= j->conf->backlog_ms;
    if (bad)
        say(e, "the oldest event has been waiting for %lld min",
            (long long)(age_ms / MS_PER_MINUTE));
    weigh(j, e, bad, 0);
    e = find(j->rules, ALERT_AT_RISK, d->name);
    bad = j->conf->at_risk && d->at_risk >= j->conf->at_risk;
    if (bad)
        say(e, "%llu events have less than a day until Meta takes them no more",
            (unsigned long long)d->at_risk);
    weigh(j, e, bad, 0);
}

static void judge_destination(const struct judge *j, const struct alert_destination *d)
{
    judge_errors(j, d);
    judge_waiting(j, d);
    struct entry *e = find(j->rules, ALERT_PAUSED, d->name);
    bool bad = j->conf->paused_ms && d->paused;
    if (bad) say(e, "it is paused: %.*s", STR_ARG(d->pause_reason));
    weigh(j, e, bad, j->conf->paused_ms);
    judge_dead(j, d);
    e = find(j->rules, ALERT_TEST_CODE, d->name);
    bad = j->conf->test_code_ms && d->test_code;
    if (bad) say(e, "its events still go out with a test_event_code");
    weigh(j, e, bad, j->conf->test_code_ms);
}

static void judge_daemon(const struct judge *j, const struct alert_facts *facts)
{
    struct entry *e = find(j->rules, ALERT_DISK_FREE, S(""));
    bool bad = facts->disk_free < j->conf->disk_free;
    if (bad)
        say(e, "%llu MiB are free on the data directory's disk",
            (unsigned long long)(facts->disk_free >> 20));
    weigh(j, e, bad, 0);
    e = find(j->rules, ALERT_JOURNAL, S(""));
    bad = j->conf->journal_ms && facts->journal_failing;
    if (bad) say(e, "the journal cannot be written: clients are answered 503");
    weigh(j, e, bad, j->conf->journal_ms);
}

/* What was not among the facts is well, and forgotten unless it is raised. */
static void judge_absent(const struct judge *j)
{
    struct rules *r = j->rules;
    for (size_t i = r->count; i--;) {
        struct entry *e = &r->entries[i];
        if (e->round == r->round) continue;
        weigh(j, e, false, 0);
        if (!e->alert.raised) *e = r->entries[--r->count];
    }
}

void rules_judge(struct rules *r, const struct alerts_conf *conf, const struct alert_facts *facts,
                 alert_fn *fn, void *ctx)
{
    const struct judge j = {r, conf, facts->now_ms, fn, ctx};
    r->round++;
    for (size_t i = 0; i < facts->source_count; i++) judge_source(&j, &facts->sources[i]);
    for (size_t i = 0; i < facts->destination_count; i++)
        judge_destination(&j, &facts->destinations[i]);
    judge_daemon(&j, facts);
    judge_absent(&j);
}

void rules_each(const struct rules *r, alert_fn *fn, void *ctx)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->entries[i].alert.raised) fn(ctx, &r->entries[i].alert);
}
