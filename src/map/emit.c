/* SPDX-License-Identifier: Apache-2.0 */
/* See emit.h. Each target is evaluated, written by its field's type and noted for the checks; a
 * target without a value leaves nothing behind, not even its key. */
#include "map/emit.h"

#include "map/explain.h"
#include "map/filter.h"
#include "map/write.h"

#include <stdio.h>

bool emit_dead(struct emitter *e, struct str path, const struct expr *expr)
{
    struct job *job = e->job;
    struct text source = expr_text(expr);
    bool missing = job->eval.verdict == EXPR_MISSING;
    enum reason reason = missing ? REASON_MISSING_FIELD : REASON_INVALID_VALUE;
    if (str_eq(path, S("event_time"))) reason = REASON_MISSING_EVENT_TIME;
    const char *why = missing             ? "required, but there is no value"
                      : job->eval.message ? job->eval.message
                                          : "has the wrong form";
    struct str file = source.loc.file ? source.loc.file->name : S("the mapping");
    struct str z = arena_str(&job->run->scratch, path);
    outcome_set(job->outcome, reason, z.p, "%.*s: %s (%.*s line %u)", STR_ARG(path), why,
                STR_ARG(file), source.loc.line);
    return false;
}

bool emit_too_large(struct emitter *e)
{
    outcome_set(e->job->outcome, REASON_OUTPUT_TOO_LARGE, NULL,
                "the Meta event is larger than %zu bytes", LIMIT_OUT_EVENT_BYTES);
    return false;
}

/* The event's own word of that field. */
static bool is_own(const struct meta_field *field, struct str name)
{
    return field->section == META_EVENT && str_eq(field->name, name);
}

/* A code has nothing to escape: the text is what is between the quotes. */
static struct str keep_quoted(struct emitter *e, size_t mark)
{
    struct str json = buf_since(e->job->out, mark);
    return json.n < 2 ? S("") : arena_str(&e->job->run->scratch, str_of(json.p + 1, json.n - 2));
}

/* Notes of what was written since mark what the checks ask for besides that it is there. */
static void note_words(struct emitter *e, const struct meta_field *field, const struct value *v,
                       size_t mark)
{
    struct meta_facts *facts = &e->facts;
    switch ((int)field->type) {
    case META_CURRENCY: facts->currency = keep_quoted(e, mark); break;
    case META_MONEY: facts->has_value |= str_eq(field->name, S("value")); break;
    case META_ENUM:
        if (is_own(field, S("action_source"))) facts->action_source = *write_word(field, v);
        if (is_own(field, S("messaging_channel"))) facts->messaging_channel = *write_word(field, v);
        break;
    case META_TEXT:
        if (is_own(field, S("event_name"))) (void)write_scalar(v, &facts->event_name);
        break;
    default: break;
    }
}

static inline void note_fact(struct emitter *e, const struct meta_field *field,
                             const struct value *v, size_t mark)
{
    enum { WORDS = 1U << META_CURRENCY | 1U << META_MONEY | 1U << META_ENUM | 1U << META_TEXT };
    meta_facts_note(&e->facts, meta_field_index(field));
    if (1U << field->type & WORDS) note_words(e, field, v, mark);
}

/* The event's own time is asked for by the checks. */
static bool put_time(struct emitter *e, const struct value *v)
{
    enum { MS_DIGITS = 13 };
    int64_t ms;
    bool made = filter_time(&e->job->eval, v, &ms);
    if (!made && !write_time(v, &ms)) return false;
    if (made && v->text.n == MS_DIGITS) { /* without the last three these are seconds */
        buf_put(e->job->out, str_head(v->text, MS_DIGITS - 3));
    } else {
        write_seconds(e->job->out, ms);
    }
    e->facts.has_time = true;
    e->facts.event_time_ms = ms - ms % MS_PER_SECOND; /* as Meta sees it */
    return true;
}

/* Of what people write, or the company made up, only what is not personal; nothing leaves no text. */
static bool put_free_text(struct emitter *e, struct str name, const struct value *v)
{
    struct buf *out = e->job->out;
    size_t mark = out->n;
    struct str text;
    if (!write_scalar(v, &text) || !redact_put_text(e, name, text)) return false;
    if (out->n - mark > S("\"\"").n) return true;
    buf_cut(out, mark);
    return false;
}

static bool put_value(struct emitter *e, const struct meta_field *field, struct str name,
                      const struct value *v)
{
    if (value_is_null(v)) return false;
    if (!field) return redact_put(e, name, v);
    if (field->free_text) return put_free_text(e, name, v);
    switch ((int)field->type) {
    case META_JSON: return redact_put(e, name, v);
    case META_OBJECT:
    case META_SLOTS:
    case META_CONTENTS: return nested_known(e, field, v);
    case META_TIME:
        if (field->section == META_EVENT) return put_time(e, v);
        break;
    default: break;
    }
    return write_value(e->job->out, field, v);
}

