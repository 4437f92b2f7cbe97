/* SPDX-License-Identifier: Apache-2.0 */
/* See config.h. The doors of the room: text or file -> tree (yaml.c) -> structs (reader.c) -> checked
 * (check.c). */
#include "conf/config.h"

#include "base/json.h"
#include "conf/check.h"
#include "conf/reader.h"
#include "conf/webhook.h"
#include "core/limits.h"
#include "sys/file.h"

#include <assert.h>

static size_t problem_count(const struct diags *diags)
{
    return diags->count + diags->dropped;
}

/* Up to and with the last slash. */
static struct str directory(struct str path)
{
    while (path.n && path.p[path.n - 1] != '/') path.n--;
    return path;
}

/* Reads text as one object into base. */
static void read_text(struct reader *r, const struct object *object, struct str name,
                      struct str text, void *base)
{
    size_t before = problem_count(r->diags);
    struct yaml_node *root = yaml_parse(name, text, r->arena, r->diags, &r->file);
    struct loc top = {&r->file->source, 1, 1};
    r->dir = directory(r->file->source.name);
    if (root || problem_count(r->diags) == before)
        reader_object(r, object, root, top, base);
    else
        secret_hide_lines(r->file);
}

struct config *config_parse(struct str name, struct str text, struct arena *arena,
                            struct diags *diags)
{
    struct reader r = {.arena = arena, .diags = diags};
    struct config *config = arena_new(arena, struct config);
    size_t before = problem_count(diags);
    read_text(&r, &config_object, name, text, config);
    for (size_t i = 0; i < config->source_count; i++)
        webhook_complete(&config->sources[i], arena, diags);
    check_config(config, arena, diags);
    config->files = arena_array(arena, struct source_text *, 1);
    config->files[0] = &r.file->source;
    config->file_count = 1;
    return problem_count(diags) == before ? config : NULL;
}

struct config *config_load(const char *path, struct arena *arena, struct diags *diags)
{
    struct err err;
    struct buf text = {0};
    struct config *config = NULL;
    if (file_read_all(path, LIMIT_CONFIG_BYTES, &text, &err))
        config = config_parse(str_z(path), buf_str(&text), arena, diags);
    else
        diag_add(diags, (struct loc){0}, "%s", err.text);
    buf_fini(&text);
    return config;
}

struct config *config_default(struct str write_key, struct str sandbox_url, struct arena *arena)
{
    struct buf text = {0};
    struct diags diags;
    diags_init(&diags, arena);
    buf_put(&text, S("sources:\n  - name: default\n    write_key: "));
    json_put_str(&text, write_key);
    buf_put(&text, S("\ndestinations:\n  - name: sandbox\n    pixel_id: \"1000000000000001\"\n"
                     "    api_url: "));
    json_put_str(&text, sandbox_url);
    buf_putc(&text, '\n');
    struct config *config = config_parse(S("(no file)"), buf_str(&text), arena, &diags);
    assert(config); /* both texts are made by us */
    buf_fini(&text);
    return config;
}

struct destination_conf *preset_parse(struct str name, struct str text, struct arena *arena,
                                      struct diags *diags)
{
    struct reader r = {.arena = arena, .diags = diags, .in_preset = true};
    struct destination_conf *preset = arena_new(arena, struct destination_conf);
    size_t before = problem_count(diags);
    read_text(&r, &destination_object, name, text, preset);
    check_actions(preset, diags);
    return problem_count(diags) == before ? preset : NULL;
}

struct webhook_conf *webhook_preset_parse(struct str name, struct str text, struct arena *arena,
                                          struct diags *diags)
{
    struct reader r = {.arena = arena, .diags = diags, .in_preset = true};
    struct source_conf *source = arena_new(arena, struct source_conf);
    size_t before = problem_count(diags);
    read_text(&r, &webhook_object, name, text, source);
    return problem_count(diags) == before ? &source->webhook : NULL;
}

struct source_conf *config_source(const struct config *c, struct str name)
{
    for (size_t i = 0; i < c->source_count; i++)
        if (str_eq(c->sources[i].name.text, name)) return &c->sources[i];
    return NULL;
}

struct destination_conf *config_destination(const struct config *c, struct str name)
{
    for (size_t i = 0; i < c->destination_count; i++)
        if (str_eq(c->destinations[i].name.text, name)) return &c->destinations[i];
    return NULL;
}
