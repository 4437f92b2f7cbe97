/* SPDX-License-Identifier: Apache-2.0 */
/* See lockout.h. */
#include "console/lockout.h"

static struct lockout_entry *find(const struct lockout *l, struct str address)
{
    for (size_t i = 0; i < l->count; i++) {
        if (str_eq(str_z(l->entries[i].address), address)) {
            return (struct lockout_entry *)&l->entries[i];
        }
    }
    return NULL;
}

static bool is_over(const struct lockout_entry *e, int64_t now_ms)
{
    return now_ms - e->since_ms >= LIMIT_LOGIN_REST_MS || now_ms < e->since_ms;
}

static bool is_shut(const struct lockout_entry *e, unsigned most, int64_t now_ms)
{
    return e->failures >= most && !is_over(e, now_ms);
}

bool lockout_may_try(const struct lockout *l, struct str address, int64_t now_ms)
{
    const struct lockout_entry *e = find(l, address);
    if (is_shut(&l->all, LIMIT_LOGIN_FAILURES_ALL, now_ms)) return false;
    return !e || !is_shut(e, LIMIT_LOGIN_FAILURES, now_ms);
}

static void count(struct lockout_entry *e, int64_t now_ms)
{
    if (is_over(e, now_ms)) e->failures = 0;
    e->failures++;
    e->since_ms = now_ms;
}

static struct lockout_entry *oldest(struct lockout *l)
{
    struct lockout_entry *found = &l->entries[0];
    for (size_t i = 1; i < l->count; i++) {
        if (l->entries[i].since_ms < found->since_ms) found = &l->entries[i];
    }
    return found;
}

void lockout_note_failure(struct lockout *l, struct str address, int64_t now_ms)
{
    struct lockout_entry *e = find(l, address);
    if (!e) {
        e = l->count < LIMIT_LOGIN_ADDRESSES ? &l->entries[l->count++] : oldest(l);
        *e = (struct lockout_entry){.since_ms = now_ms};
        struct str text = str_head(address, sizeof e->address - 1);
        memcpy(e->address, text.p, text.n);
    }
    count(e, now_ms);
    count(&l->all, now_ms);
}
