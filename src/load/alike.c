/* SPDX-License-Identifier: Apache-2.0 */
/* See alike.h. What no plan is made of is struck out of a copy, and all that is left counts: so a key of
 * destinations that is forgotten here makes plans too many, and never a wrong one. */
#include "load/alike.h"

static void strike_identity(struct destination_conf *d)
{
    const struct text nothing = {{0}, {0}};
    d->name = d->preset = d->pixel_id = d->api_url = d->start = nothing;
    d->access_tokens = NULL;
    d->access_token_count = 0;
    d->app_secret = d->test_code = str_of(NULL, 0);
    d->test_code_expires_ms = 0;
}

static void strike_delivery(struct destination_conf *d)
{
    d->enabled = false;
    d->when_disabled = DISABLED_KEEP;
    d->batch_events = d->batch_bytes = d->in_flight = 0;
    d->batch_linger_ms = d->timeout_ms = 0;
}

struct str alike_key(const struct destination_conf *d, const struct destination_conf *preset,
                     struct arena *arena)
{
    struct {
        const struct destination_conf *preset;
        struct destination_conf rules;
    } *key = arena_zero(arena, sizeof *key);
    key->preset = preset;
    memcpy(&key->rules, d, sizeof *d); /* the bytes between its members too */
    strike_identity(&key->rules);
    strike_delivery(&key->rules);
    return str_of((const char *)key, sizeof *key);
}
