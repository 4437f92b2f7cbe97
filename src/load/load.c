/* SPDX-License-Identifier: Apache-2.0 */
/* See load.h. Plans and views hang on the generation, in the order of the destinations and sources, and
 * live in its arena. */
#include "load/load.h"

#include "conf/presets.h"
#include "map/view.h"

#include <assert.h>

static const struct preset *find_preset(struct str name)
{
    for (size_t i = 0; i < preset_count; i++) {
        if (str_eq(presets[i].name, name)) return &presets[i];
    }
    return NULL;
}

/* What a generation's plans are. */
struct plans {
    const struct plan **general, **meta; /* per destination */
    const struct view **views; /* per source; NULL: Segment's names, or an alias table's */
};

/* A parsed preset, or NULL for "none". A preset that does not parse is a bug of ours, but is shown like
 * any other problem. */
static const struct destination_conf *preset_of(struct str name, struct arena *arena,
                                                struct diags *diags)
{
    if (str_eq(name, S("none"))) return NULL;
    const struct preset *preset = find_preset(name);
    assert(preset); /* conf checked the name */
    return preset_parse(preset->file, preset->text, arena, diags);
}

static const struct plan *compile_plan(struct generation *g, const struct destination_conf *d,
                                       struct str preset, struct diags *diags)
{
    return plan_compile(d, preset_of(preset, &g->arena, diags), &g->arena, diags);
}

static void compile_destination(struct generation *g, struct plans *plans, size_t i,
                                struct diags *diags)
{
    const struct destination_conf *d = &g->config->destinations[i];
    bool bare = str_eq(d->preset.text, S("none"));
    size_t problems = diags->count;
    plans->general[i] = plans->meta[i] = compile_plan(g, d, d->preset.text, diags);
    if (bare || diags->count > problems) return; /* its own rules' problems are told once */
    plans->meta[i] = compile_plan(g, d, S("meta"), diags);
}

static bool compile_plans(struct generation *g, struct diags *diags)
{
    const struct config *config = g->config;
    struct plans *plans = arena_new(&g->arena, struct plans);
    plans->general = arena_array(&g->arena, const struct plan *, config->destination_count);
    plans->meta = arena_array(&g->arena, const struct plan *, config->destination_count);
    plans->views = arena_array(&g->arena, const struct view *, config->source_count);
    for (size_t i = 0; i < config->destination_count; i++) compile_destination(g, plans, i, diags);
    for (size_t i = 0; i < config->source_count; i++) {
        const struct mappings *event = &config->sources[i].webhook.event;
        if (event->count) plans->views[i] = view_compile(event, &g->arena, diags);
    }
    g->plans = plans;
    return diags->count == 0;
}

struct generation *load_file(const char *path, struct buf *problems)
{
    struct generation *g = generation_new(NULL);
    struct diags diags;
    diags_init(&diags, &g->arena);
    g->config = config_load(path, &g->arena, &diags);
    if (g->config && g->config->journal_url.text.p) {
        diag_add(&diags, g->config->journal_url.loc,
                 "this version keeps its journal in files only: leave url out");
    }
    if (g->config && compile_plans(g, &diags)) return g;
    diags_print(problems, &diags);
    generation_release(g);
    return NULL;
}

struct generation *load_default(struct str write_key, struct str sandbox_url)
{
    struct generation *g = generation_new(NULL);
    struct diags diags;
    diags_init(&diags, &g->arena);
    g->config = config_default(write_key, sandbox_url, &g->arena);
    bool ok = compile_plans(g, &diags);
    assert(ok);
    return g;
}

/* A page says which pixel its event is for. Other ids than our destinations' mean nothing here: they may be
 * names that somebody made up. */
static struct str pixel_of(const struct config *config, const struct parsed_event *event)
{
    struct str id = json_str(yyjson_obj_get(event->root, "id"));
    for (size_t i = 0; id.n && i < config->destination_count; i++) {
        if (str_eq(config->destinations[i].pixel_id.text, id)) return id;
    }
    return S("");
}

void load_parse(const struct generation *g, struct run *r, const struct event *e, int64_t now_ms,
                struct parsed_event *out)
{
    const struct plans *plans = g->plans;
    const struct source_conf *source = config_source(g->config, e->source);
    run_parse(r, e, out);
    if (e->protocol == PROTOCOL_PIXEL) out->pixel_id = pixel_of(g->config, out);
    if (!source) return;
    const struct view *view = plans->views[source - g->config->sources];
    out->default_country = source->default_country.text;
    if (view && e->protocol == PROTOCOL_WEBHOOK) view_apply(view, r, now_ms, out);
}

const struct plan *load_plan(const struct generation *g, size_t index, enum protocol protocol)
{
    const struct plans *plans = g->plans;
    assert(index < g->config->destination_count);
    return protocol == PROTOCOL_META ? plans->meta[index] : plans->general[index];
}
