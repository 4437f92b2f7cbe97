/* SPDX-License-Identifier: Apache-2.0 */
/* Client addresses. Meta wants the visitor's own public address; one of a private or reserved network
 * is a proxy's or a server's and would join strangers. Ranges kept for documentation pass: examples
 * and tests use them. */
#include "meta/normalise.h"

#include <arpa/inet.h>

enum { IP_TEXT_MAX = 45 }; /* the longest IPv6 in text */

/* The first addr of a list, without port, brackets and zone: "1.2.3.4:80", "[::1]:80", "fe80::1%eth0". */
static struct str bare_address(struct str in)
{
    struct str address, rest;
    (void)str_cut(in, ',', &address, &rest); /* without a comma it is all of in */
    address = str_trim(address);
    if (address.n && address.p[0] == '[') {
        (void)str_cut(str_from(address, 1), ']', &address, &rest); /* as above */
    } else {
        size_t colon = str_find_char(address, ':', 0);
        bool one = colon != SIZE_MAX && str_find_char(address, ':', colon + 1) == SIZE_MAX;
        if (one) address = str_head(address, colon);
    }
    (void)str_cut(address, '%', &address, &rest); /* as above */
    return address;
}

struct range {
    unsigned char prefix[2];
    unsigned char bits;
};

static bool in_range(const unsigned char *ip, const struct range *r)
{
    unsigned have = (unsigned)ip[0] << 8 | ip[1], want = (unsigned)r->prefix[0] << 8 | r->prefix[1];
    unsigned shift = 16u - r->bits;
    return have >> shift == want >> shift;
}

static bool is_public4(const unsigned char ip[4])
{
    static const struct range ranges[] = {
        {{0, 0}, 8},      {{10, 0}, 8},    {{100, 64}, 10},  {{127, 0}, 8},
        {{169, 254}, 16}, {{172, 16}, 12}, {{192, 168}, 16}, {{224, 0}, 3},
    };
    for (size_t i = 0; i < countof(ranges); i++)
        if (in_range(ip, &ranges[i])) return false;
    return true;
}

static bool is_public6(const unsigned char ip[16])
{
    static const struct range ranges[] = {{{0xFC, 0}, 7}, {{0xFE, 0x80}, 10}, {{0xFF, 0}, 8}};
    static const unsigned char zero[15];
    for (size_t i = 0; i < countof(ranges); i++)
        if (in_range(ip, &ranges[i])) return false;
    bool unspecified_or_loopback = memcmp(ip, zero, 15) == 0 && ip[15] <= 1;
    return !unspecified_or_loopback;
}

bool normalise_ip(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    unsigned char ip[16];
    char text[IP_TEXT_MAX + 1] = "";
    struct str address = bare_address(str_trim(in));
    if (address.n == 0 || address.n > IP_TEXT_MAX) return false;
    memcpy(text, address.p, address.n);
    if (memchr(text, '\0', address.n)) return false;
    if (inet_pton(AF_INET, text, ip) == 1) {
        if (!is_public4(ip)) return false;
        buf_put(out, address);
        return true;
    }
    if (inet_pton(AF_INET6, text, ip) != 1) return false;
    if (memcmp(ip, mapped, sizeof mapped) == 0) { /* an IPv4 address seen by an IPv6 socket */
        if (!is_public4(ip + 12)) return false;
        buf_printf(out, "%u.%u.%u.%u", ip[12], ip[13], ip[14], ip[15]);
        return true;
    }
    if (!is_public6(ip)) return false;
    buf_put(out, address);
    return true;
}
