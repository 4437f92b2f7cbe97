/* SPDX-License-Identifier: Apache-2.0 */
/* The bench corpus: seeded, so that every run and every peer works on the same events. A shop's mix:
 * 45 % page, 25 % Product Viewed, 12 % Product Added, 5 % Checkout Started, 5 % Order Completed with
 * three products, 3 % Products Searched, 5 % custom; about 1.9 KB each, with the
 * context that browser SDKs send; 60 % of the people are known
 * by e-mail and address. Three of four events go on with one of 256 visits, so that a visit is four events
 * and some 800 of other people lie between two of them; or, as `strangers`, each is by somebody else. Names
 * and places are spread as in life: a few are everywhere, and there is no end to the seldom ones. */
#ifndef BENCH_CORPUS_H
#define BENCH_CORPUS_H

#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"

#include <stdio.h>

enum { CORPUS_VISITS = 256, CORPUS_PEOPLE = 200000 };

struct corpus {
    uint64_t state; /* of the generator */
    uint64_t count;
    int64_t now_ms; /* timestamps lie within the minute before */
    bool strangers;
    unsigned people; /* who came so far */
    unsigned visits[CORPUS_VISITS];
};

static inline struct corpus corpus_open(uint64_t seed, int64_t now_ms)
{
    return (struct corpus){.state = seed * 2654435761U + 88172645463325252ULL, .now_ms = now_ms};
}

static inline uint64_t corpus_below(struct corpus *c, uint64_t limit)
{
    c->state ^= c->state << 13;
    c->state ^= c->state >> 7;
    c->state ^= c->state << 17;
    return c->state % limit;
}

static const char *const corpus_names[] = {"Jane", "Maria", "Ahmed", "Zo\xC3\xAB", "Priya"};
static const char *const corpus_families[] = {"Smith", "Nguyen", "M\xC3\xBCller", "Kowalski",
                                              "O'Neil"};
static const char *const corpus_cities[] = {"Menlo Park", "New York", "Berlin", "Lyon", "Austin"};
static const char *const corpus_states[] = {"CA", "NY", "Berlin", "", "TX"};
static const char *const corpus_countries[] = {"US", "US", "DE", "FR", "US"};
static const char *const corpus_goods[] = {"boots", "socks", "laces", "hats", "bags"};

static inline void corpus_time(struct corpus *c, struct buf *out, struct str key)
{
    struct buf text = {0};
    time_print(&text, c->now_ms - (int64_t)corpus_below(c, 60000));
    json_kv_str(out, key, buf_str(&text));
    buf_fini(&text);
}

static inline void corpus_product(struct corpus *c, struct buf *out)
{
    unsigned n = (unsigned)corpus_below(c, 5000);
    buf_printf(
        out,
        "\"product_id\":\"prod-%05u\",\"sku\":\"SKU-%05u\",\"name\":\"Comfortable %s number %u\","
        "\"category\":\"%s\",\"brand\":\"Acme\",\"variant\":\"blue\",\"price\":%u.%02u,"
        "\"quantity\":%u,\"image_url\":\"https://cdn.shop.example/img/%05u-large.jpg\"",
        n, n, corpus_goods[n % 5], n, corpus_goods[n % 5], n % 300 + 1, n % 100, n % 3 + 1, n);
}

