/* SPDX-License-Identifier: Apache-2.0 */
/* See load.h. Plans and views hang on the generation, in the order of the destinations and sources, and
 * live in its arena. */
#include "load/load.h"

#include "base/json.h"
#include "base/table.h"
#include "conf/presets.h"
#include "load/alike.h"
#include "map/view.h"
#include "sys/file.h"

#include <assert.h>
#include <stdio.h>

/* What a generation's plans are. */
struct plans {
    const struct plan **general, **meta; /* per destination */
    size_t *rules;             /* per destination: the first one of the same own rules and preset */
    const struct view **views; /* per source; NULL: Segment's names, or an alias table's */
};

/* A plan, and the destinations that have it: all by name, and the first one that has it as its general one. */
struct compiled {
    const struct plan *plan; /* NULL: problems */
    struct table *twins;
    size_t first; /* SIZE_MAX: none so far */
};

/* What making them needs. */
struct planning {
    struct generation *generation;
    struct plans *plans;
    struct diags *diags;
    /* Parsed presets, by their place among all of them; NULL: not yet. Most destinations have the same. */
    const struct destination_conf **presets;
    struct table compiled; /* alike_key -> struct compiled, without problems */
    struct arena scratch;
};

/* A parsed preset, or NULL for "none". A preset that does not parse is a bug of ours, but is shown like
 * any other problem. */
static const struct destination_conf *preset_of(struct planning *p, struct str name)
{
    if (str_eq(name, S("none"))) return NULL;
    const struct preset *preset = preset_find(presets, preset_count, name);
    assert(preset); /* conf checked the name */
    const struct destination_conf **parsed = &p->presets[preset - presets];
    if (!*parsed)
        *parsed = preset_parse(preset->file, preset->text, &p->generation->arena, p->diags);
    return *parsed;
}

/* Destinations of the same rules share one plan. 50 that differ in name, pixel and token alone are loaded with
 * 36 million instructions instead of 667, and their plans take 0.8 MiB instead of 40. */
static struct compiled *compile(struct planning *p, const struct destination_conf *d,
                                struct str preset_name)
{
    const struct destination_conf *preset = preset_of(p, preset_name);
    struct str key = alike_key(d, preset, &p->scratch);
    struct compiled *c = table_get(&p->compiled, key);
    if (c) return c;
    c = arena_new(&p->scratch, struct compiled);
    c->plan = plan_compile(d, preset, &p->generation->arena, p->diags);
    c->twins = arena_new(&p->generation->arena, struct table);
    c->first = SIZE_MAX;
    if (c->plan) table_put(&p->compiled, &p->scratch, key, c);
    return c;
}

static const struct plan *twin(struct planning *p, const struct compiled *c,
                               const struct destination_conf *d)
{
    table_put(c->twins, &p->generation->arena, d->name.text, c->twins);
    return plan_twin(c->plan, d, c->twins, &p->generation->arena);
}

static void compile_destination(struct planning *p, size_t i)
{
    const struct destination_conf *d = &p->generation->config->destinations[i];
    struct compiled *c = compile(p, d, d->preset.text);
    if (!c->plan) return; /* its own rules' problems are told once */
    if (c->first == SIZE_MAX) c->first = i;
    p->plans->rules[i] = c->first;
    p->plans->meta[i] = p->plans->general[i] = twin(p, c, d);
    if (str_eq(d->preset.text, S("none"))) return;
    c = compile(p, d, S("meta"));
    if (c->plan) p->plans->meta[i] = twin(p, c, d);
}

static bool compile_plans(struct generation *g, struct diags *diags)
{
    const struct config *config = g->config;
    struct plans *plans = arena_new(&g->arena, struct plans);
    struct planning p = {.generation = g, .plans = plans, .diags = diags};
    plans->general = arena_array(&g->arena, const struct plan *, config->destination_count);
    plans->meta = arena_array(&g->arena, const struct plan *, config->destination_count);
    plans->rules = arena_array(&g->arena, size_t, config->destination_count);
    plans->views = arena_array(&g->arena, const struct view *, config->source_count);
    p.presets = arena_array(&p.scratch, const struct destination_conf *, preset_count);
    for (size_t i = 0; i < config->destination_count; i++) compile_destination(&p, i);
    arena_fini(&p.scratch);
    for (size_t i = 0; i < config->source_count; i++) {
        const struct mappings *event = &config->sources[i].webhook.event;
        if (event->count) plans->views[i] = view_compile(event, &g->arena, diags);
    }
    g->plans = plans;
    return diags->count == 0;
}

/* --- the parts ------------------------------------------------------------------------------------ */

