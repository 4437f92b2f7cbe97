/* SPDX-License-Identifier: Apache-2.0 */
/* See write.h: one writer a type, chosen by a table. */
#include "map/write.h"

#include "base/text.h"
#include "base/time.h"
#include "core/limits.h"
#include "map/decimal.h"

#include <assert.h>

typedef bool writer_fn(struct buf *out, const struct meta_field *field, const struct value *v);

enum { DATE_BYTES = 10, DATE_TIME_BYTES = 19 };

bool write_scalar(const struct value *v, struct str *text)
{
    if (value_scalar_text(v, text)) return true;
    if ((v->kind != VALUE_NODE && v->kind != VALUE_LIST) || value_length(v) != 1) return false;
    struct value only = value_item(v, 0);
    return value_scalar_text(&only, text);
}

static bool put_text(struct buf *out, const struct meta_field *field, const struct value *v)
{
    struct str text;
    (void)field;
    if (!write_scalar(v, &text) || !text.n) return false;
    json_put_str(out, text);
    return true;
}

/* The text of a number, or of a text that is one. */
static bool read_number(const struct value *v, struct str *text, struct decimal *number)
{
    if (v->kind == VALUE_BOOL || !write_scalar(v, text)) return false;
    *text = str_trim(*text);
    if (str_starts(*text, S("+"))) *text = str_from(*text, 1);
    return decimal_read(*text, number);
}

/* Most numbers are written as they came; see decimal_is_short. */
static bool put_short(struct buf *out, const struct value *v, unsigned places)
{
    if (v->kind != VALUE_NUMBER || !decimal_is_short(v->text, places)) return false;
    buf_put(out, v->text);
    return true;
}

/* Its digits as they came; text may write them in ways that JSON does not (+.5). */
static bool put_number(struct buf *out, const struct meta_field *field, const struct value *v)
{
    struct str text;
    struct decimal number;
    char digits[DECIMAL_TEXT_BYTES];
    (void)field;
    if (put_short(out, v, DECIMAL_DIGITS)) return true;
    if (!read_number(v, &text, &number)) return false;
    buf_put(out, decimal_print(&number, digits));
    return true;
}

static bool put_money(struct buf *out, const struct meta_field *field, const struct value *v)
{
    struct str text;
    struct decimal number;
    char digits[DECIMAL_TEXT_BYTES];
    (void)field;
    if (put_short(out, v, 2)) return true;
    if (!read_number(v, &text, &number)) return false;
    decimal_round(&number, 2);
    buf_put(out, decimal_print(&number, digits));
    return true;
}

/* 2 and 2.0, not 2.5. */
static bool put_integer(struct buf *out, const struct meta_field *field, const struct value *v)
{
    struct str text;
    struct decimal number, whole;
    char digits[DECIMAL_TEXT_BYTES];
    (void)field;
    if (put_short(out, v, 0)) return true;
    if (!read_number(v, &text, &number)) return false;
    whole = number;
    decimal_cut(&whole, 0);
    for (size_t i = whole.count; i < number.count; i++) {
        if (number.digits[i] != '0') return false;
    }
    buf_put(out, decimal_print(&whole, digits));
    return true;
}

static bool read_bool(const struct value *v, bool *yes)
{
    struct str text;
    return write_scalar(v, &text) && value_says(text, yes);
}

static bool put_bool(struct buf *out, const struct meta_field *field, const struct value *v)
{
    bool yes;
    (void)field;
    if (!read_bool(v, &yes)) return false;
    buf_put(out, yes ? S("true") : S("false"));
    return true;
}

/* Yes or no as 1 or 0. */
static bool put_flag(struct buf *out, const struct meta_field *field, const struct value *v)
{
    bool yes;
    (void)field;
    if (!read_bool(v, &yes)) return false;
    buf_putc(out, yes ? '1' : '0');
    return true;
}

bool write_time(const struct value *v, int64_t *ms)
{
    struct str text;
    double number;
    if (v->kind == VALUE_BOOL || !write_scalar(v, &text)) return false;
    text = str_trim(text);
    return str_to_double(text, &number) ? time_parse_number(number, ms) : time_parse(text, ms);
}

