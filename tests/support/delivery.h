/* SPDX-License-Identifier: Apache-2.0 */
/* Delivery with a real journal and store in a directory, a fake Graph API, and a translation that does
 * what the event says: {"id":7} becomes {"event_id":"7"}; "bad" is refused by the fake Graph API,
 * "filter" and "dead" end at once, "alone" is for its destination alone, "two" goes to a second pixel as
 * well, "age" and "life" set how old the event is and how many ms are left, from when it was received. A destination with holds keeps back
 * "paid":7 until "pays":7 (or "quits":7) and "seen":7 until "sees":7, for "within" ms, then 0 dead, 1 dropped,
 * 2 sent; with "of":5 the key is the id's rest by 5. */
#ifndef SUPPORT_DELIVERY_H
#define SUPPORT_DELIVERY_H

#include "core/event.h"
#include "core/log.h"
#include "deliver/lane.h"
#include "support/check.h"
#include "support/dir.h"
#include "support/graph.h"
#include "support/journal.h"

#include <stdatomic.h>

enum { WORLD_LANES = 4, WORLD_WAIT_MS = 20000 };

struct world {
    struct test_dir dir;
    struct graph graph;
    struct journal *journal;
    struct store *store;
    struct deliver *deliver;
    struct lock lock;
    struct config configs[4]; /* generations, newest last */
    struct destination_conf destinations[4][WORLD_LANES];
    struct source_conf sources[4][2];
    struct text source_destinations[4][1];
    struct str tokens[LIMIT_TOKENS];
    int64_t pause_probe_ms; /* 0 = 100 */
    uint64_t held_max;      /* 0 = LIMIT_HELD */
    size_t segment_bytes;   /* of the journal; 0: as always */
    size_t generation;
    int acquired;    /* minus released */
    bool same_rules; /* all lanes have the same */
    atomic_uint translated;
    atomic_uint looks;              /* times at which something was translated */
    int64_t looked_ms;              /* the latest; the delivery thread's */
    atomic_uint begun[WORLD_LANES]; /* the number of its first translation */
    struct arena arena;
};

static inline struct text world_text(const char *z)
{
    return (struct text){.text = str_z(z)};
}

static inline const void *world_acquire(void *ctx, const struct config **config)
{
    struct world *w = ctx;
    lock_take(&w->lock);
    *config = &w->configs[w->generation];
    w->acquired++;
    lock_give(&w->lock);
    return *config;
}

static inline void world_release(void *ctx, const void *generation)
{
    struct world *w = ctx;
    (void)generation;
    lock_take(&w->lock);
    w->acquired--;
    lock_give(&w->lock);
}

static inline uint64_t world_number(struct str json, const char *key)
{
    size_t at = str_find(json, str_z(key), 0);
    uint64_t n = 0;
    if (at == SIZE_MAX) return 0;
    for (at += strlen(key); at < json.n && json.p[at] >= '0' && json.p[at] <= '9'; at++)
        n = n * 10 + (uint64_t)(json.p[at] - '0');
    return n;
}

static inline bool world_has(struct str json, const char *word)
{
    return str_find(json, str_z(word), 0) != SIZE_MAX;
}

static inline struct hold_key world_key(const struct event *e, const char *member, const char *name)
{
    char key[24];
    uint64_t n = world_number(e->json, member), of = world_number(e->json, "\"of\":");
    if (of) n = world_number(e->json, "\"id\":") % of;
    (void)snprintf(key, sizeof key, "%llu", (unsigned long long)n);
    return hold_key_make(str_z(name), str_z(key));
}

static inline void world_hold(struct translation *t, const struct event *e, const char *member,
                              const char *name, int64_t deadline_ms)
{
    if (!world_has(e->json, member)) return;
    uint64_t within_ms = world_number(e->json, "\"within\":");
    struct held_by *by = &t->holds[t->hold_count++];
    *by = (struct held_by){.name = str_z(name),
                           .key = world_key(e, member, name),
                           .since_ms = e->received_ms,
                           .within_ms = within_ms ? (int64_t)within_ms : MS_PER_DAY,
                           .then = (enum hold_then)world_number(e->json, "\"then\":")};
    by->until_ms = by->since_ms + by->within_ms;
    if (by->then == HOLD_SEND) deadline_ms -= LIMIT_HOLD_MARGIN_MS;
    if (deadline_ms < by->until_ms) by->until_ms = deadline_ms;
}

