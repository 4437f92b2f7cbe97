/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of events, by the case files of tests/cases/map: how map/plan.c, map/compile.c and
 * map/pii.c read rules, and what map/run.c, map/emit.c, map/user.c and map/custom.c make of them.
 * One case a line:
 *
 *   name         what the case shows
 *   destination  YAML: keys of the destination beside its name, pixel_id (1001) and token
 *   event | raw  the client's JSON, as a value or as a text
 *   now          default 2026-01-15T12:00:00Z
 *   envelope     received, sent (times), browser, address, user_agent, message_id, reject
 *   country      the source's default_country
 *
 * and one of
 *
 *   send         list: per Meta event the keys to compare. user_data, custom_data and other values
 *                must be equal as a whole, in any order; "absent": keys that must not be there;
 *                "pixel_id", "deadline" (time): of the send. A text "sha256:x" stands for the hash.
 *   filtered     the reason, with "path" (its beginning)
 *   dead         the reason, with "path" and "message" (a part of it) when given
 *   problem      a part of a message of the compiler, with "line" in the destination's YAML */
#include "support/mapping.h"

#include "base/sha256.h"
#include "core/limits.h"
#include "sys/file.h"

enum { CONFIG_LINES = 8 }; /* the line of mapping_config where the body begins */

static struct arena arena;
static struct str present;
static unsigned failures;

static void wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void wrong(const char *format, ...)
{
    char text[4096];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print_error("case \"%.*s\": %s\n", STR_ARG(present), text);
    failures++;
}

