/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines: one JSON object a line on stderr, or text for people. A line has an area (the room), a
 * message that never varies, and typed fields. Never personal data, never a token: there is no way
 * to log an event's content, only its ids. Nothing is logged per event. */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "base/err.h"
#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_JSON, LOG_TEXT };

struct log_field {
    const char *key;
    struct str text; /* p = NULL: number is the value */
    int64_t number;
};

#define LOG_STR(key, value) ((struct log_field){(key), (value), 0})
#define LOG_Z(key, value) ((struct log_field){(key), str_z(value), 0})
#define LOG_NUM(key, value) ((struct log_field){(key), {NULL, 0}, (int64_t)(value)})

/* log_setup is called once, before threads. */
void log_setup(enum log_format format, enum log_level least);
/* log_write emits one line with one write; any thread. */
void log_write(enum log_level level, const char *area, const char *message,
               const struct log_field *fields, size_t count);
/* log_err is a line at level error whose field "error" is err's text. */
void log_err(const char *area, const char *message, const struct err *err);

#define log_line(level, area, message, ...)                                                        \
    log_write((level), (area), (message), (const struct log_field[]){__VA_ARGS__},                 \
              sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))
#define log_plain(level, area, message) log_write((level), (area), (message), NULL, 0)

#endif
