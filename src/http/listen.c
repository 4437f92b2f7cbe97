/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the address in its text, and the socket that listens on it. */
#include "http/loop.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

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

static bool read_port(struct http_server *s)
{
    struct sockaddr_storage bound = {0};
    int size = sizeof bound;
    if (uv_tcp_getsockname(&s->listener, (struct sockaddr *)&bound, &size)) return false;
    if (bound.ss_family == AF_INET6) {
        s->port = ntohs(((struct sockaddr_in6 *)&bound)->sin6_port);
    } else {
        s->port = ntohs(((struct sockaddr_in *)&bound)->sin_port);
    }
    return true;
}

static bool share_port(struct http_server *s)
{
    uv_os_fd_t fd;
    int on = 1;
    return uv_fileno((uv_handle_t *)&s->listener, &fd) == 0 &&
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

static void set_port(struct sockaddr_storage *address, unsigned port)
{
    if (address->ss_family == AF_INET6) {
        ((struct sockaddr_in6 *)address)->sin6_port = htons((uint16_t)port);
    } else {
        ((struct sockaddr_in *)address)->sin_port = htons((uint16_t)port);
    }
}

/* Machines without IPv6 get 0.0.0.0 for "all addresses". */
static int make_socket(struct http_server *s, struct sockaddr_storage *address)
{
    struct sockaddr_in6 v6 = {0};
    int failed = uv_tcp_init_ex(&s->loop, &s->listener, address->ss_family);
    if (failed != UV_EAFNOSUPPORT || address->ss_family != AF_INET6) return failed;
    memcpy(&v6, address, sizeof v6);
    if (!IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr)) return failed;
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = v6.sin6_port};
    memcpy(address, &any, sizeof any);
    return uv_tcp_init_ex(&s->loop, &s->listener, AF_INET);
}

bool listen_on(struct http_server *s, const struct http_options *options, uv_connection_cb accept,
               struct err *err)
{
    struct sockaddr_storage address = {0};
    if (!resolve(options->address, &address, err)) return false;
    int failed = make_socket(s, &address);
    s->listening = failed == 0;
    if (!failed && options->first) set_port(&address, options->first->port);
    bool begins = options->reuse_port && !options->first;
    if (!failed && begins && !is_free(&address)) failed = UV_EADDRINUSE;
    if (!failed && options->reuse_port && !share_port(s)) failed = UV_ENOTSUP;
    if (!failed) failed = uv_tcp_bind(&s->listener, (const struct sockaddr *)&address, 0);
    if (!failed) failed = uv_listen((uv_stream_t *)&s->listener, BACKLOG, accept);
    if (!failed && !read_port(s)) failed = UV_EIO;
    s->listener.data = s;
    if (!failed) return true;
    return err_set(err, ERR_IO, "cannot listen on %.*s: %s", STR_ARG(options->address),
                   uv_strerror(failed));
}
