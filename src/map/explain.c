/* SPDX-License-Identifier: Apache-2.0 */
/* See explain.h. The story is written down as it happens, in the order of the run; parameters for
 * which the event had nothing are gathered into one line, or they would drown the others. */
#include "map/explain.h"

#include "base/json.h"
#include "base/mem.h"
#include "core/diag.h"
#include "core/limits.h"
#include "map/detect.h"
#include "map/mask.h"
#include "meta/fields.h"

#include <stdarg.h>
#include <stdio.h>

enum { VALUE_BYTES = 120, STEPS_MAX = 40 };

struct explain {
    bool reveal;
    bool personal; /* the present target is personal data */
    bool found;    /* ... and had a value to begin with */
    unsigned steps;
    struct buf story;
    struct buf steps_text; /* of the present target */
    struct buf absent;     /* names of targets without a value */
    struct buf withheld;   /* names of what may not leave */
    struct buf scratch;
    struct buf title;  /* section.name of the present target */
    struct str member; /* the part of it that is at work; empty: all of it */
    struct loc loc;
};

struct explain *explain_new(bool reveal_personal_data)
{
    struct explain *x = mem_new(sizeof *x);
    x->reveal = reveal_personal_data;
    return x;
}

void explain_free(struct explain *x)
{
    if (!x) return;
    buf_fini(&x->story);
    buf_fini(&x->steps_text);
    buf_fini(&x->absent);
    buf_fini(&x->withheld);
    buf_fini(&x->scratch);
    buf_fini(&x->title);
    mem_free(x);
}

static bool is_full(const struct explain *x)
{
    return x->story.n > LIMIT_EXPLAIN_BYTES;
}

static void put_place(struct buf *out, struct loc loc)
{
    if (!loc.file) return;
    buf_printf(out, "   (%.*s:%u)", STR_ARG(loc.file->name), loc.line);
}

/* Appends JSON cut to what an eye takes in, on a character's boundary. */
static void put_cut(struct buf *out, struct str json)
{
    if (json.n <= VALUE_BYTES) {
        buf_put(out, json);
        return;
    }
    size_t n = VALUE_BYTES;
    while (n && ((unsigned char)json.p[n] & 0xC0) == 0x80) n--;
    buf_put(out, str_head(json, n));
    buf_put(out, S("\xE2\x80\xA6"));
}

/* Personal data may stand anywhere, an address of e-mail in a URL too. */
static bool looks_personal(struct str json)
{
    struct detect_hint none = {.known = true};
    struct hit hit;
    return detect_maybe(json) && detect_next(json, 0, &none, &hit);
}

static void put_json(struct explain *x, struct buf *out, struct str json)
{
    if (x->reveal || (!x->personal && !looks_personal(json))) {
        put_cut(out, json);
        return;
    }
    struct buf masked = {0};
    mask_put_json(&masked, json);
    put_cut(out, buf_str(&masked));
    buf_fini(&masked);
}

static void put_value(struct explain *x, struct buf *out, const struct value *value)
{
    if (value_is_null(value)) {
        buf_put(out, S("nothing"));
        return;
    }
    buf_clear(&x->scratch);
    value_put_json(&x->scratch, value);
    put_json(x, out, buf_str(&x->scratch));
}

/* --- what the run reports ----------------------------------------------------------------------- */

/* The absent names of the Meta event that just ended. */
static void end_absent(struct explain *x)
{
    if (x->absent.n) {
        buf_printf(&x->story, "  nothing for: %.*s\n", STR_ARG(buf_str(&x->absent)));
    }
    if (x->withheld.n) {
        buf_printf(&x->story, "  withheld by pii.only: %.*s\n", STR_ARG(buf_str(&x->withheld)));
    }
    buf_clear(&x->absent);
    buf_clear(&x->withheld);
}

void explain_start(struct explain *x, struct str destination, const struct parsed_event *event)
{
    struct str type = json_str(json_get(event->root, "type"));
    struct str name = json_str(json_get(event->root, "event"));
    buf_clear(&x->story);
    buf_clear(&x->absent);
    buf_clear(&x->withheld);
    buf_clear(&x->title);
    buf_printf(&x->story, "%.*s", STR_ARG(type.n ? type : S("event")));
    if (name.n) {
        buf_putc(&x->story, ' ');
        json_put_str(&x->story, str_head(name, VALUE_BYTES));
    }
    if (event->event->message_id.n) {
        buf_printf(&x->story, " (%.*s)", STR_ARG(event->event->message_id));
    }
    if (event->event->source.n) {
        buf_printf(&x->story, " from %.*s", STR_ARG(event->event->source));
    }
    buf_printf(&x->story, " to %.*s\n", STR_ARG(destination));
}

