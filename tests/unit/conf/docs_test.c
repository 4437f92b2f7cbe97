/* SPDX-License-Identifier: Apache-2.0 */
/* conf/keys_table.c, conf/schema.c, conf/reference.c: the tables are sound, and the pages made from
 * them are whole and up to date. UPDATE=1 writes the pages anew. */
#include "base/json.h"
#include "conf/presets.h"
#include "conf/reader.h"
#include "core/limits.h"
#include "sys/file.h"

#include "support/check.h"

static void check_page(const char *path, struct str page)
{
    struct buf kept = {0};
    struct err err;
    if (getenv("UPDATE")) assert_true(file_replace(path, page, 0644, &err));
    bool same = file_read_all(path, 1 << 20, &kept, &err) && str_eq(buf_str(&kept), page);
    if (!same) print_error("%s is out of date: UPDATE=1 %s\n", path, "build/unit/conf/docs_test");
    buf_fini(&kept);
    assert_true(same);
}

static void schema_is_json_and_has_every_key(void **state)
{
    struct arena arena = {0};
    struct buf out = {0};
    struct err err;
    (void)state;
    config_schema(&out);
    yyjson_val *root = json_read(&arena, buf_str(&out), &err);
    assert_non_null(root);
    for (size_t i = 0; i < key_object_count; i++) {
        const struct object *object = key_objects[i];
        yyjson_val *at = json_get(root, "$defs");
        at = object == &config_object ? root : yyjson_obj_getn(at, object->name.p, object->name.n);
        if (object->shorthand.n) at = yyjson_arr_get(yyjson_obj_get(at, "oneOf"), 1);
        yyjson_val *keys = yyjson_obj_get(at, "properties");
        assert_non_null(keys);
        for (size_t j = 0; j < object->key_count; j++)
            assert_non_null(yyjson_obj_getn(keys, object->keys[j].name.p, object->keys[j].name.n));
    }
    assert_non_null(json_get(root, "$defs.destination.properties.event_source_url"));
    assert_true(yyjson_is_false(json_get(root, "$defs.destination.additionalProperties")));
    buf_fini(&out);
    arena_fini(&arena);
}

static void schema_is_up_to_date(void **state)
{
    struct buf out = {0};
    (void)state;
    config_schema(&out);
    check_page("docs/pixeld.schema.json", buf_str(&out));
    buf_fini(&out);
}

static void reference_has_every_key_and_is_up_to_date(void **state)
{
    struct buf out = {0};
    (void)state;
    config_reference(&out);
    for (size_t i = 0; i < key_object_count; i++)
        for (size_t j = 0; j < key_objects[i]->key_count; j++) {
            char row[64];
            (void)snprintf(row, sizeof row, "| `%.*s`", STR_ARG(key_objects[i]->keys[j].name));
            assert_true(str_find(buf_str(&out), str_z(row), 0) != SIZE_MAX);
        }
    check_page("docs/config.md", buf_str(&out));
    buf_fini(&out);
}

/* Nothing that a line of the tables says may act as a request of roff's. */
static void manual_page_is_mdoc(void **state)
{
    struct buf out = {0};
    (void)state;
    config_man(&out);
    static const char *const requests[] = {".\\\"", ".Dd ", ".Dt ", ".Os",  ".Sh ", ".Nm ", ".Nd ",
                                           ".Pp",   ".Ss ", ".Bl ", ".It ", ".El",  ".Xr "};
    struct str rest = buf_str(&out), line;
    for (bool more = true; more && rest.n;) {
        more = str_cut(rest, '\n', &line, &rest);
        bool known = !str_starts(line, S(".")) && !str_starts(line, S("'"));
        for (size_t i = 0; i < countof(requests); i++)
            known |= str_starts(line, str_z(requests[i]));
        assert_true(known);
        assert_true(str_find_char(line, '`', 0) == SIZE_MAX);
    }
    assert_true(str_find(buf_str(&out), S(".It \\fBaccess_token\\fR (list of: secret)"), 0) !=
                SIZE_MAX);
    buf_fini(&out);
}

/* Each object reads from nothing: so every default has the right form and lies in its bounds. */
static void defaults_are_right(void **state)
{
    struct arena arena = {0};
    struct diags diags;
    struct reader r = {.arena = &arena, .diags = &diags};
    (void)state;
    diags_init(&diags, &arena);
    for (size_t i = 0; i < key_object_count; i++) {
        void *base = arena_zero(&arena, 4096);
        assert_true(key_objects[i]->size <= 4096);
        reader_object(&r, key_objects[i], NULL, (struct loc){0}, base);
    }
    for (size_t i = 0; i < diags.count; i++) print_error("%s\n", diags.items[i].message.p);
    assert_int_equal(diags.count, 0);
    arena_fini(&arena);
}

static void presets_are_read(void **state)
{
    struct arena arena = {0};
    struct diags diags;
    struct buf out = {0};
    (void)state;
    diags_init(&diags, &arena);
    for (size_t i = 0; i < preset_count; i++)
        (void)preset_parse(presets[i].file, presets[i].text, &arena, &diags);
    diags_print(&out, &diags);
    if (diags.count) print_error("%.*s", STR_ARG(buf_str(&out)));
    assert_int_equal(diags.count, 0);
    buf_fini(&out);
    arena_fini(&arena);
}

static void rows_are_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < key_object_count; i++) {
        const struct object *object = key_objects[i];
        assert_true(object->doc.n && object->path.n && object->key_count <= 64);
        if (object->shorthand.n) assert_non_null(key_find(object, object->shorthand));
        for (size_t j = 0; j < object->key_count; j++) {
            const struct key *key = &object->keys[j];
            assert_ptr_equal(key_find(object, key->name), key);
            assert_true(str_ends(key->doc, S(".")));
            assert_true(key->example.n > 0 || key->type == KEY_OBJECTS);
            assert_int_equal(key->type == KEY_WORD || key->type == KEY_URL, key->word_count > 0);
            if (key->needs.n) assert_non_null(key_find(object, key->needs));
            if (object->has_fields) assert_null(meta_field_find(META_EVENT, key->name));
        }
    }
    assert_null(key_find(&config_object, S("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schema_is_json_and_has_every_key),
        cmocka_unit_test(schema_is_up_to_date),
        cmocka_unit_test(reference_has_every_key_and_is_up_to_date),
        cmocka_unit_test(manual_page_is_mdoc),
        cmocka_unit_test(defaults_are_right),
        cmocka_unit_test(presets_are_read),
        cmocka_unit_test(rows_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
