/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that come late, or not at all: the network's part of the faults. */
#ifndef SANDBOX_LATE_H
#define SANDBOX_LATE_H

#include "http/server.h"

/* late_answer sends the response after delay_ms, or hangs up then when response is NULL. Copies what
 * it needs. Server's thread only; req is gone for the caller. */
void late_answer(struct http_request *req, const struct http_response *response, int64_t delay_ms);

#endif
