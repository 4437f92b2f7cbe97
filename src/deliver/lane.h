/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of delivery: a lane is one destination's way from the journal to Meta, and struct deliver
 * holds what the lanes share. Everything here belongs to the delivery thread, but for what a lock
 * guards. Who does what: read.c fills batches, answer.c judges replies, settle.c makes it durable,
 * park.c and hold.c keep aside what has to wait, snapshot.c tells others, deliver.c turns the wheel.
 *
 * A lane's memory is only a cache of the journal. Whatever is hard to undo piece by piece (a reload, a
 * pause, a long outage) is done by a reset: no new reads or requests, and when the last request in
 * flight is answered, everything in memory is dropped and read again from the low-water mark. */
#ifndef DELIVER_LANE_H
#define DELIVER_LANE_H

#include "deliver/batch.h"
#include "deliver/breakdown.h"
#include "deliver/budget.h"
#include "deliver/deliver.h"
#include "deliver/echo.h"
#include "deliver/gather.h"
#include "deliver/progress.h"
#include "deliver/send.h"
#include "sys/thread.h"

enum trouble {
    TROUBLE_NONE,
    TROUBLE_BACKOFF, /* something temporary; one request at a time tries again */
    TROUBLE_PAUSE,   /* somebody must do something; tried hourly and at each reload */
};

enum {
    /* Failures in a row after which a lane that backs off gives its memory back. */
    LANE_SHED_FAILURES = 12,
    /* Readings, LIMIT_DISK_AGAIN_MS apart, before events that the journal cannot give are given up. */
    LANE_READ_FAILURES = 10,
};

/* Verdicts that are not in the store yet. The texts are in deliver's unsaved arena. */
struct unsaved {
    bool dirty; /* the cursor changed */
    struct dead_letter *dead;
    size_t dead_count, dead_capacity;
    uint64_t *retried;
    size_t retried_count, retried_capacity;
    struct parked *parked;
    size_t parked_count, parked_capacity;
    uint64_t *unparked;
    size_t unparked_count, unparked_capacity;
    struct confirmation *confirmed; /* at most LIMIT_HOLDS for each event */
    size_t confirmed_count, confirmed_capacity;
    struct outcome_run *outcomes;
    size_t outcome_count, outcome_capacity;
    struct attempt *attempts;
    size_t attempt_count, attempt_capacity;
};

/* How many events end how soon, and when the first one does; see scout.c. */
enum { RISK_TIERS = 4 };
struct risk {
    uint64_t within[RISK_TIERS];
    int64_t first_ms; /* 0 = none seen */
};

/* The one who looks ahead of the reader when a lane is behind. */
struct scout {
    struct journal_reader reader;
    bool walking;
    uint64_t seq;            /* the next event to look at */
    uint64_t end_seq;        /* and where this look ends */
    int64_t took_us;         /* this look so far, */
    int64_t again_us;        /* the next one not before */
    int64_t horizon_ms;      /* events that end within it are taken in this look */
    struct risk found, told; /* by this look so far, and by the latest whole one */
    uint64_t *taken;         /* what it took and is in memory, sorted */
    size_t taken_count;      /* at most LIMIT_URGENT */
};

/* A pixel that Meta does not let us have. */
struct gate {
    char pixel_id[64];
    int code, subcode;
    char reason[256];
    int64_t probe_us; /* when it is tried again */
    bool probing;     /* a request does so now */
};

/* Events that a hold keeps back; see hold.c. */
struct holds {
    uint64_t rules;        /* which holds there are; 0: none */
    struct str passed;     /* while a held event is being read: the hold that lets it go */
    struct hold_key *keys; /* confirmed or cancelled: what waits with them is to be fetched; */
    size_t count;          /* at most LIMIT_RELEASES */
    size_t pass;           /* how many of them are being worked off; 0: none */
    size_t at;             /* which one, */
    uint64_t seq;          /* from which event on */
    int64_t keep_ms;       /* what was of use then or later is needed: for what is being let go, */
    int64_t keep_next_ms;  /* and for the keys behind the pass; 0 = nothing */
    int64_t first_ms_found, first_ms; /* the first to be given up, by a walk; 0 = none */
    int64_t since_ms_found, since_ms; /* since when the oldest waits */
};

