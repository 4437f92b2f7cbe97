/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the API share: the handlers, one for each operation, and how they answer. A handler
 * runs on the admin server's thread, takes the struct console as ctx and answers exactly once. */
#ifndef CONSOLE_API_H
#define CONSOLE_API_H

#include "console/console.h"
#include "console/operations_table.h"

#define X(ID, METHOD, path, ROLE, handler, ...) void handler(void *ctx, struct http_request *req);
OPERATIONS(X)
#undef X

/* api_answer sends JSON and frees the body. */
void api_answer(struct http_request *req, int status, struct buf *body);
/* api_answer_as sends text of another type and frees the body. */
void api_answer_as(struct http_request *req, struct str content_type, struct buf *body);
/* api_error answers {"error":{"code":…,"message":…}}; message is a sentence for people. */
void api_error(struct http_request *req, int status, struct str code, struct str message);
/* api_problems answers 400 with what is wrong in a configuration; problems is the JSON list of load_all. */
void api_problems(struct http_request *req, struct str message, const struct buf *problems);
/* api_load makes a generation of a configuration that came as text, with the console's own file beside it. NULL:
 * it was wrong, and the request has its answer. */
struct generation *api_load(struct console *c, struct http_request *req, struct str text);
/* api_query_u64 reads a numeric query parameter; *value stays when it is absent, false when it is no
 * number. */
bool api_query_u64(struct http_request *req, struct str name, uint64_t *value);
/* api_is_configured: is there a destination of that name in the configuration in force? */
bool api_is_configured(struct console *c, struct str name);
/* api_has_destination: is it configured, or is something kept of it since it was removed? False: neither, and
 * the request has its answer. */
bool api_has_destination(struct console *c, struct http_request *req, struct str name);
/* api_put_time writes "key":"2026-…Z", or null for 0. */
void api_put_time(struct buf *out, struct str key, int64_t ms);

/* api_note writes the audit log: the request's sender did what, to detail. */
void api_note(struct console *c, const struct http_request *req, struct str what,
              struct str detail);

/* metrics_print appends the OpenMetrics exposition, status_print the JSON of the operation STATUS. Both
 * come from one snapshot, in which the states of each destination add up to what was received. */
void metrics_print(struct console *c, struct arena *arena, struct buf *out);
void status_print(struct console *c, struct arena *arena, struct buf *out);

#endif