/* emit_value; inline, because the call takes as long as what is done for most values. */
static inline bool put_noted(struct emitter *e, const struct meta_field *field, struct str name,
                             const struct value *v)
{
    size_t mark = e->job->out->n;
    if (field && field->type == META_TEXT && !field->free_text && v->kind == VALUE_TEXT) {
        if (!v->text.n) return false; /* what put_value does too, for the most frequent kind */
        json_put_str(e->job->out, v->text);
        meta_facts_note(&e->facts, meta_field_index(field));
        return true;
    }
    if (!put_value(e, field, name, v)) return false;
    if (field) note_fact(e, field, v, mark);
    return true;
}

bool emit_value(struct emitter *e, const struct meta_field *field, struct str name,
                const struct value *v)
{
    return put_noted(e, field, name, v);
}

bool emit_named(struct emitter *e, const struct meta_field *field, struct str name,
                const struct value *v)
{
    struct buf *out = e->job->out;
    size_t mark = out->n;
    json_key(out, name);
    if (emit_value(e, field, name, v)) return true;
    buf_cut(out, mark);
    return false;
}

const struct value *emit_compute(struct emitter *e, const struct target *t, struct value *made)
{
    static const struct value missing = {.kind = VALUE_MISSING};
    const struct value *v = &missing;
    struct eval *eval = &e->job->eval;
    if (t->form == FORM_FIXED) {
        *made = value_text(t->fixed);
        return made;
    }
    if (t->expr && emit_nothing(e, t)) return v; /* no list either */
    if (emit_is_plain(e, t)) {
        v = emit_plain(e, t);
    } else if (t->expr) {
        v = expr_get(t->expr, eval, made);
        if (eval->verdict != EXPR_OK) {
            (void)emit_dead(e, t->path, t->expr); /* always false */
            return NULL;
        }
    }
    if (t->form != FORM_EACH && t->form != FORM_LIST) return v;
    return nested_values(e, t, v, made) ? made : NULL;
}

/* A mapped value that its field cannot take. Most are left out; without these two the event would say
 * something else. */
static bool may_leave_out(struct emitter *e, const struct target *t, const struct value *v)
{
    const struct meta_field *field = t->field;
    if (!field || value_is_empty(v)) return true;
    if (is_own(field, S("action_source"))) {
        outcome_set(e->job->outcome, REASON_INVALID_ACTION_SOURCE, "action_source",
                    "action_source is not one of the words that Meta knows");
        return false;
    }
    if (field->section == META_CUSTOM && field->type == META_MONEY) {
        struct str path = arena_str(&e->job->run->scratch, t->path);
        outcome_set(e->job->outcome, REASON_INVALID_VALUE, path.p, "%.*s is not a number",
                    STR_ARG(path));
        return false;
    }
    return true;
}

/* The value of a target that is an address. */
static bool put_address(struct emitter *e, const struct target *t, const struct value *v)
{
    size_t mark = e->job->out->n;
    if (!redact_put_address(e, t->page_only, v->text)) return false;
    if (buf_since(e->job->out, mark).n == S("\"\"").n) return false;
    note_fact(e, t->field, v, mark);
    return true;
}

static bool put_keyed(struct emitter *e, const struct target *t, const struct value *v)
{
    struct buf *out = e->job->out;
    size_t mark = out->n;
    json_comma(out);
    buf_put(out, t->key);
    bool address = t->address && v->kind == VALUE_TEXT;
    if (address ? put_address(e, t, v) : put_noted(e, t->field, t->name, v)) return true;
    buf_cut(out, mark);
    return false;
}

/* The event's name as it was written when the plan was compiled. */
static bool put_ready(struct emitter *e, const struct target *t)
{
    json_comma(e->job->out);
    buf_put(e->job->out, t->ready);
    meta_facts_note(&e->facts, meta_field_index(t->field));
    e->facts.event_name = t->fixed;
    return true;
}

bool emit_target(struct emitter *e, const struct target *t)
{
    struct value made;
    const struct value *v;
    if (t->form == FORM_EXPRESSION && emit_is_plain(e, t)) {
        v = emit_plain(e, t);
    } else if (t->ready.n) {
        return put_ready(e, t);
    } else if (t->form == FORM_OBJECT || t->form == FORM_ARRAY) {
        return nested_written(e, t);
    } else {
        v = emit_compute(e, t, &made);
        if (!v) return false;
        if (t->form == FORM_EACH_OBJECT) return value_is_null(v) || nested_items(e, t, v);
    }
    if (value_is_null(v)) return true;
    return (put_keyed(e, t, v) || may_leave_out(e, t, v)) && emit_small(e);
}

