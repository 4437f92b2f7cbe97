/* SPDX-License-Identifier: Apache-2.0 */
/* See url.h. Most addresses have nothing personal: that is found out first, without writing anything. Of the
 * others the pieces between separators are written anew: each stays, is replaced or goes. */
#include "map/url.h"

#include "map/detect.h"
#include "map/pii.h"

#define REDACTED S("[redacted]")

struct cleaning {
    const struct plan *plan;
    struct arena *arena;
    struct url_found *found;
    unsigned signs; /* of the whole text: what it has not, no part of it has */
    char *out;      /* room for the most that it can become */
    size_t n;
};

static bool is_scheme(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
}

/* Letters, digits and + - . up to and with ://; 0 when there are none. */
static size_t scheme_length(struct str s)
{
    size_t end = str_starts(s, S("http")) ? 4 : 0;
    while (end < s.n && is_scheme(s.p[end])) end++;
    return end && str_starts(str_from(s, end), S("://")) ? end + 3 : 0;
}

bool url_is(struct str s)
{
    if (scheme_length(s)) return true;
    bool relative = str_starts(s, S("/")) || str_starts(s, S("?"));
    return relative && str_find_char(s, ' ', 0) == SIZE_MAX;
}

/* What may not be in an address: blanks, quotes, brackets of markup, and controls. */
static bool ends_link(char c)
{
    return (unsigned char)c <= ' ' || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>' ||
           c == '|' || c == '\\' || c == 0x7F;
}

static bool ends_sentence(char c)
{
    return c == '.' || c == ',' || c == ';' || c == ':' || c == '!' || c == '?' || c == ')' ||
           c == ']' || c == '}';
}

