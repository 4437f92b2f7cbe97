/* SPDX-License-Identifier: Apache-2.0 */
/* See document.h. */
#include "load/document.h"

#include "import/writer.h"

/* Digits beyond this are a name that looks like a number. */
enum { NUMBER_DIGITS = 15 };

static bool is_number(struct str text)
{
    size_t digits = 0, at = str_starts(text, S("-")) ? 1 : 0, dots = 0;
    if (text.n - at > 1 && text.p[at] == '0' && text.p[at + 1] != '.') return false;
    for (; at < text.n; at++) {
        bool digit = text.p[at] >= '0' && text.p[at] <= '9';
        bool dot = text.p[at] == '.' && digits && at + 1 < text.n;
        if (!digit && !dot) return false;
        digits += digit;
        dots += dot;
    }
    return digits > 0 && digits <= NUMBER_DIGITS && dots <= 1;
}

static void put_scalar(struct buf *out, const struct yaml_node *node)
{
    struct str text = node->text;
    if (yaml_is_null(node)) {
        buf_put(out, S("null"));
    } else if (node->plain &&
               (str_eq(text, S("true")) || str_eq(text, S("false")) || is_number(text))) {
        buf_put(out, text);
    } else {
        json_put_str(out, text);
    }
}

void document_put_json(struct buf *out, const struct yaml_node *node)
{
    bool map = node->kind == YAML_MAP;
    if (node->kind == YAML_SCALAR || node->kind == YAML_BROKEN) {
        put_scalar(out, node);
        return;
    }
    buf_putc(out, map ? '{' : '[');
    for (const struct yaml_node *item = node->first; item; item = item->next) {
        if (map) {
            json_key(out, item->text);
        } else {
            json_comma(out);
        }
        document_put_json(out, map ? item->value : item);
    }
    buf_putc(out, map ? '}' : ']');
}

/* --- to YAML -------------------------------------------------------------------------------------- */

static void put_object(struct writer *w, yyjson_val *object);

static struct str text_of(yyjson_val *value)
{
    return str_of(unsafe_yyjson_get_str(value), unsafe_yyjson_get_len(value));
}

/* `drop` is a key word only when it stands plain. */
static bool is_text(yyjson_val *value)
{
    return yyjson_is_str(value) && !str_eq(text_of(value), S("drop"));
}

static struct str plain_of(yyjson_val *value)
{
    if (yyjson_is_str(value) || yyjson_is_raw(value)) return json_str(value);
    if (yyjson_is_bool(value)) return yyjson_is_true(value) ? S("true") : S("false");
    return yyjson_is_arr(value) ? S("[]") : yyjson_is_obj(value) ? S("{}") : S("null");
}

static void put_list(struct writer *w, yyjson_val *list)
{
    size_t index, count;
    yyjson_val *item;
    yyjson_arr_foreach (list, index, count, item) {
        if (yyjson_is_obj(item)) {
            writer_item(w);
            put_object(w, item);
            writer_close(w);
        } else {
            writer_element(w, plain_of(item));
        }
    }
}

static void put_value(struct writer *w, struct str key, yyjson_val *value)
{
    if (is_text(value)) {
        writer_pair(w, key, text_of(value));
    } else if (!yyjson_is_ctn(value) || yyjson_get_len(value) == 0) {
        writer_plain(w, key, plain_of(value));
    } else {
        writer_open(w, key);
        if (yyjson_is_arr(value)) {
            put_list(w, value);
        } else {
            put_object(w, value);
        }
        writer_close(w);
    }
}

static void put_object(struct writer *w, yyjson_val *object)
{
    size_t index, count;
    yyjson_val *key, *value;
    yyjson_obj_foreach (object, index, count, key, value) put_value(w, text_of(key), value);
}

void document_put_yaml(struct buf *out, yyjson_val *object)
{
    struct writer w;
    struct buf notes = {0};
    writer_init(&w, out, &notes);
    put_object(&w, object);
    buf_fini(&notes);
}
