/* SPDX-License-Identifier: Apache-2.0 */
/* pixeld hash: what a value becomes on its way to Meta, field by field. */
#include "app/commands.h"
#include "app/lines.h"

#include "base/sha256.h"
#include "core/diag.h"
#include "meta/compat.h"
#include "meta/normalise.h"
#include "sys/clock.h"

#include <stdio.h>

/* The user_data field of this name; the error lists or suggests what there is. */
static const struct meta_field *find_field(struct str name, struct err *err)
{
    struct str known[256];
    size_t count = 0;
    const struct meta_field *field = meta_field_find(META_USER, name);
    if (field) return field;
    for (size_t i = 0; i < meta_field_count && count < countof(known); i++) {
        if (meta_fields[i].section == META_USER) known[count++] = meta_fields[i].name;
    }
    struct str near = diag_suggest(name, known, count);
    if (near.n) {
        (void)err_set(err, ERR_USAGE, "unknown field \"%.*s\"; did you mean \"%.*s\"?",
                      STR_ARG(name), STR_ARG(near));
        return NULL;
    }
    (void)err_set(err, ERR_USAGE,
                  "unknown field \"%.*s\"; user_data has em, ph, fn, ln, db, ge, ct, "
                  "st, zp, country, external_id and more (pixeld reference fields)",
                  STR_ARG(name));
    return NULL;
}

static void print_line(const struct meta_field *field, const struct meta_context *ctx,
                       struct str value)
{
    struct buf normalised = {0}, hash = {0};
    bool hashed = false;
    if (meta_normalise_value(field, ctx, value, &normalised, &hashed)) {
        if (hashed) {
            buf_put(&hash, buf_str(&normalised));
        } else {
            sha256_put_hex(&hash, buf_str(&normalised));
        }
        printf("%.*s\t%.*s", STR_ARG(buf_str(&normalised)), STR_ARG(buf_str(&hash)));
    }
    putchar('\n');
    buf_fini(&normalised);
    buf_fini(&hash);
}

static bool is_country(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] | 0x20) < 'a' || (s.p[i] | 0x20) > 'z') return false;
    return s.n == 2;
}

static int run(const struct args *args)
{
    struct lines lines;
    struct str value;
    struct err err;
    if (!args->operand_count) {
        (void)err_set(&err, ERR_USAGE, "which field? pixeld hash em < addresses.txt");
        return fail_with(args->command, &err);
    }
    const struct meta_field *field = find_field(str_z(args->operands[0]), &err);
    if (!field) return fail_with(args->command, &err);
    struct meta_context ctx = {
        .country = str_z(args_has(args, "country") ? args_get(args, "country") : ""),
        .default_country = str_z(args_has(args, "country") ? args_get(args, "country") : ""),
        .now_ms = clock_now_ms(),
    };
    if (args_has(args, "country") && !is_country(ctx.country)) {
        (void)err_set(&err, ERR_USAGE, "--country wants two letters, such as us");
        return fail_with(args->command, &err);
    }
    const char *compat = args_get(args, "compat");
    if (compat && !compat_find(str_z(compat), &ctx.compat)) {
        (void)err_set(&err, ERR_USAGE, "--compat is docs or param-builder");
        return fail_with(args->command, &err);
    }
    lines_init(&lines, args->operands + 1, args->operand_count - 1);
    while (lines_next(&lines, &value, &err)) print_line(field, &ctx, value);
    lines_fini(&lines);
    return err.kind == ERR_NONE ? EXIT_DONE : fail_with(args->command, &err);
}

static const struct option options[] = {
    {"country", "CC", "two-letter country of the person, for phones, states and zips"},
    {"compat", "MODE", "docs (the default) or param-builder"}};

const struct command command_hash = {
    .name = "hash",
    .operands = "FIELD [FILE...]",
    .summary = "show how a value is normalised and hashed for Meta",
    .help =
        "Reads values, a line each, and prints normalised<TAB>sha256, or an empty line where the\n"
        "value is refused. FIELD is a key of user_data: em, ph, fn, ln, db, ge, ct, st, zp,\n"
        "country, external_id, ... (pixeld reference fields lists them with their rules).\n\n"
        "  echo ' John_Smith@Gmail.com' | pixeld hash em",
    .options = options,
    .option_count = countof(options),
    .operands_max = -1,
    .run = run,
};