/* What waits for such pixels, in the store, and the walks over it; see park.c. */
struct park {
    struct gate gates[LIMIT_PAUSED_PIXELS];
    size_t gate_count;
    struct gate *letting; /* the one that what is being read may pass, to try it */
    struct str only;      /* while a parked event is being read: its pixels */
    size_t items;         /* of what was parked, in memory */
    bool walking;
    bool thorough_next, thorough; /* what is held is looked up too: it may have been confirmed */
    int64_t due_us;               /* the next walk not before; a walk */
    int64_t began_us;             /* began here */
    uint64_t seq;                 /* and is here */
    uint64_t low; /* the journal must keep what is from here on; UINT64_MAX: nothing waits */
    uint64_t low_found, low_new; /* by this walk, and parked since it began */
    struct risk found, told;
    struct holds holds;
};

struct lane {
    struct str name;                     /* owned */
    const struct destination_conf *conf; /* of the present generation; NULL: no longer configured */
    size_t index;                        /* in it */
    size_t rules;                        /* see struct deliver_source */
    bool shares_rules;                   /* with another lane */
    char routed_source[LIMIT_NAME_BYTES]; /* the latest source asked about, and the answer */
    size_t routed_source_n;
    bool routed;

    bool loaded;        /* progress is what the store has */
    uint64_t begin_seq; /* where it begins if the store does not know it */
    struct progress progress;
    uint64_t saved_low; /* the low-water mark that would survive a crash */
    struct unsaved unsaved;
    bool wrong_sums; /* said once */

    uint64_t read_seq;            /* the next event to read, */
    uint64_t read_end;            /* and where to stop in this round */
    int64_t ahead_us;             /* since when it is too far ahead of others; 0 = it is not */
    struct journal_reader reader; /* for the stream, */
    struct journal_reader finder; /* and for looking single records up */
    int64_t read_commit_ms;       /* when what was read last was committed; 0 = nothing yet */
    struct scout scout;
    struct park park;
    bool reads_on;          /* there was more to read at once after the latest turn */
    unsigned read_failures; /* of journal or store, in a row */
    int64_t read_again_us;  /* after the latest */
    bool retry_wanted;      /* look into the retry queue when the present walk is over */
    bool retry_walking;
    uint64_t retry_seq; /* where the walk is */

    size_t journal_items, retry_items;    /* events in memory */
    uint64_t retry_formers[REASON_COUNT]; /* the retries, by what they had died of */
    size_t bytes;                         /* batch_bytes of its batches */
    struct batch_list open, ready, flying;
    struct batch_list urgent; /* what cannot wait for its turn; goes before what is ready */
    struct batch_list later;  /* events that Meta stumbles over, each with a wait of its own */
    uint64_t flying_events;
    bool reset;
    int64_t adopted_us; /* since when it has this configuration */

    size_t token;          /* the one in use, by its place in the configuration */
    size_t tokens_refused; /* since a request passed */
    struct budget
        *budgets[2];    /* by enum budget_kind; the account's is NULL until an answer names it */
    size_t culprit_gap; /* between the bad events of the latest batch; SIZE_MAX: it had few */

    enum trouble trouble;
    bool trouble_said;        /* in the log */
    unsigned failures;        /* in a row */
    int64_t trouble_since_us; /* answers to requests from before do not count twice */
    int64_t held_until_us;
    int64_t passed_us; /* start of the latest request that passed */

    struct breakdown breakdown;
    struct deliver_status status; /* its numbers, pause and last error are kept here */
    uint64_t oldest_seq;          /* what oldest_ms is about, */
    int64_t oldest_ms;            /* when it was received, */
    int64_t oldest_us;            /* and when that was looked up */
};

/* What deliver_status_all tells of one lane. */
struct shown {
    struct deliver_status status; /* the name is the lane's */
    const struct lane *lane;      /* whose breakdown was copied; never followed */
    struct breakdown_row *rows;
    size_t row_count, row_capacity;
    uint64_t start;
};

struct deliver {
    struct journal *journal;
    struct store *store;
    struct deliver_source source;
    struct deliver_timing timing;
    deliver_confirmed_fn *confirmed;
    void *confirmed_ctx;
    struct confirmed_event *told; /* of one request */
    size_t told_capacity;
    struct sender *sender;
    struct gather gather;
    struct pool pool;
    int64_t trim_due_us; /* when what the pool did not need goes back */
    struct budgets budgets;

