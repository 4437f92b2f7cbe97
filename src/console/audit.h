/* SPDX-License-Identifier: Apache-2.0 */
/* Who did what: a line of JSON for each change made through the console or API and for each look at
 * personal data, in a file of the data directory. Never secrets, never event content. One thread. */
#ifndef CONSOLE_AUDIT_H
#define CONSOLE_AUDIT_H

#include "base/buf.h"
#include "base/err.h"

struct audit;

/* audit_open continues the file at path (created at the first line). */
struct audit *audit_open(const char *path, struct err *err);
void audit_close(struct audit *a);
/* audit_note adds a line and makes it durable; a failure is logged, since what was done is done. what is
 * a verb of a fixed list ("signed in", "retried dead letters"), detail says to what and may be empty. */
void audit_note(struct audit *a, struct str who, struct str what, struct str detail);
/* audit_read appends the last lines, at most most of them, newest first, as a JSON list. */
void audit_read(const struct audit *a, size_t most, struct buf *out);

#endif
