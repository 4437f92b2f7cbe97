/* SPDX-License-Identifier: Apache-2.0 */
/* Subscriptions of Segment and Customer.io by cases: import/directive.c, import/template.c,
 * import/piece.c, import/target.c, import/object.c (values), import/partner.c, import/subscription.c,
 * import/user_data.c, import/custom_data.c, import/app_data.c (actions). */
#include "support/cases.h"
#include "support/importing.h"

static struct importing im;

static struct str print(yyjson_val *v)
{
    static struct buf text;
    buf_clear(&text);
    json_put_val(&text, v);
    return buf_str(&text);
}

/* Settings with one subscription; what is its mapping's JSON. */
static struct str settings(struct arena *arena, struct str action, struct str mapping)
{
    return arena_printf(arena,
                        "{\"settings\":{\"pixelId\":\"1\"},\"subscriptions\":[{\"name\":\"A\","
                        "\"enabled\":true,\"subscribe\":\"type != \\\"none\\\"\","
                        "\"partnerAction\":\"%.*s\",\"mapping\":%.*s}]}",
                        STR_ARG(action), STR_ARG(mapping));
}

static void run_event(yyjson_val *event)
{
    struct event e = {.source = S("segment"), .json = print(event)};
    mapping_run(&im.world, &e, mapping_time(S("2026-01-03T00:00:00Z")), NULL);
}

/* Structural, with numbers by their value: 1.0 is 1. */
static bool same(yyjson_val *a, yyjson_val *b)
{
    size_t index, count;
    yyjson_val *key, *item;
    double x, y;
    if (yyjson_is_raw(a) && yyjson_is_raw(b))
        return json_number(a, &x) && json_number(b, &y) && x == y;
    if (yyjson_get_type(a) != yyjson_get_type(b)) return false;
    if (yyjson_is_str(a)) return str_eq(json_str(a), json_str(b));
    if (yyjson_is_bool(a)) return yyjson_is_true(a) == yyjson_is_true(b);
    if (yyjson_get_len(a) != yyjson_get_len(b)) return false;
    if (yyjson_is_arr(a)) {
        yyjson_arr_foreach (a, index, count, item)
            if (!same(item, yyjson_arr_get(b, index))) return false;
    } else if (yyjson_is_obj(a)) {
        yyjson_obj_foreach (a, index, count, key, item) {
            yyjson_val *other = yyjson_obj_getn(b, json_str(key).p, json_str(key).n);
            if (!other || !same(item, other)) return false;
        }
    }
    return true;
}

static bool wrong(yyjson_val *c, struct str got)
{
    print_error("%.*s (%.*s): got %.*s\n%.*s\n", STR_ARG(case_str(c, "id")),
                STR_ARG(case_str(c, "description")), STR_ARG(got),
                STR_ARG(buf_str(&im.result.yaml)));
    return false;
}

/* --- whole actions ------------------------------------------------------------------------------ */

static bool judge_action(yyjson_val *c, struct arena *arena)
{
    struct err err;
    yyjson_val *send = json_get(c, "send");
    run_event(json_get(c, "event"));
    struct translation *t = &im.world.result;
    if (!send) {
        struct str reason = reason_name(t->outcome.reason);
        return str_eq(reason, case_str(c, "dead")) || wrong(c, reason);
    }
    if (t->outcome.reason != REASON_NONE) return wrong(c, str_z(t->outcome.message));
    yyjson_val *got = json_read(arena, mapping_json(&im.world, 0), &err);
    return (got && same(got, send)) || wrong(c, mapping_json(&im.world, 0));
}

static bool run_action(yyjson_val *c)
{
    struct arena arena = {0};
    struct str mapping = arena_str(&arena, print(json_get(c, "mapping")));
    bool ok =
        importing_open(&im, S("segment"), settings(&arena, case_str(c, "partnerAction"), mapping));
    ok = ok ? judge_action(c, &arena) : wrong(c, str_z(im.err.text));
    importing_close(&im);
    arena_fini(&arena);
    return ok;
}

static void actions(void **state)
{
    (void)state;
    cases_run("tests/cases/import/segment-actions.ndjson", 90, run_action);
}

/* --- single values ------------------------------------------------------------------------------ */

static struct str event_of(struct arena *arena, yyjson_val *c)
{
    struct str properties = print(json_get(c, "properties"));
    return arena_printf(arena,
                        "{\"type\":\"track\",\"event\":\"X\",\"userId\":\"u\",\"timestamp\":"
                        "\"2026-01-02T03:04:05Z\",\"properties\":%.*s}",
                        STR_ARG(properties));
}

static bool judge_value(yyjson_val *c, struct arena *arena)
{
    struct err err;
    struct str refused = case_str(c, "refused");
    if (refused.n) {
        bool said = str_find(buf_str(&im.result.notes), str_head(refused, 60), 0) != SIZE_MAX;
        return said || wrong(c, buf_str(&im.result.notes));
    }
    run_event(json_read(arena, event_of(arena, c), &err));
    if (im.world.result.outcome.reason != REASON_NONE) return wrong(c, S("nothing"));
    struct str json = mapping_json(&im.world, 0);
    yyjson_val *got = json_get(json_read(arena, json, &err), "custom_data.out");
    yyjson_val *want = json_get(c, "gives");
    return (!got && !want) || (got && want && same(got, want)) || wrong(c, json);
}

static bool run_value(yyjson_val *c)
{
    struct arena arena = {0};
    struct str mapping = arena_printf(
        &arena,
        "{\"event_name\":\"X\",\"event_time\":{\"@path\":\"$.timestamp\"},\"action_source\":"
        "\"other\",\"user_data\":{\"externalId\":{\"@path\":\"$.userId\"}},"
        "\"custom_data\":{\"out\":%.*s}}",
        STR_ARG(print(json_get(c, "value"))));
    bool ok = importing_open(&im, S("customerio"), settings(&arena, S("custom"), mapping));
    ok = ok ? judge_value(c, &arena) : wrong(c, str_z(im.err.text));
    importing_close(&im);
    arena_fini(&arena);
    return ok;
}

static void values(void **state)
{
    (void)state;
    cases_run("tests/cases/import/segment-mapping.ndjson", 120, run_value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(actions), cmocka_unit_test(values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
