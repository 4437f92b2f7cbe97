/* SPDX-License-Identifier: Apache-2.0 */
/* See err.h. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    err->kind = kind;
    (void)vsnprintf(err->text, sizeof err->text, format, args); /* a cut sentence is still useful */
    va_end(args);
    return false;
}

bool err_wrap(struct err *err, const char *format, ...)
{
    char before[sizeof err->text];
    size_t n;
    va_list args;
    memcpy(before, err->text, sizeof before);
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof err->text, format, args); /* cut is fine, as above */
    va_end(args);
    n = strlen(err->text);
    (void)snprintf(err->text + n, sizeof err->text - n, ": %s", before);
    return false;
}

int err_exit_code(const struct err *err)
{
    switch (err->kind) {
    case ERR_NONE: return 0;
    case ERR_USAGE: return 2;
    case ERR_INPUT: return 1;
    case ERR_IO:
    case ERR_NET:
    case ERR_LIMIT: return 3;
    }
    return 3;
}
