/* SPDX-License-Identifier: Apache-2.0 */
/* import/writer.c: whatever the texts are, the configuration's own reader gets them back. */
#include "import/writer.h"

#include "conf/yaml.h"

#include "support/check.h"

static struct writer w;
static struct buf out, notes;

static int setup(void **state)
{
    (void)state;
    writer_init(&w, &out, &notes);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_fini(&out);
    buf_fini(&notes);
    return 0;
}

static struct yaml_node *read_back(struct arena *arena)
{
    struct diags diags;
    struct yaml_file *file;
    diags_init(&diags, arena);
    struct yaml_node *root = yaml_parse(S("out.yaml"), buf_str(&out), arena, &diags, &file);
    if (!root || diags.count) {
        struct buf text = {0};
        diags_print(&text, &diags);
        print_error("%.*s\n%.*s", STR_ARG(buf_str(&out)), STR_ARG(buf_str(&text)));
        buf_fini(&text);
        fail();
    }
    return root;
}

/* One key and its text, as a pair and as an element, through the reader. */
static void comes_back(struct str text)
{
    struct arena arena = {0};
    buf_clear(&out);
    writer_init(&w, &out, &notes);
    writer_pair(&w, text, text);
    writer_open(&w, S("list"));
    writer_element(&w, text);
    writer_close(&w);
    struct yaml_node *root = read_back(&arena);
    assert_int_equal(root->count, 2);
    struct yaml_node *key = root->first, *item = key->next->value->first;
    bool same = str_eq(key->text, text) && str_eq(key->value->text, text) &&
                str_eq(item->text, text) && !yaml_is_null(key->value) && !yaml_is_null(item);
    if (!same) print_error("%.*s", STR_ARG(buf_str(&out)));
    assert_true(same);
    arena_fini(&arena);
}

static void texts_come_back(void **state)
{
    static const char *const texts[] = {"a",
                                        "",
                                        " a",
                                        "a ",
                                        "null",
                                        "~",
                                        "true",
                                        "No",
                                        "drop",
                                        "1",
                                        "0123",
                                        "-",
                                        "- a",
                                        "a: b",
                                        "a:",
                                        "a #b",
                                        "#a",
                                        "\"",
                                        "'",
                                        "it's",
                                        "\"x\" | y",
                                        "'x'",
                                        "\\",
                                        "a\\nb",
                                        "a\nb",
                                        "a\tb",
                                        "\r",
                                        "[a]",
                                        "{a: b}",
                                        "&a",
                                        "*a",
                                        "!a",
                                        "|",
                                        ">",
                                        "%",
                                        "@",
                                        "`",
                                        "? a",
                                        "properties.x",
                                        ".id || .sku",
                                        ".",
                                        "..",
                                        "---",
                                        "...",
                                        "\xC2\x85",
                                        "\xE2\x80\xA8",
                                        "\xEF\xBB\xBF",
                                        "\x7F",
                                        "\x01",
                                        "žluť",
                                        "😀",
                                        "${A}",
                                        "a, b",
                                        "=",
                                        "<<",
                                        "type = \"track\" and event = 'x'",
                                        "properties.currency | upper | default(\"USD\")"};
    (void)state;
    for (size_t i = 0; i < countof(texts); i++) comes_back(str_z(texts[i]));
}

static void random_texts_come_back(void **state)
{
    static const char *const parts[] = {"a", " ", ":", "#", "\"", "'", "\\", "\n", "-",
                                        "[", "}", "ž", "|", "\t", "0", ".",  "!",  "\xE2\x80\xA9",
                                        "%", "@", ","};
    uint64_t random = 42;
    (void)state;
    for (size_t i = 0; i < 3000; i++) {
        struct buf text = {0};
        size_t n = 1 + check_random(&random) % 6;
        while (n--) buf_put(&text, str_z(parts[check_random(&random) % countof(parts)]));
        comes_back(buf_str(&text));
        buf_fini(&text);
    }
}

static void maps_and_lists(void **state)
{
    (void)state;
    writer_open(&w, S("empty"));
    writer_close(&w);
    writer_open(&w, S("a"));
    writer_open(&w, S("b"));
    writer_pair(&w, S("c"), S("1"));
    writer_close(&w);
    writer_open(&w, S("nothing"));
    writer_note(&w, "why it is empty");
    writer_close(&w);
    writer_close(&w);
    writer_open(&w, S("l"));
    writer_item(&w);
    writer_open(&w, S("first"));
    writer_plain(&w, S("x"), S("null"));
    writer_close(&w);
    writer_pair(&w, S("other"), S("z"));
    writer_close(&w);
    writer_close(&w);
    check_str(buf_str(&out), "a:\n  b:\n    c: 1\n  # why it is empty\n"
                             "l:\n  - first:\n      x: null\n    other: z\n");
    check_str(buf_str(&notes), "line 4: why it is empty\n");
    assert_int_equal(w.note_count, 1);
}

static void commented_lines(void **state)
{
    (void)state;
    writer_open(&w, S("actions"));
    w.commented = true;
    writer_item(&w);
    writer_note(&w, "cannot run");
    writer_pair(&w, S("name"), S("A"));
    writer_open(&w, S("user_data"));
    writer_pair(&w, S("em"), S("x"));
    writer_close(&w);
    writer_close(&w);
    w.commented = false;
    writer_item(&w);
    writer_pair(&w, S("name"), S("B"));
    writer_close(&w);
    writer_close(&w);
    check_str(buf_str(&out), "actions:\n"
                             "#   # cannot run\n#   - name: A\n#     user_data:\n#       em: x\n"
                             "  - name: B\n");
}

static void comments_stay_comments(void **state)
{
    struct arena arena = {0};
    (void)state;
    writer_note(&w, "one\ntwo: {\xE2\x80\xA8 three\xC2\x85 four\r five %s", "}");
    for (int i = 0; i < 3; i++)
        writer_note(&w, "%s",
                    "a long comment that has to be broken into several lines, because "
                    "nobody reads to the right of a hundred columns or so; and "
                    "averylongwordaverylongwordaverylongwordaverylongwordaverylongword"
                    "averylongwordaverylongwordaverylongword stays whole");
    writer_pair(&w, S("a"), S("b"));
    struct yaml_node *root = read_back(&arena);
    assert_int_equal(root->count, 1);
    check_str(root->first->value->text, "b");
    for (struct str line, rest = buf_str(&out); rest.n;) {
        (void)str_cut(rest, '\n', &line, &rest);
        assert_true(line.n <= 110);
    }
    arena_fini(&arena);
}

static void shown_is_one_line(void **state)
{
    struct arena arena = {0};
    (void)state;
    check_str(writer_shown(&arena, S("a\nb\tc\xE2\x80\xA8"), 10), "a b c ");
    check_str(writer_shown(&arena, S("žluťoučký"), 5), "žluť...");
    check_str(writer_shown(&arena, S(""), 5), "");
    arena_fini(&arena);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(texts_come_back), TEST(random_texts_come_back), TEST(maps_and_lists),
        TEST(commented_lines), TEST(comments_stay_comments), TEST(shown_is_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
