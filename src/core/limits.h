/* SPDX-License-Identifier: Apache-2.0 */
/* Every bound in one place, with its reason. A queue, buffer or loop elsewhere names one of these. */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

#include "base/time.h"

#include <stddef.h>

/* --- ingest ------------------------------------------------------------------------------------ */
/* One request body, also after inflating. RudderStack's server takes 4,000 KiB; Segment's SDKs flush at
 * 480 KiB. */
#define LIMIT_BODY_BYTES ((size_t)4000 * 1024)
/* One event. Segment's document says 32 KiB; a drop-in that refuses 33 KiB would lose events, so more. */
#define LIMIT_EVENT_BYTES ((size_t)256 * 1024)
/* One line of a file of events, with room for events that are refused as too large: beyond it, it is no such file. */
#define LIMIT_LINE_BYTES ((size_t)16 * 1024 * 1024)
/* Events in one request: Segment's documented maximum for a batch; what is beyond is kept as dead. */
#define LIMIT_BATCH_EVENTS 2500
/* Items in one batch at all: beyond it nothing is kept and the request is refused, since each item,
 * however small, costs a whole record. */
#define LIMIT_BATCH_ITEMS 10000
/* What a batch says for all its events (context, integrations): more would be copied into each. */
#define LIMIT_SHARED_BYTES ((size_t)16 * 1024)
#define LIMIT_SHARED_FIELDS 100
/* Nesting of one event; deeper is kept as dead. No SDK goes beyond about 10. */
#define LIMIT_JSON_DEPTH 64
/* Fields of an event that comes as a query, and steps of a field's dotted name: with LIMIT_URL_BYTES this
 * bounds the work of looking for names. Real ones have below 50, and 4. */
#define LIMIT_QUERY_FIELDS 500
#define LIMIT_QUERY_DEPTH 8
/* A message id: Segment documents 100, others are opaque; longer ones are cut to a hash of it. */
#define LIMIT_MESSAGE_ID_BYTES 255
/* One request of the browser pixel: browsers let a page send 64 KiB as it goes, and one event may have
 * LIMIT_EVENT_BYTES. A form is read a few times over. */
#define LIMIT_PIXEL_BODY_BYTES ((size_t)512 * 1024)
/* What the envelope keeps of a User-Agent. Meta documents no limit; real ones are below 400. */
#define LIMIT_USER_AGENT_BYTES 1024

/* Per second, of a source or of one address: more than one machine takes is no bound. */
#define LIMIT_RATE 10000000
/* Addresses whose rate is remembered, per source; 40 bytes each. Of more at one time some that have been
 * quiet for long are forgotten, which can only let them send more. */
#define LIMIT_RATE_ADDRESSES 8192
#define LIMIT_OLD_KEYS 16 /* keys of one source that are on their way out */

/* --- http -------------------------------------------------------------------------------------- */
#define LIMIT_CONNECTIONS 10000
#define LIMIT_ADMIN_CONNECTIONS 256
/* Descriptors that clients cannot take: for the journal, the store and the connections to Meta. */
#define LIMIT_DESCRIPTORS_OURS 1024
/* Fewer than this, and so many for each loop, are not enough to start and to serve one client. */
#define LIMIT_DESCRIPTORS_LEAST 48
#define LIMIT_DESCRIPTORS_LOOP 16
#define LIMIT_HEADER_BYTES ((size_t)32 * 1024)
#define LIMIT_HEADERS 100
#define LIMIT_URL_BYTES ((size_t)16 * 1024)
/* Pieces of a path before a route that takes prefixes: each is one more look through the routes. */
#define LIMIT_PATH_PREFIX 4
/* A client gets this long for its headers, between two pieces of a body, and in keep-alive idleness. */
#define LIMIT_HEADER_MS (15 * MS_PER_SECOND)
#define LIMIT_BODY_STALL_MS (20 * MS_PER_SECOND)
#define LIMIT_IDLE_MS (65 * MS_PER_SECOND)
/* A whole request, however steadily it trickles. */
#define LIMIT_REQUEST_MS (120 * MS_PER_SECOND)
/* All request bodies in memory at one time, per loop; beyond it new bodies get 503. */
#define LIMIT_BODIES_BYTES ((size_t)64 * 1024 * 1024)
/* Bodies above this are not kept while their records wait for the disk: a large request would be held twice. */
#define LIMIT_BODY_KEPT_BYTES ((size_t)256 * 1024)
/* When bodies fill that memory, a request that has been sending for this long gives way: otherwise 64 MB
 * that trickle on would keep everybody out. An SDK's request arrives within a second. */