static struct str print(yyjson_val *v)
{
    struct buf out = {0};
    json_put_val(&out, v);
    struct str text = arena_str(&arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static bool same(yyjson_val *got, yyjson_val *want);

static bool same_text(struct str got, struct str want)
{
    if (!str_starts(want, S("sha256:"))) return str_eq(got, want);
    struct buf hash = {0};
    sha256_put_hex(&hash, str_from(want, S("sha256:").n));
    bool equal = str_eq(got, buf_str(&hash));
    buf_fini(&hash);
    return equal;
}

static bool same_object(yyjson_val *got, yyjson_val *want)
{
    size_t index, count;
    yyjson_val *key, *value;
    if (yyjson_obj_size(got) != yyjson_obj_size(want)) return false;
    yyjson_obj_foreach (want, index, count, key, value) {
        if (!same(yyjson_obj_getn(got, yyjson_get_str(key), yyjson_get_len(key)), value)) {
            return false;
        }
    }
    return true;
}

static bool same(yyjson_val *got, yyjson_val *want)
{
    if (!got || yyjson_get_type(got) != yyjson_get_type(want)) return false;
    if (yyjson_is_obj(want)) return same_object(got, want);
    if (yyjson_is_arr(want)) {
        size_t index, count;
        yyjson_val *item;
        if (yyjson_arr_size(got) != yyjson_arr_size(want)) return false;
        yyjson_arr_foreach (want, index, count, item) {
            if (!same(yyjson_arr_get(got, index), item)) return false;
        }
        return true;
    }
    double a, b;
    bool numbers = yyjson_is_raw(want) && json_number(got, &a) && json_number(want, &b);
    if (numbers && a == b && a < 1e15) return true; /* 1.50 is 1.5 */
    if (yyjson_is_str(want) || yyjson_is_raw(want)) return same_text(json_str(got), json_str(want));
    return yyjson_equals(got, want);
}

static yyjson_val *get(yyjson_val *object, const char *key)
{
    return yyjson_obj_get(object, key);
}

static void compare_send(const struct mapping_world *w, size_t i, yyjson_val *want)
{
    size_t index, count;
    yyjson_val *key, *value, *item;
    struct err err = {0};
    yyjson_val *event = json_read(&arena, mapping_json(w, i), &err);
    if (!event) wrong("the Meta event is not JSON: %s", err.text);
    yyjson_obj_foreach (want, index, count, key, value) {
        struct str name = json_str(key);
        if (str_eq(name, S("pixel_id"))) {
            if (!str_eq(w->result.sends[i].pixel_id, json_str(value))) wrong("pixel_id differs");
        } else if (str_eq(name, S("deadline"))) {
            if (w->result.sends[i].deadline_ms != mapping_time(json_str(value))) {
                wrong("deadline differs: %lld", (long long)w->result.sends[i].deadline_ms);
            }
        } else if (str_eq(name, S("absent"))) {
            size_t at, n;
            yyjson_arr_foreach (value, at, n, item) {
                if (json_get(event, yyjson_get_str(item)))
                    wrong("%s is there", yyjson_get_str(item));
            }
        } else if (!same(json_get(event, yyjson_get_str(key)), value)) {
            yyjson_val *got = json_get(event, yyjson_get_str(key));
            wrong("%.*s\n  got  %.*s\n  want %.*s", STR_ARG(name),
                  STR_ARG(got ? print(got) : S("nothing")), STR_ARG(print(value)));
        }
    }
}

static void compare(const struct mapping_world *w, yyjson_val *c)
{
    const struct outcome *o = &w->result.outcome;
    yyjson_val *send = get(c, "send");
    struct str got = reason_name(o->reason), path = json_str(get(c, "path"));
    if (send) {
        if (w->result.send_count != yyjson_arr_size(send)) {
            wrong("%zu sends instead of %zu: %.*s %s: %s", w->result.send_count,
                  yyjson_arr_size(send), STR_ARG(got), o->path, o->message);
            return;
        }
        if (o->state != STATE_WAITING) wrong("state is %.*s", STR_ARG(state_name(o->state)));
        for (size_t i = 0; i < w->result.send_count; i++) {
            compare_send(w, i, yyjson_arr_get(send, i));
        }
        return;
    }
    yyjson_val *verdict = get(c, "dead") ? get(c, "dead") : get(c, "filtered");
    enum state state = get(c, "dead") ? STATE_DEAD : STATE_FILTERED;
    struct str message = json_str(get(c, "message"));
    if (w->result.send_count) {
        wrong("was sent: %.*s", STR_ARG(buf_str(&w->out)));
        return;
    }
    if (w->out.n) wrong("out is not as it was");
    if (o->state != state || !str_eq(got, json_str(verdict))) {
        wrong("got %.*s (%s: %s)", STR_ARG(got), o->path, o->message);
    }
    if (path.p && !str_starts(str_z(o->path), path)) wrong("path is \"%s\"", o->path);
    if (message.p && str_find(str_z(o->message), message, 0) == SIZE_MAX) {
        wrong("message is \"%s\"", o->message);
    }
    if (!o->message[0]) wrong("no message");
}

static int64_t time_or(yyjson_val *v, int64_t otherwise)
{
    return yyjson_is_str(v) ? mapping_time(json_str(v)) : otherwise;
}

static struct event event_of(yyjson_val *c)
{
    yyjson_val *envelope = get(c, "envelope");
    struct event e = {.source = S("web")};
    e.json = get(c, "raw") ? json_str(get(c, "raw")) : print(get(c, "event"));
    if (!envelope) return e;
    e.received_ms = time_or(get(envelope, "received"), 0);
    e.sent_ms = time_or(get(envelope, "sent"), 0);
    e.flags = yyjson_is_true(get(envelope, "browser")) ? EVENT_FROM_BROWSER : 0;
    e.address = json_str(get(envelope, "address"));
    e.user_agent = json_str(get(envelope, "user_agent"));
    e.message_id = json_str(get(envelope, "message_id"));
    if (get(envelope, "reject")) e.reject = reason_find(json_str(get(envelope, "reject")));
    return e;
}

static void compare_problem(struct mapping_world *w, yyjson_val *c)
{
    double line = 0;
    struct str part = json_str(get(c, "problem"));
    if (w->plan) {
        wrong("compiles");
        return;
    }
    for (size_t i = 0; i < w->diags.count; i++) {
        const struct diag *d = &w->diags.items[i];
        if (str_find(d->message, part, 0) == SIZE_MAX) continue;
        if (json_number(get(c, "line"), &line) &&
            d->loc.line != (unsigned)line + CONFIG_LINES - 1) {
            wrong("line %u", d->loc.line - CONFIG_LINES + 1);
        }
        return;
    }
    wrong("no such problem:");
    mapping_print_problems(w);
}

static void run_case(yyjson_val *c)
{
    static struct mapping_world w;
    struct str body = json_str(get(c, "destination"));
    mapping_open(&w, body.p ? body : S(""));
    if (get(c, "problem")) {
        compare_problem(&w, c);
    } else if (!w.plan) {
        wrong("does not compile:");
        mapping_print_problems(&w);
    } else {
        struct event e = event_of(c);
        struct parsed_event parsed;
        run_parse(w.run, &e, &parsed);
        if (get(c, "country")) parsed.default_country = json_str(get(c, "country"));
        plan_run(w.plan, w.run, &parsed, time_or(get(c, "now"), mapping_time(S(MAPPING_NOW))),
                 &w.out, &w.result, NULL);
        compare(&w, c);
    }
    mapping_close(&w);
}

static void run_file(const char *path)
{
    struct buf text = {0};
    struct err err = {0};
    size_t count = 0;
    if (!file_read_all(path, (size_t)16 << 20, &text, &err)) fail_msg("%s", err.text);
    failures = 0;
    for (struct str line, rest = buf_str(&text); rest.n;) {
        (void)str_cut(rest, '\n', &line, &rest);
        if (!line.n) continue;
        yyjson_val *c = json_read(&arena, line, &err);
        if (!c) fail_msg("%s: %s in: %.*s", path, err.text, STR_ARG(str_head(line, 80)));
        present = json_str(get(c, "name"));
        run_case(c);
        arena_reset(&arena);
        count++;
    }
    buf_fini(&text);
    arena_fini(&arena);
    if (!count || failures) fail_msg("%s: %u things wrong in %zu cases", path, failures, count);
}

static void standard_preset(void **state)
{
    (void)state;
    run_file("tests/cases/map/standard.ndjson");
}

static void rules(void **state)
{
    (void)state;
    run_file("tests/cases/map/rules.ndjson");
}

static void problems(void **state)
{
    (void)state;
    run_file("tests/cases/map/problems.ndjson");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules),
        cmocka_unit_test(standard_preset),
        cmocka_unit_test(problems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
