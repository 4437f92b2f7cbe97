/* SPDX-License-Identifier: Apache-2.0 */
/* One request body as Meta takes it: {"data": [...]} as JSON, or the same fields as a form, where
 * data is a JSON text, or a list of events that are JSON texts themselves. Only the shape is looked
 * at here; the events are the judge's. */
#ifndef SANDBOX_BATCH_H
#define SANDBOX_BATCH_H

#include "base/json.h"
#include "core/limits.h"

struct batch {
    yyjson_val **events; /* in the arena; each nested at most LIMIT_JSON_DEPTH deep */
    size_t count;        /* 1..LIMIT_BATCH_SEND_EVENTS */
    struct str test_event_code, partner_agent, access_token; /* empty when absent */
    struct str proof;   /* appsecret_proof; empty when absent */
    bool is_json;       /* not a form */
    struct str unknown; /* first top-level key that Meta does not know; empty = none */
};

/* batch_read reads body into the arena. False with the sentence that Meta would answer; what was read
 * until then is in batch. */
bool batch_read(struct batch *batch, struct str content_type, struct str body, struct arena *arena,
                struct err *err);

#endif