#define LIMIT_BODY_PATIENCE_MS (5 * MS_PER_SECOND)
/* A client that takes nothing of its answer for this long is given up. */
#define LIMIT_WRITE_MS (20 * MS_PER_SECOND)
/* After the last answer: how long and how much we still read and throw away, so that a client in the
 * middle of a large body gets to see the answer instead of a reset connection. */
#define LIMIT_LINGER_MS (2 * MS_PER_SECOND)
#define LIMIT_LINGER_BYTES ((size_t)16 * 1024 * 1024)
/* One read; shared by all connections of a loop. Also bounds what waits behind a pipelined request. */
#define LIMIT_READ_BYTES ((size_t)64 * 1024)
/* The read that a request begins with: what of the body comes with it is copied unless it is all, the rest is read to
 * its place. */
#define LIMIT_FIRST_READ_BYTES ((size_t)16 * 1024)
/* Connections above the maximum that are told so (503) before they are closed; beyond it: just closed. */
#define LIMIT_REFUSING 256
/* Memory that finished requests leave for the next ones, per loop. */
#define LIMIT_POOL_BYTES ((size_t)16 * 1024 * 1024)
/* Request headers that a CORS preflight may name; the SDKs' lists are below 200. */
#define LIMIT_CORS_HEADERS_BYTES 2048

/* --- journal ----------------------------------------------------------------------------------- */
#define LIMIT_SEGMENT_BYTES ((size_t)64 * 1024 * 1024)
/* One group commit. Larger than the largest request, so that a request is never split. */
#define LIMIT_CHUNK_BYTES ((size_t)8 * 1024 * 1024)
/* Requests and bytes that wait for the writer; beyond it ingest answers 503. */
#define LIMIT_APPEND_QUEUE 4096
#define LIMIT_APPEND_QUEUE_BYTES ((size_t)64 * 1024 * 1024)
/* Segments that stay mapped for readers: a few readers far apart each keep theirs, and 64 of them are
 * 4 GiB of addresses, which is nothing. The one used longest ago goes first. */
#define LIMIT_SEGMENTS_MAPPED 64
/* A table of message ids smaller than this would forget what an SDK sends again a minute later. */
#define LIMIT_DEDUP_BYTES_MIN ((uint64_t)1024 * 1024)
/* Who is told of a commit: the stages that app/ wires, one each. */
#define LIMIT_LISTENERS 64

/* --- store ------------------------------------------------------------------------------------- */
/* Dead letters moved or removed in one transaction, so that a selection of a million neither blocks
 * settlements for long nor outgrows what LMDB keeps in memory for one transaction. */
#define LIMIT_STORE_STEP 256
/* Dead letters whose events are looked into for one answer, on a thread of its own: some seconds. */
#define LIMIT_LETTERS_SCANNED 50000
/* Ways to die that are told apart: reasons, and Meta's codes with subcodes. */
#define LIMIT_LETTER_GROUPS 256
/* Records in one page of dead letters, which may hold one more than that. */
#define LIMIT_STORE_PAGE_BYTES ((size_t)4 * 1024 * 1024)

/* Events whose outcomes are one value: as many as still lie two to a page of LMDB's. */
#define LIMIT_OUTCOME_BLOCK 1920
/* Requests to Meta that are remembered for each destination, about 100 bytes each. */
#define LIMIT_ATTEMPTS 100000

/* A look through the journal or the dead letters holds up the admin server for about so long at a time; the
 * client asks on. */
#define LIMIT_ANSWER_US INT64_C(20000)

/* --- replay ------------------------------------------------------------------------------------ */
/* Jobs that are remembered, running or ended. */
#define LIMIT_REPLAYS 20
/* A replay goes on when fewer than this wait in its destination's retry queue: enough for several requests,
 * little to undo when it is cancelled. */
#define LIMIT_REPLAY_QUEUE 4000

