/* SPDX-License-Identifier: Apache-2.0 */
/* See field.h. */
#include "map/field.h"

#include "core/limits.h"

/* Deeper than an event may be: such a path could never be there. Also bounds the recursion here and
 * in the trie. */
enum { MAX_STEPS = LIMIT_JSON_DEPTH };

static const struct root {
    struct str name;
    enum root_kind kind;
    struct str meaning;
} roots[] = {
#define X(name, KIND, meaning) {S_INIT(#name), ROOT_##KIND, S_INIT(meaning)},
    ROOTS(X)
#undef X
};

static const struct str root_names[] = {
#define X(name, KIND, meaning) S_INIT(#name),
    ROOTS(X)
#undef X
};

static const struct str envelope_names[] = {
#define X(FIELD, name, meaning) S_INIT(name),
    ENVELOPE_FIELDS(X)
#undef X
};

/* The step of `[*]`. */
static const struct path_step each_item = {.index = SIZE_MAX};

static bool is_each(const struct path_step *step)
{
    return !step->key.p && step->index == SIZE_MAX;
}

/* --- parsing ------------------------------------------------------------------------------------ */

struct reader {
    struct lex *lex;
    size_t start;
    struct path_step steps[MAX_STEPS];
    size_t count;
};

static bool add_step(struct reader *r, struct path_step step)
{
    if (r->count == MAX_STEPS) {
        return lex_fail(r->lex, r->start, "a path of more than %d steps", MAX_STEPS);
    }
    r->steps[r->count++] = step;
    return true;
}

/* The present token is what stands behind a dot. */
static bool read_name(struct reader *r)
{
    struct path_step step = {0};
    if (r->lex->token.kind == TOKEN_WORD) {
        lex_word(r->lex, &step.key);
    } else if (r->lex->token.kind == TOKEN_TEXT) {
        if (!lex_text(r->lex, &step.key)) return false;
    } else {
        return lex_unexpected(r->lex, "a name after the dot");
    }
    lex_next(r->lex);
    return add_step(r, step);
}

/* The present token is what stands behind an opening bracket. */
static bool read_bracket(struct reader *r)
{
    struct lex *lex = r->lex;
    struct path_step step = {0};
    uint64_t index;
    if (lex->token.kind == TOKEN_STAR) {
        step = each_item;
    } else if (lex->token.kind == TOKEN_TEXT) {
        if (!lex_text(lex, &step.key)) return false;
    } else if (lex->token.kind == TOKEN_NUMBER && str_to_u64(lex->token.raw, &index) &&
               index < LIMIT_EVENT_BYTES) {
        step.index = (size_t)index;
    } else {
        return lex_unexpected(lex, "an index like [0], [*] or a quoted name");
    }
    lex_next(lex);
    if (!lex_accept(lex, TOKEN_CLOSE_LIST)) return lex_unexpected(lex, "]");
    return add_step(r, step);
}

static bool read_steps(struct reader *r)
{
    for (;;) {
        if (r->lex->token.kind == TOKEN_DOT) {
            lex_next_step(r->lex);
            if (!read_name(r)) return false;
        } else if (lex_accept(r->lex, TOKEN_OPEN_LIST)) {
            if (!read_bracket(r)) return false;
        } else {
            return !r->lex->failed;
        }
    }
}

/* Other words are near by chance (revenue, event). */
static struct str near_root(struct str name)
{
    struct str near = diag_suggest(name, root_names, countof(root_names));
    unsigned distance = near.n ? str_distance(name, near) : 0;
    return distance <= 2 && distance * 2 <= name.n ? near : S("");
}

static bool is_word_char(char c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    return letter || (!first && ((c >= '0' && c <= '9') || c == '-'));
}

bool field_is_plain_word(struct str s)
{
    static const struct str words[] = {S_INIT("true"), S_INIT("false"), S_INIT("null")};
    for (size_t i = 0; i < s.n; i++) {
        if (!is_word_char(s.p[i], i == 0)) return false;
    }
    for (size_t i = 0; i < countof(words); i++) {
        if (str_eq_nocase(s, words[i])) return false;
    }
    for (size_t i = 0; i < countof(root_names); i++) {
        if (str_eq(s, root_names[i])) return false;
    }
    return s.n && !near_root(s).n;
}

static bool unknown_root(struct reader *r, const struct expr_scope *scope)
{
    struct str name = lex_shown(r->steps[0].key), near = near_root(name);
    if (near.n) {
        return lex_fail(r->lex, r->start, "unknown field \"%.*s\"; did you mean \"%.*s\"?",
                        STR_ARG(name), STR_ARG(near));
    }
    if (scope->in_each) {
        return lex_fail(r->lex, r->start,
                        "unknown field \"%.*s\"; a field of the item is written .%.*s, a fixed "
                        "text (\"%.*s\")",
                        STR_ARG(name), STR_ARG(name), STR_ARG(name));
    }
    return lex_fail(r->lex, r->start,
                    "unknown field \"%.*s\"; paths begin with properties, traits, context, event, "
                    "userId, ...; a fixed text is written (\"%.*s\")",
                    STR_ARG(name), STR_ARG(name));
}

static bool check_envelope(struct reader *r)
{
    struct str name = r->count > 1 && r->steps[1].key.p ? r->steps[1].key : S("");
    for (size_t i = 0; r->count == 2 && i < countof(envelope_names); i++) {
        if (str_eq(name, envelope_names[i])) return true;
    }
    struct str near = diag_suggest(name, envelope_names, countof(envelope_names));
    if (near.n && r->count == 2) {
        return lex_fail(r->lex, r->start,
                        "unknown field \"envelope.%.*s\"; did you mean \"envelope.%.*s\"?",
                        STR_ARG(lex_shown(name)), STR_ARG(near));
    }
    return lex_fail(r->lex, r->start,
                    "envelope has only client_ip, user_agent, message_id, received_at, source and "
                    "from_browser");
}

