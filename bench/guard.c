/* SPDX-License-Identifier: Apache-2.0 */
/* guard take|map|hash|append|ids: a small fixed piece of work whose instructions scripts/guard counts. The work is
 * in functions of these names: guard_take makes records of 25 bodies of 20 events, guard_map maps 500 events of the
 * corpus with the standard preset, guard_hash normalises and hashes 100 persons, guard_append puts 200 requests of
 * 20 events into a journal, guard_ids looks 20,000 message ids up in the table of those that came before, of which
 * every fourth did, and keeps the others. */
#include "bench/corpus.h"

#include "base/time.h"
#include "conf/presets.h"
#include "core/limits.h"
#include "ingest/envelope.h"
#include "ingest/segment.h"
#include "journal/dedup.h"
#include "journal/journal.h"
#include "map/plan.h"
#include "meta/normalise.h"
#include "sys/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { EVENTS = 500, PERSONS = 100, APPENDS = 200, EVENTS_EACH = 20, IDS = 20000, IDS_EACH = 100 };

static const int64_t now_ms = INT64_C(1795284245123);

struct work {
    struct buf json, out, scratch;
    struct event events[EVENTS];
    struct buf bodies[EVENTS / EVENTS_EACH];
};

static void fill(struct work *w)
{
    size_t ends[EVENTS];
    struct corpus corpus = corpus_open(1, now_ms);
    for (size_t i = 0; i < EVENTS; i++) {
        corpus_event(&corpus, &w->json);
        ends[i] = w->json.n;
    }
    for (size_t i = 0, start = 0; i < EVENTS; start = ends[i++]) {
        w->events[i] = (struct event){.received_ms = now_ms,
                                      .source = S("guard"),
                                      .json = str_of(w->json.p + start, ends[i] - start)};
    }
}

/* --- take --------------------------------------------------------------------------------------- */

static __attribute__((noinline)) bool guard_take(struct work *w, struct arena *arena)
{
    static const struct envelope_form form = SEGMENT_FORM;
    const struct event common = {.received_ms = now_ms, .source = S("guard")};
    struct envelope_count count;
    struct err err;
    size_t taken = 0;
    for (size_t i = 0; i < EVENTS; i += EVENTS_EACH) {
        struct envelope e = {.form = &form, .is_batch = true};
        arena_reset(arena);
        buf_clear(&w->out);
        if (!envelope_parse(&e, buf_str(&w->bodies[i / EVENTS_EACH]), arena, &err)) return false;
        if (!envelope_encode(&e, &common, LIMIT_CHUNK_BYTES, &w->out, &count)) return false;
        taken += count.events - count.rejected;
    }
    return taken == EVENTS;
}

static bool run_take(struct work *w)
{
    struct arena arena = {0};
    for (size_t i = 0; i < EVENTS; i++) {
        struct buf *body = &w->bodies[i / EVENTS_EACH];
        buf_put(body, body->n ? S(",") : S("{\"batch\":["));
        buf_put(body, w->events[i].json);
        if (i % EVENTS_EACH == EVENTS_EACH - 1) buf_put(body, S("]}"));
    }
    bool ok = guard_take(w, &arena);
    for (size_t i = 0; i < countof(w->bodies); i++) buf_fini(&w->bodies[i]);
    arena_fini(&arena);
    return ok;
}

/* --- map ---------------------------------------------------------------------------------------- */

static struct plan *compile(struct arena *arena)
{
    static const char text[] = "sources:\n  - { name: guard, write_key: k }\n"
                               "destinations:\n  - { name: m, pixel_id: \"1\", access_token: t }\n";
    struct diags diags;
    const struct preset *p = presets;
    diags_init(&diags, arena);
    struct config *config = config_parse(S("guard.yaml"), str_z(text), arena, &diags);
    while (!str_eq(p->name, S("standard"))) p++;
    struct destination_conf *preset = preset_parse(p->file, p->text, arena, &diags);
    return config && preset ? plan_compile(&config->destinations[0], preset, arena, &diags) : NULL;
}

static __attribute__((noinline)) bool guard_map(struct work *w, const struct plan *plan,
                                                struct run *run)
{
    static struct translation t;
    struct parsed_event parsed;
    size_t sent = 0;
    for (size_t i = 0; i < EVENTS; i++) {
        buf_clear(&w->out);
        run_parse(run, &w->events[i], &parsed);
        plan_run(plan, run, &parsed, now_ms, &w->out, &t, NULL);
        sent += t.send_count;
    }
    return sent == EVENTS;
}

static bool run_map(struct work *w)
{
    struct arena arena = {0};
    const struct plan *plan = compile(&arena);
    struct run *run = run_new();
    bool ok = plan && guard_map(w, plan, run);
    run_free(run);
    arena_fini(&arena);
    return ok;
}

/* --- hash --------------------------------------------------------------------------------------- */

