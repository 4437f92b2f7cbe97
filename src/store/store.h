/* SPDX-License-Identifier: Apache-2.0 */
/* The one state store, on LMDB: cursors and counts per destination, dead letters, the retry queue.
 * Everything here can be rebuilt from the journal or is a verdict on it, and everything about one
 * batch of verdicts changes in one transaction, so the sums hold after any crash. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/err.h"
#include "core/hold.h"
#include "core/outcome.h"
#include "store/history.h"

#include <stdint.h>

struct store;

/* store_open opens or creates the store in dir (created). map_bytes is the most it may grow to. */
struct store *store_open(const char *dir, uint64_t map_bytes, struct err *err);
void store_close(struct store *s);

/* Where one destination is in the journal: every event below low is finished, and so are the listed
 * stretches above it (sorted, not touching). A crash re-sends only what is in none of them. */
struct cursor {
    uint64_t start; /* the first event this destination is responsible for */
    uint64_t low;
    size_t range_count;
    struct seq_range *ranges; /* at most LIMIT_CURSOR_RANGES */
    /* What is below came while all was to be dropped; 0: nothing is left of it. */
    uint64_t drop_end;
    /* How many events ended how: the sums of all settlements. counts[REASON_NONE] is delivered. */
    uint64_t counts[REASON_COUNT];
    uint64_t retried; /* dead letters taken back into the retry queue so far */
};

/* What is known of an event that died. The texts are views. */
struct dead_letter {
    uint64_t seq;
    int64_t died_ms;
    struct outcome outcome;
    int code, subcode;    /* Meta's, when it refused; else 0 */
    struct str meta_text; /* Meta's own words, cut; may be empty */
    struct str fbtrace_id;
    struct str pixel_id; /* the pixel that refused; empty before sending */
    struct str record;   /* the whole encoded record (core/event.h) */
};

/* store_load_cursor reads a destination's cursor into the arena; false without err (ERR_NONE) when
 * the destination is unknown. Any thread. */
bool store_load_cursor(struct store *s, struct str destination, struct arena *arena,
                       struct cursor *out, struct err *err);
/* store_destinations lists the names that have a cursor, in the arena. */
bool store_destinations(struct store *s, struct arena *arena, struct str **names, size_t *count,
                        struct err *err);

/* An event that waits for a pixel which Meta does not let us have, or for a hold. The journal keeps the
 * event itself. */
struct parked {
    uint64_t seq;
    int64_t deadline_ms; /* of what is to be sent */
    struct str pixels;   /* their ids, a blank between two; only these still have to get it */
    bool held;           /* by a hold; then there are no pixels, but: */
    struct str name;     /* the hold's */
    struct hold_key key;
    int64_t since_ms, until_ms, within_ms; /* as in core/translate.h */
    enum hold_then then;
    uint64_t rules; /* which holds there were when it was judged */
};

/* What confirmed or cancelled for a key of a hold. */
struct confirmation {
    struct hold_key key;
    uint64_t seq;      /* the event that did, */
    int64_t time_ms;   /* when it was received, */
    int64_t within_ms; /* and how long that is of use */
    bool cancels;
};

/* One step forward of one destination, all or nothing and durable when it returns: the cursor as it
 * is now, dead letters to add, retry-queue entries that are finished, what became of which events, and the
 * requests that were answered. Any one thread per destination. */
struct settlement {
    struct str destination;
    const struct cursor *cursor;
    const struct dead_letter *dead;
    size_t dead_count;
    const uint64_t
        *retried_done; /* seqs whose retry is finished (delivered, filtered or dead anew) */
    size_t retried_done_count;
    const struct outcome_run *outcomes; /* in the order of the verdicts: a later one counts */
    size_t outcome_count;
    const struct attempt *attempts;
    size_t attempt_count;
    const struct parked *parked; /* after unparked: an event may be both */
    size_t parked_count;
    const uint64_t *unparked; /* seqs that wait no more */
    size_t unparked_count;
    const struct confirmation *confirmed; /* a later one of the same key counts */
    size_t confirmed_count;
    int64_t stale_ms; /* confirmations that were of use only before then may be forgotten */
};
bool store_settle(struct store *s, const struct settlement *settlements, size_t count,
                  struct err *err);

/* Which letters. Listing takes a page, retrying and discarding take all that fit, unless somebody says
 * meanwhile that it is enough. */
