/* SPDX-License-Identifier: Apache-2.0 */
/* deliver/echo.c: what is found is what was kept, but for the pixel; nothing else is ever found. */
#include "deliver/echo.h"

#include "support/check.h"

enum { EVENTS = 20000, BYTES_MAX = 4000 };

static const struct str pixels[] = {S_INIT("111"), S_INIT("222")};

/* What the rules make of an event: the simpler form, which echo must equal. */
static void translate(uint64_t seq, size_t rules, struct str pixel, struct buf *json,
                      struct translation *t)
{
    uint64_t random = seq * 2 + rules + 1;
    size_t n = 1 + check_random(&random) % BYTES_MAX;
    static const struct str own = S_INIT("601010101010101");
    buf_clear(json);
    *t = (struct translation){.event_name = str_head(S("Order Completed"), 1 + seq % 15),
                              .redacted = seq % 3};
    t->outcome.state = STATE_WAITING;
    t->send_count = 1 + seq % 2;
    for (size_t i = 0; i < t->send_count; i++) {
        size_t at = json->n;
        for (size_t k = 0; k < n; k++) buf_putc(json, (char)('a' + (seq + rules + i + k) % 26));
        t->sends[i] = (struct outgoing){i ? own : pixel, at, n, (int64_t)seq};
    }
}

static void assert_equal(struct str a, const struct translation *t, const struct buf *b,
                         const struct translation *u)
{
    assert_true(str_eq(a, buf_str(b)) && str_eq(t->event_name, u->event_name));
    assert_true(t->redacted == u->redacted && t->send_count == u->send_count);
    assert_true(t->outcome.state == u->outcome.state && t->outcome.reason == u->outcome.reason);
    assert_int_equal(t->outcome.message[0], 0);
    for (size_t i = 0; i < t->send_count; i++) {
        const struct outgoing *x = &t->sends[i], *y = &u->sends[i];
        assert_true(str_eq(x->pixel_id, y->pixel_id) && x->json_at == y->json_at);
        assert_true(x->json_n == y->json_n && x->deadline_ms == y->deadline_ms);
    }
}

/* The ring goes round some ten times; the second destination follows the first one at changing distances. */
static void finds_what_was_kept(void **state)
{
    struct echo e = {0};
    struct buf json = {0}, want = {0};
    struct str found;
    static struct translation t, u;
    uint64_t random = 42;
    size_t count = 0, near = 0;
    (void)state;
    for (uint64_t seq = 0; seq < EVENTS; seq++) {
        size_t rules = seq % 2;
        struct echo_key key = {seq, rules, pixels[0], 1000};
        assert_false(echo_find(&e, &key, &found, &t));
        translate(seq, rules, pixels[0], &json, &t);
        echo_keep(&e, &key, buf_str(&json), &t);
        uint64_t back = check_random(&random) % 2000, other = seq < back ? 0 : seq - back;
        struct echo_key again = {other, other % 2, pixels[1], 1000 + LIMIT_ECHO_MS};
        bool is_found = echo_find(&e, &again, &found, &t);
        near += back < 500;
        if (!is_found) {
            assert_true(back > 500);
            continue;
        }
        count++;
        translate(other, other % 2, pixels[1], &want, &u);
        assert_equal(found, &t, &want, &u);
    }
    assert_true(count > near && near > EVENTS / 8);
    echo_fini(&e);
    buf_fini(&json);
    buf_fini(&want);
}

static void nothing_else_is_found(void **state)
{
    struct echo e = {0};
    struct buf json = {0};
    struct str found;
    static struct translation t;
    (void)state;
    struct echo_key key = {7, 3, pixels[0], 1000}, wrong;
    translate(7, 3, pixels[0], &json, &t);
    assert_false(echo_find(&e, &key, &found, &t));
    echo_clear(&e);
    echo_keep(&e, &key, buf_str(&json), &t);
    assert_true(echo_find(&e, &key, &found, &t));
    wrong = key, wrong.seq++;
    assert_false(echo_find(&e, &wrong, &found, &t));
    wrong = key, wrong.rules++;
    assert_false(echo_find(&e, &wrong, &found, &t));
    wrong = key, wrong.now_ms += LIMIT_ECHO_MS + 1;
    assert_false(echo_find(&e, &wrong, &found, &t));
    wrong = key, wrong.now_ms--; /* the clock went back */
    assert_false(echo_find(&e, &wrong, &found, &t));
    assert_true(echo_find(&e, &key, &found, &t));
    echo_clear(&e);
    assert_false(echo_find(&e, &key, &found, &t));
    echo_fini(&e);
    buf_fini(&json);
}

/* A pixel of a rule stays, even when it has the digits of the destination that was first. */
static void pixels_of_rules_stay(void **state)
{
    struct echo e = {0};
    struct buf json = {0};
    struct str found;
    static struct translation t;
    char digits[] = "111";
    (void)state;
    translate(1, 0, pixels[0], &json, &t);
    t.sends[1].pixel_id = str_z(digits);
    struct echo_key key = {1, 0, pixels[0], 1000};
    echo_keep(&e, &key, buf_str(&json), &t);
    key.pixel_id = pixels[1];
    assert_true(echo_find(&e, &key, &found, &t));
    check_str(t.sends[0].pixel_id, "222");
    check_str(t.sends[1].pixel_id, "111");
    echo_fini(&e);
    buf_fini(&json);
}

static void verdicts_and_large_ones_are_not_kept(void **state)
{
    struct echo e = {0};
    struct buf json = {0};
    struct str found;
    static struct translation t;
    struct echo_key key = {1, 0, pixels[0], 1000};
    (void)state;
    translate(1, 0, pixels[0], &json, &t);
    t.alone = true;
    echo_keep(&e, &key, buf_str(&json), &t);
    assert_false(echo_find(&e, &key, &found, &t));
    translate(1, 0, pixels[0], &json, &t);
    outcome_set(&t.outcome, REASON_FILTER, NULL, "no");
    echo_keep(&e, &key, buf_str(&json), &t);
    assert_false(echo_find(&e, &key, &found, &t));
    translate(1, 0, pixels[0], &json, &t);
    t.send_count = 3;
    echo_keep(&e, &key, buf_str(&json), &t);
    assert_false(echo_find(&e, &key, &found, &t));
    translate(1, 0, pixels[0], &json, &t);
    t.hold_count = 1;
    echo_keep(&e, &key, buf_str(&json), &t);
    assert_false(echo_find(&e, &key, &found, &t));
    t.hold_count = 0;
    t.confirm_count = 1;
    echo_keep(&e, &key, buf_str(&json), &t);
    assert_false(echo_find(&e, &key, &found, &t));
    t.confirm_count = 0;
    while (json.n <= LIMIT_ECHO_BYTES / 64) buf_putc(&json, 'x');
    echo_keep(&e, &key, buf_str(&json), &t);
    assert_false(echo_find(&e, &key, &found, &t));
    assert_null(e.ring);
    echo_fini(&e);
    buf_fini(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_kept),
        cmocka_unit_test(nothing_else_is_found),
        cmocka_unit_test(pixels_of_rules_stay),
        cmocka_unit_test(verdicts_and_large_ones_are_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
