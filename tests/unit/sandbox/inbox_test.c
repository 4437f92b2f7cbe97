/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept: the set of ids, the ring of events, the counts and the list of requests. Of
 * sandbox/idset.c, sandbox/inbox.c, sandbox/tally.c and sandbox/requests.c. */
#include "base/mem.h"
#include "sandbox/inbox.h"
#include "sandbox/requests.h"
#include "support/cases.h"

static struct arena arena;

static int drop_arena(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

/* --- the set of ids --- */

static void test_idset_exact(void **state)
{
    struct idset set;
    (void)state;
    idset_init(&set, 100000);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 50000; i++) {
            char key[16];
            int n = snprintf(key, sizeof key, "id-%d", i);
            enum idset_answer want = round ? IDSET_COPY : IDSET_NEW;
            assert_int_equal(idset_add(&set, str_of(key, (size_t)n), S("same")), want);
        }
    }
    assert_int_equal(set.count, 50000);
    assert_false(set.full);
    assert_int_equal(idset_add(&set, S("id-7"), S("other")), IDSET_CHANGED);
    assert_int_equal(idset_add(&set, S("id-7"), S("same")), IDSET_COPY); /* the first is kept */
    idset_fini(&set);
    assert_int_equal(idset_add(&set, S("id-7"), S("same")), IDSET_NEW);
    idset_fini(&set);
}

static void test_idset_limit(void **state)
{
    struct idset set;
    (void)state;
    idset_init(&set, 2);
    assert_int_equal(idset_add(&set, S("a"), S("")), IDSET_NEW);
    assert_int_equal(idset_add(&set, S("b"), S("")), IDSET_NEW);
    assert_false(set.full);
    assert_int_equal(idset_add(&set, S("c"), S("")), IDSET_NEW);
    assert_true(set.full);
    assert_int_equal(idset_add(&set, S("c"), S("")), IDSET_NEW); /* not remembered */
    assert_int_equal(idset_add(&set, S("a"), S("")), IDSET_COPY);
    assert_int_equal(set.count, 2);
    idset_fini(&set);
}

/* --- the ring --- */

static void put(struct inbox *in, const char *pixel, const char *json)
{
    struct err err;
    struct inbox_entry entry = {
        .pixel_id = str_z(pixel),
        .event = json_read(&arena, str_z(json), &err),
        .warnings = S("[]"),
        .received_ms = 1000,
    };
    assert_non_null(entry.event);
    inbox_put(in, &entry);
}

static yyjson_val *list(struct inbox *in, struct inbox_filter filter)
{
    struct buf out = {0};
    struct err err;
    if (!filter.limit) filter.limit = 100;
    inbox_print_events(in, &filter, &out);
    yyjson_val *root = json_read(&arena, buf_str(&out), &err);
    if (!root) fail_msg("%s", err.text);
    buf_fini(&out);
    return root;
}

static yyjson_val *summary(struct inbox *in)
{
    struct buf out = {0};
    struct err err;
    inbox_print_summary(in, &out);
    yyjson_val *root = json_read(&arena, buf_str(&out), &err);
    if (!root) fail_msg("%s", err.text);
    buf_fini(&out);
    return root;
}

/* The numbers of the listed events, "1 2 3 next". */
static struct str numbers(yyjson_val *listed)
{
    struct str out = S("");
    size_t index, count;
    yyjson_val *event;
    yyjson_arr_foreach (json_get(listed, "events"), index, count, event) {
        out = arena_printf(&arena, "%.*s%.*s ", STR_ARG(out),
                           STR_ARG(json_str(json_get(event, "n"))));
    }
    return arena_printf(&arena, "%.*s+%.*s", STR_ARG(out),
                        STR_ARG(json_str(json_get(listed, "next"))));
}

static int64_t number(yyjson_val *root, const char *path)
{
    int64_t value = -1;
    assert_true(str_to_i64(json_str(json_get(root, path)), &value));
    return value;
}

