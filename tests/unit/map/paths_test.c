/* SPDX-License-Identifier: Apache-2.0 */
/* map/paths.c: one walk fills all slots; it must agree with following each path by itself. What paths
 * mean is also in tests/cases/map/expressions.ndjson. */
#include "map/paths.h"

#include "support/check.h"

enum { STEPS_MAX = 6 };

struct path {
    struct path_step steps[STEPS_MAX];
    size_t count, slot;
};

/* "a/0/#1" are keys a and 0 and the index 1. */
static struct path path_of(const char *text)
{
    struct path path = {0};
    for (struct str step, rest = str_z(text); rest.n;) {
        uint64_t index = 0;
        (void)str_cut(rest, '/', &step, &rest);
        if (step.p[0] == '#') {
            assert_true(str_to_u64(str_from(step, 1), &index));
            step = str_of(NULL, 0);
        }
        path.steps[path.count++] = (struct path_step){step, (size_t)index};
    }
    return path;
}

static void same_path_same_slot(void **state)
{
    struct arena arena = {0};
    struct paths *paths = paths_new(&arena);
    static const char *const texts[] = {"a",   "a/b", "b",    "a/#0", "a/0",
                                        "a/b", "a",   "a/#0", "a/0",  "a/#1"};
    static const size_t slots[] = {0, 1, 2, 3, 4, 1, 0, 3, 4, 5};
    (void)state;
    assert_int_equal(paths_count(paths), 0);
    for (size_t i = 0; i < countof(texts); i++) {
        struct path p = path_of(texts[i]);
        assert_int_equal(paths_add(paths, p.steps, p.count), slots[i]);
    }
    assert_int_equal(paths_count(paths), 6);
    arena_fini(&arena);
}

/* Few and very many keys in one object, some of them twice: the last one counts. */
static void any_number_of_keys(void **state)
{
    static struct value slots[200];
    char key[32];
    struct err err;
    (void)state;
    for (size_t count = 1; count <= countof(slots); count++) {
        struct arena arena = {0}, scratch = {0};
        struct paths *paths = paths_new_native(&arena);
        struct buf json = {0};
        buf_putc(&json, '{');
        for (size_t i = 0; i < 2 * count; i++) {
            size_t number = i < count ? i : 2 * (i - count); /* the even ones again */
            (void)snprintf(key, sizeof key, "key_%zu", number);
            struct path_step step = {str_z(key), 0};
            if (i < count) assert_int_equal(paths_add(paths, &step, 1), i);
            json_kv_u64(&json, str_z(key), i);
        }
        buf_putc(&json, '}');
        struct event event = {.json = buf_str(&json)};
        struct parsed_event parsed = {.event = &event,
                                      .root = json_read(&scratch, event.json, &err)};
        assert_non_null(parsed.root);
        paths_fill(paths, &parsed, &scratch, slots);
        for (size_t i = 0; i < count; i++) {
            uint64_t got;
            assert_true(str_to_u64(slots[i].text, &got));
            assert_int_equal(got, i % 2 ? i : count + i / 2);
        }
        buf_fini(&json);
        arena_fini(&arena);
        arena_fini(&scratch);
    }
}

/* The steps' texts need not live on. */
static void keys_are_copied(void **state)
{
    struct arena arena = {0}, scratch = {0};
    struct paths *paths = paths_new(&arena);
    char key[] = "userId";
    struct path_step step = {str_z(key), 0};
    struct event event = {0};
    struct err err;
    struct value slot;
    (void)state;
    assert_int_equal(paths_add(paths, &step, 1), 0);
    memset(key, 'x', sizeof key - 1);
    struct parsed_event parsed = {.event = &event,
                                  .root = json_read(&scratch, S("{\"userId\":\"u\"}"), &err)};
    paths_fill(paths, &parsed, &scratch, &slot);
    check_str(slot.text, "u");
    arena_fini(&arena);
    arena_fini(&scratch);
}

static void put_random(struct buf *out, uint64_t *seed, int depth)
{
    static const char *const scalars[] = {"1", "\"x\"", "null", "true", "\"\"", "-2.5"};
    uint64_t kind = check_random(seed) % 4, count = check_random(seed) % 4;
    if (kind < 2 || depth == 0) {
        buf_put(out, str_z(scalars[check_random(seed) % countof(scalars)]));
        return;
    }
    buf_putc(out, kind == 2 ? '[' : '{');
    for (uint64_t i = 0; i < count; i++) {
        if (i) buf_putc(out, ',');
        if (kind == 3) {
            static const char *const keys[] = {"a", "b", "0", "1", "c"};
            buf_printf(out, "\"%s\":", keys[check_random(seed) % countof(keys)]); /* also twice */
        }
        put_random(out, seed, depth - 1);
    }
    buf_putc(out, kind == 2 ? ']' : '}');
}

static struct path random_path(uint64_t *seed)
{
    static const char *const steps[] = {"a", "b", "0", "1", "c"};
    struct path path = {0};
    path.count = 1 + check_random(seed) % (STEPS_MAX - 1);
    for (size_t i = 0; i < path.count; i++) {
        uint64_t pick = check_random(seed) % 7;
        path.steps[i] = pick < 5 ? (struct path_step){str_z(steps[pick]), 0}
                                 : (struct path_step){str_of(NULL, 0), (size_t)pick - 5};
    }
    return path;
}

