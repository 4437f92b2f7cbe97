/* SPDX-License-Identifier: Apache-2.0 */
/* Vendors' settings imported, and events run through what came of it. */
#ifndef SUPPORT_IMPORTING_H
#define SUPPORT_IMPORTING_H

#include "import/import.h"

#include "support/mapping.h"

struct importing {
    struct import_result result;
    struct err err;
    struct mapping_world world; /* with a plan when the import succeeded */
};

static inline void importing_compile(struct importing *im)
{
    struct mapping_world *w = &im->world;
    struct config *config =
        config_parse(S("import.yaml"), buf_str(&im->result.yaml), &w->arena, &w->diags);
    if (!config) return;
    struct destination_conf *d = &config->destinations[0], *preset = NULL;
    if (!str_eq(d->preset.text, S("none")))
        preset = preset_parse(d->preset.text, mapping_preset(d->preset.text), &w->arena, &w->diags);
    w->plan = plan_compile(d, preset, &w->arena, &w->diags);
}

/* importing_open imports and compiles; false with im->err when the settings are refused. */
static inline bool importing_open(struct importing *im, struct str vendor, struct str settings)
{
    memset(im, 0, sizeof *im);
    diags_init(&im->world.diags, &im->world.arena);
    im->world.run = run_new();
    if (!import_settings(vendor, settings, &im->result, &im->err)) return false;
    importing_compile(im);
    if (!im->world.plan) {
        print_error("%.*s", STR_ARG(buf_str(&im->result.yaml)));
        mapping_print_problems(&im->world);
        fail_msg("what was imported does not compile");
    }
    return true;
}

static inline void importing_close(struct importing *im)
{
    mapping_close(&im->world);
    import_result_fini(&im->result);
}

/* importing_has: do the YAML's lines hold this text? Shows them when not. */
static inline bool importing_has(const struct importing *im, const char *text)
{
    if (str_find(buf_str(&im->result.yaml), str_z(text), 0) != SIZE_MAX) return true;
    print_error("no \"%s\" in\n%.*s", text, STR_ARG(buf_str(&im->result.yaml)));
    return false;
}

#endif
