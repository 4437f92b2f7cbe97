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

/* Reads text as one object into base; the tree, or NULL without one. */
static const struct yaml_node *read_text(struct reader *r, const struct object *object,
                                         struct str name, struct str text, void *base)
{
    size_t before = problem_count(r->diags);
    struct yaml_node *root = yaml_parse(name, text, r->arena, r->diags, &r->file);
    struct loc top = {&r->file->source, 1, 1};
    r->dir = directory(r->file->source.name);
    if (root || problem_count(r->diags) == before)
        reader_object(r, object, root, top, base);
    else
        secret_hide_lines(r->file);
    return root;
}

/* The console's file says where events come from and go to, and nothing else: how the process itself
 * runs is the user's own file's. */
static void check_managed_keys(const struct yaml_node *root, struct diags *diags)
{
    for (const struct yaml_node *key = root->first; key; key = key->next) {
        if (str_eq(key->text, S("sources")) || str_eq(key->text, S("destinations"))) continue;
        diag_add(diags, key->loc,
                 "the console's file has only \"sources\" and \"destinations\"; \"%.*s\" belongs "
                 "into your own",
                 STR_ARG(yaml_shown(key->text, diags->arena)));
    }
}

static void append_lists(struct config *config, const struct config *more, struct arena *arena)
{
    size_t sources = config->source_count + more->source_count;
    size_t destinations = config->destination_count + more->destination_count;
    struct source_conf *s = arena_array(arena, struct source_conf, sources + 1);
    struct destination_conf *d = arena_array(arena, struct destination_conf, destinations + 1);
    for (size_t i = 0; i < sources; i++)
        s[i] =
            i < config->source_count ? config->sources[i] : more->sources[i - config->source_count];
    for (size_t i = 0; i < destinations; i++)
        d[i] = i < config->destination_count ? config->destinations[i]
                                             : more->destinations[i - config->destination_count];
    config->sources = s;
    config->source_count = sources;
    config->destinations = d;
    config->destination_count = destinations;
}

static struct config *read_part(const struct config_part *part, struct arena *arena,
                                struct diags *diags, struct source_text **file,
                                const struct yaml_node **tree)
{
    struct reader r = {.arena = arena, .diags = diags};
    struct config *config = arena_new(arena, struct config);
    *tree = read_text(&r, &config_object, part->name, part->text, config);
    if (part->managed && *tree && (*tree)->kind == YAML_MAP) check_managed_keys(*tree, diags);
    *file = &r.file->source;
    return config;
}

struct config *config_join(const struct config_part *parts, size_t count, struct arena *arena,
                           struct diags *diags)
{
    struct config *config = NULL;
    size_t before = problem_count(diags);
    struct source_text **files = arena_array(arena, struct source_text *, count);
    const struct yaml_node **trees = arena_array(arena, const struct yaml_node *, count);
    for (size_t i = 0; i < count; i++) {
        struct config *part = read_part(&parts[i], arena, diags, &files[i], &trees[i]);
        if (config)
            append_lists(config, part, arena);
        else
            config = part;
    }
    assert(config);
    for (size_t i = 0; i < config->source_count; i++)
        webhook_complete(&config->sources[i], arena, diags);
    check_config(config, arena, diags);
    config->files = files;
    config->trees = trees;
    config->file_count = count;
    return problem_count(diags) == before ? config : NULL;
}

struct config *config_parse(struct str name, struct str text, struct arena *arena,
                            struct diags *diags)
{
    struct config_part part = {.name = name, .text = text};
    return config_join(&part, 1, arena, diags);
}

bool config_part_read(struct config_part *part, const char *path, struct arena *arena,
                      struct diags *diags)
{
    struct err err;
    struct buf text = {0};
    bool ok = file_read_all(path, LIMIT_CONFIG_BYTES, &text, &err);
    if (!ok) diag_add(diags, (struct loc){0}, "%s", err.text);
    part->name = arena_str(arena, str_z(path));
    part->text = arena_str(arena, buf_str(&text));
    buf_fini(&text);
    return ok;
}

void config_part_default(struct config_part *part, struct str write_key, struct str sandbox_url,
                         struct arena *arena)
{
    struct buf text = {0};
    buf_put(&text, S("sources:\n  - name: default\n    write_key: "));
    json_put_str(&text, write_key);
    if (sandbox_url.n) {
        buf_put(&text, S("\ndestinations:\n  - name: sandbox\n    pixel_id: \"1000000000000001\"\n"
                         "    api_url: "));
        json_put_str(&text, sandbox_url);
    }
    buf_putc(&text, '\n');
    *part = (struct config_part){.name = S("(no file)"), .text = arena_str(arena, buf_str(&text))};
    buf_fini(&text);
}

struct destination_conf *preset_parse(struct str name, struct str text, struct arena *arena,
                                      struct diags *diags)
{
    struct reader r = {.arena = arena, .diags = diags, .in_preset = true};
    struct destination_conf *preset = arena_new(arena, struct destination_conf);
    size_t before = problem_count(diags);
    (void)read_text(&r, &destination_object, name, text, preset);
    check_actions(preset, diags);
    return problem_count(diags) == before ? preset : NULL;
}

struct webhook_conf *webhook_preset_parse(struct str name, struct str text, struct arena *arena,
                                          struct diags *diags)
{
    struct reader r = {.arena = arena, .diags = diags, .in_preset = true};
    struct source_conf *source = arena_new(arena, struct source_conf);
    size_t before = problem_count(diags);
    (void)read_text(&r, &webhook_object, name, text, source);
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

bool config_is_routed(const struct config *c, struct str source, struct str destination)
{
    const struct source_conf *conf = config_source(c, source);
    if (!conf || !conf->destinations.given) return true;
    for (size_t i = 0; i < conf->destinations.count; i++)
        if (str_eq(conf->destinations.items[i].text, destination)) return true;
    return false;
}
