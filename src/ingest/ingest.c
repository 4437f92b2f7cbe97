/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a request: whose is it, what is in it, into the journal, and the answer when the journal
 * says that all of it is on disk. The records lie in the request's own memory until then. */
#include "ingest/ingest.h"

#include "base/mem.h"
#include "core/limits.h"
#include "ingest/answer.h"
#include "ingest/envelope.h"
#include "ingest/routes.h"
#include "ingest/source.h"
#include "sys/clock.h"

#include <assert.h>
#include <stdatomic.h>

/* What the journal takes in one append: a chunk without its head. */
#define RECORDS_BYTES (LIMIT_CHUNK_BYTES - 4096)

struct ingest {
    struct ingest_options options;
    _Atomic uint64_t requests, events, rejected, unauthorized, bad_requests, unavailable;
};

/* A request on its way through the journal; in the request's arena. */
struct intake {
    struct ingest *ingest;
    struct http_request *req;
    struct http_server *server; /* of req; read on the journal's thread */
    struct journal_append append;
    struct http_task task;
    struct envelope_count count;
    enum protocol protocol;
    bool committed;
};

static void add(_Atomic uint64_t *counter, uint64_t n)
{
    (void)atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

struct ingest *ingest_new(const struct ingest_options *options)
{
    struct ingest *in = mem_new(sizeof *in);
    in->options = *options;
    return in;
}

void ingest_free(struct ingest *in)
{
    mem_free(in);
}

void ingest_stats(struct ingest *in, struct ingest_stats *out)
{
    out->requests = atomic_load_explicit(&in->requests, memory_order_relaxed);
    out->events = atomic_load_explicit(&in->events, memory_order_relaxed);
    out->rejected = atomic_load_explicit(&in->rejected, memory_order_relaxed);
    out->unauthorized = atomic_load_explicit(&in->unauthorized, memory_order_relaxed);
    out->bad_requests = atomic_load_explicit(&in->bad_requests, memory_order_relaxed);
    out->unavailable = atomic_load_explicit(&in->unavailable, memory_order_relaxed);
}

void ingest_refuse(struct ingest *in, struct http_request *req, enum protocol protocol,
                   enum refusal refusal)
{
    int status = answer_status(refusal);
    if (status == 503) {
        add(&in->unavailable, 1);
    } else if (status == 401 || status == 403) {
        add(&in->unauthorized, 1);
    } else {
        add(&in->bad_requests, 1);
    }
    answer_no(req, protocol, refusal);
}

const struct config *ingest_acquire(struct ingest *in, const void **generation)
{
    return in->options.acquire(in->options.ctx, generation);
}

void ingest_release(struct ingest *in, const void *generation)
{
    in->options.release(in->options.ctx, generation);
}

/* --- what was seen on the connection ----------------------------------------------------------- */

static bool has_header(const struct http_request *req, struct str name)
{
    return http_header(req, name).p != NULL;
}

/* Browsers send Origin, or at least Sec-Fetch-Site, which scripts cannot set. Sec-Fetch-Mode says
 * nothing: Node's fetch sends it too, and a server's address must not pass for a person's. */
static bool is_browser(const struct http_request *req, const struct ingest_kind *kind)
{
    return kind->browser || has_header(req, S("Origin")) || has_header(req, S("Sec-Fetch-Site"));
}

/* The start of s, at most n bytes, not cut within a character. */
static struct str cut_text(struct str s, size_t n)
{
    if (s.n <= n) return s;
    while (n && ((unsigned char)s.p[n] & 0xc0) == 0x80) n--;
    return str_head(s, n);
}

/* RudderStack's SDKs share /v1 with Segment's and are known by a header or by what they call
 * themselves ("RudderLabs JavaScript SDK", "com.rudderstack.android"). */
static bool is_rudder_name(struct str name)
{
    static const struct str mark = S_INIT("rudder");
    for (size_t i = 0; i + mark.n <= name.n; i++) {
        if (str_eq_nocase(str_of(name.p + i, mark.n), mark)) return true;
    }
    return false;
}

enum protocol ingest_protocol_guess(const struct http_request *req, const struct ingest_kind *kind)
{
    if (kind->rudder || has_header(req, S("AnonymousId"))) return PROTOCOL_RUDDERSTACK;
    return PROTOCOL_SEGMENT;
}

static enum protocol protocol_of(const struct http_request *req, const struct ingest_kind *kind,
                                 const struct envelope *e, const struct source_conf *source)
{
    if (ingest_protocol_guess(req, kind) == PROTOCOL_RUDDERSTACK) return PROTOCOL_RUDDERSTACK;
    return is_rudder_name(envelope_library(e)) ? PROTOCOL_RUDDERSTACK : source->protocol;
}

/* --- through the journal ----------------------------------------------------------------------- */

static void answer_intake(void *arg)
{
    struct intake *intake = arg;
    struct ingest *in = intake->ingest;
    if (!intake->committed) {
        ingest_refuse(in, intake->req, intake->protocol, REFUSAL_BUSY);
        return;
    }
    add(&in->events, intake->count.events);
    add(&in->rejected, intake->count.rejected);
    answer_yes(intake->req, intake->protocol);
}

/* On the journal's thread. */
static void on_done(struct journal_append *append, bool committed, const struct err *err)
{
    struct intake *intake = append->ctx;
    (void)err; /* the journal logs its own trouble; the client can only send again */
    intake->committed = committed;
    http_post(intake->server, &intake->task);
}

static void submit(struct ingest *in, struct http_request *req, enum protocol protocol,
                   const struct envelope_count *count)
{
    struct err err;
    struct intake *intake = arena_new(req->arena, struct intake);
    *intake = (struct intake){
        .ingest = in,
        .req = req,
        .server = http_server_of(req),
        .append = {.records = buf_str(req->scratch),
                   .count = count->events,
                   .done = on_done,
                   .ctx = intake},
        .task = {.fn = answer_intake, .arg = intake},
        .count = *count,
        .protocol = protocol,
    };
    if (!journal_submit(in->options.journal, &intake->append, &err)) {
        ingest_refuse(in, req, protocol, REFUSAL_BUSY);
    }
}

/* --- the request ------------------------------------------------------------------------------- */

/* Everything that looks at the configuration. Returns REFUSAL_COUNT with the records in req->scratch,
 * or why not; *protocol is set as soon as it is known. */
static enum refusal read_request(const struct config *config, struct http_request *req,
                                 const struct ingest_kind *kind, enum protocol *protocol,
                                 struct envelope_count *count)
{
    struct err err;
    struct envelope e;
    struct str key = source_key(req);
    const struct source_conf *source = key.p ? source_find(config, key) : NULL;
    if (key.p && !source) return REFUSAL_BAD_KEY;
    if (!envelope_parse(&e, req->body, kind->batch, req->transient, &err)) return REFUSAL_BAD_JSON;
    if (!source && !e.write_key.n) return REFUSAL_NO_KEY;
    if (!source) source = source_find(config, e.write_key);
    if (!source) return REFUSAL_BAD_KEY;
    *protocol = protocol_of(req, kind, &e, source);
    if (!source_takes_origin(source, req)) return REFUSAL_ORIGIN;
    if (!e.items && !envelope_is_event(&e, kind->type)) return REFUSAL_NO_EVENTS;
    struct event common = {
        .received_ms = clock_now_ms(),
        .protocol = *protocol,
        .flags = is_browser(req, kind) ? EVENT_FROM_BROWSER : 0,
        .source = source->name.text,
        .address = req->address,
        .user_agent = cut_text(http_header(req, S("User-Agent")), LIMIT_USER_AGENT_BYTES),
    };
    bool fits = envelope_encode(&e, &common, kind->type, RECORDS_BYTES, req->scratch, count);
    return fits ? REFUSAL_COUNT : REFUSAL_TOO_MUCH;
}

void ingest_events(struct ingest *in, struct http_request *req, const struct ingest_kind *kind)
{
    const void *generation;
    struct envelope_count count;
    enum protocol protocol = ingest_protocol_guess(req, kind);
    add(&in->requests, 1);
    const struct config *config = ingest_acquire(in, &generation);
    enum refusal refusal = read_request(config, req, kind, &protocol, &count);
    ingest_release(in, generation);
    if (refusal != REFUSAL_COUNT) {
        ingest_refuse(in, req, protocol, refusal);
    } else if (count.events) {
        submit(in, req, protocol, &count);
    } else if (protocol == PROTOCOL_RUDDERSTACK) {
        ingest_refuse(in, req, protocol, REFUSAL_NO_EVENTS); /* an empty batch: as its own server */
    } else {
        answer_yes(req, protocol);
    }
}
