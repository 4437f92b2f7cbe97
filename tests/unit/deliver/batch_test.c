/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/batch.c: bodies, cutting, lists and the pool. */
#include "base/mem.h"
#include "deliver/batch.h"

#include "core/limits.h"
#include "support/check.h"

#include <stdio.h>

static void add(struct pool *pool, struct batch *b, const char *json, int64_t deadline_ms)
{
    struct item *item = item_take(pool);
    item->seq = b->count;
    batch_add(b, item, str_z(json), deadline_ms);
}

static struct batch *abc(struct pool *pool)
{
    struct batch *b = batch_take(pool, S("42"));
    add(pool, b, "{\"a\":1}", 100);
    add(pool, b, "{\"b\":22}", 50);
    add(pool, b, "{\"c\":333}", 200);
    return b;
}

/* As it is sent: the events inside their frame. */
static void put_body(struct buf *out, const struct batch *b, struct str code, struct str proof)
{
    struct buf frame = {0};
    batch_frame(&frame, code, proof);
    buf_put(out, str_head(buf_str(&frame), BATCH_EVENTS_AT));
    buf_put(out, batch_events(b));
    buf_put(out, str_from(buf_str(&frame), BATCH_EVENTS_AT));
    buf_fini(&frame);
}

static void check_body(const struct batch *b, const char *code, const char *want)
{
    struct buf out = {0};
    put_body(&out, b, str_z(code), S(""));
    check_str(buf_str(&out), want);
    buf_fini(&out);
}

static void writes_bodies(void **state)
{
    struct pool pool = {0};
    struct batch *b = abc(&pool);
    (void)state;
    check_str(buf_str(&b->pixel_id), "42");
    assert_int_equal(b->deadline_ms, 50);
    check_body(b, "", "{\"data\":[{\"a\":1},{\"b\":22},{\"c\":333}]}");
    check_body(b, "T\"1",
               "{\"data\":[{\"a\":1},{\"b\":22},{\"c\":333}],\"test_event_code\":\"T\\\"1\"}");
    b->search.from = 1;
    b->search.to = 2;
    check_body(b, "", "{\"data\":[{\"b\":22}]}");
    struct buf out = {0};
    put_body(&out, b, S(""), S("0f"));
    check_str(buf_str(&out), "{\"data\":[{\"b\":22}],\"appsecret_proof\":\"0f\"}");
    buf_fini(&out);
    batch_give(&pool, b);
    pool_fini(&pool);
}

static void note(void *ctx, struct part *part)
{
    struct buf *out = ctx;
    buf_printf(out, "%d ", (int)part->item->seq);
}

static void check_cut(size_t from, int64_t now_ms, const char *gone, const char *left)
{
    struct pool pool = {0};
    struct buf out = {0};
    struct batch *b = abc(&pool);
    b->search.from = from;
    batch_cut(b, now_ms, note, &out);
    check_str(buf_str(&out), gone);
    assert_int_equal(b->search.from, 0);
    assert_int_equal(b->search.to, b->count);
    if (b->count)
        check_body(b, "", left);
    else
        check_str(str_z(""), left);
    buf_fini(&out);
    batch_give(&pool, b);
    pool_fini(&pool);
}

static void cuts_what_is_over(void **state)
{
    (void)state;
    check_cut(0, 49, "", "{\"data\":[{\"a\":1},{\"b\":22},{\"c\":333}]}");
    check_cut(0, 50, "1 ", "{\"data\":[{\"a\":1},{\"c\":333}]}");
    check_cut(0, 100, "0 1 ", "{\"data\":[{\"c\":333}]}");
    check_cut(2, 100, "", "{\"data\":[{\"c\":333}]}"); /* what is settled is not told again */
    check_cut(1, 200, "1 2 ", "");
}

static void deadline_follows_the_cut(void **state)
{
    struct pool pool = {0};
    struct buf out = {0};
    struct batch *b = abc(&pool);
    (void)state;
    batch_cut(b, 50, note, &out);
    assert_int_equal(b->deadline_ms, 100);
    batch_give(&pool, b);
    buf_fini(&out);
    pool_fini(&pool);
}

static void lists(void **state)
{
    struct pool pool = {0};
    struct batch_list list = {0};
    struct batch *a = batch_take(&pool, S("1")), *b = batch_take(&pool, S("2")),
                 *c = batch_take(&pool, S("3"));
    (void)state;
    assert_null(batch_pop(&list));
    batch_push(&list, b);
    batch_push(&list, c);
    batch_push_front(&list, a);
    batch_remove(&list, b);
    assert_int_equal(list.count, 2);
    batch_remove(&list, c);
    batch_push(&list, b); /* the tail was right */
    assert_ptr_equal(batch_pop(&list), a);
    assert_ptr_equal(batch_pop(&list), b);
    assert_null(batch_pop(&list));
    assert_int_equal(list.count, 0);
    batch_push_front(&list, c);
    batch_push(&list, a);
    assert_ptr_equal(batch_pop(&list), c);
    assert_ptr_equal(batch_pop(&list), a);
    batch_give(&pool, a);
    batch_give(&pool, b);
    batch_give(&pool, c);
    pool_fini(&pool);
}

