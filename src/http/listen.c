/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the address in its text, and the socket that listens on it: one that was handed over, or a new one. */
#include "http/loop.h"

#include "base/mem.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>

/* Who comes while nobody accepts, also during a restart in place, waits here; the system's somaxconn, usually
 * 4096, bounds it too. */
enum { BACKLOG = 4096 };

/* "host:port" with an empty host for all addresses; only numbers and "localhost", so that start-up
 * never waits for a name server. */
static bool resolve(struct str text, struct sockaddr_storage *out, struct err *err)
{
    char host[64], port[8];
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                             .ai_socktype = SOCK_STREAM},
                    *found;
    size_t colon = text.n;
    while (colon && text.p[colon - 1] != ':') colon--;
    struct str name = str_head(text, colon ? colon - 1 : 0), number = str_from(text, colon);
    uint64_t value;
    if (name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']') {
        name = str_of(name.p + 1, name.n - 2);
    } else if (str_eq(name, S("localhost"))) {
        name = S("127.0.0.1");
    } else if (!name.n) {
        name = S("::");
    }
    if (colon && name.n < sizeof host && str_to_u64(number, &value) && value <= UINT16_MAX) {
        (void)snprintf(host, sizeof host, "%.*s", STR_ARG(name)); /* fits, as just checked */
        (void)snprintf(port, sizeof port, "%u", (unsigned)value);
        if (getaddrinfo(host, port, &hints, &found) == 0) {
            memcpy(out, found->ai_addr, found->ai_addrlen);
            freeaddrinfo(found);
            return true;
        }
    }
    return err_set(err, ERR_INPUT,
                   "\"%.*s\" is not an address such as 127.0.0.1:8080 or [::1]:8080",
                   STR_ARG(str_head(text, 100)));
}

/* --- addresses ----------------------------------------------------------------------------------- */

static unsigned port_of(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET6) {
        return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
    }
    return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

static void set_port(struct sockaddr_storage *address, unsigned port)
{
    if (address->ss_family == AF_INET6) {
        ((struct sockaddr_in6 *)address)->sin6_port = htons((uint16_t)port);
    } else {
        ((struct sockaddr_in *)address)->sin_port = htons((uint16_t)port);
    }
}

static bool is_any(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET6) {
        return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)address)->sin6_addr);
    }
    return ((const struct sockaddr_in *)address)->sin_addr.s_addr == INADDR_ANY;
}

/* Is a socket bound to a what wanted asks for? Port 0 asks for any, and "all addresses" is 0.0.0.0 on a
 * machine without IPv6. */
static bool is_wanted(const struct sockaddr_storage *a, const struct sockaddr_storage *wanted)
{
    if (port_of(wanted) && port_of(a) != port_of(wanted)) return false;
    if (is_any(wanted) && is_any(a)) return true;
    if (a->ss_family != wanted->ss_family) return false;
    if (a->ss_family == AF_INET6) {
        return IN6_ARE_ADDR_EQUAL(&((const struct sockaddr_in6 *)a)->sin6_addr,
                                  &((const struct sockaddr_in6 *)wanted)->sin6_addr);
    }
    return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
           ((const struct sockaddr_in *)wanted)->sin_addr.s_addr;
}

static int read_port(struct http_server *s)
{
    struct sockaddr_storage bound = {0};
    int size = sizeof bound;
    int failed = uv_tcp_getsockname(&s->listeners[0], (struct sockaddr *)&bound, &size);
    if (!failed) s->port = port_of(&bound);
    return failed;
}

/* --- sockets from before ------------------------------------------------------------------------- */

/* By its name; who hands over without a name of ours (systemd's is the unit's) means the one with this
 * port. */
static bool is_for(const struct handed *item, const struct http_options *options,
                   const struct sockaddr_storage *address)
{
    bool named = strcmp(item->name, options->name ? options->name : "") == 0;
    if (!item->listening || !is_wanted(&item->address, address)) return false;
    return named || port_of(address) != 0;
}