/* Some fields say something only with one action_source, which is written before them. */
static bool is_wanted(const struct emitter *e, const struct target *t)
{
    return !t->field || !t->field->only_from.n ||
           str_eq(t->field->only_from, e->facts.action_source);
}

/* Writes the targets of the event's level or of custom_data. */
static bool put_targets(struct emitter *e, enum meta_section section, const struct targets *list)
{
    const struct buf *out = e->job->out;
    bool told = e->job->eval.explain;
    for (size_t i = 0; (i = emit_next(e, list, i)) < list->count; i++) {
        const struct target *t = list->items[i];
        size_t mark = out->n;
        if (told) emit_begin(e, section, t);
        if (is_wanted(e, t) && !emit_target(e, t)) return emit_fail(e);
        if (section == META_CUSTOM) e->written[i] = out->n > mark;
        if (told) emit_tell(e, mark);
    }
    return true;
}

static bool put_custom_data(struct emitter *e)
{
    struct buf *out = e->job->out;
    size_t mark = out->n;
    buf_put(out, S(",\"custom_data\":{")); /* behind user_data */
    size_t start = out->n;
    e->written = arena_array(&e->job->run->scratch, bool, e->fill->custom.count);
    if (!put_targets(e, META_CUSTOM, &e->fill->custom) || !custom_pass(e)) return false;
    if (out->n == start) {
        buf_cut(out, mark);
    } else {
        buf_putc(out, '}');
    }
    return emit_small(e);
}

/* What the destination demands of events from a website (its website_needs). */
static bool is_whole_website(struct emitter *e)
{
    const struct plan *plan = e->job->plan;
    if (!str_eq(e->facts.action_source, S("website"))) return true;
    for (size_t i = 0; i < plan->website_need_count; i++) {
        const struct meta_field *field = plan->website_needs[i];
        if (meta_facts_has(&e->facts, meta_field_index(field))) continue;
        bool of_user = field->section == META_USER;
        struct str path = arena_printf(&e->job->run->scratch, "%s%.*s", of_user ? "user_data." : "",
                                       STR_ARG(field->name));
        outcome_set(e->job->outcome, REASON_MISSING_FIELD, path.p,
                    "an event whose action_source is website needs %.*s here; say where it is, or "
                    "that the event comes from somewhere else",
                    STR_ARG(field->name));
        return false;
    }
    return true;
}

/* Two words of the rows of these slots. */
static void add_readers(const uint64_t *rows, size_t words, uint64_t slots, uint64_t wanted[2])
{
    uint64_t first = wanted[0], second = wanted[1];
    for (; slots; slots &= slots - 1) {
        const uint64_t *row = rows + (size_t)__builtin_ctzll(slots) * words;
        first |= row[0];
        second |= row[1];
    }
    wanted[0] = first;
    wanted[1] = second;
}

/* One pass over what the event has says which targets may have a value: a fifth of the instructions of
 * asking each of them (make guard). */
static void find_wanted(struct emitter *e)
{
    const struct program *p = e->fill;
    size_t words = p->target_words;
    e->wanted = arena_array(&e->job->run->scratch, uint64_t, words + 1); /* pairs are written */
    if (e->job->eval.explain) {
        memset(e->wanted, 0xFF, words * sizeof *e->wanted);
        return;
    }
    for (const struct readers *r = p->readers; r < p->readers + p->reader_count; r++) {
        uint64_t slots = e->job->present[r->slots] & r->some;
        for (size_t k = 0; slots && k < r->words; k += 2) {
            add_readers(r->rows + k, r->words, slots, e->wanted + r->first + k);
        }
    }
}

bool emit_event(struct job *job, const struct program *fill, int64_t *deadline_ms)
{
    struct emitter e = {.job = job, .fill = fill, .start = job->out->n};
    for (size_t i = 0; job->eval.explain && i < fill->withheld.count; i++) {
        explain_withheld(job->eval.explain, S(""), fill->withheld.items[i]->path);
    }
    user_begin(&e);
    find_wanted(&e);
    if (e.may_know) persons_fetch(job->run->persons, &e.person);
    buf_putc(job->out, '{');
    if (!put_targets(&e, META_EVENT, &fill->event)) return false;
    if (!user_put(&e) || !put_custom_data(&e)) return false;
    buf_putc(job->out, '}');
    if (!meta_check(&e.facts, job->eval.now_ms, job->outcome)) return false;
    if (!is_whole_website(&e)) return false;
    *deadline_ms = e.facts.event_time_ms + meta_max_age_ms(e.facts.action_source);
    return true;
}
