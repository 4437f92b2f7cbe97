/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld snippet: the lines to paste into a program, with the user's own key and address in them. */
#include "app/commands.h"

#include "conf/snippets.h"
#include "core/diag.h"
#include "load/load.h"

#include <stdio.h>

static int list(void)
{
    for (size_t i = 0; i < snippet_count; i++) {
        struct snippet s = snippet_get(i);
        printf("%-20.*s %.*s\n", STR_ARG(s.name), STR_ARG(s.title));
    }
    return EXIT_DONE;
}

static bool find(struct str name, struct snippet *out, struct err *err)
{
    struct arena arena = {0};
    struct str *known = arena_array(&arena, struct str, snippet_count);
    bool found = false;
    for (size_t i = 0; i < snippet_count && !found; i++) {
        *out = snippet_get(i);
        known[i] = out->name;
        found = str_eq(out->name, name);
    }
    struct str near = found ? S("") : diag_suggest(name, known, snippet_count);
    if (!found)
        (void)err_set(err, ERR_USAGE, "there is no snippet \"%.*s\"; %s%.*s%s",
                      STR_ARG(str_head(name, 60)),
                      near.n ? "did you mean \"" : "`pixeld snippet` lists them", STR_ARG(near),
                      near.n ? "\"?" : "");
    arena_fini(&arena);
    return found;
}

static void print(const struct snippet *s, const struct snippet_place *place)
{
    struct buf out = {0};
    snippet_put(&out, s, place);
    fwrite(out.p, 1, out.n, stdout);
    buf_fini(&out);
}

/* The source that was named, else the first that speaks the snippet's protocol by its sources' order. */
static bool print_for(const char *path, const char *name, struct str url, const struct snippet *s,
                      struct err *err)
{
    struct generation *g = load_or_tell(&(struct load){.path = path}, err);
    if (!g) return false;
    const struct source_conf *source = name ? config_source(g->config, str_z(name))
                                       : g->config->source_count ? &g->config->sources[0]
                                                                 : NULL;
    if (source) {
        struct snippet_place place = snippet_place(g->config, source, url, &g->arena);
        print(s, &place);
    } else {
        (void)err_set(err, ERR_INPUT, "%s has no source%s%s", path, name ? " " : "",
                      name ? name : "");
    }
    generation_release(g);
    return source != NULL;
}

static int run(const struct args *args)
{
    const char *config = args_get(args, "config"), *source = args_get(args, "source");
    const char *url = args_get(args, "url");
    struct err err = {0};
    struct snippet s;
    if (!args->operand_count) return list();
    struct str address = str_z(url ? url : "http://127.0.0.1:8080");
    bool ok = find(str_z(args->operands[0]), &s, &err);
    if (ok && source && !config)
        ok = err_set(&err, ERR_USAGE, "--source needs --config, which has the source's key");
    if (ok && config) {
        ok = print_for(config, source, address, &s, &err);
    } else if (ok) {
        struct snippet_place place = snippet_place(NULL, NULL, address, NULL);
        print(&s, &place);
    }
    return ok ? EXIT_DONE : fail_with(args->command, &err);
}

static const struct option options[] = {
    {"config", "FILE", "the configuration, for the key"},
    {"source", "NAME", "whose key (default: the first source)"},
    {"url", "URL", "the public address of pixeld (default http://127.0.0.1:8080)"},
};

const struct command command_snippet = {
    .name = "snippet",
    .operands = "[NAME]",
    .summary = "print the lines to paste into a program, with your key",
    .help =
        "Without a name lists the snippets: one for each SDK, the browser pixel, curl and files.\n"
        "With one prints it, with the address and the source's write key filled in.\n\n"
        "  pixeld snippet segment-node --config pixeld.yaml --url https://events.shop.example",
    .options = options,
    .option_count = countof(options),
    .operands_max = 1,
    .run = run,
};
