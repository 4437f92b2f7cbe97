/* SPDX-License-Identifier: Apache-2.0 */
/* See directive.h: one function for each directive, found by a table. */
#include "import/directive.h"

#include <stdarg.h>
#include <stdio.h>

enum { WHY_BYTES = 512 };

void directives_init(struct directives *d, struct arena *arena)
{
    *d = (struct directives){.arena = arena};
}

bool directive_refuse(struct directives *d, const char *format, ...)
{
    char text[WHY_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args); /* a longer one is cut */
    va_end(args);
    d->why = arena_str(d->arena, str_z(text));
    return false;
}

void directive_remark(struct directives *d, struct str remark)
{
    for (size_t i = 0; i < d->remark_count && i < DIRECTIVE_REMARKS; i++)
        if (str_eq(d->remarks[i], remark)) return;
    if (d->remark_count < DIRECTIVE_REMARKS) d->remarks[d->remark_count] = remark;
    d->remark_count++;
}

bool directive_of(yyjson_val *v, struct str *name, yyjson_val **holds)
{
    size_t index, count, found = 0;
    yyjson_val *key, *value;
    if (!yyjson_is_obj(v)) return false;
    yyjson_obj_foreach (v, index, count, key, value) {
        if (str_eq(json_str(key), S("_metadata"))) continue;
        if (found++ || !str_starts(json_str(key), S("@"))) return false;
        *name = json_str(key);
        *holds = value;
    }
    return found == 1;
}

yyjson_val *directive_unwrap(yyjson_val *v)
{
    struct str name;
    yyjson_val *inside;
    while (directive_of(v, &name, &inside) &&
           (str_eq(name, S("@literal")) || str_eq(name, S("@excludeWhenNull")))) {
        v = inside;
    }
    return v;
}

/* Recursion: as deep as the JSON, which the import has bounded. */
bool directive_is_fixed(yyjson_val *v)
{
    struct str name;
    size_t index, count;
    yyjson_val *key, *value, *inside;
    if (directive_of(v, &name, &inside)) return false;
    if (yyjson_is_obj(v)) {
        yyjson_obj_foreach (v, index, count, key, value)
            if (!directive_is_fixed(value)) return false;
    } else if (yyjson_is_arr(v)) {
        yyjson_arr_foreach (v, index, count, value)
            if (!directive_is_fixed(value)) return false;
    }
    return true;
}

/* --- @path -------------------------------------------------------------------------------------- */

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

static bool digit_or_quote(struct str s, size_t at)
{
    return at < s.n && (is_quote(s.p[at]) || (s.p[at] >= '0' && s.p[at] <= '9'));
}

/* The kit's own way: steps end at a dot, at a bracket before a digit or quote, and at one behind. */
static bool is_boundary(struct str s, size_t at)
{
    char c = s.p[at];
    return c == '.' || (c == '[' && digit_or_quote(s, at + 1)) ||
           (c == ']' && at && digit_or_quote(s, at - 1));
}

bool directive_steps(struct directives *d, struct str path, struct str *steps, size_t *count)
{
    struct buf step = {0};
    size_t mark = str_find(path, S("$."), 0);
    bool fits = true;
    *count = 0;
    for (size_t i = 0; fits && i <= path.n; i++) {
        if (mark != SIZE_MAX && i == mark) i += 2;
        bool end = i >= path.n || is_boundary(path, i);
        if (!end) {
            if (!is_quote(path.p[i])) buf_putc(&step, path.p[i]);
            continue;
        }
        if (!step.n) continue;
        fits = *count < DIRECTIVE_STEPS;
        if (fits) steps[(*count)++] = arena_str(d->arena, buf_str(&step));
        buf_clear(&step);
    }
    buf_fini(&step);
    return fits || directive_refuse(d, "a path of more than %d steps", DIRECTIVE_STEPS);
}

bool directive_place(struct directives *d, const struct str *steps, size_t count, struct piece *out)
{
    if (!d->in_each && !piece_is_word(steps[0]))
        return directive_refuse(d, "an event has no part of the name \"%.*s\"",
                                STR_ARG(str_head(steps[0], steps[0].n < 40 ? steps[0].n : 40)));
    *out = piece_path(d->arena, d->in_each, steps, count);
    return true;
}

