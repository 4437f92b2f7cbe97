/* SPDX-License-Identifier: Apache-2.0 */
/* See judge.h. This file is about single values: their types as the table of fields has them, keys
 * that are in no table, and personal data where none belongs. */
#include "core/diag.h"
#include "meta/check.h"
#include "sandbox/judge.h"

enum { MAX_SUGGESTIONS = 256 };

static bool judge_text(struct verdict *v, const struct place *at, yyjson_val *val)
{
    if (yyjson_is_ctn(val)) {
        return verdict_refuse(v, VERDICT_PARAMETER, at, S("A text is expected."));
    }
    if (!yyjson_is_str(val)) {
        verdict_warn(v, at, "not a text");
    } else if (!yyjson_get_len(val)) {
        verdict_warn(v, at, "empty");
    }
    return true;
}

/* Meta's own samples send numbers as texts; it reads them. */
static bool judge_number(struct verdict *v, const struct place *at, yyjson_val *val)
{
    double number;
    if (!json_number(val, &number)) {
        return verdict_refuse(v, VERDICT_PARAMETER, at, S("A number is expected."));
    }
    if (yyjson_is_str(val)) verdict_warn(v, at, "a number sent as text");
    return true;
}

static bool judge_integer(struct verdict *v, const struct place *at, yyjson_val *val)
{
    int64_t number;
    if (!str_to_i64(json_str(val), &number)) {
        return verdict_refuse(v, VERDICT_PARAMETER, at, S("An integer is expected."));
    }
    if (yyjson_is_str(val)) verdict_warn(v, at, "an integer sent as text");
    return true;
}

static bool judge_bool(struct verdict *v, const struct place *at, yyjson_val *val)
{
    struct str text = json_str(val);
    if (yyjson_is_bool(val)) return true;
    if (str_eq(text, S("0")) || str_eq(text, S("1")) || str_eq(text, S("true")) ||
        str_eq(text, S("false"))) {
        verdict_warn(v, at, "true or false is expected");
        return true;
    }
    return verdict_refuse(v, VERDICT_PARAMETER, at, S("true or false is expected."));
}

/* The event's own closed lists are binding. custom_data takes any text, but catalogues match only
 * the listed words. */
static bool judge_word(struct verdict *v, const struct meta_field *field, const struct place *at,
                       yyjson_val *val)
{
    struct str text = json_str(val);
    for (size_t i = 0; i < field->word_count; i++) {
        if (yyjson_is_str(val) && str_eq(text, field->words[i])) return true;
    }
    if (field->section == META_EVENT || yyjson_is_ctn(val)) {
        return verdict_refuse(v, VERDICT_PARAMETER, at, S("Not one of the values Meta knows."));
    }
    verdict_warn(v, at, "not one of the values Meta knows");
    return true;
}

/* Lower case is taken; Meta's documents use it in samples. */
static bool judge_currency(struct verdict *v, const struct place *at, yyjson_val *val)
{
    struct str text = json_str(val);
    char upper[3];
    if (yyjson_is_str(val) && text.n == sizeof upper) {
        for (size_t i = 0; i < sizeof upper; i++) {
            bool is_lower = text.p[i] >= 'a' && text.p[i] <= 'z';
            upper[i] = is_lower ? (char)(text.p[i] - 'a' + 'A') : text.p[i];
        }
        if (meta_is_currency(str_of(upper, sizeof upper))) return true;
    }
    return verdict_refuse(v, VERDICT_PARAMETER, at, S("Not a currency code of ISO 4217."));
}

static bool judge_texts(struct verdict *v, const struct place *at, yyjson_val *val)
{
    size_t index, count;
    yyjson_val *item;
    if (!yyjson_is_arr(val)) {
        if (yyjson_is_str(val)) {
            verdict_warn(v, at, "a list is expected");
            return true;
        }
        return verdict_refuse(v, VERDICT_PARAMETER, at, S("A list of texts is expected."));
    }
    yyjson_arr_foreach (val, index, count, item) {
        const struct place entry = {at, {NULL, 0}, index};
        if (!judge_text(v, &entry, item)) return false;
    }
    return true;
}

