/* SPDX-License-Identifier: Apache-2.0 */
/* See batch.h. */
#include "sandbox/batch.h"

#include "http/form.h"

/* The other top-level fields: known, and of no consequence here. */
static const struct str ignored[] = {
    S_INIT("namespace_id"), S_INIT("upload_id"), S_INIT("upload_tag"), S_INIT("upload_source"),
    S_INIT("platforms"),    S_INIT("progress"),  S_INIT("format"),     S_INIT("locale"),
    S_INIT("method"),       S_INIT("debug"),
};

static bool too_many(struct err *err)
{
    return err_set(err, ERR_LIMIT, "Too many events in one request: at most %d are allowed",
                   LIMIT_BATCH_SEND_EVENTS);
}

static bool add_event(struct batch *batch, yyjson_val *event, struct arena *arena, struct err *err)
{
    if (yyjson_is_str(event)) {
        event = json_read(arena, json_str(event), err);
        if (!event) return err_wrap(err, "data[%zu]", batch->count);
    }
    if (!json_depth_ok(event, LIMIT_JSON_DEPTH)) {
        return err_set(err, ERR_LIMIT, "data[%zu] is nested too deeply", batch->count);
    }
    if (batch->count == LIMIT_BATCH_SEND_EVENTS) return too_many(err);
    if (!batch->events) {
        batch->events = arena_array(arena, yyjson_val *, LIMIT_BATCH_SEND_EVENTS);
    }
    batch->events[batch->count++] = event;
    return true;
}

static bool add_list(struct batch *batch, yyjson_val *data, struct arena *arena, struct err *err)
{
    size_t index, count;
    yyjson_val *event;
    if (yyjson_is_str(data)) {
        data = json_read(arena, json_str(data), err);
        if (!data) return err_wrap(err, "data");
    }
    if (!yyjson_is_arr(data)) return err_set(err, ERR_INPUT, "Param data must be an array.");
    if (yyjson_arr_size(data) > LIMIT_BATCH_SEND_EVENTS) return too_many(err);
    yyjson_arr_foreach (data, index, count, event) {
        if (!add_event(batch, event, arena, err)) return false;
    }
    return true;
}

/* The place for a plain text field, or NULL. */
static struct str *text_field(struct batch *batch, struct str name)
{
    if (str_eq(name, S("access_token"))) return &batch->access_token;
    if (str_eq(name, S("appsecret_proof"))) return &batch->proof;
    if (str_eq(name, S("test_event_code"))) return &batch->test_event_code;
    if (str_eq(name, S("partner_agent"))) return &batch->partner_agent;
    return NULL;
}

static void note_other(struct batch *batch, struct str name)
{
    for (size_t i = 0; i < countof(ignored); i++) {
        if (str_eq(name, ignored[i])) return;
    }
    if (!batch->unknown.n) batch->unknown = name;
}

static bool read_json(struct batch *batch, struct str body, struct arena *arena, struct err *err)
{
    size_t index, count;
    yyjson_val *key, *val, *root = json_read(arena, body, err);
    batch->is_json = true;
    if (!root) return false;
    if (!yyjson_is_obj(root)) return err_set(err, ERR_INPUT, "The body must be a JSON object.");
    yyjson_obj_foreach (root, index, count, key, val) {
        struct str name = json_str(key), *text = text_field(batch, name);
        if (str_eq(name, S("data"))) {
            if (!add_list(batch, val, arena, err)) return false;
        } else if (text) {
            if (json_str(val).p) *text = json_str(val);
        } else {
            note_other(batch, name);
        }
    }
    return true;
}

/* data[] or data[7]: one event. */
static bool is_data_item(struct str name)
{
    return str_starts(name, S("data[")) && str_ends(name, S("]"));
}

static bool read_form(struct batch *batch, struct form *form, struct arena *arena, struct err *err)
{
    struct str name, value;
    while (form_next(form, arena, &name, &value)) {
        struct str *text = text_field(batch, name);
        if (str_eq(name, S("data"))) {
            yyjson_val *data = json_read(arena, value, err);
            if (!data) return err_wrap(err, "data");
            if (!add_list(batch, data, arena, err)) return false;
        } else if (is_data_item(name)) {
            yyjson_val *event = json_read(arena, value, err);
            if (!event) return err_wrap(err, "data[%zu]", batch->count);
            if (!add_event(batch, event, arena, err)) return false;
        } else if (text) {
            *text = value;
        } else {
            note_other(batch, name);
        }
    }
    return true;
}

bool batch_read(struct batch *batch, struct str content_type, struct str body, struct arena *arena,
                struct err *err)
{
    struct form form;
    *batch = (struct batch){.access_token = S("")};
    bool ok = form_open(&form, content_type, body, arena) ? read_form(batch, &form, arena, err)
                                                          : read_json(batch, body, arena, err);
    if (ok && !batch->count) return err_set(err, ERR_INPUT, "The parameter data is required.");
    return ok;
}
