/* SPDX-License-Identifier: Apache-2.0 */
/* The API's configuration: what is in force, and changing the console's part of it. */
#include "console/access.h"
#include "console/api.h"
#include "console/managed.h"

#include "base/json.h"
#include "conf/presets.h"
#include "load/document.h"
#include "load/load.h"

/* --- reading -------------------------------------------------------------------------------------- */

struct listing {
    struct console *c;
    const struct generation *g;
    struct arena *arena;
    bool keys; /* write keys may be seen */
};

static void put_item(const struct listing *l, const struct source_text *file,
                     enum managed_list list, yyjson_val *item, struct loc loc, struct buf *out)
{
    bool managed = file != l->g->config->files[0];
    json_comma(out);
    buf_putc(out, '{');
    json_kv_str(out, S("name"), json_str(json_get(item, "name")));
    json_kv_str(out, S("file"), file->name);
    json_kv_u64(out, S("line"), loc.line);
    json_kv_bool(out, S("locked"), !managed && l->c->load->path);
    json_key(out, S("settings"));
    managed_put_settings(out, list, item, l->keys);
    buf_putc(out, '}');
}

static struct loc place_of(const struct config *config, enum managed_list list, struct str name)
{
    const struct source_conf *s = config_source(config, name);
    const struct destination_conf *d = config_destination(config, name);
    if (list == MANAGED_SOURCES) return s ? s->name.loc : (struct loc){0};
    return d ? d->name.loc : (struct loc){0};
}

/* One list of one file, as it was written. */
static void put_file_list(const struct listing *l, size_t file_index, enum managed_list list,
                          struct str key, struct buf *out)
{
    const struct source_text *file = l->g->config->files[file_index];
    struct buf json = {0};
    struct err err;
    size_t index, count;
    yyjson_val *item;
    if (!l->g->config->trees[file_index]) return;
    document_put_json(&json, l->g->config->trees[file_index]);
    yyjson_val *tree = json_read(l->arena, buf_str(&json), &err);
    yyjson_arr_foreach (yyjson_obj_getn(tree, key.p, key.n), index, count, item) {
        struct loc loc = place_of(l->g->config, list, json_str(json_get(item, "name")));
        put_item(l, file, list, item, loc, out);
    }
    buf_fini(&json);
}

static void put_list(const struct listing *l, enum managed_list list, struct str key,
                     struct buf *out)
{
    json_key(out, key);
    buf_putc(out, '[');
    for (size_t i = 0; i < l->g->config->file_count; i++) {
        put_file_list(l, i, list, key, out);
    }
    buf_putc(out, ']');
}

