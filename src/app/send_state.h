/* SPDX-License-Identifier: Apache-2.0 */
/* How far a `pixeld send` has come, in a small file, so that a killed one goes on where the server last
 * acknowledged. It counts lines over all inputs and keeps their checksum, to notice other inputs. */
#ifndef APP_SEND_STATE_H
#define APP_SEND_STATE_H

#include "base/buf.h"
#include "base/err.h"

enum { SEND_RUN_HEX = 24 };

struct send_state {
    const char *path;           /* NULL: nothing is kept */
    uint64_t lines;             /* acknowledged, from the first line of the first input */
    uint32_t crc;               /* of those lines */
    char run[SEND_RUN_HEX + 1]; /* tells this sending from others; the same when it goes on */
};

/* send_state_open reads what an earlier run left at path, or begins anew. path is the caller's and may be NULL.
 * False and err when there is a file that is not ours. */
bool send_state_open(struct send_state *s, const char *path, struct err *err);
/* send_state_save replaces the file, durably; also before the first sending, for run. */
bool send_state_save(const struct send_state *s, struct err *err);
/* send_state_remove: all is done. */
bool send_state_remove(const struct send_state *s, struct err *err);

#endif
