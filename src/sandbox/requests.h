/* SPDX-License-Identifier: Apache-2.0 */
/* The last requests and what was answered: the sandbox's side of every dispute. Holds no event and
 * no token, only whether and how one came. Server's thread only. */
#ifndef SANDBOX_REQUESTS_H
#define SANDBOX_REQUESTS_H

#include "base/json.h"
#include "core/limits.h"

enum { REQUEST_ID_BYTES = 40, REQUEST_TEXT_BYTES = 200, REQUEST_VERSION_BYTES = 12 };

/* Texts are NUL-terminated and cut. */
struct request_note {
    uint64_t n; /* from 1 */
    int64_t received_ms;
    int status; /* 0: no answer was given */
    int code, subcode;
    size_t bytes, events;
    size_t stored; /* of the events, copies too */
    size_t refused;
    char version[REQUEST_VERSION_BYTES]; /* "v26.0"; empty when the address had none */
    char pixel_id[REQUEST_ID_BYTES];
    char test_event_code[REQUEST_ID_BYTES], partner_agent[REQUEST_ID_BYTES];
    char error[REQUEST_TEXT_BYTES]; /* title and place */
    char unknown[REQUEST_ID_BYTES]; /* a top-level key that Meta does not know */
    const char *token;              /* "header", "query", "body" or "none" */
    const char *fault;              /* what was played, or NULL */
};

struct requests {
    struct request_note notes[LIMIT_SANDBOX_REQUESTS];
    uint64_t last; /* number of the newest; 0 = none */
};

/* A zeroed struct requests is a valid empty one. */

/* request_text copies and cuts into a note's text. */
void request_text(char *out, size_t size, struct str text);
/* requests_add numbers the note and keeps a copy. */
void requests_add(struct requests *r, const struct request_note *note);
/* requests_print appends {"total":..,"requests":[..]}, oldest first. */
void requests_print(const struct requests *r, struct buf *out);

#endif
