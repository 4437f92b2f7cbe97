/* SPDX-License-Identifier: Apache-2.0 */
/* Stages do not know each other: what one needs of another is handed to it here. */
#ifndef APP_GIVEN_H
#define APP_GIVEN_H

#include "deliver/deliver.h"

struct pipeline;

/* given_config pins the present generation for ctx, a struct pipeline; given_release lets it go. Any thread. */
const struct config *given_config(void *ctx, const void **generation);
void given_release(void *ctx, const void *generation);

/* given_delivery is what delivery is made with. Its one thread maps with memory that given_open makes, before it
 * starts, and given_close frees when it has ended. */
struct deliver_source given_delivery(struct pipeline *p);
void given_open(void);
void given_close(void);

#endif
