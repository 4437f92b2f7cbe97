/* SPDX-License-Identifier: Apache-2.0 */
/* See load.h. The plans hang on the generation as one array, in the order of the destinations, and
 * live in its arena. */
#include "app/load.h"

#include "conf/presets.h"

#include <assert.h>

static const struct preset *find_preset(struct str name)
{
    for (size_t i = 0; i < preset_count; i++) {
        if (str_eq(presets[i].name, name)) return &presets[i];
    }
    return NULL;
}

/* The parsed preset of a destination, or NULL for "none". A preset that does not parse is a bug of
 * ours, but is shown like any other problem. */
static const struct destination_conf *preset_of(const struct destination_conf *destination,
                                                struct arena *arena, struct diags *diags)
{
    if (str_eq(destination->preset.text, S("none"))) return NULL;
    const struct preset *preset = find_preset(destination->preset.text);
    assert(preset); /* conf checked the name */
    return preset_parse(preset->file, preset->text, arena, diags);
}

static bool compile_plans(struct generation *g, struct diags *diags)
{
    const struct config *config = g->config;
    const struct plan **plans =
        arena_array(&g->arena, const struct plan *, config->destination_count);
    for (size_t i = 0; i < config->destination_count; i++) {
        const struct destination_conf *destination = &config->destinations[i];
        const struct destination_conf *preset = preset_of(destination, &g->arena, diags);
        plans[i] = plan_compile(destination, preset, &g->arena, diags);
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

const struct plan *load_plan(const struct generation *g, size_t index)
{
    const struct plan *const *plans = g->plans;
    assert(index < g->config->destination_count);
    return plans[index];
}
