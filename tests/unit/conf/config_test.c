/* SPDX-License-Identifier: Apache-2.0 */
/* conf/config.c, conf/reader.c, conf/scalar.c, conf/mapping.c, conf/check.c, conf/secret.c,
 * conf/webhook.c, conf/pixel.c, conf/yaml.c and conf/scan.c together: each file of tests/cases/conf has
 * its expected output beside it, the problems as `pixeld check` prints them or, without problems, all
 * that was read. To accept new outputs: UPDATE=1, then read the diff. */
#include "conf/config.h"
#include "conf/presets.h"
#include "core/limits.h"
#include "sys/file.h"

#include "support/check.h"
#include "support/conf_dump.h"
#include "support/golden.h"

#define CASES "tests/cases/conf"

/* Of our own instead of the embedded ones, so that the outputs do not change with presets/. */
const struct preset presets[] = {
    {S_INIT("rudderstack"), S_INIT("presets/rudderstack.yaml"), S_INIT("")},
    {S_INIT("standard"), S_INIT("presets/standard.yaml"), S_INIT("")},
};
const size_t preset_count = countof(presets);
const struct preset webhook_presets[] = {
    {S_INIT("shop"), S_INIT("presets/webhooks/shop.yaml"),
     S_INIT("signature: {header: X-Sign, encoding: base64}\nheaders: [X-Topic]\nid: [id]\n"
            "event: {type: \"('track')\", userId: id, properties: {a: x, b: y}}\n")},
    {S_INIT("dated"), S_INIT("presets/webhooks/dated.yaml"),
     S_INIT("signature: {header: X-Sign, field: v1, time_field: t, content: '{time}.{body}'}\n")},
};
const size_t webhook_preset_count = countof(webhook_presets);

static int set_variables(void **state)
{
    (void)state;
    setenv("SHOP_WRITE_KEY", "shop-key-from-env", 1);
    setenv("META_TOKEN", "token-from-env", 1);
    setenv("PIXEL", "777", 1);
    setenv("EMPTY", "", 1);
    setenv("WITH_NEWLINE", "secret\nX-Header: y", 1);
    unsetenv("PIXELD_DATA");
    unsetenv("HOST");
    unsetenv("PORT");
    unsetenv("NOT_SET");
    return 0;
}

static void read_case(const char *path, struct str content, bool preset, struct buf *out)
{
    struct arena arena = {0};
    struct diags diags;
    diags_init(&diags, &arena);
    struct config *config = NULL;
    struct destination_conf *destination = NULL;
    if (preset)
        destination = preset_parse(str_z(path), content, &arena, &diags);
    else
        config = config_parse(str_z(path), content, &arena, &diags);
    assert_int_equal(config != NULL || destination != NULL, diags.count == 0);
    if (config) dump_config(out, config);
    if (destination) dump_destination(out, destination);
    diags_print(out, &diags);
    arena_fini(&arena);
}

/* The path without CASES/, so that the outputs do not depend on where the tests are. */
static bool run_case(struct str name)
{
    struct buf content = {0}, out = {0};
    struct err err;
    char path[256], expected[256];
    struct str base = str_head(name, name.n - 5);
    (void)snprintf(path, sizeof path, CASES "/%.*s", STR_ARG(name));
    (void)snprintf(expected, sizeof expected, CASES "/%.*s.out", STR_ARG(base));
    assert_true(file_read_all(path, 8 << 20, &content, &err));
    read_case(path, buf_str(&content), str_ends(base, S(".preset")), &out);
    bool same = golden_same(path, expected, buf_str(&out));
    buf_fini(&content);
    buf_fini(&out);
    return same;
}

static void cases_give_their_outputs(void **state)
{
    (void)state;
    golden_files(CASES, S(".yaml"), 60, run_case);
}

static struct config *parse(struct arena *arena, const char *text, struct diags *diags)
{
    diags_init(diags, arena);
    return config_parse(S("test.yaml"), str_z(text), arena, diags);
}

static void load_finds_secrets_beside_the_file(void **state)
{
    struct arena arena = {0};
    struct diags diags;
    (void)state;
    diags_init(&diags, &arena);
    struct config_part part = {0};
    assert_true(config_part_read(&part, CASES "/minimal.yaml", &arena, &diags));
    struct config *config = config_join(&part, 1, &arena, &diags);
    assert_non_null(config);
    assert_int_equal(config->destinations[0].access_token_count, 1);
    check_str(config->destinations[0].access_tokens[0], "token-from-file");
    check_str(config->files[0]->name, CASES "/minimal.yaml");
    assert_int_equal(config->file_count, 1);
    arena_fini(&arena);
}

static void load_reports_a_missing_file(void **state)
{
    struct arena arena = {0};
    struct diags diags;
    (void)state;
    diags_init(&diags, &arena);
    struct config_part part = {0};
    assert_false(config_part_read(&part, CASES "/no-such-file.yaml", &arena, &diags));
    assert_int_equal(diags.count, 1);
    assert_non_null(strstr(diags.items[0].message.p, "no-such-file.yaml"));
    arena_fini(&arena);
}

