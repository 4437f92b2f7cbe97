/* SPDX-License-Identifier: Apache-2.0 */
/* See snippets.h. A file is a title, lines of "name: value", an empty line, and the text with {{places}}. */
#include "conf/snippets.h"

#include "conf/presets.h"

#include <assert.h>

static struct str read_head(struct snippet *s, struct str text)
{
    const struct {
        struct str name;
        struct str *value;
    } fields[] = {{S("protocol"), &s->protocol},
                  {S("preset"), &s->preset},
                  {S("run"), &s->run},
                  {S("needs"), &s->needs}};
    struct str line, name, value;
    bool more = str_cut(text, '\n', &s->title, &text);
    while (more && (more = str_cut(text, '\n', &line, &text)) && line.n) {
        bool known = false;
        bool pair = str_cut(line, ':', &name, &value);
        for (size_t i = 0; pair && i < countof(fields); i++) {
            if (!str_eq(name, fields[i].name)) continue;
            *fields[i].value = str_trim(value);
            known = true;
        }
        assert(known); /* the files are ours, and a test reads them all */
    }
    return text;
}

struct snippet snippet_get(size_t index)
{
    assert(index < snippet_count);
    struct snippet s = {.name = snippet_files[index].name, .preset = S(""), .needs = S("")};
    s.body = read_head(&s, snippet_files[index].text);
    return s;
}

/* --- what is filled in ---------------------------------------------------------------------------- */

/* Nothing that ends a text or begins something in JavaScript, HTML or a shell. */
static bool is_harmless(struct str text)
{
    static const struct str others = S_INIT("._~:/?=&%+@,-[]");
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && str_find_char(others, c, 0) == SIZE_MAX) return false;
    }
    return text.n > 0;
}

static struct str pixel_of(const struct config *config, const struct source_conf *source)
{
    for (size_t i = 0; i < config->destination_count; i++) {
        const struct destination_conf *d = &config->destinations[i];
        bool routed = !source || !source->destinations.count;
        for (size_t k = 0; !routed && k < source->destinations.count; k++) {
            routed = str_eq(source->destinations.items[k].text, d->name.text);
        }
        if (routed) return d->pixel_id.text;
    }
    return S("");
}

bool snippet_is_for(const struct snippet *s, const struct source_conf *source)
{
    if (!str_eq(s->protocol, protocol_name(source->protocol))) return false;
    return !s->preset.n || str_eq(s->preset, source->webhook.preset.text);
}

struct snippet_place snippet_place(const struct config *config, const struct source_conf *source,
                                   struct str url, struct arena *arena)
{
    struct snippet_place place = {.url = url};
    while (str_ends(place.url, S("/"))) place.url.n--;
    if (source && source->write_key_count) place.key = source->write_keys[0];
    if (source && source->protocol == PROTOCOL_WEBHOOK)
        place.path = arena_printf(arena, "/webhook/%.*s", STR_ARG(source->name.text));
    else if (source)
        place.path = source->pixel.path.text;
    if (config) place.pixel_id = pixel_of(config, source);
    return place;
}

static struct str value_of(const struct snippet_place *place, struct str name)
{
    const struct {
        struct str name, value, otherwise;
    } places[] = {
        {S("url"), place->url, S("https://events.shop.example")},
        {S("key"), place->key, S("YOUR_WRITE_KEY")},
        {S("pixel_id"), place->pixel_id, S("YOUR_PIXEL_ID")},
        {S("path"), place->path, S("/PATH")},
    };
    size_t i = 0;
    while (i < countof(places) && !str_eq(name, places[i].name)) i++;
    assert(i < countof(places)); /* the files are ours */
    return is_harmless(places[i].value) ? places[i].value : places[i].otherwise;
}

void snippet_put(struct buf *out, const struct snippet *s, const struct snippet_place *place)
{
    struct str rest = s->body;
    for (;;) {
        size_t open = str_find(rest, S("{{"), 0);
        size_t close = open == SIZE_MAX ? SIZE_MAX : str_find(rest, S("}}"), open);
        if (close == SIZE_MAX) break;
        buf_put(out, str_head(rest, open));
        buf_put(out, value_of(place, str_from(str_head(rest, close), open + 2)));
        rest = str_from(rest, close + 2);
    }
    buf_put(out, rest);
}

/* --- the page ------------------------------------------------------------------------------------- */

static struct str language(struct str run)
{
    if (str_eq(run, S("shell"))) return S("sh");
    return str_eq(run, S("page")) ? S("html") : S("js");
}

void snippet_reference(struct buf *out)
{
    struct snippet_place nothing = {0};
    buf_put(out,
            S("# Snippets\n\nThe lines to paste, each run by pixeld's tests as it stands here.\n"
              "`pixeld snippet NAME --config pixeld.yaml --source SOURCE --url URL` and\n"
              "`GET /api/v1/snippets?source=SOURCE&url=URL` on the admin address fill in the key.\n"
              "What to set in each SDK besides: [sources.md](sources.md).\n"));
    for (size_t i = 0; i < snippet_count; i++) {
        struct snippet s = snippet_get(i);
        buf_printf(out, "\n## %.*s\n\n`%.*s`, for a source with `protocol: %.*s`", STR_ARG(s.title),
                   STR_ARG(s.name), STR_ARG(s.protocol));
        if (s.preset.n) buf_printf(out, " and the preset `%.*s`", STR_ARG(s.preset));
        buf_putc(out, '.');
        if (s.needs.n) buf_printf(out, " First `%.*s`.", STR_ARG(s.needs));
        buf_printf(out, "\n\n```%.*s\n", STR_ARG(language(s.run)));
        snippet_put(out, &s, &nothing);
        buf_put(out, S("```\n"));
    }
}
