/* SPDX-License-Identifier: Apache-2.0 */
/* Prints a parsed configuration for golden files: all that was given or defaulted, one line each.
 * Secrets are printed, because the tests must see that they were resolved. */
#ifndef SUPPORT_CONF_DUMP_H
#define SUPPORT_CONF_DUMP_H

#include "conf/config.h"

static void dump_text(struct buf *out, const char *indent, const char *key, struct text text)
{
    if (!text.text.p) return;
    buf_printf(out, "%s%s: ", indent, key);
    buf_put(out, text.text);
    if (text.loc.line) buf_printf(out, "  @%u:%u", text.loc.line, text.loc.column);
    buf_putc(out, '\n');
}

static void dump_texts(struct buf *out, const char *indent, const char *key,
                       const struct texts *texts)
{
    if (!texts->given) return;
    buf_printf(out, "%s%s:", indent, key);
    for (size_t i = 0; i < texts->count; i++)
        buf_printf(out, " [%.*s @%u:%u]", STR_ARG(texts->items[i].text), texts->items[i].loc.line,
                   texts->items[i].loc.column);
    buf_putc(out, '\n');
}

static void dump_mapping(struct buf *out, const char *indent, const struct mapping *m)
{
    static const char *const forms[] = {"", "", " object", " list"};
    char deeper[64];
    (void)snprintf(deeper, sizeof deeper, "%s  ", indent);
    buf_printf(out, "%s%.*s @%u:%u%s%s\n", indent, STR_ARG(m->target.text), m->target.loc.line,
               m->target.loc.column, m->removed ? " removed" : "", forms[m->form]);
    dump_text(out, deeper, "expression", m->expr);
    dump_text(out, deeper, "each", m->each);
    dump_text(out, deeper, "value", m->each_value);
    for (size_t j = 0; j < m->fields.count; j++) {
        const struct mapping *field = &m->fields.items[j];
        if (m->form == MAPPING_EACH) {
            buf_printf(out, "%s%.*s", deeper, STR_ARG(field->target.text));
            dump_text(out, "", "", field->expr);
        } else {
            dump_mapping(out, deeper, field);
        }
    }
}

static void dump_mappings(struct buf *out, const char *indent, const char *key,
                          const struct mappings *mappings)
{
    char deeper[32];
    (void)snprintf(deeper, sizeof deeper, "%s  ", indent);
    if (mappings->count) buf_printf(out, "%s%s:\n", indent, key);
    for (size_t i = 0; i < mappings->count; i++) dump_mapping(out, deeper, &mappings->items[i]);
}

static void dump_properties(struct buf *out, const char *indent, const struct properties_conf *p)
{
    static const char *const modes[] = {"default", "all", "flat", "none", "list"};
    buf_printf(out, "%sproperties: %s\n", indent, modes[p->mode]);
    dump_texts(out, indent, "properties", &p->list);
}

static void dump_action(struct buf *out, const struct action_conf *a)
{
    buf_printf(out, "  action%s\n", a->enabled ? "" : " (off)");
    dump_text(out, "    ", "name", a->name);
    dump_text(out, "    ", "trigger", a->trigger);
    dump_text(out, "    ", "send", a->send);
    dump_text(out, "    ", "pixel_id", a->pixel_id);
    dump_mappings(out, "    ", "fields", &a->fields);
    dump_mappings(out, "    ", "user_data", &a->user_data);
    dump_mappings(out, "    ", "custom_data", &a->custom_data);
    dump_properties(out, "    ", &a->properties);
}

static void dump_events(struct buf *out, const struct destination_conf *d)
{
    for (size_t i = 0; i < d->event_count; i++) {
        const struct event_rule *rule = &d->events[i];
        dump_text(out, "  ", rule->drop ? "event (drop)" : "event", rule->name);
        dump_text(out, "    ", "send", rule->send);
        dump_text(out, "    ", "pixel_id", rule->pixel_id);
    }
}