static void test_ring(void **state)
{
    struct inbox in;
    (void)state;
    inbox_init(&in, 3);
    check_str(numbers(list(&in, (struct inbox_filter){0})), "+0");
    check_str(numbers(list(&in, (struct inbox_filter){.since = 9})), "+0");
    for (int i = 1; i <= 5; i++) put(&in, "1", "{\"event_name\":\"a\"}");
    yyjson_val *all = list(&in, (struct inbox_filter){0});
    check_str(numbers(all), "3 4 5 +5");
    assert_int_equal(number(all, "total"), 5);
    assert_int_equal(number(all, "dropped"), 2);
    check_str(numbers(list(&in, (struct inbox_filter){.since = 1})), "3 4 5 +5");
    check_str(numbers(list(&in, (struct inbox_filter){.since = 3})), "4 5 +5");
    check_str(numbers(list(&in, (struct inbox_filter){.since = 3, .limit = 1})), "4 +4");
    check_str(numbers(list(&in, (struct inbox_filter){.since = 5})), "+5");
    check_str(numbers(list(&in, (struct inbox_filter){.since = UINT64_MAX})), "3 4 5 +5");
    inbox_reset(&in);
    check_str(numbers(list(&in, (struct inbox_filter){0})), "+0");
    put(&in, "1", "{\"event_name\":\"a\"}");
    check_str(numbers(list(&in, (struct inbox_filter){0})), "1 +1");
    assert_int_equal(number(summary(&in), "total"), 1);
    inbox_fini(&in);
    arena_reset(&arena);
}

static void test_filters(void **state)
{
    struct inbox in;
    (void)state;
    inbox_init(&in, 10);
    put(&in, "1", "{\"event_name\":\"a\",\"event_id\":\"x\"}");
    put(&in, "2", "{\"event_name\":\"a\",\"event_id\":\"y\"}");
    put(&in, "1", "{\"event_name\":\"b\",\"event_id\":\"x\"}");
    check_str(numbers(list(&in, (struct inbox_filter){.pixel_id = S("1")})), "1 3 +3");
    check_str(numbers(list(&in, (struct inbox_filter){.event_name = S("a")})), "1 2 +3");
    check_str(numbers(list(&in, (struct inbox_filter){.event_id = S("x")})), "1 3 +3");
    check_str(numbers(list(&in, (struct inbox_filter){.pixel_id = S("2"), .event_id = S("x")})),
              "+3");
    inbox_fini(&in);
    arena_reset(&arena);
}

static void test_duplicates(void **state)
{
    struct inbox in;
    size_t index, count, at = 0;
    yyjson_val *event;
    /* json, is a duplicate, is changed */
    static const struct {
        const char *pixel, *json;
        bool duplicate, changed;
    } events[] = {
        {"1", "{\"event_name\":\"a\",\"event_id\":\"x\",\"v\":1}", false, false},
        {"1", "{ \"event_name\": \"a\", \"event_id\": \"x\", \"v\": 1 }", true, false},
        {"1", "{\"event_name\":\"a\",\"event_id\":\"x\",\"v\":2}", true, true},
        {"1", "{\"event_name\":\"b\",\"event_id\":\"x\",\"v\":1}", false, false},
        {"2", "{\"event_name\":\"a\",\"event_id\":\"x\",\"v\":1}", false, false},
        {"1", "{\"event_name\":\"ax\",\"event_id\":\"\"}", false, false},
        {"1", "{\"event_name\":\"ax\",\"event_id\":\"\"}", false, false},
        {"1", "{\"event_name\":\"c:d\",\"event_id\":\"e\"}", false, false},
        {"1", "{\"event_name\":\"c\",\"event_id\":\"d:e\"}", false, false},
        {"1", "{\"event_name\":\"a\"}", false, false},
        {"1", "{\"event_name\":\"a\"}", false, false},
        {"1", "{\"event_name\":\"a\",\"event_id\":7}", false, false},
        {"1", "{\"event_name\":\"a\",\"event_id\":7}", true, false},
    };
    (void)state;
    inbox_init(&in, 100);
    for (size_t i = 0; i < countof(events); i++) put(&in, events[i].pixel, events[i].json);
    yyjson_val *all = list(&in, (struct inbox_filter){0});
    yyjson_arr_foreach (json_get(all, "events"), index, count, event) {
        assert_int_equal(yyjson_is_true(json_get(event, "duplicate")), events[at].duplicate);
        assert_int_equal(yyjson_is_true(json_get(event, "changed")), events[at].changed);
        at++;
    }
    assert_int_equal(at, countof(events));
    assert_int_equal(number(all, "duplicates"), 3);
    yyjson_val *sums = summary(&in);
    assert_int_equal(number(sums, "changed"), 1);
    assert_int_equal(number(sums, "distinct_ids"), 6);
    assert_int_equal(number(sums, "without_id"), 4);
    inbox_fini(&in);
    arena_reset(&arena);
}

