/* SPDX-License-Identifier: Apache-2.0 */
/* See proxies.h. */
#include "http/proxies.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static struct ip ip_of_v4(const void *four_bytes)
{
    struct ip ip;
    memcpy(ip.bytes, mapped, sizeof mapped);
    memcpy(ip.bytes + sizeof mapped, four_bytes, 4);
    return ip;
}

static bool is_v4(const struct ip *ip)
{
    return memcmp(ip->bytes, mapped, sizeof mapped) == 0;
}

/* Drops a port and brackets: "[::1]:80" and "1.2.3.4:80", but not the tail of a bare "::1". */
static struct str without_port(struct str text)
{
    struct str head, tail;
    if (text.n && text.p[0] == '[') {
        return str_cut(str_from(text, 1), ']', &head, &tail) ? head : S("");
    }
    if (str_cut(text, ':', &head, &tail) && str_find_char(tail, ':', 0) == SIZE_MAX) return head;
    return text;
}

bool ip_parse(struct str text, struct ip *ip)
{
    char z[IP_TEXT_BYTES];
    struct in_addr v4;
    struct str bare = without_port(str_trim(text));
    if (!bare.n || bare.n >= sizeof z || memchr(bare.p, '\0', bare.n)) return false;
    memcpy(z, bare.p, bare.n);
    z[bare.n] = '\0';
    if (inet_pton(AF_INET, z, &v4) == 1) {
        *ip = ip_of_v4(&v4);
        return true;
    }
    struct ip v6;
    if (inet_pton(AF_INET6, z, v6.bytes) != 1) return false;
    *ip = v6;
    return true;
}

struct ip ip_of_socket(const struct sockaddr *address)
{
    struct ip ip;
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        memcpy(ip.bytes, &v6.sin6_addr, sizeof ip.bytes);
        return ip;
    }
    struct sockaddr_in v4 = {0};
    if (address->sa_family == AF_INET) memcpy(&v4, address, sizeof v4);
    return ip_of_v4(&v4.sin_addr);
}

static char *put_decimal(char *to, unsigned byte)
{
    if (byte >= 100) *to++ = (char)('0' + byte / 100);
    if (byte >= 10) *to++ = (char)('0' + byte / 10 % 10);
    *to++ = (char)('0' + byte % 10);
    return to;
}

/* Once for each request: the C library's way is printf, and 1,500 of the 26,780 instructions of a request
 * with one event. */
static struct str print_v4(const unsigned char *bytes, char out[IP_TEXT_BYTES])
{
    char *to = out;
    for (size_t i = 0; i < 4; i++) {
        if (i) *to++ = '.';
        to = put_decimal(to, bytes[i]);
    }
    *to = '\0';
    return str_of(out, (size_t)(to - out));
}

struct str ip_print(const struct ip *ip, char out[IP_TEXT_BYTES])
{
    if (is_v4(ip)) return print_v4(ip->bytes + sizeof mapped, out);
    return str_z(inet_ntop(AF_INET6, ip->bytes, out, IP_TEXT_BYTES));
}

bool network_parse(struct str text, struct network *network, struct err *err)
{
    struct str address, length;
    uint64_t bits = 0;
    struct ip ip;
    bool has_length = str_cut(text, '/', &address, &length);
    bool ok = ip_parse(address, &ip) && (!has_length || str_to_u64(length, &bits));
    unsigned most = ok && is_v4(&ip) ? 32 : 128;
    if (!ok || bits > most) {
        return err_set(err, ERR_INPUT, "\"%.*s\" is not an address or network such as 10.0.0.0/8",
                       STR_ARG(str_head(text, IP_TEXT_BYTES)));
    }
    network->ip = ip;
    network->bits = has_length ? (unsigned)bits + (128 - most) : 128;
    return true;
}

void proxies_free(struct proxies *p)
{
    mem_free(p->items);
    *p = (struct proxies){0};
}

static bool network_has(const struct network *network, const struct ip *ip)
{
    size_t whole = network->bits / 8;
    if (memcmp(network->ip.bytes, ip->bytes, whole) != 0) return false;
    if (network->bits % 8 == 0) return true;
    unsigned mask = 0xff00U >> (network->bits % 8) & 0xff;
    return ((network->ip.bytes[whole] ^ ip->bytes[whole]) & mask) == 0;
}

bool proxies_trust(const struct proxies *p, const struct ip *ip)
{
    for (size_t i = 0; i < p->count; i++) {
        if (network_has(&p->items[i], ip)) return true;
    }
    return false;
}

/* Takes the last element off a comma list. */
static struct str take_last(struct str *list)
{
    size_t at = list->n;
    while (at && list->p[at - 1] != ',') at--;
    struct str last = str_from(*list, at);
    *list = str_head(*list, at ? at - 1 : 0);
    return last;
}

struct ip proxies_resolve(const struct proxies *p, struct ip peer, struct str forwarded)
{
    struct ip client = peer, next;
    while (forwarded.n && proxies_trust(p, &client)) {
        if (!ip_parse(take_last(&forwarded), &next)) break;
        client = next;
    }
    return client;
}
