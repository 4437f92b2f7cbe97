/* SPDX-License-Identifier: Apache-2.0 */
/* Do the browser's and the server's copies of an event meet? Meta takes two events for one when event_id
 * and name are the same and they come within 48 hours. Ids of confirmed events are remembered by their
 * hashes; when they become too many, only an even share of all ids is followed and counts are multiplied:
 * both copies of an event have one id, so both are in the share or neither. In memory only. Not for several
 * threads at a time. */
#ifndef REPORT_PAIRS_H
#define REPORT_PAIRS_H

#include "base/str.h"
#include "base/time.h"
#include "core/limits.h"

/* Meta's window (developers.facebook.com/docs/marketing-api/conversions-api/deduplicate-pixel-and-server-events),
 * and how long ids are remembered, to tell copies that come too late. */
#define PAIRS_WINDOW_MS (48 * MS_PER_HOUR)
#define PAIRS_KEPT_MS (72 * MS_PER_HOUR)
enum { PAIRS_SLOTS = 131072 };

struct pair {
    uint64_t key;       /* of what must agree; 0 = free */
    uint32_t seen_s[2]; /* by the browser and by the server, since 1970; 0 = not seen */
    uint16_t rows[2];   /* of which destination and event */
    uint16_t marks[2];  /* what should agree too */
};

struct pair_table {
    struct pair *slots;
    size_t count;
    unsigned share; /* one of 2^share keys is followed */
};

struct pairs {
    struct pair_table ids;    /* by event_id: the names should agree */
    struct pair_table orders; /* by name and order: the ids should agree */
};

/* A zeroed struct pairs is a valid empty one. */
void pairs_fini(struct pairs *p);

struct pair_seen {
    struct str destination, event, event_id, order_id; /* order_id may be empty */
    size_t row; /* of the destination and event, < UINT16_MAX */
    bool browser;
    int64_t now_ms;
};
void pairs_note(struct pairs *p, const struct pair_seen *seen);

/* What is known of one row. Both copies of an event that met count once, in both. */
struct pair_counts {
    uint64_t both, server_only, browser_only;
    uint64_t other_name; /* the other copy had the same id but another name */
    uint64_t too_late;   /* the copies were more than 48 hours apart */
    uint64_t other_id;   /* the same order came both ways with different ids */
};
/* pairs_count fills counts[rows]. Walks over all ids: about a millisecond. */
void pairs_count(const struct pairs *p, struct pair_counts *counts, size_t rows);

#endif
