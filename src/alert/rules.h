/* SPDX-License-Identifier: Apache-2.0 */
/* When is something worth waking somebody for? Facts of one moment go in, changes come out: each alert is
 * raised once, when its condition has held for as long as its rule wants, and cleared once, when it has not
 * held for `clear_after`. Knows no clock, no network and no daemon: time is one of the facts. One thread. */
#ifndef ALERT_RULES_H
#define ALERT_RULES_H

#include "conf/config.h"
#include "core/limits.h"

/* X(NAME, "name", "when it is raised"); the names are keys of `alerts`, too. */
#define ALERT_RULES(X)                                                                             \
    X(SOURCE_SILENT, "source_silent", "a source that sent events has sent none for this long")     \
    X(ERRORS, "errors", "this share of a destination's events died lately")                        \
    X(BACKLOG, "backlog", "the oldest event that waits for a destination is this old")             \
    X(PAUSED, "paused", "a destination has been paused for this long")                             \
    X(AT_RISK, "at_risk", "so many events have less than a day until Meta's deadline")             \
    X(DEAD_LETTERS, "dead_letters", "so many events of a destination died lately")                 \
    X(TEST_CODE, "test_code", "a test_event_code has been on for this long")                       \
    X(DISK_FREE, "disk_free", "less than this is free below the data directory")                   \
    X(JOURNAL, "journal", "the journal has refused events for this long")

enum alert_rule {
#define X(NAME, name, meaning) ALERT_##NAME,
    ALERT_RULES(X)
#undef X
        ALERT_RULE_COUNT
};

struct str alert_rule_name(enum alert_rule rule);

struct alert {
    enum alert_rule rule;
    char subject[LIMIT_NAME_BYTES + 1]; /* the source or destination; "": the daemon */
    bool raised;
    int64_t changed_ms;
    char message[256]; /* a sentence with the figures of the moment that it was raised */
};

/* One moment. Counters only need to be of this process. Texts are looked at during the call alone. */
struct alert_source {
    struct str name;
    uint64_t events;
};
struct alert_destination {
    struct str name, pause_reason;
    bool paused, test_code;
    uint64_t delivered, dead, at_risk;
    int64_t oldest_waiting_ms; /* 0: none */
};
struct alert_facts {
    int64_t now_ms;
    const struct alert_source *sources;
    size_t source_count;
    const struct alert_destination *destinations;
    size_t destination_count;
    uint64_t disk_free;
    bool journal_failing;
};

struct rules;
struct rules *rules_new(void);
void rules_free(struct rules *r);
/* rules_judge calls fn for each alert that changes, raised or cleared. What is no longer among the facts, or
 * whose rule was switched off, counts as well again. */
typedef void alert_fn(void *ctx, const struct alert *alert);
void rules_judge(struct rules *r, const struct alerts_conf *conf, const struct alert_facts *facts,
                 alert_fn *fn, void *ctx);
/* rules_each calls fn for each alert that is raised. */
void rules_each(const struct rules *r, alert_fn *fn, void *ctx);

#endif