static void agrees_with_walking(void **state)
{
    enum { PATHS = 40 };
    uint64_t seed = 0x2545F4914F6CDD1D;
    struct arena scratch = {0};
    struct buf json = {0}, a = {0}, b = {0};
    size_t found = 0;
    (void)state;
    for (int round = 0; round < 1000; round++) {
        struct arena arena = {0};
        struct paths *paths = paths_new(&arena);
        struct path path[PATHS];
        struct value slots[PATHS];
        struct event event = {0};
        struct err err;
        for (size_t i = 0; i < PATHS; i++) {
            path[i] = random_path(&seed);
            path[i].slot = paths_add(paths, path[i].steps, path[i].count);
        }
        buf_clear(&json);
        put_random(&json, &seed, 5);
        yyjson_val *root = json_read(&scratch, buf_str(&json), &err);
        struct parsed_event parsed = {.event = &event, .root = root};
        paths_fill(paths, &parsed, &scratch, slots);
        for (size_t i = 0; i < PATHS; i++) {
            struct value walked = paths_walk(value_of(root), path[i].steps, path[i].count);
            const struct value *filled = &slots[path[i].slot];
            buf_clear(&a);
            buf_clear(&b);
            value_put_json(&a, &walked);
            value_put_json(&b, filled);
            assert_int_equal(walked.kind, filled->kind);
            assert_true(str_eq(buf_str(&a), buf_str(&b)));
            found += walked.kind != VALUE_MISSING;
        }
        arena_fini(&arena);
        arena_reset(&scratch);
    }
    assert_true(found > 500);
    arena_fini(&scratch);
    buf_fini(&json);
    buf_fini(&a);
    buf_fini(&b);
}

/* A second fill with another event leaves nothing of the first. */
static void slots_are_cleared(void **state)
{
    struct arena arena = {0}, scratch = {0};
    struct paths *paths = paths_new(&arena);
    struct path p = path_of("properties/a"), q = path_of("envelope/source");
    struct event event = {.source = S("web")};
    struct err err;
    struct value slots[2];
    (void)state;
    size_t at = paths_add(paths, p.steps, p.count), source = paths_add(paths, q.steps, q.count);
    struct parsed_event first = {
        .event = &event, .root = json_read(&scratch, S("{\"properties\":{\"a\":1}}"), &err)};
    paths_fill(paths, &first, &scratch, slots);
    assert_int_equal(slots[at].kind, VALUE_NUMBER);
    check_str(slots[source].text, "web");
    event.source = S("");
    struct parsed_event second = {.event = &event};
    paths_fill(paths, &second, &scratch, slots);
    assert_int_equal(slots[at].kind, VALUE_MISSING);
    assert_int_equal(slots[source].kind, VALUE_MISSING);
    arena_fini(&arena);
    arena_fini(&scratch);
}

/* What paths_fill_cleared says is there is what is there, and paths_clear takes just that away. */
static void cleared_slots_are_filled_and_cleared(void **state)
{
    enum { PATHS = 150 };
    static const char *const events[] = {"{\"k0\":1,\"k63\":\"a\",\"k64\":null,\"k149\":{}}",
                                         "{\"k1\":{\"x\":1}}", "{}", "[]",
                                         "{\"k127\":false,\"k128\":[1]}"};
    struct arena arena = {0}, scratch = {0};
    struct paths *paths = paths_new(&arena);
    struct value slots[PATHS] = {{0}}, other[PATHS];
    struct err err;
    char key[8];
    (void)state;
    for (size_t i = 0; i < PATHS; i++) {
        (void)snprintf(key, sizeof key, "k%zu", i);
        struct path_step step = {str_z(key), 0};
        assert_int_equal(paths_add(paths, &step, 1), i);
    }
    for (size_t e = 0; e < countof(events); e++) {
        struct event event = {.json = str_z(events[e])};
        struct parsed_event parsed = {.event = &event,
                                      .root = json_read(&scratch, event.json, &err)};
        paths_fill(paths, &parsed, &scratch, other);
        const uint64_t *present = paths_fill_cleared(paths, &parsed, NULL, &scratch, slots);
        for (size_t i = 0; i < PATHS; i++) {
            assert_int_equal(slots[i].kind, other[i].kind);
            assert_int_equal(present[i / 64] >> (i % 64) & 1, slots[i].kind != VALUE_MISSING);
        }
        paths_clear(paths, present, slots);
        for (size_t i = 0; i < PATHS; i++) assert_int_equal(slots[i].kind, VALUE_MISSING);
    }
    arena_fini(&arena);
    arena_fini(&scratch);
}

static void walks_made_lists(void **state)
{
    struct value items[] = {value_text(S("a")), value_text(S("b"))};
    struct value list = {.kind = VALUE_LIST, .items = items, .count = 2};
    struct path one = path_of("#1"), key = path_of("1"), far = path_of("#2"), name = path_of("a");
    (void)state;
    check_str(paths_walk(list, one.steps, 1).text, "b");
    check_str(paths_walk(list, key.steps, 1).text, "b");
    assert_int_equal(paths_walk(list, far.steps, 1).kind, VALUE_MISSING);
    assert_int_equal(paths_walk(list, name.steps, 1).kind, VALUE_MISSING);
    assert_int_equal(paths_walk(list, NULL, 0).kind, VALUE_LIST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_keys),
        cmocka_unit_test(same_path_same_slot),
        cmocka_unit_test(keys_are_copied),
        cmocka_unit_test(agrees_with_walking),
        cmocka_unit_test(slots_are_cleared),
        cmocka_unit_test(walks_made_lists),
        cmocka_unit_test(cleared_slots_are_filled_and_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