/* --- report ------------------------------------------------------------------------------------ */
/* Series of numbers over time, 17 KB each: some ten destinations with their event names and currencies. */
#define LIMIT_SERIES 512
/* Pairs of source and event name that are listed, 600 bytes each; a shop has 20 to 50 names. */
#define LIMIT_EVENT_NAMES 1000
/* Pairs of destination and Meta's event name whose match keys are counted, 300 bytes each. */
#define LIMIT_QUALITY_ROWS 512
/* Event ids that are remembered to find pairs, 32 bytes each, beyond which only a share of the ids is. */
#define LIMIT_PAIR_IDS 98304
/* Message ids that came again with other content: the latest of them, to show. */
#define LIMIT_REPEATED 50
/* Destinations whose delivery times are measured apart. */
#define LIMIT_LATENCY_ROWS 64
/* Confirmed events that wait to be looked at, five times a second: some 4,000 a second. Of more an even share
 * stands for all. */
#define LIMIT_SENT_BYTES ((size_t)1024 * 1024)
/* Events of the journal that are looked at in one turn, five times a second: with more to read, some stand for
 * all. With both bounds the thread costs 0.4 us of CPU an event at 90,000 a second; with five and four times as
 * much it took 1.4. */
#define LIMIT_FOLLOW_EVENTS 1000
/* Requests of a destination that /api/v1/delivery looks back at. */
#define LIMIT_DELIVERY_ATTEMPTS 500

/* --- process ----------------------------------------------------------------------------------- */
/* The most the state store may grow to: address space, not disk. Dead letters are what grows. */
#define LIMIT_STORE_BYTES ((uint64_t)64 * 1024 * 1024 * 1024)
/* A stop waits this long for requests under way before it cuts them off. */
#define LIMIT_DRAIN_MS (5 * MS_PER_SECOND)
/* The same when all others wait in the listening sockets' queues meanwhile, for a restart in place. */
#define LIMIT_LEAVE_MS (1 * MS_PER_SECOND)
/* How long the program that is to take over may take to check the configuration. */
#define LIMIT_RESTART_CHECK_MS (20 * MS_PER_SECOND)

/* --- configuration ----------------------------------------------------------------------------- */
#define LIMIT_CONFIG_BYTES ((size_t)4 * 1024 * 1024)
#define LIMIT_SOURCES 1000
#define LIMIT_DESTINATIONS 1000
#define LIMIT_ACTIONS 10000
#define LIMIT_YAML_DEPTH 32
/* Values and keys in one file: about twice what LIMIT_CONFIG_BYTES of real configuration has; bounds the
 * tree of a hostile one to some 50 MB. */
#define LIMIT_YAML_NODES 500000
#define LIMIT_PROBLEMS 100 /* reported in one go by check */
#define LIMIT_NAME_BYTES 64
#define LIMIT_SHOWN_BYTES 60    /* of the user's own text, in one message */
#define LIMIT_SECRET_BYTES 8192 /* a token or key; Meta's are about 200 */
#define LIMIT_TOKENS 4   /* of one destination: the present one, the next, and some to spare */
#define LIMIT_THREADS 64 /* ingest loops; beyond the processors it only costs */
#define LIMIT_REPLICAS 5 /* JetStream's own maximum */

/* A vendor's destination settings; real ones are below 100 KiB. */
#define LIMIT_IMPORT_BYTES LIMIT_CONFIG_BYTES

/* --- mapping ----------------------------------------------------------------------------------- */
#define LIMIT_EXPRESSION_BYTES 8192
#define LIMIT_EXPRESSION_DEPTH 32
/* Filters in one expression: each may copy its text, so this bounds the memory of an evaluation. */
#define LIMIT_EXPRESSION_FILTERS 32
#define LIMIT_EACH_ITEMS 1000 /* contents entries in one event */
#define LIMIT_CUSTOM_KEYS                                                                          \
    1000 /* properties that go along; Meta publishes no bound, this is plenty */
/* The dotted name of an object or list among the properties; what is in those with longer ones is left
 * out. Each of the properties in it repeats it. */
#define LIMIT_CUSTOM_NAME_BYTES 1024
/* One value of user_data before normalising: user agents and click ids are the longest real ones. */
#define LIMIT_USER_VALUE_BYTES 4096
#define LIMIT_USER_VALUES 32 /* values of one user_data parameter: addresses of one person */
/* The user_data of people who come again, of one thread that maps: of some 1,000 who are known by name and
 * address, or of 4,000 by an id alone. Less forgets people between two events of a visit; more costs memory, and
 * time, since a ring that is written from end to end pushes all else out of the processor's cache. */
