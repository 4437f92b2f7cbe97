/* SPDX-License-Identifier: Apache-2.0 */
/* See lines.h. Reads in large blocks; a line is a view into the block. */
#include "app/lines.h"

#include "base/crc32c.h"

#include <errno.h>

enum { BLOCK_BYTES = 256 * 1024 };

void lines_init(struct lines *l, char **files, int file_count)
{
    *l = (struct lines){.files = files, .file_count = file_count};
}

static bool is_stdin(const struct lines *l)
{
    return l->file_count == 0 || !strcmp(l->files[l->file_index], "-");
}

const char *lines_name(const struct lines *l)
{
    return is_stdin(l) ? "<stdin>" : l->files[l->file_index];
}

static bool open_next(struct lines *l, struct err *err)
{
    l->open = is_stdin(l) ? stdin : fopen(l->files[l->file_index], "r");
    l->number = 0;
    l->ended = false;
    return l->open || err_set(err, ERR_INPUT, "%s: %s", lines_name(l), strerror(errno));
}

static void close_open(struct lines *l)
{
    if (l->open && l->open != stdin) (void)fclose(l->open); /* was only read */
    l->open = NULL;
}

/* Reads one more block behind what is left; at the end of the file sets ended. */
static bool read_block(struct lines *l, struct err *err)
{
    struct str rest = str_of(l->data.p + l->start, l->data.n - l->start);
    if (l->start && rest.n) memmove(l->data.p, rest.p, rest.n);
    l->data.n = rest.n;
    l->start = 0;
    size_t n = fread(buf_reserve(&l->data, BLOCK_BYTES), 1, BLOCK_BYTES, l->open);
    l->data.n += n;
    if (n) return true;
    l->ended = true;
    return !ferror(l->open) || err_set(err, errno == EISDIR ? ERR_INPUT : ERR_IO,
                                       "%s: cannot read: %s", lines_name(l), strerror(errno));
}

/* Takes the next whole line of what was read, or at the file's end what is left. */
static bool take_line(struct lines *l, struct str *line)
{
    struct str rest = str_of(l->data.p + l->start, l->data.n - l->start);
    size_t end = rest.n ? str_find_char(rest, '\n', 0) : SIZE_MAX;
    if (end == SIZE_MAX && (!l->ended || !rest.n)) return false;
    *line = str_head(rest, end);
    size_t whole = line->n + (end != SIZE_MAX);
    l->start += whole;
    l->count++;
    l->bytes += whole;
    l->crc = crc32c(l->crc, line->p, whole);
    if (str_ends(*line, S("\r"))) line->n--;
    /* Windows' programs mark UTF-8 at the beginning of a file. */
    if (!l->number++ && str_starts(*line, S("\xEF\xBB\xBF"))) *line = str_from(*line, 3);
    return true;
}

bool lines_next(struct lines *l, struct str *line, struct err *err)
{
    err->kind = ERR_NONE;
    for (;;) {
        if (!l->open) {
            if (l->file_index > 0 && l->file_index >= l->file_count) return false;
            if (!open_next(l, err)) return false;
        }
        if (take_line(l, line)) return true;
        if (!l->ended) {
            if (!read_block(l, err)) return false;
            continue;
        }
        close_open(l);
        l->file_index++;
        if (l->file_index >= l->file_count) return false;
    }
}

void lines_fini(struct lines *l)
{
    close_open(l);
    buf_fini(&l->data);
}
