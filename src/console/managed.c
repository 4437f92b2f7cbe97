/* SPDX-License-Identifier: Apache-2.0 */
/* See managed.h. */
#include "console/managed.h"

#include "base/json.h"
#include "console/secrets.h"
#include "core/limits.h"
#include "load/document.h"
#include "load/load.h"
#include "load/textdiff.h"
#include "sys/clock.h"
#include "sys/file.h"

static const struct {
    struct str key;
    const struct object *object;
} lists[] = {
    [MANAGED_SOURCES] = {S_INIT("sources"), &source_object},
    [MANAGED_DESTINATIONS] = {S_INIT("destinations"), &destination_object},
};

#define HEAD                                                                                       \
    "# Written by the console: sources and destinations that were set up there. Changes by hand\n" \
    "# are taken at the next reload; comments are lost when the console writes the next time.\n"

static const char *path_of(const struct console *c, struct arena *arena, const char *name)
{
    return arena_printf(arena, "%.*s/%s", STR_ARG(c->data_dir), name).p;
}

bool managed_read(const struct console *c, struct buf *text, struct err *err)
{
    struct arena arena = {0};
    const char *path = path_of(c, &arena, "managed.yaml");
    bool ok = !file_exists(path) || file_read_all(path, LIMIT_CONFIG_BYTES, text, err);
    arena_fini(&arena);
    return ok;
}

/* --- history -------------------------------------------------------------------------------------- */

/* Names are the time in ms, so their order is that of time. */
static void forget_old(const struct console *c, struct arena *arena)
{
    struct str *names;
    size_t count;
    struct err err;
    const char *dir = path_of(c, arena, "history");
    if (!file_list(dir, arena, &names, &count, &err)) return;
    for (size_t i = 0; i + LIMIT_CONFIG_HISTORY < count; i++) {
        (void)file_unlink(arena_printf(arena, "%s/%.*s", dir, STR_ARG(names[i])).p, &err);
    }
}

static bool keep_version(const struct console *c, struct str text, struct str who, struct err *err)
{
    struct arena arena = {0};
    struct buf version = {0};
    const char *dir = path_of(c, &arena, "history");
    const char *path = arena_printf(&arena, "%s/%lld.yaml", dir, (long long)clock_now_ms()).p;
    buf_printf(&version, "# by %.*s\n", STR_ARG(who));
    buf_put(&version, text);
    bool ok = file_make_dirs(dir, err) && file_replace(path, buf_str(&version), 0600, err);
    if (ok) forget_old(c, &arena);
    buf_fini(&version);
    arena_fini(&arena);
    return ok;
}

static bool is_id(struct str id)
{
    uint64_t ignored;
    return str_to_u64(id, &ignored);
}

bool managed_version(const struct console *c, struct str id, struct buf *text, struct err *err)
{
    struct arena arena = {0};
    struct buf version = {0};
    struct str rest, line;
    const char *dir = path_of(c, &arena, "history");
    const char *path = arena_printf(&arena, "%s/%.*s.yaml", dir, STR_ARG(id)).p;
    bool ok = is_id(id) && file_read_all(path, LIMIT_CONFIG_BYTES, &version, err);
    if (ok && str_cut(buf_str(&version), '\n', &line, &rest)) buf_put(text, rest);
    if (!ok) (void)err_set(err, ERR_INPUT, "there is no such version");
    buf_fini(&version);
    arena_fini(&arena);
    return ok;
}

static void put_version(const char *dir, struct str name, struct arena *arena, struct buf *out)
{
    struct buf text = {0};
    struct err err;
    struct str id = str_head(name, name.n - (name.n < 5 ? name.n : 5)), line, rest;
    int64_t ms;
    const char *path = arena_printf(arena, "%s/%.*s", dir, STR_ARG(name)).p;
    if (!str_to_i64(id, &ms) || !file_read_all(path, LIMIT_CONFIG_BYTES, &text, &err)) return;
    (void)str_cut(buf_str(&text), '\n', &line, &rest);
    struct buf time = {0};
    time_print(&time, ms);
    json_comma(out);
    buf_putc(out, '{');
    json_kv_str(out, S("id"), id);
    json_kv_str(out, S("time"), buf_str(&time));
    json_kv_str(out, S("who"), str_from(line, 5));
    json_kv_u64(out, S("bytes"), rest.n);
    buf_putc(out, '}');
    buf_fini(&time);
    buf_fini(&text);
}

void managed_history(const struct console *c, struct buf *out)
{
    struct arena arena = {0};
    struct str *names;
    size_t count = 0;
    struct err err;
    const char *dir = path_of(c, &arena, "history");
    buf_putc(out, '[');
    if (file_exists(dir) && file_list(dir, &arena, &names, &count, &err)) {
        while (count--) put_version(dir, names[count], &arena, out);
    }
    buf_putc(out, ']');
    arena_fini(&arena);
}

/* --- the candidate -------------------------------------------------------------------------------- */

