/* SPDX-License-Identifier: Apache-2.0 */
/* See log.h. */
#include "core/log.h"

#include "base/json.h"
#include "base/time.h"
#include "sys/clock.h"

#include <unistd.h>

static enum log_format format = LOG_JSON;
static enum log_level least = LOG_INFO;
static const char *const level_names[] = {"debug", "info", "warn", "error"};

void log_setup(enum log_format new_format, enum log_level new_least)
{
    format = new_format;
    least = new_least;
}

static void put_json(struct buf *out, enum log_level level, const char *area, const char *message)
{
    buf_put(out, S("{\"time\":\""));
    time_print(out, clock_now_ms());
    buf_putc(out, '"');
    json_kv_str(out, S("level"), str_z(level_names[level]));
    json_kv_str(out, S("area"), str_z(area));
    json_kv_str(out, S("msg"), str_z(message));
}

static void put_json_field(struct buf *out, const struct log_field *field)
{
    if (field->text.p) {
        json_kv_str(out, str_z(field->key), field->text);
    } else {
        json_kv_i64(out, str_z(field->key), field->number);
    }
}

static void put_text_field(struct buf *out, const struct log_field *field)
{
    buf_printf(out, " %s=", field->key);
    if (field->text.p) {
        json_put_str(out, field->text);
    } else {
        buf_put_i64(out, field->number);
    }
}

void log_write(enum log_level level, const char *area, const char *message,
               const struct log_field *fields, size_t count)
{
    struct buf line = {0};
    if (level < least) return;
    if (format == LOG_JSON) {
        put_json(&line, level, area, message);
        for (size_t i = 0; i < count; i++) put_json_field(&line, &fields[i]);
        buf_putc(&line, '}');
    } else {
        time_print(&line, clock_now_ms());
        buf_printf(&line, " %-5s %s: %s", level_names[level], area, message);
        for (size_t i = 0; i < count; i++) put_text_field(&line, &fields[i]);
    }
    buf_putc(&line, '\n');
    /* A log that cannot be written must not stop the daemon. */
    ssize_t ignored = write(STDERR_FILENO, line.p, line.n);
    (void)ignored;
    buf_fini(&line);
}

void log_err(const char *area, const char *message, const struct err *err)
{
    log_line(LOG_ERROR, area, message, LOG_Z("error", err->text));
}
