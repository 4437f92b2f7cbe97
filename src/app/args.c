/* SPDX-License-Identifier: Apache-2.0 */
/* See args.h. Options may stand before, between or behind the operands, as --name value or
 * --name=value. */
#include "app/args.h"

#include "base/time.h"
#include "conf/units.h"
#include "sys/clock.h"

#include "core/diag.h"

#include <assert.h>
#include <stdio.h>

static bool unknown(const struct command *command, struct str name, struct err *err)
{
    struct str known[ARGS_OPTIONS_MAX];
    for (size_t i = 0; i < command->option_count; i++) known[i] = str_z(command->options[i].name);
    struct str near = diag_suggest(name, known, command->option_count);
    if (near.n) {
        return err_set(err, ERR_USAGE, "unknown option --%.*s; did you mean --%.*s?", STR_ARG(name),
                       STR_ARG(near));
    }
    return err_set(err, ERR_USAGE, "unknown option --%.*s; see pixeld %s --help", STR_ARG(name),
                   command->name);
}

/* Takes the option at argv[*i], and its value, which may be the next word. */
static bool take_option(struct args *out, int argc, char **argv, int *i, struct err *err)
{
    const struct command *command = out->command;
    const char *word = argv[*i] + 2, *equals = strchr(word, '=');
    struct str name = equals ? str_of(word, (size_t)(equals - word)) : str_z(word);
    size_t index = 0;
    while (index < command->option_count && !str_eq(name, str_z(command->options[index].name))) {
        index++;
    }
    if (index == command->option_count) return unknown(command, name, err);
    if (!command->options[index].value) {
        if (equals) return err_set(err, ERR_USAGE, "--%.*s takes no value", STR_ARG(name));
        out->values[index] = "";
        return true;
    }
    if (!equals && *i + 1 == argc) {
        return err_set(err, ERR_USAGE, "--%.*s needs a value: --%.*s %s", STR_ARG(name),
                       STR_ARG(name), command->options[index].value);
    }
    out->values[index] = equals ? equals + 1 : argv[++*i];
    return true;
}

bool args_parse(const struct command *command, int argc, char **argv, struct args *out,
                struct err *err)
{
    bool options_ended = false;
    assert(command->option_count <= ARGS_OPTIONS_MAX);
    *out = (struct args){.command = command, .operands = argv};
    for (int i = 0; i < argc; i++) {
        struct str word = str_z(argv[i]);
        if (!options_ended && str_eq(word, S("--"))) {
            options_ended = true;
        } else if (!options_ended && word.n > 2 && str_starts(word, S("--"))) {
            if (!take_option(out, argc, argv, &i, err)) return false;
        } else if (command->operands_max >= 0 && out->operand_count == command->operands_max) {
            return err_set(err, ERR_USAGE, "unexpected \"%s\"; usage: pixeld %s [OPTION...] %s",
                           argv[i], command->name, command->operands);
        } else {
            argv[out->operand_count++] = argv[i]; /* operands move to the front of argv */
        }
    }
    return true;
}

const char *args_get(const struct args *args, const char *name)
{
    for (size_t i = 0; i < args->command->option_count; i++) {
        if (!strcmp(args->command->options[i].name, name)) return args->values[i];
    }
    assert(!"asked for an option the command does not have");
    return NULL;
}

bool args_has(const struct args *args, const char *name)
{
    return args_get(args, name) != NULL;
}

void args_help(struct buf *out, const struct command *command)
{
    buf_printf(out, "usage: pixeld %s%s%s%s\n\n%s\n", command->name,
               command->option_count ? " [OPTION...]" : "", *command->operands ? " " : "",
               command->operands, command->help);
    if (command->option_count) buf_put(out, S("\noptions:\n"));
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option *option = &command->options[i];
        char left[64];
        (void)snprintf(left, sizeof left, "--%s%s%s", option->name, option->value ? " " : "",
                       option->value ? option->value : ""); /* our own short words */
        buf_printf(out, "  %-22s %s\n", left, option->help);
    }
}

bool args_time(const struct args *args, const char *name, int64_t *ms, struct err *err)
{
    const char *value = args_get(args, name);
    uint64_t ago;
    if (!value) return true;
    if (duration_parse(str_z(value), &ago)) {
        int64_t now = clock_now_ms();
        *ms = ago < (uint64_t)now ? now - (int64_t)ago : 0; /* all there is */
        return true;
    }
    if (time_parse(str_z(value), ms)) return true;
    return err_set(err, ERR_USAGE,
                   "--%s wants a time such as 2026-11-20T08:00:00Z, or how long ago: 2d", name);
}
