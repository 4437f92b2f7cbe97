/* SPDX-License-Identifier: Apache-2.0 */
/* See fates.h. */
#include "console/fates.h"

#include "base/json.h"
#include "base/mem.h"
#include "load/load.h"

void fates_begin(struct fates *f, struct console *c, const struct generation *g)
{
    *f = (struct fates){.console = c, .generation = g};
    f->count = g->config->destination_count;
    if (f->count > LIMIT_FATES) f->count = LIMIT_FATES;
    f->outcomes = mem_new((f->count + 1) * sizeof *f->outcomes);
}

void fates_end(struct fates *f)
{
    mem_free(f->outcomes);
}

static struct str name_of(const struct fates *f, size_t i)
{
    return f->generation->config->destinations[i].name.text;
}

/* What the store cannot tell counts as not settled. */
static void read_stretch(struct fates *f, uint64_t seq)
{
    struct err err;
    f->first = seq;
    f->known = FATES_STRETCH;
    for (size_t i = 0; i < f->count; i++) {
        if (store_outcomes_read(f->console->store, name_of(f, i), seq, FATES_STRETCH,
                                f->outcomes[i], &err))
            continue;
        for (size_t j = 0; j < FATES_STRETCH; j++) f->outcomes[i][j] = REASON_COUNT;
    }
}

static uint64_t start_of(struct fates *f, size_t i)
{
    struct arena arena = {0};
    struct cursor cursor;
    struct err err;
    if (f->started[i]) return f->starts[i];
    f->started[i] = true;
    if (store_load_cursor(f->console->store, name_of(f, i), &arena, &cursor, &err))
        f->starts[i] = cursor.start;
    arena_fini(&arena);
    return f->starts[i];
}

struct fate {
    struct str state, reason;
    bool sent; /* or may be: worth asking what it is called */
};

static struct fate fate_of(struct fates *f, size_t i, uint64_t seq)
{
    if (seq < f->first || seq >= f->first + f->known) read_stretch(f, seq);
    enum reason reason = f->outcomes[i][seq - f->first];
    if (reason == REASON_COUNT && seq < start_of(f, i))
        return (struct fate){state_name(STATE_FILTERED), S("before"), false};
    if (reason == REASON_COUNT)
        return (struct fate){state_name(STATE_WAITING), reason_name(REASON_NONE), true};
    if (reason == REASON_NONE)
        return (struct fate){state_name(STATE_DELIVERED), reason_name(reason), true};
    enum state state = reason_state(reason);
    bool sent = state != STATE_FILTERED && state != STATE_DUPLICATE;
    return (struct fate){state_name(state), reason_name(reason), sent};
}

bool fates_has(struct fates *f, uint64_t seq, struct str state)
{
    for (size_t i = 0; i < f->count; i++)
        if (str_eq(fate_of(f, i, seq).state, state)) return true;
    return false;
}

/* Several sends of one name are one name. */
static void put_names(struct str json, const struct translation *t, struct buf *names)
{
    struct arena arena = {0};
    struct err err;
    for (size_t i = 0; i < t->send_count; i++) {
        struct str one = str_of(json.p + t->sends[i].json_at, t->sends[i].json_n);
        struct str name = json_str(json_get(json_read(&arena, one, &err), "event_name"));
        if (!name.n || str_find(buf_str(names), name, 0) != SIZE_MAX) continue;
        if (names->n) buf_put(names, S(", "));
        buf_put(names, name);
    }
    arena_fini(&arena);
}

static void put_meta_event(const struct fates *f, size_t i, const struct event *e,
                           const struct parsed_event *parsed, struct buf *out)
{
    struct buf json = {0}, names = {0};
    struct translation t = {.send_count = 0};
    plan_run(load_plan(f->generation, i, e->protocol), f->console->run, parsed, e->received_ms,
             &json, &t, NULL);
    if (t.outcome.state == STATE_WAITING) put_names(buf_str(&json), &t, &names);
    json_kv_str(out, S("meta_event"), buf_str(&names));
    buf_fini(&names);
    buf_fini(&json);
}

void fates_put(struct fates *f, uint64_t seq, const struct event *e,
               const struct parsed_event *parsed, struct buf *out)
{
    buf_putc(out, '[');
    for (size_t i = 0; i < f->count; i++) {
        struct fate fate = fate_of(f, i, seq);
        json_comma(out);
        buf_putc(out, '{');
        json_kv_str(out, S("name"), name_of(f, i));
        json_kv_str(out, S("state"), fate.state);
        json_kv_str(out, S("reason"), fate.reason);
        if (fate.sent && parsed)
            put_meta_event(f, i, e, parsed, out);
        else
            json_kv_str(out, S("meta_event"), S(""));
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}
