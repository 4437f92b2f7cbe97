/* SPDX-License-Identifier: Apache-2.0 */
/* conf/yaml.c and conf/scan.c: the tree and, above all, the places of texts. */
#include "conf/scan.h"
#include "conf/yaml.h"
#include "core/limits.h"

#include "support/check.h"

struct read {
    struct arena arena;
    struct diags diags;
    struct yaml_file *file;
    struct yaml_node *root;
};

static void read_yaml(struct read *r, struct str text)
{
    *r = (struct read){0};
    diags_init(&r->diags, &r->arena);
    r->root = yaml_parse(S("x.yaml"), text, &r->arena, &r->diags, &r->file);
}

static void read_good(struct read *r, const char *text)
{
    read_yaml(r, str_z(text));
    if (r->diags.count) print_error("%s\n", r->diags.items[0].message.p);
    assert_int_equal(r->diags.count, 0);
    assert_non_null(r->root);
}

static void check_place(const struct yaml_node *node, const char *text, unsigned line,
                        unsigned column)
{
    check_str(node->text, text);
    assert_int_equal(node->loc.line, line);
    assert_int_equal(node->loc.column, column);
}

static void tree_has_the_order_of_the_text(void **state)
{
    struct read r;
    (void)state;
    read_good(&r, "b: 1\na: [x, {y: z}]\nc:\n");
    assert_int_equal(r.root->kind, YAML_MAP);
    assert_int_equal(r.root->count, 3);
    const struct yaml_node *b = r.root->first, *a = b->next, *c = a->next;
    check_str(b->text, "b");
    check_str(b->value->text, "1");
    assert_int_equal(a->value->kind, YAML_LIST);
    assert_int_equal(a->value->count, 2);
    check_str(a->value->first->next->first->value->text, "z");
    assert_true(yaml_is_null(c->value));
    assert_null(c->next);
    arena_fini(&r.arena);
}

static void places_are_those_of_the_text(void **state)
{
    struct read r;
    (void)state;
    read_good(&r, "a: plain\n"
                  "'b':   'sin''gle'\n"
                  "\"\xC3\xA4\xE2\x82\xAC\": \"dou\\tble\"\n"
                  "c: |\n\n   block\n   more\n"
                  "d: >2-\n    folded\n"
                  "e: \xF0\x9F\x98\x80 x # comment\n");
    const struct yaml_node *n = r.root->first;
    check_place(n, "a", 1, 1);
    check_place(n->value, "plain", 1, 4);
    n = n->next;
    check_place(n, "b", 2, 2);
    check_place(n->value, "sin'gle", 2, 9);
    n = n->next;
    check_place(n, "\xC3\xA4\xE2\x82\xAC", 3, 2);
    check_place(n->value, "dou\tble", 3, 11); /* bytes, not characters */
    n = n->next;
    check_place(n->value, "\nblock\nmore\n", 6, 4);
    n = n->next;
    check_place(n->value, "  folded", 9, 5);
    n = n->next;
    check_place(n->value, "\xF0\x9F\x98\x80 x", 10, 4);
    arena_fini(&r.arena);
}

static void carriage_returns_and_marks_count_as_editors_do(void **state)
{
    struct read r;
    (void)state;
    read_good(&r, "\xEF\xBB\xBF"
                  "a: 1\r\nb: [2,\r\n  3]\r\n");
    check_place(r.root->first, "a", 1, 1);
    check_place(r.root->first->next, "b", 2, 1);
    check_place(r.root->first->next->value->first->next, "3", 3, 3);
    arena_fini(&r.arena);
}

static void null_is_only_plain(void **state)
{
    struct read r;
    (void)state;
    read_good(&r, "[null, Null, NULL, ~, \"null\", '', nul, [], yes]");
    static const bool want[] = {true, true, true, true, false, false, false, false, false};
    size_t i = 0;
    for (const struct yaml_node *n = r.root->first; n; n = n->next)
        assert_int_equal(yaml_is_null(n), want[i++]);
    assert_int_equal(i, countof(want));
    arena_fini(&r.arena);
}