    const void *generation;
    const struct config *config;
    struct lane **lanes;
    size_t lane_count, lane_capacity;
    size_t turn_lane;       /* whose turn is next */
    int64_t look_us;        /* who stands still looks ahead not before */
    size_t bytes;           /* of all lanes */
    int64_t now_ms, now_us; /* of this turn */
    struct buf json;        /* what translate writes into */
    struct str mapped;      /* what the translation's sends lie in: that, or echo's */
    struct translation translation;
    struct echo echo;
    size_t row;           /* of the breakdown, for what was translated, */
    int64_t received_ms;  /* when that came in */
    bool from_browser;    /* and how */
    struct arena scratch; /* reset each turn */

    struct arena unsaved; /* texts of dead letters until they are in the store */
    uint64_t
        born_seq; /* where the journal was when the store was new; set before the thread starts */
    size_t unsaved_events, unsaved_bytes;
    int64_t settle_due_us; /* INT64_MAX = nothing to settle */
    bool settle_failing;

    bool retries_wanted; /* somebody called deliver_wake, perhaps because of a retry */
    int64_t retries_due_us;
    bool changed; /* since the latest snapshot */
    int64_t snapshot_due_us;
    int64_t stop_us; /* when a stop ends waiting; INT64_MAX = not stopping */

    struct thread thread;
    struct lock lock;
    bool woken, reload, stop; /* this and the rest under the lock */
    int64_t drain_ms;
    struct shown *shown;
    size_t shown_count, shown_capacity;
    struct deliver_needs needs; /* UINT64_MAX = no lane needs anything */
};

/* --- lane.c ------------------------------------------------------------------------------------ */
/* lane_new makes a lane that is not loaded yet; the name is copied. */
struct lane *lane_new(struct text name);
/* lane_free cuts off nothing: the sender must have let go of its batches. */
void lane_free(struct deliver *d, struct lane *l);
/* lane_turn does what there is to do now: reset, read, send. True when there is more at once. */
bool lane_turn(struct deliver *d, struct lane *l);
/* lane_use_token makes requests carry this one of the configured tokens. */
void lane_use_token(struct deliver *d, struct lane *l, size_t token);
/* lane_stands: paused or switched off, so that only a person can make it move. */
bool lane_stands(const struct lane *l);
/* lane_drops: is it switched off, and nothing kept for it? */
bool lane_drops(const struct lane *l);
/* lane_note_drops: all that came so far is to be dropped, if the lane drops; kept with its position. */
void lane_note_drops(struct deliver *d, struct lane *l);
/* lane_due_us is when the lane wants a turn even if nothing happens; INT64_MAX = never. */
int64_t lane_due_us(const struct deliver *d, const struct lane *l);
/* lane_free_us is from when on the lane's budgets allow a request. */
int64_t lane_free_us(const struct lane *l);
/* lane_drop forgets everything in memory and goes back to the low-water mark; nothing is in flight. */
void lane_drop(struct deliver *d, struct lane *l);
/* lane_end_batch hands a batch back; whatever it still holds is forgotten. */
void lane_end_batch(struct deliver *d, struct lane *l, struct batch *b);
/* lane_count_bytes keeps the account of memory when a batch changed its size. */
void lane_count_bytes(struct deliver *d, struct lane *l, size_t before, size_t after);
/* lane_fail notes that the disk failed under it: said once, and tried again in a second. */
void lane_fail(struct deliver *d, struct lane *l, const char *message, const struct err *err);

/* One turn's share of reading. */
struct slice {
    size_t events;
    int64_t end_us;
};

/* --- begin.c ----------------------------------------------------------------------------------- */
/* begin_new notes where a new lane with a configuration begins if the store does not know it. */
void begin_new(struct deliver *d, struct lane *l);
/* begin_load reads the cursor, or makes one for a new destination. False when the store cannot be read:
 * logged once and tried again by lane_turn. */
bool begin_load(struct deliver *d, struct lane *l);
/* begin_extend gives a lane, with nothing in memory, the events before its beginning that the
 * configuration wants of it. */
void begin_extend(struct deliver *d, struct lane *l);
/* begin_check_store finds out, before any lane is loaded, whether the store is younger than the journal. */
void begin_check_store(struct deliver *d);

/* --- pace.c ------------------------------------------------------------------------------------ */
/* pace_lanes says how far each lane may read in the coming round, so that those of the same rules keep
 * together. */
void pace_lanes(struct deliver *d);
/* pace_due_us: a lane that waits for the others goes on by then; INT64_MAX: it does not wait. */
int64_t pace_due_us(const struct lane *l);

/* --- scout.c ----------------------------------------------------------------------------------- */
/* scout_turn looks ahead for one slice when the lane is behind: settles what is too late, takes what
 * cannot wait, counts what is at risk. True when there is more to look at at once. */
