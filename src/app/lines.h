/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of text files and standard input, one after the other, for the commands that read events. */
#ifndef APP_LINES_H
#define APP_LINES_H

#include "base/buf.h"
#include "base/err.h"

struct lines {
    char **files; /* NULL-free array; none: standard input */
    int file_count, file_index;
    int fd;          /* -1: the next file is yet to be opened */
    struct buf data; /* what was read and not yet given out, from start on */
    size_t start;
    size_t searched; /* so many bytes from start on have no line end */
    bool ended;      /* the open file has no more */
    uint64_t number; /* of the line last read, in its file, from 1 */
    /* Of all lines given out, over all files: how many, their bytes with line ends, and their checksum. */
    uint64_t count, bytes;
    uint32_t crc;
};

/* lines_init reads the given files in order ("-" is standard input); none at all: standard input. */
void lines_init(struct lines *l, char **files, int file_count);
/* lines_next gives the next line without its end (\n or \r\n) and a file's byte order mark, as soon as it is there;
 * the view is valid until the next call. False at the end (err ERR_NONE), or with err when a file cannot be read,
 * is UTF-16 or has a line beyond LIMIT_LINE_BYTES. */
bool lines_next(struct lines *l, struct str *line, struct err *err);
/* lines_name is the file being read, "<stdin>" for standard input. */
const char *lines_name(const struct lines *l);
void lines_fini(struct lines *l);

/* lines_read_all appends a whole text file ("-": standard input), at most limit bytes, without a byte order mark.
 * False and err (INPUT: another file was meant) when that cannot be, or it is UTF-16. */
bool lines_read_all(const char *path, size_t limit, struct buf *out, struct err *err);

#endif