#define LIMIT_PERSONS_BYTES ((size_t)1024 * 1024)
#define LIMIT_PERSON_BYTES 4096     /* of one of them; all parameters once are 1,500 */
#define LIMIT_PERSON_KEY_BYTES 1024 /* what it is made of; 300 bytes as a rule */
#define LIMIT_SENDS 64              /* Meta events made from one event, for one destination */
/* Holds of one destination: each is tried on every event. */
#define LIMIT_HOLDS 8
#define LIMIT_EXPLAIN_BYTES ((size_t)256 * 1024) /* one event's story; beyond it nobody reads */
#define LIMIT_OUT_EVENT_BYTES ((size_t)512 * 1024)

/* --- delivery ---------------------------------------------------------------------------------- */
#define LIMIT_BATCH_SEND_EVENTS 1000 /* Meta's maximum for one request */
#define LIMIT_BATCH_SEND_BYTES ((size_t)1024 * 1024)
/* On an idle line an event waits this long for company: a page's events come within moments. */
#define LIMIT_IDLE_LINGER_MS INT64_C(20)
/* While events come, delivery looks at the journal so often, or when so many are new. To be woken costs some 25 us:
 * at 2,500 commits a second of one event each that was 15 us an event, and is 1 now; of 100 events it is nothing. More at
 * one time would only keep the processor from those who answer clients. Short beside the wait for company. */
#define LIMIT_GATHER_MS INT64_C(5)
#define LIMIT_GATHER_EVENTS 100
#define LIMIT_IN_FLIGHT 4 /* requests at one time per destination, by default */
/* Mapped events in memory, all destinations of one delivery thread together: a destination alone gets half of
 * it, which is its LIMIT_IN_FLIGHT requests of the largest size, two that are ready and one that fills. Of many
 * each gets so little that they stay within LIMIT_ECHO_BYTES of each other. */
#define LIMIT_DELIVERY_BYTES ((size_t)16 * 1024 * 1024)
/* And what finished batches keep for the next ones: a fresh page costs 2 us on a virtual machine. With ten
 * destinations at full load an event needs 0.75 of them, with 8 MiB 1.1, with 16 MiB 0.7. */
#define LIMIT_BATCHES_KEPT_BYTES ((size_t)12 * 1024 * 1024)
/* Translations kept for other destinations of the same rules: what ten of them have in memory, and half as much
 * again; and for how long they hold, because rules may ask for the time. */
#define LIMIT_ECHO_BYTES ((size_t)4 * 1024 * 1024)
#define LIMIT_ECHO_MS (1 * MS_PER_SECOND)
/* Destinations of the same rules keep together, to share translations. Whoever is further ahead waits this long
 * at most: as long as all of LIMIT_DELIVERY_BYTES takes to be mapped and sent. One that is further behind is not
 * waited for; it has some 0.2 s of mapping before it. */
#define LIMIT_COMPANY_MS INT64_C(100)
#define LIMIT_COMPANY_EVENTS 20000
/* Finished stretches above a cursor's low-water mark. Each stretch ends a gap, and each gap holds an event
 * that is in memory, so this is also the most events in memory per destination: 16 full requests. */
#define LIMIT_CURSOR_RANGES 16384
/* Pixels with an open batch at one time per destination; the oldest batch leaves to make room. */
#define LIMIT_OPEN_BATCHES 64
/* One destination's turn at reading, so that a long backlog of one does not keep the others waiting. */
#define LIMIT_SLICE_EVENTS 2000
#define LIMIT_SLICE_US 5000
/* A destination whose next event came longer ago than this is behind: then somebody looks ahead for events
 * that cannot wait for their turn. */
#define LIMIT_BEHIND_MS (1 * MS_PER_MINUTE)
/* An event with less time than this left is at risk: it is told of, and goes before the others. */
#define LIMIT_RISK_MS MS_PER_DAY
/* Between two looks over a whole backlog: at least this, and this many times as long as a look takes, so
 * that looking costs at most a twentieth of the thread. */
#define LIMIT_LOOK_MS (1 * MS_PER_MINUTE)
#define LIMIT_LOOK_SHARE 20
/* While a destination stands still, looking saves nothing that could be sent: then it rests this many times as
 * long as it looks, and leaves the processor to who takes events in. */
#define LIMIT_LOOK_REST 3
/* Events taken out of their turn at one time: enough for some requests, and a list that is quick to search. */
#define LIMIT_URGENT 4096
/* Entries of the retry queue read in one go; each may carry a record of LIMIT_EVENT_BYTES. */
#define LIMIT_RETRY_PAGE 64
/* Conversion pixels of one destination that may be paused by themselves; with more of them the destination
 * pauses as a whole. */