bool scout_turn(struct deliver *d, struct lane *l);
/* scout_due_us is when it wants to look again; INT64_MAX = never. */
int64_t scout_due_us(const struct deliver *d, const struct lane *l);
/* scout_has: was this event taken out of its turn, and is still in memory? */
bool scout_has(const struct lane *l, uint64_t seq);
/* scout_remember: an event that it took is in memory. */
void scout_remember(struct lane *l, uint64_t seq);
/* scout_forget: an event that it took left the memory. */
void scout_forget(struct lane *l, uint64_t seq);
/* scout_ahead counts what it took at or above the reader's position. */
size_t scout_ahead(const struct lane *l);
/* scout_reset forgets the present look; nothing that it took is in memory. */
void scout_reset(struct lane *l);
/* scout_stop ends all looking: nothing that was seen is at risk any more. */
void scout_stop(struct deliver *d, struct lane *l);
/* scout_resume: the lane may send again; if events at risk were seen, the next look begins at once. */
void scout_resume(struct lane *l);
/* scout_count adds one event that waits. */
void scout_count(struct risk *risk, int64_t deadline_ms, int64_t now_ms);
/* scout_risk adds what is in memory to what was seen ahead; within is cumulative. */
struct risk scout_risk(const struct deliver *d, const struct lane *l);

/* --- park.c ------------------------------------------------------------------------------------ */
/* park_load finds out whether events wait in the store; false when it cannot be read. */
bool park_load(struct deliver *d, struct lane *l, struct err *err);
/* park_gate is the pixel's shut gate, or NULL. */
struct gate *park_gate(struct lane *l, struct str pixel_id);
/* park_may_shut: is it a conversion pixel, and is there room for its gate? */
bool park_may_shut(struct lane *l, const struct batch *b);
/* park_shut shuts the gate of b's pixel, which was refused, and parks what b holds; b ends. */
void park_shut(struct deliver *d, struct lane *l, struct batch *b, const struct reply *reply);
/* park_open: a request to this pixel passed; what waits for it is fetched. */
void park_open(struct deliver *d, struct lane *l, struct str pixel_id);
/* park_batch parks what b holds; b ends. */
void park_batch(struct deliver *d, struct lane *l, struct batch *b);
/* park_read walks over what waits: expires, fetches, tries. False when the slice is over. */
bool park_read(struct deliver *d, struct lane *l, struct slice *slice);
/* park_reset: nothing of it is in memory; with try_all all gates are opened to be tried anew. */
void park_reset(struct deliver *d, struct lane *l, bool try_all);
/* park_hurry: walk anew as soon as may be, because something that was in the way is over; with try_all
 * each shut pixel may be tried at once. */
void park_hurry(struct deliver *d, struct lane *l, bool try_all);
/* park_due_us is when it wants a turn. */
int64_t park_due_us(const struct lane *l);

/* park_visit looks at one entry: buries it, fetches it, or leaves it. With confirmed, what is held is looked
 * up. False: it has to wait until there is room. */
bool park_visit(struct deliver *d, struct lane *l, const struct parked *entry, bool confirmed);
/* park_is_free: nothing that was parked is in memory or not yet in the store, so none is met twice. */
bool park_is_free(const struct lane *l);

/* --- hold.c ------------------------------------------------------------------------------------ */
enum hold_verdict {
    HOLD_PASSES,
    HOLD_WAITS,
    HOLD_IS_CANCELLED,
};
/* hold_adopt takes over the rules of a new configuration: if they changed, what waits is judged anew. */
void hold_adopt(struct lane *l);
/* hold_judge says whether what was translated has to wait; *by is then the hold. */
enum hold_verdict hold_judge(struct deliver *d, struct lane *l, const struct item *as,
                             const struct held_by **by);
/* hold_note notes what the event that was translated confirms or cancels for others. */
void hold_note(struct deliver *d, struct lane *l, uint64_t seq);
/* hold_take settles what was translated and must not be sent now: held, cancelled, or more than there may
 * be. False: nothing holds it. */
bool hold_take(struct deliver *d, struct lane *l, const struct item *as, struct str record);
/* hold_look_up says what became of a waiting event's hold: HOLD_WAITS if nothing did. */
enum hold_verdict hold_look_up(struct deliver *d, struct lane *l, const struct parked *entry);
/* hold_is_over: is the time over in which it could be confirmed? It runs as the journal is read, so that a
 * destination that stood still first reads what was confirmed in time. */
