/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the text is, its outline and the parser's tree agree: on the verdict, and on every value in it. */
#include "../support/outline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    (void)outline_agrees(str_of((const char *)data, size), &arena);
    arena_fini(&arena);
    return 0;
}