static inline void world_confirm(struct translation *t, const struct event *e, const char *member,
                                 const char *name, bool cancels)
{
    if (world_has(e->json, member))
        t->confirms[t->confirm_count++] =
            (struct confirms){str_z(name), world_key(e, member, name), MS_PER_DAY, cancels};
}

static inline void world_holds(struct translation *t, const struct event *e, int64_t deadline_ms)
{
    world_hold(t, e, "\"paid\":", "until paid", deadline_ms);
    world_hold(t, e, "\"seen\":", "until seen", deadline_ms);
}

static inline void world_translate(void *ctx, const void *generation, size_t destination,
                                   const struct event *e, int64_t now_ms, struct buf *out,
                                   struct translation *t)
{
    const struct config *config = generation;
    struct world *w = ctx;
    unsigned calls = atomic_fetch_add(&w->translated, 1) + 1, none = 0;
    if (now_ms != w->looked_ms) (void)atomic_fetch_add(&w->looks, 1);
    w->looked_ms = now_ms;
    (void)atomic_compare_exchange_strong(&w->begun[destination], &none, calls);
    t->alone = world_has(e->json, "\"alone\"");
    outcome_set(&t->outcome, REASON_NONE, NULL, " ");
    t->send_count = t->hold_count = t->confirm_count = 0;
    t->redacted = (size_t)world_number(e->json, "\"redacted\":");
    t->event_name = world_has(e->json, "\"two\"") ? S("Two") : S("One");
    int64_t life = (int64_t)world_number(e->json, "\"life\":");
    int64_t deadline = e->received_ms + (life ? life : META_MAX_AGE_MS);
    world_confirm(t, e, "\"pays\":", "until paid", false);
    world_confirm(t, e, "\"quits\":", "until paid", true);
    world_confirm(t, e, "\"sees\":", "until seen", false);
    if (world_has(e->json, "\"filter\""))
        outcome_set(&t->outcome, REASON_FILTER, NULL, "no");
    else if (world_has(e->json, "\"dead\""))
        outcome_set(&t->outcome, REASON_NO_USER_DATA, "em", "none");
    else if (deadline <= now_ms)
        outcome_set(&t->outcome, REASON_EVENT_TOO_OLD, NULL, "old");
    if (t->outcome.state != STATE_WAITING) return;
    size_t count = world_has(e->json, "\"two\"") ? 2 : 1;
    for (size_t i = 0; i < count; i++) {
        size_t at = out->n;
        buf_printf(out, "{\"event_id\":\"%llu\",\"at\":%lld",
                   (unsigned long long)world_number(e->json, "\"id\":"), (long long)e->received_ms);
        if (world_has(e->json, "\"bad\"")) buf_put(out, S(",\"bad\":true"));
        if (world_has(e->json, "\"poison\"")) buf_put(out, S(",\"poison\":true"));
        buf_putc(out, '}');
        struct str pixel =
            i ? S("601010101010101") : config->destinations[destination].pixel_id.text;
        t->sends[t->send_count++] = (struct outgoing){pixel, at, out->n - at, deadline};
    }
    if (config->destinations[destination].hold_count) world_holds(t, e, deadline);
}

static inline size_t world_rules(void *ctx, const void *generation, size_t destination)
{
    struct world *w = ctx;
    (void)generation;
    return w->same_rules ? 0 : destination;
}

/* world_new_generation copies the present configuration for changes that world_reload makes known. */
static inline struct config *world_new_generation(struct world *w)
{
    size_t next = w->generation + 1;
    assert_true(next < countof(w->configs));
    memcpy(w->destinations[next], w->destinations[next - 1], sizeof w->destinations[0]);
    memcpy(w->sources[next], w->sources[next - 1], sizeof w->sources[0]);
    w->configs[next] = w->configs[next - 1];
    w->configs[next].destinations = w->destinations[next];
    w->configs[next].sources = w->sources[next];
    return &w->configs[next];
}

static inline void world_reload(struct world *w)
{
    lock_take(&w->lock);
    w->generation++;
    lock_give(&w->lock);
    deliver_reload(w->deliver);
}

