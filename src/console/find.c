/* SPDX-License-Identifier: Apache-2.0 */
/* See find.h. The table may know an id by a number whose record is another one (it remembers 64 bits),
 * so the record decides. */
#include "console/find.h"

#include "core/limits.h"
#include "sys/clock.h"

#include <assert.h>
#include <string.h>

/* keep copies a record, so that the view can be given back. */
static bool keep(struct str record, uint64_t seq, int64_t commit_ms, struct arena *arena,
                 struct found *out)
{
    *out = (struct found){.seq = seq, .commit_ms = commit_ms};
    return event_decode(arena_str(arena, record), &out->event);
}

bool find_read(struct console *c, uint64_t seq, struct arena *arena, struct found *out,
               struct err *err)
{
    struct journal_reader reader = {0};
    struct journal_view view;
    if (!journal_read(c->journal, &reader, seq, &view, err)) {
        if (err->kind == ERR_NONE)
            (void)err_set(err, ERR_INPUT, "there is no event %llu yet", (unsigned long long)seq);
        return false;
    }
    struct str record = str_head(view.records, event_record_size(view.records));
    bool ok = keep(record, seq, view.commit_ms, arena, out) ||
              err_set(err, ERR_IO, "event %llu is damaged", (unsigned long long)seq);
    journal_release(c->journal, &view);
    return ok;
}

/* find_letter finds an event that the journal has trimmed among the dead letters, which are kept longer. */
static bool find_letter(struct console *c, const struct generation *g, uint64_t seq,
                        struct arena *arena, struct found *out)
{
    struct dead_letter letter;
    struct err ignored; /* the search says so */
    bool found = false;
    for (size_t i = 0; !found && i < g->config->destination_count; i++)
        found = store_dead_get(c->store, g->config->destinations[i].name.text, seq, arena, &letter,
                               &ignored) &&
                keep(letter.record, seq, 0, arena, out);
    out->trimmed = true;
    out->seq = seq;
    return found;
}

static bool find_in_table(struct console *c, const struct generation *g, struct str id,
                          struct arena *arena, struct found *out)
{
    bool found = false;
    for (size_t i = 0; !found && i < g->config->source_count; i++) {
        struct err ignored; /* trimmed or damaged: the search says so */
        struct str source = g->config->sources[i].name.text;
        uint64_t seq;
        if (!journal_find_id(c->journal, source, id, &seq)) continue;
        found = (seq < journal_oldest_seq(c->journal) ? find_letter(c, g, seq, arena, out)
                                                      : find_read(c, seq, arena, out, &ignored)) &&
                str_eq(out->event.message_id, id) && str_eq(out->event.source, source);
    }
    return found;
}

/* The id as the journal has it. */
static struct str kept_id(struct str id, struct arena *arena)
{
    struct buf hash = {0};
    id = event_known_id(id, &hash);
    if (hash.n) id = arena_str(arena, id);
    buf_fini(&hash);
    return id;
}

static bool find_number(struct console *c, const struct generation *g, struct str id,
                        struct arena *arena, struct found *out, struct err *err)
{
    uint64_t seq;
    if (!str_to_u64(id, &seq) || seq >= journal_next_seq(c->journal)) return false;
    if (seq < journal_oldest_seq(c->journal)) return find_letter(c, g, seq, arena, out);
    return find_read(c, seq, arena, out, err);
}

bool find_id(struct console *c, struct str id, struct arena *arena, struct found *out,
             struct err *err)
{
    struct generation *g = generation_acquire(c->generations);
    *err = (struct err){0};
    *out = (struct found){0};
    id = kept_id(id, arena);
    bool found = find_in_table(c, g, id, arena, out) || find_number(c, g, id, arena, out, err);
    generation_release(g);
    return found;
}

/* search_view looks for the bytes first: that is many times faster than looking at each record. */
static bool search_view(const struct journal_view *view, struct str id, struct arena *arena,
                        struct found *out)
{
    struct str rest = view->records;
    if (!id.n || !memmem(rest.p, rest.n, id.p, id.n)) return false;
    for (uint64_t seq = view->first_seq; seq < view->first_seq + view->count; seq++) {
        struct str record = str_head(rest, event_record_size(rest));
        struct event e;
        if (event_decode(record, &e) && str_eq(e.message_id, id))
            return keep(record, seq, view->commit_ms, arena, out);
        rest = str_from(rest, record.n);
    }
    return false;
}

bool find_scan(struct console *c, struct str id, uint64_t *seq, struct arena *arena,
               struct found *out, struct err *err)
{
    struct journal_reader reader = {0};
    struct journal_view view;
    int64_t end_us = clock_mono_us() + LIMIT_ANSWER_US;
    *err = (struct err){0};
    id = kept_id(id, arena);
    if (*seq < journal_oldest_seq(c->journal)) *seq = journal_oldest_seq(c->journal);
    while (clock_mono_us() < end_us) {
        if (!journal_read(c->journal, &reader, *seq, &view, err)) {
            if (err->kind == ERR_NONE) return false;
            *seq = reader.skip_to;
            *err = (struct err){0};
            continue;
        }
        bool found = search_view(&view, id, arena, out);
        *seq = view.first_seq + view.count;
        journal_release(c->journal, &view);
        if (found) return true;
    }
    return false;
}
