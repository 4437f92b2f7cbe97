/* SPDX-License-Identifier: Apache-2.0 */
/* One sandbox and a client of it, for the tests of both: opening, asking, and events to send. */
#ifndef SUPPORT_SANDBOX_H
#define SUPPORT_SANDBOX_H

#include "base/json.h"
#include "base/time.h"
#include "meta/reply.h"
#include "sandbox/sandbox.h"
#include "support/http.h"

#define HASH "f1904cf1a9d73a55fa5de0ac823c4403ded71afd4c3248d00bdcd0866552bb79"

static struct sandbox *sandbox;
static struct arena arena;
static struct buf wire, body;

/* --- the client ---------------------------------------------------------------------------------- */

static inline void open_with(const struct sandbox_options *options)
{
    struct sandbox_options with = *options;
    struct err err;
    with.listen = S("127.0.0.1:0");
    sandbox = sandbox_open(&with, &err);
    if (!sandbox) fail_msg("%s", err.text);
    sandbox_start(sandbox);
}

static inline int open_plain(void **state)
{
    (void)state;
    open_with(&(struct sandbox_options){.rule = BATCH_RULE_ALL});
    return 0;
}

static inline int close_all(void **state)
{
    (void)state;
    sandbox_stop(sandbox);
    sandbox_free(sandbox);
    sandbox = NULL;
    arena_reset(&arena);
    return 0;
}

static inline int drop_buffers(void **state)
{
    (void)state;
    arena_fini(&arena);
    buf_fini(&wire);
    buf_fini(&body);
    return 0;
}

/* One request; head holds the request line's method and target, and more header lines. */
static inline struct str request(const char *head, const char *type, struct str content)
{
    struct str line, more;
    if (!str_cut(str_z(head), '\n', &line, &more)) more = S("");
    buf_clear(&wire);
    buf_printf(&wire, "%.*s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %zu\r\n",
               STR_ARG(line), type, content.n);
    buf_put(&wire, more);
    buf_put(&wire, S("\r\n"));
    buf_put(&wire, content);
    return buf_str(&wire);
}

/* Sends JSON and reads the answer's JSON. */
static inline int ask(const char *head, struct str content, yyjson_val **answer)
{
    struct err err;
    buf_clear(&body);
    int status = test_ask(sandbox_port(sandbox), request(head, "application/json", content), &body);
    *answer = body.n ? json_read(&arena, buf_str(&body), &err) : NULL;
    return status;
}

static inline int64_t number(yyjson_val *root, const char *path)
{
    int64_t value = -1;
    yyjson_val *val = json_get(root, path);
    if (val) assert_true(str_to_i64(json_str(val), &value));
    return value;
}

static inline yyjson_val *get(const char *target)
{
    yyjson_val *answer;
    struct str head = arena_printf(&arena, "GET %s", target);
    assert_int_equal(ask(head.p, S(""), &answer), 200);
    assert_non_null(answer);
    return answer;
}

static inline int64_t summary(const char *path)
{
    return number(get("/sandbox/summary"), path);
}

static inline void add_fault(const char *json)
{
    yyjson_val *answer;
    assert_int_equal(ask("POST /sandbox/faults", str_z(json), &answer), 200);
}

static inline void clear_faults(void)
{
    yyjson_val *answer;
    assert_int_equal(ask("DELETE /sandbox/faults", S(""), &answer), 200);
}

/* --- events -------------------------------------------------------------------------------------- */

static inline struct str event(const char *id, int64_t age_s, const char *more)
{
    struct str with_id = id ? arena_printf(&arena, "\"event_id\":\"%s\",", id) : S("");
    return arena_printf(
        &arena,
        "{\"event_name\":\"Lead\",\"event_time\":%lld,%.*s\"action_source\":\"other\","
        "\"user_data\":{\"em\":\"" HASH "\"}%s}",
        (long long)(clock_now_ms() / MS_PER_SECOND - age_s), STR_ARG(with_id), more);
}

static inline struct str good(const char *id)
{
    return event(id, 10, "");
}

/* A value without its currency. */
static inline struct str bad(const char *id)
{
    return event(id, 10, ",\"custom_data\":{\"value\":1}");
}

static inline struct str batch(size_t count, const struct str *events)
{
    struct buf out = {0};
    buf_put(&out, S("{\"data\":["));
    for (size_t i = 0; i < count; i++) {
        json_comma(&out);
        buf_put(&out, events[i]);
    }
    buf_put(&out, S("]}"));
    struct str text = arena_str(&arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

#define BATCH(...)                                                                                 \
    batch(sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str),                          \
          (const struct str[]){__VA_ARGS__})

/* Sends a batch and has the answer read as a sender would. */
static inline struct reply send_batch(struct str content)
{
    struct reply reply;
    yyjson_val *answer;
    int status = ask("POST /v26.0/123/events", content, &answer);
    reply_read(status, arena_str(&arena, buf_str(&body)), NULL, &arena, &reply);
    return reply;
}

#endif
