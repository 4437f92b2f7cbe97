/* SPDX-License-Identifier: Apache-2.0 */
/* Texts with {{paths}} in them. One path becomes a path with prefix and append; several below one
 * root become that root with the filter template; a mixture of roots has no equal. */
#include "import/directive.h"

enum { VARIABLES_MAX = 64 };

struct template
{
    struct str texts[VARIABLES_MAX + 1]; /* before, between and behind the variables */
    struct str variables[VARIABLES_MAX];
    size_t count;
};

/* The place of the next variable at or after at: its start, its inside, and the end. */
static bool next_variable(struct str text, size_t at, size_t *start, size_t *end,
                          struct str *inside)
{
    size_t open = str_find(text, S("{{"), at);
    if (open == SIZE_MAX) return false;
    size_t braces = str_starts(str_from(text, open), S("{{{")) ? 3 : 2;
    size_t close = str_find(text, braces == 3 ? S("}}}") : S("}}"), open + braces);
    if (close == SIZE_MAX) return false;
    *start = open;
    *end = close + braces;
    *inside = str_trim(str_of(text.p + open + braces, close - open - braces));
    return true;
}

static bool is_plain_path(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (strchr("|#/{}()<>\"' \t\r\n", s.p[i]) || !s.p[i]) return false;
    return s.n > 0;
}

static bool split(struct directives *d, struct str text, struct template *t)
{
    size_t at = 0, start, end;
    struct str inside;
    while (next_variable(text, at, &start, &end, &inside)) {
        if (t->count == VARIABLES_MAX)
            return directive_refuse(d, "a template with more than %d values", VARIABLES_MAX);
        if (!is_plain_path(inside))
            return directive_refuse(d, "a template with more than paths in its braces");
        t->texts[t->count] = str_of(text.p + at, start - at);
        t->variables[t->count++] = inside;
        at = end;
    }
    t->texts[t->count] = str_from(text, at);
    return true;
}

static bool one_variable(struct directives *d, const struct template *t, struct piece *out)
{
    struct str before = t->texts[0], behind = t->texts[1];
    const struct piece empty = {PIECE_ATOM, S_INIT("\"\"")};
    if (!directive_path(d, t->variables[0], out)) return false;
    /* A list's values are joined by commas. An event's own names hold single values. */
    bool may_be_list = d->in_each || str_find_char(out->text, '.', 0) != SIZE_MAX;
    if (may_be_list) *out = piece_filter(d->arena, *out, S("join(\",\")"));
    if (!before.n && !behind.n) {
        if (!may_be_list) *out = piece_filter(d->arena, *out, S("text"));
        return true;
    }
    *out = piece_else(d->arena, *out, S("??"), empty);
    if ((before.n && !piece_filter_text(d->arena, out, S("prefix"), before)) ||
        (behind.n && !piece_filter_text(d->arena, out, S("append"), behind)))
        return directive_refuse(d, "a NUL in a text");
    return true;
}

/* Appends {{path}} for a variable, relative to the root that all of them must have in common: the item
 * inside each, else the first step, which *root has from the second variable on. */
static bool put_variable(struct directives *d, struct str path, struct str *root, struct buf *out)
{
    struct str steps[DIRECTIVE_STEPS];
    size_t count, first = d->in_each ? 0 : 1;
    if (!directive_steps(d, path, steps, &count)) return false;
    if (count <= first || (root->n && !str_eq(*root, steps[0])))
        return directive_refuse(d, "a template of values from several parts of the event");
    if (first) *root = steps[0];
    buf_put(out, S("{{"));
    for (size_t i = first; i < count; i++)
        buf_printf(out, "%s%.*s", i > first ? "." : "", STR_ARG(steps[i]));
    buf_put(out, S("}}"));
    return true;
}

static bool several(struct directives *d, const struct template *t, struct piece *out)
{
    struct buf text = {0};
    struct str root = {0};
    bool ok = !d->apply || directive_refuse(d, "a template of several values in a @transform");
    for (size_t i = 0; ok && i <= t->count; i++) {
        buf_put(&text, t->texts[i]);
        if (i < t->count) ok = put_variable(d, t->variables[i], &root, &text);
    }
    ok = ok && directive_place(d, &root, root.n > 0, out);
    if (ok) {
        ok = piece_filter_text(d->arena, out, S("template"), buf_str(&text)) ||
             directive_refuse(d, "a NUL in a text");
    }
    buf_fini(&text);
    return ok;
}

bool directive_template(struct directives *d, struct str text, struct piece *out)
{
    struct template t = {.count = 0};
    if (!split(d, text, &t)) return false;
    if (t.count == 1) return one_variable(d, &t, out);
    if (t.count) return several(d, &t, out);
    if (piece_text(d->arena, text, out)) return true;
    return directive_refuse(d, "a NUL in a text");
}