void explain_note(struct explain *x, struct loc loc, const char *format, ...)
{
    char sentence[256];
    va_list args;
    if (is_full(x)) return;
    va_start(args, format);
    (void)vsnprintf(sentence, sizeof sentence, format, args); /* cut when too long */
    va_end(args);
    end_absent(x);
    buf_printf(&x->story, "- %s", sentence);
    put_place(&x->story, loc);
    buf_putc(&x->story, '\n');
}

/* What is hashed for Meta, and the address, which cannot be. */
static bool is_personal(struct str section, struct str name)
{
    if (!str_eq(section, S("user_data"))) return false;
    const struct meta_field *field = meta_field_find(META_USER, name);
    return !field || field->hash == META_HASHED || str_eq(name, S("client_ip_address"));
}

void explain_target(struct explain *x, struct str section, struct str name, struct loc loc)
{
    x->personal = is_personal(section, name);
    x->found = false;
    x->steps = 0;
    x->loc = loc;
    x->member = S("");
    buf_clear(&x->steps_text);
    buf_clear(&x->title);
    if (!str_eq(section, S("event"))) buf_printf(&x->title, "%.*s.", STR_ARG(section));
    buf_put(&x->title, name);
}

void explain_member(struct explain *x, struct str name)
{
    x->member = name;
}

static void put_step(struct explain *x)
{
    buf_put(&x->steps_text, S("      "));
    if (x->member.n) buf_printf(&x->steps_text, "%.*s: ", STR_ARG(x->member));
}

void explain_source(struct explain *x, struct str written, const struct value *value)
{
    if (value_is_null(value)) return;
    x->found = true;
    /* A group's parts have been told one by one. */
    if (str_find_char(written, '|', 0) != SIZE_MAX) return;
    if (x->steps++ >= STEPS_MAX || is_full(x)) return;
    put_step(x);
    buf_printf(&x->steps_text, "%.*s is ", STR_ARG(written));
    put_value(x, &x->steps_text, value);
    buf_putc(&x->steps_text, '\n');
}

static bool is_same(struct explain *x, const struct value *a, const struct value *b)
{
    buf_clear(&x->scratch);
    value_put_json(&x->scratch, a);
    size_t middle = x->scratch.n;
    value_put_json(&x->scratch, b);
    return str_eq(str_head(buf_str(&x->scratch), middle), buf_since(&x->scratch, middle));
}

/* A filter or path as written, on one line and not too long. */
static void put_written(struct buf *out, struct str written)
{
    bool blank = false;
    size_t end = written.n < VALUE_BYTES ? written.n : VALUE_BYTES;
    while (end < written.n && end && ((unsigned char)written.p[end] & 0xC0) == 0x80) end--;
    for (size_t i = 0; i < end; i++) {
        bool white = written.p[i] == ' ' || written.p[i] == '\n';
        if (!white || !blank) buf_putc(out, white ? ' ' : written.p[i]);
        blank = white;
    }
    if (end < written.n) buf_put(out, S("\xE2\x80\xA6"));
}

void explain_filter(struct explain *x, struct str written, const struct value *before,
                    const struct value *after)
{
    struct buf *out = &x->steps_text;
    if (value_is_null(before) && value_is_null(after)) return;
    x->found = true;
    if (x->steps++ >= STEPS_MAX || is_full(x)) return;
    put_step(x);
    buf_put(out, S("| "));
    put_written(out, written);
    buf_put(out, S(": "));
    if (is_same(x, before, after)) {
        buf_put(out, S("unchanged"));
    } else {
        put_value(x, out, before);
        buf_put(out, S(" \xE2\x86\x92 "));
        put_value(x, out, after);
    }
    buf_putc(out, '\n');
}

void explain_redacted(struct explain *x, struct str what)
{
    x->found = true;
    if (x->steps++ >= STEPS_MAX || is_full(x)) return;
    put_step(x);
    buf_printf(&x->steps_text, "redacted: %.*s\n", STR_ARG(what));
}

void explain_withheld(struct explain *x, struct str section, struct str name)
{
    if (is_full(x) || x->withheld.n > LIMIT_EXPLAIN_BYTES / 4) return;
    if (x->withheld.n) buf_put(&x->withheld, S(", "));
    if (section.n) buf_printf(&x->withheld, "%.*s.", STR_ARG(section));
    buf_put(&x->withheld, name);
}

/* The value behind `,"key":`. */
static struct str value_part(struct str json)
{
    size_t at = json.n && json.p[0] == ',';
    at = json_skip(json, at);
    return str_from(json, at + 1);
}

/* The rest of a line about the present target, and the lines below it. */
static void end_target(struct explain *x)
{
    put_place(&x->story, x->loc);
    buf_putc(&x->story, '\n');
    buf_put(&x->story, buf_str(&x->steps_text));
    if (x->steps > STEPS_MAX) buf_printf(&x->story, "      ... %u more\n", x->steps - STEPS_MAX);
}