#define LIMIT_PAUSED_PIXELS 8
/* Events of one destination that a hold keeps back: some 150 bytes each in the store. */
#define LIMIT_HELD 1000000
/* What confirmed or cancelled, all destinations together; the oldest gives way. Some 200 bytes each. */
#define LIMIT_CONFIRMATIONS 2000000
/* Keys that were confirmed and whose events are to be fetched; of more of them all that is held is looked
 * through. */
#define LIMIT_RELEASES 4096
/* A hold that sends when its time is over does so this long before Meta's deadline, to have time for it. */
#define LIMIT_HOLD_MARGIN_MS MS_PER_HOUR
/* The least time between two looks through what is held, however soon the next one's time is over. */
#define LIMIT_HOLD_LOOK_MS (1 * MS_PER_SECOND)
/* Pairs of source and event name that are counted apart, per destination; a shop has 20 to 50 names. */
#define LIMIT_BREAKDOWN_ROWS 256
/* Verdicts are written together: a transaction costs two syncs, which the journal's wait for, and a crash repeats at
 * most this much. At 100,000 events a second the time comes first. */
#define LIMIT_SETTLE_MS 50
#define LIMIT_SETTLE_EVENTS 8000
#define LIMIT_SETTLE_BYTES ((size_t)8 * 1024 * 1024)
#define LIMIT_REPLY_BYTES ((size_t)64 * 1024)
/* What is kept of an answer's words; Meta's are below 300 bytes. */
#define LIMIT_REPLY_TEXT_BYTES 512
#define LIMIT_CONNECT_MS (10 * MS_PER_SECOND)
/* What curl copies of a body at one time and for each request: a TLS record at least, and fewer wake-ups with
 * more. With many requests in flight their buffers would be megabytes. */
#define LIMIT_UPLOAD_BYTES ((size_t)64 * 1024)
#define LIMIT_UPLOAD_MANY_BYTES ((size_t)16 * 1024)
#define LIMIT_UPLOAD_MANY 16 /* requests in flight from which on each has the smaller one */
/* The same for answers, which are below 1 KiB. */
#define LIMIT_ANSWER_BUFFER_BYTES ((size_t)4 * 1024)
/* Idle connections kept for the next request, all destinations together. */
#define LIMIT_CONNECTIONS_KEPT 256
/* Waits after a failure: drawn up to 1 s, 2 s, 4 s, ... and never longer than the second. What Meta's headers
 * ask for is obeyed up to the third: its own rate limits count in windows of at most an hour. */
#define LIMIT_BACKOFF_FIRST_MS (1 * MS_PER_SECOND)
#define LIMIT_BACKOFF_MS (15 * MS_PER_MINUTE)
#define LIMIT_RETRY_AFTER_MS MS_PER_HOUR
/* A paused destination is tried again by itself, in case that the cure was at Meta's side. */
#define LIMIT_PAUSE_PROBE_MS MS_PER_HOUR
/* What answers say about the use of Meta's limits holds this long: the scores decay within 300 s. */
#define LIMIT_USAGE_MS (5 * MS_PER_MINUTE)
/* Tokens and accounts whose use of Meta's limits is followed: more than there are destinations. */
#define LIMIT_BUDGETS ((size_t)2 * LIMIT_DESTINATIONS)
/* A journal or store that failed under delivery is tried again after this. */
#define LIMIT_DISK_AGAIN_MS (1 * MS_PER_SECOND)

/* --- alerts ------------------------------------------------------------------------------------ */
#define LIMIT_ALERT_LOOK_MS                                                                        \
    (2 * (int64_t)MS_PER_SECOND) /* between two looks; one costs microseconds */
/* What is to be told and could not be yet: more than a person reads. */
#define LIMIT_ALERT_QUEUE 100
/* Again after 5, 20, 80 and 320 s; somebody who is away for longer looks at the console anyway. */
#define LIMIT_ALERT_TRIES 5
#define LIMIT_ALERT_AGAIN_MS (5 * (int64_t)MS_PER_SECOND)
#define LIMIT_ALERT_SEND_MS (10 * (int64_t)MS_PER_SECOND) /* for one try of one way */

