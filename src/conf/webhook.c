/* SPDX-License-Identifier: Apache-2.0 */
/* See webhook.h. */
#include "conf/webhook.h"

#include "conf/presets.h"

enum { TOLERANCE_MS = 5 * 60 * 1000 }; /* what Stripe's own libraries allow by default */

/* --- presets ------------------------------------------------------------------------------------ */

static void unknown_preset(struct text name, struct arena *arena, struct diags *diags)
{
    struct buf list = {0};
    struct str *known = arena_array(arena, struct str, webhook_preset_count);
    for (size_t i = 0; i < webhook_preset_count; i++) {
        known[i] = webhook_presets[i].name;
        if (i) buf_put(&list, i + 1 == webhook_preset_count ? S(" and ") : S(", "));
        buf_put(&list, known[i]);
    }
    struct str meant = diag_suggest(name.text, known, webhook_preset_count);
    if (meant.n)
        diag_add(diags, name.loc,
                 "there is no preset \"%.*s\" for webhooks; did you mean \"%.*s\"?",
                 STR_ARG(name.text), STR_ARG(meant));
    else
        diag_add(diags, name.loc, "there is no preset \"%.*s\" for webhooks; there are %.*s",
                 STR_ARG(name.text), STR_ARG(buf_str(&list)));
    buf_fini(&list);
}

static void take_text(struct text *own, struct text below)
{
    if (!own->text.p) *own = below;
}

static void take_texts(struct texts *own, const struct texts *below)
{
    if (!own->given) *own = *below;
}

static const struct mapping *find_mapping(const struct mappings *list, struct str target)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_eq(list->items[i].target.text, target)) return &list->items[i];
    return NULL;
}

/* Lays own over below, by name; objects member by member. Recursion: as deep as YAML may be. */
static struct mappings merge(const struct mappings *below, const struct mappings *own,
                             struct arena *arena)
{
    struct mappings all = {arena_array(arena, struct mapping, below->count + own->count), 0};
    for (size_t i = 0; i < below->count; i++) {
        const struct mapping *under = &below->items[i];
        const struct mapping *over = find_mapping(own, under->target.text);
        struct mapping *one = &all.items[all.count++];
        *one = over ? *over : *under;
        bool objects = over && over->form == MAPPING_OBJECT && under->form == MAPPING_OBJECT;
        if (objects && !over->removed && !under->removed)
            one->fields = merge(&under->fields, &over->fields, arena);
    }
    for (size_t i = 0; i < own->count; i++)
        if (!find_mapping(below, own->items[i].target.text)) all.items[all.count++] = own->items[i];
    return all;
}

static void lay_over(struct webhook_conf *own, const struct webhook_conf *preset,
                     struct arena *arena)
{
    struct signature_conf *s = &own->signature;
    const struct signature_conf *below = &preset->signature;
    take_text(&own->each, preset->each);
    take_texts(&own->headers, &preset->headers);
    take_texts(&own->id, &preset->id);
    own->event = merge(&preset->event, &own->event, arena);
    if (own->header.text.p) return; /* the secret itself comes, whatever the preset signs */
    take_text(&own->header, preset->header);
    if (!s->header.text.p) {
        int64_t tolerance = s->tolerance_ms;
        *s = *below; /* a signature is described as a whole */
        if (tolerance) s->tolerance_ms = tolerance;
    }
}

void webhook_complete(struct source_conf *source, struct arena *arena, struct diags *diags)
{
    struct webhook_conf *own = &source->webhook;
    if (own->preset.text.n) {
        const struct preset *preset =
            preset_find(webhook_presets, webhook_preset_count, own->preset.text);
        const struct webhook_conf *below =
            preset ? webhook_preset_parse(preset->file, preset->text, arena, diags) : NULL;
        if (!preset) unknown_preset(own->preset, arena, diags);
        if (below) lay_over(own, below, arena);
    }
    if (!own->signature.tolerance_ms) own->signature.tolerance_ms = TOLERANCE_MS;
    if (!own->signature.content.text.p) own->signature.content.text = S("{body}");
    if (!own->signature.encoding.text.p) own->signature.encoding.text = S("hex");
}

/* --- checks ------------------------------------------------------------------------------------- */

static bool is_given(const struct webhook_conf *w)
{
    return w->preset.text.p || w->secret_count || w->header.text.p || w->signature.header.text.p ||
           w->headers.given || w->each.text.p || w->id.given || w->event.count;
}

static void check_path(const struct text *path, struct diags *diags)
{
    struct str step, rest = path->text;
    bool good = rest.n > 0, more = good;
    while (good && more) {
        more = str_cut(rest, '.', &step, &rest);
        good = step.n > 0;
    }
    if (path->text.p && !good)
        diag_add(diags, path->loc, "\"%.*s\" is no path; one is written with dots, as in data.id",
                 STR_ARG(path->text));
}

static void check_time(const struct signature_conf *s, struct diags *diags)
{
    bool dated = s->time_header.text.p || s->time_field.text.p;
    bool signs_time = str_find(s->content.text, S("{time}"), 0) != SIZE_MAX;
    bool signs_body = str_find(s->content.text, S("{body}"), 0) != SIZE_MAX;
    if (s->time_header.text.p && s->time_field.text.p)
        diag_add(diags, s->time_header.loc,
                 "the time is in \"time_header\" or in \"time_field\", not in both");
    else if (signs_time && !dated)
        diag_add(diags, s->content.loc,
                 "\"content\" has {time}; say with \"time_header\" or \"time_field\" where it is");
    else if (dated && !signs_time)
        diag_add(diags, s->time_header.text.p ? s->time_header.loc : s->time_field.loc,
                 "a time that is not signed proves nothing; \"content\" needs {time}");
    if (!signs_body)
        diag_add(diags, s->content.loc, "\"content\" needs {body}, or the body could be any");
}

void webhook_check(const struct source_conf *source, struct diags *diags)
{
    const struct webhook_conf *w = &source->webhook;
    struct loc loc = source->name.loc;
    struct str name = source->name.text;
    if (source->protocol != PROTOCOL_WEBHOOK) {
        if (is_given(w))
            diag_add(diags, loc, "the source \"%.*s\" has \"webhook\", so its protocol is webhook",
                     STR_ARG(name));
        return;
    }
    if (w->header.text.p && w->signature.header.text.p)
        diag_add(
            diags, w->header.loc,
            "\"header\" is for senders that do not sign; it cannot stand beside \"signature\"");
    bool shown = w->header.text.p || w->signature.header.text.p;
    if (w->secret_count && !shown && !w->preset.text.p)
        diag_add(diags, loc,
                 "the source \"%.*s\" has a secret, but nothing says where requests show it: "
                 "\"preset\", \"signature\" or \"header\"",
                 STR_ARG(name));
    if (!w->secret_count && shown)
        diag_add(diags, loc, "the webhook \"%.*s\" has no \"secret\"", STR_ARG(name));
    if (w->signature.header.text.p) check_time(&w->signature, diags);
    check_path(&w->each, diags);
    for (size_t i = 0; i < w->id.count; i++) check_path(&w->id.items[i], diags);
}
