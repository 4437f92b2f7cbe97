/* SPDX-License-Identifier: Apache-2.0 */
/* Delivery: reads the journal from each destination's cursor, has every event translated, batches
 * what comes out, sends it with libcurl, and settles each event in exactly one state. One thread, many
 * destinations; nothing here blocks but the one poll, so a destination in trouble delays no other.
 * Events in memory are only a cache of the journal: dropping them costs a re-read, never an event. */
#ifndef DELIVER_DELIVER_H
#define DELIVER_DELIVER_H

#include "conf/config.h"
#include "core/translate.h"
#include "journal/journal.h"
#include "store/store.h"

struct deliver;

/* How delivery gets at the mapping and the configuration, without knowing either's inside. acquire
 * pins the present generation (a reload makes a new one); destinations are those of the pinned one,
 * and translate maps an event for destination index i of it; rules (NULL: all differ) gives equal numbers,
 * below the count of destinations, for those that have the same rules, which then share translations
 * that are not `alone`. All called on the delivery thread. */
struct deliver_source {
    void *ctx;
    const void *(*acquire)(void *ctx, const struct config **config);
    void (*release)(void *ctx, const void *generation);
    void (*translate)(void *ctx, const void *generation, size_t destination, const struct event *e,
                      int64_t now_ms, struct buf *out, struct translation *t);
    size_t (*rules)(void *ctx, const void *generation, size_t destination);
};

/* For tests, which cannot wait, nor hold a million events: 0 is the value of core/limits.h. */
struct deliver_timing {
    int64_t backoff_first_ms;
    int64_t pause_probe_ms;
    int64_t disk_again_ms; /* after a journal or store that failed */
    uint64_t held_max;     /* of one destination */
};

/* A request that Meta confirmed, for those who make statistics. */
struct confirmed_event {
    struct str json; /* as it was sent */
    int64_t received_ms;
    bool from_browser;
};
struct deliver_confirmed {
    struct str destination;
    int64_t now_ms;
    const struct confirmed_event *events; /* views, like all of this, for the call only */
    size_t count;
};
/* On the delivery thread; must neither block nor take long. */
typedef void deliver_confirmed_fn(void *ctx, const struct deliver_confirmed *confirmed);

struct deliver_options {
    struct journal *journal;
    struct store *store;
    struct deliver_source source;
    struct deliver_timing timing;
    deliver_confirmed_fn *confirmed; /* NULL: nobody wants to know. Not of test events. */
    void *confirmed_ctx;
};

struct deliver *deliver_new(const struct deliver_options *options);
/* deliver_start settles where new destinations begin (so call it before anything is accepted) and
 * starts the thread; deliver_stop lets requests in flight finish (at most drain_ms),
 * settles and joins. */
void deliver_start(struct deliver *d);
void deliver_stop(struct deliver *d, int64_t drain_ms);
void deliver_free(struct deliver *d);
/* deliver_committed tells it that the journal has more, which it looks at within LIMIT_GATHER_MS. Any thread,
 * never blocks; a journal_listener_fn with the struct deliver as ctx. */
void deliver_committed(void *deliver);
/* deliver_wake tells it that there is something else to do at once: a reload, a retry, a resume. Any
 * thread, never blocks; `void *` because others take it as a function to call. */
void deliver_wake(void *deliver);
/* deliver_reload makes it look at the configuration anew. Any thread. */
void deliver_reload(struct deliver *d);

/* A conversion pixel that stands still while the rest of its destination goes on. */
struct paused_pixel {
    char pixel_id[64];
    int code, subcode;
    char reason[256]; /* as pause_reason */
    int64_t probe_ms; /* when it is tried again */
};

/* A consistent snapshot of one destination, for status and metrics; any thread. The states add up:
 * received == waiting + delivered + filtered + duplicate + held + dead. */
struct deliver_status {
    struct str name; /* in the caller's arena */
    bool enabled;
    bool paused;
    char pause_reason[256]; /* what is wrong and what to do, for people */
    int pause_code, pause_subcode;
    struct paused_pixel paused_pixels[LIMIT_PAUSED_PIXELS];
    size_t paused_pixel_count; /* their events wait with reason pixel_paused */
    uint64_t received;
    uint64_t states[STATE_COUNT];
    uint64_t reasons[REASON_COUNT]; /* settled events by reason; REASON_NONE = delivered */
    uint64_t next_seq;              /* read so far */
    uint64_t skipped; /* events that the journal keeps from before the destination began */
    uint64_t in_flight_events, in_flight_requests;
    uint64_t requests, requests_failed, events_sent_again;
    uint64_t redacted; /* personal values and query keys taken out of mapped events since the start;
                        * what is mapped again, as after a reload, counts again */
    uint64_t test_events;      /* delivered with a test_event_code since the start */
    int usage_percent;         /* of Meta's limits, by the latest answer; 0 = not said */
    int64_t slowed_until_ms;   /* a shared limit holds requests back until then; 0 = none does */
    size_t token, token_count; /* the access token in use (0 = the first) and how many there are */
    int64_t backoff_until_ms;  /* 0 = not backing off */
    int64_t oldest_waiting_ms; /* receive time of the oldest unfinished event; 0 = none */
    uint64_t at_risk;          /* events with less than LIMIT_RISK_MS left, as far as was looked */
    int64_t first_loss_ms; /* the first deadline of what waits, as far as was looked; 0 = none */
    int64_t
        held_since_ms; /* when the oldest event that a hold keeps back came, as of the latest look
                            * (once a minute); 0 = none */
    int64_t probe_ms;  /* of a paused one: when it tries again by itself; else 0 */
    int64_t last_delivered_ms;
    char last_error[256];
};
/* deliver_status_all fills a list in the arena. */
void deliver_status_all(struct deliver *d, struct arena *arena, struct deliver_status **out,
                        size_t *count);

/* What was settled since the start, by source and event name; the rows of a destination are bounded by
 * LIMIT_BREAKDOWN_ROWS, and what did not fit is in its row "other", "other". */
struct deliver_breakdown {
    struct str destination, source, event;
    uint64_t reasons[REASON_COUNT]; /* REASON_NONE = delivered */
};
/* deliver_breakdown_all fills a list in the arena. Any thread. */
void deliver_breakdown_all(struct deliver *d, struct arena *arena, struct deliver_breakdown **out,
                           size_t *count);

/* deliver_state_lost: the state store was new while the journal already had events, and still has them.
 * Any thread, after deliver_start. */
bool deliver_state_lost(struct deliver *d);

/* What the journal must keep: the lowest event that any destination still needs, and the lowest that
 * one at work still needs, because one that is paused or switched off may not fill the disk for all
 * others. */
struct deliver_needs {
    uint64_t keep_seq, spare_seq;
    size_t leaving; /* destinations that were removed, with requests still under way */
};
/* deliver_needs tells both of the same moment. Any thread. */
struct deliver_needs deliver_needs(struct deliver *d);

#endif
