/* SPDX-License-Identifier: Apache-2.0 */
/* See writer.h. */
#include "import/writer.h"

#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

enum { INDENT = 2, WIDTH = 100, NOTE_BYTES = 2048 };

void writer_init(struct writer *w, struct buf *out, struct buf *notes)
{
    *w = (struct writer){.out = out, .notes = notes};
}

/* --- scalars ------------------------------------------------------------------------------------ */

/* May it stand in the file as it is? What conf/scan.h refuses is escaped instead. */
static bool is_printable(int32_t c)
{
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return false;
    return c != 0x2028 && c != 0x2029 && c != 0xFEFF && c != 0xFFFE && c != 0xFFFF;
}

static bool all_printable(struct str s)
{
    for (size_t at = 0; at < s.n;)
        if (!is_printable(text_next(s, &at))) return false;
    return true;
}

/* Words and numbers that YAML readers take for something else than a text. */
static bool is_special(struct str s)
{
    static const struct str words[] = {
        S_INIT("null"), S_INIT("true"), S_INIT("false"), S_INIT("yes"), S_INIT("no"),
        S_INIT("on"),   S_INIT("off"),  S_INIT("y"),     S_INIT("n"),   S_INIT("drop")};
    for (size_t i = 0; i < countof(words); i++)
        if (str_eq_nocase(s, words[i])) return true;
    return false;
}

/* A first character that cannot begin anything but a plain text. */
static bool is_good_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '(' || c == '$' ||
           (c & 0x80);
}

/* Short enough to be the same number for everyone; longer ones are names in fact. */
static bool is_small_number(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return s.n == 1 || (s.n > 1 && s.n < 10 && s.p[0] != '0');
}

static bool is_plain(struct str s)
{
    if (is_small_number(s)) return true;
    bool item_path = s.n > 1 && s.p[0] == '.' && is_good_start(s.p[1]);
    if (!s.n || (!is_good_start(s.p[0]) && !item_path) || is_special(s)) return false;
    if (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == ':' || !all_printable(s)) return false;
    return str_find(s, S(": "), 0) == SIZE_MAX && str_find(s, S(" #"), 0) == SIZE_MAX;
}

static void put_escaped(struct buf *out, struct str s)
{
    buf_putc(out, '"');
    for (size_t at = 0; at < s.n;) {
        int32_t c = text_next(s, &at);
        if (c < 0) c = 0xFFFD; /* JSON was UTF-8; this is for callers that make texts */
        if (c == '"' || c == '\\') buf_putc(out, '\\');
        if (is_printable(c)) {
            text_put(out, c);
        } else if (c == '\n') {
            buf_put(out, S("\\n"));
        } else {
            buf_printf(out, "\\u%04X", (unsigned)c);
        }
    }
    buf_putc(out, '"');
}

static void put_scalar(struct buf *out, struct str s)
{
    if (is_plain(s)) {
        buf_put(out, s);
    } else if (!all_printable(s) || !s.n || str_find_char(s, '"', 0) == SIZE_MAX) {
        put_escaped(out, s);
    } else { /* texts with quotes inside read best between the other ones */
        buf_putc(out, '\'');
        for (size_t i = 0; i < s.n; i++) {
            if (s.p[i] == '\'') buf_putc(out, '\'');
            buf_putc(out, s.p[i]);
        }
        buf_putc(out, '\'');
    }
}

/* --- lines -------------------------------------------------------------------------------------- */

static void put_indent(struct writer *w, unsigned level)
{
    for (unsigned i = 0; i < level * INDENT; i++) buf_putc(w->out, ' ');
}

static void end_line(struct writer *w)
{
    buf_putc(w->out, '\n');
    w->line++;
}

static void begin_line_at(struct writer *w, unsigned level, bool commented)
{
    if (commented) buf_put(w->out, S("# "));
    if (w->dash) {
        put_indent(w, level - 1);
        buf_put(w->out, S("- "));
    } else {
        put_indent(w, level);
    }
    w->dash = false;
}

/* Writes the keys that were waiting for something inside. */
static void flush_pending(struct writer *w)
{
    unsigned level = w->level - w->pending_count;
    for (unsigned i = 0; i < w->pending_count; i++) {
        begin_line_at(w, level + i, w->pending[i].commented);
        put_scalar(w->out, w->pending[i].name);
        buf_putc(w->out, ':');
        end_line(w);
    }
    w->pending_count = 0;
}

static void begin_line(struct writer *w)
{
    flush_pending(w);
    begin_line_at(w, w->level, w->commented);
}

void writer_open(struct writer *w, struct str key)
{
    assert(w->pending_count < WRITER_PENDING);
    w->pending[w->pending_count++] = (struct writer_key){key, w->commented};
    w->level++;
}

void writer_item(struct writer *w)
{
    flush_pending(w);
    w->dash = true;
    w->level++;
}

void writer_close(struct writer *w)
{
    assert(w->level && !w->dash);
    if (w->pending_count) w->pending_count--;
    w->level--;
}

void writer_pair(struct writer *w, struct str key, struct str text)
{
    begin_line(w);
    put_scalar(w->out, key);
    buf_put(w->out, S(": "));
    put_scalar(w->out, text);
    end_line(w);
}

void writer_plain(struct writer *w, struct str key, struct str value)
{
    begin_line(w);
    put_scalar(w->out, key);
    buf_printf(w->out, ": %.*s", STR_ARG(value));
    end_line(w);
}

void writer_element(struct writer *w, struct str text)
{
    begin_line(w);
    buf_put(w->out, S("- "));
    put_scalar(w->out, text);
    end_line(w);
}

void writer_blank(struct writer *w)
{
    end_line(w);
}

/* --- comments ----------------------------------------------------------------------------------- */

struct str writer_shown(struct arena *arena, struct str text, size_t max)
{
    struct buf out = {0};
    size_t at = 0;
    while (at < text.n && out.n < max) {
        int32_t c = text_next(text, &at);
        if (is_printable(c)) {
            text_put(&out, c);
        } else {
            buf_putc(&out, ' ');
        }
    }
    if (at < text.n) buf_put(&out, S("..."));
    struct str shown = arena_str(arena, buf_str(&out));
    buf_fini(&out);
    return shown;
}

/* The first words of text that fit into room, at least one. */
static struct str first_words(struct str text, size_t room)
{
    size_t end = 0;
    while (end < text.n) {
        size_t blank = str_find_char(text, ' ', end + 1);
        size_t next = blank == SIZE_MAX ? text.n : blank;
        if (end && next > room) break;
        end = next;
    }
    return str_head(text, end);
}

void writer_comment(struct writer *w, struct str text)
{
    unsigned level = w->level - w->pending_count - w->dash;
    while ((text = str_trim(text)).n) {
        struct str line = first_words(text, WIDTH - level * INDENT - 2);
        if (w->commented) buf_put(w->out, S("# "));
        put_indent(w, level);
        buf_put(w->out, S("# "));
        buf_put(w->out, line);
        end_line(w);
        text = str_from(text, line.n);
    }
}

void writer_note(struct writer *w, const char *format, ...)
{
    char text[NOTE_BYTES];
    struct arena arena = {0};
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args); /* a longer one is cut */
    va_end(args);
    struct str shown = writer_shown(&arena, str_z(text), sizeof text);
    buf_printf(w->notes, "line %zu: %.*s\n", w->line + 1, STR_ARG(shown));
    w->note_count++;
    writer_comment(w, shown);
    arena_fini(&arena);
}