/* Follows steps into what @transform applied; behind a path the other steps go on in the event. */
static bool path_into(struct directives *d, struct str *steps, size_t count, struct piece *out)
{
    yyjson_val *v = d->apply, *inside;
    struct str name, rest;
    size_t at = 0, more;
    while (at < count && yyjson_is_obj(v) && !directive_of(v, &name, &inside)) {
        v = yyjson_obj_getn(v, steps[at].p, steps[at].n);
        at++;
    }
    struct directives outer = *d;
    outer.apply = NULL;
    *out = (struct piece){PIECE_NOTHING, S("")};
    if (!v) return true;
    if (at == count) {
        bool ok = directive_translate(&outer, v, out);
        d->why = outer.why;
        return ok;
    }
    struct str all[DIRECTIVE_STEPS * 2];
    if (!directive_of(v, &name, &inside) || !str_eq(name, S("@path")) || !yyjson_is_str(inside))
        return directive_refuse(d, "a path into what @transform computes");
    rest = json_str(inside);
    if (!directive_steps(d, rest, all, &more)) return false;
    memcpy(all + more, steps + at, (count - at) * sizeof *all);
    return directive_place(d, all, more + count - at, out);
}

bool directive_path(struct directives *d, struct str path, struct piece *out)
{
    struct str steps[DIRECTIVE_STEPS];
    size_t count;
    if (!directive_steps(d, path, steps, &count)) return false;
    if (d->apply) return path_into(d, steps, count, out);
    if (!count && !d->in_each) return directive_refuse(d, "the whole event as one value");
    if (count && str_eq(steps[count - 1], S("length")))
        directive_remark(d, S("\"length\" means the property of that name here; how many items a "
                              "list has is said by `| count`"));
    return directive_place(d, steps, count, out);
}

static bool translate_path(struct directives *d, yyjson_val *holds, struct piece *out)
{
    yyjson_val *path = directive_unwrap(holds);
    if (yyjson_is_str(path)) return directive_path(d, json_str(path), out);
    return directive_refuse(d, "a path that is not a fixed text");
}

/* --- @if ---------------------------------------------------------------------------------------- */

/* Has inner a value only when outer has one? True when it reads outer or something below it. */
static bool needs(struct piece inner, struct piece outer)
{
    if (outer.kind != PIECE_ATOM || !str_starts(inner.text, outer.text)) return false;
    struct str rest = str_from(inner.text, outer.text.n);
    return inner.kind != PIECE_CHAIN && (!rest.n || rest.p[0] == '.' || rest.p[0] == ' ');
}

/* What JavaScript takes for no. */
static bool is_falsy(yyjson_val *v)
{
    double number;
    if (yyjson_is_raw(v)) return json_number(v, &number) && number == 0;
    return !v || yyjson_is_null(v) || yyjson_is_false(v) || (yyjson_is_str(v) && !json_str(v).n);
}

static bool if_parts(struct directives *d, yyjson_val *holds, struct piece parts[3])
{
    yyjson_val *exists = yyjson_obj_get(holds, "exists"), *blank = yyjson_obj_get(holds, "blank");
    yyjson_val *then = yyjson_obj_get(holds, "then"), *otherwise = yyjson_obj_get(holds, "else");
    const struct piece nothing = {PIECE_NOTHING, S_INIT("")};
    if (is_falsy(exists ? exists : blank))
        return directive_refuse(d, "@if without exists or blank");
    if (is_falsy(otherwise)) otherwise = NULL; /* such an else is lost */
    parts[1] = parts[2] = nothing;
    return directive_translate(d, exists ? exists : blank, &parts[0]) &&
           (!then || directive_translate(d, then, &parts[1])) &&
           (!otherwise || directive_translate(d, otherwise, &parts[2]));
}

/* `p | when("TEST")`, where TEST asks for the path as @if does: is it there, or is it not? */
static bool only_when(struct directives *d, struct piece *p, struct str path, bool exists,
                      bool there)
{
    const char *form = exists  ? (there ? "%.*s != null" : "%.*s = null")
                       : there ? "%.*s != null and %.*s != \"\""
                               : "%.*s = null or %.*s = \"\"";
    char test[WHY_BYTES];
    int n = snprintf(test, sizeof test, form, STR_ARG(path), STR_ARG(path));
    if (n < 0 || (size_t)n >= sizeof test) return directive_refuse(d, "a path that is too long");
    return piece_filter_text(d->arena, p, S("when"), str_of(test, (size_t)n)) ||
           directive_refuse(d, "a NUL in a text");
}

static bool is_literal(struct piece p)
{
    char c = p.text.n ? p.text.p[0] : '\0';
    return p.kind == PIECE_ATOM && (c == '"' || c == '-' || (c >= '0' && c <= '9') ||
                                    str_eq(p.text, S("true")) || str_eq(p.text, S("false")));
}