static inline void corpus_products(struct corpus *c, struct buf *out)
{
    buf_put(out, S(",\"products\":["));
    for (int i = 0; i < 3; i++) {
        buf_put(out, i ? S(",{") : S("{"));
        corpus_product(c, out);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

/* Which of 8,191 names a person has: the first as often as all from 1,000 to 2,000. */
static inline unsigned corpus_rank(unsigned person, unsigned of)
{
    unsigned mixed = (person + of) * 2654435761U, bits = (mixed >> 28) * 13 / 16;
    return (1U << bits) - 1 + (mixed >> 8) % (1U << bits);
}

/* The common ones are in the list; the others are like them with letters of their own behind. */
static inline void corpus_name(struct buf *out, const char *const *common, unsigned rank)
{
    buf_put(out, str_z(common[rank % 5]));
    for (unsigned rest = rank / 5; rest; rest /= 26) buf_putc(out, (char)('a' + rest % 26));
}

static inline void corpus_traits(struct buf *out, unsigned person)
{
    unsigned place = person % 5;
    if ((person * 2654435761U >> 16) % 100 >= 60) return;
    buf_printf(out, "\"traits\":{\"email\":\"Person%u.%s@Example.com\",\"firstName\":\"", person,
               corpus_goods[person % 5]);
    corpus_name(out, corpus_names, corpus_rank(person, 1));
    buf_put(out, S("\",\"lastName\":\""));
    corpus_name(out, corpus_families, corpus_rank(person, 2));
    buf_printf(out,
               "\",\"phone\":\"+1 650 555 %04u\",\"birthday\":\"19%02u-%02u-%02u\","
               "\"gender\":\"%s\",\"address\":{\"city\":\"",
               person % 10000, person % 50 + 50, person % 12 + 1, person % 28 + 1,
               person % 2 ? "female" : "male");
    corpus_name(out, corpus_cities, corpus_rank(person, 3));
    buf_printf(out, "\",\"state\":\"%s\",\"postalCode\":\"%05u\",\"country\":\"%s\"}},",
               corpus_states[place], 10000 + corpus_rank(person, 4) * 11, corpus_countries[place]);
}

/* Nobody comes again before all have been there. */
static inline unsigned corpus_person(struct corpus *c)
{
    if (!c->strangers && c->people >= CORPUS_VISITS && corpus_below(c, 4)) {
        return c->visits[corpus_below(c, CORPUS_VISITS)];
    }
    unsigned person = c->people * 7919 % CORPUS_PEOPLE;
    c->visits[c->people++ % CORPUS_VISITS] = person;
    return person;
}

static inline void corpus_page(struct buf *out, const char *path, unsigned person)
{
    char query[64];
    (void)snprintf(query, sizeof query, "?utm_source=fb&utm_campaign=autumn&fbclid=IwAR0%08x%08x",
                   person, person + 7);
    buf_printf(out,
               "\"page\":{\"path\":\"%s\",\"referrer\":\"https://www.facebook.com/\","
               "\"referring_domain\":\"www.facebook.com\",\"search\":\"%s\",\"title\":"
               "\"Shop, comfortable things to wear\",\"url\":\"https://shop.example%s%s\","
               "\"initial_referrer\":"
               "\"https://www.facebook.com/\",\"initial_referring_domain\":\"www.facebook.com\"}",
               path, query, path, query);
}

static inline void corpus_context(struct corpus *c, struct buf *out, const char *path)
{
    unsigned person = corpus_person(c);
    buf_printf(
        out,
        ",\"userId\":\"user-%06u\",\"anonymousId\":\"%08x-aaaa-4bbb-8ccc-%012u\",\"context\":{",
        person, person * 2654435761U, person);
    corpus_traits(out, person);
    buf_printf(
        out,
        "\"sessionId\":%lld,\"app\":{\"name\":\"RudderLabs JavaScript SDK\",\"namespace\":"
        "\"com.rudderlabs.javascript\",\"version\":\"3.34.1\",\"installType\":\"npm\"},\"library\":"
        "{\"name\":\"RudderLabs JavaScript SDK\",\"version\":\"3.34.1\"},\"ip\":\"203.0.%u.%u\","
        "\"userAgent\":\"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) "
        "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1\","
        "\"userAgentData\":{\"brands\":[{\"brand\":\"Safari\",\"version\":\"18\"},{\"brand\":"
        "\"Not:A-Brand\",\"version\":\"8\"}],\"mobile\":true,\"platform\":\"iOS\"},\"os\":{"
        "\"name\":\"\","
        "\"version\":\"\"},\"locale\":\"en-US\",\"timezone\":\"America/Los_Angeles\",\"screen\":{"
        "\"width\":390,\"height\":844,\"density\":3,\"innerWidth\":390,\"innerHeight\":664},"
        "\"campaign\":{\"name\":\"autumn\",\"source\":\"fb\",\"medium\":\"cpc\"},",
        (long long)(c->now_ms - person % 3600 * 1000), person % 256, person / 256 % 256);
    corpus_page(out, path, person);
    buf_put(out, S("},\"integrations\":{\"All\":true},\"channel\":\"web\""));
    corpus_time(c, out, S("originalTimestamp"));
}

/* corpus_event appends one event as JSON, no newline. */
static inline void corpus_event(struct corpus *c, struct buf *out)
{
    uint64_t pick = corpus_below(c, 100), money = corpus_below(c, 50000);
    buf_printf(out, "{\"messageId\":\"ajs-next-%llu-%016llx\"", (unsigned long long)c->now_ms,
               (unsigned long long)(c->count++ * 0x9E3779B97F4A7C15ULL ^ c->state));
    corpus_time(c, out, S("timestamp"));
    if (pick < 45) {
        buf_put(out,
                S(",\"type\":\"page\",\"name\":\"Category\",\"properties\":{\"title\":\"Shop, "
                  "comfortable "
                  "things to "
                  "wear\",\"path\":\"/boots\",\"url\":\"https://shop.example/boots\",\"search\":"
                  "\"?utm_source=fb\",\"referrer\":\"https://www.facebook.com/\"}"));
        corpus_context(c, out, "/boots");
    } else if (pick < 82) {
        buf_printf(out,
                   ",\"type\":\"track\",\"event\":\"%s\",\"properties\":{\"currency\":\"EUR\",",
                   pick < 70 ? "Product Viewed" : "Product Added");
        corpus_product(c, out);
        buf_putc(out, '}');
        corpus_context(c, out, "/boots/yellow-boots");
    } else if (pick < 92) {
        buf_printf(out,
                   ",\"type\":\"track\",\"event\":\"%s\",\"properties\":{\"order_id\":\"%llu\","
                   "\"revenue\":"
                   "%llu.%02llu,\"currency\":\"EUR\",\"coupon\":\"AUTUMN\",\"shipping\":4.9",
                   pick < 87 ? "Checkout Started" : "Order Completed", (unsigned long long)c->count,
                   (unsigned long long)(money / 100), (unsigned long long)(money % 100));
        corpus_products(c, out);
        buf_putc(out, '}');
        corpus_context(c, out, "/checkout");
    } else if (pick < 95) {
        buf_put(out, S(",\"type\":\"track\",\"event\":\"Products "
                       "Searched\",\"properties\":{\"query\":\"yellow "
                       "boots\"}"));
        corpus_context(c, out, "/search");
    } else {
        buf_put(out, S(",\"type\":\"track\",\"event\":\"Video "
                       "Watched\",\"properties\":{\"video_title\":\"Product "
                       "Demo\",\"video_duration\":120,\"completion_rate\":0.85,\"user_engagement\":"
                       "\"high\"}"));
        corpus_context(c, out, "/video");
    }
    corpus_time(c, out, S("sentAt"));
    buf_putc(out, '}');
}

/* corpus_sized_event appends an order with as many products as make up so many bytes; below 1,000 a small
 * event without context. */
static inline void corpus_sized_event(struct corpus *c, struct buf *out, size_t bytes)
{
    size_t start = out->n;
    buf_printf(out, "{\"messageId\":\"ajs-next-%llu-%016llx\"", (unsigned long long)c->now_ms,
               (unsigned long long)(c->count++ * 0x9E3779B97F4A7C15ULL ^ c->state));
    corpus_time(c, out, S("timestamp"));
    if (bytes < 1000) {
        buf_printf(out, ",\"type\":\"track\",\"event\":\"Signed In\",\"userId\":\"user-%06u\"}",
                   corpus_person(c));
        return;
    }
    buf_put(out, S(",\"type\":\"track\",\"event\":\"Order Completed\",\"properties\":{"
                   "\"revenue\":129.95,\"currency\":\"EUR\",\"products\":["));
    do {
        buf_put(out, out->p[out->n - 1] == '[' ? S("{") : S(",{"));
        corpus_product(c, out);
        buf_putc(out, '}');
    } while (out->n - start + 1000 < bytes);
    buf_put(out, S("]}"));
    corpus_context(c, out, "/checkout");
    buf_putc(out, '}');
}

#endif
