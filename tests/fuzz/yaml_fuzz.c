/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a configuration file and as a preset: no crash, bounded memory, and either a
 * configuration or problems with places inside the file. */
#include "conf/config.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(struct diags *diags)
{
    struct buf out = {0};
    diags_print(&out, diags);
    for (size_t i = 0; i < diags->count; i++)
        assert(str_find_char(diags->items[i].message, '\n', 0) == SIZE_MAX);
    buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct diags diags;
    struct str text = str_of((const char *)data, size);
    /* The fuzzer shall not read files of this machine. */
    if (str_find(text, S("file:"), 0) != SIZE_MAX) return 0;
    diags_init(&diags, &arena);
    struct config *config = config_parse(S("fuzz.yaml"), text, &arena, &diags);
    assert((config != NULL) == (diags.count == 0));
    print(&diags);
    arena_reset(&arena);
    diags_init(&diags, &arena);
    struct destination_conf *preset = preset_parse(S("fuzz.yaml"), text, &arena, &diags);
    assert((preset != NULL) == (diags.count == 0));
    print(&diags);
    arena_fini(&arena);
    return 0;
}