/* Large events push old ones out before there are too many. */
static void test_bytes(void **state)
{
    struct inbox in;
    struct buf json = {0};
    (void)state;
    inbox_init(&in, 1000);
    buf_put(&json, S("{\"event_name\":\""));
    for (size_t i = 0; i < LIMIT_SANDBOX_BYTES / 10; i++) buf_putc(&json, 'x');
    buf_put(&json, S("\"}"));
    buf_putc(&json, '\0');
    for (int i = 0; i < 15; i++) put(&in, "1", json.p);
    assert_true(in.bytes <= LIMIT_SANDBOX_BYTES);
    assert_in_range(in.count, 3, 10);
    assert_int_equal(in.bytes_max, LIMIT_SANDBOX_BYTES);
    assert_int_equal(in.tally.events, 15);
    /* a page ends with the event that fills it */
    yyjson_val *page = list(&in, (struct inbox_filter){0});
    assert_in_range(yyjson_arr_size(json_get(page, "events")), 1, 3);
    assert_true(number(page, "next") < 15);
    inbox_fini(&in);
    buf_fini(&json);
    arena_reset(&arena);
}

/* --- counts --- */

#define BUY(id, value, currency)                                                                   \
    "{\"event_name\":\"Purchase\",\"event_id\":\"" id "\",\"custom_data\":{\"value\":" value       \
    ",\"currency\":\"" currency "\"}}"

static void test_purchases(void **state)
{
    struct inbox in;
    (void)state;
    inbox_init(&in, 4);
    for (int i = 0; i < 100; i++) {
        char json[200];
        (void)snprintf(json, sizeof json,
                       "{\"event_name\":\"Purchase\",\"event_id\":\"%d\",\"custom_data\":"
                       "{\"value\":0.1,\"currency\":\"%s\"}}",
                       i, i % 2 ? "usd" : "USD");
        put(&in, "1", json);
    }
    put(&in, "1", BUY("7", "0.1", "USD")); /* a copy is not counted again */
    put(&in, "1", BUY("e", "\"12.50\"", "EUR"));
    put(&in, "1", BUY("f", "1e300", "JPY"));
    put(&in, "1", BUY("g", "-1e300", "JPY"));
    put(&in, "1", BUY("h", "5", "JPY"));
    yyjson_val *rows = json_get(summary(&in), "purchases");
    assert_int_equal(yyjson_arr_size(rows), 3);
    check_str(json_str(json_get(yyjson_arr_get(rows, 0), "currency")), "USD");
    check_str(json_str(json_get(yyjson_arr_get(rows, 0), "count")), "100");
    check_str(json_str(json_get(yyjson_arr_get(rows, 0), "value")), "10");
    check_str(json_str(json_get(yyjson_arr_get(rows, 1), "value")), "12.5");
    check_str(json_str(json_get(yyjson_arr_get(rows, 2), "value")), "5");
    inbox_fini(&in);
    arena_reset(&arena);
}

