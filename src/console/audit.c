/* SPDX-License-Identifier: Apache-2.0 */
/* See audit.h. */
#include "console/audit.h"

#include "base/json.h"
#include "base/mem.h"
#include "core/limits.h"
#include "core/log.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <fcntl.h>

struct audit {
    struct buf path, former;
    int fd;
    off_t size;
};

static bool open_file(struct audit *a, struct err *err)
{
    a->fd = file_open(a->path.p, O_RDWR | O_CREAT, 0600, err);
    if (a->fd < 0) return false;
    a->size = file_size(a->fd, err);
    return a->size >= 0;
}

struct audit *audit_open(const char *path, struct err *err)
{
    struct audit *a = mem_new(sizeof *a);
    buf_printf(&a->path, "%s%c", path, 0);
    buf_printf(&a->former, "%s.1%c", path, 0);
    if (open_file(a, err)) return a;
    audit_close(a);
    return NULL;
}

void audit_close(struct audit *a)
{
    if (!a) return;
    if (a->fd >= 0) file_close(a->fd);
    buf_fini(&a->path);
    buf_fini(&a->former);
    mem_free(a);
}

static bool begin_anew(struct audit *a, struct err *err)
{
    if (!file_rename(a->path.p, a->former.p, err)) return false;
    file_close(a->fd);
    return open_file(a, err);
}

static bool append(struct audit *a, const struct buf *line, struct err *err)
{
    struct iovec iov = {line->p, line->n};
    if ((size_t)a->size + line->n > LIMIT_AUDIT_BYTES && !begin_anew(a, err)) return false;
    if (!file_write_at(a->fd, &iov, 1, a->size, err)) return false;
    a->size += (off_t)line->n;
    return file_datasync(a->fd, err);
}

void audit_note(struct audit *a, struct str who, struct str what, struct str detail)
{
    struct buf line = {0}, time = {0};
    struct err err;
    time_print(&time, clock_now_ms());
    buf_putc(&line, '{');
    json_kv_str(&line, S("time"), buf_str(&time));
    json_kv_str(&line, S("who"), who);
    json_kv_str(&line, S("what"), what);
    json_kv_str(&line, S("detail"), str_head(detail, 1000));
    buf_put(&line, S("}\n"));
    if (!append(a, &line, &err)) log_err("console", "cannot write the audit log", &err);
    buf_fini(&time);
    buf_fini(&line);
}

/* Lines from the end of text; a torn last one (a crash) is left out. */
static size_t put_backwards(struct str text, size_t most, struct buf *out)
{
    size_t end = text.n, put = 0;
    while (end && text.p[end - 1] != '\n') end--;
    while (end && put < most) {
        size_t start = --end;
        while (start && text.p[start - 1] != '\n') start--;
        json_comma(out);
        buf_put(out, str_of(text.p + start, end - start));
        put++;
        end = start;
    }
    return put;
}

void audit_read(const struct audit *a, size_t most, struct buf *out)
{
    const char *paths[] = {a->path.p, a->former.p};
    buf_putc(out, '[');
    for (size_t i = 0; i < countof(paths) && most; i++) {
        struct buf text = {0};
        struct err err;
        if (!file_exists(paths[i])) continue;
        if (file_read_all(paths[i], LIMIT_AUDIT_BYTES + 4096, &text, &err)) {
            most -= put_backwards(buf_str(&text), most, out);
        } else {
            log_err("console", "cannot read the audit log", &err);
        }
        buf_fini(&text);
    }
    buf_putc(out, ']');
}
