/* SPDX-License-Identifier: Apache-2.0 */
/* The evaluation of expressions: one step after the other, without recursion, that allocates only in the
 * run's scratch. Most of what is looked at is passed over, so values are borrowed from the slots; what had
 * to be made is in the caller's *made. */
#include "map/explain.h"
#include "map/tree.h"

static const struct value missing = {.kind = VALUE_MISSING};

/* The first of the slots that has something; NULL: none. */
static inline const struct value *find_first(const struct value *slots, const uint32_t *of)
{
    for (; *of != SLOT_NONE; of++) {
        if (!value_is_empty(&slots[*of])) return &slots[*of];
    }
    return NULL;
}

static const struct value *run_filter(const struct use *use, struct eval *ev, const struct value *v,
                                      struct value *made)
{
    struct filter_call call = {ev, use};
    bool passes = value_is_null(v) && use->filter->input != FILTER_ANY; /* nothing to take */
    if (!ev->explain) {
        if (passes) return &missing;
        *made = filter_apply(&call, *v);
        return made;
    }
    struct value before = *v;
    *made = passes ? missing : filter_apply(&call, before);
    explain_filter(ev->explain, use->written, &before, made);
    return made;
}

const struct value *expr_get(const struct expr *e, struct eval *ev, struct value *made)
{
    const struct step *steps = ev->explain ? e->told : e->steps, *step = steps;
    const struct value *v = &missing, *first;
    const struct str *won = NULL;
    ev->verdict = EXPR_OK;
    ev->message = NULL;
    for (;; step++) {
        switch (step->kind) {
        case STEP_END: return v;
        case STEP_SLOT: v = &ev->slots[step->slot]; continue;
        case STEP_FIRST:
            first = find_first(ev->slots, step->slots);
            v = first ? first : &missing;
            if (first) break;
            continue;
        case STEP_MEMBER: v = &ev->members[step->member]; continue;
        case STEP_FIELD:
            *made = field_eval(step->field, ev);
            v = made;
            continue;
        case STEP_LITERAL: v = step->literal; continue;
        case STEP_NEED:
            v = &missing;
            if (ev->slots[step->slot].kind == VALUE_MISSING) break;
            continue;
        case STEP_COALESCE:
            if (value_is_null(v)) continue;
            if (!value_is_empty(v)) break;
            step = steps + step->other - 1;
            continue;
        case STEP_ELSE:
            if (!value_is_empty(v)) break;
            continue;
        case STEP_CLEAN:
            if (value_is_empty(v)) v = &missing;
            continue;
        case STEP_SOME:
            if (!value_is_null(v)) continue;
            v = &missing;
            break;
        case STEP_FILTER:
            v = run_filter(step->use, ev, v, made);
            if (ev->verdict != EXPR_OK) return &missing;
            continue;
        case STEP_TELL: explain_source(ev->explain, *step->written, v); continue;
        case STEP_WON: won = step->written; continue;
        case STEP_LAST: explain_source(ev->explain, *won, v); continue;
        }
        step = steps + step->to - 1;
    }
}

struct value expr_eval(const struct expr *e, struct eval *ev)
{
    struct value made;
    return *expr_get(e, ev, &made);
}