static __attribute__((noinline)) bool guard_hash(struct work *w)
{
    static const struct {
        struct str field, value;
    } values[] = {
        {S_INIT("em"), S_INIT(" Jane.Doe@Example.com")},
        {S_INIT("ph"), S_INIT("+1 (650) 555-0100")},
        {S_INIT("fn"), S_INIT("Zo\xC3\xAB")},
        {S_INIT("ln"), S_INIT("O'Neil")},
        {S_INIT("db"), S_INIT("1990-05-17")},
        {S_INIT("ge"), S_INIT("female")},
        {S_INIT("ct"), S_INIT("Menlo Park")},
        {S_INIT("st"), S_INIT("California")},
        {S_INIT("zp"), S_INIT("94025-1234")},
        {S_INIT("country"), S_INIT("United States")},
        {S_INIT("external_id"), S_INIT("user-000001")},
        {S_INIT("client_ip_address"), S_INIT("203.0.113.7")},
    };
    const struct meta_context ctx = {.country = S("us"), .now_ms = now_ms};
    size_t taken = 0;
    for (size_t i = 0; i < PERSONS; i++) {
        for (size_t k = 0; k < countof(values); k++) {
            buf_clear(&w->out);
            const struct meta_field *field = meta_field_find(META_USER, values[k].field);
            taken += meta_hash_value(field, &ctx, values[k].value, &w->scratch, &w->out);
        }
    }
    return taken == PERSONS * countof(values);
}

/* --- append ------------------------------------------------------------------------------------- */

struct waiting {
    struct lock lock;
    struct signal told;
    bool done, committed;
};

static void told(struct journal_append *append, bool committed, const struct err *err)
{
    struct waiting *w = append->ctx;
    (void)err;
    lock_take(&w->lock);
    w->done = true;
    w->committed = committed;
    signal_wake(&w->told);
    lock_give(&w->lock);
}

static bool append_once(struct journal *j, struct waiting *w, struct str records)
{
    struct err err;
    struct journal_append append = {
        .records = records, .count = EVENTS_EACH, .done = told, .ctx = w};
    w->done = w->committed = false;
    if (!journal_submit(j, &append, &err)) return false;
    lock_take(&w->lock);
    while (!w->done) signal_wait(&w->told, &w->lock);
    lock_give(&w->lock);
    return w->committed;
}

static __attribute__((noinline)) bool guard_append(struct work *work, struct journal *j,
                                                   struct waiting *w)
{
    for (size_t i = 0; i < APPENDS; i++) {
        buf_clear(&work->out);
        for (size_t k = 0; k < EVENTS_EACH; k++) {
            event_encode(&work->out, &work->events[(i * EVENTS_EACH + k) % EVENTS]);
        }
        if (!append_once(j, w, buf_str(&work->out))) return false;
    }
    return true;
}

/* For work on files: run has a directory of its own. */
static bool in_directory(struct work *work, bool (*run)(struct work *work, const char *dir))
{
    char dir[] = "/tmp/pixeld-guard-XXXXXX", command[64];
    if (!mkdtemp(dir)) return false;
    bool ok = run(work, dir);
    (void)snprintf(command, sizeof command, "rm -r %s", dir);
    return !system(command) && ok;
}

static bool run_append(struct work *work, const char *dir)
{
    struct err err = {0};
    struct waiting w = {0};
    struct journal *j = journal_open(
        &(struct journal_options){.dir = dir, .segment_bytes = (size_t)16 << 20}, &err);
    lock_init(&w.lock);
    signal_init(&w.told);
    bool ok = j && guard_append(work, j, &w);
    journal_close(j);
    signal_fini(&w.told);
    lock_fini(&w.lock);
    return ok;
}

/* --- ids ---------------------------------------------------------------------------------------- */

static __attribute__((noinline)) size_t guard_ids(struct dedup *d, const struct dedup_key *keys)
{
    struct dedup_hit hit;
    size_t known = 0;
    for (size_t i = 0; i < IDS; i += IDS_EACH) {
        dedup_begin(d, i, IDS_EACH, now_ms);
        for (size_t k = i; k < i + IDS_EACH; k++) known += dedup_show(d, &keys[k], &hit);
        dedup_keep(d);
        dedup_tidy(d);
    }
    return known;
}

static bool run_ids(struct work *work, const char *dir)
{
    enum { NEW = IDS / 4 * 3 };
    static struct dedup_key keys[IDS];
    struct err err = {0};
    char path[64], id[16];
    (void)work;
    (void)snprintf(path, sizeof path, "%s/ids", dir);
    struct dedup *d = dedup_open(&(struct dedup_options){.path = path,
                                                         .bytes = LIMIT_DEDUP_BYTES_MIN,
                                                         .window_ms = MS_PER_DAY},
                                 &err);
    if (!d) return false;
    for (size_t i = 0; i < IDS; i++) {
        (void)snprintf(id, sizeof id, "%zu", i % NEW);
        dedup_key(d, &(struct event){.source = S("guard"), .message_id = str_z(id)}, 0, &keys[i]);
    }
    size_t known = guard_ids(d, keys);
    dedup_close(d);
    return known > (IDS - NEW) * 9 / 10 && known <= IDS - NEW; /* a line or two got many */
}

int main(int argc, char **argv)
{
    static struct work w;
    struct str what = argc == 2 ? str_z(argv[1]) : S("");
    fill(&w);
    bool ok = str_eq(what, S("take"))     ? run_take(&w)
              : str_eq(what, S("map"))    ? run_map(&w)
              : str_eq(what, S("hash"))   ? guard_hash(&w)
              : str_eq(what, S("append")) ? in_directory(&w, run_append)
              : str_eq(what, S("ids"))    ? in_directory(&w, run_ids)
                                          : false;
    if (!ok) fprintf(stderr, "usage: guard take|map|hash|append|ids\n");
    buf_fini(&w.json);
    buf_fini(&w.out);
    buf_fini(&w.scratch);
    return !ok;
}
