/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a request: whose is it, what is in it, into the journal, and the answer when the journal
 * says that all of it is on disk. The records lie in the request's own memory until then. */
#include "ingest/ingest.h"

#include "base/mem.h"
#include "core/limits.h"
#include "ingest/rate.h"
#include "ingest/routes.h"
#include "ingest/source.h"
#include "sys/clock.h"

#include <assert.h>
#include <stdatomic.h>

enum { RETRY_AFTER_S = 2 };
/* What the journal takes in one append: a chunk without its head. */
#define RECORDS_BYTES (LIMIT_CHUNK_BYTES - 4096)

struct ingest {
    struct ingest_options options;
    struct rates *rates;
    _Atomic uint64_t requests, events, rejected, unauthorized, bad_requests, unavailable;
};

/* A request on its way through the journal; in the request's arena. */
struct intake {
    struct ingest *ingest;
    struct http_request *req;
    struct http_server *server; /* of req; read on the journal's thread */
    struct journal_append append;
    const uint32_t *contents; /* of the records; until they are submitted */
    struct http_task task;
    const struct wire *wire;
    struct str source; /* its name, once it is known */
    struct answer answer;
    uint32_t rejected;
};

static void add(_Atomic uint64_t *counter, uint64_t n)
{
    (void)atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

struct ingest *ingest_new(const struct ingest_options *options)
{
    struct ingest *in = mem_new(sizeof *in);
    in->options = *options;
    in->rates = rates_new();
    return in;
}

void ingest_free(struct ingest *in)
{
    if (in) rates_free(in->rates);
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

/* Who is told of counts, in words. */
struct told {
    ingest_refusal_fn *fn;
    void *ctx;
};

static void tell(void *ctx, struct str source, enum refusal refusal, uint64_t count)
{
    const struct told *told = ctx;
    told->fn(told->ctx, source, answer_code(refusal), count);
}

void ingest_each_refusal(struct ingest *in, ingest_refusal_fn *fn, void *ctx)
{
    struct told told = {fn, ctx};
    rates_each_refusal(in->rates, tell, &told);
}

void ingest_each_source(struct ingest *in, ingest_source_fn *fn, void *ctx)
{
    rates_each_source(in->rates, fn, ctx);
}

/* --- answers ----------------------------------------------------------------------------------- */

static void respond(struct http_request *req, const struct wire *wire, const struct answer *a)
{
    struct http_response res = {.status = answer_status(a->refusal)};
    if (res.status == 503 || res.status == 429) res.retry_after_s = RETRY_AFTER_S;
    if (a->retry_after_s) res.retry_after_s = a->retry_after_s;
    buf_clear(req->scratch);
    wire->answer(req, a, &res);
    http_respond(req, &res);
}

static void count_refusal(struct ingest *in, struct str source, enum refusal refusal)
{
    rates_refused(in->rates, source, refusal);
    int status = answer_status(refusal);
    if (status >= 500) {
        add(&in->unavailable, 1);
    } else if (status == 401 || status == 403) {
        add(&in->unauthorized, 1);
    } else {
        add(&in->bad_requests, 1);
    }
}

void ingest_refuse(struct ingest *in, struct http_request *req, const struct wire *wire,
                   enum refusal refusal)
{
    count_refusal(in, S(""), refusal);
    respond(req, wire, &(struct answer){.refusal = refusal, .received_ms = clock_now_ms()});
}

void ingest_refused(void *ctx, struct http_request *req, int status)
{
    struct ingest *in = ctx;
    const struct ingest_kind *kind = req->arg;
    struct answer a = {.refusal = answer_refusal(status), .received_ms = clock_now_ms()};
    struct http_response res = {.status = status};
    if (status == 503) res.retry_after_s = RETRY_AFTER_S;
    add(&in->requests, 1);
    count_refusal(in, S(""), a.refusal);
    kind->wire->answer(req, &a, &res);
    http_respond(req, &res);
}

/* --- the configuration ------------------------------------------------------------------------- */

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

/* --- through the journal ----------------------------------------------------------------------- */

static void answer_intake(void *arg)
{
    struct intake *intake = arg;
    struct ingest *in = intake->ingest;
    if (intake->answer.refusal == REFUSAL_NONE) {
        add(&in->events, intake->answer.events);
        rates_took(in->rates, intake->source, intake->answer.events);
        add(&in->rejected, intake->rejected);
    } else {
        count_refusal(in, intake->source, intake->answer.refusal);
    }
    respond(intake->req, intake->wire, &intake->answer);
}

/* On the journal's thread. */
static void on_done(struct journal_append *append, bool committed, const struct err *err)
{
    struct intake *intake = append->ctx;
    (void)err; /* the journal logs its own trouble; the client can only send again */
    if (!committed) {
        intake->answer.refusal = REFUSAL_BUSY;
        intake->answer.headers = S("");
    }
    http_post(intake->server, &intake->task);
}

static void submit(struct intake *intake)
{
    struct err err;
    struct ingest *in = intake->ingest;
    http_drop_body(intake->req); /* the records have it */
    intake->server = http_server_of(intake->req);
    intake->task = (struct http_task){.fn = answer_intake, .arg = intake};
    intake->append = (struct journal_append){.records = buf_str(intake->req->scratch),
                                             .count = intake->answer.events,
                                             .arena = intake->req->arena,
                                             .contents = intake->contents,
                                             .done = on_done,
                                             .ctx = intake};
    if (!journal_submit(in->options.journal, &intake->append, &err)) {
        ingest_refuse(in, intake->req, intake->wire, REFUSAL_BUSY);
    }
}

/* --- the request ------------------------------------------------------------------------------- */

static const struct wire *settle(const struct wire *wire, const struct asking *a,
                                 const struct source_conf *source)
{
    return wire->settle ? wire->settle(a, source) : wire;
}

/* The source by what the request line and headers say. NONE without a source: the body must say it. */
static enum refusal find_source(const struct wire *wire, const struct asking *a,
                                const struct source_conf **source)
{
    if (wire->prove) return wire->prove(a, source);
    struct str key = wire->key ? wire->key(a->req) : source_key(a->req);
    if (key.p) *source = source_find(a->config, key);
    return key.p && !*source ? REFUSAL_BAD_KEY : REFUSAL_NONE;
}

static bool read_body(const struct wire *wire, const struct http_request *req,
                      const struct source_conf *source, struct envelope *e)
{
    struct err err; /* the answer has words of its own */
    struct str body = req->body;
    if (wire->open && !wire->open(req, &body, &err)) return false;
    if (wire->shape && !wire->shape(req, source, e, &body)) return false;
    return envelope_parse(e, body, req->transient, &err);
}

/* The records of what was read, in req->scratch. */
static enum refusal encode(struct intake *intake, const struct envelope *e,
                           const struct source_conf *source)
{
    struct http_request *req = intake->req;
    const struct ingest_kind *kind = req->arg;
    struct envelope_count count;
    struct event common = {
        .received_ms = intake->answer.received_ms,
        .protocol = intake->wire->protocol,
        .flags = is_browser(req, kind) ? EVENT_FROM_BROWSER : 0,
        .source = source->name.text,
        .address = req->address,
        .user_agent = cut_text(http_header(req, S("User-Agent")), LIMIT_USER_AGENT_BYTES),
    };
    if (!envelope_encode(e, &common, RECORDS_BYTES, req->scratch, &count)) return REFUSAL_TOO_MUCH;
    int64_t wait = rates_take(intake->ingest->rates, source, req->address, count.events,
                              intake->answer.received_ms);
    if (wait) {
        intake->answer.retry_after_s = (int)((wait + MS_PER_SECOND - 1) / MS_PER_SECOND);
        return REFUSAL_TOO_FAST;
    }
    intake->answer.events = count.events;
    intake->rejected = count.rejected;
    intake->contents = count.contents;
    return !count.events && intake->wire->empty_is_error ? REFUSAL_NO_EVENTS : REFUSAL_NONE;
}

/* Everything that looks at the configuration. intake->wire is settled as soon as it is known. */
static enum refusal read_request(const struct config *config, struct intake *intake)
{
    struct http_request *req = intake->req;
    const struct ingest_kind *kind = req->arg;
    const struct source_conf *source = NULL;
    struct envelope e = {
        .form = &kind->wire->form, .route_type = kind->type, .is_batch = kind->batch};
    struct asking asking = {.config = config, .req = req};
    intake->wire = settle(kind->wire, &asking, NULL);
    enum refusal refusal = find_source(kind->wire, &asking, &source);
    if (source) intake->source = arena_str(req->arena, source->name.text);
    if (refusal != REFUSAL_NONE) return refusal;
    if (!read_body(kind->wire, req, source, &e)) return REFUSAL_BAD_JSON;
    if (!source && !e.key.n) return REFUSAL_NO_KEY;
    if (!source) source = source_find(config, e.key);
    if (!source) return REFUSAL_BAD_KEY;
    asking.envelope = &e;
    intake->source = arena_str(req->arena, source->name.text);
    intake->wire = settle(kind->wire, &asking, source);
    if (!source_takes_origin(source, req)) return REFUSAL_ORIGIN;
    if (!source_takes_address(source, req)) return REFUSAL_ADDRESS;
    if (!e.items && !envelope_is_event(&e)) return REFUSAL_NO_EVENTS;
    if (kind->wire->headers) intake->answer.headers = kind->wire->headers(&asking, source);
    return encode(intake, &e, source);
}

/* HEAD asks what a GET would bring, and must not have its effect (RFC 9110, 9.2.1). */
static void answer_head(struct http_request *req)
{
    const struct ingest_kind *kind = req->arg;
    respond(req, kind->wire, &(struct answer){.received_ms = clock_now_ms()});
}

void ingest_events(void *ctx, struct http_request *req)
{
    struct ingest *in = ctx;
    const void *generation;
    if (req->head_only) {
        answer_head(req);
        return;
    }
    struct intake *intake = arena_new(req->arena, struct intake);
    *intake = (struct intake){.ingest = in, .req = req};
    intake->answer.body_bytes = req->body.n;
    intake->answer.received_ms = clock_now_ms();
    add(&in->requests, 1);
    const struct config *config = ingest_acquire(in, &generation);
    intake->answer.refusal = read_request(config, intake);
    ingest_release(in, generation);
    if (intake->answer.refusal == REFUSAL_NONE && intake->answer.events) {
        submit(intake);
    } else {
        if (intake->answer.refusal != REFUSAL_NONE)
            count_refusal(in, intake->source, intake->answer.refusal);
        respond(req, intake->wire, &intake->answer);
    }
}
