/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of events, as data: a file of cases, one JSON object a line, each run through a
 * destination of its own. Blank lines and lines that begin with # are left out. A case has
 *
 *   name         what the case shows
 *   destination  YAML: keys of the destination beside its name, pixel_id (1001) and token
 *   preset       YAML of a preset, in place of the one that the destination names
 *   event | raw  the client's JSON, as a value or as a text
 *   now          default 2026-01-15T12:00:00Z
 *   protocol     the source's; default segment
 *   envelope     received, sent (times), browser, address, user_agent, message_id, reject
 *   country      the source's default_country
 *   webhook      a preset for webhooks, or YAML with the keys of `webhook`: the source's view
 *
 * and one of
 *
 *   send         list: per Meta event the keys to compare. user_data, custom_data and other values
 *                must be equal as a whole, in any order; "absent": keys that must not be there;
 *                "pixel_id", "deadline" (time): of the send. A text "sha256:x" stands for the hash.
 *   out          one Meta event, or a list of them: as send, but of objects at any depth only the
 *                keys that are named count, and null says that there must be none of that name
 *   filtered     the reason, or true for any, with "path" (its beginning)
 *   dead         the reason, or true, with "path" and "message" (a part of it) when given
 *                with send and out also "redacted", how many values were found personal
 *   problem      a part of a message of the compiler, with "line" in the destination's YAML */
#ifndef SUPPORT_MAPPING_CASE_H
#define SUPPORT_MAPPING_CASE_H

#include "support/mapping.h"

#include "base/sha256.h"
#include "conf/webhook.h"
#include "map/view.h"
#include "sys/file.h"

enum { CONFIG_LINES = 8 }; /* the line of mapping_config where the body begins */

struct mapping_case_state {
    struct arena arena; /* one case */
    struct str present; /* its name */
    struct str preset;  /* for destinations that name none; empty: standard */
    unsigned failures;
};
static struct mapping_case_state mapping_case;