void explain_written(struct explain *x, struct str json)
{
    if (is_full(x)) return;
    if (!json.n && !x->found) {
        buf_printf(&x->absent, "%s%.*s", x->absent.n ? ", " : "", STR_ARG(buf_str(&x->title)));
        return;
    }
    buf_printf(&x->story, "  %.*s ", STR_ARG(buf_str(&x->title)));
    if (json.n) {
        buf_put(&x->story, S("= "));
        put_json(x, &x->story, value_part(json));
    } else {
        buf_put(&x->story, S("is left out"));
    }
    end_target(x);
}

void explain_failed(struct explain *x)
{
    if (is_full(x)) return;
    buf_printf(&x->story, "  %.*s fails", STR_ARG(buf_str(&x->title)));
    end_target(x);
}

/* --- print -------------------------------------------------------------------------------------- */

static void new_line(struct buf *out, unsigned depth)
{
    buf_putc(out, '\n');
    for (unsigned i = 0; i < depth; i++) buf_put(out, S("  "));
}

/* One scalar or key, at at; returns where it ends. */
static size_t put_token(struct buf *out, struct str json, size_t at, bool mask)
{
    size_t end = json_skip(json, at);
    struct str token = str_of(json.p + at, end - at);
    if (mask) {
        mask_put_json(out, token);
    } else {
        buf_put(out, token);
    }
    return end;
}

/* Compact JSON with a line per member. The address of the person is the one personal thing that goes
 * to Meta in the clear. */
static void put_pretty(struct buf *out, struct str json, bool reveal)
{
    unsigned depth = 0;
    bool mask = false;
    for (size_t at = 0; at < json.n;) {
        char c = json.p[at];
        bool opens = c == '{' || c == '[', closes = c == '}' || c == ']';
        if (closes) new_line(out, --depth);
        if (!opens && !closes && c != ',' && c != ':') {
            struct str rest = str_from(json, at);
            size_t end = put_token(out, json, at, mask);
            mask = !reveal && str_starts(rest, S("\"client_ip_address\":"));
            at = end;
            continue;
        }
        buf_putc(out, c);
        at++;
        if (c == ':') buf_putc(out, ' ');
        if (opens && at < json.n && (json.p[at] == '}' || json.p[at] == ']')) {
            buf_putc(out, json.p[at++]);
        } else if (opens) {
            new_line(out, ++depth);
        } else if (c == ',') {
            new_line(out, depth);
        }
    }
    buf_putc(out, '\n');
}

/* What would be sent has to wait, unless it was confirmed already, which only a server knows. */
static void put_hold(const struct explain *x, const struct held_by *hold, struct buf *out)
{
    struct buf key = {0};
    json_put_str(&key, hold->key_text);
    buf_printf(out, "  by \"%.*s\", until another event confirms the key ", STR_ARG(hold->name));
    if (x->reveal || !looks_personal(buf_str(&key)))
        put_cut(out, buf_str(&key));
    else
        mask_put_json(out, buf_str(&key));
    buf_put(out, S(", at most until "));
    time_print(out, hold->until_ms);
    buf_printf(out, "; then: %.*s\n", STR_ARG(hold_then_meaning(hold->then)));
    buf_fini(&key);
}

static void put_verdict(const struct explain *x, struct buf *out, const struct translation *t)
{
    const struct outcome *o = &t->outcome;
    if (t->send_count) {
        buf_printf(out, "\nVerdict: %ssend %zu Meta event%s\n", t->hold_count ? "held, then " : "",
                   t->send_count, t->send_count == 1 ? "" : "s");
        for (size_t i = 0; i < t->hold_count; i++) put_hold(x, &t->holds[i], out);
        return;
    }
    buf_printf(out, "\nVerdict: %.*s (%.*s)", STR_ARG(state_name(o->state)),
               STR_ARG(reason_name(o->reason)));
    if (o->path[0]) buf_printf(out, " at %s", o->path);
    buf_printf(out, "\n  %s\n", o->message);
}

void explain_print(const struct explain *x, const struct translation *t, struct str json_out,
                   struct buf *out)
{
    buf_put(out, buf_str(&x->story));
    if (x->absent.n) buf_printf(out, "  nothing for: %.*s\n", STR_ARG(buf_str(&x->absent)));
    if (x->withheld.n) {
        buf_printf(out, "  withheld by pii.only: %.*s\n", STR_ARG(buf_str(&x->withheld)));
    }
    if (is_full(x)) buf_put(out, S("  ... and more than fits here\n"));
    put_verdict(x, out, t);
    for (size_t i = 0; i < t->send_count; i++) {
        const struct outgoing *send = &t->sends[i];
        buf_printf(out, "\nFor pixel %.*s:\n", STR_ARG(send->pixel_id));
        put_pretty(out, str_of(json_out.p + send->json_at, send->json_n), x->reveal);
    }
}
