/* SPDX-License-Identifier: Apache-2.0 */
/* Writing answers: the head, CORS, and what the server says by itself. */
#ifndef HTTP_RESPOND_H
#define HTTP_RESPOND_H

#include "http/exchange.h"

/* respond_write appends the whole answer to x->out; close adds Connection: close. */
void respond_write(struct exchange *x, const struct http_response *res, bool close);
/* respond_by_itself answers x without a handler: its refusal, or a preflight. */
void respond_by_itself(struct exchange *x);

#endif
