/* SPDX-License-Identifier: Apache-2.0 */
/* See lines.h. Reads in large blocks; a line is a view into the block. */
#include "app/lines.h"

#include "base/crc32c.h"
#include "core/limits.h"
#include "sys/file.h"

#include <fcntl.h>
#include <unistd.h>

enum { BLOCK_BYTES = 256 * 1024 };

void lines_init(struct lines *l, char **files, int file_count)
{
    *l = (struct lines){.files = files, .file_count = file_count, .fd = -1};
}

/* The path of the present file, after the end that of the last; "-" is standard input. */
static const char *path_of(const struct lines *l)
{
    if (!l->file_count) return "-";
    return l->files[l->file_index < l->file_count ? l->file_index : l->file_count - 1];
}

const char *lines_name(const struct lines *l)
{
    return strcmp(path_of(l), "-") != 0 ? path_of(l) : "<stdin>";
}

static bool open_next(struct lines *l, struct err *err)
{
    bool is_stdin = strcmp(path_of(l), "-") == 0;
    l->fd = is_stdin ? STDIN_FILENO : file_open(path_of(l), O_RDONLY, 0, err);
    l->number = 0;
    l->ended = false;
    if (l->fd < 0) err->kind = ERR_INPUT; /* another file was meant */
    return l->fd >= 0;
}

static void close_open(struct lines *l)
{
    if (l->fd != STDIN_FILENO) file_close(l->fd);
    l->fd = -1;
}

/* Reads one more block behind what is left; at the end of the file sets ended. */
static bool read_block(struct lines *l, struct err *err)
{
    struct str rest = str_of(l->data.p + l->start, l->data.n - l->start);
    if (rest.n > LIMIT_LINE_BYTES) {
        return err_set(err, ERR_INPUT, "%s:%llu: longer than %zu bytes; is there an event a line?",
                       lines_name(l), (unsigned long long)l->number + 1, LIMIT_LINE_BYTES);
    }
    if (l->start && rest.n) memmove(l->data.p, rest.p, rest.n);
    l->data.n = rest.n;
    l->start = 0;
    ssize_t n = file_read(l->fd, BLOCK_BYTES, &l->data, err);
    l->ended = n <= 0;
    if (n >= 0) return true;
    err->kind = ERR_INPUT; /* a directory, most likely */
    return err_wrap(err, "%s", lines_name(l));
}

static bool refuse_utf16(struct str text, const char *name, struct err *err)
{
    if (!str_starts(text, S("\xFF\xFE")) && !str_starts(text, S("\xFE\xFF"))) return true;
    return err_set(err, ERR_INPUT, "%s: the file is UTF-16; save it as UTF-8", name);
}

/* Windows' programs put it at the beginning of UTF-8. */
static const struct str mark = S_INIT("\xEF\xBB\xBF");

/* Takes the next whole line of what was read, or at the file's end what is left. */
static bool take_line(struct lines *l, struct str *line)
{
    struct str rest = str_of(l->data.p + l->start, l->data.n - l->start);
    size_t end = rest.n ? str_find_char(rest, '\n', l->searched) : SIZE_MAX;
    l->searched = end == SIZE_MAX ? rest.n : 0;
    if (end == SIZE_MAX && (!l->ended || !rest.n)) return false;
    l->searched = 0;
    *line = str_head(rest, end);
    size_t whole = line->n + (end != SIZE_MAX);
    l->start += whole;
    l->count++;
    l->bytes += whole;
    l->crc = crc32c(l->crc, line->p, whole);
    if (str_ends(*line, S("\r"))) line->n--;
    if (!l->number++ && str_starts(*line, mark)) *line = str_from(*line, mark.n);
    return true;
}

bool lines_next(struct lines *l, struct str *line, struct err *err)
{
    err->kind = ERR_NONE;
    for (;;) {
        if (l->fd < 0) {
            if (l->file_index > 0 && l->file_index >= l->file_count) return false;
            if (!open_next(l, err)) return false;
        }
        if (take_line(l, line)) return l->number > 1 || refuse_utf16(*line, lines_name(l), err);
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

bool lines_read_all(const char *path, size_t limit, struct buf *out, struct err *err)
{
    size_t start = out->n;
    bool ok = strcmp(path, "-") != 0 ? file_read_all(path, limit, out, err)
                                     : file_read_input(limit, out, err);
    err->kind = ERR_INPUT; /* another file was meant */
    if (!ok || !refuse_utf16(buf_since(out, start), path, err)) return false;
    if (!str_starts(buf_since(out, start), mark)) return true;
    out->n -= mark.n;
    memmove(out->p + start, out->p + start + mark.n, out->n - start);
    return true;
}
