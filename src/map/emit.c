/* SPDX-License-Identifier: Apache-2.0 */
/* See emit.h. Each target is evaluated, written by its field's type and noted for the checks; a
 * target without a value leaves nothing behind, not even its key. */
#include "map/emit.h"

#include "map/explain.h"
#include "map/url.h"
#include "map/write.h"

#include <assert.h>
#include <stdio.h>

/* Where a target is, as people write it: event_id, user_data.em, custom_data.value. */
static struct str path_of(struct emitter *e, enum meta_section section, const struct target *t)
{
    struct str name = meta_section_name(section);
    if (section == META_EVENT) return t->name;
    return arena_printf(&e->job->run->scratch, "%.*s.%.*s", STR_ARG(name), STR_ARG(t->name));
}

/* The event is dead because the expression said so. */
bool emit_dead_expr(struct emitter *e, struct str path, const struct expr *expr)
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
    outcome_set(job->outcome, reason, path.p, "%.*s: %s (%.*s line %u)", STR_ARG(path), why,
                STR_ARG(file), source.loc.line);
    return false;
}

bool emit_small(struct emitter *e)
{
    if (e->job->out->n - e->start <= LIMIT_OUT_EVENT_BYTES) return true;
    outcome_set(e->job->outcome, REASON_OUTPUT_TOO_LARGE, NULL,
                "the Meta event is larger than %zu bytes", LIMIT_OUT_EVENT_BYTES);
    return false;
}

void emit_note(struct emitter *e, const struct meta_field *field, const struct value *v,
               struct str json)
{
    struct meta_facts *facts = &e->facts;
    meta_facts_note(facts, meta_field_index(field));
    /* Words and codes have nothing to escape: the text is what is between the quotes. */
    struct str quoted = json.n >= 2 ? str_of(json.p + 1, json.n - 2) : S("");
    switch (field->type) {
    case META_TIME: facts->has_time = write_time(v, &facts->event_time_ms); break;
    case META_CURRENCY: facts->currency = arena_str(&e->job->run->scratch, quoted); break;
    case META_MONEY: facts->has_value |= str_eq(field->name, S("value")); break;
    case META_ENUM:
        if (str_eq(field->name, S("action_source"))) {
            facts->action_source = arena_str(&e->job->run->scratch, quoted);
        }
        break;
    case META_TEXT:
        if (str_eq(field->name, S("event_name"))) (void)write_scalar(v, &facts->event_name);
        break;
    case META_NUMBER:
    case META_INTEGER:
    case META_BOOL:
    case META_TEXTS:
    case META_CONTENTS:
    case META_DATE:
    case META_JSON: break;
    }
}

bool emit_known(struct emitter *e, const struct meta_field *field, struct str key,
                const struct value *v)
{
    struct buf *out = e->job->out;
    size_t mark = out->n;
    json_comma(out);
    buf_put(out, key);
    size_t value = out->n;
    if (!write_value(out, field, v)) {
        buf_cut(out, mark);
        return false;
    }
    if (field) emit_note(e, field, v, buf_since(out, value));
    return true;
}

/* Only for verdicts: it is slow. */
static struct str item_path(struct emitter *e, const struct target *t, size_t index,
                            struct str name)
{
    struct str list = path_of(e, META_CUSTOM, t);
    return arena_printf(&e->job->run->scratch, "%.*s[%zu].%.*s", STR_ARG(list), index,
                        STR_ARG(name));
}

/* Writes one object of the list; *keep is false when it is left out. */
static bool put_item(struct emitter *e, const struct target *t, size_t index, bool *keep)
{
    struct job *job = e->job;
    struct buf *out = job->out;
    size_t mark = out->n;
    bool has_id = false;
    json_comma(out);
    buf_putc(out, '{');
    size_t start = out->n;
    for (size_t i = 0; i < t->items->count; i++) {
        const struct target *field = t->items->items[i];
        struct value v = expr_eval(field->expr, &job->eval);
        if (job->eval.verdict == EXPR_SKIP_ITEM) {
            job->eval.verdict = EXPR_OK;
            buf_cut(out, start);
            break;
        }
        if (job->eval.verdict != EXPR_OK) {
            return emit_dead_expr(e, item_path(e, t, index, field->name), field->expr);
        }
        size_t before = out->n;
        json_comma(out);
        buf_put(out, field->key);
        if (!write_value(out, field->field, &v)) {
            buf_cut(out, before);
        } else if (str_eq(field->name, S("id"))) {
            has_id = true;
        }
    }
    *keep = out->n > start;
    if (!*keep) {
        buf_cut(out, mark);
        return true;
    }
    buf_putc(out, '}');
    if (has_id || !t->field || t->field->type != META_CONTENTS) return emit_small(e);
    struct str path = item_path(e, t, index, S("id"));
    outcome_set(job->outcome, REASON_INVALID_CONTENTS, path.p,
                "an entry of contents has no id; `| or_skip` leaves such entries out");
    return false;
}

/* The list form with fields: a list of objects. */
static bool put_items(struct emitter *e, const struct target *t, const struct value *list)
{
    struct job *job = e->job;
    struct buf *out = job->out;
    struct value_walk walk = value_walk(list);
    size_t mark = out->n, index = 0, count = 0;
    bool alive = true;
    json_comma(out);
    buf_put(out, t->key);
    size_t value = out->n;
    buf_putc(out, '[');
    while (alive && index < LIMIT_EACH_ITEMS && value_next(&walk, &job->eval.item)) {
        bool keep = false;
        alive = put_item(e, t, index++, &keep);
        count += keep;
    }
    job->eval.item = (struct value){.kind = VALUE_MISSING};
    if (!alive) return false;
    buf_putc(out, ']');
    if (!count) {
        buf_cut(out, mark);
    } else if (t->field) {
        emit_note(e, t->field, list, buf_since(out, value));
    }
    return true;
}

