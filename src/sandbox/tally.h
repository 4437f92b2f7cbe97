/* SPDX-License-Identifier: Apache-2.0 */
/* The counts of /sandbox/summary. Events come and go in the inbox; these stay until a reset. Tables
 * are bounded: what does not fit shares the last row. Server's thread only. */
#ifndef SANDBOX_TALLY_H
#define SANDBOX_TALLY_H

#include "base/json.h"
#include "core/limits.h"

struct tally_name {
    struct str pixel_id, event_name; /* in the arena */
    uint64_t events, duplicates, warnings;
};

struct tally_money {
    char currency[4]; /* as sent, upper-case; "" = the row that others share */
    uint64_t purchases;
    int64_t sum; /* in ten-thousandths, so that it stays exact */
};

struct tally_refusal {
    int code, subcode;
    uint64_t count;
};

/* Batches by size: 1, up to 10, up to 100, up to 500, up to 1000. */
enum { TALLY_SIZES = 5 };

struct tally {
    struct arena arena;
    struct tally_name names[LIMIT_SANDBOX_NAMES];
    struct tally_money money[LIMIT_SANDBOX_CURRENCIES];
    struct tally_refusal refusals[LIMIT_SANDBOX_REFUSALS];
    size_t name_count, money_count, refusal_count;
    uint64_t sizes[TALLY_SIZES];
    uint64_t events, duplicates, changed, without_id; /* accepted */
    uint64_t refused;  /* events that were refused for their own sake */
    uint64_t unstored; /* good events that were lost with their batch */
    uint64_t requests, requests_ok;
};

/* One accepted event. */
struct tally_event {
    struct str pixel_id, event_name;
    struct str currency; /* of a Purchase that is not a duplicate; empty otherwise */
    double value;
    size_t warnings;
    bool duplicate, changed, without_id;
};

/* A zeroed struct tally is a valid empty one. tally_fini also resets. */
void tally_fini(struct tally *t);
void tally_add(struct tally *t, const struct tally_event *e);
/* tally_refuse counts the cause that answered a request; count events were refused for their own. */
void tally_refuse(struct tally *t, int code, int subcode);
/* tally_batch notes the size of a well-formed batch. */
void tally_batch(struct tally *t, size_t events);
/* tally_print appends the members of a JSON object, without its braces. */
void tally_print(const struct tally *t, struct buf *out);

#endif
