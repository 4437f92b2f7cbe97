/* SPDX-License-Identifier: Apache-2.0 */
/* See outcome.h. */
#include "core/outcome.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
    struct str name, meaning;
} states[STATE_COUNT] = {
#define X(NAME, name, meaning) [STATE_##NAME] = {S_INIT(name), S_INIT(meaning)},
    STATES(X)
#undef X
};

static const struct {
    struct str name, meaning;
    enum state state;
} reasons[REASON_COUNT] = {
#define X(NAME, name, STATE, meaning)                                                              \
    [REASON_##NAME] = {S_INIT(name), S_INIT(meaning), STATE_##STATE},
    REASONS(X)
#undef X
};

struct str state_name(enum state state)
{
    assert(state < STATE_COUNT);
    return states[state].name;
}

struct str state_meaning(enum state state)
{
    assert(state < STATE_COUNT);
    return states[state].meaning;
}

struct str reason_name(enum reason reason)
{
    assert(reason < REASON_COUNT);
    return reasons[reason].name;
}

struct str reason_meaning(enum reason reason)
{
    assert(reason < REASON_COUNT);
    return reasons[reason].meaning;
}

struct str reason_cure(enum reason reason)
{
    static const struct str cures[REASON_COUNT] = {
#define X(NAME, cure) [REASON_##NAME] = S_INIT(cure),
        CURES(X)
#undef X
    };
    assert(reason < REASON_COUNT);
    return cures[reason];
}

enum state reason_state(enum reason reason)
{
    assert(reason < REASON_COUNT);
    return reasons[reason].state;
}

enum reason reason_find(struct str name)
{
    enum reason i = 0;
    while (i < REASON_COUNT && !str_eq(reasons[i].name, name)) i++;
    return i;
}

void outcome_set(struct outcome *o, enum reason reason, const char *path, const char *format, ...)
{
    o->reason = reason;
    o->state = reason_state(reason);
    (void)snprintf(o->path, sizeof o->path, "%s", path ? path : ""); /* cut to fit, see header */
    o->message[0] = '\0';
    if (!format) return;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(o->message, sizeof o->message, format, args); /* cut to fit, see header */
    va_end(args);
}