void write_seconds(struct buf *out, int64_t ms)
{
    buf_put_i64(out, ms >= 0 ? ms / MS_PER_SECOND : -((-ms + MS_PER_SECOND - 1) / MS_PER_SECOND));
}

static bool put_time(struct buf *out, const struct meta_field *field, const struct value *v)
{
    int64_t ms;
    (void)field;
    if (!write_time(v, &ms)) return false;
    write_seconds(out, ms);
    return true;
}

const struct str *write_word(const struct meta_field *field, const struct value *v)
{
    struct str text;
    const struct str *word = field->words, *end = word + field->word_count;
    if (!write_scalar(v, &text)) return NULL;
    text = str_trim(text);
    while (word < end && !str_eq(text, *word)) word++; /* most are written as Meta does */
    if (word < end) return word;
    for (word = field->words; word < end && !str_eq_nocase(text, *word);) word++;
    return word < end ? word : NULL;
}

static bool put_enum(struct buf *out, const struct meta_field *field, const struct value *v)
{
    const struct str *word = write_word(field, v);
    if (!word) return false;
    buf_putc(out, '"'); /* words of Meta's have nothing to escape */
    buf_put(out, *word);
    buf_putc(out, '"');
    return true;
}

static bool put_currency(struct buf *out, const struct meta_field *field, const struct value *v)
{
    struct str text;
    (void)field;
    if (!write_scalar(v, &text)) return false;
    text = text_trim(text);
    if (!text.n) return false;
    size_t mark = out->n;
    json_put_str(out, text);
    for (size_t i = mark; i < out->n; i++) {
        if (out->p[i] >= 'a' && out->p[i] <= 'z') out->p[i] = (char)(out->p[i] - 'a' + 'A');
    }
    return true;
}

static bool put_texts(struct buf *out, const struct meta_field *field, const struct value *v)
{
    struct value_walk walk = value_walk(v);
    size_t mark = out->n;
    struct str text;
    buf_putc(out, '[');
    for (struct value item; value_next(&walk, &item);) {
        if (!value_scalar_text(&item, &text) || !text.n) continue;
        json_comma(out);
        json_put_str(out, text);
    }
    buf_putc(out, ']');
    /* At the event's level an empty list says something: no processing options. */
    bool said = field->section == META_EVENT && (v->kind == VALUE_NODE || v->kind == VALUE_LIST);
    if (out->n > mark + 2 || said) return true;
    buf_cut(out, mark);
    return false;
}

/* A day stays a day; a time of day loses its zone, counted in UTC. Other text goes as it is. */
static bool put_date(struct buf *out, const struct meta_field *field, const struct value *v)
{
    struct str text;
    int64_t ms;
    if (!write_scalar(v, &text)) return false;
    text = str_trim(text);
    if (text.n <= DATE_BYTES || !time_parse(text, &ms)) return put_text(out, field, v);
    buf_putc(out, '"');
    size_t start = out->n;
    time_print(out, ms);
    buf_cut(out, start + DATE_TIME_BYTES);
    buf_putc(out, '"');
    return true;
}

static bool put_json(struct buf *out, const struct meta_field *field, const struct value *v)
{
    (void)field;
    if (value_is_null(v)) return false;
    value_put_json(out, v);
    return true;
}

static writer_fn *const writers[] = {
    [META_TEXT] = put_text,       [META_NUMBER] = put_number, [META_MONEY] = put_money,
    [META_INTEGER] = put_integer, [META_BOOL] = put_bool,     [META_FLAG] = put_flag,
    [META_TIME] = put_time,       [META_ENUM] = put_enum,     [META_CURRENCY] = put_currency,
    [META_TEXTS] = put_texts,     [META_DATE] = put_date,     [META_JSON] = put_json,
};

bool write_value(struct buf *out, const struct meta_field *field, const struct value *v)
{
    if (value_is_null(v)) return false;
    if (!field) return put_json(out, NULL, v);
    assert(field->type < countof(writers) && writers[field->type]);
    return writers[field->type](out, field, v);
}
