/* SPDX-License-Identifier: Apache-2.0 */
/* See address.h. */
#include "conf/address.h"

#include <arpa/inet.h>

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
}

/* IP addresses: family by form; inet_pton wants a NUL behind the text. */
static bool is_ip(struct str text, int family)
{
    char z[INET6_ADDRSTRLEN + 1];
    unsigned char bytes[16];
    if (text.n == 0 || text.n >= sizeof z) return false;
    memcpy(z, text.p, text.n);
    z[text.n] = '\0';
    return inet_pton(family, z, bytes) == 1;
}

static bool is_port(struct str text)
{
    uint64_t port;
    return str_to_u64(text, &port) && port <= 65535;
}

/* Takes host and maybe :port apart. False when the form is wrong; *port has p = NULL without one. */
static bool split(struct str text, struct str *host, struct str *port)
{
    *port = (struct str){0};
    if (str_starts(text, S("["))) {
        size_t end = str_find_char(text, ']', 0);
        if (end == SIZE_MAX) return false;
        *host = str_of(text.p + 1, end - 1);
        text = str_from(text, end + 1);
        if (!is_ip(*host, AF_INET6)) return false;
        if (text.n == 0) return true;
        if (text.p[0] != ':') return false;
        *port = str_from(text, 1);
    } else {
        struct str tail;
        if (str_cut(text, ':', host, &tail)) *port = tail;
        if (host->n == 0) return false;
        for (size_t i = 0; i < host->n; i++)
            if (!is_host_char(host->p[i])) return false;
    }
    return !port->p || is_port(*port);
}

bool address_is_valid(struct str text)
{
    struct str host, port;
    return split(text, &host, &port) && port.p;
}

/* What is between scheme:// and the path. */
static struct str authority(struct str url, struct str *path)
{
    struct str rest = str_from(url, str_find(url, S("://"), 0) + 3), head = rest;
    size_t slash = str_find_char(rest, '/', 0);
    *path = str_from(rest, slash == SIZE_MAX ? rest.n : slash);
    if (slash != SIZE_MAX) head = str_head(rest, slash);
    return head;
}

static bool has_scheme(struct str text, const struct str *schemes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_starts(text, schemes[i]) && str_starts(str_from(text, schemes[i].n), S("://")))
            return true;
    return false;
}

bool url_is_valid(struct str text, const struct str *schemes, size_t scheme_count)
{
    struct str path, host, port;
    if (!has_scheme(text, schemes, scheme_count)) return false;
    bool is_web = str_starts(text, S("http"));
    struct str rest = authority(text, &path);
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] <= ' ' || path.p[i] > '~' || strchr("?#\"<>\\^`{|}", path.p[i])) return false;
    for (bool more = true; more;) {
        struct str one = rest;
        more = !is_web && str_cut(rest, ',', &one, &rest);
        if (!split(one, &host, &port)) return false;
    }
    return true;
}

struct str url_host(struct str url)
{
    struct str path, host = {0}, port;
    (void)split(authority(url, &path), &host, &port); /* the URL is valid */
    return host;
}

bool url_is_loopback(struct str url)
{
    struct str host = url_host(url);
    return str_eq_nocase(host, S("localhost")) || str_eq(host, S("::1")) ||
           (str_starts(host, S("127.")) && is_ip(host, AF_INET));
}

bool origin_is_valid(struct str text)
{
    static const struct str schemes[] = {S_INIT("https"), S_INIT("http")};
    struct str path;
    if (str_eq(text, S("*"))) return true;
    if (!url_is_valid(text, schemes, countof(schemes))) return false;
    (void)authority(text, &path);
    return path.n == 0;
}

bool network_is_valid(struct str text)
{
    struct str address, prefix;
    uint64_t bits = 0;
    if (str_cut(text, '/', &address, &prefix) && !str_to_u64(prefix, &bits)) return false;
    return (is_ip(address, AF_INET) && bits <= 32) || (is_ip(address, AF_INET6) && bits <= 128);
}
