/* SPDX-License-Identifier: Apache-2.0 */
/* See check.h. */
#include "conf/check.h"

#include "base/table.h"
#include "conf/address.h"
#include "conf/pixel.h"
#include "conf/presets.h"
#include "conf/webhook.h"
#include "core/limits.h"

struct check {
    const struct config *config;
    struct arena *arena;
    struct diags *diags;
    struct table sources, destinations; /* name -> its struct text */
    struct table write_keys;            /* key -> the name of its source, a struct text */
};

static void tell_twice(struct check *c, const char *what, const struct text *name,
                       const struct text *former)
{
    struct buf where = {0};
    if (former->loc.file == name->loc.file)
        buf_printf(&where, "in line %u, column %u", former->loc.line, former->loc.column);
    else
        buf_put(&where, S("at "));
    if (former->loc.file != name->loc.file) loc_print(&where, former->loc);
    diag_add(c->diags, name->loc, "there is another %s \"%.*s\" %.*s; names are unique", what,
             STR_ARG(name->text), STR_ARG(buf_str(&where)));
    buf_fini(&where);
}

/* A text that was missing or wrong is empty here; that is reported already. */
static void add_name(struct check *c, struct table *table, const char *what,
                     const struct text *name)
{
    if (!name->text.n) return;
    const struct text *former = table_get(table, name->text);
    if (former)
        tell_twice(c, what, name, former);
    else
        table_put(table, c->arena, name->text, (void *)name);
}

/* Which source an SDK's request belongs to must be certain. */
static void add_write_key(struct check *c, const struct source_conf *source, struct str key)
{
    if (!key.n) return;
    const struct text *former = table_get(&c->write_keys, key);
    if (former == &source->name)
        diag_add(c->diags, source->name.loc, "this source has the same write key twice");
    else if (former)
        diag_add(c->diags, source->name.loc,
                 "this source has a write key of source \"%.*s\"; keys are unique",
                 STR_ARG(former->text));
    else
        table_put(&c->write_keys, c->arena, key, (void *)&source->name);
}

static void add_write_keys(struct check *c, const struct source_conf *source)
{
    for (size_t i = 0; i < source->write_key_count; i++)
        add_write_key(c, source, source->write_keys[i]);
    for (size_t i = 0; i < source->old_key_count; i++)
        add_write_key(c, source, source->old_keys[i].key);
}

/* A pixel is open to all, a webhook shows its secret, Meta's shape also comes from files alone. */
static bool needs_key(const struct source_conf *source)
{
    if (source->protocol == PROTOCOL_WEBHOOK) return !source->webhook.secret_count;
    return source->protocol != PROTOCOL_PIXEL && source->protocol != PROTOCOL_META;
}

static void check_references(struct check *c, const struct texts *names)
{
    struct str known[LIMIT_DESTINATIONS];
    size_t count = c->config->destination_count;
    for (size_t i = 0; i < count; i++) known[i] = c->config->destinations[i].name.text;
    for (size_t i = 0; i < names->count; i++) {
        struct text name = names->items[i];
        if (!name.text.n || table_get(&c->destinations, name.text)) continue;
        struct str meant = c->diags->count < LIMIT_PROBLEMS ? diag_suggest(name.text, known, count)
                                                            : (struct str){0};
        diag_add(c->diags, name.loc, "there is no destination \"%.*s\"%s%.*s%s", STR_ARG(name.text),
                 meant.n ? "; did you mean \"" : "", STR_ARG(meant), meant.n ? "\"?" : "");
    }
}

static void check_source(struct check *c, const struct source_conf *source)
{
    add_name(c, &c->sources, "source", &source->name);
    add_write_keys(c, source);
    check_references(c, &source->destinations);
    pixel_check(c->config, source, c->diags);
    webhook_check(source, c->diags);
    if (needs_key(source) && source->write_key_count == 0 && source->name.text.n)
        diag_add(c->diags, source->name.loc, "the source \"%.*s\" has no \"write_key\"",
                 STR_ARG(source->name.text));
}

static void check_preset(struct check *c, struct text name)
{
    struct buf list = {0};
    struct str *known = arena_array(c->arena, struct str, preset_count + 1);
    bool found = !name.text.n || str_eq(name.text, S("none"));
    for (size_t i = 0; i < preset_count; i++) {
        known[i] = presets[i].name;
        found |= str_eq(name.text, known[i]);
        buf_put(&list, known[i]);
        buf_put(&list, i + 1 == preset_count ? S(" and ") : S(", "));
    }
    known[preset_count] = S("none");
    buf_put(&list, known[preset_count]);
    struct str meant = diag_suggest(name.text, known, preset_count + 1);
    if (!found && meant.n)
        diag_add(c->diags, name.loc, "there is no preset \"%.*s\"; did you mean \"%.*s\"?",
                 STR_ARG(name.text), STR_ARG(meant));
    else if (!found)
        diag_add(c->diags, name.loc, "there is no preset \"%.*s\"; there are %.*s",
                 STR_ARG(name.text), STR_ARG(buf_str(&list)));
    buf_fini(&list);
}

static void check_token(struct check *c, const struct destination_conf *d)
{
    if (d->access_token_count > LIMIT_TOKENS)
        diag_add(c->diags, d->name.loc, "the destination \"%.*s\" has more than %d access tokens",
                 STR_ARG(d->name.text), LIMIT_TOKENS);
    if (d->access_token_count || !d->name.text.n || !d->api_url.text.n) return;
    if (url_is_loopback(d->api_url.text)) return;
    diag_add(c->diags, d->name.loc,
             "the destination \"%.*s\" has no \"access_token\"; only one on this machine (the "
             "sandbox) needs none",
             STR_ARG(d->name.text));
}

static void check_start(struct check *c, struct text start)
{
    int64_t ignored;
    if (!start.text.n || str_eq(start.text, S("now")) || str_eq(start.text, S("oldest"))) return;
    if (time_parse(start.text, &ignored)) return;
    diag_add(c->diags, start.loc,
             "\"start\" is now, oldest or a time such as 2026-11-20T00:00:00Z; found \"%.*s\"",
             STR_ARG(str_head(start.text, LIMIT_SHOWN_BYTES)));
}

void check_actions(const struct destination_conf *destination, struct diags *diags)
{
    for (size_t i = 0; i < destination->action_count; i++) {
        const struct action_conf *action = &destination->actions[i];
        for (size_t j = 0; action->send.text.p && j < action->fields.count; j++)
            if (str_eq(action->fields.items[j].target.text, S("event_name")))
                diag_add(
                    diags, action->fields.items[j].target.loc,
                    "\"send\" is given too; \"event_name\" is for an expression instead of it");
    }
}

static void check_addresses(struct check *c)
{
    struct text listen = c->config->listen, admin = c->config->admin;
    bool any_port = str_ends(listen.text, S(":0"));
    if (listen.text.n && str_eq(listen.text, admin.text) && !any_port)
        diag_add(c->diags, admin.loc,
                 "\"admin\" has the address of \"listen\"; each needs its own");
}

void check_config(const struct config *config, struct arena *arena, struct diags *diags)
{
    struct check c = {.config = config, .arena = arena, .diags = diags};
    check_addresses(&c);
    for (size_t i = 0; i < config->destination_count; i++) {
        const struct destination_conf *d = &config->destinations[i];
        add_name(&c, &c.destinations, "destination", &d->name);
        check_preset(&c, d->preset);
        check_token(&c, d);
        check_start(&c, d->start);
        check_actions(d, diags);
    }
    for (size_t i = 0; i < config->source_count; i++) check_source(&c, &config->sources[i]);
}
