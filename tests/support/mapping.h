/* SPDX-License-Identifier: Apache-2.0 */
/* A destination from a few lines of YAML, and events run through it, for tests of the mapping. */
#ifndef SUPPORT_MAPPING_H
#define SUPPORT_MAPPING_H

#include "base/time.h"
#include "conf/presets.h"
#include "map/plan.h"

#include "support/check.h"

#define MAPPING_NOW "2026-01-15T12:00:00Z"

struct mapping_world {
    struct arena arena;
    struct diags diags;
    struct plan *plan; /* NULL: problems */
    struct run *run;
    struct buf out;
    struct translation result;
};

static inline struct str mapping_preset(struct str name)
{
    for (size_t i = 0; i < preset_count; i++) {
        if (str_eq(presets[i].name, name)) return presets[i].text;
    }
    fail_msg("no preset %.*s", STR_ARG(name));
    return S("");
}

/* The whole configuration around the body of one destination. */
static inline struct str mapping_config(struct arena *arena, struct str body)
{
    struct buf text = {0};
    buf_put(&text, S("sources:\n  - name: web\n    write_key: k\n"
                     "destinations:\n  - name: shop\n    pixel_id: \"1001\"\n"
                     "    access_token: t\n"));
    for (struct str line, rest = body; rest.n;) {
        (void)str_cut(rest, '\n', &line, &rest);
        buf_printf(&text, "    %.*s\n", STR_ARG(line));
    }
    struct str copy = arena_str(arena, buf_str(&text));
    buf_fini(&text);
    return copy;
}

/* mapping_open_preset compiles the body of a destination with the YAML of a preset; p = NULL: the one that
 * the body names, standard or none. */
static inline void mapping_open_preset(struct mapping_world *w, struct str body, struct str yaml)
{
    memset(w, 0, sizeof *w);
    diags_init(&w->diags, &w->arena);
    w->run = run_new();
    struct config *config =
        config_parse(S("shop.yaml"), mapping_config(&w->arena, body), &w->arena, &w->diags);
    if (!config) return;
    struct destination_conf *d = &config->destinations[0], *preset = NULL;
    if (yaml.p) {
        preset = preset_parse(S("preset.yaml"), yaml, &w->arena, &w->diags);
        if (!preset) return;
    } else if (!str_eq(d->preset.text, S("none"))) {
        struct str name = d->preset.text.n ? d->preset.text : S("standard");
        preset = preset_parse(arena_printf(&w->arena, "presets/%.*s.yaml", STR_ARG(name)),
                              mapping_preset(name), &w->arena, &w->diags);
        if (!preset) return;
    }
    w->plan = plan_compile(d, preset, &w->arena, &w->diags);
}

static inline void mapping_open(struct mapping_world *w, struct str body)
{
    mapping_open_preset(w, body, str_of(NULL, 0));
}

static inline void mapping_close(struct mapping_world *w)
{
    run_free(w->run);
    buf_fini(&w->out);
    arena_fini(&w->arena);
}

static inline void mapping_print_problems(struct mapping_world *w)
{
    struct buf text = {0};
    diags_print(&text, &w->diags);
    print_error("%.*s", STR_ARG(buf_str(&text)));
    buf_fini(&text);
}

/* mapping_run maps one event; the result and out are in w. */
static inline void mapping_run(struct mapping_world *w, const struct event *e, int64_t now_ms,
                               struct explain *explain)
{
    struct parsed_event parsed;
    buf_clear(&w->out);
    run_parse(w->run, e, &parsed);
    plan_run(w->plan, w->run, &parsed, now_ms, &w->out, &w->result, explain);
}

/* mapping_json is the i-th Meta event of the last run. */
static inline struct str mapping_json(const struct mapping_world *w, size_t i)
{
    const struct outgoing *send = &w->result.sends[i];
    return str_of(w->out.p + send->json_at, send->json_n);
}

static inline int64_t mapping_time(struct str text)
{
    int64_t ms = 0;
    if (!time_parse(text, &ms)) fail_msg("not a time: %.*s", STR_ARG(text));
    return ms;
}

#endif