static inline void mapping_case_wrong(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
static inline void mapping_case_wrong(const char *format, ...)
{
    char text[4096];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print_error("case \"%.*s\": %s\n", STR_ARG(mapping_case.present), text);
    mapping_case.failures++;
}

static inline struct str mapping_case_print(yyjson_val *v)
{
    struct buf out = {0};
    json_put_val(&out, v);
    struct str text = arena_str(&mapping_case.arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static inline bool mapping_case_same(yyjson_val *got, yyjson_val *want);

static inline bool mapping_case_same_text(struct str got, struct str want)
{
    if (!str_starts(want, S("sha256:"))) return str_eq(got, want);
    struct buf hash = {0};
    sha256_put_hex(&hash, str_from(want, S("sha256:").n));
    bool equal = str_eq(got, buf_str(&hash));
    buf_fini(&hash);
    return equal;
}

static inline bool mapping_case_same_object(yyjson_val *got, yyjson_val *want)
{
    size_t index, count;
    yyjson_val *key, *value;
    if (yyjson_obj_size(got) != yyjson_obj_size(want)) return false;
    yyjson_obj_foreach (want, index, count, key, value) {
        if (!mapping_case_same(yyjson_obj_getn(got, yyjson_get_str(key), yyjson_get_len(key)),
                               value)) {
            return false;
        }
    }
    return true;
}

static inline bool mapping_case_same(yyjson_val *got, yyjson_val *want)
{
    if (!got || yyjson_get_type(got) != yyjson_get_type(want)) return false;
    if (yyjson_is_obj(want)) return mapping_case_same_object(got, want);
    if (yyjson_is_arr(want)) {
        size_t index, count;
        yyjson_val *item;
        if (yyjson_arr_size(got) != yyjson_arr_size(want)) return false;
        yyjson_arr_foreach (want, index, count, item) {
            if (!mapping_case_same(yyjson_arr_get(got, index), item)) return false;
        }
        return true;
    }
    double a, b;
    bool numbers = yyjson_is_raw(want) && json_number(got, &a) && json_number(want, &b);
    if (numbers && a == b && a < 1e15) return true; /* 1.50 is 1.5 */
    if (yyjson_is_str(want) || yyjson_is_raw(want))
        return mapping_case_same_text(json_str(got), json_str(want));
    return yyjson_equals(got, want);
}

static inline yyjson_val *mapping_case_get(yyjson_val *object, const char *key)
{
    return yyjson_obj_get(object, key);
}

static inline void mapping_case_send(const struct mapping_world *w, size_t i, yyjson_val *want)
{
    size_t index, count;
    yyjson_val *key, *value, *item;
    struct err err = {0};
    yyjson_val *event = json_read(&mapping_case.arena, mapping_json(w, i), &err);
    if (!event) mapping_case_wrong("the Meta event is not JSON: %s", err.text);
    yyjson_obj_foreach (want, index, count, key, value) {
        struct str name = json_str(key);
        if (str_eq(name, S("pixel_id"))) {
            if (!str_eq(w->result.sends[i].pixel_id, json_str(value)))
                mapping_case_wrong("pixel_id differs");
        } else if (str_eq(name, S("deadline"))) {
            if (w->result.sends[i].deadline_ms != mapping_time(json_str(value))) {
                mapping_case_wrong("deadline differs: %lld",
                                   (long long)w->result.sends[i].deadline_ms);
            }
        } else if (str_eq(name, S("absent"))) {
            size_t at, n;
            yyjson_arr_foreach (value, at, n, item) {
                if (json_get(event, yyjson_get_str(item)))
                    mapping_case_wrong("%s is there", yyjson_get_str(item));
            }
        } else if (!mapping_case_same(json_get(event, yyjson_get_str(key)), value)) {
            yyjson_val *got = json_get(event, yyjson_get_str(key));
            mapping_case_wrong("%.*s\n  got  %.*s\n  want %.*s", STR_ARG(name),
                               STR_ARG(got ? mapping_case_print(got) : S("nothing")),
                               STR_ARG(mapping_case_print(value)));
        }
    }
}

static inline struct str mapping_case_path(struct str above, struct str name)
{
    return arena_printf(&mapping_case.arena, "%.*s%s%.*s", STR_ARG(above), above.n ? "." : "",
                        STR_ARG(name));
}

/* As the cases' `out` has it: of objects only the named keys; null: none of that name. */
static inline void mapping_case_part(yyjson_val *got, yyjson_val *want, struct str path)
{
    size_t index, count;
    yyjson_val *key, *value;
    if (yyjson_is_obj(want) && yyjson_is_obj(got)) {
        yyjson_obj_foreach (want, index, count, key, value) {
            mapping_case_part(yyjson_obj_getn(got, yyjson_get_str(key), yyjson_get_len(key)), value,
                              mapping_case_path(path, json_str(key)));
        }
    } else if (yyjson_is_null(want) ? got != NULL : !mapping_case_same(got, want)) {
        mapping_case_wrong("%.*s\n  got  %.*s\n  want %.*s", STR_ARG(path),
                           STR_ARG(got ? mapping_case_print(got) : S("nothing")),
                           STR_ARG(mapping_case_print(want)));
    }
}

static inline void mapping_case_parts(const struct mapping_world *w, yyjson_val *out)
{
    size_t count = yyjson_is_arr(out) ? yyjson_arr_size(out) : 1;
    if (w->result.send_count != count) {
        mapping_case_wrong("%zu sends instead of %zu: %.*s %s: %s", w->result.send_count, count,
                           STR_ARG(reason_name(w->result.outcome.reason)), w->result.outcome.path,
                           w->result.outcome.message);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct err err = {0};
        yyjson_val *event = json_read(&mapping_case.arena, mapping_json(w, i), &err);
        if (!event) mapping_case_wrong("the Meta event is not JSON: %s", err.text);
        mapping_case_part(event, yyjson_is_arr(out) ? yyjson_arr_get(out, i) : out, S(""));
    }
}

static inline void mapping_case_compare(const struct mapping_world *w, yyjson_val *c)
{
    const struct outcome *o = &w->result.outcome;
    yyjson_val *send = mapping_case_get(c, "send"), *out = mapping_case_get(c, "out");
    struct str got = reason_name(o->reason), path = json_str(mapping_case_get(c, "path"));
    double redacted = 0;
    if (json_number(mapping_case_get(c, "redacted"), &redacted) &&
        w->result.redacted != (size_t)redacted) {
        mapping_case_wrong("%zu redacted", w->result.redacted);
    }
    if (out) {
        mapping_case_parts(w, out);
        return;
    }
    if (send) {
        if (w->result.send_count != yyjson_arr_size(send)) {
            mapping_case_wrong("%zu sends instead of %zu: %.*s %s: %s", w->result.send_count,
                               yyjson_arr_size(send), STR_ARG(got), o->path, o->message);
            return;
        }
        if (o->state != STATE_WAITING)
            mapping_case_wrong("state is %.*s", STR_ARG(state_name(o->state)));
        for (size_t i = 0; i < w->result.send_count; i++) {
            mapping_case_send(w, i, yyjson_arr_get(send, i));
        }
        return;
    }
    yyjson_val *verdict =
        mapping_case_get(c, "dead") ? mapping_case_get(c, "dead") : mapping_case_get(c, "filtered");
    enum state state = mapping_case_get(c, "dead") ? STATE_DEAD : STATE_FILTERED;
    struct str message = json_str(mapping_case_get(c, "message"));
    if (w->result.send_count) {
        mapping_case_wrong("was sent: %.*s", STR_ARG(buf_str(&w->out)));
        return;
    }
    if (w->out.n) mapping_case_wrong("out is not as it was");
    if (o->state != state || (!yyjson_is_true(verdict) && !str_eq(got, json_str(verdict)))) {
        mapping_case_wrong("got %.*s (%s: %s)", STR_ARG(got), o->path, o->message);
    }
    if (path.p && !str_starts(str_z(o->path), path)) mapping_case_wrong("path is \"%s\"", o->path);
    if (message.p && str_find(str_z(o->message), message, 0) == SIZE_MAX) {
        mapping_case_wrong("message is \"%s\"", o->message);
    }
    if (!o->message[0]) mapping_case_wrong("no message");
}

static inline int64_t mapping_case_time(yyjson_val *v, int64_t otherwise)
{
    return yyjson_is_str(v) ? mapping_time(json_str(v)) : otherwise;
}

static inline struct event mapping_case_event(yyjson_val *c)
{
    yyjson_val *envelope = mapping_case_get(c, "envelope");
    yyjson_val *protocol = mapping_case_get(c, "protocol");
    struct event e = {.source = S("web")};
    if (protocol) e.protocol = protocol_find(json_str(protocol));
    e.json = mapping_case_get(c, "raw") ? json_str(mapping_case_get(c, "raw"))
                                        : mapping_case_print(mapping_case_get(c, "event"));
    if (!envelope) return e;
    e.received_ms = mapping_case_time(mapping_case_get(envelope, "received"), 0);
    e.sent_ms = mapping_case_time(mapping_case_get(envelope, "sent"), 0);
    e.flags = yyjson_is_true(mapping_case_get(envelope, "browser")) ? EVENT_FROM_BROWSER : 0;
    e.address = json_str(mapping_case_get(envelope, "address"));
    e.user_agent = json_str(mapping_case_get(envelope, "user_agent"));
    e.message_id = json_str(mapping_case_get(envelope, "message_id"));
    if (mapping_case_get(envelope, "reject"))
        e.reject = reason_find(json_str(mapping_case_get(envelope, "reject")));
    return e;
}

static inline void mapping_case_problem(struct mapping_world *w, yyjson_val *c)
{
    double line = 0;
    struct str part = json_str(mapping_case_get(c, "problem"));
    if (w->plan) {
        mapping_case_wrong("compiles");
        return;
    }
    for (size_t i = 0; i < w->diags.count; i++) {
        const struct diag *d = &w->diags.items[i];
        if (str_find(d->message, part, 0) == SIZE_MAX) continue;
        if (json_number(mapping_case_get(c, "line"), &line) &&
            d->loc.line != (unsigned)line + CONFIG_LINES - 1) {
            mapping_case_wrong("line %u", d->loc.line - CONFIG_LINES + 1);
        }
        return;
    }
    mapping_case_wrong("no such problem:");
    mapping_print_problems(w);
}

/* The destination's YAML, with the file's preset behind it when it names none. */
static inline struct str mapping_case_body(yyjson_val *c)
{
    struct str body = json_str(mapping_case_get(c, "destination")), preset = mapping_case.preset;
    bool named = str_starts(body, S("preset:")) || str_find(body, S("\npreset:"), 0) != SIZE_MAX;
    if (!preset.n || named) return body.p ? body : S("");
    return arena_printf(&mapping_case.arena, "%.*s\npreset: %.*s\n", STR_ARG(body),
                        STR_ARG(preset));
}

static inline struct str mapping_case_webhook(struct str said)
{
    for (size_t i = 0; i < webhook_preset_count; i++) {
        if (str_eq(webhook_presets[i].name, said)) return webhook_presets[i].text;
    }
    return said;
}

/* The view of the case; NULL without, and w->plan NULL after problems. */
static inline const struct view *mapping_case_view(struct mapping_world *w, yyjson_val *c)
{
    struct str yaml = mapping_case_webhook(json_str(mapping_case_get(c, "webhook")));
    if (!yaml.p || !w->plan) return NULL;
    const struct webhook_conf *conf =
        webhook_preset_parse(S("hook.yaml"), yaml, &w->arena, &w->diags);
    const struct view *view = conf ? view_compile(&conf->event, &w->arena, &w->diags) : NULL;
    if (w->diags.count) w->plan = NULL;
    return view;
}

static inline void mapping_case_one(yyjson_val *c)
{
    static struct mapping_world w;
    mapping_open_preset(&w, mapping_case_body(c), json_str(mapping_case_get(c, "preset")));
    const struct view *view = mapping_case_view(&w, c);
    if (mapping_case_get(c, "problem")) {
        mapping_case_problem(&w, c);
    } else if (!w.plan) {
        mapping_case_wrong("does not compile:");
        mapping_print_problems(&w);
    } else {
        struct event e = mapping_case_event(c);
        struct parsed_event parsed;
        run_parse(w.run, &e, &parsed);
        if (mapping_case_get(c, "country"))
            parsed.default_country = json_str(mapping_case_get(c, "country"));
        int64_t now_ms = mapping_time(S(MAPPING_NOW));
        now_ms = mapping_case_time(mapping_case_get(c, "now"), now_ms);
        if (view) view_apply(view, w.run, now_ms, &parsed);
        plan_run(w.plan, w.run, &parsed, now_ms, &w.out, &w.result, NULL);
        mapping_case_compare(&w, c);
    }
    mapping_close(&w);
}

/* mapping_case_file runs all cases of a file; preset is for destinations that name none (empty: the
 * standard one). Fails at the end when anything was wrong. */
static inline void mapping_case_file(const char *path, struct str preset)
{
    struct buf text = {0};
    struct err err = {0};
    size_t count = 0;
    if (!file_read_all(path, (size_t)16 << 20, &text, &err)) fail_msg("%s", err.text);
    mapping_case.failures = 0;
    mapping_case.preset = preset;
    for (struct str line, rest = buf_str(&text); rest.n;) {
        (void)str_cut(rest, '\n', &line, &rest);
        if (!line.n || line.p[0] == '#') continue;
        yyjson_val *c = json_read(&mapping_case.arena, line, &err);
        if (!c) fail_msg("%s: %s in: %.*s", path, err.text, STR_ARG(str_head(line, 80)));
        mapping_case.present = json_str(mapping_case_get(c, "name"));
        mapping_case_one(c);
        arena_reset(&mapping_case.arena);
        count++;
    }
    buf_fini(&text);
    arena_fini(&mapping_case.arena);
    if (count && !mapping_case.failures) return;
    fail_msg("%s: %u things wrong in %zu cases", path, mapping_case.failures, count);
}

#endif