/* Loads everything with text as the console's file, as at a start. */
static bool is_good(const struct console *c, struct str text, struct buf *problems)
{
    struct load load = *c->load;
    load.managed = text.n ? text : S("");
    struct generation *g = load_all(&load, &(struct load_problems){.json = problems});
    generation_release(g);
    return g != NULL;
}

static bool save(struct console *c, struct str text, struct str who, struct err *err)
{
    struct arena arena = {0};
    bool ok = keep_version(c, text, who, err) &&
              file_replace(path_of(c, &arena, "managed.yaml"), text, 0600, err) &&
              c->reload(c->app, err);
    arena_fini(&arena);
    return ok;
}

enum managed_result managed_put_text(struct console *c, struct str text, struct str who,
                                     struct buf *diff, struct buf *problems, struct err *err)
{
    struct buf before = {0};
    enum managed_result result = MANAGED_FAILED;
    if (!is_good(c, text, problems)) {
        result = MANAGED_WRONG;
    } else if (managed_read(c, &before, err) && save(c, text, who, err)) {
        textdiff(diff, buf_str(&before), text);
        result = MANAGED_DONE;
    }
    buf_fini(&before);
    return result;
}

/* --- one change ----------------------------------------------------------------------------------- */

/* What is done with a secret that was typed in. It is tried before it is written, and never shown. */
enum secret_use {
    SECRET_TRY,   /* stands in the candidate as it is */
    SECRET_NAME,  /* only the reference, for the difference that people see */
    SECRET_WRITE, /* into its file, and the reference */
};

struct box {
    struct console *c;
    struct str name;
    enum secret_use use;
};

/* A file for each secret: data/secrets/NAME.PATH. */
static bool put_in_file(void *ctx, struct str path, struct str secret, struct buf *reference,
                        struct err *err)
{
    const struct box *box = ctx;
    struct arena arena = {0};
    const char *dir = path_of(box->c, &arena, "secrets");
    struct str file = arena_printf(&arena, "%.*s.%.*s", STR_ARG(box->name), STR_ARG(path));
    const char *full = arena_printf(&arena, "%s/%.*s", dir, STR_ARG(file)).p;
    bool ok = box->use != SECRET_WRITE ||
              (file_make_dirs(dir, err) && file_replace(full, secret, 0600, err));
    if (box->use == SECRET_TRY) {
        buf_put(reference, secret);
    } else {
        buf_printf(reference, "file:secrets/%.*s", STR_ARG(file));
    }
    arena_fini(&arena);
    return ok;
}

static struct str name_of(yyjson_val *item)
{
    return json_str(json_get(item, "name"));
}

static yyjson_val *find_item(yyjson_val *root, const struct managed_change *change)
{
    size_t index, count;
    yyjson_val *item;
    struct str key = lists[change->list].key;
    yyjson_arr_foreach (yyjson_obj_getn(root, key.p, key.n), index, count, item) {
        if (str_eq(name_of(item), change->name)) return item;
    }
    return NULL;
}

struct edit {
    struct console *c;
    const struct managed_change *change;
    yyjson_val *root; /* the file as it is */
    enum secret_use use;
    struct err *err;
};

static bool put_settings(const struct edit *e, yyjson_val *former, struct buf *out)
{
    const struct managed_change *change = e->change;
    struct box box = {e->c, change->name, e->use};
    struct secret_box secrets = {&box, change->may_refer, put_in_file};
    struct buf plain = {0};
    bool ok = secrets_keep(&plain, lists[change->list].object, change->settings, former, &secrets,
                           e->err);
    /* The name is the address's, and stands first. */
    json_comma(out);
    buf_putc(out, '{');
    json_kv_str(out, S("name"), change->name);
    if (ok && plain.n > 2) {
        buf_putc(out, ',');
        buf_put(out, str_of(plain.p + 1, plain.n - 2));
    }
    buf_putc(out, '}');
    buf_fini(&plain);
    return ok;
}

/* The list with the change made, as JSON. */
static bool put_list(const struct edit *e, enum managed_list list, struct buf *out)
{
    size_t index, count;
    const struct managed_change *change = e->change;
    yyjson_val *item, *former = find_item(e->root, change);
    bool ours = list == change->list, ok = true;
    struct str key = lists[list].key;
    json_key(out, key);
    buf_putc(out, '[');
    yyjson_arr_foreach (yyjson_obj_getn(e->root, key.p, key.n), index, count, item) {
        if (!ours || item != former) {
            json_comma(out);
            json_put_val(out, item);
        } else if (change->settings) {
            ok &= put_settings(e, former, out);
        }
    }
    if (ours && !former && change->settings) ok &= put_settings(e, NULL, out);
    buf_putc(out, ']');
    return ok;
}

static yyjson_val *read_tree(struct str text, struct arena *arena)
{
    struct diags diags;
    struct yaml_file *file;
    struct buf json = {0};
    struct err err;
    diags_init(&diags, arena);
    struct yaml_node *root = yaml_parse(S("managed.yaml"), text, arena, &diags, &file);
    if (root) {
        document_put_json(&json, root);
    } else {
        buf_put(&json, S("{}"));
    }
    yyjson_val *tree = json_read(arena, buf_str(&json), &err);
    buf_fini(&json);
    return tree;
}

