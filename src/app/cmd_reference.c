/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld reference: the reference pages, printed from the tables that the program itself runs on. The
 * files under docs/ and man/ are made by it (scripts/docs), so they cannot be out of date unseen. */
#include "app/commands.h"
#include "app/preset_page.h"

#include "base/json.h"
#include "conf/config.h"
#include "conf/snippets.h"
#include "console/console.h"
#include "core/outcome.h"
#include "map/filter.h"
#include "meta/docs.h"

#include <assert.h>
#include <stdio.h>

static void put_reasons(struct buf *out)
{
    buf_put(out, S("# States and reasons\n\nPer destination every received event is in exactly one "
                   "state; the states add up.\n\n| state | meaning |\n|---|---|\n"));
    for (enum state state = 0; state < STATE_COUNT; state++) {
        buf_printf(out, "| `%.*s` | %.*s |\n", STR_ARG(state_name(state)),
                   STR_ARG(state_meaning(state)));
    }
    buf_put(out, S("\n| reason | state | meaning | what to do |\n|---|---|---|---|\n"));
    for (enum reason reason = REASON_NONE + 1; reason < REASON_COUNT; reason++) {
        buf_printf(out, "| `%.*s` | %.*s | %.*s | %.*s |\n", STR_ARG(reason_name(reason)),
                   STR_ARG(state_name(reason_state(reason))), STR_ARG(reason_meaning(reason)),
                   STR_ARG(reason_cure(reason)));
    }
}

/* Text for roff: backslashes and leading dots would be commands. */
static void put_roff(struct buf *out, const char *text)
{
    bool line_start = true;
    for (; *text; text++) {
        if (line_start && (*text == '.' || *text == '\'')) buf_put(out, S("\\&"));
        if (*text == '\\') {
            buf_put(out, S("\\e"));
        } else if (*text == '-') {
            buf_put(out, S("\\-"));
        } else {
            buf_putc(out, *text);
        }
        line_start = *text == '\n';
    }
}

static void put_man_command(struct buf *out, const struct command *command)
{
    buf_printf(out, ".SS pixeld %s %s\n.nf\n", command->name, command->operands);
    put_roff(out, command->help);
    buf_put(out, S("\n.fi\n"));
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option *option = &command->options[i];
        buf_printf(out, ".TP\n.B \\-\\-%s %s\n", option->name, option->value ? option->value : "");
        put_roff(out, option->help);
        buf_putc(out, '\n');
    }
}

static void put_man(struct buf *out)
{
    buf_put(out,
            S(".TH PIXELD 1 \"\" \"pixeld " PIXELD_VERSION "\" \"User Commands\"\n"
              ".SH NAME\npixeld \\- streams customer events to Meta Pixel, durably, and explains "
              "each one\n.SH SYNOPSIS\n.B pixeld\n[\\fICOMMAND\\fR] [\\fIOPTION\\fR...]\n"
              ".SH DESCRIPTION\npixeld takes events from the SDKs people already run, keeps each "
              "on disk before it answers, maps it to the Conversions API event that Meta wants, "
              "with personal data normalised and hashed, delivers it in batches, and shows what "
              "became of it. Without a command it runs the daemon; without a configuration the "
              "sandbox stands in Meta's place.\n.SH COMMANDS\n"));
    for (size_t i = 0; i < command_count; i++) put_man_command(out, commands[i]);
    buf_put(out,
            S(".SH EXIT STATUS\n0 done, 1 the input or the configuration is wrong, 2 wrong usage, "
              "3 the environment failed.\n"
              ".SH ENVIRONMENT\n.TP\n.B PIXELD_TOKEN\nan API token, for the commands that ask a "
              "running server whose admin address wants one\n"
              ".TP\n.B PIXELD_WRITE_KEY\nthe source's key, for\n.B pixeld send\n"
              ".SH FILES\n.TP\n.I /var/lib/pixeld\njournal and state, when neither\n.B "
              "\\-\\-data\nnor the configuration says where; of users other than root in\n.I "
              "$XDG_DATA_HOME/pixeld\nor\n.IR ~/.local/share/pixeld .\nThe file\n.I "
              "setup\\-link\nin it has the link to set the console's first password.\n"
              ".SH SEE ALSO\n.BR pixeld.yaml (5)\n"));
}

/* With a line for each piece, so that a change shows in a diff. */
static void put_openapi(struct buf *out)
{
    struct arena arena = {0};
    struct err err;
    struct buf text = {0};
    console_openapi(&text);
    yyjson_val *root = json_read(&arena, buf_str(&text), &err);
    assert(root);
    json_put_pretty(out, root, 0);
    buf_putc(out, '\n');
    arena_fini(&arena);
    buf_fini(&text);
}

static const struct page {
    const char *name, *what;
    void (*put)(struct buf *out);
} pages[] = {
    {"config", "keys of the configuration file (Markdown)", config_reference},
    {"schema", "JSON Schema of the configuration file", config_schema},
    {"filters", "filters of the expression language (Markdown)", filter_reference},
    {"fields", "Meta's fields, their normalisers and hash rules (Markdown)", meta_docs_put_fields},
    {"codes", "Meta's error codes and what pixeld does (Markdown)", meta_docs_put_codes},
    {"presets", "presets: their actions and mappings (Markdown)", preset_page_put},
    {"snippets", "the lines to paste into a program (Markdown)", snippet_reference},
    {"reasons", "states and reason codes (Markdown)", put_reasons},
    {"openapi", "OpenAPI description of the admin API (JSON)", put_openapi},
    {"man", "pixeld(1) (roff)", put_man},
    {"man-config", "pixeld.yaml(5) (roff)", config_man},
};

static int run(const struct args *args)
{
    struct str wanted = args->operand_count ? str_z(args->operands[0]) : S("");
    struct buf out = {0};
    for (size_t i = 0; i < countof(pages); i++) {
        if (!str_eq(wanted, str_z(pages[i].name))) continue;
        pages[i].put(&out);
        fwrite(out.p, 1, out.n, stdout);
        buf_fini(&out);
        return EXIT_DONE;
    }
    fprintf(stderr, "usage: pixeld reference PAGE\n\npages:\n");
    for (size_t i = 0; i < countof(pages); i++) {
        fprintf(stderr, "  %-12s %s\n", pages[i].name, pages[i].what);
    }
    return EXIT_WRONG_USAGE;
}

const struct command command_reference = {
    .name = "reference",
    .operands = "PAGE",
    .summary = "print a reference page: config, filters, fields, codes, reasons, ...",
    .help = "Prints a page made from the program's own tables: config, schema, filters, fields, "
            "codes,\n"
            "reasons, openapi, man, man-config.\n\n  pixeld reference filters",
    .operands_max = 1,
    .run = run,
};
