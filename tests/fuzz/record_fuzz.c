/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what is read back from disk: an event record, a cursor, a dead letter. Decoded or
 * refused, never outside the bytes. */
#include "core/event.h"
#include "store/encode.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool within(struct str part, struct str whole)
{
    return !part.n || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void check_event(struct str bytes)
{
    struct event e;
    size_t n = event_record_size(bytes);
    assert(n <= bytes.n);
    if (!n || !event_decode(str_head(bytes, n), &e)) return;
    assert(within(e.json, bytes) && within(e.source, bytes) && within(e.message_id, bytes));
    assert(within(e.address, bytes) && within(e.user_agent, bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct str bytes = str_of((const char *)data, size);
    struct cursor cursor;
    struct dead_letter letter;
    struct err err;
    check_event(bytes);
    if (decode_cursor(bytes, &arena, &cursor, &err)) {
        for (size_t i = 0; i < cursor.range_count; i++) {
            assert(cursor.ranges[i].first < cursor.ranges[i].end);
        }
    }
    (void)decode_dead_reason(bytes);
    if (decode_dead(bytes, &letter, &err)) assert(within(letter.record, bytes));
    arena_fini(&arena);
    return 0;
}
