/* SPDX-License-Identifier: Apache-2.0 */
/* See csv.h. Cells are sorted by column path beforehand only in so far as equal prefixes that stand
 * side by side share one object; a prefix that comes back later is an error of the header. */
#include "app/csv.h"

#include "base/json.h"
#include "core/limits.h"

enum { COLUMNS_MAX = 512, DEPTH_MAX = 16 };

/* Reads one record, joining lines while a quote is open. */
static bool read_record(struct csv *csv, struct lines *lines, struct err *err)
{
    struct str line;
    size_t quotes = 0;
    buf_clear(&csv->record);
    do {
        if (!lines_next(lines, &line, err)) {
            if (err->kind != ERR_NONE || !csv->record.n) return false;
            return err_set(err, ERR_INPUT, "%s:%llu: a quote is never closed", lines_name(lines),
                           (unsigned long long)lines->number);
        }
        if (csv->record.n) buf_putc(&csv->record, '\n');
        buf_put(&csv->record, line);
        for (size_t i = 0; i < line.n; i++) quotes += line.p[i] == '"';
        if (csv->record.n > LIMIT_EVENT_BYTES) {
            return err_set(err, ERR_LIMIT, "%s:%llu: the record is too long", lines_name(lines),
                           (unsigned long long)lines->number);
        }
    } while (quotes % 2);
    return true;
}

/* Takes the next cell off rest into the arena; false when there is none left. */
static bool take_cell(struct str *rest, struct arena *arena, struct str *cell)
{
    struct str s = *rest;
    if (!s.p) return false;
    if (!s.n || s.p[0] != '"') {
        bool more = str_cut(s, ',', cell, rest);
        *cell = arena_str(arena, *cell);
        if (!more) rest->p = NULL;
        return true;
    }
    char *out = arena_alloc(arena, s.n + 1);
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
    *rest = s.n && s.p[0] == ',' ? str_from(s, 1) : str_of(NULL, 0);
    return true;
}

/* The record that was read is a header. */
static bool take_header(struct csv *csv, struct lines *lines, struct err *err)
{
    struct str rest, cell;
    csv->file_index = lines->file_index;
    csv->column_count = 0;
    csv->columns = arena_array(&csv->arena, struct str, COLUMNS_MAX);
    rest = buf_str(&csv->record);
    if (str_starts(rest, S("\xEF\xBB\xBF"))) rest = str_from(rest, 3); /* spreadsheets' mark */
    while (take_cell(&rest, &csv->arena, &cell)) {
        if (csv->column_count == COLUMNS_MAX) {
            return err_set(err, ERR_INPUT, "%s: more than %d columns", lines_name(lines),
                           COLUMNS_MAX);
        }
        csv->columns[csv->column_count++] = str_trim(cell);
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

bool csv_next(struct csv *csv, struct lines *lines, struct buf *json, struct err *err)
{
    struct nesting nesting = {0};
    struct arena cells = {0};
    struct str cell;
    size_t column = 0;
    bool ok = true;
    if (!read_record(csv, lines, err)) return false;
    while (lines->file_index != csv->file_index) {
        if (!take_header(csv, lines, err) || !read_record(csv, lines, err)) return false;
    }
    struct str rest = buf_str(&csv->record);
    buf_putc(json, '{');
    for (; take_cell(&rest, &cells, &cell); column++) {
        if (column >= csv->column_count) {
            ok = err_set(err, ERR_INPUT, "%s:%llu: more cells than the header has columns (%zu)",
                         lines_name(lines), (unsigned long long)lines->number, csv->column_count);
            break;
        }
        if (!cell.n) continue;
        json_kv_str(json, move_to(&nesting, csv->columns[column], json), cell);
    }
    for (; nesting.depth; nesting.depth--) buf_putc(json, '}');
    buf_putc(json, '}');
    arena_fini(&cells);
    return ok;
}

void csv_fini(struct csv *csv)
{
    arena_fini(&csv->arena);
    buf_fini(&csv->record);
}
