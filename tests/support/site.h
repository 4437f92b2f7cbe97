/* SPDX-License-Identifier: Apache-2.0 */
/* A site for tests of ingest: a real server, a real journal, and what it takes to look at both. */
#ifndef SUPPORT_SITE_H
#define SUPPORT_SITE_H

#include "ingest/ingest.h"

#include "base/time.h"
#include "core/limits.h"

#include "support/dir.h"
#include "support/faults.h"
#include "support/http.h"
#include "support/journal.h"
#include "support/ndjson.h"

#include <libdeflate.h>

static struct {
    struct test_dir dir;
    struct journal *journal;
    struct ingest *ingest;
    struct http_server *server;
    unsigned port;
    uint64_t seq; /* everything below has been looked at */
    _Atomic int pins;
} site;

static struct str shop_keys[] = {S_INIT("wk_capture_0001"), S_INIT("wk_old"),
                                 S_INIT("wk_capture_0001:secret")};
static struct str rudder_keys[] = {S_INIT("wk_rudder")};
static struct str off_keys[] = {S_INIT("wk_off")};
static struct str cio_keys[] = {S_INIT("wk_cio")};
static struct str web_keys[] = {S_INIT("wk_web")};
static struct text pixel_ids[] = {{S_INIT("111111111111111"), {0}}};
static struct text origins[] = {{S_INIT("https://shop.example"), {0}}};
static struct source_conf sources[] = {
    {.name = {S_INIT("shop"), {0}}, .write_keys = shop_keys, .write_key_count = 3, .enabled = true},
    {.name = {S_INIT("rudder"), {0}},
     .write_keys = rudder_keys,
     .write_key_count = 1,
     .protocol = PROTOCOL_RUDDERSTACK,
     .origins = {origins, 1, true},
     .enabled = true},
    {.name = {S_INIT("off"), {0}}, .write_keys = off_keys, .write_key_count = 1},
    {.name = {S_INIT("cio"), {0}},
     .write_keys = cio_keys,
     .write_key_count = 1,
     .protocol = PROTOCOL_CUSTOMERIO,
     .enabled = true},
    {.name = {S_INIT("web"), {0}},
     .write_keys = web_keys,
     .write_key_count = 1,
     .protocol = PROTOCOL_PIXEL,
     .pixel = {.path = {S_INIT("/stats"), {0}}, .cookies = true},
     .enabled = true},
    {.name = {S_INIT("pixel-1"), {0}},
     .protocol = PROTOCOL_PIXEL,
     .pixel = {.path = {S_INIT("/pixel"), {0}},
               .ids = {pixel_ids, 1, true},
               .cookies = true,
               .cookie_domain = {S_INIT("in.shop.example"), {0}}},
     .enabled = true},
    {.name = {S_INIT("pixels"), {0}},
     .protocol = PROTOCOL_PIXEL,
     .pixel = {.path = {S_INIT("/pixel"), {0}}},
     .enabled = true},
};
static const struct config config = {.sources = sources, .source_count = countof(sources)};

static inline const struct config *acquire(void *ctx, const void **generation)
{
    (void)ctx;
    *generation = &config;
    (void)atomic_fetch_add(&site.pins, 1);
    return &config;
}

static inline void release(void *ctx, const void *generation)
{
    (void)ctx;
    assert_ptr_equal(generation, &config);
    (void)atomic_fetch_sub(&site.pins, 1);
}

static inline int setup(void **state)
{
    (void)state;
    struct err err;
    struct str local = S("127.0.0.1");
    site.seq = 0;
    test_dir_make(&site.dir);
    site.journal = test_journal_open(site.dir.path, 0);
    site.ingest = ingest_new(
        &(struct ingest_options){.journal = site.journal, .acquire = acquire, .release = release});
    site.server = http_server_open(&(struct http_options){.name = "ingest",
                                                          .address = S("127.0.0.1:0"),
                                                          .routes = ingest_routes,
                                                          .route_count = ingest_route_count,
                                                          .ctx = site.ingest,
                                                          .trusted_proxies = &local,
                                                          .trusted_proxy_count = 1,
                                                          .timeouts.linger_ms = 200},
                                   &err);
    assert_non_null(site.server);
    site.port = http_server_port(site.server);
    http_server_start(site.server);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    http_server_stop(site.server, 1000);
    journal_close(site.journal);
    http_server_free(site.server);
    ingest_free(site.ingest);
    test_dir_remove(&site.dir);
    assert_int_equal(atomic_load(&site.pins), 0);
    return 0;
}

/* --- the journal's side ------------------------------------------------------------------------ */

/* Copies what came since the last call; a failing check must not leave a view pinned. */
static inline void read_new(struct buf *records)
{
    struct journal_reader reader = {0};
    struct journal_view view;
    struct err err = {0};
    while (journal_read(site.journal, &reader, site.seq, &view, &err)) {
        buf_put(records, view.records);
        site.seq += view.count;
        journal_release(site.journal, &view);
    }
    assert_int_equal(err.kind, ERR_NONE);
}

