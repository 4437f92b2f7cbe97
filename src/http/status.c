/* SPDX-License-Identifier: Apache-2.0 */
/* See status.h. */
#include "http/status.h"

static const struct status table[] = {
#define X(number, phrase, code, message) {number, S_INIT(phrase), S_INIT(code), S_INIT(message)},
    HTTP_STATUSES(X)
#undef X
};

static const struct status unknown = {0, S_INIT("Unknown"), S_INIT(""), S_INIT("")};

const struct status *status_find(int status)
{
    for (size_t i = 0; i < countof(table); i++) {
        if (table[i].status == status) return &table[i];
    }
    return &unknown;
}
