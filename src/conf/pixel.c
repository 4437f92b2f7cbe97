/* SPDX-License-Identifier: Apache-2.0 */
/* See pixel.h. */
#include "conf/pixel.h"

#include "core/limits.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Pieces of letters, digits, '-' and '_', each behind a slash: neither a file's name, which the script
 * and its parts are, nor anything that a browser or proxy would write otherwise. */
static bool is_path(struct str path)
{
    char before = '/';
    if (path.n < 2 || path.n > LIMIT_NAME_BYTES || path.p[0] != '/') return false;
    for (size_t i = 1; i < path.n; i++) {
        char c = path.p[i];
        if (!is_letter(c) && c != '-' && c != '_' && (c != '/' || before == '/')) return false;
        before = c;
    }
    return before != '/';
}

/* A path of ingest's own routes would never come here. */
static bool is_taken(struct str path)
{
    static const struct str others[] = {
        S_INIT("/tr"),           S_INIT("/v1"),       S_INIT("/2"),
        S_INIT("/api"),          S_INIT("/webhook"),  S_INIT("/beacon"),
        S_INIT("/batch"),        S_INIT("/identify"), S_INIT("/groupidentify"),
        S_INIT("/sourceConfig"),
    };
    for (size_t i = 0; i < countof(others); i++) {
        struct str other = others[i];
        if (!str_starts(path, other)) continue;
        if (path.n == other.n || path.p[other.n] == '/') return true;
    }
    return false;
}

static bool is_domain(struct str name)
{
    char before = '.';
    bool dots = false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!is_letter(c) && c != '-' && (c != '.' || before == '.')) return false;
        dots |= c == '.';
        before = c;
    }
    return dots && before != '.' && name.n <= 253;
}

static bool names_pixel(const struct pixel_conf *pixel, struct str id)
{
    for (size_t i = 0; i < pixel->ids.count; i++) {
        if (str_eq(pixel->ids.items[i].text, id)) return true;
    }
    return false;
}

/* Without keys, only the path and the pixels tell two sources apart. */
static bool same_requests(const struct source_conf *a, const struct source_conf *b)
{
    if (b->protocol != PROTOCOL_PIXEL || b->write_key_count || !b->enabled) return false;
    if (!str_eq(a->pixel.path.text, b->pixel.path.text)) return false;
    if (!a->pixel.ids.count || !b->pixel.ids.count) return a->pixel.ids.count == b->pixel.ids.count;
    for (size_t i = 0; i < a->pixel.ids.count; i++) {
        if (names_pixel(&b->pixel, a->pixel.ids.items[i].text)) return true;
    }
    return false;
}

static void check_rivals(const struct config *config, const struct source_conf *source,
                         struct diags *diags)
{
    if (source->write_key_count || !source->enabled) return;
    for (const struct source_conf *s = config->sources; s < source; s++) {
        if (!same_requests(source, s)) continue;
        diag_add(diags, source->name.loc,
                 "the source \"%.*s\" takes the same requests of the pixel; give one of them a "
                 "\"write_key\", a \"path\" or \"ids\" of its own",
                 STR_ARG(s->name.text));
        return;
    }
}

static bool says_anything(const struct pixel_conf *pixel)
{
    return pixel->ids.given || pixel->cookie_domain.text.p || !pixel->cookies ||
           !str_eq(pixel->path.text, S("/pixel"));
}

void pixel_check(const struct config *config, const struct source_conf *source, struct diags *diags)
{
    const struct pixel_conf *pixel = &source->pixel;
    struct text domain = pixel->cookie_domain;
    if (source->protocol != PROTOCOL_PIXEL) {
        if (says_anything(pixel))
            diag_add(diags, pixel->path.loc, "\"pixel\" is for sources of protocol pixel");
        return;
    }
    if (!is_path(pixel->path.text))
        diag_add(
            diags, pixel->path.loc,
            "a path of the pixel is written as /stats, with letters, digits, - and _ only; the "
            "script is then /stats.js");
    else if (is_taken(pixel->path.text))
        diag_add(diags, pixel->path.loc, "the path \"%.*s\" belongs to another kind of source",
                 STR_ARG(pixel->path.text));
    if (domain.text.p && !is_domain(domain.text))
        diag_add(diags, domain.loc, "\"cookie_domain\" is a domain such as shop.example");
    check_rivals(config, source, diags);
}

bool pixel_takes_path(const struct source_conf *source, struct str path)
{
    return source->enabled && source->protocol == PROTOCOL_PIXEL &&
           str_eq(source->pixel.path.text, path);
}
