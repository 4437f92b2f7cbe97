/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 as clients send it: both alphabets, padding optional. */
#ifndef HTTP_BASE64_H
#define HTTP_BASE64_H

#include "base/arena.h"

/* base64_decode returns the bytes in the arena; p = NULL when text is not Base64. */
struct str base64_decode(struct arena *arena, struct str text);

#endif
