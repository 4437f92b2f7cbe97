/* SPDX-License-Identifier: Apache-2.0 */
/* The user_data of one Meta event: every value normalised and hashed by its field's rules; a value that
 * is refused is left out, and a parameter without values leaves no key behind. */
#include "map/emit.h"

#include "base/text.h"
#include "core/limits.h"
#include "map/decimal.h"
#include "map/write.h"
#include "meta/normalise.h"

/* Click ids and the like leave as they are; false: look closer. */
static inline bool put_as_is(struct buf *out, const struct meta_field *field, struct str text)
{
    bool plain = field->hash == META_PLAIN && field->normalise == normalise_trimmed;
    text = text_trim(text);
    if (!plain || !text.n || text.n > LIMIT_USER_VALUE_BYTES) return false;
    return json_put_plain(out, text);
}

/* The text of a single value. A number is as whoever parses JSON has it, not as it was written: 94105.0, which Python
 * and tables make of 94105, is that postal code. May be in room. */
static bool read_personal(const struct value *v, char room[DECIMAL_TEXT_BYTES], struct str *text)
{
    struct decimal number;
    if (!value_scalar_text(v, text)) return false;
    if (v->kind != VALUE_NUMBER) return true;
    bool whole = str_find_char(*text, '.', 0) == SIZE_MAX &&
                 str_find_char(*text, 'e', 0) == SIZE_MAX &&
                 str_find_char(*text, 'E', 0) == SIZE_MAX;
    if (whole || !decimal_read(*text, &number)) return true;
    decimal_round(&number, DECIMAL_DIGITS); /* only drops zeros behind the point */
    *text = decimal_print(&number, room);
    return true;
}

/* Appends one value of a user_data parameter; nothing when it is refused. */
static void put_personal(struct emitter *e, const struct target *t, const struct value *v,
                         const struct meta_context *who)
{
    struct run *run = e->job->run;
    struct buf *out = e->job->out;
    size_t mark = out->n;
    struct str text;
    char room[DECIMAL_TEXT_BYTES];
    if (!read_personal(v, room, &text)) return;
    buf_clear(&run->personal);
    json_comma(out);
    if (t->field->hash == META_HASHED) { /* hexadecimal: nothing to escape */
        buf_putc(out, '"');
        bool taken = meta_memo_hash(run->memo, t->field, who, text, &run->personal, out);
        buf_putc(out, '"');
        if (!taken) buf_cut(out, mark);
        return;
    }
    if (put_as_is(out, t->field, text)) return;
    buf_clear(&run->plain);
    if (!meta_hash_value(t->field, who, text, &run->personal, &run->plain)) {
        buf_cut(out, mark);
        return;
    }
    struct value plain = value_text(buf_str(&run->plain));
    if (t->field->type == META_INTEGER && write_value(out, t->field, &plain)) return;
    json_put_str(out, plain.text);
}

/* Appends the values; returns how many were taken. A single value goes without a list. */
static size_t put_values(struct emitter *e, const struct target *t, const struct value *v,
                         const struct meta_context *who)
{
    struct buf *out = e->job->out;
    size_t start = out->n, count = 0;
    if (v->kind != VALUE_NODE && v->kind != VALUE_LIST) {
        put_personal(e, t, v, who);
        return out->n > start;
    }
    struct value_walk walk = value_walk(v);
    struct value item;
    while (count < LIMIT_USER_VALUES && value_next(&walk, &item)) {
        size_t before = out->n;
        put_personal(e, t, &item, who);
        count += out->n > before;
        if (count && !t->field->list) break;
    }
    if (count < 2) return count;
    buf_reserve(out, 2);
    memmove(out->p + start + 1, out->p + start, out->n - start);
    out->p[start] = '[';
    out->n++;
    buf_putc(out, ']');
    return count;
}

static bool put_parameter(struct emitter *e, const struct target *t, const struct meta_context *who)
{
    struct buf *out = e->job->out;
    struct value made;
    size_t mark = out->n;
    emit_begin(e, META_USER, t);
    const struct value *v = emit_evaluate(e, t, &made);
    if (!v) return emit_fail(e);
    if (!value_is_null(v)) {
        json_comma(out);
        buf_put(out, t->key);
        if (put_values(e, t, v, who)) {
            meta_facts_note(&e->facts, meta_field_index(t->field));
        } else {
            buf_cut(out, mark);
        }
    }
    emit_tell(e, mark);
    return emit_small(e);
}

/* The country decides how phone, state and postal code are read, so it is looked at first. */
static struct str find_country(struct emitter *e, const struct meta_context *who)
{
    struct job *job = e->job;
    const struct target *t = e->fill->country;
    struct str text;
    struct explain *explain = job->eval.explain;
    buf_clear(&job->run->country);
    if (!t || t->form != FORM_EXPRESSION) return S("");
    job->eval.explain = NULL; /* it is told when its turn comes */
    struct value made;
    const struct value *v = expr_get(t->expr, &job->eval, &made);
    job->eval.explain = explain;
    job->eval.verdict = EXPR_OK;
    if (!write_scalar(v, &text)) return S("");
    if (!t->field->normalise(who, text, &job->run->country)) return S("");
    return buf_str(&job->run->country);
}

static bool put_parameters(struct emitter *e, const struct meta_context *who, size_t from,
                           size_t to)
{
    const struct targets *list = &e->fill->user;
    for (size_t i = from; (i = emit_next(e, list, i)) < to; i++) {
        if (!put_parameter(e, list->items[i], who)) return false;
    }
    return true;
}

/* The parameters that are kept together for when the person comes again; the country is only looked at by
 * these. */
static bool put_person(struct emitter *e)
{
    struct job *job = e->job;
    struct persons *persons = job->run->persons;
    uint64_t fields[META_FIELD_WORDS]; /* those that are new */
    size_t mark = job->out->n;
    if (e->may_know && persons_get(persons, &e->person, job->out, &e->facts)) return emit_small(e);
    memcpy(fields, e->facts.present, sizeof fields);
    e->who.country = find_country(e, &e->who);
    if (!put_parameters(e, &e->who, 0, e->fill->person_count)) return false;
    if (e->may_know) {
        for (size_t i = 0; i < META_FIELD_WORDS; i++) fields[i] ^= e->facts.present[i];
        persons_keep(persons, &e->person, buf_since(job->out, mark), fields);
    }
    return true;
}

void user_begin(struct emitter *e)
{
    const struct job *job = e->job;
    const struct persons *persons = job->run->persons;
    struct str local = job->event->default_country;
    e->who = (struct meta_context){.now_ms = job->eval.now_ms, .compat = job->plan->compat};
    e->who.default_country = local.n ? local : job->plan->default_country;
    e->may_know = !job->eval.explain && person_key_of(persons, e->fill, job->eval.slots,
                                                      job->present, &e->who, &e->person);
}

bool user_put(struct emitter *e)
{
    struct buf *out = e->job->out;
    json_comma(out);
    buf_put(out, S("\"user_data\":{"));
    if (!put_person(e)) return false;
    if (!put_parameters(e, &e->who, e->fill->person_count, e->fill->user.count)) return false;
    buf_putc(out, '}');
    return true;
}
