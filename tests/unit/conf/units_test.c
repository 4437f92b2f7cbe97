/* SPDX-License-Identifier: Apache-2.0 */
/* conf/units.c and conf/address.c: what is taken and what is refused. */
#include "base/time.h"
#include "conf/address.h"
#include "conf/units.h"

#include "support/check.h"

static void durations(void **state)
{
    static const struct {
        const char *text;
        uint64_t ms;
    } good[] = {
        {"0s", 0},
        {"250ms", 250},
        {"30s", 30 * MS_PER_SECOND},
        {"90m", 90 * MS_PER_MINUTE},
        {"24h", MS_PER_DAY},
        {" 14 d ", 14 * MS_PER_DAY},
        {"2w", 14 * MS_PER_DAY},
        {"18446744073709551615ms", UINT64_MAX},
    };
    static const char *const bad[] = {"",
                                      "s",
                                      "30",
                                      "30S",
                                      "5M",
                                      "1.5h",
                                      "-1s",
                                      "+1s",
                                      "1h30m",
                                      "1 second",
                                      "0x10s",
                                      "30s ,",
                                      "1m s",
                                      "18446744073709551616ms",
                                      "30500568904944w"};
    (void)state;
    for (size_t i = 0; i < countof(good); i++) {
        uint64_t ms = 1;
        if (!duration_parse(str_z(good[i].text), &ms)) print_error("%s\n", good[i].text);
        assert_int_equal(ms, good[i].ms);
    }
    for (size_t i = 0; i < countof(bad); i++) {
        uint64_t ms = 77;
        if (duration_parse(str_z(bad[i]), &ms)) print_error("%s\n", bad[i]);
        assert_int_equal(ms, 77);
    }
}

static void sizes(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {
        {"0B", 0},
        {"1000b", 1000},
        {"1KiB", 1024},
        {"1KB", 1000},
        {"1kb", 1000},
        {"50 GiB", 53687091200},
        {"2tib", 2ULL << 40},
        {"3TB", 3000000000000},
        {"1PiB", 1ULL << 50},
    };
    static const char *const bad[] = {"",       "1",   "1K",     "1k",      "GiB",
                                      "1.5GiB", "-1B", "1 Gi B", "20000PiB"};
    (void)state;
    for (size_t i = 0; i < countof(good); i++) {
        uint64_t bytes = 1;
        if (!size_parse(str_z(good[i].text), &bytes)) print_error("%s\n", good[i].text);
        assert_int_equal(bytes, good[i].bytes);
    }
    for (size_t i = 0; i < countof(bad); i++) {
        uint64_t bytes = 77;
        if (size_parse(str_z(bad[i]), &bytes)) print_error("%s\n", bad[i]);
        assert_int_equal(bytes, 77);
    }
}

static void printed_is_read_again(void **state)
{
    static const uint64_t values[] = {0,       1,          999,        1000, 60000,
                                      3600000, 86400000,   1209600000, 1024, 1025,
                                      1 << 20, 1ULL << 50, UINT64_MAX};
    (void)state;
    for (size_t i = 0; i < countof(values); i++) {
        struct buf out = {0};
        uint64_t back = 1;
        duration_print(&out, values[i]);
        assert_true(duration_parse(buf_str(&out), &back));
        assert_int_equal(back, values[i]);
        buf_clear(&out);
        size_print(&out, values[i]);
        assert_true(size_parse(buf_str(&out), &back));
        assert_int_equal(back, values[i]);
        buf_fini(&out);
    }
    struct buf out = {0};
    duration_print(&out, 14 * MS_PER_DAY);
    size_print(&out, 50ULL << 30);
    check_str(buf_str(&out), "2w50GiB");
    buf_fini(&out);
}

typedef bool valid_fn(struct str text);

static void check_all(valid_fn *valid, const char *const *texts, size_t count, bool want)
{
    for (size_t i = 0; i < count; i++) {
        if (valid(str_z(texts[i])) != want) print_error("%s\n", texts[i]);
        assert_int_equal(valid(str_z(texts[i])), want);
    }
}

