/* SPDX-License-Identifier: Apache-2.0 */
/* Running plans: memory that stays, many plans and events on one run, cost that does not grow with the
 * number of rules, and inputs nobody wrote on purpose. */
#include "support/mapping.h"

#include "core/limits.h"
#include "sys/file.h"

/* Under a sanitizer the allocator is not ours to count. gcc and clang tell it in different words. */
#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) &&                             \
    !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
#define COUNTS_ALLOCATIONS 1
#else
#define COUNTS_ALLOCATIONS 0
#endif

#if COUNTS_ALLOCATIONS
#include <openssl/crypto.h>

static size_t allocations;

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t count, size_t n);
extern void *__libc_realloc(void *p, size_t n);

void *malloc(size_t n)
{
    allocations++;
    return __libc_malloc(n);
}

void *calloc(size_t count, size_t n)
{
    allocations++;
    return __libc_calloc(count, n);
}

void *realloc(void *p, size_t n)
{
    allocations++;
    return __libc_realloc(p, n);
}

/* OpenSSL 3.0 allocates its state anew for every digest; what it does inside is not counted. */
static void *crypto_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return __libc_malloc(n);
}

static void *crypto_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return __libc_realloc(p, n);
}

static void crypto_free(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    free(p);
}

/* All events, whatever comes of them; how many were sent. */
static size_t run_all(struct mapping_world *w, const struct str *texts, size_t count)
{
    size_t sent = 0;
    for (size_t i = 0; i < count; i++) {
        struct event e = {.source = S("web"), .json = texts[i], .message_id = S("m")};
        mapping_run(w, &e, mapping_time(S(MAPPING_NOW)), NULL);
        sent += w->result.send_count;
    }
    return sent;
}
#endif

enum { EVENTS_MAX = 512 };

struct corpus {
    struct arena arena;
    struct str texts[EVENTS_MAX];
    size_t count;
};

static void read_events(struct corpus *c, const char *path)
{
    struct buf text = {0}, json = {0};
    struct err err;
    if (!file_read_all(path, (size_t)1 << 20, &text, &err)) fail_msg("%s", err.text);
    for (struct str line, rest = buf_str(&text); rest.n && c->count < EVENTS_MAX;) {
        (void)str_cut(rest, '\n', &line, &rest);
        if (!str_starts(line, S("{"))) continue;
        yyjson_val *root = json_read(&c->arena, line, &err);
        buf_clear(&json);
        json_put_val(&json, yyjson_obj_get(root, "event"));
        c->texts[c->count++] = arena_str(&c->arena, buf_str(&json));
    }
    buf_fini(&text);
    buf_fini(&json);
}

static void read_corpus(struct corpus *c)
{
    read_events(c, "tests/cases/map/standard.ndjson");
    read_events(c, "tests/cases/map/fields.ndjson");
    read_events(c, "tests/cases/map/privacy.ndjson");
}

static void steady_state_allocates_nothing(void **state)
{
    (void)state;
#if COUNTS_ALLOCATIONS
    static struct mapping_world w;
    static struct corpus c;
    read_corpus(&c);
    mapping_open(&w, S(""));
    assert_non_null(w.plan);
    assert_true(run_all(&w, c.texts, c.count) > 50);
    (void)run_all(&w, c.texts, c.count);
    size_t before = allocations;
    for (int i = 0; i < 10; i++) (void)run_all(&w, c.texts, c.count);
    assert_int_equal(allocations - before, 0);
    mapping_close(&w);
    arena_fini(&c.arena);
#else
    skip();
#endif
}