static void default_is_the_sandbox(void **state)
{
    struct arena arena = {0};
    (void)state;
    struct config_part part;
    struct diags diags;
    diags_init(&diags, &arena);
    config_part_default(&part, S("a\"key\\"), S("http://127.0.0.1:8082/v26.0"), &arena);
    struct config *c = config_join(&part, 1, &arena, &diags);
    assert_non_null(c);
    check_str(c->listen.text, "127.0.0.1:8080");
    check_str(c->admin.text, "127.0.0.1:8081");
    assert_int_equal(c->source_count, 1);
    check_str(c->sources[0].write_keys[0], "a\"key\\");
    assert_int_equal(c->destination_count, 1);
    check_str(c->destinations[0].api_url.text, "http://127.0.0.1:8082/v26.0");
    check_str(c->destinations[0].preset.text, "standard");
    assert_true(c->destinations[0].enabled);
    assert_int_equal(c->destinations[0].access_token_count, 0);
    arena_fini(&arena);
}

static void names_are_found(void **state)
{
    struct arena arena = {0};
    struct diags diags;
    (void)state;
    struct config *c = parse(&arena,
                             "sources: [{name: s, write_key: k}, {name: t, write_key: l, "
                             "destinations: [d]}]\n"
                             "destinations: [{name: d, pixel_id: 1, access_token: t}, "
                             "{name: e, pixel_id: 1, access_token: t}]\n",
                             &diags);
    assert_non_null(c);
    assert_ptr_equal(config_source(c, S("t")), &c->sources[1]);
    assert_null(config_source(c, S("d")));
    assert_ptr_equal(config_destination(c, S("d")), &c->destinations[0]);
    assert_null(config_destination(c, S("")));
    assert_true(config_is_routed(c, S("s"), S("e")) && config_is_routed(c, S("t"), S("d")));
    assert_false(config_is_routed(c, S("t"), S("e")));
    assert_true(config_is_routed(c, S("renamed since"), S("e")));
    arena_fini(&arena);
}

static void too_large_is_refused(void **state)
{
    struct arena arena = {0};
    struct diags diags;
    struct buf text = {0};
    (void)state;
    diags_init(&diags, &arena);
    while (text.n <= LIMIT_CONFIG_BYTES) buf_put(&text, S("# a comment of some length\n"));
    assert_null(config_parse(S("large.yaml"), buf_str(&text), &arena, &diags));
    check_str(diags.items[0].message, "larger than 4194304 bytes");
    buf_fini(&text);
    arena_fini(&arena);
}

static void many_secrets_take_their_own_room(void **state)
{
    struct arena arena = {0};
    struct diags diags;
    struct buf text = {0};
    (void)state;
    diags_init(&diags, &arena);
    buf_put(&text, S("sources:\n  - name: s\n    write_key: first\n    write_keys: ["));
    for (unsigned i = 0; i < 20000; i++) buf_printf(&text, "k%u,", i);
    buf_put(&text, S("last]\n"));
    struct config *config = config_parse(S("keys.yaml"), buf_str(&text), &arena, &diags);
    assert_non_null(config);
    assert_int_equal(config->sources[0].write_key_count, 20002);
    check_str(config->sources[0].write_keys[0], "first");
    check_str(config->sources[0].write_keys[20001], "last");
    assert_true(arena.total < (size_t)64 * 1024 * 1024);
    buf_fini(&text);
    arena_fini(&arena);
}

static void too_many_values_are_refused(void **state)
{
    struct arena arena = {0};
    struct diags diags;
    struct buf text = {0};
    (void)state;
    diags_init(&diags, &arena);
    buf_put(&text, S("a: ["));
    for (size_t i = 0; i < LIMIT_YAML_NODES; i++) buf_put(&text, S("1,"));
    buf_put(&text, S("]"));
    assert_null(config_parse(S("many.yaml"), buf_str(&text), &arena, &diags));
    assert_int_equal(diags.count, 1);
    check_str(diags.items[0].message, "more than 500000 values in one file");
    buf_fini(&text);
    arena_fini(&arena);
}

/* Every prefix of a real file, and every file with one byte changed, ends without harm. */
static void damaged_files_are_harmless(void **state)
{
    struct buf content = {0};
    struct err err;
    uint64_t seed = 20260912;
    (void)state;
    assert_true(file_read_all(CASES "/full.yaml", 1 << 20, &content, &err));
    for (size_t n = 0; n < content.n; n += 7) {
        struct buf out = {0};
        read_case("damaged.yaml", str_head(buf_str(&content), n), n % 2, &out);
        char *byte = &content.p[check_random(&seed) % content.n], kept = *byte;
        *byte = "\t\n\"'{}[]:,-|>&*!%@`#\0\x80 x"[check_random(&seed) % 24];
        buf_clear(&out);
        read_case("damaged.yaml", buf_str(&content), false, &out);
        *byte = kept;
        buf_fini(&out);
    }
    buf_fini(&content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_give_their_outputs),
        cmocka_unit_test(load_finds_secrets_beside_the_file),
        cmocka_unit_test(load_reports_a_missing_file),
        cmocka_unit_test(default_is_the_sandbox),
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(too_large_is_refused),
        cmocka_unit_test(many_secrets_take_their_own_room),
        cmocka_unit_test(too_many_values_are_refused),
        cmocka_unit_test(damaged_files_are_harmless),
    };
    return cmocka_run_group_tests(tests, set_variables, NULL);
}
