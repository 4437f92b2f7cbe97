/* SPDX-License-Identifier: Apache-2.0 */
/* See hold.h. */
#include "core/hold.h"

#include "base/sha256.h"

static const struct str names[][2] = {
#define X(NAME, name, meaning) {S_INIT(name), S_INIT(meaning)},
    HOLD_THENS(X)
#undef X
};

struct str hold_then_name(enum hold_then then)
{
    return names[then][0];
}

struct str hold_then_meaning(enum hold_then then)
{
    return names[then][1];
}

/* Both are hashed before they are joined, so that no name and text are another name and text. */
struct hold_key hold_key_make(struct str name, struct str text)
{
    unsigned char both[2 * SHA256_BYTES], joined[SHA256_BYTES];
    struct hold_key key;
    sha256(name, both);
    sha256(text, both + SHA256_BYTES);
    sha256(str_of((const char *)both, sizeof both), joined);
    memcpy(key.bytes, joined, sizeof key.bytes);
    return key;
}