bool hold_is_over(const struct deliver *d, const struct lane *l, const struct parked *entry);
/* hold_release fetches what waits with the keys that were confirmed. False when the slice is over or there is
 * no room. */
bool hold_release(struct deliver *d, struct lane *l, struct slice *slice);
/* hold_reset: nothing of it is in memory; all that waits is looked up anew. */
void hold_reset(struct lane *l);
/* hold_stale_ms: what was of use only before then is of none. */
int64_t hold_stale_ms(const struct deliver *d, const struct lane *l);

/* --- read.c ------------------------------------------------------------------------------------ */
/* slice_is_over counts one event; the clock is asked for every 32nd one only. */
bool slice_is_over(struct slice *s);
/* read_judge translates a record into d->translation. */
void read_judge(struct deliver *d, struct lane *l, struct str record);
/* read_take settles what was judged just now, or puts its sends into batches. */
void read_take(struct deliver *d, struct lane *l, struct item as, struct str record);
/* read_may says whether the lane has room and leave to read. */
bool read_may(const struct deliver *d, const struct lane *l);
/* read_is_full: what is in memory must leave before more can come. */
bool read_is_full(const struct deliver *d, const struct lane *l);
/* read_lane reads retries and journal into batches, for one slice. True when there is more at once. */
bool read_lane(struct deliver *d, struct lane *l);
/* read_skip_trimmed settles what the journal gave up before the lane came to it. */
void read_skip_trimmed(struct deliver *d, struct lane *l);
/* read_record finds the whole record of an event in memory, for its dead letter; in the scratch
 * arena. Empty when the disk does not give it. */
struct str read_record(struct deliver *d, struct lane *l, const struct item *item);
/* read_is_kept: does the journal have the item's event, just as it is in memory? */
bool read_is_kept(struct deliver *d, struct lane *l, const struct item *item);

/* --- answer.c ---------------------------------------------------------------------------------- */
/* answer_take judges the answer to batch b, which was in flight; the batch moves on or ends. */
void answer_take(struct deliver *d, struct lane *l, struct batch *b, const struct answer *answer);

/* --- settle.c ---------------------------------------------------------------------------------- */
/* How one event ended. */
struct verdict {
    const struct outcome *outcome; /* NULL = delivered */
    const struct death *death;     /* what Meta said; NULL = Meta was not asked */
    struct str record;             /* needed when it is dead; copied */
};
/* settle_event notes the verdict on an event. */
void settle_event(struct deliver *d, struct lane *l, const struct item *item,
                  const struct verdict *verdict);
/* settle_outcome notes how events first .. end - 1 ended; settle_event does it by itself. */
void settle_outcome(struct lane *l, uint64_t first, uint64_t end, enum reason reason);
/* settle_attempt notes that the present window of b was sent, and what came of it. */
void settle_attempt(struct deliver *d, struct lane *l, const struct batch *b,
                    const struct reply *reply);
/* settle_send notes that one send is over; death = NULL: delivered. After its last one the event is
 * settled, dead if any send died, and the item is given back. */
void settle_send(struct deliver *d, struct lane *l, struct item *item, const struct death *death);
/* settle_aside notes that one send waits for its pixel. After the last send the event is parked, unless
 * another one died. */
void settle_aside(struct deliver *d, struct lane *l, struct item *item, struct str pixel_id,
                  int64_t deadline_ms);
/* settle_forget gives an item back when its last part goes, without a verdict. */
void settle_forget(struct deliver *d, struct lane *l, struct item *item);
/* settle_hold notes that a hold keeps the event back, if the journal has it as it is; else it is what it was
 * before, with words that a person understands. The entry's texts are copied. */
void settle_hold(struct deliver *d, struct lane *l, const struct item *item,
                 const struct parked *entry);
/* settle_confirm notes what confirmed or cancelled. */
void settle_confirm(struct deliver *d, struct lane *l, const struct confirmation *c);
/* settle_mark notes that the cursor changed, by so many events. */
void settle_mark(struct deliver *d, struct lane *l, size_t events);
/* settle_is_full: reading must wait until the store took what there is. */
bool settle_is_full(const struct deliver *d);
/* settle_write writes all verdicts in one transaction; when the store refuses (said once), they are
 * kept and tried again in a second. */
void settle_write(struct deliver *d);

/* --- snapshot.c -------------------------------------------------------------------------------- */
/* snapshot_take makes what deliver_status_all and deliver_needs tell. */
void snapshot_take(struct deliver *d);

#endif
