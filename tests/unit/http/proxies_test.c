/* SPDX-License-Identifier: Apache-2.0 */
/* Who the client is behind proxies (http/proxies.c). */
#include "http/proxies.h"

#include "base/mem.h"
#include "support/ndjson.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static void resolves_one(yyjson_val *one)
{
    struct proxies p = {.items = mem_new(16 * sizeof *p.items)};
    struct ip peer;
    struct err err;
    char text[IP_TEXT_BYTES];
    size_t i, n;
    yyjson_val *item;
    yyjson_arr_foreach (yyjson_obj_get(one, "trusted"), i, n, item) {
        assert_true(network_parse(json_str(item), &p.items[p.count++], &err));
    }
    assert_true(ip_parse(test_case_str(one, "peer"), &peer));
    struct ip client = proxies_resolve(&p, peer, test_case_str(one, "forwarded"));
    struct str got = ip_print(&client, text);
    if (!str_eq(got, test_case_str(one, "client"))) {
        fail_msg("%.*s for %s", STR_ARG(got), yyjson_val_write(one, 0, NULL));
    }
    proxies_free(&p);
}

static void resolves(void **state)
{
    (void)state;
    test_cases("tests/cases/http/proxies.ndjson", resolves_one);
}

static void refuses_what_is_no_network(void **state)
{
    (void)state;
    static const char *const bad[] = {"",         "10.0.0.0/33", "::1/129",     "10.0.0.0/",  "/8",
                                      "10.0.0/8", "example.com", "10.0.0.0/-1", "10.0.0.0/8x"};
    struct network network = {.bits = 7};
    for (size_t i = 0; i < countof(bad); i++) {
        struct err err;
        if (network_parse(str_z(bad[i]), &network, &err)) fail_msg("\"%s\" was taken", bad[i]);
        check_err(err, "10.0.0.0/8");
    }
    assert_int_equal(network.bits, 7);
}

static void reads_socket_addresses(void **state)
{
    (void)state;
    char text[IP_TEXT_BYTES];
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x01020304)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr other = {.sa_family = AF_UNIX};
    struct ip ip = ip_of_socket((struct sockaddr *)&v4);
    check_str(ip_print(&ip, text), "1.2.3.4");
    ip = ip_of_socket((struct sockaddr *)&v6);
    check_str(ip_print(&ip, text), "::1");
    ip = ip_of_socket(&other);
    check_str(ip_print(&ip, text), "0.0.0.0");
}

static void refuses_what_is_no_address(void **state)
{
    (void)state;
    struct ip ip;
    char longer[200];
    memset(longer, '1', sizeof longer);
    assert_false(ip_parse(str_of(longer, sizeof longer), &ip));
    assert_false(ip_parse(S("1.2.3.4\0.5"), &ip));
    assert_false(ip_parse(S(""), &ip));
    assert_false(ip_parse(S("[]"), &ip));
    assert_false(ip_parse(S("1.2.3.4 5"), &ip));
}

static void prints_as_the_library_does(void **state)
{
    uint64_t random = 3;
    char got[IP_TEXT_BYTES], want[INET_ADDRSTRLEN];
    (void)state;
    for (int i = 0; i < 5000; i++) {
        struct sockaddr_in v4 = {.sin_family = AF_INET};
        v4.sin_addr.s_addr = (in_addr_t)check_random(&random);
        struct ip ip = ip_of_socket((const struct sockaddr *)&v4);
        assert_non_null(inet_ntop(AF_INET, &v4.sin_addr, want, sizeof want));
        check_str(ip_print(&ip, got), want);
        assert_string_equal(got, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resolves),
        cmocka_unit_test(prints_as_the_library_does),
        cmocka_unit_test(refuses_what_is_no_network),
        cmocka_unit_test(reads_socket_addresses),
        cmocka_unit_test(refuses_what_is_no_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
