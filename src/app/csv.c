/* SPDX-License-Identifier: Apache-2.0 */
/* See csv.h. The header's columns are put in an order in which those of one object stand side by side, so that a
 * record is written in one go. */
#include "app/csv.h"

#include "base/json.h"
#include "core/limits.h"

enum { DEPTH_MAX = 16 }; /* what is deeper keeps its dots */

/* Says where in the input something is wrong; false. */
static bool refuse(const struct lines *lines, const char *what, struct err *err)
{
    return err_set(err, ERR_INPUT, "%s:%llu: %s", lines_name(lines),
                   (unsigned long long)lines->number, what);
}

/* Reads one record, joining lines while a quote is open. */
static bool read_record(struct csv *csv, struct lines *lines, struct err *err)
{
    struct str line;
    size_t quotes = 0;
    buf_clear(&csv->record);
    do {
        if (!lines_next(lines, &line, err)) {
            if (err->kind != ERR_NONE || !csv->record.n) return false;
            return refuse(lines, "a quote is never closed", err);
        }
        if (csv->record.n) buf_putc(&csv->record, '\n');
        buf_put(&csv->record, line);
        for (size_t i = 0; i < line.n; i++) quotes += line.p[i] == '"';
        if (csv->record.n > LIMIT_EVENT_BYTES) return refuse(lines, "the record is too long", err);
    } while (quotes % 2);
    return true;
}

/* Takes the next cell off rest into the arena. False at the end, and with err behind a quote that closes in the
 * middle of a cell. */
static bool take_cell(struct csv *csv, struct str *rest, struct str *cell, struct err *err)
{
    struct str s = *rest;
    err->kind = ERR_NONE;
    if (!s.p) return false;
    if (!s.n || s.p[0] != '"') {
        bool more = str_cut(s, ',', cell, rest);
        if (!more) rest->p = NULL;
        return true;
    }
    char *out = arena_alloc(&csv->cells, s.n + 1);
    size_t n = 0, i = 1;
    for (; i < s.n; i++) {
        if (s.p[i] == '"') {
            if (i + 1 >= s.n || s.p[i + 1] != '"') break;
            i++; /* a doubled quote is one quote */
        }
        out[n++] = s.p[i];
    }
    *cell = str_of(out, n);
    s = str_from(s, i + 1);
    *rest = s.n ? str_from(s, 1) : str_of(NULL, 0);
    return !s.n || s.p[0] == ',' ||
           err_set(err, ERR_INPUT, "text behind a closing quote; a quote inside is doubled: \"\"");
}

/* Takes all cells of the record; they are valid until the next record. */
static bool take_cells(struct csv *csv, const struct lines *lines, struct err *err)
{
    struct str rest = buf_str(&csv->record);
    arena_reset(&csv->cells);
    csv->cell_count = 0;
    for (struct str cell; take_cell(csv, &rest, &cell, err);) {
        if (csv->cell_count == CSV_COLUMNS_MAX) return refuse(lines, "too many columns", err);
        csv->row[csv->cell_count++] = cell;
    }
    return err->kind == ERR_NONE ||
           err_wrap(err, "%s:%llu", lines_name(lines), (unsigned long long)lines->number);
}

/* --- the header ----------------------------------------------------------------------------------- */

/* How many bytes of both are steps that they share: "properties." of properties.a and properties.b. */
static size_t shared_steps(struct str a, struct str b)
{
    size_t shared = 0;
    for (size_t i = 0; i < a.n && i < b.n && a.p[i] == b.p[i]; i++)
        if (a.p[i] == '.') shared = i + 1;
    return shared;
}

/* One of them is the other, or the object that the other is in. */
static bool excludes(struct str a, struct str b)
{
    struct str shorter = a.n < b.n ? a : b, longer = a.n < b.n ? b : a;
    return str_starts(longer, shorter) && (a.n == b.n || longer.p[shorter.n] == '.');
}

