/* SPDX-License-Identifier: Apache-2.0 */
/* See source.h. */
#include "ingest/source.h"

#include "http/proxies.h"
#include "sys/clock.h"

bool source_same_key(struct str a, struct str b)
{
    volatile unsigned char difference = 0;
    if (a.n != b.n || !a.n) return false;
    for (size_t i = 0; i < a.n; i++) difference |= (unsigned char)(a.p[i] ^ b.p[i]);
    return difference == 0;
}

static bool has_key(const struct source_conf *source, struct str key)
{
    bool found = false;
    for (size_t i = 0; i < source->write_key_count; i++) {
        found |= source_same_key(source->write_keys[i], key);
    }
    for (size_t i = 0; i < source->old_key_count; i++) {
        const struct old_key *old = &source->old_keys[i];
        found |= source_same_key(old->key, key) && clock_now_ms() < old->expires_ms;
    }
    return found;
}

const struct source_conf *source_find(const struct config *config, struct str key)
{
    const struct source_conf *found = NULL;
    for (size_t i = 0; i < config->source_count; i++) {
        const struct source_conf *source = &config->sources[i];
        if (has_key(source, key) && source->enabled) found = source;
    }
    return found;
}

bool source_takes_address(const struct source_conf *source, const struct http_request *req)
{
    struct ip ip;
    struct err err;
    if (!source->allow_from.given) return true;
    if (!ip_parse(req->address, &ip)) return false;
    for (size_t i = 0; i < source->allow_from.count; i++) {
        struct network network;
        struct proxies one = {&network, 1};
        if (!network_parse(source->allow_from.items[i].text, &network, &err)) continue;
        if (proxies_trust(&one, &ip)) return true;
    }
    return false;
}

struct str source_key(const struct http_request *req)
{
    struct str key = http_basic_user(req);
    if (!key.n) key = http_query_get(req, S("writeKey"));
    return key.n ? key : str_of(NULL, 0);
}

bool source_takes_origin(const struct source_conf *source, const struct http_request *req)
{
    struct str origin = http_header(req, S("Origin"));
    if (!source->origins.given || !origin.p) return true;
    for (size_t i = 0; i < source->origins.count; i++) {
        if (str_eq_nocase(source->origins.items[i].text, origin)) return true;
    }
    return false;
}
