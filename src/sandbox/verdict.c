/* SPDX-License-Identifier: Apache-2.0 */
/* See verdict.h. */
#include "sandbox/verdict.h"

#include "base/json.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

/* A place is at most as deep as the event, which is bounded by LIMIT_JSON_DEPTH. */
enum { WARNING_BYTES = 400, KEY_BYTES = 60 };

static const struct {
    int subcode;
    struct str title, text;
} rules[VERDICT_RULE_COUNT] = {
#define X(NAME, subcode, title, text) [VERDICT_##NAME] = {subcode, S_INIT(title), S_INIT(text)},
    VERDICT_RULES(X)
#undef X
};

int verdict_subcode(enum verdict_rule rule)
{
    return rules[rule].subcode;
}

struct str verdict_title(enum verdict_rule rule)
{
    return rules[rule].title;
}

struct str verdict_text(enum verdict_rule rule)
{
    return rules[rule].text;
}

/* The path as Meta prints it: ['custom_data']['contents'][2]. Keys come from the event, so they are
 * cut, and so is the whole. */
static struct str print_path(struct arena *arena, const struct place *at)
{
    struct str head = at->up ? print_path(arena, at->up) : S("");
    if (!at->key.p) return arena_printf(arena, "%.*s[%zu]", STR_ARG(head), at->index);
    return arena_printf(arena, "%.*s['%.*s']", STR_ARG(head),
                        STR_ARG(str_head(at->key, KEY_BYTES)));
}

bool verdict_refuse(struct verdict *v, enum verdict_rule rule, const struct place *at,
                    struct str detail)
{
    assert(v->rule == VERDICT_OK && rule != VERDICT_OK);
    v->rule = rule;
    v->path = at ? print_path(v->arena, at) : S("");
    v->detail = detail;
    return false;
}

/* The same for people: custom_data.contents[2]. */
static size_t print_place(const struct place *at, char *text, size_t n)
{
    size_t used = at->up ? print_place(at->up, text, n) : 0;
    int more;
    if (at->key.p) {
        more = snprintf(text + used, n - used, "%s%.*s", used ? "." : "",
                        STR_ARG(str_head(at->key, KEY_BYTES)));
    } else {
        more = snprintf(text + used, n - used, "[%zu]", at->index);
    }
    assert(more >= 0);
    return used + (size_t)more < n ? used + (size_t)more : n - 1;
}

void verdict_warn(struct verdict *v, const struct place *at, const char *format, ...)
{
    char text[WARNING_BYTES];
    size_t used = 0;
    va_list args;
    if (v->warning_count == countof(v->warnings)) return;
    if (at) {
        used = print_place(at, text, sizeof text / 2);
        used += (size_t)snprintf(text + used, sizeof text - used, ": ");
    }
    va_start(args, format);
    int more = vsnprintf(text + used, sizeof text - used, format, args);
    va_end(args);
    assert(more >= 0);
    v->warnings[v->warning_count++] = arena_str(v->arena, str_z(text));
}

void verdict_put_warnings(struct buf *out, const struct verdict *v)
{
    buf_putc(out, '[');
    for (size_t i = 0; i < v->warning_count; i++) {
        json_comma(out);
        json_put_str(out, v->warnings[i]);
    }
    buf_putc(out, ']');
}