/* The test decides between two values that have nothing to do with it. */
static bool choose(struct directives *d, struct piece parts[3], bool exists, struct piece *out)
{
    struct arena *arena = d->arena;
    bool is_path = parts[0].kind == PIECE_ATOM && !is_literal(parts[0]) && !d->in_each;
    if (is_path) {
        if (!only_when(d, &parts[1], parts[0].text, exists, true) ||
            !only_when(d, &parts[2], parts[0].text, exists, false))
            return false;
        *out = piece_else(arena, parts[1], S("??"), parts[2]);
        return true;
    }
    if (!is_literal(parts[1]))
        return directive_refuse(d, "@if that asks for more than a path of the event");
    struct str then = arena_printf(arena, "then(%.*s)", STR_ARG(parts[1].text));
    *out = piece_else(arena, piece_filter(arena, parts[0], then), S("??"), parts[2]);
    if (exists) directive_remark(d, S("an empty text, list or object counts as not there here"));
    return true;
}

/* A value or, when it is not there, another one: `exists` skips null, which is our ??; `blank` skips
 * empty texts too, which is our ||. Other choices are made by `when`. */
static bool translate_if(struct directives *d, yyjson_val *holds, struct piece *out)
{
    struct piece parts[3];
    if (!if_parts(d, holds, parts)) return false;
    bool exists = yyjson_obj_get(holds, "exists") != NULL;
    if (parts[0].kind == PIECE_NOTHING) {
        *out = parts[2];
        return true;
    }
    if (!needs(parts[1], parts[0]) ||
        (parts[2].kind != PIECE_NOTHING && !str_eq(parts[1].text, parts[0].text)))
        return choose(d, parts, exists, out);
    const struct piece null = {PIECE_ATOM, S_INIT("null")};
    bool drops_empty = !exists && str_eq(parts[1].text, parts[0].text);
    if (drops_empty && parts[2].kind == PIECE_NOTHING) parts[2] = null;
    *out = piece_else(d->arena, parts[1], exists ? S("??") : S("||"), parts[2]);
    return true;
}

/* --- the others --------------------------------------------------------------------------------- */

static bool translate_inside(struct directives *d, yyjson_val *holds, struct piece *out)
{
    return directive_translate(d, holds, out);
}

static bool translate_template(struct directives *d, yyjson_val *holds, struct piece *out)
{
    yyjson_val *text = directive_unwrap(holds);
    if (yyjson_is_str(text)) return directive_template(d, json_str(text), out);
    return directive_refuse(d, "a template that is not a fixed text");
}

static bool value_of_holds(struct directives *d, yyjson_val *holds, struct piece *out)
{
    yyjson_val *value = yyjson_obj_get(holds, "value");
    if (!value) return directive_refuse(d, "a directive without its \"value\"");
    return directive_translate(d, value, out);
}

static bool translate_case(struct directives *d, yyjson_val *holds, struct piece *out)
{
    struct str operator= json_str(yyjson_obj_get(holds, "operator"));
    if (!str_eq(operator, S("lower")) && !str_eq(operator, S("upper")))
        return directive_refuse(d, "@case is lower or upper");
    if (!value_of_holds(d, holds, out)) return false;
    *out = piece_filter(d->arena, *out, operator);
    return true;
}

static bool has_letter(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'z') return true;
    return false;
}

/* One pattern and its replacement. */
static bool replace_one(struct directives *d, yyjson_val *holds, bool second, struct piece *out)
{
    yyjson_val *pattern = yyjson_obj_get(holds, second ? "pattern2" : "pattern");
    yyjson_val *by = yyjson_obj_get(holds, second ? "replacement2" : "replacement");
    struct str from = json_str(pattern), to = by ? json_str(by) : S("");
    struct piece quoted[2];
    if (!yyjson_is_str(pattern) || !from.n || (by && !yyjson_is_str(by)))
        return directive_refuse(d, "@replace needs texts");
    if (yyjson_is_true(yyjson_obj_get(holds, "ignorecase")) && has_letter(from))
        return directive_refuse(d, "@replace without regard to case");
    if (str_find_char(to, '$', 0) != SIZE_MAX)
        return directive_refuse(d, "@replace with a $ in the replacement");
    if (!piece_text(d->arena, from, &quoted[0]) || !piece_text(d->arena, to, &quoted[1]))
        return directive_refuse(d, "a NUL in a text");
    bool first_only = yyjson_is_false(yyjson_obj_get(holds, "global"));
    struct str call =
        arena_printf(d->arena, "%s(%.*s, %.*s)", first_only ? "replace_first" : "replace",
                     STR_ARG(quoted[0].text), STR_ARG(quoted[1].text));
    *out = piece_filter(d->arena, *out, call);
    return true;
}

