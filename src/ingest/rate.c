/* SPDX-License-Identifier: Apache-2.0 */
/* See rate.h. One lock for all: only requests of sources with a rate come here, for well below a
 * microsecond. Addresses are in a table of sets, as a processor's cache is: an address can be in one set
 * only and takes there the place that has been quiet for longest, so that no flood of addresses can
 * make the table grow or a look-up slow. IPv6 clients count by /64, of which each may use any address. */
#include "ingest/rate.h"

#include "base/mem.h"
#include "base/sha256.h"
#include "core/limits.h"
#include "http/proxies.h"
#include "sys/random.h"
#include "sys/thread.h"

#include <assert.h>

enum { SET = 8, SETS = LIMIT_RATE_ADDRESSES / SET, TABLE = 2 * LIMIT_SOURCES };

/* Tokens as of a moment; below zero after a request that was larger than the bucket. */
struct pair {
    int64_t at_ms; /* 0: never used, so full */
    double requests, events;
};

struct address {
    struct ip ip;
    struct pair pair;
};

struct site {
    struct str name; /* p is allocated */
    struct pair pair;
    uint64_t took, refused[REFUSAL_COUNT];
    struct address *addresses; /* SETS * SET, NULL before the first is needed */
};

struct rates {
    struct lock lock;
    uint64_t seed; /* so that nobody outside can fill one set on purpose */
    struct site sites[TABLE];
    size_t count;
};

struct rates *rates_new(void)
{
    struct rates *r = mem_new(sizeof *r);
    lock_init(&r->lock);
    random_bytes(&r->seed, sizeof r->seed);
    return r;
}

static void forget_all(struct rates *r)
{
    for (size_t i = 0; i < TABLE; i++) {
        mem_free((void *)(uintptr_t)r->sites[i].name.p);
        mem_free(r->sites[i].addresses);
        r->sites[i] = (struct site){0};
    }
    r->count = 0;
}

void rates_free(struct rates *r)
{
    if (!r) return;
    forget_all(r);
    lock_fini(&r->lock);
    mem_free(r);
}

/* --- finding ----------------------------------------------------------------------------------- */

/* After many reloads with ever other names the table is emptied: full buckets, nothing worse. */
static struct site *find_site(struct rates *r, struct str name)
{
    if (r->count == LIMIT_SOURCES) forget_all(r);
    size_t at = str_hash(name) % TABLE;
    while (r->sites[at].name.p && !str_eq(r->sites[at].name, name)) at = (at + 1) % TABLE;
    struct site *site = &r->sites[at];
    if (site->name.p) return site;
    char *copy = mem_new(name.n + 1);
    if (name.n) memcpy(copy, name.p, name.n);
    site->name = str_of(copy, name.n);
    r->count++;
    return site;
}

static struct ip client_of(struct str text)
{
    static const unsigned char v4[12] = {[10] = 0xff, [11] = 0xff};
    struct ip ip = {{0}};
    if (ip_parse(text, &ip) && memcmp(ip.bytes, v4, sizeof v4) != 0) memset(ip.bytes + 8, 0, 8);
    return ip;
}

static size_t set_of(const struct rates *r, const struct ip *ip)
{
    unsigned char digest[SHA256_BYTES], text[sizeof r->seed + sizeof ip->bytes];
    uint64_t number;
    memcpy(text, &r->seed, sizeof r->seed);
    memcpy(text + sizeof r->seed, ip->bytes, sizeof ip->bytes);
    sha256(str_of((const char *)text, sizeof text), digest);
    memcpy(&number, digest, sizeof number);
    return number % SETS;
}

static struct pair *find_address(struct rates *r, struct site *site, struct str text)
{
    struct ip ip = client_of(text);
    if (!site->addresses) site->addresses = mem_new(sizeof *site->addresses * SETS * SET);
    struct address *set = &site->addresses[set_of(r, &ip) * SET], *quiet = set;
    for (size_t i = 0; i < SET; i++) {
        if (set[i].pair.at_ms && !memcmp(&set[i].ip, &ip, sizeof ip)) return &set[i].pair;
        if (set[i].pair.at_ms < quiet->pair.at_ms) quiet = &set[i];
    }
    *quiet = (struct address){.ip = ip};
    return &quiet->pair;
}

/* --- taking ------------------------------------------------------------------------------------ */

/* What a rate a second and the burst make of a bucket. */
struct bound {
    double per_ms, room;
};

