/* SPDX-License-Identifier: Apache-2.0 */
/* See compare.h. */
#include "load/compare.h"

struct comparison {
    enum compare_mode mode;
    const char *want_word, *got_word;
    struct buf path;
    struct buf *out;
    size_t differences;
};

static void put_value(struct buf *out, yyjson_val *v)
{
    if (v) {
        json_put_val(out, v);
    } else {
        buf_put(out, S("nothing"));
    }
}

static void differ(struct comparison *c, yyjson_val *want, yyjson_val *got)
{
    c->differences++;
    buf_printf(c->out, "  %.*s: %s ", STR_ARG(buf_str(&c->path)), c->want_word);
    put_value(c->out, want);
    buf_printf(c->out, ", %s ", c->got_word);
    put_value(c->out, got);
    buf_putc(c->out, '\n');
}

static void compare(struct comparison *c, yyjson_val *want, yyjson_val *got);

static void compare_key(struct comparison *c, struct str key, yyjson_val *want, yyjson_val *got)
{
    size_t mark = c->path.n;
    if (mark) buf_putc(&c->path, '.');
    buf_put(&c->path, key);
    compare(c, want, got);
    buf_cut(&c->path, mark);
}

static void compare_objects(struct comparison *c, yyjson_val *want, yyjson_val *got)
{
    size_t index, count;
    yyjson_val *key, *value;
    yyjson_obj_foreach (want, index, count, key, value) {
        struct str name = json_str(key);
        compare_key(c, name, value, yyjson_obj_getn(got, name.p, name.n));
    }
    if (c->mode == COMPARE_SUBSET) return;
    yyjson_obj_foreach (got, index, count, key, value) {
        struct str name = json_str(key);
        if (!yyjson_obj_getn(want, name.p, name.n)) compare_key(c, name, NULL, value);
    }
}

static void compare_lists(struct comparison *c, yyjson_val *want, yyjson_val *got)
{
    size_t longest = yyjson_arr_size(want);
    if (yyjson_arr_size(got) > longest) longest = yyjson_arr_size(got);
    for (size_t i = 0; i < longest; i++) {
        size_t mark = c->path.n;
        buf_printf(&c->path, "[%zu]", i);
        compare(c, yyjson_arr_get(want, i), yyjson_arr_get(got, i));
        buf_cut(&c->path, mark);
    }
}

static bool same_scalar(yyjson_val *want, yyjson_val *got)
{
    double a, b;
    if (!want || !got || yyjson_get_type(want) != yyjson_get_type(got)) return false;
    if (yyjson_is_raw(want) && json_number(want, &a) && json_number(got, &b)) return a == b;
    if (yyjson_is_bool(want)) return yyjson_get_bool(want) == yyjson_get_bool(got);
    return str_eq(json_str(want), json_str(got));
}

static void compare(struct comparison *c, yyjson_val *want, yyjson_val *got)
{
    if (yyjson_is_obj(want) && yyjson_is_obj(got)) {
        compare_objects(c, want, got);
    } else if (yyjson_is_arr(want) && yyjson_is_arr(got)) {
        compare_lists(c, want, got);
    } else if (!same_scalar(want, got)) {
        differ(c, want, got);
    }
}

size_t compare_json(enum compare_mode mode, yyjson_val *want, yyjson_val *got,
                    const char *want_word, const char *got_word, struct buf *out)
{
    struct comparison c = {.mode = mode, .want_word = want_word, .got_word = got_word, .out = out};
    compare(&c, want, got);
    buf_fini(&c.path);
    return c.differences;
}
