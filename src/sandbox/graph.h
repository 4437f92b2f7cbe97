/* SPDX-License-Identifier: Apache-2.0 */
/* The events edge of the Graph API: POST /v26.0/<pixel>/events, from the address to the answer. It
 * reads the batch, plays the faults that are due, has each event judged, stores what the batch rule
 * allows and answers in Meta's shapes. Everything on the server's thread. */
#ifndef SANDBOX_GRAPH_H
#define SANDBOX_GRAPH_H

#include "http/server.h"
#include "sandbox/faults.h"
#include "sandbox/inbox.h"
#include "sandbox/requests.h"
#include "sandbox/sandbox.h"

struct graph {
    enum batch_rule rule;
    enum sandbox_naming naming;
    bool token_required;
    struct str token; /* the only one that is good; empty = any. Lives as long as the graph. */
    struct str
        app_secret; /* of the token's app: requests must prove it; empty = no need. As long. */
    struct inbox inbox;
    struct requests requests;
    struct faults faults;
    struct buf body, headers; /* of the answer being written */
};

/* graph_post answers any POST that is not the sandbox's own; an http_handler_fn but for its context. */
void graph_post(struct graph *g, struct http_request *req);
/* graph_refuse answers what is not the events edge, as Meta does. */
void graph_refuse(struct graph *g, struct http_request *req);

#endif