/* The list form with a value per item. */
static struct value each_value(struct job *job, const struct target *t, const struct value *list)
{
    struct value_walk walk = value_walk(list);
    size_t most = value_length(list), count = 0;
    if (most > LIMIT_EACH_ITEMS) most = LIMIT_EACH_ITEMS;
    struct value *items = arena_array(&job->run->scratch, struct value, most);
    for (size_t i = 0; i < most && value_next(&walk, &job->eval.item); i++) {
        struct value v = expr_eval(t->each_value, &job->eval);
        if (job->eval.verdict == EXPR_SKIP_ITEM) {
            job->eval.verdict = EXPR_OK;
            continue;
        }
        if (job->eval.verdict != EXPR_OK) break;
        if (!value_is_null(&v) && v.kind != VALUE_LIST) items[count++] = v;
    }
    job->eval.item = (struct value){.kind = VALUE_MISSING};
    return (struct value){.kind = VALUE_LIST, .items = items, .count = count};
}

/* Is everything missing that the target reads? */
static bool has_nothing(const struct emitter *e, const struct target *t)
{
    if (!t->reads) return false;
    for (size_t i = 0; i < t->read_words; i++) {
        if (t->reads[i] & e->job->present[i]) return false;
    }
    return true;
}

bool emit_evaluate(struct emitter *e, enum meta_section section, const struct target *t,
                   struct value *v)
{
    struct job *job = e->job;
    const struct expr *expr = t->each ? t->each : t->expr;
    if (job->eval.explain) {
        explain_target(job->eval.explain, meta_section_name(section), t->name, t->loc);
    }
    if (t->literal.p) {
        *v = value_text(t->literal);
        return true;
    }
    *v = (struct value){.kind = VALUE_MISSING};
    if (t->is_plain_list) return written_list(e, path_of(e, section, t), t, v);
    if (t->members || has_nothing(e, t)) return true;
    assert(expr);
    *v = expr_eval(expr, &job->eval);
    if (job->eval.verdict == EXPR_OK && t->each_value) {
        expr = t->each_value;
        *v = each_value(job, t, v);
    }
    if (job->eval.verdict == EXPR_OK) return true;
    return emit_dead_expr(e, path_of(e, section, t), expr);
}

void emit_tell(struct emitter *e, size_t mark)
{
    if (e->job->eval.explain) {
        explain_written(e->job->eval.explain, buf_since(e->job->out, mark));
    }
}

/* A mapped value that its field cannot take. Most are left out; without these two the event would say
 * something else. */
static bool may_leave_out(struct emitter *e, const struct meta_field *field, const struct value *v)
{
    if (!field || value_is_empty(v)) return true;
    if (field->section == META_EVENT && str_eq(field->name, S("action_source"))) {
        outcome_set(e->job->outcome, REASON_INVALID_ACTION_SOURCE, "action_source",
                    "action_source is not one of the words that Meta knows");
        return false;
    }
    if (field->section == META_CUSTOM && field->type == META_MONEY) {
        struct str path =
            arena_printf(&e->job->run->scratch, "custom_data.%.*s", STR_ARG(field->name));
        outcome_set(e->job->outcome, REASON_INVALID_VALUE, path.p, "%.*s is not a number",
                    STR_ARG(path));
        return false;
    }
    return true;
}

/* Writes targets[0 .. count) of the event's level or of custom_data. */
static bool put_targets(struct emitter *e, enum meta_section section, const struct targets *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct target *t = list->items[i];
        struct value v;
        size_t mark = e->job->out->n;
        if (!emit_evaluate(e, section, t, &v)) return false;
        bool written = t->members && !t->is_plain_list;
        if (value_is_null(&v) && !written) {
            emit_tell(e, mark);
            continue;
        }
        if (t->address && v.kind == VALUE_TEXT) {
            v.text = url_clean(e->job->plan, v.text, &e->job->run->scratch);
        }
        bool alive = written ? written_put(e, section, t)
                     : t->items
                         ? put_items(e, t, &v)
                         : emit_known(e, t->field, t->key, &v) || may_leave_out(e, t->field, &v);
        if (!alive || !emit_small(e)) return false;
        if (section == META_CUSTOM) e->written[i] = e->job->out->n > mark;
        emit_tell(e, mark);
    }
    return true;
}

static bool put_custom_data(struct emitter *e)
{
    struct buf *out = e->job->out;
    size_t mark = out->n;
    json_key(out, S("custom_data"));
    buf_putc(out, '{');
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

bool emit_event(struct job *job, const struct program *fill, int64_t *deadline_ms)
{
    struct emitter e = {.job = job, .fill = fill, .start = job->out->n};
    buf_putc(job->out, '{');
    if (!put_targets(&e, META_EVENT, &fill->event)) return false;
    if (!user_put(&e) || !put_custom_data(&e)) return false;
    buf_putc(job->out, '}');
    if (!meta_check(&e.facts, job->eval.now_ms, job->outcome)) return false;
    if (!is_whole_website(&e)) return false;
    *deadline_ms = e.facts.event_time_ms + meta_max_age_ms(e.facts.action_source);
    return true;
}
