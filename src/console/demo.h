/* SPDX-License-Identifier: Apache-2.0 */
/* The events of a small shop that `pixeld demo` and the console's demo send; the list is in demo_table.c. */
#ifndef CONSOLE_DEMO_H
#define CONSOLE_DEMO_H

#include "base/str.h"

enum demo_sdk { DEMO_SEGMENT, DEMO_RUDDERSTACK };

struct demo_event {
    enum demo_sdk sdk;
    const char *path; /* the SDK's own route */
    const char *what; /* for people */
    const char *json; /* without messageId, which each run makes anew */
};

extern const struct demo_event demo_events[];
extern const size_t demo_event_count;

#endif