/* What a page sent to one pixel is not for the destinations of others. */
static void only_the_named_pixel(void **state)
{
    (void)state;
    static struct mapping_world w;
    struct event e = {.json =
                          S("{\"type\":\"track\",\"event\":\"X\",\"userId\":\"u\",\"timestamp\":"
                            "\"2026-01-15T11:00:00Z\"}")};
    struct parsed_event parsed;
    mapping_open(&w, S(""));
    int64_t now = mapping_time(S(MAPPING_NOW));
    run_parse(w.run, &e, &parsed);
    plan_run(w.plan, w.run, &parsed, now, &w.out, &w.result, NULL);
    assert_int_equal(w.result.send_count, 1);
    parsed.pixel_id = w.result.sends[0].pixel_id;
    plan_run(w.plan, w.run, &parsed, now, &w.out, &w.result, NULL);
    assert_int_equal(w.result.send_count, 1);
    parsed.pixel_id = S("5");
    plan_run(w.plan, w.run, &parsed, now, &w.out, &w.result, NULL);
    assert_int_equal(w.result.send_count, 0);
    assert_int_equal(w.result.outcome.reason, REASON_OTHER_PIXEL);
    assert_int_equal(w.result.outcome.state, STATE_FILTERED);
    mapping_close(&w);
}

/* One parse serves many plans, and a plan leaves the parsed event as it was. */
static void one_event_many_plans(void **state)
{
    (void)state;
    static struct mapping_world a, b;
    struct event e = {.json =
                          S("{\"type\":\"track\",\"event\":\"X\",\"userId\":\"u\",\"timestamp\":"
                            "\"2026-01-15T11:00:00Z\",\"properties\":{\"k\":1}}")};
    struct parsed_event parsed;
    mapping_open(&a, S(""));
    mapping_open(&b, S("custom_data: { mine: properties.k }\nproperties: none"));
    int64_t now = mapping_time(S(MAPPING_NOW));
    run_parse(a.run, &e, &parsed);
    for (int i = 0; i < 3; i++) {
        buf_clear(&a.out);
        buf_put(&a.out, S("before"));
        plan_run(a.plan, a.run, &parsed, now, &a.out, &a.result, NULL);
        plan_run(b.plan, a.run, &parsed, now, &a.out, &b.result, NULL);
        assert_int_equal(a.result.send_count, 1);
        assert_int_equal(b.result.send_count, 1);
        assert_int_equal(a.result.sends[0].json_at, 6);
        assert_int_equal(b.result.sends[0].json_at, 6 + a.result.sends[0].json_n);
        assert_true(str_ends(mapping_json(&a, 0), S("\"custom_data\":{\"k\":1}}")));
        struct str second = str_of(a.out.p + b.result.sends[0].json_at, b.result.sends[0].json_n);
        assert_true(str_ends(second, S("\"custom_data\":{\"mine\":1}}")));
    }
    mapping_close(&a);
    mapping_close(&b);
}

static void out_is_as_it_was_without_a_send(void **state)
{
    (void)state;
    static struct mapping_world w;
    struct event e = {.json =
                          S("{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"u\","
                            "\"timestamp\":\"2026-01-15T11:00:00Z\"}")};
    struct parsed_event parsed;
    mapping_open(&w, S(""));
    buf_put(&w.out, S("kept"));
    run_parse(w.run, &e, &parsed);
    plan_run(w.plan, w.run, &parsed, mapping_time(S(MAPPING_NOW)), &w.out, &w.result, NULL);
    assert_int_equal(w.result.outcome.state, STATE_DEAD);
    check_str(buf_str(&w.out), "kept");
    mapping_close(&w);
}

/* Thousands of rules: the right one is found, and finding it does not look at the others. */
static void many_rules(void **state)
{
    (void)state;
    static struct mapping_world w;
    struct buf body = {0};
    buf_put(&body, S("actions:\n"));
    for (int i = 0; i < 2000; i++) {
        buf_printf(&body,
                   "  - { name: A%d, trigger: type = \"track\" and event = \"E%d\", send: S%d }\n",
                   i, i, i);
    }
    buf_put(&body, S("events:\n"));
    for (int i = 0; i < 2000; i++) buf_printf(&body, "  R%d: T%d\n", i, i % 7);
    mapping_open(&w, buf_str(&body));
    if (!w.plan) mapping_print_problems(&w);
    assert_non_null(w.plan);
    for (int i = 0; i < 2000; i += 333) {
        char json[256], want[64];
        (void)snprintf(json, sizeof json,
                       "{\"type\":\"track\",\"event\":\"%s%d\",\"userId\":\"u\",\"timestamp\":"
                       "\"2026-01-15T11:00:00Z\"}",
                       i % 2 ? "E" : "R", i);
        (void)snprintf(want, sizeof want, "{\"event_name\":\"%s%d\"", i % 2 ? "S" : "T",
                       i % 2 ? i : i % 7);
        struct event e = {.json = str_z(json)};
        mapping_run(&w, &e, mapping_time(S(MAPPING_NOW)), NULL);
        assert_int_equal(w.result.send_count, 1);
        assert_true(str_starts(mapping_json(&w, 0), str_z(want)));
    }
    mapping_close(&w);
    buf_fini(&body);
}

