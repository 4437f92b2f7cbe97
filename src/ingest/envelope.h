/* SPDX-License-Identifier: Apache-2.0 */
/* From a request's body to event records. One pass over the body checks it and notes what is where (its
 * outline); the few envelope fields are looked up there, and the events themselves are cut out of the text as
 * they came, byte for byte. A tree is made only of an event that has to be changed, or hashed for an id. */
#ifndef INGEST_ENVELOPE_H
#define INGEST_ENVELOPE_H

#include "base/json.h"
#include "base/outline.h"
#include "conf/config.h"
#include "core/event.h"

/* Where a protocol has what the record of every event needs. All names are of fields. */
struct envelope_form {
    struct str key;   /* beside the events: the source's key; n = 0: never there */
    struct str batch; /* the list of events */
    struct str type;  /* what makes an object an event; n = 0: any object is one */
    struct str id;    /* its message id */
    struct str sent;  /* when the client sent it: in the event, else beside the batch */
    bool list_only;   /* an event never comes without a list */
    bool
        all_or_none; /* a list beyond LIMIT_BATCH_EVENTS is refused, as its clients then send smaller ones */
    bool shares; /* context and integrations beside a batch hold for all its events */
    /* Puts an id for an event without into out, which is empty: the same whenever it comes again; false,
     * with out empty, when it is not known well enough. NULL, or false: the id is random. */
    bool (*make_id)(struct buf *out, yyjson_val *event);
};

struct envelope {
    /* The caller's, before envelope_parse. */
    const struct envelope_form *form;
    struct str route_type;        /* the type of an event that does not say its own; may be empty */
    const struct texts *id_paths; /* dotted paths in an event of its message id, the first that is
                                   * there; NULL: form's */
    bool is_batch; /* the route is for batches (a body without one is still taken as one event) */
    /* What envelope_parse found. */
    struct arena *arena;              /* of the outline, and of texts without their escapes */
    struct outline body;              /* an object */
    const struct outline_node *items; /* the batch; NULL: the body is one event */
    struct str key;                   /* of the body; p = NULL without */
    /* What the batch says for all its events; NULL without. */
    const struct outline_node *context, *integrations;
    bool too_much; /* more of that than LIMIT_SHARED_BYTES: the request cannot be taken */
};

/* envelope_parse reads a body, which must stay as long as e. False and err when it is not a JSON object. */
bool envelope_parse(struct envelope *e, struct str body, struct arena *arena, struct err *err);
/* envelope_str is the text or number at a dotted path of the event, or of the first of the batch; p = NULL
 * without. */
struct str envelope_str(const struct envelope *e, struct str path);
/* envelope_is_event: is a body without a batch an event, with the route's type or its own? */
bool envelope_is_event(const struct envelope *e);

struct envelope_count {
    uint32_t events;   /* records written */
    uint32_t rejected; /* of these: dead on arrival */
    /* What the journal asks of each record (journal/content.h); of those that are rejected 0. In the envelope's
     * arena. */
    const uint32_t *contents;
};

/* envelope_encode appends one record per event to out. common has what all share: received_ms,
 * protocol, flags, source, address, user_agent. Items that are no events become records with a reject
 * reason. False, with out as it was, when the batch has too many items or says too much for all of them,
 * or when the records exceed limit bytes. */
bool envelope_encode(const struct envelope *e, const struct event *common, size_t limit,
                     struct buf *out, struct envelope_count *count);

#endif