static struct bound bound_of(uint32_t rate, int64_t burst_ms)
{
    struct bound b = {rate / 1000.0, rate / 1000.0 * (double)burst_ms};
    if (b.room < 1) b.room = 1;
    return b;
}

static double level(double tokens, const struct pair *p, const struct bound *bound, int64_t now_ms)
{
    int64_t passed = now_ms - p->at_ms;
    if (!p->at_ms) return bound->room;
    tokens += (passed > 0 ? (double)passed * bound->per_ms : 0);
    return tokens < bound->room ? tokens : bound->room;
}

/* How long until n can be taken, in ms; 0: now. */
static int64_t wait_for(double tokens, uint32_t n, const struct bound *bound)
{
    double need = n < bound->room ? n : bound->room;
    /* A sum of many small steps may miss a whole token by a rounding. */
    if (tokens + 1e-6 >= need) return 0;
    return (int64_t)((need - tokens) / bound->per_ms) + 1;
}

/* One pair of buckets with its rates, as they are now. */
struct taking {
    struct pair *pair;
    uint32_t requests, events; /* rates; 0: no bound */
    double request_tokens, event_tokens;
};

static int64_t look(struct taking *t, int64_t burst_ms, uint32_t events, int64_t now_ms)
{
    struct bound request = bound_of(t->requests, burst_ms), event = bound_of(t->events, burst_ms);
    t->request_tokens = level(t->pair->requests, t->pair, &request, now_ms);
    t->event_tokens = level(t->pair->events, t->pair, &event, now_ms);
    int64_t first = t->requests ? wait_for(t->request_tokens, 1, &request) : 0;
    int64_t second = t->events ? wait_for(t->event_tokens, events, &event) : 0;
    return first > second ? first : second;
}

static void take(const struct taking *t, uint32_t events, int64_t now_ms)
{
    if (now_ms > t->pair->at_ms) t->pair->at_ms = now_ms;
    t->pair->requests = t->request_tokens - 1;
    t->pair->events = t->event_tokens - events;
}

int64_t rates_take(struct rates *r, const struct source_conf *source, struct str address,
                   uint32_t events, int64_t now_ms)
{
    const struct rate_conf *rate = &source->rate;
    struct taking takings[2];
    size_t count = 0;
    int64_t wait = 0;
    assert(now_ms > 0);
    if (!rate->requests && !rate->events && !rate->address_requests && !rate->address_events) {
        return 0;
    }
    lock_take(&r->lock);
    struct site *site = find_site(r, source->name.text);
    takings[count++] = (struct taking){&site->pair, rate->requests, rate->events, 0, 0};
    if (rate->address_requests || rate->address_events) {
        struct pair *pair = find_address(r, site, address);
        takings[count++] =
            (struct taking){pair, rate->address_requests, rate->address_events, 0, 0};
    }
    for (size_t i = 0; i < count; i++) {
        int64_t one = look(&takings[i], rate->burst_ms, events, now_ms);
        if (one > wait) wait = one;
    }
    for (size_t i = 0; !wait && i < count; i++) take(&takings[i], events, now_ms);
    lock_give(&r->lock);
    return wait;
}

/* --- counts ------------------------------------------------------------------------------------ */

void rates_refused(struct rates *r, struct str source, enum refusal refusal)
{
    assert(refusal < REFUSAL_COUNT);
    lock_take(&r->lock);
    find_site(r, source)->refused[refusal]++;
    lock_give(&r->lock);
}

void rates_each_refusal(struct rates *r, refusal_fn *fn, void *ctx)
{
    lock_take(&r->lock);
    for (size_t i = 0; i < TABLE; i++) {
        const struct site *site = &r->sites[i];
        for (size_t k = 0; site->name.p && k < REFUSAL_COUNT; k++) {
            if (site->refused[k]) fn(ctx, site->name, (enum refusal)k, site->refused[k]);
        }
    }
    lock_give(&r->lock);
}

void rates_took(struct rates *r, struct str source, uint32_t events)
{
    lock_take(&r->lock);
    find_site(r, source)->took += events;
    lock_give(&r->lock);
}

void rates_each_source(struct rates *r, took_fn *fn, void *ctx)
{
    lock_take(&r->lock);
    for (size_t i = 0; i < TABLE; i++)
        if (r->sites[i].name.n) fn(ctx, r->sites[i].name, r->sites[i].took);
    lock_give(&r->lock);
}
