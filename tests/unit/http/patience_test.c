/* SPDX-License-Identifier: Apache-2.0 */
/* How long the server waits, and for whom: slow senders, slow readers, silent ones (http/connection.c). */
#include "support/http_server.h"

/* Sends what, then a byte of more every few milliseconds; returns the status (0: just closed) that the
 * server had enough with, or -1 when it was patient for longer than ms. */
static int outwait(struct str what, struct str more, int ms)
{
    struct test_answer a = {0};
    struct test_client c = test_connect(test_site.port);
    int64_t until = clock_mono_us() + (int64_t)ms * 1000;
    int status = -1;
    assert_true(test_send(&c, what));
    for (size_t i = 0; status < 0 && clock_mono_us() < until; i++) {
        struct pollfd p = {.fd = c.fd, .events = POLLIN};
        if (poll(&p, 1, 10) > 0) {
            status = test_answer(&c, false, &a) ? a.status : 0;
        } else if (more.n) {
            (void)test_send(&c, str_of(more.p + i % more.n, 1)); /* the next poll tells */
        }
    }
    test_hang_up(&c);
    return status;
}

/* Bodies that trickle into all the memory there is do not keep others out. */
static void slow_bodies_give_way(void **state)
{
    (void)state;
    char block[80000];
    struct test_answer a = {0};
    struct str head = S("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 90000\r\n\r\n");
    memset(block, 'x', sizeof block);
    site_open((struct http_options){.max_bodies_bytes = 100000, .timeouts = {.patience_ms = 800}});
    struct test_client slow = test_connect(test_site.port), next = test_connect(test_site.port);
    assert_true(test_send(&slow, head) && test_send(&slow, str_of(block, sizeof block)));
    clock_sleep_ms(50);
    assert_true(test_send(&next, head)); /* too early: both may be honest */
    assert_true(test_answer(&next, false, &a));
    assert_int_equal(a.status, 503);
    test_hang_up(&next);
    clock_sleep_ms(850);
    next = test_connect(test_site.port);
    assert_true(test_send(&next, head) && test_send(&next, str_of(block, sizeof block)));
    assert_true(test_send(&next, str_of(block, 10000)));
    assert_true(test_answer(&next, false, &a));
    assert_int_equal(a.status, 200);
    assert_true(test_answer(&slow, false, &a));
    assert_int_equal(a.status, 503);
    test_hang_up(&slow);
    test_hang_up(&next);
    site_close();
}

static void loses_patience(void **state)
{
    (void)state;
    struct str head = S("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n");
    site_open((struct http_options){
        .timeouts = {.header_ms = 150, .stall_ms = 150, .request_ms = 400, .idle_ms = 100}});
    assert_int_equal(outwait(S(""), S(""), 2000), 0);     /* never said a word */
    assert_int_equal(outwait(S(""), S("\r\n"), 2000), 0); /* nor a request */
    assert_int_equal(outwait(S("GET /wh"), S(""), 2000), 408);
    assert_int_equal(outwait(S("GET /who HTTP/1.1\r\nX: "), S("y"), 2000), 408); /* slow loris */
    assert_int_equal(outwait(head, S(""), 2000), 408);
    int64_t start = clock_mono_us();
    assert_int_equal(outwait(head, S("x"), 3000), 408); /* steady, but too slow for the whole */
    int64_t took = (clock_mono_us() - start) / 1000;
    assert_true(took >= 300); /* not stopped as stalled */
    assert_int_equal(site_stats().timeouts, 4);
    struct test_answer a;
    struct test_client c = test_connect(test_site.port); /* idle between two requests */
    assert_true(test_send(&c, S("GET /who HTTP/1.1\r\nHost: h\r\n\r\n")));
    assert_true(test_answer(&c, false, &a));
    assert_true(test_at_end(&c));
    test_hang_up(&c);
    assert_int_equal(site_stats().timeouts, 4); /* being idle is no fault */
    site_close();
}

/* Clients that take their answer slowly get all of it; one that takes nothing is dropped. */
static void waits_for_readers(void **state)
{
    (void)state;
    struct test_answer a;
    struct str big = S("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
    site_open((struct http_options){.timeouts.write_ms = 1000});
    struct test_client c = test_connect(test_site.port);
    assert_true(test_send(&c, big));
    assert_true(test_send(&c, S("GET /who HTTP/1.1\r\nHost: h\r\n\r\n")));
    while (c.in.n < SITE_BIG_BYTES / 2) {
        assert_true(test_read_more(&c, TEST_PATIENCE_MS));
        if (c.in.n % 64 == 0) clock_sleep_ms(1);
    }
    assert_true(test_answer(&c, false, &a));
    assert_int_equal(a.body.n, SITE_BIG_BYTES);
    assert_true(test_answer(&c, false, &a));
    check_str(a.body, "127.0.0.1");
    test_hang_up(&c);
    c = test_connect(test_site.port);
    assert_true(test_send(&c, big));
    site_await(timeouts, 1);
    test_hang_up(&c);
    site_close();
}

/* 64 KiB each 60 ms: far less than a third of the kernel's buffer within the time-out, but never nothing. */
static void waits_for_slow_readers(void **state)
{
    (void)state;
    struct http_stats stats;
    site_open((struct http_options){.timeouts.write_ms = 300});
    struct test_client c = test_connect(test_site.port);
    int small = 64 << 10; /* so that the server's side holds the bytes */
    assert_int_equal(setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    assert_true(test_send(&c, S("GET /big HTTP/1.1\r\nHost: h\r\n\r\n")));
    int64_t longest_us = 0, before_us = clock_mono_us();
    for (int i = 0; i < 25; i++) {
        clock_sleep_ms(60);
        if (!test_read_more(&c, TEST_PATIENCE_MS)) break;
        int64_t now_us = clock_mono_us();
        if (now_us - before_us > longest_us) longest_us = now_us - before_us;
        before_us = now_us;
    }
    http_stats(test_site.server, &stats);
    /* On a machine that kept us from running for as long, it would have been slow indeed. */
    if (longest_us < 150 * 1000) assert_int_equal(stats.timeouts, 0);
    test_hang_up(&c);
    site_close();
}

/* Who sent in time is not refused because the server did not look. */
static void spares_clients_when_it_stood_still(void **state)
{
    (void)state;
    struct test_answer a;
    site_open((struct http_options){.timeouts.stall_ms = 500});
    struct test_client c = test_connect(test_site.port), other = test_connect(test_site.port);
    assert_true(test_send(&c, S("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na")));
    assert_int_equal(test_ask(test_site.port, S("GET /who HTTP/1.1\r\nHost: h\r\n\r\n"), NULL),
                     200);
    assert_true(test_send(&other, S("GET /stall/1200 HTTP/1.1\r\nHost: h\r\n\r\n")));
    site_await(requests, 2);
    assert_true(test_send(&c, S("b")));
    assert_true(test_answer(&c, false, &a));
    assert_int_equal(a.status, 200);
    check_str(a.body, "ab");
    test_hang_up(&c);
    test_hang_up(&other);
    site_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_bodies_give_way),
        cmocka_unit_test(loses_patience),
        cmocka_unit_test(waits_for_readers),
        cmocka_unit_test(waits_for_slow_readers),
        cmocka_unit_test(spares_clients_when_it_stood_still),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