struct letter_selection {
    struct str destination;
    enum reason reason;   /* REASON_COUNT: any */
    int code;             /* Meta's; 0: any */
    struct str source;    /* n = 0: any */
    int64_t since_ms;     /* died at or after then; 0: any */
    int64_t until_ms;     /* died before then; 0: any */
    uint64_t from_seq;    /* listing: where the page starts */
    size_t limit;         /* listing: the most it may hold */
    const uint64_t *seqs; /* retrying and discarding: only these; NULL: all */
    size_t seq_count;
    int64_t patience_us;       /* listing and groups: to look for about so long; 0: to the end */
    const _Atomic bool *going; /* retrying and discarding: stop when it turns false; NULL: never */
};

/* store_letters_list gives dead letters, oldest first, records included, in the arena: a page of at most
 * which->limit, and of LIMIT_STORE_PAGE_BYTES of records and one more. *next is where to go on, 0 at the
 * end; a page that is empty because patience ran out has one, too. */
bool store_letters_list(struct store *s, const struct letter_selection *which, struct arena *arena,
                        struct dead_letter **out, size_t *count, uint64_t *next, struct err *err);
/* store_dead_get: false without err (ERR_NONE) when there is none. */
bool store_dead_get(struct store *s, struct str destination, uint64_t seq, struct arena *arena,
                    struct dead_letter *out, struct err *err);
/* store_letters_retry moves letters to the destination's retry queue; *moved says how many, also when
 * it fails or is stopped half way. Durable. The destination's own thread picks them up; counts change there, when
 * store_settle is called with the new cursor. */
bool store_letters_retry(struct store *s, const struct letter_selection *which, uint64_t *moved,
                         struct err *err);
/* store_letters_discard removes letters for good. They stay counted as dead. */
bool store_letters_discard(struct store *s, const struct letter_selection *which, uint64_t *removed,
                           struct err *err);

/* store_letter_retry_as retries one letter with another record in place of its own (a mended event). False
 * without err (ERR_NONE) when there is no such letter. */
bool store_letter_retry_as(struct store *s, struct str destination, uint64_t seq, struct str record,
                           struct err *err);

/* Letters that died alike. */
struct letter_group {
    enum reason reason;
    int code, subcode;
    uint64_t count, bytes;
    int64_t first_ms, last_ms;
    uint64_t sample; /* the number of one of them */
};
/* store_letters_groups sorts the letters of which->destination from from_seq on into groups (at most
 * LIMIT_LETTER_GROUPS; the rest joins the last), in the arena; *next is where to go on, 0 at the end. */
bool store_letters_groups(struct store *s, const struct letter_selection *which,
                          struct arena *arena, struct letter_group **out, size_t *count,
                          uint64_t *next, struct err *err);
/* store_letters_trim drops letters that died before cutoff_ms, and the oldest of each destination while all
 * of them take more than max_bytes. They stay counted as dead; *dropped counts them. Now and then. */
bool store_letters_trim(struct store *s, int64_t cutoff_ms, uint64_t max_bytes, uint64_t *dropped,
                        struct err *err);

struct retry_entry {
    uint64_t seq;
    enum reason former; /* what it had died of */
    struct str record;
};
/* store_retries_list gives queued retries, in the arena; the selection's reason does not count. */
bool store_retries_list(struct store *s, const struct letter_selection *which, struct arena *arena,
                        struct retry_entry **out, size_t *count, struct err *err);

/* store_parked_list gives a destination's parked events from which->from_seq on, at most which->limit, in
 * the arena; the selection's reason and seqs do not count. */
bool store_parked_list(struct store *s, const struct letter_selection *which, struct arena *arena,
                       struct parked **out, size_t *count, struct err *err);

/* store_held_list is the same for those that wait with this key of a hold. */
bool store_held_list(struct store *s, const struct letter_selection *which,
                     const struct hold_key *key, struct arena *arena, struct parked **out,
                     size_t *count, struct err *err);
/* store_confirmation_get finds what was confirmed last for a key; false without err (ERR_NONE): nothing. */
bool store_confirmation_get(struct store *s, struct str destination, const struct hold_key *key,
                            struct confirmation *out, struct err *err);

/* Small named values (schema version, generated keys). store_get_value: false, ERR_NONE: not there. */
bool store_get_value(struct store *s, struct str key, struct arena *arena, struct str *out,
                     struct err *err);
bool store_set_value(struct store *s, struct str key, struct str value, struct err *err);

#endif