static void dump_destination(struct buf *out, const struct destination_conf *d)
{
    buf_printf(out, "destination%s, when disabled %s\n", d->enabled ? "" : " (off)",
               d->when_disabled == DISABLED_KEEP ? "keep" : "drop");
    dump_text(out, "  ", "name", d->name);
    dump_text(out, "  ", "preset", d->preset);
    dump_text(out, "  ", "pixel_id", d->pixel_id);
    for (size_t i = 0; i < d->access_token_count; i++)
        buf_printf(out, "  access_token: %.*s\n", STR_ARG(d->access_tokens[i]));
    if (d->app_secret.n) buf_printf(out, "  app_secret: %.*s\n", STR_ARG(d->app_secret));
    dump_text(out, "  ", "api_url", d->api_url);
    if (d->test_code.n)
        buf_printf(out, "  test code: %.*s until %lld\n", STR_ARG(d->test_code),
                   (long long)d->test_code_expires_ms);
    dump_text(out, "  ", "start", d->start);
    dump_text(out, "  ", "filter", d->filter);
    dump_text(out, "  ", "default_country", d->default_country);
    dump_events(out, d);
    dump_mappings(out, "  ", "fields", &d->fields);
    dump_mappings(out, "  ", "user_data", &d->user_data);
    dump_mappings(out, "  ", "custom_data", &d->custom_data);
    dump_properties(out, "  ", &d->properties);
    dump_texts(out, "  ", "deny", &d->pii.deny);
    dump_texts(out, "  ", "hash", &d->pii.hash);
    dump_texts(out, "  ", "allow", &d->pii.allow);
    dump_text(out, "  ", "event_names", d->event_names);
    dump_text(out, "  ", "compat", d->compat);
    dump_text(out, "  ", "pii values", d->pii.values);
    dump_texts(out, "  ", "pii query", &d->pii.query);
    dump_texts(out, "  ", "pii only", &d->pii.only);
    buf_printf(out, "  pii defaults: %s\n", d->pii.defaults ? "true" : "false");
    for (size_t i = 0; i < d->action_count; i++) dump_action(out, &d->actions[i]);
    buf_printf(out, "  batch: %u events, %u bytes, %lld ms, %u in flight, timeout %lld ms\n",
               d->batch_events, d->batch_bytes, (long long)d->batch_linger_ms, d->in_flight,
               (long long)d->timeout_ms);
}

static void dump_webhook(struct buf *out, const struct source_conf *s)
{
    const struct webhook_conf *w = &s->webhook;
    if (s->protocol != PROTOCOL_WEBHOOK) return;
    for (size_t i = 0; i < w->secret_count; i++)
        buf_printf(out, "  secret: %.*s\n", STR_ARG(w->secrets[i]));
    dump_text(out, "  ", "header", w->header);
    dump_text(out, "  ", "signature", w->signature.header);
    buf_printf(out, "    %.*s of %.*s, %lld ms\n", STR_ARG(w->signature.encoding.text),
               STR_ARG(w->signature.content.text), (long long)w->signature.tolerance_ms);
    dump_text(out, "    ", "prefix", w->signature.prefix);
    dump_text(out, "    ", "field", w->signature.field);
    dump_text(out, "    ", "time_header", w->signature.time_header);
    dump_text(out, "    ", "time_field", w->signature.time_field);
    dump_texts(out, "  ", "headers", &w->headers);
    dump_text(out, "  ", "each", w->each);
    dump_texts(out, "  ", "id", &w->id);
    dump_mappings(out, "  ", "event", &w->event);
}

static void dump_rate(struct buf *out, const struct rate_conf *r)
{
    if (!r->events && !r->requests && !r->address_events && !r->address_requests) return;
    buf_printf(out, "  rate: %u requests, %u events, of one address %u and %u, burst %lld ms\n",
               r->requests, r->events, r->address_requests, r->address_events,
               (long long)r->burst_ms);
}

static void dump_pixel(struct buf *out, const struct pixel_conf *pixel)
{
    dump_text(out, "  ", "path", pixel->path);
    dump_texts(out, "  ", "ids", &pixel->ids);
    dump_text(out, "  ", "cookie_domain", pixel->cookie_domain);
    if (!pixel->cookies) buf_printf(out, "  no cookies\n");
}

static void dump_source(struct buf *out, const struct source_conf *s)
{
    buf_printf(out, "source%s, %.*s\n", s->enabled ? "" : " (off)",
               STR_ARG(protocol_name(s->protocol)));
    dump_text(out, "  ", "name", s->name);
    for (size_t i = 0; i < s->write_key_count; i++)
        buf_printf(out, "  write_key: %.*s\n", STR_ARG(s->write_keys[i]));
    for (size_t i = 0; i < s->old_key_count; i++)
        buf_printf(out, "  old key: %.*s until %lld\n", STR_ARG(s->old_keys[i].key),
                   (long long)s->old_keys[i].expires_ms);
    dump_texts(out, "  ", "origins", &s->origins);
    dump_texts(out, "  ", "allow_from", &s->allow_from);
    dump_rate(out, &s->rate);
    dump_webhook(out, s);
    dump_texts(out, "  ", "destinations", &s->destinations);
    dump_text(out, "  ", "default_country", s->default_country);
    if (s->protocol == PROTOCOL_PIXEL) dump_pixel(out, &s->pixel);
}

static void dump_config(struct buf *out, const struct config *c)
{
    dump_text(out, "", "listen", c->listen);
    dump_text(out, "", "admin", c->admin);
    dump_text(out, "", "data", c->data);
    buf_printf(out, "threads: %u\n", c->threads);
    dump_texts(out, "", "trusted_proxies", &c->trusted_proxies);
    buf_printf(out, "journal: %lld ms, %llu bytes, %u replicas\n",
               (long long)c->journal_retention_ms, (unsigned long long)c->journal_max_bytes,
               c->journal_replicas);
    dump_text(out, "", "journal url", c->journal_url);
    for (size_t i = 0; i < c->source_count; i++) dump_source(out, &c->sources[i]);
    for (size_t i = 0; i < c->destination_count; i++) dump_destination(out, &c->destinations[i]);
}

#endif
