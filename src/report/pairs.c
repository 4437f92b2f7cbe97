/* SPDX-License-Identifier: Apache-2.0 */
/* See pairs.h. */
#include "report/pairs.h"

#include "base/mem.h"

enum { SERVER = 0, BROWSER = 1 };

void pairs_fini(struct pairs *p)
{
    mem_free(p->ids.slots);
    mem_free(p->orders.slots);
    *p = (struct pairs){0};
}

/* str_hash is quick; this spreads it over all bits, because the upper ones choose the share. */
static uint64_t mix(uint64_t h, uint64_t more)
{
    h = (h ^ more) * UINT64_C(0x9E3779B97F4A7C15);
    h ^= h >> 32;
    h *= UINT64_C(0xD6E8FEB86659FD93);
    h ^= h >> 32;
    return h ? h : 1;
}

static bool is_followed(const struct pair_table *t, uint64_t key)
{
    return !t->share || key >> (64 - t->share) == 0;
}

static struct pair *place(struct pair_table *t, uint64_t key)
{
    size_t at = (size_t)(key % PAIRS_SLOTS);
    while (t->slots[at].key && t->slots[at].key != key) at = (at + 1) % PAIRS_SLOTS;
    return &t->slots[at];
}

static bool is_young(const struct pair *pair, int64_t now_ms)
{
    uint32_t newest = pair->seen_s[0] > pair->seen_s[1] ? pair->seen_s[0] : pair->seen_s[1];
    return (int64_t)newest * MS_PER_SECOND > now_ms - PAIRS_KEPT_MS;
}

/* Takes over what is young and still followed. */
static void rebuild(struct pair_table *t, int64_t now_ms)
{
    struct pair_table fresh = {.slots = mem_new(PAIRS_SLOTS * sizeof(struct pair)),
                               .share = t->share};
    for (size_t i = 0; i < PAIRS_SLOTS; i++) {
        const struct pair *pair = &t->slots[i];
        if (!pair->key || !is_followed(t, pair->key) || !is_young(pair, now_ms)) continue;
        *place(&fresh, pair->key) = *pair;
        fresh.count++;
    }
    mem_free(t->slots);
    *t = fresh;
}

/* First what is old goes; when that is not a quarter of it, half of the ids. */
static void make_room(struct pair_table *t, int64_t now_ms)
{
    rebuild(t, now_ms);
    while (t->count > LIMIT_PAIR_IDS * 3 / 4) {
        t->share++;
        rebuild(t, now_ms);
    }
}

static void note(struct pair_table *t, uint64_t key, uint16_t mark, const struct pair_seen *seen)
{
    if (!t->slots) t->slots = mem_new(PAIRS_SLOTS * sizeof *t->slots);
    if (!is_followed(t, key)) return;
    struct pair *pair = place(t, key);
    if (!pair->key) {
        pair->key = key;
        t->count++;
    }
    int way = seen->browser ? BROWSER : SERVER;
    pair->seen_s[way] = (uint32_t)(seen->now_ms / MS_PER_SECOND);
    pair->rows[way] = (uint16_t)seen->row;
    pair->marks[way] = mark;
    if (t->count >= LIMIT_PAIR_IDS) make_room(t, seen->now_ms);
}

void pairs_note(struct pairs *p, const struct pair_seen *seen)
{
    uint64_t id = mix(str_hash(seen->event_id), str_hash(seen->destination));
    note(&p->ids, id, (uint16_t)seen->row, seen);
    if (!seen->order_id.n) return;
    uint64_t order =
        mix(mix(str_hash(seen->order_id), str_hash(seen->event)), str_hash(seen->destination));
    note(&p->orders, order, (uint16_t)(id & UINT16_MAX), seen);
}

/* --- counting ------------------------------------------------------------------------------------ */

static bool are_near(const struct pair *pair)
{
    int64_t apart = (int64_t)pair->seen_s[0] - (int64_t)pair->seen_s[1];
    return (apart < 0 ? -apart : apart) * MS_PER_SECOND <= PAIRS_WINDOW_MS;
}

static void count_id(const struct pair *pair, struct pair_counts *server,
                     struct pair_counts *browser, uint64_t weight)
{
    bool met = server && browser;
    if (met && pair->marks[0] == pair->marks[1] && are_near(pair)) {
        server->both += weight; /* the names agree, so it is the same row */
        return;
    }
    if (met && pair->marks[0] != pair->marks[1]) {
        server->other_name += weight;
        browser->other_name += weight;
    } else if (met) {
        server->too_late += weight;
    }
    if (server) server->server_only += weight;
    if (browser) browser->browser_only += weight;
}

static struct pair_counts *row_of(const struct pair *pair, int way, struct pair_counts *counts,
                                  size_t rows)
{
    return pair->seen_s[way] && pair->rows[way] < rows ? &counts[pair->rows[way]] : NULL;
}

void pairs_count(const struct pairs *p, struct pair_counts *counts, size_t rows)
{
    memset(counts, 0, rows * sizeof *counts);
    for (size_t i = 0; p->ids.slots && i < PAIRS_SLOTS; i++) {
        const struct pair *pair = &p->ids.slots[i];
        if (!pair->key) continue;
        count_id(pair, row_of(pair, SERVER, counts, rows), row_of(pair, BROWSER, counts, rows),
                 UINT64_C(1) << p->ids.share);
    }
    for (size_t i = 0; p->orders.slots && i < PAIRS_SLOTS; i++) {
        const struct pair *pair = &p->orders.slots[i];
        struct pair_counts *row = row_of(pair, SERVER, counts, rows);
        if (row && row_of(pair, BROWSER, counts, rows) && pair->marks[0] != pair->marks[1])
            row->other_id += UINT64_C(1) << p->orders.share;
    }
}