static void put_files(const struct listing *l, struct buf *out)
{
    json_key(out, S("files"));
    buf_putc(out, '[');
    for (size_t i = 0; i < l->g->config->file_count; i++) {
        const struct source_text *file = l->g->config->files[i];
        json_comma(out);
        buf_putc(out, '{');
        json_kv_str(out, S("name"), file->name);
        json_kv_bool(out, S("managed"), i > 0);
        json_kv_str(out, S("text"), file->content); /* secrets in it were masked when it was read */
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

void get_config(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct person who;
    struct buf body = {0};
    access_who(c, req, &who);
    struct generation *g = generation_acquire(c->generations);
    struct listing l = {c, g, req->arena, who.role >= ROLE_EDITOR};
    buf_putc(&body, '{');
    json_kv_u64(&body, S("generation"), g->number);
    put_files(&l, &body);
    put_list(&l, MANAGED_SOURCES, S("sources"), &body);
    put_list(&l, MANAGED_DESTINATIONS, S("destinations"), &body);
    json_key(&body, S("presets"));
    buf_putc(&body, '[');
    for (size_t i = 0; i < preset_count; i++) {
        json_comma(&body);
        json_put_str(&body, presets[i].name);
    }
    buf_put(&body, S("]}"));
    generation_release(g);
    api_answer(req, 200, &body);
}

void get_config_schema(void *ctx, struct http_request *req)
{
    struct buf body = {0};
    (void)ctx;
    config_schema(&body);
    api_answer(req, 200, &body);
}

void get_config_preset(void *ctx, struct http_request *req)
{
    (void)ctx;
    struct diags diags;
    struct yaml_file *file;
    struct buf body = {0};
    for (size_t i = 0; i < preset_count; i++) {
        if (!str_eq(presets[i].name, req->wildcard)) continue;
        diags_init(&diags, req->arena);
        document_put_json(&body,
                          yaml_parse(presets[i].file, presets[i].text, req->arena, &diags, &file));
        api_answer(req, 200, &body);
        return;
    }
    api_error(req, 404, S("not_found"), S("there is no such preset"));
}

/* --- changing ------------------------------------------------------------------------------------- */

static void answer_done(struct console *c, struct http_request *req, const struct buf *diff)
{
    struct buf body = {0};
    struct generation *g = generation_acquire(c->generations);
    buf_putc(&body, '{');
    json_kv_u64(&body, S("generation"), g->number);
    json_kv_str(&body, S("diff"), buf_str(diff));
    buf_putc(&body, '}');
    generation_release(g);
    api_answer(req, 200, &body);
}

static void answer_result(struct console *c, struct http_request *req, enum managed_result result,
                          const struct buf *diff, const struct buf *problems, const struct err *err)
{
    switch (result) {
    case MANAGED_DONE: answer_done(c, req, diff); return;
    case MANAGED_WRONG:
        api_problems(req, S("the configuration would not be right"), problems);
        return;
    case MANAGED_LOCKED:
        api_error(req, 409, S("locked"),
                  S("this name is in your own configuration file: change it there"));
        return;
    case MANAGED_UNKNOWN:
        api_error(req, 404, S("not_found"), S("there is none of that name"));
        return;
    case MANAGED_FAILED: break;
    }
    bool input = err->kind == ERR_INPUT;
    api_error(req, input ? 400 : 500, input ? S("refused") : S("disk"), str_z(err->text));
}

/* Two people at the same time: who saw an older configuration than the one in force may not overwrite. */
static bool is_stale(struct console *c, struct http_request *req)
{
    uint64_t seen = 0;
    if (!http_query_get(req, S("generation")).p) return false;
    if (!api_query_u64(req, S("generation"), &seen)) return true;
    struct generation *g = generation_acquire(c->generations);
    bool stale = seen != g->number;
    generation_release(g);
    return stale;
}

static void change(struct console *c, struct http_request *req, enum managed_list list,
                   yyjson_val *settings)
{
    struct buf diff = {0}, problems = {0};
    struct err err = {0};
    struct person who;
    access_who(c, req, &who);
    struct managed_change change = {
        .list = list,
        .name = req->wildcard,
        .settings = settings,
        .who = str_z(who.name),
        .may_refer = who.role == ROLE_ADMIN,
        .dry = str_eq(http_query_get(req, S("dry")), S("true")),
    };
    if (is_stale(c, req)) {
        api_error(req, 409, S("changed_meanwhile"),
                  S("somebody else changed the configuration meanwhile; look at it again"));
        return;
    }
    enum managed_result result = managed_apply(c, &change, &diff, &problems, &err);
    if (result == MANAGED_DONE && !change.dry) {
        struct str what = settings ? S("changed the configuration of") : S("removed");
        api_note(c, req, what, req->wildcard);
    }
    answer_result(c, req, result, &diff, &problems, &err);
    buf_fini(&problems);
    buf_fini(&diff);
}

static void put_change(struct console *c, struct http_request *req, enum managed_list list)
{
    struct err err;
    yyjson_val *settings = json_read(req->arena, req->body, &err);
    if (!yyjson_is_obj(settings)) {
        api_error(req, 400, S("bad_body"), S("wanted: the settings as a JSON object"));
        return;
    }
    change(c, req, list, settings);
}

void change_source(void *ctx, struct http_request *req)
{
    put_change(ctx, req, MANAGED_SOURCES);
}

void change_destination(void *ctx, struct http_request *req)
{
    put_change(ctx, req, MANAGED_DESTINATIONS);
}

void delete_source(void *ctx, struct http_request *req)
{
    change(ctx, req, MANAGED_SOURCES, NULL);
}

void delete_destination(void *ctx, struct http_request *req)
{
    change(ctx, req, MANAGED_DESTINATIONS, NULL);
}

/* --- former versions, and texts that are only looked at ------------------------------------------- */

void get_config_history(void *ctx, struct http_request *req)
{
    struct buf body = {0};
    buf_put(&body, S("{\"history\":"));
    managed_history(ctx, &body);
    buf_putc(&body, '}');
    api_answer(req, 200, &body);
}

void get_config_version(void *ctx, struct http_request *req)
{
    struct buf text = {0}, body = {0};
    struct err err;
    if (!managed_version(ctx, req->wildcard, &text, &err)) {
        api_error(req, 404, S("not_found"), str_z(err.text));
    } else {
        buf_putc(&body, '{');
        json_kv_str(&body, S("text"), buf_str(&text));
        buf_putc(&body, '}');
        api_answer(req, 200, &body);
    }
    buf_fini(&text);
}

void post_config_rollback(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct err err;
    struct person who;
    struct buf text = {0}, diff = {0}, problems = {0};
    yyjson_val *root = json_read(req->arena, req->body, &err);
    struct str id = json_str(json_get(root, "id"));
    access_who(c, req, &who);
    if (!managed_version(c, id, &text, &err)) {
        api_error(req, 404, S("not_found"), str_z(err.text));
    } else {
        enum managed_result result =
            managed_put_text(c, buf_str(&text), str_z(who.name), &diff, &problems, &err);
        if (result == MANAGED_DONE) api_note(c, req, S("went back to configuration"), id);
        answer_result(c, req, result, &diff, &problems, &err);
    }
    buf_fini(&problems);
    buf_fini(&diff);
    buf_fini(&text);
}

/* A whole file, as the user would write it. Secrets that it refers to are looked up here. */
void post_check(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct err err;
    struct buf body = {0}, problems = {0};
    yyjson_val *root = json_read(req->arena, req->body, &err);
    struct str text = json_str(json_get(root, "text"));
    if (!text.p) {
        api_error(req, 400, S("bad_body"), S("wanted: {\"text\": the configuration}"));
        return;
    }
    struct load load = {.path = "(text)", .own = text, .managed_path = c->load->managed_path};
    struct generation *g = load_all(&load, &(struct load_problems){.json = &problems});
    buf_putc(&body, '{');
    json_kv_bool(&body, S("ok"), g != NULL);
    json_kv_raw(&body, S("problems"), g ? S("[]") : buf_str(&problems));
    buf_putc(&body, '}');
    generation_release(g);
    buf_fini(&problems);
    api_answer(req, 200, &body);
}
