/* SPDX-License-Identifier: Apache-2.0 */
/* map/shape.c: what it remembers and forgets, and that slots filled by a remembered shape are those that the walk
 * through the names fills. */
#include "map/shape.h"

#include "map/paths.h"

#include "support/check.h"

/* --- what is remembered ------------------------------------------------------------------------- */

static struct nodes_shape shape_of(uint64_t number)
{
    return (struct nodes_shape){{number * 0x9E3779B97F4A7C15U, number}, 3};
}

/* Learns, of events {"a":1}, that slot 0 is set from node 2. */
static void learn(struct shapes *s, const struct nodes_shape *of, uint64_t paths)
{
    static yyjson_val nodes[3];
    yyjson_val *from[1] = {&nodes[2]};
    uint64_t present = 1;
    struct shape_found found = {nodes, from, &present, 1, &nodes[1]};
    shapes_learn(s, of, paths, &found);
}

static bool knows(struct shapes *s, const struct nodes_shape *of, uint64_t paths, bool *wants)
{
    return shapes_find(s, of, paths, wants) != NULL;
}

static void learns_what_comes_twice(void **state)
{
    struct shapes *s = shapes_new();
    struct nodes_shape one = shape_of(1), none = {{7, 7}, 0};
    bool wants;
    (void)state;
    assert_false(knows(s, &one, 0, &wants));
    assert_false(wants);
    assert_false(knows(s, &one, 0, &wants));
    assert_true(wants);
    learn(s, &one, 0);
    assert_true(knows(s, &one, 0, &wants));
    assert_false(wants);
    assert_false(knows(s, &one, 1, &wants)); /* other paths */
    for (int i = 0; i < 3; i++) {
        assert_false(knows(s, &none, 0, &wants));
        assert_false(wants);
    }
    shapes_free(s);
    shapes_free(NULL);
}

static void fills_as_it_learned(void **state)
{
    struct shapes *s = shapes_new();
    struct nodes_shape one = shape_of(1);
    yyjson_val nodes[3] = {{.tag = YYJSON_TYPE_OBJ}};
    struct value slot = {.kind = VALUE_MISSING};
    uint64_t present = 0;
    bool wants;
    (void)state;
    nodes[2].tag = (uint64_t)4 << YYJSON_TAG_BIT | YYJSON_TYPE_STR;
    nodes[2].uni.str = "text";
    (void)knows(s, &one, 0, &wants);
    learn(s, &one, 0);
    assert_ptr_equal(shape_fill(shapes_find(s, &one, 0, &wants), nodes, &slot, &present),
                     &nodes[1]);
    assert_int_equal(slot.kind, VALUE_TEXT);
    check_str(slot.text, "text");
    assert_int_equal(present, 1);
    shapes_free(s);
}

/* Shapes without end are forgotten again; those of a site that come in between are learned again. */
static void forgets_and_learns_again(void **state)
{
    struct shapes *s = shapes_new();
    bool wants;
    size_t known = 0;
    (void)state;
    for (uint64_t i = 0; i < 3000; i++) {
        struct nodes_shape of = shape_of(i % 10 ? i : i % 50);
        for (int times = 0; times < 2; times++) {
            known += knows(s, &of, 0, &wants);
            if (wants) learn(s, &of, 0);
        }
    }
    assert_in_range(known, 200, 3000);
    shapes_free(s);
}

static void keeps_nothing_too_large(void **state)
{
    struct shapes *s = shapes_new();
    static yyjson_val nodes[2];
    yyjson_val *from[SHAPE_SLOTS_END + 1];
    uint64_t present[SHAPE_SLOTS_END / 64 + 1];
    struct {
        size_t slots, set;
        bool kept;
    } rows[] = {{SHAPE_SLOTS_END, SHAPE_SLOTS, true},
                {SHAPE_SLOTS_END, SHAPE_SLOTS + 1, false},
                {SHAPE_SLOTS_END + 1, 1, false}};
    bool wants;
    (void)state;
    for (size_t i = 0; i < countof(from); i++) from[i] = &nodes[1];
    for (size_t i = 0; i < countof(rows); i++) {
        struct nodes_shape of = shape_of(i);
        memset(present, 0, sizeof present);
        for (size_t k = 0; k < rows[i].set; k++) present[k / 64] |= (uint64_t)1 << k % 64;
        struct shape_found found = {nodes, from, present, rows[i].slots, NULL};
        (void)knows(s, &of, 0, &wants);
        shapes_learn(s, &of, 0, &found);
        assert_int_equal(knows(s, &of, 0, &wants), rows[i].kept);
        assert_false(wants);
    }
    shapes_free(s);
}

static void keeps_lists(void **state)
{
    struct shapes *s = shapes_new();
    struct shape_link links[SHAPE_SLOTS + 1];
    (void)state;
    for (size_t i = 0; i < countof(links); i++) links[i] = (struct shape_link){(uint16_t)i, 7};
    for (size_t count = 0; count < countof(links) + 1; count += SHAPE_SLOTS) {
        struct nodes_shape of = shape_of(count);
        uint64_t number = shapes_number();
        size_t got;
        bool wants;
        (void)knows(s, &of, number, &wants);
        shapes_keep(s, &of, number, links, count);
        const struct shape *shape = shapes_find(s, &of, number, &wants);
        assert_false(wants);
        assert_non_null(shape);
        assert_memory_equal(shape_links(shape, &got), links, count * sizeof *links);
        assert_int_equal(got, count);
        assert_false(knows(s, &of, shapes_number(), &wants)); /* somebody else's */
        shapes_keep(s, &of, number, links, SHAPE_SLOTS + 1);
        assert_false(knows(s, &of, number, &wants));
        assert_false(wants);
    }
    shapes_free(s);
}