static bool has_destinations(struct str managed)
{
    return str_starts(managed, S("destinations:")) ||
           str_find(managed, S("\ndestinations:"), 0) != SIZE_MAX;
}

/* Without a file of the user's own a source with a key stands in, so that what was pasted goes on working;
 * and the sandbox, until there is a destination. */
static bool read_parts(const struct load *load, struct config_part parts[2], size_t *count,
                       struct arena *arena, struct diags *diags)
{
    struct config_part *managed = &parts[1];
    *managed = (struct config_part){.managed = true};
    *count = 1;
    if (load->managed.p) {
        managed->name = arena_str(arena, str_z(load->managed_path));
        managed->text = load->managed;
        *count = 2;
    } else if (load->managed_path && file_exists(load->managed_path)) {
        if (!config_part_read(managed, load->managed_path, arena, diags)) return false;
        *count = 2;
    }
    managed->managed = true;
    if (load->own.p) {
        parts[0] = (struct config_part){.name = str_z(load->path), .text = load->own};
        return true;
    }
    if (load->path) return config_part_read(&parts[0], load->path, arena, diags);
    struct str sandbox = has_destinations(managed->text) ? (struct str){0} : load->sandbox_url;
    config_part_default(&parts[0], load->write_key, sandbox, arena);
    return true;
}

static struct config *read_config(const struct load *load, struct arena *arena, struct diags *diags)
{
    struct config_part parts[2] = {0};
    size_t count;
    if (!read_parts(load, parts, &count, arena, diags)) return NULL;
    struct config *config = config_join(parts, count, arena, diags);
    if (config && config->journal_url.text.p) {
        diag_add(diags, config->journal_url.loc,
                 "this version keeps its journal in files only: leave url out");
        return NULL;
    }
    return config;
}

/* --- problems ------------------------------------------------------------------------------------- */

static struct str line_at(const struct loc *loc)
{
    struct str rest = loc->file->content, line = rest;
    for (unsigned i = 0; i < loc->line && rest.p; i++) {
        if (!str_cut(rest, '\n', &line, &rest)) rest = str_of(NULL, 0);
    }
    return line;
}

static void put_problem(struct buf *out, const struct diag *diag)
{
    json_comma(out);
    buf_putc(out, '{');
    json_kv_str(out, S("file"), diag->loc.file ? diag->loc.file->name : S(""));
    json_kv_u64(out, S("line"), diag->loc.line);
    json_kv_u64(out, S("col"), diag->loc.column);
    json_kv_str(out, S("message"), diag->message);
    if (diag->loc.file) json_kv_str(out, S("text"), line_at(&diag->loc));
    buf_putc(out, '}');
}

static void tell(const struct load_problems *problems, struct diags *diags)
{
    if (problems->text) diags_print(problems->text, diags);
    if (!problems->json) return;
    buf_putc(problems->json, '[');
    for (size_t i = 0; i < diags->count; i++) put_problem(problems->json, &diags->items[i]);
    buf_putc(problems->json, ']');
}

struct generation *load_all(const struct load *load, const struct load_problems *problems)
{
    struct generation *g = generation_new(NULL);
    struct diags diags;
    diags_init(&diags, &g->arena);
    g->config = read_config(load, &g->arena, &diags);
    if (g->config && compile_plans(g, &diags)) return g;
    tell(problems, &diags);
    generation_release(g);
    return NULL;
}

struct generation *load_or_tell(const struct load *load, struct err *err)
{
    struct buf problems = {0};
    struct generation *g = load_all(load, &(struct load_problems){.text = &problems});
    if (!g) {
        fwrite(problems.p, 1, problems.n, stderr);
        (void)err_set(err, ERR_INPUT, "the configuration has problems, see above");
    }
    buf_fini(&problems);
    return g;
}

/* A page says which pixel its event is for. Other ids than our destinations' mean nothing here: they may be
 * names that somebody made up. */
static struct str pixel_of(const struct config *config, const struct parsed_event *event)
{
    struct str id = json_str(json_get(event->root, "id"));
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
    out->keep_bots = source->bots == BOTS_KEEP;
    if (view && e->protocol == PROTOCOL_WEBHOOK) view_apply(view, r, now_ms, out);
}

const struct plan *load_plan(const struct generation *g, size_t index, enum protocol protocol)
{
    const struct plans *plans = g->plans;
    assert(index < g->config->destination_count);
    return protocol == PROTOCOL_META ? plans->meta[index] : plans->general[index];
}

size_t load_rules(const struct generation *g, size_t index)
{
    const struct plans *plans = g->plans;
    assert(index < g->config->destination_count);
    return plans->rules[index];
}