static void addresses(void **state)
{
    static const char *const good[] = {"127.0.0.1:8080", "localhost:0", "[::1]:65535",
                                       "a.example:80", "[fe80::1]:1"};
    static const char *const bad[] = {
        "",       ":8080",   "8080",  "localhost", "a:",         "a:65536",
        "a:8x",   "::1:80",  "[::1]", "[::1]80",   "[::1:80",    "[a]:80",
        "a b:80", "a:80:90", "[]:80", "a:-1",      "http://a:80"};
    (void)state;
    check_all(address_is_valid, good, countof(good), true);
    check_all(address_is_valid, bad, countof(bad), false);
}

static void networks(void **state)
{
    static const char *const good[] = {"10.0.0.0/8", "1.2.3.4", "::/0", "fd00::/128", "0.0.0.0/0"};
    static const char *const bad[] = {
        "",          "10.0.0.0/33",
        "10.0.0/8",  "a.example",
        "::/129",    "1.2.3.4/",
        "1.2.3.4/x", "1.2.3.4/8/8",
        "/8",        "1111:2222:3333:4444:5555:6666:7777:8888:9999:0000:1111:2222"};
    (void)state;
    check_all(network_is_valid, good, countof(good), true);
    check_all(network_is_valid, bad, countof(bad), false);
}

static void origins(void **state)
{
    static const char *const good[] = {"*", "https://a.example", "http://localhost:3000",
                                       "https://[::1]:8443"};
    static const char *const bad[] = {"",
                                      "a.example",
                                      "https://",
                                      "https://a.example/",
                                      "https://a.example/x",
                                      "ftp://a.example",
                                      "https://a b",
                                      "https://u@a.example",
                                      "null",
                                      "https://*.example",
                                      "**"};
    (void)state;
    check_all(origin_is_valid, good, countof(good), true);
    check_all(origin_is_valid, bad, countof(bad), false);
}

static void urls(void **state)
{
    static const struct str web[] = {S_INIT("https"), S_INIT("http")};
    static const struct str nats[] = {S_INIT("nats")};
    (void)state;
    assert_true(url_is_valid(S("https://graph.facebook.com/v26.0"), web, 2));
    assert_true(url_is_valid(S("http://[::1]:8082"), web, 2));
    assert_false(url_is_valid(S("https://a.example,b.example"), web, 2));
    assert_false(url_is_valid(S("httpss://a.example"), web, 2));
    assert_false(url_is_valid(S("https:/a.example"), web, 2));
    assert_false(url_is_valid(S("https://a.example/\r\nX: y"), web, 2));
    assert_false(url_is_valid(S("https://a.example/#x"), web, 2));
    assert_false(url_is_valid(S("https://a.example/\xC3\xA4"), web, 2));
    assert_true(url_is_valid(S("nats://a:4222,b:4222,[::1]:1"), nats, 1));
    assert_false(url_is_valid(S("nats://a:4222,"), nats, 1));
    assert_false(url_is_valid(S("nats://,a"), nats, 1));
    check_str(url_host(S("http://[::1]:8082/x")), "::1");
    check_str(url_host(S("https://a.example:1/x:y")), "a.example");
}

static void loopback(void **state)
{
    static const char *const local[] = {"http://127.0.0.1:80/x", "http://localhost",
                                        "https://[::1]:1", "http://127.255.0.9",
                                        "http://LOCALHOST:1/"};
    static const char *const remote[] = {"http://127.example.com",
                                         "http://localhost.example",
                                         "https://graph.facebook.com/127.0.0.1",
                                         "http://10.0.0.1",
                                         "http://[::2]",
                                         "http://0.0.0.0",
                                         "http://127.1"};
    (void)state;
    check_all(url_is_loopback, local, countof(local), true);
    check_all(url_is_loopback, remote, countof(remote), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations),
        cmocka_unit_test(sizes),
        cmocka_unit_test(printed_is_read_again),
        cmocka_unit_test(addresses),
        cmocka_unit_test(networks),
        cmocka_unit_test(origins),
        cmocka_unit_test(urls),
        cmocka_unit_test(loopback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
