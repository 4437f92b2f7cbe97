/* SPDX-License-Identifier: Apache-2.0 */
/* See piece.h. */
#include "import/piece.h"

#include "map/trigger.h"

#include <assert.h>

/* --- fixed values ------------------------------------------------------------------------------- */

static void put_quoted(struct buf *out, struct str s)
{
    buf_putc(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\n') {
            buf_put(out, S("\\n"));
        } else if (c == '\t') {
            buf_put(out, S("\\t"));
        } else if (c == '\r') {
            buf_put(out, S("\\r"));
        } else if ((unsigned char)c < 0x20 || c == 0x7F) {
            buf_printf(out, "\\u%04x", (unsigned)c);
        } else {
            if (c == '"' || c == '\\') buf_putc(out, '\\');
            buf_putc(out, c);
        }
    }
    buf_putc(out, '"');
}

static struct str keep(struct arena *arena, struct buf *text)
{
    struct str copy = arena_str(arena, buf_str(text));
    buf_fini(text);
    return copy;
}

bool piece_text(struct arena *arena, struct str text, struct piece *out)
{
    struct buf quoted = {0};
    if (str_find_char(text, '\0', 0) != SIZE_MAX) return false;
    put_quoted(&quoted, text);
    *out = (struct piece){PIECE_ATOM, keep(arena, &quoted)};
    return true;
}

bool piece_scalar(struct arena *arena, yyjson_val *v, struct piece *out)
{
    double ignored;
    if (yyjson_is_str(v)) return piece_text(arena, json_str(v), out);
    if (yyjson_is_null(v)) {
        *out = (struct piece){PIECE_NOTHING, S("")};
    } else if (yyjson_is_bool(v)) {
        *out = (struct piece){PIECE_ATOM, yyjson_is_true(v) ? S("true") : S("false")};
    } else if (yyjson_is_raw(v) && str_to_double(json_str(v), &ignored)) {
        *out = (struct piece){PIECE_ATOM, json_str(v)};
    } else {
        return false;
    }
    return true;
}

bool piece_json(struct arena *arena, yyjson_val *v, struct piece *out)
{
    struct buf json = {0};
    if (!yyjson_is_ctn(v)) return piece_scalar(arena, v, out);
    json_put_val(&json, v);
    bool ok = piece_text(arena, keep(arena, &json), out);
    if (ok) *out = piece_filter(arena, *out, S("from_json"));
    return ok;
}

/* --- paths -------------------------------------------------------------------------------------- */

bool piece_is_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '-' || c == '$' || c == '@' || (c & 0x80);
        if (!good) return false;
    }
    return s.n > 0;
}

struct piece piece_path(struct arena *arena, bool relative, const struct str *steps, size_t count)
{
    struct buf text = {0};
    assert(relative || count);
    if (!count) buf_putc(&text, '.');
    for (size_t i = 0; i < count; i++) {
        if (i || relative) buf_putc(&text, '.');
        if (piece_is_word(steps[i])) {
            buf_put(&text, steps[i]);
        } else {
            put_quoted(&text, steps[i]);
        }
    }
    return (struct piece){PIECE_ATOM, keep(arena, &text)};
}

/* --- putting together --------------------------------------------------------------------------- */

struct piece piece_filter(struct arena *arena, struct piece p, struct str filter)
{
    if (p.kind == PIECE_NOTHING) return p;
    return (struct piece){PIECE_PIPE,
                          arena_printf(arena, "%.*s | %.*s", STR_ARG(p.text), STR_ARG(filter))};
}

bool piece_filter_text(struct arena *arena, struct piece *p, struct str name, struct str text)
{
    struct piece argument;
    if (!piece_text(arena, text, &argument)) return false;
    struct str call = arena_printf(arena, "%.*s(%.*s)", STR_ARG(name), STR_ARG(argument.text));
    *p = piece_filter(arena, *p, call);
    return true;
}

static struct str operand(struct arena *arena, struct piece p)
{
    return p.kind == PIECE_PIPE ? arena_printf(arena, "(%.*s)", STR_ARG(p.text)) : p.text;
}

struct piece piece_else(struct arena *arena, struct piece a, struct str join, struct piece b)
{
    if (a.kind == PIECE_NOTHING) return b;
    if (b.kind == PIECE_NOTHING) return a;
    struct str left = operand(arena, a), right = operand(arena, b);
    const char *format = b.kind == PIECE_CHAIN ? "%.*s %.*s (%.*s)" : "%.*s %.*s %.*s";
    struct buf text = {0};
    buf_printf(&text, format, STR_ARG(left), STR_ARG(join), STR_ARG(right));
    return (struct piece){PIECE_CHAIN, keep(arena, &text)};
}

/* --- checking ----------------------------------------------------------------------------------- */

struct check {
    struct arena scratch;
    struct diags diags;
    struct source_text file;
    struct expr_scope scope;
};

static struct text check_begin(struct check *c, struct str text, bool in_each)
{
    *c = (struct check){.file = {S("import"), text}};
    diags_init(&c->diags, &c->scratch);
    c->scope = (struct expr_scope){paths_new(&c->scratch), in_each, &c->scratch, &c->diags, NULL};
    return (struct text){text, {&c->file, 1, 1}};
}

static bool check_end(struct check *c, struct arena *arena, struct str *why)
{
    bool ok = c->diags.count == 0;
    if (!ok) *why = arena_str(arena, c->diags.items[0].message);
    arena_fini(&c->scratch);
    return ok;
}

bool piece_check(struct arena *arena, struct str text, bool in_each, struct str *why)
{
    struct check c;
    struct text located = check_begin(&c, text, in_each);
    (void)expr_compile(&c.scope, located); /* its problems are in the diags */
    return check_end(&c, arena, why);
}

bool piece_check_trigger(struct arena *arena, struct str text, struct str *why)
{
    struct check c;
    struct text located = check_begin(&c, text, false);
    (void)trigger_compile(&c.scope, located); /* its problems are in the diags */
    return check_end(&c, arena, why);
}