/* The whole file with the change made. */
static bool put_candidate(const struct edit *e, struct buf *text)
{
    struct arena arena = {0};
    struct buf json = {0};
    buf_putc(&json, '{');
    bool ok = put_list(e, MANAGED_SOURCES, &json) && put_list(e, MANAGED_DESTINATIONS, &json);
    buf_putc(&json, '}');
    yyjson_val *tree = ok ? json_read(&arena, buf_str(&json), e->err) : NULL;
    buf_clear(text);
    if (tree) {
        buf_put(text, S(HEAD));
        document_put_yaml(text, tree);
    }
    buf_fini(&json);
    arena_fini(&arena);
    return tree != NULL;
}

/* Does the name stand in the user's own file? */
static bool is_locked(struct console *c, const struct managed_change *change, bool in_managed)
{
    struct generation *g = generation_acquire(c->generations);
    bool known = change->list == MANAGED_SOURCES
                     ? config_source(g->config, change->name) != NULL
                     : config_destination(g->config, change->name) != NULL;
    bool stand_in = !c->load->path; /* what stands in for a file may be replaced */
    generation_release(g);
    return known && !in_managed && !stand_in;
}

/* Tried with the secrets in it, shown without them, and only then written. */
static enum managed_result apply(struct edit *e, struct str before, struct buf *diff,
                                 struct buf *problems)
{
    struct buf text = {0};
    enum managed_result result = MANAGED_FAILED;
    e->use = SECRET_TRY;
    if (put_candidate(e, &text)) {
        result = is_good(e->c, buf_str(&text), problems) ? MANAGED_DONE : MANAGED_WRONG;
    }
    e->use = e->change->dry ? SECRET_NAME : SECRET_WRITE;
    if (result == MANAGED_DONE) {
        bool ok = put_candidate(e, &text);
        textdiff(diff, before, buf_str(&text));
        if (ok && !e->change->dry) ok = save(e->c, buf_str(&text), e->change->who, e->err);
        if (!ok) result = MANAGED_FAILED;
    }
    buf_fini(&text);
    return result;
}

enum managed_result managed_apply(struct console *c, const struct managed_change *change,
                                  struct buf *diff, struct buf *problems, struct err *err)
{
    struct arena arena = {0};
    struct buf before = {0};
    enum managed_result result = MANAGED_FAILED;
    if (managed_read(c, &before, err)) {
        struct edit e = {c, change, read_tree(buf_str(&before), &arena), SECRET_TRY, err};
        bool there = find_item(e.root, change) != NULL;
        if (is_locked(c, change, there)) {
            result = MANAGED_LOCKED;
        } else if (!change->settings && !there) {
            result = MANAGED_UNKNOWN;
        } else {
            result = apply(&e, buf_str(&before), diff, problems);
        }
    }
    buf_fini(&before);
    arena_fini(&arena);
    return result;
}

/* The candidate's settings without what would let it send. */
static void put_harmless(struct buf *out, yyjson_val *settings)
{
    static const struct str left_out[] = {S_INIT("name"), S_INIT("access_token"),
                                          S_INIT("app_secret"), S_INIT("api_url"),
                                          S_INIT("enabled")};
    size_t index, count;
    yyjson_val *key, *value;
    buf_putc(out, '{');
    json_kv_str(out, S("api_url"), S("http://127.0.0.1/v26.0"));
    yyjson_obj_foreach (settings, index, count, key, value) {
        bool wanted = true;
        for (size_t i = 0; i < countof(left_out); i++)
            wanted &= !str_eq(json_str(key), left_out[i]);
        if (!wanted) continue;
        json_key(out, json_str(key));
        json_put_val(out, value);
    }
    buf_putc(out, '}');
}

struct generation *managed_candidate(struct console *c, struct str name, yyjson_val *settings,
                                     struct buf *problems, struct err *err)
{
    struct arena arena = {0};
    struct buf before = {0}, json = {0}, text = {0};
    struct generation *g = NULL;
    struct managed_change change = {.list = MANAGED_DESTINATIONS, .name = name};
    put_harmless(&json, settings);
    change.settings = json_read(&arena, buf_str(&json), err);
    if (change.settings && managed_read(c, &before, err)) {
        struct edit e = {c, &change, read_tree(buf_str(&before), &arena), SECRET_TRY, err};
        struct load load = *c->load;
        if (put_candidate(&e, &text)) {
            load.managed = buf_str(&text);
            g = load_all(&load, &(struct load_problems){.json = problems});
        }
    }
    buf_fini(&text);
    buf_fini(&json);
    buf_fini(&before);
    arena_fini(&arena);
    return g;
}

void managed_put_settings(struct buf *out, enum managed_list list, yyjson_val *settings, bool keys)
{
    secrets_hide(out, lists[list].object, settings, keys);
}
