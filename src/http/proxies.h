/* SPDX-License-Identifier: Apache-2.0 */
/* Who the client is when proxies stand between: X-Forwarded-For is believed only as far as trusted
 * proxies vouch for it, read from right to left. */
#ifndef HTTP_PROXIES_H
#define HTTP_PROXIES_H

#include "base/buf.h"
#include "base/err.h"

#include <sys/socket.h>

/* An IPv6 address, or an IPv4 one in its ::ffff: form, so that one comparison does for both. */
struct ip {
    unsigned char bytes[16];
};

enum { IP_TEXT_BYTES = 64 };

/* ip_parse takes "1.2.3.4", "1.2.3.4:80", "::1" or "[::1]:80". */
bool ip_parse(struct str text, struct ip *ip);
/* ip_of_socket takes what getpeername gives; an unknown family is 0.0.0.0. */
struct ip ip_of_socket(const struct sockaddr *address);
/* ip_print writes the usual text into out and returns the view. */
struct str ip_print(const struct ip *ip, char out[IP_TEXT_BYTES]);

struct network {
    struct ip ip;
    unsigned bits; /* of 128 */
};

struct proxies {
    struct network *items;
    size_t count;
};

/* network_parse takes "10.0.0.0/8", "fd00::/8" or one address. False and err (INPUT) otherwise. */
bool network_parse(struct str text, struct network *network, struct err *err);
void proxies_free(struct proxies *p);
bool proxies_trust(const struct proxies *p, const struct ip *ip);
/* proxies_resolve returns the client: peer itself, or the nearest address in forwarded (the joined
 * X-Forwarded-For headers, may be empty) that no trusted proxy stands for. */
struct ip proxies_resolve(const struct proxies *p, struct ip peer, struct str forwarded);

#endif