/* Case events with bytes changed, cut and doubled: a verdict or valid JSON, never anything else. */
static void damaged_events(void **state)
{
    (void)state;
    static struct mapping_world w;
    static struct corpus c;
    struct arena check = {0};
    struct err err;
    uint64_t seed = 20260115;
    char text[8192];
    read_corpus(&c);
    mapping_open(&w, S("pii: { hash: [k], deny: [b] }"));
    for (int round = 0; round < 20000; round++) {
        struct str from = c.texts[check_random(&seed) % c.count];
        size_t n = from.n < sizeof text ? from.n : sizeof text;
        memcpy(text, from.p, n);
        for (uint64_t edits = check_random(&seed) % 4; edits && n; edits--) {
            static const char bytes[] = "\"{}[]:,0 \\nt\x80\xff-";
            text[check_random(&seed) % n] = bytes[check_random(&seed) % (sizeof bytes - 1)];
        }
        if (check_random(&seed) % 8 == 0) n = check_random(&seed) % (n + 1);
        struct event e = {.json = str_of(text, n)};
        mapping_run(&w, &e, mapping_time(S(MAPPING_NOW)), NULL);
        for (size_t i = 0; i < w.result.send_count; i++) {
            assert_non_null(json_read(&check, mapping_json(&w, i), &err));
        }
        if (!w.result.send_count) assert_true(w.result.outcome.message[0] && !w.out.n);
        arena_reset(&check);
    }
    arena_fini(&check);
    mapping_close(&w);
    arena_fini(&c.arena);
}

/* Thousands of properties, all distinct or all alike: bounded, and the last of the alike wins. */
static void many_properties(void **state)
{
    (void)state;
    static struct mapping_world w;
    struct buf json = {0};
    mapping_open(&w, S(""));
    for (int alike = 0; alike < 2; alike++) {
        buf_clear(&json);
        buf_put(&json, S("{\"type\":\"track\",\"event\":\"X\",\"userId\":\"u\",\"timestamp\":"
                         "\"2026-01-15T11:00:00Z\",\"properties\":{\"first\":0"));
        for (int i = 0; i < 5000; i++) buf_printf(&json, ",\"p%d\":%d", alike ? 0 : i, i);
        buf_put(&json, S("}}"));
        struct event e = {.json = buf_str(&json)};
        mapping_run(&w, &e, mapping_time(S(MAPPING_NOW)), NULL);
        assert_int_equal(w.result.send_count, 1);
        struct err err;
        struct arena arena = {0};
        yyjson_val *root = json_read(&arena, mapping_json(&w, 0), &err);
        yyjson_val *custom = json_get(root, "custom_data");
        assert_int_equal(yyjson_obj_size(custom), alike ? 2 : LIMIT_CUSTOM_KEYS);
        if (alike) check_str(json_str(json_get(custom, "p0")), "4999");
        arena_fini(&arena);
    }
    mapping_close(&w);
    buf_fini(&json);
}

int main(void)
{
#if COUNTS_ALLOCATIONS
    if (!CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free)) return 1;
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steady_state_allocates_nothing),
        cmocka_unit_test(only_the_named_pixel),
        cmocka_unit_test(one_event_many_plans),
        cmocka_unit_test(out_is_as_it_was_without_a_send),
        cmocka_unit_test(many_rules),
        cmocka_unit_test(damaged_events),
        cmocka_unit_test(many_properties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