/* --- as the walk fills them --------------------------------------------------------------------- */

static const char *const names[] = {"a",
                                    "b",
                                    "0",
                                    "context",
                                    "direct",
                                    "a name of 24 characters.",
                                    "a name that is too long for any shape"};

static const char *const values[] = {"1", "\"\"", "\"text\"", "null", "true", "-1.50"};

static void put_any(struct buf *out, uint64_t *shape, uint64_t *value, unsigned depth)
{
    uint64_t kind = check_random(shape) % (depth ? 5 : 3), count = check_random(shape) % 5;
    if (kind < 3) {
        buf_put(out, str_z(values[check_random(value) % countof(values)]));
        return;
    }
    bool object = kind == 3 || depth == 4;
    buf_putc(out, object ? '{' : '[');
    for (; count; count--) {
        if (!object) json_comma(out);
        if (object) {
            uint64_t rare = check_random(shape) % 40 ? 6 : countof(names);
            json_key(out, str_z(names[check_random(shape) % rare]));
            buf_putc(out, check_random(value) % 9 ? ' ' : '\n');
        }
        put_any(out, shape, value, depth - 1);
    }
    buf_putc(out, object ? '}' : ']');
}

enum { STEPS = 3, PATHS = 40 };

static struct paths *some_paths(struct arena *arena, uint64_t *seed)
{
    struct paths *paths = paths_new(arena);
    for (size_t i = 0; i < PATHS; i++) {
        struct path_step steps[STEPS];
        size_t count = 1 + check_random(seed) % STEPS;
        for (size_t k = 0; k < count; k++) {
            uint64_t which = check_random(seed) % (countof(names) + 1);
            struct str key = which ? str_z(names[which - 1]) : str_of(NULL, 0);
            steps[k] = (struct path_step){key, check_random(seed) % 3};
        }
        (void)paths_add(paths, steps, count);
    }
    struct path_step envelope[] = {{S("envelope"), 0}, {S("user_agent"), 0}};
    (void)paths_add(paths, envelope, countof(envelope));
    return paths;
}

/* Every slot with and without what is remembered; both are cleared again. */
static void check_fill(const struct paths *paths, struct shapes *shapes,
                       const struct parsed_event *event, struct arena *scratch)
{
    static struct value with[PATHS + 1], without[PATHS + 1];
    struct buf a = {0}, b = {0};
    const uint64_t *mine = paths_fill_cleared(paths, event, shapes, scratch, with);
    const uint64_t *its = paths_fill_cleared(paths, event, NULL, scratch, without);
    assert_memory_equal(mine, its, (paths_count(paths) / 64 + 1) * sizeof *mine);
    for (size_t i = 0; i < paths_count(paths); i++) {
        buf_clear(&a);
        buf_clear(&b);
        value_put_json(&a, &with[i]);
        value_put_json(&b, &without[i]);
        assert_int_equal(with[i].kind, without[i].kind);
        assert_true(str_eq(buf_str(&a), buf_str(&b)));
    }
    paths_clear(paths, mine, with);
    paths_clear(paths, its, without);
    buf_fini(&a);
    buf_fini(&b);
}

static void fills_what_the_walk_fills(void **state)
{
    static struct nodes_secret secret;
    struct arena arena = {0}, scratch = {0}, parsed = {0};
    struct shapes *shapes = shapes_new();
    struct buf json = {0};
    uint64_t seed = 11;
    (void)state;
    for (size_t i = 0; i < countof(secret.pairs); i++)
        secret.pairs[i] = (struct nodes_pair){check_random(&seed), check_random(&seed)};
    struct paths *sets[] = {some_paths(&arena, &seed), some_paths(&arena, &seed)};
    for (uint64_t i = 0; i < 20000; i++) {
        struct event event = {.user_agent = S("ua")};
        struct nodes nodes;
        uint64_t shape = 1 + check_random(&seed) % 150;
        shape *= 0x9E3779B97F4A7C15U;
        buf_clear(&json);
        buf_put(&json, S("{\"context\":"));
        put_any(&json, &shape, &seed, 4);
        buf_put(&json, S(",\"a\":"));
        put_any(&json, &shape, &seed, 4);
        buf_putc(&json, '}');
        arena_reset(&parsed);
        arena_reset(&scratch);
        assert_true(nodes_read(&parsed, buf_str(&json), &secret, &nodes));
        struct parsed_event e = {.event = &event, .root = nodes.root, .shape = nodes.shape};
        check_fill(sets[i % 2], shapes, &e, &scratch);
    }
    shapes_free(shapes);
    arena_fini(&arena);
    arena_fini(&scratch);
    arena_fini(&parsed);
    buf_fini(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_what_comes_twice),
        cmocka_unit_test(fills_as_it_learned),
        cmocka_unit_test(forgets_and_learns_again),
        cmocka_unit_test(keeps_nothing_too_large),
        cmocka_unit_test(keeps_lists),
        cmocka_unit_test(fills_what_the_walk_fills),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