static bool translate_replace(struct directives *d, yyjson_val *holds, struct piece *out)
{
    return value_of_holds(d, holds, out) && replace_one(d, holds, false, out) &&
           (!yyjson_obj_get(holds, "pattern2") || replace_one(d, holds, true, out));
}

static bool translate_json(struct directives *d, yyjson_val *holds, struct piece *out)
{
    struct str mode = json_str(yyjson_obj_get(holds, "mode"));
    bool encode = str_eq(mode, S("encode"));
    if (!encode && !str_eq(mode, S("decode")))
        return directive_refuse(d, "@json is encode or decode");
    if (!value_of_holds(d, holds, out)) return false;
    *out = piece_filter(d->arena, *out, encode ? S("json") : S("from_json"));
    return true;
}

static bool translate_array(struct directives *d, yyjson_val *holds, struct piece *out)
{
    yyjson_val *path = yyjson_arr_get(holds, 0), *shape = yyjson_arr_get(holds, 1);
    if (!path) return directive_refuse(d, "@arrayPath without a path");
    if (yyjson_get_len(shape)) return directive_refuse(d, "a list of made objects inside a value");
    if (yyjson_is_str(path)) return directive_path(d, json_str(path), out);
    return directive_translate(d, path, out);
}

static bool translate_transform(struct directives *d, yyjson_val *holds, struct piece *out)
{
    yyjson_val *apply = yyjson_obj_get(holds, "apply"), *mapping = yyjson_obj_get(holds, "mapping");
    struct str name;
    yyjson_val *inside;
    if (d->apply) return directive_refuse(d, "a @transform inside a @transform");
    if (!yyjson_is_obj(apply) || !mapping || directive_of(apply, &name, &inside))
        return directive_refuse(d, "@transform needs an object to apply and a mapping");
    struct directives inner = *d;
    inner.apply = apply;
    bool ok = directive_translate(&inner, mapping, out);
    inner.apply = NULL;
    *d = inner;
    return ok;
}

static bool translate_liquid(struct directives *d, yyjson_val *holds, struct piece *out)
{
    struct str text = json_str(holds);
    if (!yyjson_is_str(holds) || str_find(text, S("{%"), 0) != SIZE_MAX ||
        str_find(text, S("|"), 0) != SIZE_MAX)
        return directive_refuse(d, "a Liquid template with tags or filters");
    return directive_template(d, text, out);
}

static bool refuse_object(struct directives *d, yyjson_val *holds, struct piece *out)
{
    (void)holds;
    (void)out;
    return directive_refuse(d, "an object that is put together from others");
}

typedef bool translate_fn(struct directives *d, yyjson_val *holds, struct piece *out);

static const struct {
    struct str name;
    translate_fn *translate;
} table[] = {
    {S_INIT("@path"), translate_path},
    {S_INIT("@template"), translate_template},
    {S_INIT("@literal"), translate_inside},
    {S_INIT("@if"), translate_if},
    {S_INIT("@case"), translate_case},
    {S_INIT("@replace"), translate_replace},
    {S_INIT("@arrayPath"), translate_array},
    {S_INIT("@json"), translate_json},
    {S_INIT("@liquid"), translate_liquid},
    {S_INIT("@transform"), translate_transform},
    {S_INIT("@merge"), refuse_object},
    {S_INIT("@flatten"), refuse_object},
    {S_INIT("@excludeWhenNull"), translate_inside},
};

static bool translate_directive(struct directives *d, struct str name, yyjson_val *holds,
                                struct piece *out)
{
    for (size_t i = 0; i < countof(table); i++) {
        if (!str_eq(name, table[i].name)) continue;
        if (d->depth == LIMIT_EXPRESSION_DEPTH)
            return directive_refuse(d, "nested deeper than %d", LIMIT_EXPRESSION_DEPTH);
        d->depth++;
        bool ok = table[i].translate(d, holds, out);
        d->depth--;
        return ok;
    }
    return directive_refuse(d,
                            "the unknown directive %.*s, with which the vendor refuses every "
                            "event of this action",
                            STR_ARG(str_head(name, 40)));
}

bool directive_translate(struct directives *d, yyjson_val *v, struct piece *out)
{
    struct str name;
    yyjson_val *holds;
    if (directive_of(v, &name, &holds)) return translate_directive(d, name, holds, out);
    if (!directive_is_fixed(v))
        return directive_refuse(d, "an object or list that is put together from several values");
    if (piece_json(d->arena, v, out)) return true;
    return directive_refuse(d, "a fixed value that expressions cannot hold");
}
