/* SPDX-License-Identifier: Apache-2.0 */
/* The few things that lists and filters want to know of any event, whatever protocol it came in: what
 * happened, who did it, what it was worth. Read by expressions in the Segment specification's names, like
 * every rule. Not for sending anything: that is the plan's. */
#ifndef MAP_FACTS_H
#define MAP_FACTS_H

#include "map/plan.h"

/* X(NAME, "name", "expression") */
#define FACTS(X)                                                                                   \
    X(TYPE, "type", "type")                                                                        \
    X(EVENT, "event", "event || type")                                                             \
    X(USER, "user_id", "userId")                                                                   \
    X(VISITOR, "anonymous_id", "anonymousId")                                                      \
    X(EMAIL, "email", "traits.email || context.traits.email || properties.email | trim | lower")   \
    X(URL, "url", "context.page.url || properties.url")                                            \
    X(ORDER, "order_id", "properties.order_id || properties.orderId")                              \
    X(VALUE, "value", "properties.revenue || properties.value || properties.total | number")       \
    X(CURRENCY, "currency", "properties.currency | upper")

enum fact {
#define X(NAME, name, expression) FACT_##NAME,
    FACTS(X)
#undef X
        FACT_COUNT
};

struct facts;

/* facts_new compiles the table. One thread at a time uses it; facts_free ends it. */
struct facts *facts_new(void);
void facts_free(struct facts *f);
/* facts_read fills out[FACT_COUNT]; n = 0 where the event does not say. The texts live until the next
 * call. e is what run_parse made (and a view, if its source has one). */
void facts_read(struct facts *f, const struct parsed_event *e, struct str out[FACT_COUNT]);

#endif