static void masked_texts_do_not_show(void **state)
{
    struct read r;
    struct buf out = {0};
    (void)state;
    read_good(&r, "a: \"geheim\"\nb: |\n  geheim\n  geheim\nc: geheim\n");
    for (const struct yaml_node *n = r.root->first; n; n = n->next) yaml_mask(r.file, n->value);
    diag_add(&r.diags, r.root->first->loc, "here");
    diags_print(&out, &r.diags);
    check_str(buf_str(&out), "x.yaml:1:1: here\n    a: ********\n    ^\n");
    assert_true(str_find(r.file->source.content, S("geheim"), 0) == SIZE_MAX);
    assert_int_equal(str_find(r.file->source.content, S("\nc: ******\n"), 0) != SIZE_MAX, true);
    check_str(r.root->first->value->text, "geheim");
    buf_fini(&out);
    arena_fini(&r.arena);
}

static void shown_texts_are_short_and_one_line(void **state)
{
    struct arena arena = {0};
    char longer[LIMIT_SHOWN_BYTES + 10];
    (void)state;
    check_str(yaml_shown(S("a\nb\x1b[0m\x7f"), &arena), "a b [0m ");
    check_str(yaml_shown(S(""), &arena), "");
    memset(longer, 'x', sizeof longer);
    memcpy(longer + LIMIT_SHOWN_BYTES - 1, "\xC3\xA4", 2); /* would be cut in half */
    struct str shown = yaml_shown(str_of(longer, sizeof longer), &arena);
    assert_int_equal(shown.n, LIMIT_SHOWN_BYTES - 1 + 3);
    assert_true(str_ends(shown, S("x...")));
    assert_int_equal(yaml_shown(str_of(longer, LIMIT_SHOWN_BYTES - 1), &arena).n,
                     LIMIT_SHOWN_BYTES - 1);
    arena_fini(&arena);
}

/* A line of a megabyte, with the last key wrong: time must grow with the length, not its square. */
static void long_lines_take_their_length(void **state)
{
    struct read r;
    struct buf text = {0};
    (void)state;
    buf_putc(&text, '{');
    for (unsigned i = 0; i < 50000; i++) buf_printf(&text, "\xC3\xA4%u: \xE2\x82\xAC, ", i);
    size_t last = text.n;
    buf_put(&text, S("z: 1}"));
    read_yaml(&r, buf_str(&text));
    assert_int_equal(r.diags.count, 0);
    const struct yaml_node *key = r.root->first;
    while (key->next) key = key->next;
    check_place(key, "z", 1, (unsigned)last + 1);
    arena_fini(&r.arena);
    buf_fini(&text);
}

static void offsets_go_both_ways(void **state)
{
    struct arena arena = {0};
    struct diags diags;
    struct places places;
    struct source_text source = {S("x"), S("\xC3\xA4"
                                           "b\n\xE2\x82\xAC"
                                           "c")};
    (void)state;
    diags_init(&diags, &arena);
    assert_true(scan_text(&source, &arena, &diags, &places));
    assert_int_equal(places_offset(&places, 4), 7);
    assert_int_equal(places_offset(&places, 1), 2);
    assert_int_equal(places_offset(&places, 0), 0);
    assert_int_equal(places_offset(&places, 3), 4);
    assert_int_equal(places_offset(&places, 99), 8);
    struct loc loc = places_loc(&places, 7);
    assert_int_equal(loc.line, 2);
    assert_int_equal(loc.column, 4);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree_has_the_order_of_the_text),
        cmocka_unit_test(places_are_those_of_the_text),
        cmocka_unit_test(carriage_returns_and_marks_count_as_editors_do),
        cmocka_unit_test(null_is_only_plain),
        cmocka_unit_test(masked_texts_do_not_show),
        cmocka_unit_test(shown_texts_are_short_and_one_line),
        cmocka_unit_test(long_lines_take_their_length),
        cmocka_unit_test(offsets_go_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