/* Puts a column behind the last of those that share most of its steps, so that each object is one piece. */
static bool place_column(struct csv *csv, struct str name, size_t cell)
{
    size_t at = csv->column_count, most = 1;
    for (size_t i = 0; i < csv->column_count; i++) {
        size_t shared = shared_steps(csv->columns[i].name, name);
        if (excludes(csv->columns[i].name, name)) return false;
        if (shared < most) continue;
        most = shared;
        at = i + 1;
    }
    struct csv_column *place = &csv->columns[at];
    memmove(place + 1, place, (csv->column_count - at) * sizeof *place);
    *place = (struct csv_column){name, cell};
    csv->column_count++;
    return true;
}

/* The record that was read is a header. A column without a name may have no values. */
static bool take_header(struct csv *csv, struct lines *lines, struct err *err)
{
    csv->file_index = lines->file_index;
    csv->column_count = 0;
    if (!take_cells(csv, lines, err)) return false;
    arena_reset(&csv->names);
    csv->header_count = csv->cell_count;
    for (size_t i = 0; i < csv->cell_count; i++) {
        struct str name = arena_str(&csv->names, str_trim(csv->row[i]));
        if (!name.n || place_column(csv, name, i)) continue;
        return err_set(err, ERR_INPUT, "%s: the column \"%.*s\" and another one are the same place",
                       lines_name(lines), STR_ARG(str_head(name, LIMIT_SHOWN_BYTES)));
    }
    return true;
}

bool csv_open(struct csv *csv, struct lines *lines, struct err *err)
{
    *csv = (struct csv){0};
    if (read_record(csv, lines, err)) return take_header(csv, lines, err);
    return err->kind == ERR_NONE &&
           err_set(err, ERR_INPUT, "%s: no header line", lines_name(lines));
}

/* The objects that are open while a record is written: their keys, outermost first. */
struct nesting {
    struct str keys[DEPTH_MAX];
    size_t depth;
};

/* Closes and opens objects so that the next key may be written at column's place; returns the key. */
static struct str move_to(struct nesting *n, struct str column, struct buf *json)
{
    struct str steps[DEPTH_MAX], rest = column;
    size_t count = 0, shared = 0;
    while (count < DEPTH_MAX && str_cut(rest, '.', &steps[count], &rest)) count++;
    struct str key = count < DEPTH_MAX ? steps[count] : rest;
    while (shared < n->depth && shared < count && str_eq(n->keys[shared], steps[shared])) shared++;
    while (n->depth > shared) {
        buf_putc(json, '}');
        n->depth--;
    }
    while (n->depth < count) {
        json_key(json, steps[n->depth]);
        buf_putc(json, '{');
        n->keys[n->depth] = steps[n->depth];
        n->depth++;
    }
    return key;
}

/* A value beyond the header's columns, or below an empty one, would be lost. */
static bool check_cells(const struct csv *csv, const struct lines *lines, struct err *err)
{
    size_t named = 0, all = 0;
    if (csv->cell_count > csv->header_count)
        return refuse(lines, "more cells than the header has columns", err);
    for (size_t i = 0; i < csv->cell_count; i++) all += csv->row[i].n > 0;
    for (size_t i = 0; i < csv->column_count; i++) {
        size_t cell = csv->columns[i].cell;
        named += cell < csv->cell_count && csv->row[cell].n > 0;
    }
    return named == all || refuse(lines, "a value in a column that has no name", err);
}

bool csv_next(struct csv *csv, struct lines *lines, struct buf *json, struct err *err)
{
    struct nesting nesting = {0};
    if (!read_record(csv, lines, err)) return false;
    while (lines->file_index != csv->file_index) {
        if (!take_header(csv, lines, err) || !read_record(csv, lines, err)) return false;
    }
    if (!take_cells(csv, lines, err) || !check_cells(csv, lines, err)) return false;
    buf_putc(json, '{');
    for (size_t i = 0; i < csv->column_count; i++) {
        const struct csv_column *column = &csv->columns[i];
        if (column->cell >= csv->cell_count || !csv->row[column->cell].n) continue;
        json_kv_str(json, move_to(&nesting, column->name, json), csv->row[column->cell]);
    }
    for (; nesting.depth; nesting.depth--) buf_putc(json, '}');
    buf_putc(json, '}');
    return true;
}

void csv_fini(struct csv *csv)
{
    arena_fini(&csv->names);
    arena_fini(&csv->cells);
    buf_fini(&csv->record);
}
