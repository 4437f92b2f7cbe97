/* SPDX-License-Identifier: Apache-2.0 */
/* See preset_page.h. */
#include "app/preset_page.h"

#include "conf/config.h"
#include "conf/presets.h"
#include "conf/webhook.h"

#include <assert.h>

/* Text inside a Markdown table cell. */
static void put_cell(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '|') buf_putc(out, '\\');
        buf_putc(out, s.p[i] == '\n' ? ' ' : s.p[i]);
    }
}

/* The comment at the top of the preset's file says what it is for. */
static void put_opening(struct buf *out, struct str text)
{
    struct str line;
    while (text.n && text.p[0] == '#') {
        (void)str_cut(text, '\n', &line, &text);
        line = str_trim(str_from(line, 1));
        if (!line.n) break;
        buf_put(out, line);
        buf_putc(out, '\n');
    }
    buf_putc(out, '\n');
}

static void put_actions(struct buf *out, const struct destination_conf *preset)
{
    if (!preset->action_count) return;
    buf_put(out, S("| action | trigger | sends |\n|---|---|---|\n"));
    for (size_t i = 0; i < preset->action_count; i++) {
        const struct action_conf *action = &preset->actions[i];
        buf_put(out, S("| "));
        put_cell(out, action->name.text);
        buf_put(out, S(" | `"));
        put_cell(out, action->trigger.text);
        buf_put(out, S("` | "));
        put_cell(out, action->send.text.n ? action->send.text : S("its own name"));
        buf_put(out, S(" |\n"));
    }
    buf_putc(out, '\n');
}

static void put_mappings(struct buf *out, const char *title, const struct mappings *list)
{
    if (!list->count) return;
    buf_printf(out, "| %s | from |\n|---|---|\n", title);
    for (size_t i = 0; i < list->count; i++) {
        const struct mapping *m = &list->items[i];
        struct str from = m->expr.text.n ? m->expr.text : m->each.text;
        buf_printf(out, "| `%.*s` | ", STR_ARG(m->target.text));
        if (from.n) {
            buf_put(out, m->each.text.n ? S("each of `") : S("`"));
            put_cell(out, from);
            buf_putc(out, '`');
        } else {
            buf_put(out, S("written out: see the file"));
        }
        buf_put(out, S(" |\n"));
    }
    buf_putc(out, '\n');
}

static void put_webhooks(struct buf *out)
{
    buf_put(out, S("# Presets for webhooks\n\nA source of protocol webhook names one with "
                   "`webhook: {preset: NAME}`; what it says itself is laid over it. They make "
                   "the sender's events into events of the Segment specification, which "
                   "destinations then map by their own presets.\n\n"));
    for (size_t i = 0; i < webhook_preset_count; i++) {
        struct arena arena = {0};
        struct diags diags;
        diags_init(&diags, &arena);
        const struct webhook_conf *preset =
            webhook_preset_parse(webhook_presets[i].file, webhook_presets[i].text, &arena, &diags);
        assert(preset); /* they are ours, and tests compile them */
        buf_printf(out, "## webhook: %.*s\n\n", STR_ARG(webhook_presets[i].name));
        put_opening(out, webhook_presets[i].text);
        put_mappings(out, "of the event", &preset->event);
        arena_fini(&arena);
    }
}

void preset_page_put(struct buf *out)
{
    buf_put(
        out,
        S("# Presets\n\nA destination names one with `preset:`; whatever it says itself is laid "
          "over it by name. Each is a file of the same keys, embedded in the program.\n\n"));
    for (size_t i = 0; i < preset_count; i++) {
        struct arena arena = {0};
        struct diags diags;
        diags_init(&diags, &arena);
        const struct destination_conf *preset =
            preset_parse(presets[i].file, presets[i].text, &arena, &diags);
        assert(preset); /* they are ours, and tests compile them */
        buf_printf(out, "## %.*s\n\n", STR_ARG(presets[i].name));
        put_opening(out, presets[i].text);
        put_actions(out, preset);
        put_mappings(out, "of the event", &preset->fields);
        put_mappings(out, "user_data", &preset->user_data);
        put_mappings(out, "custom_data", &preset->custom_data);
        arena_fini(&arena);
    }
    put_webhooks(out);
}