bool judge_value(struct verdict *v, const struct meta_field *field, const struct place *at,
                 yyjson_val *val)
{
    if (yyjson_is_null(val)) {
        verdict_warn(v, at, "null");
        return true;
    }
    switch (field->type) {
    case META_TEXT:
    case META_DATE: return judge_text(v, at, val);
    case META_NUMBER:
    case META_MONEY: return judge_number(v, at, val);
    case META_INTEGER:
    case META_FLAG:
    case META_TIME: return judge_integer(v, at, val);
    case META_BOOL: return judge_bool(v, at, val);
    case META_ENUM: return judge_word(v, field, at, val);
    case META_CURRENCY: return judge_currency(v, at, val);
    case META_TEXTS: return judge_texts(v, at, val);
    case META_CONTENTS: /* judge_custom.c has a chapter for it */
    case META_OBJECT:
    case META_SLOTS: /* judge_channel.c has one for app_data */
    case META_JSON: return true;
    }
    return true;
}

/* Where any name is allowed only a slip of the finger is worth a word. */
static bool is_slip(struct str wrong, struct str known)
{
    return str_distance(wrong, known) <= (wrong.n < 6 ? 1U : 2U);
}

void judge_unknown(struct verdict *v, enum meta_section section, const struct place *at,
                   bool only_near)
{
    struct str known[MAX_SUGGESTIONS], near;
    size_t count = 0;
    for (size_t i = 0; i < meta_field_count && count < countof(known); i++) {
        if (meta_fields[i].section == section) known[count++] = meta_fields[i].name;
    }
    near = diag_suggest(at->key, known, count);
    if (near.n && (!only_near || is_slip(at->key, near))) {
        verdict_warn(v, at, "unknown key; did you mean \"%.*s\"?", STR_ARG(near));
    } else if (!only_near) {
        verdict_warn(v, at, "unknown key: Meta ignores it");
    }
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* x@y.z, also with %40 as in an address of a page. Rough on purpose: it is only a warning. */
static bool has_email(struct str text)
{
    for (size_t at = 1; at + 1 < text.n; at++) {
        size_t skip = text.p[at] == '@' ? 1 : 0;
        if (str_starts(str_from(text, at), S("%40"))) skip = 3;
        if (!skip || !is_word_byte(text.p[at - 1])) continue;
        size_t start = at + skip, end = start;
        while (end < text.n && (is_word_byte(text.p[end]) || text.p[end] == '-')) end++;
        if (end > start && end + 1 < text.n && text.p[end] == '.' &&
            is_word_byte(text.p[end + 1])) {
            return true;
        }
    }
    return false;
}

void judge_clear(struct verdict *v, const struct place *at, yyjson_val *val)
{
    size_t index, count;
    yyjson_val *key, *item;
    if (yyjson_is_str(val) && has_email(json_str(val))) {
        verdict_warn(v, at, "personal data in the clear: an e-mail address");
    } else if (yyjson_is_arr(val)) {
        yyjson_arr_foreach (val, index, count, item) {
            const struct place below = {at, {NULL, 0}, index};
            judge_clear(v, &below, item);
        }
    } else if (yyjson_is_obj(val)) {
        yyjson_obj_foreach (val, index, count, key, item) {
            const struct place below = {at, json_str(key), 0};
            judge_clear(v, &below, item);
        }
    }
}

bool judge_has(yyjson_val *val)
{
    if (!val || yyjson_is_null(val)) return false;
    if (yyjson_is_str(val)) return yyjson_get_len(val) != 0;
    if (yyjson_is_arr(val)) return yyjson_arr_size(val) != 0;
    if (yyjson_is_obj(val)) return yyjson_obj_size(val) != 0;
    return true;
}
