/* SPDX-License-Identifier: Apache-2.0 */
/* Where an HTTP request ends, for programs that know who sends it. */
#ifndef BENCH_REQUEST_H
#define BENCH_REQUEST_H

#include "base/str.h"

/* The size of the request at the start of in, with its body; 0 while its head is not whole. */
static inline size_t request_size(struct str in, struct str *body)
{
    static const struct str name = S_INIT("Content-Length: ");
    uint64_t length = 0;
    size_t end = str_find(in, S("\r\n\r\n"), 0), at = str_find(in, name, 0);
    if (end == SIZE_MAX || at == SIZE_MAX) return 0;
    struct str value = str_from(in, at + name.n);
    (void)str_to_u64(str_head(value, str_find_char(value, '\r', 0)), &length);
    *body = str_head(str_from(in, end + 4), length);
    return end + 4 + length;
}

#endif
