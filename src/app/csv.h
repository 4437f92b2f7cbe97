/* SPDX-License-Identifier: Apache-2.0 */
/* CSV (RFC 4180) to events: the header names where each column goes, with dots for nesting
 * ("properties.revenue", "traits.email"), so a spreadsheet becomes Segment-shaped JSON. Values stay
 * text; empty cells are left out. */
#ifndef APP_CSV_H
#define APP_CSV_H

#include "app/lines.h"
#include "base/arena.h"

struct csv {
    struct arena arena;
    struct str *columns; /* from the header */
    size_t column_count;
    int file_index;    /* whose header it is: each file has its own */
    struct buf record; /* the present record, which may span lines */
};

/* csv_open reads the header, the first record of lines. False and err when there is none. */
bool csv_open(struct csv *csv, struct lines *lines, struct err *err);
/* csv_next reads one record and appends it as a JSON object. False at the end (ERR_NONE) or with
 * err (INPUT) for a record with too many cells or an open quote at the end. */
bool csv_next(struct csv *csv, struct lines *lines, struct buf *json, struct err *err);
void csv_fini(struct csv *csv);

#endif