static inline void world_configure(struct world *w, size_t lanes)
{
    static const char *const names[] = {"acme-us", "acme-eu", "acme-uk", "acme-fr"};
    static const char *const pixels[] = {"111", "222", "333", "444"};
    struct config *c = &w->configs[0];
    w->tokens[0] = S("good-token");
    for (size_t i = 0; i < WORLD_LANES; i++)
        w->destinations[0][i] = (struct destination_conf){
            .name = world_text(names[i]),
            .pixel_id = world_text(pixels[i]),
            .access_tokens = w->tokens,
            .access_token_count = 1,
            .api_url = {.text = arena_printf(&w->arena, "http://127.0.0.1:%u/v1", w->graph.port)},
            .enabled = true,
            .start = world_text("now"),
            .batch_events = LIMIT_BATCH_SEND_EVENTS,
            .batch_bytes = LIMIT_BATCH_SEND_BYTES,
            .batch_linger_ms = 10,
            .in_flight = LIMIT_IN_FLIGHT,
            .timeout_ms = 1000,
        };
    w->sources[0][0] = (struct source_conf){.name = world_text("shop"), .enabled = true};
    w->sources[0][1] = (struct source_conf){.name = world_text("app"), .enabled = true};
    c->destinations = w->destinations[0];
    c->destination_count = lanes;
    c->sources = w->sources[0];
    c->source_count = 2;
}

/* world_open, then change w->configs[0] or w->graph if you like, then world_start. */
static inline void world_open(struct world *w, size_t lanes)
{
    *w = (struct world){0};
    log_setup(LOG_TEXT, (enum log_level)(LOG_ERROR + 1));
    test_dir_make(&w->dir);
    lock_init(&w->lock);
    graph_open(&w->graph);
    world_configure(w, lanes);
}

static inline void world_open_data(struct world *w)
{
    struct err err = {0};
    const char *journal = arena_printf(&w->arena, "%s/journal", w->dir.path).p;
    const char *store = arena_printf(&w->arena, "%s/store", w->dir.path).p;
    w->journal = test_journal_open(journal, w->segment_bytes);
    w->store = store_open(store, (uint64_t)256 << 20, &err);
    if (!w->journal || !w->store) fail_msg("%s", err.text);
}

static inline void world_start_deliver(struct world *w)
{
    struct deliver_options options = {
        .journal = w->journal,
        .store = w->store,
        .source = {w, world_acquire, world_release, world_translate, world_rules},
        .timing = {.backoff_first_ms = 20,
                   .pause_probe_ms = w->pause_probe_ms ? w->pause_probe_ms : 100,
                   .disk_again_ms = 20,
                   .held_max = w->held_max},
    };
    w->deliver = deliver_new(&options);
    deliver_start(w->deliver);
}

static inline void world_start(struct world *w)
{
    world_open_data(w);
    world_start_deliver(w);
    graph_start(&w->graph);
}

static inline void world_stop(struct world *w, int64_t drain_ms)
{
    deliver_stop(w->deliver, drain_ms);
    for (size_t i = 0; i < w->deliver->lane_count; i++)
        assert_false(w->deliver->lanes[i]->wrong_sums);
    deliver_free(w->deliver);
    journal_close(w->journal);
    store_close(w->store);
    w->deliver = NULL;
    assert_int_equal(w->acquired, 0);
}

static inline void world_close(struct world *w)
{
    if (w->deliver) world_stop(w, 0);
    graph_close(&w->graph);
    arena_fini(&w->arena);
    lock_fini(&w->lock);
    test_dir_remove(&w->dir);
}

/* world_put appends count events with ids from id on; more is JSON members like ,"bad":true. */
static inline void world_put_from(struct world *w, const char *source, uint64_t id, size_t count,
                                  const char *more)
{
    struct test_append t = {0};
    struct err err = {0};
    lock_init(&t.lock);
    signal_init(&t.told);
    for (size_t i = 0; i < count; i++) {
        char json[128], message_id[24];
        (void)snprintf(json, sizeof json, "{\"id\":%llu%s}", (unsigned long long)(id + i), more);
        (void)snprintf(message_id, sizeof message_id, "%llu", (unsigned long long)(id + i));
        struct event e = {.received_ms = clock_now_ms(),
                          .source = str_z(source),
                          .message_id = str_z(message_id),
                          .json = str_z(json)};
        event_encode(&t.records, &e);
    }
    t.append = (struct journal_append){.records = buf_str(&t.records),
                                       .count = (uint32_t)count,
                                       .done = test_append_done,
                                       .ctx = &t};
    if (!journal_submit(w->journal, &t.append, &err) || !test_append_wait(&t))
        fail_msg("%s", err.text);
    test_append_fini(&t);
    if (w->deliver) deliver_committed(w->deliver);
}

