/* SPDX-License-Identifier: Apache-2.0 */
/* See fql.h. The text stays as it is, but for backslashes in texts, which escape nothing there; one
 * walk over it finds what the two read differently. */
#include "import/fql.h"

enum { GROUPS_MAX = 32 };

/* One level of brackets: which words join its conditions. */
struct level {
    bool has_and, has_or, is_call;
};

struct walk {
    struct directives *d;
    struct str text;
    struct buf out;
    struct level levels[GROUPS_MAX];
    size_t depth;
    bool after_dot;   /* the next word is a step of a path */
    bool call_next;   /* a ( now belongs to contains or match */
    bool in_match;    /* the next text is a pattern */
    bool negated;     /* behind a ! */
    bool field_start; /* a word here would be a field */
};

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '\\' || (c & 0x80);
}

static void check_pattern(struct walk *w, struct str pattern)
{
    struct str inside = pattern;
    if (str_ends(inside, S("*"))) inside.n--;
    bool starts = str_starts(inside, S("*"));
    if (starts) inside = str_from(inside, 1);
    bool one_end = starts != str_ends(pattern, S("*"));
    if (!one_end || str_find_char(inside, '*', 0) != SIZE_MAX ||
        str_find_char(inside, '?', 0) != SIZE_MAX)
        directive_remark(w->d, S("a star in match() stands for any text wherever it is and ? for "
                                 "one character; there only a star at one end counted"));
}

/* A quoted text: there a backslash is a backslash. */
static size_t take_text(struct walk *w, size_t at)
{
    char quote = w->text.p[at];
    size_t end = str_find_char(w->text, quote, at + 1);
    if (end == SIZE_MAX) end = w->text.n - 1; /* never closed: the compiler will say so */
    if (quote == '\'')
        directive_remark(w->d, S("a text in single quotes is that text; there the quotes belonged "
                                 "to it"));
    buf_putc(&w->out, quote);
    for (size_t i = at + 1; i < end; i++) {
        if (w->text.p[i] == '\\') buf_putc(&w->out, '\\');
        buf_putc(&w->out, w->text.p[i]);
    }
    if (end > at) buf_putc(&w->out, w->text.p[end]);
    if (w->in_match && end > at) check_pattern(w, str_of(w->text.p + at + 1, end - at - 1));
    w->in_match = w->after_dot = w->field_start = false;
    return end + 1;
}

static void take_join(struct walk *w, struct str word)
{
    struct level *level = &w->levels[w->depth];
    bool is_and = str_eq_nocase(word, S("and"));
    if (!str_eq(word, is_and ? S("and") : S("or")))
        directive_remark(w->d, S("AND and OR may be in capitals; there they were skipped"));
    level->has_and |= is_and;
    level->has_or |= !is_and;
    if (level->has_and && level->has_or)
        directive_remark(w->d, S("and binds closer than or; there the last of these words ruled "
                                 "all conditions beside each other"));
    w->field_start = true;
}

static void check_field(struct walk *w, struct str word)
{
    static const struct str known[] = {S_INIT("type"),       S_INIT("event"),  S_INIT("name"),
                                       S_INIT("userId"),     S_INIT("traits"), S_INIT("context"),
                                       S_INIT("properties"), S_INIT("not"),    S_INIT("contains"),
                                       S_INIT("match")};
    bool is_known = false;
    for (size_t i = 0; i < countof(known); i++) is_known |= str_eq(word, known[i]);
    if (!is_known)
        directive_remark(w->d, arena_printf(w->d->arena,
                                            "the condition on %.*s counts; there it was skipped",
                                            STR_ARG(str_head(word, 40))));
    if (w->negated && !str_eq(word, S("contains")) && !str_eq(word, S("match")))
        directive_remark(w->d, S("! negates what follows; there it was lost before a field or a "
                                 "group"));
}

static size_t take_word(struct walk *w, size_t at)
{
    size_t end = at;
    while (end < w->text.n && is_word_char(w->text.p[end])) end += w->text.p[end] == '\\' ? 2 : 1;
    if (end > w->text.n) end = w->text.n;
    struct str word = str_of(w->text.p + at, end - at);
    bool joins = !w->after_dot && (str_eq_nocase(word, S("and")) || str_eq_nocase(word, S("or")));
    buf_put(&w->out, word);
    if (joins) {
        take_join(w, word);
    } else if (w->field_start && !w->after_dot) {
        check_field(w, word);
        w->field_start = false;
        w->call_next = str_eq(word, S("contains")) || str_eq(word, S("match"));
        w->in_match |= str_eq(word, S("match"));
        if (w->call_next) w->field_start = true; /* its first argument */
        if (str_eq(word, S("not"))) w->field_start = true;
    }
    w->negated = w->after_dot = false;
    return end;
}

static bool take_open(struct walk *w)
{
    bool call = w->call_next;
    if (w->depth + 1 == GROUPS_MAX)
        return directive_refuse(w->d, "brackets nested deeper than %d", GROUPS_MAX);
    if (w->negated && !call)
        directive_remark(w->d, S("! negates what follows; there it was lost before a field or a "
                                 "group"));
    for (size_t i = 1; i <= w->depth; i++)
        if (!w->levels[i].is_call)
            directive_remark(w->d, S("brackets may stand in brackets; there the first ) ended "
                                     "the outer ones"));
    w->levels[++w->depth] = (struct level){.is_call = call};
    w->call_next = w->negated = false;
    w->field_start = true;
    return true;
}

static bool take_sign(struct walk *w, char c)
{
    if (c == '(') return take_open(w);
    if (c == ')' && w->depth) w->depth--;
    w->negated = c == '!';
    w->after_dot = c == '.';
    return true;
}

static bool walk_all(struct walk *w)
{
    for (size_t at = 0; at < w->text.n;) {
        char c = w->text.p[at];
        if (c == '"' || c == '\'') {
            at = take_text(w, at);
        } else if (is_word_char(c) && !(c >= '0' && c <= '9')) {
            at = take_word(w, at);
        } else {
            bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
            if (!blank && !take_sign(w, c)) return false;
            buf_putc(&w->out, blank ? ' ' : c); /* one line */
            at++;
        }
    }
    return true;
}

bool fql_translate(struct directives *d, struct str text, struct str *out)
{
    struct walk w = {.d = d, .text = str_trim(text), .field_start = true};
    struct str why;
    bool has_nul = str_find_char(text, '\0', 0) != SIZE_MAX; /* YAML cannot hold it */
    bool ok = has_nul ? directive_refuse(d, "a NUL in the text") : walk_all(&w);
    if (ok) {
        *out = arena_str(d->arena, buf_str(&w.out));
        ok = piece_check_trigger(d->arena, *out, &why) || directive_refuse(d, "%.*s", STR_ARG(why));
    }
    buf_fini(&w.out);
    return ok;
}