static void test_tally_bounds(void **state)
{
    struct tally *t = mem_new(sizeof *t);
    char name[200];
    struct buf out = {0};
    struct err err;
    (void)state;
    for (size_t i = 0; i < LIMIT_SANDBOX_NAMES + 500; i++) {
        int n = snprintf(name, sizeof name, "event-%zu", i);
        tally_add(t,
                  &(struct tally_event){.pixel_id = S("1"), .event_name = str_of(name, (size_t)n)});
    }
    for (int i = 0; i < 300; i++) {
        char currency[3] = {'A', (char)('A' + i / 26), (char)('A' + i % 26)};
        tally_add(t, &(struct tally_event){.event_name = S("event-0"),
                                           .pixel_id = S("1"),
                                           .currency = str_of(currency, 3),
                                           .value = 1});
    }
    for (int i = 0; i < 300; i++) tally_refuse(t, 100, i);
    tally_refuse(t, 100, 5);
    buf_putc(&out, '{');
    tally_print(t, &out);
    buf_putc(&out, '}');
    yyjson_val *root = json_read(&arena, buf_str(&out), &err);
    assert_non_null(root);
    yyjson_val *rows = json_get(root, "by_event");
    assert_int_equal(yyjson_arr_size(rows), LIMIT_SANDBOX_NAMES);
    yyjson_val *last = yyjson_arr_get(rows, LIMIT_SANDBOX_NAMES - 1);
    check_str(json_str(json_get(last, "event_name")), "(other)");
    assert_int_equal(number(last, "events"), 501);
    rows = json_get(root, "purchases");
    assert_int_equal(yyjson_arr_size(rows), LIMIT_SANDBOX_CURRENCIES);
    assert_int_equal(number(yyjson_arr_get(rows, LIMIT_SANDBOX_CURRENCIES - 1), "count"), 101);
    assert_int_equal(yyjson_arr_size(json_get(root, "refusals")), LIMIT_SANDBOX_REFUSALS);
    check_str(json_str(json_get(yyjson_arr_get(json_get(root, "refusals"), 5), "count")), "2");
    tally_fini(t);
    assert_int_equal(t->name_count, 0);
    mem_free(t);
    buf_fini(&out);
    arena_reset(&arena);
}

static void test_batch_sizes(void **state)
{
    static const size_t sizes[] = {1, 1, 2, 10, 11, 100, 101, 500, 501, 1000};
    static const uint64_t want[TALLY_SIZES] = {2, 2, 2, 2, 2};
    struct tally *t = mem_new(sizeof *t);
    (void)state;
    for (size_t i = 0; i < countof(sizes); i++) tally_batch(t, sizes[i]);
    assert_memory_equal(t->sizes, want, sizeof want);
    tally_fini(t);
    mem_free(t);
}

static void test_requests(void **state)
{
    struct requests *r = mem_new(sizeof *r);
    struct buf out = {0};
    struct err err;
    (void)state;
    for (int i = 0; i < LIMIT_SANDBOX_REQUESTS + 7; i++) {
        struct request_note note = {
            .status = 200 + i, .token = "none", .events = 3, .fault = "slow"};
        request_text(note.pixel_id, sizeof note.pixel_id,
                     S("1234567890123456789012345678901234567890123456"));
        requests_add(r, &note);
    }
    requests_print(r, &out);
    yyjson_val *root = json_read(&arena, buf_str(&out), &err);
    assert_non_null(root);
    assert_int_equal(number(root, "total"), LIMIT_SANDBOX_REQUESTS + 7);
    yyjson_val *rows = json_get(root, "requests");
    assert_int_equal(yyjson_arr_size(rows), LIMIT_SANDBOX_REQUESTS);
    assert_int_equal(number(yyjson_arr_get_first(rows), "n"), 8);
    assert_int_equal(number(yyjson_arr_get_last(rows), "status"), 206 + LIMIT_SANDBOX_REQUESTS);
    assert_int_equal(json_str(json_get(yyjson_arr_get_first(rows), "pixel_id")).n,
                     REQUEST_ID_BYTES - 1);
    mem_free(r);
    buf_fini(&out);
    arena_reset(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idset_exact), cmocka_unit_test(test_idset_limit),
        cmocka_unit_test(test_ring),        cmocka_unit_test(test_filters),
        cmocka_unit_test(test_duplicates),  cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_purchases),   cmocka_unit_test(test_tally_bounds),
        cmocka_unit_test(test_batch_sizes), cmocka_unit_test(test_requests),
    };
    return cmocka_run_group_tests(tests, NULL, drop_arena);
}