static inline void world_put(struct world *w, uint64_t id, size_t count, const char *more)
{
    world_put_from(w, "shop", id, count, more);
}

/* world_status copies one destination's status and checks that its sums add up. */
static inline struct deliver_status world_status(struct world *w, size_t lane)
{
    struct deliver_status *all, one;
    size_t count;
    uint64_t sum = 0;
    struct arena arena = {0};
    deliver_status_all(w->deliver, &arena, &all, &count);
    assert_true(lane < count);
    one = all[lane];
    for (size_t i = 0; i < STATE_COUNT; i++) sum += one.states[i];
    assert_int_equal(sum, one.received);
    assert_true(one.states[STATE_WAITING] <= one.received);
    one.name = S("");
    arena_fini(&arena);
    return one;
}

/* world_wait waits until a destination has received so many events and none is waiting. */
static inline struct deliver_status world_wait(struct world *w, size_t lane, uint64_t received)
{
    struct deliver_status s;
    for (int64_t left = WORLD_WAIT_MS; left > 0; left -= 5) {
        s = world_status(w, lane);
        if (s.received == received && s.states[STATE_WAITING] == 0) return s;
        clock_sleep_ms(5);
    }
    fail_msg("lane %zu: %llu of %llu waiting, %llu requests, %llu failed, backoff %lld: %s", lane,
             (unsigned long long)s.states[STATE_WAITING], (unsigned long long)s.received,
             (unsigned long long)s.requests, (unsigned long long)s.requests_failed,
             (long long)(s.backoff_until_ms ? s.backoff_until_ms - clock_now_ms() : 0),
             s.last_error);
    return s;
}

/* world_until waits until an expression of `s`, a fresh status of the lane, is true. */
#define world_until(w, lane, s, condition)                                                         \
    do {                                                                                           \
        int64_t left_ms = WORLD_WAIT_MS;                                                           \
        while ((s) = world_status((w), (lane)), !(condition)) {                                    \
            if ((left_ms -= 5) <= 0) fail_msg("never: %s", #condition);                            \
            clock_sleep_ms(5);                                                                     \
        }                                                                                          \
    } while (0)

/* world_check_ids: each id of the range was taken at least once, always with the same body. */
static inline unsigned world_check_ids(struct world *w, uint64_t id, size_t count)
{
    unsigned most = 0;
    lock_take(&w->graph.lock);
    for (uint64_t i = id; i < id + count; i++) {
        const struct graph_id *known = &w->graph.ids[i];
        if (!known->taken || known->differs)
            fail_msg("event %llu: taken %u, differs %d", (unsigned long long)i, known->taken,
                     known->differs);
        if (known->taken > most) most = known->taken;
    }
    lock_give(&w->graph.lock);
    return most;
}

/* world_letters gives the dead letters of a destination, in the world's arena. */
static inline struct dead_letter *world_letters(struct world *w, const char *name, size_t *count)
{
    struct letter_selection which = {
        .destination = str_z(name), .reason = REASON_COUNT, .limit = 100000};
    struct dead_letter *letters;
    uint64_t next;
    struct err err = {0};
    if (!store_letters_list(w->store, &which, &w->arena, &letters, count, &next, &err))
        fail_msg("%s", err.text);
    return letters;
}

/* world_retry puts the dead letters of acme-us that died of reason (REASON_COUNT: all) into the retry
 * queue and wakes delivery. */
static inline uint64_t world_retry(struct world *w, enum reason reason)
{
    struct letter_selection which = {.destination = S("acme-us"), .reason = reason};
    uint64_t moved = 0;
    struct err err = {0};
    if (!store_letters_retry(w->store, &which, &moved, &err)) fail_msg("%s", err.text);
    deliver_wake(w->deliver);
    return moved;
}

#endif
