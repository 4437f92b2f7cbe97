/* SPDX-License-Identifier: Apache-2.0 */
/* Segment's tracking protocol, for those who speak it under another name. */
#ifndef INGEST_SEGMENT_H
#define INGEST_SEGMENT_H

#include "ingest/wire.h"

#define SEGMENT_FORM                                                                               \
    {                                                                                              \
        .key = S_INIT("writeKey"), .batch = S_INIT("batch"), .type = S_INIT("type"),               \
        .id = S_INIT("messageId"), .sent = S_INIT("sentAt"), .shares = true                        \
    }

/* segment_settle tells apart who shares Segment's routes: by a header or the library's name, else by
 * what the source's configuration says. */
const struct wire *segment_settle(const struct asking *a, const struct source_conf *source);

#endif
