/* SPDX-License-Identifier: Apache-2.0 */
/* See public.h. */
#include "app/public.h"

#include "core/limits.h"
#include "core/log.h"
#include "sys/descriptors.h"

/* How many clients each loop may have, so that they cannot take the descriptors that journal and delivery
 * need. Where the system grants few, clients get three quarters of them; a fifth of that is for those who
 * are being told that they are too many. 0 and err: it grants too few for anything. */
static unsigned clients_per_loop(size_t loops, struct err *err)
{
    size_t least = LIMIT_DESCRIPTORS_LEAST + loops * LIMIT_DESCRIPTORS_LOOP;
    size_t ours = LIMIT_ADMIN_CONNECTIONS + LIMIT_DESCRIPTORS_OURS;
    size_t want = loops * (LIMIT_CONNECTIONS + LIMIT_REFUSING) + ours;
    size_t have = descriptors_raise(want);
    if (have >= want) return LIMIT_CONNECTIONS;
    if (have < least) {
        (void)err_set(err, ERR_IO,
                      "only %zu files and sockets may be open, %zu is the least (see ulimit -n)",
                      have, least);
        return 0;
    }
    size_t clients = (have - (have / 4 < ours ? have / 4 : ours)) / 5 * 4;
    if (clients < LIMIT_CONNECTIONS)
        log_line(LOG_WARN, "app", "few file descriptors: fewer clients at a time (see ulimit -n)",
                 LOG_NUM("descriptors", have), LOG_NUM("clients", clients));
    return (unsigned)(clients / loops > 0 ? clients / loops : 1);
}

bool public_open(struct pipeline *p, const struct config *config, size_t count, struct err *err)
{
    struct str *proxies = arena_array(&p->arena, struct str, config->trusted_proxies.count + 1);
    for (size_t i = 0; i < config->trusted_proxies.count; i++) {
        proxies[i] = arena_str(&p->arena, config->trusted_proxies.items[i].text);
    }
    struct http_options options = {
        .name = "ingest",
        .address = arena_str(&p->arena, config->listen.text),
        .reuse_port = count > 1,
        .routes = ingest_routes,
        .route_count = ingest_route_count,
        .ctx = p->ingest,
        .trusted_proxies = proxies,
        .trusted_proxy_count = config->trusted_proxies.count,
        .max_connections = clients_per_loop(count, err),
        .handed = &p->handed,
        .loops = count,
    };
    if (!options.max_connections) return false;
    for (size_t i = 0; i < count; i++) {
        options.loop = i;
        p->public_loops[i] = http_server_open(&options, err);
        if (!p->public_loops[i]) return err_wrap(err, "listen");
        p->public_loop_count++;
        options.first = p->public_loops[0];
    }
    return true;
}
