/* SPDX-License-Identifier: Apache-2.0 */
/* See diag.h. */
#include "core/diag.h"

#include "base/text.h"
#include "core/limits.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHOWN_BEFORE = 160, SHOWN_BYTES = 240 };

void diags_init(struct diags *d, struct arena *arena)
{
    *d = (struct diags){.arena = arena};
}

void diag_add(struct diags *d, struct loc loc, const char *format, ...)
{
    char text[1024];
    va_list args;
    if (d->count == LIMIT_PROBLEMS) {
        d->dropped++;
        return;
    }
    if (d->count == d->capacity) {
        size_t bigger = d->capacity ? d->capacity * 2 : 8;
        d->items = arena_grow(d->arena, d->items, d->capacity * sizeof *d->items,
                              bigger * sizeof *d->items);
        d->capacity = bigger;
    }
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args); /* a cut message is still a message */
    va_end(args);
    d->items[d->count++] = (struct diag){loc, arena_str(d->arena, str_z(text))};
}

/* Which letters a name has, folded into 64 bits. One edit changes at most two of them. */
static uint64_t letters_of(struct str s)
{
    uint64_t set = 0;
    for (size_t i = 0; i < s.n; i++) set |= (uint64_t)1 << ((unsigned char)(s.p[i] | 0x20) & 63U);
    return set;
}

static size_t length_gap(struct str a, struct str b)
{
    return a.n > b.n ? a.n - b.n : b.n - a.n;
}

struct str diag_suggest(struct str wrong, const struct str *known, size_t count)
{
    struct str best = {0};
    unsigned best_distance = wrong.n < 4 ? 2 : wrong.n < 6 ? 3 : 4; /* exclusive */
    uint64_t letters = letters_of(wrong);
    for (size_t i = 0; i < count; i++) {
        /* Most names are ruled out without the full comparison, which is slow. */
        if (length_gap(wrong, known[i]) >= best_distance) continue;
        int changed = __builtin_popcountll(letters ^ letters_of(known[i]));
        if (changed > 2 * (int)(best_distance - 1)) continue;
        unsigned distance = str_distance(wrong, known[i]);
        if (distance < best_distance && distance < known[i].n) {
            best_distance = distance;
            best = known[i];
        }
    }
    return best;
}

struct loc loc_plus(struct loc loc, size_t offset)
{
    loc.column += (unsigned)offset;
    return loc;
}

void loc_print(struct buf *out, struct loc loc)
{
    if (!loc.file) return;
    buf_put(out, loc.file->name);
    if (loc.line) buf_printf(out, ":%u:%u", loc.line, loc.column);
}

static struct str find_line(struct str content, unsigned line)
{
    struct str head = {0};
    for (unsigned i = 0; i < line; i++) (void)str_cut(content, '\n', &head, &content);
    if (str_ends(head, S("\r"))) head.n--;
    return head;
}

/* Control characters would move the caret away from its place, or the terminal's cursor anywhere. */
static void print_plain(struct buf *out, struct str s)
{
    size_t at = out->n;
    buf_put(out, s);
    text_disarm(out->p + at, out->n - at);
}

/* The line and a caret below the column. Of a long line only a window around the column. */
static void print_place(struct buf *out, struct str line, size_t column)
{
    size_t from = column > SHOWN_BEFORE ? column - SHOWN_BEFORE : 0;
    while (from && from < line.n && (line.p[from] & 0xC0) == 0x80) from--;
    struct str shown = str_head(str_from(line, from), SHOWN_BYTES);
    buf_put(out, from ? S(" ...") : S("    "));
    print_plain(out, shown);
    buf_put(out, from + shown.n < line.n ? S("...\n    ") : S("\n    "));
    for (size_t i = from; i < column; i++) {
        char c = ' ';
        if (i < line.n) c = line.p[i];
        if ((c & 0xC0) == 0x80) continue; /* one blank for each character, not for each byte */
        buf_putc(out, c == '\t' ? '\t' : ' ');
    }
    buf_put(out, S("^\n"));
}

static void print_one(struct buf *out, const struct diag *diag)
{
    if (diag->loc.file) {
        loc_print(out, diag->loc);
        buf_put(out, S(": "));
    }
    buf_put(out, diag->message);
    buf_putc(out, '\n');
    if (!diag->loc.file || !diag->loc.line) return;
    struct str line = find_line(diag->loc.file->content, diag->loc.line);
    if (!line.n) return;
    size_t column = diag->loc.column ? diag->loc.column - 1 : 0;
    print_place(out, line, column);
}

static int compare(const void *a, const void *b)
{
    const struct loc *x = &((const struct diag *)a)->loc, *y = &((const struct diag *)b)->loc;
    if (!x->file || !y->file) return (x->file != NULL) - (y->file != NULL);
    if (x->file != y->file) return str_cmp(x->file->name, y->file->name);
    if (x->line != y->line) return x->line < y->line ? -1 : 1;
    return (x->column > y->column) - (x->column < y->column);
}

void diags_print(struct buf *out, struct diags *d)
{
    if (d->count) qsort(d->items, d->count, sizeof *d->items, compare);
    for (size_t i = 0; i < d->count; i++) print_one(out, &d->items[i]);
    if (d->dropped) buf_printf(out, "and %zu more problems\n", d->dropped);
}
