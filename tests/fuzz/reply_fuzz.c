/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as Meta's answer, with headers cut off the same bytes: always a classification with words,
 * a culprit only for a refusal, waits within reason. */
#include "meta/reply.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct reply reply;
    if (size < 2) return 0;
    struct str rest = str_of((const char *)data + 2, size - 2), header, body;
    int status = data[0] * 256 + data[1];
    (void)str_cut(rest, '\0', &header, &body);
    struct reply_headers headers = {header, header, header, header};
    reply_read(status % 700, body.n ? body : rest, &headers, &arena, &reply);
    assert(reply.class <= REPLY_REFUSED);
    assert(reply.culprit < 0 || reply.class == REPLY_REFUSED);
    assert(reply.retry_after_ms >= 0);
    assert(reply.class == REPLY_OK || (reply.cause.n && reply.cure.n));
    arena_fini(&arena);
    return 0;
}