bool url_find(struct str text, struct str *link)
{
    for (size_t at = 0; (at = str_find(text, S("://"), at)) != SIZE_MAX; at += 3) {
        size_t start = at, end = at + 3;
        while (start && is_scheme(text.p[start - 1])) start--;
        if (start == at) continue;
        while (end < text.n && !ends_link(text.p[end])) end++;
        while (end > at + 3 && ends_sentence(text.p[end - 1])) end--;
        *link = str_of(text.p + start, end - start);
        return true;
    }
    return false;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Resolves %XX, and + to a blank when asked; s itself when there is nothing to resolve. */
static struct str decode(struct arena *arena, struct str s, bool plus)
{
    bool coded = str_find_char(s, '%', 0) != SIZE_MAX;
    if (!coded && (!plus || str_find_char(s, '+', 0) == SIZE_MAX)) return s;
    char *out = arena_alloc(arena, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        int high = s.p[i] == '%' && i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(s.p[i + 2]) : -1;
        if (low >= 0) {
            out[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[n++] = plus && s.p[i] == '+' ? ' ' : s.p[i];
        }
    }
    return str_of(out, n);
}

/* False: nothing is, not even when it is decoded. */
static bool may_be_personal(const struct cleaning *c, struct str s)
{
    const unsigned suspect = SIGN_FOUND | SIGN_CODED;
    return (c->signs & suspect) && s.n >= DETECT_BYTES_MIN && (signs_of(s) & suspect);
}

static bool looks_personal(struct cleaning *c, struct str s, struct detect_hint *hint)
{
    struct hit hit;
    if (pii_values(c->plan) == VALUES_KEEP || !may_be_personal(c, s)) return false;
    for (int plus = 0; plus < 2; plus++) {
        struct str plain = decode(c->arena, s, plus);
        if (detect_maybe(plain) && detect_next(plain, 0, hint, &hit)) return true;
        if (str_find_char(s, '+', 0) == SIZE_MAX) break; /* the other reading is the same */
    }
    return false;
}

/* The most that text can become: every piece replaced. */
static size_t room_for(struct str text)
{
    size_t pieces = 2;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        pieces += c == '/' || c == '&' || c == '?' || c == '#';
    }
    return text.n + pieces * REDACTED.n;
}

static void put(struct cleaning *c, struct str s)
{
    str_copy(c->out + c->n, s);
    c->n += s.n;
}

/* Puts [redacted] where a value was. */
static void put_redacted(struct cleaning *c)
{
    c->found->values++;
    put(c, REDACTED);
}

/* --- parts -------------------------------------------------------------------------------------- */

static void put_path(struct cleaning *c, struct str path)
{
    struct detect_hint only_sure = {.known = true, .id = true};
    if (!may_be_personal(c, path)) {
        put(c, path);
        return;
    }
    for (struct str segment, rest = path;;) {
        bool more = str_cut(rest, '/', &segment, &rest);
        if (looks_personal(c, segment, &only_sure)) {
            put_redacted(c);
        } else {
            put(c, segment);
        }
        if (!more) return;
        put(c, S("/"));
    }
}

/* One key=value. */
struct pair {
    struct str key, name, value; /* name is the key decoded */
};

enum finding {
    FOUND_NOTHING,
    FOUND_KEY,   /* the whole goes because of its key */
    FOUND_VALUE, /* looks personal */
};

static struct pair pair_of(struct cleaning *c, struct str whole)
{
    struct pair p;
    (void)str_cut(whole, '=', &p.key, &p.value); /* without = it is all key */
    p.name = c->signs & SIGN_CODED ? decode(c->arena, p.key, true) : p.key;
    return p;
}

static enum finding judge_pair(struct cleaning *c, const struct pair *p)
{
    if (str_eq(p->name, S("fbclid"))) return FOUND_NOTHING;
    if (pii_query(c->plan, p->name)) return FOUND_KEY;
    if (!may_be_personal(c, p->value)) return FOUND_NOTHING; /* most */
    struct detect_hint hint = detect_hint(p->name);
    return looks_personal(c, p->value, &hint) ? FOUND_VALUE : FOUND_NOTHING;
}

/* Appends one key=value with sep before it, or not. False when it was taken out. The keys of a campaign stay
 * in any case. */
static bool put_pair(struct cleaning *c, struct str whole, struct str sep)
{
    struct pair p = pair_of(c, whole);
    enum finding found = judge_pair(c, &p);
    bool stays = found == FOUND_NOTHING;
    if (!stays && (found == FOUND_KEY || !str_starts(p.name, S("utm_")))) {
        c->found->keys++;
        return false;
    }
    put(c, sep);
    put(c, stays ? whole : p.key);
    if (stays) return true;
    put(c, S("="));
    put_redacted(c);
    return true;
}

static bool is_clean_query(struct cleaning *c, struct str query)
{
    for (struct str whole, rest = query; rest.n;) {
        (void)str_cut(rest, '&', &whole, &rest); /* the last pair has no & */
        struct pair p = pair_of(c, whole);
        if (judge_pair(c, &p) != FOUND_NOTHING) return false;
    }
    return true;
}

static void put_query(struct cleaning *c, struct str query, struct str first)
{
    struct str sep = first;
    for (struct str pair, rest = query; rest.n;) {
        (void)str_cut(rest, '&', &pair, &rest); /* the last pair has no & */
        if (put_pair(c, pair, sep)) sep = S("&");
    }
}

/* #a=1&b=2, #/path?a=1 or #place. */
static void put_fragment(struct cleaning *c, struct str fragment)
{
    struct str path, query;
    if (str_cut(fragment, '?', &path, &query)) {
        put(c, S("#"));
        put_path(c, path);
        put_query(c, query, S("?"));
    } else if (str_find_char(fragment, '=', 0) != SIZE_MAX) {
        put_query(c, fragment, S("#"));
    } else {
        put(c, S("#"));
        put_path(c, fragment);
    }
}

/* --- the whole ---------------------------------------------------------------------------------- */

/* Cuts off what begins with c; rest.p is NULL when there is none. */
static struct str cut_tail(struct str *s, char c)
{
    size_t at = str_find_char(*s, c, 0);
    if (at == SIZE_MAX) return str_of(NULL, 0);
    struct str tail = str_from(*s, at + 1);
    *s = str_head(*s, at);
    return tail;
}

struct str url_page(struct str text)
{
    (void)cut_tail(&text, '#'); /* only the head is wanted */
    (void)cut_tail(&text, '?');
    return text;
}

/* An address taken apart. */
struct parts {
    struct str scheme, host, path, query,
        fragment; /* the last two with p = NULL when there is none */
};

static struct parts parts_of(struct str text)
{
    struct parts p = {.fragment = cut_tail(&text, '#')};
    p.query = cut_tail(&text, '?');
    size_t scheme = scheme_length(text);
    size_t path = scheme ? str_find_char(text, '/', scheme) : 0;
    p.scheme = str_head(text, scheme);
    p.path = str_from(text, path);
    p.host = str_of(text.p + scheme, text.n - scheme - p.path.n);
    return p;
}

struct str url_clean(const struct plan *plan, struct str text, unsigned signs, struct arena *arena,
                     struct url_found *found)
{
    struct cleaning c = {.plan = plan, .arena = arena, .found = found, .signs = signs};
    struct str user, plain;
    *found = (struct url_found){0};
    if (!(signs & (SIGN_QUERY | SIGN_FOUND))) return text;
    struct parts p = parts_of(text);
    bool named = (signs & SIGN_FOUND) && str_cut(p.host, '@', &user, &plain);
    bool suspect = named || p.fragment.p || may_be_personal(&c, p.path);
    if (!suspect && is_clean_query(&c, p.query)) return text;
    c.out = arena_alloc(arena, room_for(text));
    put(&c, p.scheme);
    put(&c, named ? plain : p.host);
    found->keys += named;
    put_path(&c, p.path);
    if (p.query.p && !p.query.n) put(&c, S("?"));
    put_query(&c, p.query, S("?"));
    if (p.fragment.p) put_fragment(&c, p.fragment);
    return found->keys || found->values ? str_of(c.out, c.n) : text;
}
