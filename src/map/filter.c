/* SPDX-License-Identifier: Apache-2.0 */
/* See filter.h: the table, the check of arguments, and how a value is fitted to a filter's input. */
#include "map/filter.h"

#include "core/limits.h"
#include "map/decimal.h"
#include "map/field.h"

#include <assert.h>

const struct filter filters[] = {
#define X(name, INPUT, args, arg_names, reads, meaning, in, text, out)                             \
    {S_INIT(#name),   FILTER_##INPUT, args,         S_INIT(arg_names), S_INIT(reads),              \
     S_INIT(meaning), S_INIT(in),     S_INIT(text), S_INIT(out),       apply_##name},
    FILTERS(X)
#undef X
};
const size_t filter_count = countof(filters);

const struct filter *filter_find(struct str name)
{
    for (size_t i = 0; i < filter_count; i++) {
        if (str_eq(name, filters[i].name)) return &filters[i];
    }
    return NULL;
}

struct str filter_suggest(struct str name)
{
    struct str names[countof(filters)];
    for (size_t i = 0; i < filter_count; i++) names[i] = filters[i].name;
    return diag_suggest(name, names, filter_count);
}

/* --- arguments ---------------------------------------------------------------------------------- */

/* What the letters of the table ask for; NULL when the value fits. */
static const char *misfit(char letter, const struct value *v)
{
    uint64_t number;
    switch (letter) {
    case 't': return v->kind == VALUE_TEXT ? NULL : "must be a quoted text";
    case 'T': return v->kind == VALUE_TEXT && v->text.n ? NULL : "must be a text that is not empty";
    case 'c': return v->kind == VALUE_TEXT ? NULL : "must be a trigger in quotes";
    case 'n':
        if (v->kind == VALUE_NUMBER && str_to_u64(v->text, &number)) return NULL;
        return "must be a whole number";
    default: return NULL;
    }
}

static struct str count_message(const struct filter *f, size_t least, size_t most, bool repeats,
                                struct arena *arena)
{
    if (!most) return arena_printf(arena, "%.*s takes no arguments", STR_ARG(f->name));
    if (repeats && least > 1) {
        return arena_printf(arena, "%.*s takes groups of %zu arguments: %.*s", STR_ARG(f->name),
                            least, STR_ARG(f->arg_names));
    }
    return arena_printf(arena, "%.*s takes %s%zu argument%s: %.*s", STR_ARG(f->name),
                        repeats         ? "at least "
                        : least != most ? "at most "
                                        : "",
                        most, most == 1 ? "" : "s", STR_ARG(f->arg_names));
}

bool filter_check_args(const struct filter *f, const struct value *args, size_t count,
                       struct arena *arena, size_t *wrong, struct str *message)
{
    struct str letters = str_z(f->args);
    bool repeats = str_ends(letters, S("+"));
    if (repeats) letters.n--;
    size_t optional = str_find_char(letters, '?', 0), least = letters.n;
    if (optional != SIZE_MAX) {
        least = optional;
        letters = str_from(letters, optional + 1); /* no filter has fixed ones before them */
    }
    size_t most = letters.n;
    assert(most || !repeats);
    bool fits = repeats ? count && count % most == 0 : count >= least && count <= most;
    if (!fits) {
        *wrong = count > most && !repeats ? most : count;
        *message = count_message(f, least, most, repeats, arena);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const char *why = misfit(letters.p[i % most], &args[i]);
        if (!why) continue;
        *wrong = i;
        *message = arena_printf(arena, "argument %zu of %.*s (%.*s) %s", i + 1, STR_ARG(f->name),
                                STR_ARG(f->arg_names), why);
        return false;
    }
    return true;
}

/* --- running ------------------------------------------------------------------------------------ */

bool filter_fit(struct filter_call *call, struct value *v)
{
    struct decimal number;
    char digits[DECIMAL_TEXT_BYTES];
    switch (call->use->filter->input) {
    case FILTER_ANY: return true;
    case FILTER_SOME:
    case FILTER_LIST: return !value_is_null(v);
    case FILTER_TEXT: return value_scalar_text(v, &v->text);
    case FILTER_NUMBER: break;
    }
    if (v->kind == VALUE_NUMBER) {
        bool made = v->text.p == call->ev->made.text.p; /* by a filter, of a time */
        return made || decimal_is_short(v->text, 2) || decimal_read(v->text, &number);
    }
    if (v->kind != VALUE_TEXT || !decimal_read_amount(v->text, &number)) return false;
    *v = value_number(arena_str(call->ev->scratch, decimal_print(&number, digits)));
    return true;
}

struct value filter_fail(struct filter_call *call, enum expr_verdict verdict, const char *message)
{
    call->ev->verdict = verdict;
    call->ev->message = message;
    return value_missing();
}

struct value filter_made(struct filter_call *call, size_t mark)
{
    struct buf *text = call->ev->text;
    struct str made = buf_since(text, mark);
    bool fits = made.n <= LIMIT_OUT_EVENT_BYTES;
    struct str kept = fits ? arena_str(call->ev->scratch, made) : S("");
    buf_cut(text, mark);
    return fits ? value_text(kept) : filter_fail(call, EXPR_INVALID, "the text grew too long");
}

/* --- documentation ------------------------------------------------------------------------------ */

/* A table cell: a bar would end it. */
static void put_cell(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '|') buf_putc(out, '\\');
        buf_putc(out, s.p[i]);
    }
}

static void put_signature(struct buf *out, const struct filter *f)
{
    bool optional = f->args[0] == '?';
    buf_put(out, f->name);
    if (!f->arg_names.n) return;
    buf_printf(out, "%s%.*s%s", optional ? "[(" : "(", STR_ARG(f->arg_names),
               optional ? ")]" : ")");
}

static const char intro[] =
    "# Expressions and their filters\n\n"
    "`context.fbc || properties.fbc | trim`: paths, `||` (the first that is not empty: null, "
    "`\"\"`, "
    "`[]` and `{}` are), `??` (the first that is not null), then filters, which apply to all of "
    "it; "
    "brackets narrow them. `a[0]` is an item, `a[*].b` the list of b of all items, `\"a key\"` a "
    "name "
    "with blanks or dots, `.x` a field of the item inside `each`, `.` the item itself.\n\n"
    "## Filters\n\n"
    "What a filter does not take, it turns into nothing, and no filter but default, required, "
    "or_skip "
    "and then acts on nothing. `single` is a text, number, true or false; a single value or an "
    "object "
    "is a list of one; of long lists filters see the first 1,000 items.\n\n";

void filter_reference(struct buf *out)
{
    static const char *const inputs[] = {
        [FILTER_ANY] = "anything, nothing too",
        [FILTER_SOME] = "anything",
        [FILTER_TEXT] = "single",
        [FILTER_NUMBER] = "number",
        [FILTER_LIST] = "list",
    };
    buf_put(out, str_z(intro));
    buf_put(out, S("| filter | takes | gives | example |\n| --- | --- | --- | --- |\n"));
    for (size_t i = 0; i < filter_count; i++) {
        const struct filter *f = &filters[i];
        buf_put(out, S("| `"));
        put_signature(out, f);
        buf_printf(out, "` | %s | ", inputs[f->input]);
        put_cell(out, f->meaning);
        buf_put(out, S(" | `"));
        put_cell(out, f->example_in);
        buf_put(out, S("` \\| `"));
        put_cell(out, f->example_call);
        buf_put(out, S("` → `"));
        put_cell(out, f->example_out);
        buf_put(out, S("` |\n"));
    }
    buf_put(out, S("\n## Where paths begin\n\n"));
    field_reference(out);
}
