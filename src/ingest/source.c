/* SPDX-License-Identifier: Apache-2.0 */
/* See source.h. */
#include "ingest/source.h"

static bool same_key(struct str a, struct str b)
{
    volatile unsigned char difference = 0;
    if (a.n != b.n || !a.n) return false;
    for (size_t i = 0; i < a.n; i++) difference |= (unsigned char)(a.p[i] ^ b.p[i]);
    return difference == 0;
}

const struct source_conf *source_find(const struct config *config, struct str key)
{
    const struct source_conf *found = NULL;
    for (size_t i = 0; i < config->source_count; i++) {
        const struct source_conf *source = &config->sources[i];
        for (size_t k = 0; k < source->write_key_count; k++) {
            if (same_key(source->write_keys[k], key) && source->enabled) found = source;
        }
    }
    return found;
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
