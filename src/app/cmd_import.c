/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld import: a vendor's destination settings become a configuration. */
#include "app/commands.h"
#include "app/lines.h"
#include "core/limits.h"
#include "import/import.h"

#include <stdio.h>

static int run(const struct args *args)
{
    struct buf settings = {0};
    struct import_result result = {0};
    struct err err;
    if (args->operand_count != 2) {
        (void)err_set(&err, ERR_USAGE,
                      "which vendor and file? pixeld import segment settings.json");
        return fail_with(args->command, &err);
    }
    const char *path = args->operands[1];
    bool ok = lines_read_all(path, LIMIT_IMPORT_BYTES, &settings, &err);
    if (ok) {
        ok = import_settings(str_z(args->operands[0]), buf_str(&settings), &result, &err);
        if (!ok && err.kind == ERR_INPUT) (void)err_wrap(&err, "%s", path);
    }
    buf_fini(&settings);
    if (!ok) return fail_with(args->command, &err);
    fwrite(result.yaml.p, 1, result.yaml.n, stdout);
    if (result.note_count) {
        fprintf(stderr,
                "%zu %s in the configuration about what could not be taken over as it was:\n",
                result.note_count, result.note_count == 1 ? "comment" : "comments");
        fwrite(result.notes.p, 1, result.notes.n, stderr);
    }
    import_result_fini(&result);
    return EXIT_DONE;
}

const struct command command_import = {
    .name = "import",
    .operands = "rudderstack|segment|customerio|amplitude FILE",
    .summary = "make a configuration of a vendor's destination settings",
    .help =
        "Reads the settings of a Facebook destination (JSON; - is standard input) and prints a "
        "whole\n"
        "configuration that check and map take as it is. What has no equal is a comment where it\n"
        "belongs, and is listed on standard error. The token is not copied.\n\n"
        "  rudderstack         the destination's config object\n"
        "  segment, customerio {\"settings\":{...},\"subscriptions\":[...]}\n"
        "  amplitude           {\"pixelId\":...,\"events\":[...],\"mappings\":{...}}\n\n"
        "  pixeld import segment destination.json > pixeld.yaml",
    .operands_max = 2,
    .run = run,
};
