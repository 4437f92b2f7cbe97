/* SPDX-License-Identifier: Apache-2.0 */
/* What Meta refuses, checked before sending, because one bad event can cost a whole request. Each
 * check has a reason code and the path of the field. Used on the way out and by the sandbox. */
#ifndef META_CHECK_H
#define META_CHECK_H

#include "core/outcome.h"
#include "meta/fields.h"

enum { META_FIELD_WORDS = 4 }; /* bits for meta_fields: room for 256 */

/* What the runner noted while it wrote one event. */
struct meta_facts {
    struct str event_name;
    bool has_time;
    int64_t event_time_ms;
    struct str action_source;     /* lower case; empty when absent */
    struct str messaging_channel; /* empty when absent */
    struct str currency;          /* empty when absent */
    bool has_value;
    uint64_t present[META_FIELD_WORDS]; /* one bit per meta_fields index that was written */
};

static inline void meta_facts_note(struct meta_facts *facts, size_t field_index)
{
    facts->present[field_index / 64] |= (uint64_t)1 << (field_index % 64);
}

static inline bool meta_facts_has(const struct meta_facts *facts, size_t field_index)
{
    return facts->present[field_index / 64] >> (field_index % 64) & 1;
}

/* meta_check sets o and returns false when Meta would refuse the event at now_ms. */
bool meta_check(const struct meta_facts *facts, int64_t now_ms, struct outcome *o);
/* meta_check_content is for each entry of contents: without an id Meta refuses the event. */
bool meta_check_content(bool has_id, size_t index, struct outcome *o);
/* meta_max_age_ms is how old an event of this action source may be. */
int64_t meta_max_age_ms(struct str action_source);
/* meta_is_currency: an ISO 4217 code, in capitals? */
bool meta_is_currency(struct str code);
/* meta_is_standard_event: one of the 17 standard events or PageView? */
bool meta_is_standard_event(struct str name);
/* The standard events, for docs, checks and suggestions. */
extern const struct str meta_standard_events[];
extern const size_t meta_standard_event_count;

#endif
