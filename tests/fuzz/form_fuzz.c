/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a form, urlencoded or multipart by the first byte: ends, and stays inside the body. */
#include "http/form.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct form form;
    struct str name, value;
    size_t fields = 0, bytes = 0;
    if (!size) return 0;
    struct str body = str_of((const char *)data + 1, size - 1);
    struct str type =
        data[0] & 1 ? S("multipart/form-data; boundary=b") : S("application/x-www-form-urlencoded");
    if (form_open(&form, type, body, &arena)) {
        while (form_next(&form, &arena, &name, &value)) {
            fields++;
            bytes += name.n + value.n;
            assert(fields <= size && bytes <= size);
        }
    }
    arena_fini(&arena);
    return 0;
}
