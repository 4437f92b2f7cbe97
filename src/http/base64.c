/* SPDX-License-Identifier: Apache-2.0 */
/* See base64.h. */
#include "http/base64.h"

static int digit(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+' || c == '-') return 62;
    if (c == '/' || c == '_') return 63;
    return -1;
}

struct str base64_decode(struct arena *arena, struct str text)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t n = 0;
    for (int pads = 0; pads < 2 && text.n && text.p[text.n - 1] == '='; pads++) text.n--;
    if (text.n % 4 == 1) return str_of(NULL, 0);
    char *out = arena_alloc(arena, text.n / 4 * 3 + 3);
    for (size_t i = 0; i < text.n; i++) {
        int value = digit(text.p[i]);
        if (value < 0) return str_of(NULL, 0);
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[n++] = (char)(bits >> held & 0xff);
        }
    }
    return str_of(out, n);
}