static void pool_reuses(void **state)
{
    struct pool pool = {0};
    struct batch *b = abc(&pool);
    (void)state;
    b->failures = 7;
    struct item *item = b->parts[0].item;
    item->death = NULL;
    item_give(&pool, item);
    assert_ptr_equal(item_take(&pool), item);
    batch_give(&pool, b);
    struct batch *again = batch_take(&pool, S("7"));
    assert_ptr_equal(again, b);
    assert_int_equal(again->failures, 0);
    assert_int_equal(again->count, 0);
    assert_int_equal(again->json_n, 0);
    assert_int_equal(again->deadline_ms, INT64_MAX);
    check_str(buf_str(&again->pixel_id), "7");
    assert_int_equal(pool.batch_bytes, 0);
    batch_give(&pool, again);
    pool_fini(&pool);
}

static void pool_keeps_little(void **state)
{
    struct pool pool = {0};
    struct buf text = {0};
    struct batch *list[LIMIT_BATCHES_KEPT_BYTES / LIMIT_BATCH_SEND_BYTES + 2];
    (void)state;
    (void)buf_reserve(&text, LIMIT_BATCH_SEND_BYTES);
    memset(text.p, 'x', LIMIT_BATCH_SEND_BYTES);
    for (size_t i = 0; i < countof(list); i++) {
        list[i] = batch_take(&pool, S("1"));
        batch_add(list[i], item_take(&pool), str_of(text.p, LIMIT_BATCH_SEND_BYTES - 1), 100);
        assert_true(batch_bytes(list[i]) > LIMIT_BATCH_SEND_BYTES);
    }
    for (size_t i = 0; i < countof(list); i++) batch_give(&pool, list[i]);
    assert_in_range(pool.batch_bytes, LIMIT_BATCH_SEND_BYTES, LIMIT_BATCHES_KEPT_BYTES);
    size_t kept = pool.batch_bytes;
    struct batch *again = batch_take(&pool, S("1")); /* which still has its memory */
    batch_add(again, item_take(&pool), S("{}"), 100);
    batch_give(&pool, again);
    assert_int_equal(pool.batch_bytes, kept);
    buf_fini(&text);
    pool_fini(&pool);
}

/* What is larger than any request has place all the same, behind what is there. */
static void one_event_may_be_larger(void **state)
{
    struct pool pool = {0};
    struct buf text = {0};
    struct batch *b = abc(&pool);
    (void)state;
    size_t n = 2 * LIMIT_BATCH_SEND_BYTES;
    (void)buf_reserve(&text, n);
    memset(text.p, 'x', n);
    batch_add(b, item_take(&pool), str_of(text.p, n), 100);
    check_str(batch_part(b, &b->parts[2]), "{\"c\":333}");
    assert_true(str_eq(batch_part(b, &b->parts[3]), str_of(text.p, n)));
    assert_int_equal(batch_events(b).n, strlen("{\"a\":1},{\"b\":22},{\"c\":333},") + n);
    batch_give(&pool, b);
    buf_fini(&text);
    pool_fini(&pool);
}

/* What nobody needed between two trims goes back to the system; what is in use, or was, stays. */
static void what_a_burst_needed_goes_back(void **state)
{
    enum { BATCHES = 4, BYTES = 100000 };
    struct pool pool = {0};
    struct item item = {0};
    struct batch *list[BATCHES];
    char *json = mem_new(BYTES);
    (void)state;
    for (size_t i = 0; i < BATCHES; i++) {
        list[i] = batch_take(&pool, S("1"));
        batch_add(list[i], &item, str_of(json, BYTES), 1);
    }
    for (size_t i = 0; i < BATCHES; i++) batch_give(&pool, list[i]);
    size_t all = pool.batch_bytes;
    pool_trim(&pool);
    assert_int_equal(pool.batch_bytes, all);
    struct batch *used = batch_take(&pool, S("1"));
    batch_give(&pool, used);
    pool_trim(&pool);
    assert_int_equal(pool.batch_bytes, all / BATCHES);
    assert_ptr_equal(batch_take(&pool, S("1")), used);
    pool_trim(&pool);
    batch_give(&pool, used);
    pool_trim(&pool);
    assert_int_equal(pool.batch_bytes, all / BATCHES);
    pool_trim(&pool);
    assert_int_equal(pool.batch_bytes, 0);
    assert_null(pool.batches);
    pool_fini(&pool);
    mem_free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_bodies),
        cmocka_unit_test(cuts_what_is_over),
        cmocka_unit_test(deadline_follows_the_cut),
        cmocka_unit_test(lists),
        cmocka_unit_test(pool_reuses),
        cmocka_unit_test(pool_keeps_little),
        cmocka_unit_test(one_event_may_be_larger),
        cmocka_unit_test(what_a_burst_needed_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
