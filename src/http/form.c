/* SPDX-License-Identifier: Apache-2.0 */
/* See form.h. */
#include "http/form.h"

static bool is_type(struct str content_type, struct str wanted)
{
    struct str type, parameters;
    (void)str_cut(content_type, ';', &type, &parameters); /* without ';' all of it is the type */
    return str_eq_nocase(str_trim(type), wanted);
}

/* The parameter "boundary" of a content type, unquoted; p = NULL when it is absent or too long. */
static struct str find_boundary(struct str content_type)
{
    struct str piece, rest = content_type, key, value;
    while (str_cut(rest, ';', &piece, &rest) || piece.n) {
        if (str_cut(piece, '=', &key, &value) && str_eq_nocase(str_trim(key), S("boundary"))) {
            value = str_trim(value);
            if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"') {
                value = str_of(value.p + 1, value.n - 2);
            }
            bool fits = value.n && value.n <= FORM_BOUNDARY_BYTES;
            return fits ? value : str_of(NULL, 0);
        }
        if (!rest.n) break;
    }
    return str_of(NULL, 0);
}

bool form_open(struct form *form, struct str content_type, struct str body, struct arena *arena)
{
    *form = (struct form){.rest = body};
    if (is_type(content_type, S("application/x-www-form-urlencoded"))) return true;
    if (!is_type(content_type, S("multipart/form-data"))) return false;
    struct str boundary = find_boundary(content_type);
    if (!boundary.p) return false;
    form->boundary = arena_printf(arena, "--%.*s", STR_ARG(boundary));
    size_t first = str_find(body, form->boundary, 0);
    form->rest = first == SIZE_MAX ? S("") : str_from(body, first + form->boundary.n);
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* %xx and '+'; a '%' that begins no escape stays as it is. */
static struct str decode(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        int high = -1, low = -1;
        if (text.p[i] == '%' && i + 2 < text.n) {
            high = hex_digit(text.p[i + 1]);
            low = hex_digit(text.p[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            out[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[n++] = text.p[i] == '+' ? ' ' : text.p[i];
        }
    }
    return str_of(out, n);
}

static bool next_pair(struct form *form, struct arena *arena, struct str *name, struct str *value)
{
    struct str pair;
    do {
        if (!form->rest.n) return false;
        if (!str_cut(form->rest, '&', &pair, &form->rest)) form->rest = S("");
    } while (!pair.n);
    if (!str_cut(pair, '=', name, value)) *value = S("");
    *name = decode(arena, *name);
    *value = decode(arena, *value);
    return true;
}

/* The name in  Content-Disposition: form-data; name="data"  among the part's headers. */
static struct str part_name(struct str headers)
{
    struct str line, key, value, rest;
    while (headers.n) {
        if (!str_cut(headers, '\n', &line, &headers)) headers = S("");
        if (!str_cut(line, ':', &key, &value)) continue;
        if (!str_eq_nocase(str_trim(key), S("Content-Disposition"))) continue;
        for (rest = value; rest.n;) {
            struct str piece;
            if (!str_cut(rest, ';', &piece, &rest)) rest = S("");
            if (!str_cut(piece, '=', &key, &value)) continue;
            if (!str_eq_nocase(str_trim(key), S("name"))) continue;
            value = str_trim(value);
            if (value.n >= 2 && value.p[0] == '"') value = str_of(value.p + 1, value.n - 2);
            return value;
        }
    }
    return S("");
}

/* rest stands right behind a boundary: "--" ends the form, a line break begins a part, which lasts
 * until the next line break and boundary. */
static bool next_part(struct form *form, struct arena *arena, struct str *name, struct str *value)
{
    struct str rest = form->rest;
    struct str end = arena_printf(arena, "\r\n%.*s", STR_ARG(form->boundary));
    form->rest = S("");
    if (!str_starts(rest, S("\r\n"))) return false;
    size_t stop = str_find(rest, end, 0);
    if (stop == SIZE_MAX) return false;
    struct str part = str_head(rest, stop);
    size_t blank = str_find(part, S("\r\n\r\n"), 0);
    if (blank == SIZE_MAX) return false;
    *name = part_name(str_head(part, blank));
    *value = str_from(part, blank + 4);
    form->rest = str_from(rest, stop + end.n);
    return true;
}

bool form_next(struct form *form, struct arena *arena, struct str *name, struct str *value)
{
    return form->boundary.p ? next_part(form, arena, name, value)
                            : next_pair(form, arena, name, value);
}

struct str form_get(struct str text, struct str name, struct arena *arena)
{
    struct form form = {.rest = text};
    struct str found, value;
    while (next_pair(&form, arena, &found, &value)) {
        if (str_eq(found, name)) return value;
    }
    return str_of(NULL, 0);
}