/* Runs fn on each event that came since the last call; how many. */
static inline size_t new_events(void (*fn)(const struct event *e, void *ctx), void *ctx)
{
    struct buf records = {0};
    size_t count = 0;
    read_new(&records);
    struct str rest = buf_str(&records);
    while (rest.n) {
        struct event e;
        size_t size = event_record_size(rest);
        assert_true(event_decode(str_head(rest, size), &e));
        if (fn) fn(&e, ctx);
        rest = str_from(rest, size);
        count++;
    }
    buf_fini(&records);
    return count;
}

/* --- real SDKs --------------------------------------------------------------------------------- */

static inline void put_gzip(struct buf *out, struct str plain)
{
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
    size_t room = libdeflate_gzip_compress_bound(c, plain.n);
    out->n += libdeflate_gzip_compress(c, plain.p, plain.n, buf_reserve(out, room), room);
    libdeflate_free_compressor(c);
}

/* The request as it was on the wire. */
static inline void put_request(struct buf *out, yyjson_val *one)
{
    size_t i, n;
    yyjson_val *key, *value, *headers = yyjson_obj_get(one, "headers");
    struct str body = test_case_str(one, "body");
    struct buf packed = {0};
    buf_printf(out, "%.*s %.*s HTTP/1.1\r\n", STR_ARG(test_case_str(one, "method")),
               STR_ARG(test_case_str(one, "path")));
    yyjson_obj_foreach (headers, i, n, key, value) {
        buf_printf(out, "%.*s: %.*s\r\n", STR_ARG(json_str(key)), STR_ARG(json_str(value)));
    }
    if (yyjson_obj_get(headers, "content-encoding")) {
        put_gzip(&packed, body);
        body = buf_str(&packed);
    }
    if (yyjson_obj_get(headers, "transfer-encoding")) {
        buf_printf(out, "\r\n%zx\r\n", body.n);
        buf_put(out, body);
        buf_put(out, S("\r\n0\r\n\r\n"));
    } else {
        buf_printf(out, "Content-Length: %zu\r\n\r\n", body.n);
        buf_put(out, body);
    }
    buf_fini(&packed);
}

struct expected {
    yyjson_val *one;
    size_t index;
};

static inline void check_captured(const struct event *e, void *ctx)
{
    struct expected *want = ctx;
    yyjson_val *one = want->one, *item;
    struct arena arena = {0};
    struct err err;
    int64_t sent = 0;
    item = yyjson_arr_get(yyjson_obj_get(one, "events"), want->index++);
    assert_non_null(item);
    check_str(e->source, "shop");
    check_str(e->address, "127.0.0.1");
    check_str_at(protocol_name(e->protocol), test_case_str(one, "protocol"), __FILE__, __LINE__);
    check_str_at(e->message_id, json_str(yyjson_arr_get(item, 0)), __FILE__, __LINE__);
    assert_int_equal(e->reject, REASON_NONE);
    assert_int_equal((e->flags & EVENT_FROM_BROWSER) != 0,
                     yyjson_get_bool(yyjson_obj_get(one, "browser")));
    struct str agent = test_case_str(yyjson_obj_get(one, "headers"), "user-agent");
    check_str_at(e->user_agent, agent, __FILE__, __LINE__);
    (void)time_parse(json_str(yyjson_arr_get(item, 2)), &sent); /* null: not given */
    assert_int_equal(e->sent_ms, sent);
    assert_true(e->received_ms > (int64_t)1600000000 * MS_PER_SECOND);
    yyjson_val *json = json_read(&arena, e->json, &err);
    assert_non_null(json);
    yyjson_val *type = yyjson_obj_get(json, "type");
    if (!type) type = yyjson_obj_get(json, "event_type");
    check_str_at(json_str(type), json_str(yyjson_arr_get(item, 1)), __FILE__, __LINE__);
    struct str body = test_case_str(one, "body"), tail = str_from(e->json, e->json.n - 60);
    if (e->json.n > 60) assert_true(str_find(body, tail, 0) != SIZE_MAX);
    arena_fini(&arena);
}

/* answer is all of it; answer_starts does without what is different each time. */
static inline void check_answer(struct str body, yyjson_val *one)
{
    struct str starts = test_case_str(one, "answer_starts");
    if (starts.p) {
        check_str_at(str_head(body, starts.n), starts, __FILE__, __LINE__);
    } else {
        check_str_at(body, test_case_str(one, "answer"), __FILE__, __LINE__);
    }
}

static inline void takes_one_captured(yyjson_val *one)
{
    struct buf request = {0};
    struct test_answer a;
    struct expected want = {one, 0};
    struct test_client c = test_connect(site.port);
    put_request(&request, one);
    assert_true(test_send(&c, buf_str(&request)));
    assert_true(test_answer(&c, false, &a));
    if (a.status != 200) {
        fail_msg("%.*s: %d %.*s", STR_ARG(test_case_str(one, "name")), a.status, STR_ARG(a.body));
    }
    check_answer(a.body, one);
    struct str origin = test_case_str(yyjson_obj_get(one, "headers"), "origin");
    if (origin.p) {
        check_str_at(test_header(&a, "Access-Control-Allow-Origin"), origin, __FILE__, __LINE__);
    }
    assert_int_equal(new_events(check_captured, &want),
                     yyjson_arr_size(yyjson_obj_get(one, "events")));
    test_hang_up(&c);
    buf_fini(&request);
}

#endif