static int take_over(struct http_server *s, struct handed *item, uv_connection_cb accept)
{
    uv_tcp_t *listener = &s->listeners[s->listener_count];
    int fd = handed_copy(item);
    if (fd < 0) return UV_EMFILE;
    int failed = uv_tcp_init(&s->loop, listener);
    if (!failed) failed = uv_tcp_open(listener, fd);
    if (failed) {
        (void)close(fd);
        return failed;
    }
    item->used = true;
    s->listener_count++;
    listener->data = s;
    return uv_listen((uv_stream_t *)listener, BACKLOG, accept);
}

/* This server's share of the sockets that are already there; *any says whether there are some at all. */
static int take_share(struct http_server *s, const struct http_options *options,
                      const struct sockaddr_storage *address, uv_connection_cb accept, bool *any)
{
    struct handover *handed = options->handed;
    size_t loops = options->loops ? options->loops : 1, count = 0, number = 0;
    int failed = 0;
    for (size_t i = 0; handed && i < handed->count; i++) {
        count += is_for(&handed->items[i], options, address);
    }
    *any = count > 0;
    if (!count) return 0;
    s->listeners = mem_new(count * sizeof *s->listeners);
    for (size_t i = 0; i < handed->count && !failed; i++) {
        if (!is_for(&handed->items[i], options, address)) continue;
        bool ours = number % loops == options->loop || number == options->loop % count;
        number++;
        if (ours) failed = take_over(s, &handed->items[i], accept);
    }
    return failed;
}

/* --- a new socket -------------------------------------------------------------------------------- */

static bool share_port(struct http_server *s)
{
    uv_os_fd_t fd;
    int on = 1;
    return uv_fileno((uv_handle_t *)&s->listeners[0], &fd) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0;
}

/* Sharing asks nobody: another process that shares the port too would get half of the connections
 * without a word. Only a socket that does not share is told that the port is taken. */
static bool is_free(const struct sockaddr_storage *address)
{
    int on = 1;
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return true; /* the listener's own attempt will tell */
    socklen_t size =
        address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    bool taken = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                 bind(fd, (const struct sockaddr *)address, size) != 0 && errno == EADDRINUSE;
    (void)close(fd); /* nothing was written */
    return !taken;
}

/* Machines without IPv6 get 0.0.0.0 for "all addresses". */
static int make_socket(struct http_server *s, struct sockaddr_storage *address)
{
    struct sockaddr_in6 v6 = {0};
    uv_tcp_t *listener = s->listeners = mem_new(sizeof *listener);
    int failed = uv_tcp_init_ex(&s->loop, listener, address->ss_family);
    if (failed == UV_EAFNOSUPPORT && address->ss_family == AF_INET6 && is_any(address)) {
        memcpy(&v6, address, sizeof v6);
        struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = v6.sin6_port};
        memcpy(address, &any, sizeof any);
        failed = uv_tcp_init_ex(&s->loop, listener, AF_INET);
    }
    s->listener_count = failed == 0;
    listener->data = s;
    return failed;
}

static int open_new(struct http_server *s, const struct http_options *options,
                    struct sockaddr_storage *address, uv_connection_cb accept)
{
    bool begins = options->reuse_port && !options->first;
    int failed = make_socket(s, address);
    if (!failed && options->first) set_port(address, options->first->port);
    if (!failed && begins && !is_free(address)) failed = UV_EADDRINUSE;
    if (!failed && options->reuse_port && !share_port(s)) failed = UV_ENOTSUP;
    if (!failed) failed = uv_tcp_bind(s->listeners, (const struct sockaddr *)address, 0);
    return failed ? failed : uv_listen((uv_stream_t *)s->listeners, BACKLOG, accept);
}

bool listen_on(struct http_server *s, const struct http_options *options, uv_connection_cb accept,
               struct err *err)
{
    struct sockaddr_storage address = {0};
    bool any;
    if (!resolve(options->address, &address, err)) return false;
    int failed = take_share(s, options, &address, accept, &any);
    if (!any) failed = open_new(s, options, &address, accept);
    if (!failed) failed = read_port(s);
    if (!failed) return true;
    return err_set(err, ERR_IO, "cannot listen on %.*s: %s", STR_ARG(options->address),
                   uv_strerror(failed));
}
