/* SPDX-License-Identifier: Apache-2.0 */
/* See echo.h. An event's JSON and its name lie one behind the other in the ring, never across its end. */
#include "deliver/echo.h"

#include "base/mem.h"

enum {
    SLOTS = 4096,
    SENDS_MAX = 2, /* more are rare, and mapped again */
    REACH_MIN = 64,
};

struct echo_slot {
    bool used;
    uint64_t seq, at; /* at: what was written before it */
    size_t rules, json_n, name_n, redacted;
    int64_t mapped_ms;
    struct outgoing sends[SENDS_MAX]; /* pixel_id.p NULL: the destination's own */
    size_t send_count;
};

void echo_fini(struct echo *e)
{
    mem_free(e->slots);
    mem_free(e->ring);
    *e = (struct echo){0};
}

size_t echo_reach(const struct echo *e)
{
    size_t reach = SLOTS / 4;
    if (e->written) {
        size_t events = (size_t)(LIMIT_ECHO_BYTES / 4 * e->kept / e->written);
        if (events < reach) reach = events;
    }
    return reach > REACH_MIN ? reach : REACH_MIN;
}

void echo_clear(struct echo *e)
{
    if (e->slots) memset(e->slots, 0, SLOTS * sizeof *e->slots);
}

static struct echo_slot *slot_of(const struct echo *e, const struct echo_key *key)
{
    return &e->slots[(key->seq + key->rules * (SLOTS / 4 + 1)) % SLOTS];
}

/* Makes room for n bytes in one piece; returns where it is. */
static uint64_t take_room(struct echo *e, size_t n)
{
    size_t left = LIMIT_ECHO_BYTES - e->written % LIMIT_ECHO_BYTES;
    if (left < n) e->written += left;
    uint64_t at = e->written;
    e->written += n;
    return at;
}

static char *bytes_at(const struct echo *e, uint64_t at)
{
    return e->ring + at % LIMIT_ECHO_BYTES;
}

static bool is_worth(struct str json, const struct translation *t)
{
    return t->outcome.state == STATE_WAITING && !t->alone && !t->hold_count && !t->confirm_count &&
           t->send_count <= SENDS_MAX && json.n + t->event_name.n <= LIMIT_ECHO_BYTES / 64;
}

void echo_keep(struct echo *e, const struct echo_key *key, struct str json,
               const struct translation *t)
{
    if (!is_worth(json, t)) return;
    if (!e->slots) {
        e->slots = mem_new(SLOTS * sizeof *e->slots);
        e->ring = mem_new(LIMIT_ECHO_BYTES);
    }
    e->kept++;
    struct echo_slot *slot = slot_of(e, key);
    *slot = (struct echo_slot){.used = true,
                               .seq = key->seq,
                               .rules = key->rules,
                               .at = take_room(e, json.n + t->event_name.n),
                               .json_n = json.n,
                               .name_n = t->event_name.n,
                               .redacted = t->redacted,
                               .mapped_ms = key->now_ms,
                               .send_count = t->send_count};
    str_copy(bytes_at(e, slot->at), json);
    str_copy(bytes_at(e, slot->at) + json.n, t->event_name);
    for (size_t i = 0; i < t->send_count; i++) {
        slot->sends[i] = t->sends[i];
        /* By its place, not by its digits: a rule may name this very pixel, and then means it for all. */
        if (t->sends[i].pixel_id.p == key->pixel_id.p) slot->sends[i].pixel_id = str_of(NULL, 0);
    }
}

static bool is_it(const struct echo *e, const struct echo_slot *slot, const struct echo_key *key)
{
    return slot->used && slot->seq == key->seq && slot->rules == key->rules &&
           e->written - slot->at <= LIMIT_ECHO_BYTES &&
           key->now_ms - slot->mapped_ms <= LIMIT_ECHO_MS && key->now_ms >= slot->mapped_ms;
}

bool echo_find(const struct echo *e, const struct echo_key *key, struct str *json,
               struct translation *t)
{
    const struct echo_slot *slot = e->slots ? slot_of(e, key) : NULL;
    if (!slot || !is_it(e, slot, key)) return false;
    const char *bytes = bytes_at(e, slot->at);
    *json = str_of(bytes, slot->json_n);
    t->event_name = str_of(bytes + slot->json_n, slot->name_n);
    t->redacted = slot->redacted;
    t->alone = false;
    t->hold_count = t->confirm_count = 0;
    t->send_count = slot->send_count;
    t->outcome.state = STATE_WAITING;
    t->outcome.reason = REASON_NONE;
    t->outcome.path[0] = t->outcome.message[0] = '\0';
    for (size_t i = 0; i < slot->send_count; i++) {
        t->sends[i] = slot->sends[i];
        if (!t->sends[i].pixel_id.p) t->sends[i].pixel_id = key->pixel_id;
    }
    return true;
}
