/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of text files and standard input, one after the other, for the commands that read events. */
#ifndef APP_LINES_H
#define APP_LINES_H

#include "base/buf.h"
#include "base/err.h"

#include <stdio.h>

struct lines {
    char **files; /* NULL-free array; none: standard input */
    int file_count, file_index;
    FILE *open;
    struct buf data; /* what was read and not yet given out, from start on */
    size_t start;
    bool ended;      /* the open file has no more */
    uint64_t number; /* of the line last read, in its file, from 1 */
    /* Of all lines given out, over all files: how many, their bytes with line ends, and their checksum. */
    uint64_t count, bytes;
    uint32_t crc;
};

/* lines_init reads the given files in order ("-" is standard input); none at all: standard input. */
void lines_init(struct lines *l, char **files, int file_count);
/* lines_next gives the next line without its end (\n or \r\n) and a file's byte order mark; the view is valid until the next
 * call. False at the end (err ERR_NONE) or when a file cannot be read (err set). */
bool lines_next(struct lines *l, struct str *line, struct err *err);
/* lines_name is the file being read, "<stdin>" for standard input. */
const char *lines_name(const struct lines *l);
void lines_fini(struct lines *l);

#endif
