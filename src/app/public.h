/* SPDX-License-Identifier: Apache-2.0 */
/* The servers of the public address: one for each ingest loop. */
#ifndef APP_PUBLIC_H
#define APP_PUBLIC_H

#include "app/pipeline.h"
#include "conf/config.h"

/* public_open opens count of them into p->public_loops, not yet started. False and err when the address is
 * not to be had; those opened before are p's to free. */
bool public_open(struct pipeline *p, const struct config *config, size_t count, struct err *err);

#endif
