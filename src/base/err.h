/* SPDX-License-Identifier: Apache-2.0 */
/* An operation that failed says so with false and a struct err: the sentence is written where the
 * failure is understood, callers add context on the way up, and the top logs it once. Bugs are
 * asserts; bad events are verdicts (core/outcome.h), not errors. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

enum err_kind {
    ERR_NONE,
    ERR_USAGE, /* the command line is wrong: exit code 2 */
    ERR_INPUT, /* the input or the configuration is wrong: exit code 1 */
    ERR_IO,    /* the disk or the system said no: exit code 3 */
    ERR_NET,   /* a peer could not be reached or hung up: exit code 3 */
    ERR_LIMIT, /* a bound of core/limits.h was reached; may work later or with less */
};

struct err {
    enum err_kind kind;
    char text[512]; /* one sentence a user understands; no trailing newline; never personal data */
};

/* err_set fills err and returns false, so that `return err_set(...)` reads well. */
bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* err_wrap puts "context: " in front of what err already says; returns false. */
bool err_wrap(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* err_exit_code is the process exit code for err (DESIGN: 0 done, 1 input, 2 usage, 3 environment). */
int err_exit_code(const struct err *err);

#endif
