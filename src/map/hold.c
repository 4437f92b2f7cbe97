/* SPDX-License-Identifier: Apache-2.0 */
/* See hold.h. */
#include "map/hold.h"

/* --- compiling ---------------------------------------------------------------------------------- */

static bool names_store(const struct mappings *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        const struct mapping *m = &fields->items[i];
        if (str_eq(m->target.text, S("action_source")) && m->form == MAPPING_EXPRESSION &&
            str_find(m->expr.text, S("physical_store"), 0) != SIZE_MAX)
            return true;
    }
    return false;
}

/* Do the rules make events of a shop, which Meta takes for 62 days? */
static bool has_store(const struct destination_conf *d)
{
    if (!d) return false;
    if (names_store(&d->fields)) return true;
    for (size_t i = 0; i < d->action_count; i++) {
        if (names_store(&d->actions[i].fields)) return true;
    }
    return false;
}

static void check(struct compiler *c, const struct hold_conf *conf, struct table *names)
{
    struct str name = conf->name.text;
    if (table_get(names, name)) {
        diag_add(c->diags, conf->name.loc, "a second hold is named \"%.*s\"", STR_ARG(name));
    }
    if (!name.n || name.n > LIMIT_NAME_BYTES) {
        diag_add(c->diags, conf->name.loc, "a hold's name has 1 to %d bytes", LIMIT_NAME_BYTES);
    }
    if (conf->within_ms > META_MAX_AGE_MS && !has_store(c->own) && !has_store(c->preset)) {
        diag_add(
            c->diags, conf->name.loc,
            "hold \"%.*s\": `within` is longer than 7d, after which Meta takes no event but of "
            "action_source physical_store",
            STR_ARG(name));
    }
    table_put(names, c->arena, name, names);
}

static struct trigger *compile_trigger(const struct expr_scope *scope, struct text text)
{
    return text.text.p ? trigger_compile(scope, text) : NULL;
}

void holds_compile(struct compiler *c)
{
    const struct destination_conf *d = c->own->hold_count || !c->preset ? c->own : c->preset;
    struct expr_scope scope = {c->plan->paths, false, c->arena, c->diags, NULL};
    struct table names = {0};
    c->plan->holds = arena_array(c->arena, struct hold, d->hold_count);
    c->plan->hold_count = d->hold_count;
    for (size_t i = 0; i < d->hold_count; i++) {
        const struct hold_conf *conf = &d->holds[i];
        check(c, conf, &names);
        c->plan->holds[i] = (struct hold){
            .name = conf->name.text,
            .loc = conf->name.loc,
            .trigger = compile_trigger(&scope, conf->trigger),
            .until = compile_trigger(&scope, conf->until),
            .cancel = compile_trigger(&scope, conf->cancel),
            .key = expr_compile(&scope, conf->key),
            .until_key = expr_compile(&scope, conf->until_key.text.p ? conf->until_key : conf->key),
            .within_ms = conf->within_ms,
            .then = conf->then,
        };
    }
}

/* --- running ------------------------------------------------------------------------------------ */

/* The key's text, which is never empty; false when there is none. */
static bool find_key(struct job *job, const struct expr *e, struct str *text)
{
    struct explain *explain = job->eval.explain;
    job->eval.explain = NULL; /* its sources belong to no parameter */
    struct value v = expr_eval(e, &job->eval);
    job->eval.explain = explain;
    job->eval.verdict = EXPR_OK;
    return value_scalar_text(&v, text) && text->n;
}

/* A listener is told of the holds that the event has to do with. */
static void tell(const struct job *job, const struct hold *hold, const char *what)
{
    if (job->eval.explain) {
        explain_note(job->eval.explain, hold->loc, "hold \"%.*s\": %s", STR_ARG(hold->name), what);
    }
}

void holds_confirm(struct job *job, struct translation *t)
{
    for (size_t i = 0; i < job->plan->hold_count; i++) {
        const struct hold *hold = &job->plan->holds[i];
        bool cancels = hold->cancel && trigger_test(hold->cancel, &job->eval);
        struct str text;
        if (!cancels && !trigger_test(hold->until, &job->eval)) continue;
        if (!find_key(job, hold->until_key, &text)) {
            tell(job, hold, "confirms or cancels nothing, because it has no key");
            continue;
        }
        tell(job, hold,
             cancels ? "cancels what waits with its key" : "confirms what waits with its key");
        t->confirms[t->confirm_count++] = (struct confirms){
            hold->name, hold_key_make(hold->name, text), hold->within_ms, cancels};
    }
}

static void add(const struct job *job, const struct hold *hold, struct str text,
                struct translation *t)
{
    int64_t received_ms = job->event->event->received_ms, deadline_ms = translation_deadline_ms(t);
    if (!received_ms) received_ms = job->eval.now_ms; /* a command's: as if it came now */
    if (hold->then == HOLD_SEND) deadline_ms -= LIMIT_HOLD_MARGIN_MS;
    struct held_by *held = &t->holds[t->hold_count++];
    *held = (struct held_by){
        .name = hold->name,
        .key_text = text,
        .key = hold_key_make(hold->name, text),
        .since_ms = received_ms,
        .until_ms = received_ms + hold->within_ms,
        .within_ms = hold->within_ms,
        .then = hold->then,
    };
    if (deadline_ms < held->until_ms) held->until_ms = deadline_ms;
}

bool holds_meet(struct job *job, struct translation *t)
{
    for (size_t i = 0; i < job->plan->hold_count; i++) {
        const struct hold *hold = &job->plan->holds[i];
        struct str text;
        if (!trigger_test(hold->trigger, &job->eval)) continue;
        if (!find_key(job, hold->key, &text)) {
            outcome_set(job->outcome, REASON_MISSING_FIELD, "hold.key",
                        "hold \"%.*s\" matches, but the event has no key for it",
                        STR_ARG(hold->name));
            tell(job, hold, "matches, but the event has no key");
            return false;
        }
        tell(job, hold, "the event waits for it");
        add(job, hold, text, t);
    }
    return true;
}
