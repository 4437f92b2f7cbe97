/* SPDX-License-Identifier: Apache-2.0 */
/* See secrets.h. */
#include "console/secrets.h"

struct walk {
    const struct secret_box *box; /* NULL: hide */
    bool keys;
    struct buf path; /* "access_token", "webhook.secret.0" */
    struct err *err;
    bool ok;
};

static bool is_write_key(const struct key *key)
{
    return str_eq(key->name, S("write_key")) || str_eq(key->name, S("write_keys"));
}

static bool is_secret(const struct walk *w, const struct key *key)
{
    if (!key || is_write_key(key)) return key && !w->box && !w->keys;
    return key->type == KEY_SECRET || (key->type == KEY_TEXTS && key->item == KEY_SECRET);
}

static void put_secret(struct walk *w, struct buf *out, yyjson_val *value, yyjson_val *former)
{
    struct buf reference = {0};
    struct str text = json_str(value);
    if (!text.p || config_is_reference(text)) {
        bool known = !w->box || w->box->may_refer || str_eq(text, json_str(former));
        if (text.p && !known)
            w->ok = err_set(w->err, ERR_INPUT,
                            "%.*s: only an admin may refer to a file or to the environment",
                            STR_ARG(buf_str(&w->path)));
        json_put_val(out, value);
    } else if (!w->box) {
        json_put_str(out, S(SECRET_SHOWN));
    } else if (str_eq(text, S(SECRET_SHOWN))) {
        if (former) {
            json_put_val(out, former);
        } else {
            w->ok = err_set(w->err, ERR_INPUT, "%.*s: \"***\" stands for nothing here",
                            STR_ARG(buf_str(&w->path)));
        }
    } else {
        w->ok &= w->box->put(w->box->ctx, buf_str(&w->path), text, &reference, w->err);
        json_put_str(out, buf_str(&reference));
    }
    buf_fini(&reference);
}

static void put_any(struct walk *w, struct buf *out, const struct object *object,
                    const struct key *key, yyjson_val *value, yyjson_val *former);

static size_t path_add(struct walk *w, struct str piece)
{
    size_t mark = w->path.n;
    if (mark) buf_putc(&w->path, '.');
    buf_put(&w->path, piece);
    return mark;
}

static void put_list(struct walk *w, struct buf *out, const struct object *object,
                     const struct key *key, yyjson_val *list, yyjson_val *former)
{
    size_t index, count;
    yyjson_val *item;
    buf_putc(out, '[');
    yyjson_arr_foreach (list, index, count, item) {
        struct buf number = {0};
        buf_put_u64(&number, index);
        size_t mark = path_add(w, buf_str(&number));
        json_comma(out);
        put_any(w, out, object, key, item, yyjson_arr_get(former, index));
        buf_cut(&w->path, mark);
        buf_fini(&number);
    }
    buf_putc(out, ']');
}

static void put_object(struct walk *w, struct buf *out, const struct object *object,
                       yyjson_val *settings, yyjson_val *former)
{
    size_t index, count;
    yyjson_val *name, *value;
    buf_putc(out, '{');
    yyjson_obj_foreach (settings, index, count, name, value) {
        struct str text = json_str(name);
        /* The name is not among the settings: it says whose they are. */
        if (!w->path.n && str_eq(text, S("name"))) continue;
        const struct key *key = object ? key_find(object, text) : NULL;
        size_t mark = path_add(w, text);
        json_key(out, text);
        put_any(w, out, key ? key->object : NULL, key, value,
                yyjson_obj_getn(former, text.p, text.n));
        buf_cut(&w->path, mark);
    }
    buf_putc(out, '}');
}

static void put_any(struct walk *w, struct buf *out, const struct object *object,
                    const struct key *key, yyjson_val *value, yyjson_val *former)
{
    if (yyjson_is_arr(value)) {
        put_list(w, out, object, key, value, yyjson_is_arr(former) ? former : NULL);
    } else if (yyjson_is_obj(value)) {
        put_object(w, out, object, value, yyjson_is_obj(former) ? former : NULL);
    } else if (is_secret(w, key)) {
        put_secret(w, out, value, former);
    } else {
        json_put_val(out, value);
    }
}

void secrets_hide(struct buf *out, const struct object *object, yyjson_val *settings, bool keys)
{
    struct walk w = {.keys = keys, .ok = true};
    put_object(&w, out, object, settings, NULL);
    buf_fini(&w.path);
}

bool secrets_keep(struct buf *out, const struct object *object, yyjson_val *settings,
                  yyjson_val *former, const struct secret_box *box, struct err *err)
{
    struct walk w = {.box = box, .err = err, .ok = true};
    put_object(&w, out, object, settings, former);
    buf_fini(&w.path);
    return w.ok;
}
