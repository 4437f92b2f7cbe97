/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a vendor's settings (the first byte says whose): an error with words, or a configuration
 * that checks and whose plan compiles; the import proves that itself and would say so. */
#include "import/import.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct str vendors[] = {S_INIT("rudderstack"), S_INIT("segment"),
                                         S_INIT("customerio"), S_INIT("amplitude")};
    struct import_result result;
    struct err err = {.text = ""};
    if (!size) return 0;
    struct str settings = str_of((const char *)data + 1, size - 1);
    if (import_settings(vendors[data[0] % countof(vendors)], settings, &result, &err)) {
        assert(result.yaml.n);
    } else {
        assert(err.text[0] && !result.yaml.n);
        /* What is too large for a configuration may not fit; nothing else may go wrong there. */
        assert(!strstr(err.text, "do not fit") || size > 4096);
    }
    import_result_fini(&result);
    return 0;
}