static bool check_root(struct reader *r, const struct expr_scope *scope, enum root_kind *kind)
{
    for (size_t i = 0; i < countof(roots); i++) {
        if (!str_eq(r->steps[0].key, roots[i].name)) continue;
        *kind = roots[i].kind;
        return !str_eq(roots[i].name, S("envelope")) || check_envelope(r);
    }
    return paths_are_native(scope->paths) || unknown_root(r, scope);
}

/* In a view a dot alone is the body, as it is the item inside each. */
static bool is_of_body(const struct expr_scope *scope)
{
    return !scope->in_each && paths_are_native(scope->paths);
}

static bool read_dotted(struct reader *r, const struct expr_scope *scope)
{
    if (!scope->in_each && !is_of_body(scope)) {
        return lex_fail(r->lex, r->start,
                        "a path that begins with a dot is a field of an item and only works "
                        "inside each");
    }
    lex_next_step(r->lex);
    enum token_kind kind = r->lex->token.kind;
    bool has_name = kind == TOKEN_WORD || kind == TOKEN_TEXT; /* a dot alone is the item itself */
    return (!has_name || read_name(r)) && read_steps(r);
}

static bool read_absolute(struct reader *r, const struct expr_scope *scope, enum root_kind *kind)
{
    return read_name(r) && read_steps(r) && check_root(r, scope, kind);
}

bool field_parse(struct lex *lex, const struct expr_scope *scope, struct field *out)
{
    struct reader r = {.lex = lex, .start = lex->token.at};
    bool dotted = lex->token.kind == TOKEN_DOT;
    struct field f = {.root = ROOT_TREE, .relative = dotted && !is_of_body(scope)};
    if (!dotted && lex->token.kind != TOKEN_WORD) return lex_unexpected(lex, "a field");
    bool ok = dotted ? read_dotted(&r, scope) : read_absolute(&r, scope, &f.root);
    if (!ok) return false;
    struct path_step *steps = arena_array(scope->arena, struct path_step, r.count + 1);
    memcpy(steps, r.steps, r.count * sizeof *steps);
    size_t first_each = 0;
    while (first_each < r.count && !is_each(&steps[first_each])) first_each++;
    f.spreads = first_each < r.count;
    f.written = str_of(lex->text.text.p + r.start, lex->last_end - r.start);
    f.steps = steps;
    f.count = f.relative ? 0 : first_each;
    f.rest = steps + f.count;
    f.rest_count = r.count - f.count;
    f.direct = !f.relative && !f.rest_count;
    if (!f.relative) f.slot = paths_add(scope->paths, f.steps, f.count);
    bool single = f.relative && scope->members && f.rest_count == 1 && f.rest[0].key.p;
    f.member = single ? members_add(scope->members, f.rest[0].key) : NO_MEMBER;
    *out = f;
    return true;
}

/* --- reading ------------------------------------------------------------------------------------ */

struct gathering {
    struct arena *arena;
    struct value *items;
    size_t count, capacity;
};

static void add_item(struct gathering *g, const struct value *v)
{
    if (value_is_null(v)) return;
    if (g->count == g->capacity) {
        size_t bigger = g->capacity ? g->capacity * 2 : 8;
        g->items = arena_grow(g->arena, g->items, g->capacity * sizeof *g->items,
                              bigger * sizeof *g->items);
        g->capacity = bigger;
    }
    g->items[g->count++] = *v;
}

/* Recursion: once per [*] of the path. */
static void gather(struct gathering *g, const struct value *from, const struct path_step *steps,
                   size_t count)
{
    size_t plain = 0;
    struct value item;
    while (plain < count && !is_each(&steps[plain])) plain++;
    struct value v = paths_walk(*from, steps, plain);
    if (plain == count) {
        add_item(g, &v);
        return;
    }
    struct value_walk walk = value_walk(&v);
    while (g->count < LIMIT_EACH_ITEMS && value_next(&walk, &item)) {
        gather(g, &item, steps + plain + 1, count - plain - 1);
    }
}

struct value field_eval(const struct field *f, const struct eval *ev)
{
    struct value from = f->relative ? ev->item : ev->slots[f->slot];
    if (!f->spreads) return f->rest_count ? paths_walk(from, f->rest, f->rest_count) : from;
    if (value_is_null(&from)) return (struct value){.kind = VALUE_MISSING};
    struct gathering g = {.arena = ev->scratch};
    gather(&g, &from, f->rest, f->rest_count);
    return (struct value){.kind = VALUE_LIST, .items = g.items, .count = g.count};
}

/* --- documentation ------------------------------------------------------------------------------ */

void field_reference(struct buf *out)
{
    buf_put(out, S("| path | what it is |\n| --- | --- |\n"));
    for (size_t i = 0; i < countof(roots); i++) {
        if (str_eq(roots[i].name, S("envelope"))) continue; /* its fields follow */
        buf_printf(out, "| `%.*s` | %.*s |\n", STR_ARG(roots[i].name), STR_ARG(roots[i].meaning));
    }
#define X(FIELD, name, meaning) buf_put(out, S("| `envelope." name "` | " meaning " |\n"));
    ENVELOPE_FIELDS(X)
#undef X
}
