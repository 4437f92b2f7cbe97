/* SPDX-License-Identifier: Apache-2.0 */
/* What an event says has one sum, whether it was outlined or is read as text; and any text has one. */
#include "journal/content.h"

#include <assert.h>

static void check(const struct outline *o, const struct outline_node *where, unsigned flags,
                  bool sent)
{
    struct event e = {.json = outline_text(o, where), .flags = flags, .sent_ms = sent};
    assert(content_sum_outlined(&e, o, where) == content_sum(&e));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct outline o;
    struct str text = str_of((const char *)data, size);
    struct event e = {.json = text, .flags = EVENT_FROM_BROWSER, .sent_ms = 1};
    (void)content_sum(&e);
    bool read = outline_read(&arena, text, &o);
    for (uint32_t i = 0; read && i < o.nodes->nodes; i++) {
        if (o.nodes[i].kind != OUTLINE_OBJECT) continue;
        check(&o, &o.nodes[i], EVENT_FROM_BROWSER, true);
        check(&o, &o.nodes[i], EVENT_FROM_BROWSER, false);
        check(&o, &o.nodes[i], 0, true);
    }
    arena_fini(&arena);
    return 0;
}
