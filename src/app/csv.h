/* SPDX-License-Identifier: Apache-2.0 */
/* CSV (RFC 4180) to events: the header names where each column goes, with dots for nesting
 * ("properties.revenue", "traits.email"), so a spreadsheet becomes Segment-shaped JSON. Values stay
 * text; empty cells are left out. */
#ifndef APP_CSV_H
#define APP_CSV_H

#include "app/lines.h"
#include "base/arena.h"

enum { CSV_COLUMNS_MAX = 512 };

struct csv_column {
    struct str name; /* with its dots */
    size_t cell;     /* which cell of a record it is */
};

struct csv {
    struct arena names, cells; /* the header's, and the quoted ones of the present record */
    struct csv_column columns[CSV_COLUMNS_MAX]; /* those with a name, each object's side by side */
    struct str row[CSV_COLUMNS_MAX];            /* the present record */
    size_t column_count, header_count, cell_count;
    int file_index;    /* whose header it is: each file has its own */
    struct buf record; /* the present record's text, which may span lines */
};

/* csv_open reads the header, the first record of lines. False and err when there is none, or two of its columns
 * would be the same place of the event. */
bool csv_open(struct csv *csv, struct lines *lines, struct err *err);
/* csv_next reads one record and appends it as a JSON object. False at the end (ERR_NONE) or with
 * err (INPUT) for a record that the header has no place for, or with a wrong quote. */
bool csv_next(struct csv *csv, struct lines *lines, struct buf *json, struct err *err);
void csv_fini(struct csv *csv);

#endif