/* --- console ----------------------------------------------------------------------------------- */
#define LIMIT_USERS 200
#define LIMIT_API_TOKENS 200
#define LIMIT_SESSIONS 500                     /* the oldest ends when one more begins */
#define LIMIT_SESSION_MS (24 * MS_PER_HOUR)    /* then one signs in again */
#define LIMIT_ACCOUNTS_BYTES ((size_t)1 << 20) /* of the file: all of the above fits in 300 KiB */
/* Wrong passwords in a row: of one address, and of all together, until LIMIT_LOGIN_REST_MS have passed. */
#define LIMIT_LOGIN_FAILURES 5
#define LIMIT_LOGIN_FAILURES_ALL 50
#define LIMIT_LOGIN_REST_MS (1 * MS_PER_MINUTE)
#define LIMIT_LOGIN_ADDRESSES 256
/* The audit log's file; a full one is kept once as .1, which is some 50,000 lines in all. */
#define LIMIT_AUDIT_BYTES ((size_t)4 * 1024 * 1024)
/* What takes longer than an answer may: threads at a time, and how long one waits for somebody else. */
#define LIMIT_ERRANDS 4
#define LIMIT_VERIFY_MS (10 * (int64_t)MS_PER_SECOND)
/* Events that rules are tried on (twice some 10 us each, on the admin thread), and differences shown. */
#define LIMIT_TRY_EVENTS 1000
#define LIMIT_TRY_SAMPLES 10
#define LIMIT_DIFF_EVENTS 20000  /* of one answer, for each destination; half a second or so */
#define LIMIT_CONFIG_HISTORY 100 /* versions of the console's file that are kept */
#define LIMIT_AUDIT_PAGE 1000    /* lines in one answer */
/* Rows of one answer, and the most events that are looked at in one stretch for it. */
#define LIMIT_ROWS 1000
#define LIMIT_ROWS_STEP 2000
#define LIMIT_ROWS_ASKED 100 /* rows asked for by number: what is on a screen */
#define LIMIT_FATES 20       /* destinations of one row; who has more looks at the event's story */
/* The live stream: rows of one answer, events looked at for it; nobody reads 200 rows in 300 ms. */
#define LIMIT_LIVE_ROWS 100
#define LIMIT_LIVE_SCANNED 5000
#define LIMIT_LIVE_LOOK_MS 50
#define LIMIT_LIVE_WAIT_MS (15 * (int64_t)MS_PER_SECOND)
#define LIMIT_LIVE_AGAIN_MS 300
#define LIMIT_WATCHERS 64

/* --- sandbox ----------------------------------------------------------------------------------- */
/* Events kept to look at when nothing else is asked for, and the most that may be asked for. Older
 * ones are forgotten and counted. Bytes bound the same inbox when events are large: so many in all,
 * or, when more events were asked for, so many an event. */
#define LIMIT_SANDBOX_EVENTS 10000
#define LIMIT_SANDBOX_EVENTS_MAX 10000000
#define LIMIT_SANDBOX_BYTES ((size_t)64 * 1024 * 1024)
#define LIMIT_SANDBOX_EVENT_BYTES ((size_t)4096)
/* Event ids remembered to count distinct ones exactly: 16 bytes each, 64 MiB at the most. */
#define LIMIT_SANDBOX_IDS 2000000
/* Rows of the summary (pixel and event name); what is beyond shares one row. */
#define LIMIT_SANDBOX_NAMES 1000
/* Currencies in the summary: ISO 4217 has about 180. */
#define LIMIT_SANDBOX_CURRENCIES 200
/* Kinds of refusal counted apart; the judge knows about 20. */
#define LIMIT_SANDBOX_REFUSALS 100
#define LIMIT_SANDBOX_REQUESTS 200 /* requests remembered for /sandbox/requests */
#define LIMIT_SANDBOX_PAGE 1000    /* events in one answer of /sandbox/events */
/* Bytes of events in one such answer, which may hold one event more than that. */
#define LIMIT_SANDBOX_PAGE_BYTES ((size_t)8 * 1024 * 1024)
#define LIMIT_SANDBOX_FAULTS 64
#define LIMIT_SANDBOX_WARNINGS 20 /* notes about one event; nobody reads more */
/* How long a fault may keep a client waiting: longer than any sensible time-out of a sender. */
#define LIMIT_SANDBOX_DELAY_MS (10 * MS_PER_MINUTE)

/* --- Meta's clock ------------------------------------------------------------------------------ */
#define META_MAX_AGE_MS (7 * MS_PER_DAY)        /* event_time may be this old */
#define META_MAX_AGE_STORE_MS (62 * MS_PER_DAY) /* physical_store */
#define META_MAX_AHEAD_MS (60 * MS_PER_SECOND)  /* and this far in the future */

#endif
