/* SPDX-License-Identifier: Apache-2.0 */
/* See compat.h. All are meta_normalise_fn: false, with nothing appended, where the builder gives null. */
#include "meta/compat.h"

#include "base/text.h"
#include "base/time.h"

enum {
    YEAR_FIRST = 1800,
    DATE_DIGITS = 8, /* taken as they are */
    NUMBER_MAX = 1000000,
    CODE_BYTES = 2,
};

bool compat_find(struct str word, enum meta_compat *compat)
{
    bool builder = str_eq(word, S("param-builder"));
    if (!builder && !str_eq(word, S("docs"))) return false;
    *compat = builder ? META_COMPAT_BUILDER : META_COMPAT_DOCS;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_small(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_ascii_punct(int32_t c)
{
    return (c > ' ' && c < '0') || (c > '9' && c < 'A') || (c > 'Z' && c < 'a') ||
           (c > 'z' && c < 0x7F);
}

/* --- small letters ------------------------------------------------------------------------------ */

/* What Unicode looks through when it asks whether a sigma ends a word: marks, apostrophes and full stops
 * within words. */
static bool is_looked_through(int32_t c)
{
    static const int32_t others[] = {'\'', '.',  ':',  '^',    '`',    0xA8,   0xAD,  0xAF,
                                     0xB4, 0xB7, 0xB8, 0x2018, 0x2019, 0x2024, 0x2027};
    for (size_t i = 0; i < countof(others); i++) {
        if (c == others[i]) return true;
    }
    return c >= 0x300 && c <= 0x36F;
}

enum { FORMS_BYTES = 64 }; /* a letter and both of its forms */

/* A letter that has a small or a capital form of its own? The end of out is the scratch. */
static bool is_cased(int32_t c, struct buf *out)
{
    size_t mark = out->n;
    (void)buf_reserve(out, FORMS_BYTES); /* so that views of it stay where they are */
    text_put(out, c);
    struct str plain = buf_since(out, mark);
    text_lower(out, plain);
    struct str small = str_from(buf_since(out, mark), plain.n);
    text_upper(out, plain);
    struct str capital = str_from(buf_since(out, mark), plain.n + small.n);
    bool cased = !str_eq(plain, small) || !str_eq(plain, capital);
    buf_cut(out, mark);
    return cased;
}

/* A capital sigma becomes U+03C2 where it ends a word, else U+03C3. */
struct sigma {
    size_t at;   /* of one that may end a word; SIZE_MAX: none */
    bool before; /* a cased letter stands before */
};

static void meet(struct sigma *s, struct buf *out, int32_t c)
{
    if (is_looked_through(c)) return;
    bool cased = c < 0x80 ? (c | 0x20) >= 'a' && (c | 0x20) <= 'z' : is_cased(c, out);
    if (!cased && s->at != SIZE_MAX) out->p[s->at + 1] = (char)0x82;
    s->at = c == 0x3A3 && s->before ? out->n : SIZE_MAX;
    s->before = cased;
}

/* Appends in without blanks, and without ASCII punctuation when asked, in the small letters of
 * JavaScript. False when nothing is left. */
static bool put_small(struct buf *out, struct str in, bool keep_punctuation)
{
    struct sigma sigma = {.at = SIZE_MAX};
    size_t mark = out->n;
    for (size_t at = 0; at < in.n;) {
        size_t start = at;
        int32_t c = text_next(in, &at);
        if (text_is_space(c) || (!keep_punctuation && is_ascii_punct(c))) continue;
        meet(&sigma, out, c);
        text_lower(out, str_of(in.p + start, at - start));
    }
    if (sigma.at != SIZE_MAX) out->p[sigma.at + 1] = (char)0x82;
    return out->n > mark;
}

static bool builder_name(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    return text_is_valid(in) && put_small(out, in, false);
}

static bool builder_external_id(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    return text_is_valid(in) && put_small(out, in, true);
}

/* Only what is before the first hyphen; blanks inside stay. */
static bool builder_zip(const struct meta_context *ctx, struct str in, struct buf *out)
{
    struct str head, rest;
    (void)ctx;
    if (!str_cut(in, '-', &head, &rest)) head = in;
    head = text_trim(head);
    size_t at = 0, letters = 0;
    while (at < head.n && letters < 2) {
        (void)text_next(head, &at);
        letters++;
    }
    if (letters < 2 || !text_is_valid(head)) return false;
    text_lower(out, head);
    return true;
}

/* --- e-mail, phone, city ------------------------------------------------------------------------ */

static bool is_atom(char c)
{
    bool plain = is_digit(c) || is_small(c) || c == '_';
    return plain || (c && strchr("!#$%&'*+/=?^`{|}~-", c));
}

static bool is_label_char(char c)
{
    return is_digit(c) || is_small(c) || c == '-';
}

/* Parts between dots, none empty, of allowed characters. */
static bool is_dotted(struct str s, bool (*allowed)(char c), bool host, size_t least)
{
    size_t parts = 0;
    for (struct str part, rest = s;; parts++) {
        bool more = str_cut(rest, '.', &part, &rest);
        if (!part.n) return false;
        for (size_t i = 0; i < part.n; i++) {
            if (!allowed(part.p[i])) return false;
        }
        if (host && (part.p[0] == '-' || part.p[part.n - 1] == '-')) return false;
        if (!more) return parts + 1 >= least;
    }
}

static bool builder_email(const struct meta_context *ctx, struct str in, struct buf *out)
{
    struct str local, domain;
    size_t mark = out->n;
    (void)ctx;
    text_lower(out, text_trim(in));
    bool ok = str_cut(buf_since(out, mark), '@', &local, &domain) &&
              is_dotted(local, is_atom, false, 1) && is_dotted(domain, is_label_char, true, 2);
    if (!ok) buf_cut(out, mark);
    return ok;
}

/* Digits without leading zeros, however many. */
static bool builder_phone(const struct meta_context *ctx, struct str in, struct buf *out)
{
    size_t mark = out->n;
    (void)ctx;
    for (size_t i = 0; i < in.n; i++) {
        bool leading = in.p[i] == '0' && out->n == mark;
        if (is_digit(in.p[i]) && !leading) buf_putc(out, in.p[i]);
    }
    return out->n > mark;
}

/* Letters of the Latin alphabet and digits; others vanish. */
static bool builder_city(const struct meta_context *ctx, struct str in, struct buf *out)
{
    size_t mark = out->n;
    (void)ctx;
    for (size_t i = 0; i < in.n; i++) {
        char c = in.p[i], small = (char)(c | 0x20);
        if (is_digit(c) || is_small(small)) buf_putc(out, is_digit(c) ? c : small);
    }
    if (out->n > mark && is_small(out->p[mark])) return true;
    buf_cut(out, mark);
    return false;
}

/* --- words -------------------------------------------------------------------------------------- */

/* The code of a name that equals word or, when asked, of the first one that stands in it; p = NULL when
 * there is none. */
static struct str find_word(const char *list, struct str word, bool inside)
{
    struct str entry, name, code;
    for (struct str rest = str_z(list); str_cut(rest, ' ', &entry, &rest);) {
        if (!str_cut(entry, '=', &name, &code)) continue;
        if (inside ? str_find(word, name, 0) != SIZE_MAX : str_eq(word, name)) return code;
    }
    return str_of(NULL, 0);
}

/* Two letters stay; of others the code of a name, else the first two. */
static bool put_code(struct buf *out, const char *list, struct str in)
{
    size_t mark = out->n, kept = mark;
    text_lower(out, in);
    for (size_t i = mark; i < out->n; i++) {
        if (is_small(out->p[i])) out->p[kept++] = out->p[i];
    }
    buf_cut(out, kept);
    struct str word = buf_since(out, mark), code = {0};
    if (word.n > CODE_BYTES) code = find_word(list, word, false);
    if (word.n > CODE_BYTES && !code.p) code = find_word(list, word, true);
    if (code.p) {
        buf_cut(out, mark);
        buf_put(out, code);
    } else if (word.n > CODE_BYTES) {
        buf_cut(out, mark + CODE_BYTES);
    }
    return out->n > mark;
}

static bool builder_state(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    return put_code(out, compat_states, in);
}

static bool builder_country(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    return put_code(out, compat_countries, in);
}

static bool builder_gender(const struct meta_context *ctx, struct str in, struct buf *out)
{
    size_t mark = out->n;
    (void)ctx;
    text_lower(out, text_trim(in));
    struct str code = find_word(compat_genders, buf_since(out, mark), false);
    buf_cut(out, mark);
    if (!code.p) return false;
    buf_put(out, code);
    return true;
}

/* --- date of birth ------------------------------------------------------------------------------ */

static unsigned read_number(struct str digits)
{
    unsigned value = 0;
    for (size_t i = 0; i < digits.n && value < NUMBER_MAX; i++) {
        value = value * 10 + (unsigned)(digits.p[i] - '0');
    }
    return value;
}

/* The next group of digits; false at the end. */
static bool next_group(struct str in, size_t *at, struct str *group)
{
    while (*at < in.n && !is_digit(in.p[*at])) ++*at;
    size_t start = *at;
    while (*at < in.n && is_digit(in.p[*at])) ++*at;
    *group = str_of(in.p + start, *at - start);
    return group->n > 0;
}

static unsigned this_year(int64_t now_ms)
{
    int year;
    unsigned month, day;
    time_civil(now_ms / MS_PER_DAY, &year, &month, &day);
    return year < 0 ? 0 : (unsigned)year;
}

/* Above 31 is the year, at any place; of the others the month comes first, unless it is above 12. */
static bool put_date(const struct meta_context *ctx, const unsigned n[3], struct buf *out)
{
    size_t at = n[0] > 31 ? 0 : n[1] > 31 ? 1 : 2;
    unsigned year = n[at], month = n[(at + 1) % 3], day = n[(at + 2) % 3];
    if (month > 12) {
        unsigned other = month;
        month = day;
        day = other;
    }
    bool ok = year >= YEAR_FIRST && year <= this_year(ctx->now_ms) + 1 && month >= 1 &&
              month <= 12 && day >= 1 && day <= 31;
    if (ok) buf_printf(out, "%04u%02u%02u", year, month, day);
    return ok;
}

static bool builder_birth(const struct meta_context *ctx, struct str in, struct buf *out)
{
    unsigned n[3];
    struct str group, first = {0};
    size_t count = 0, at = 0;
    while (next_group(in, &at, &group)) {
        if (count == 0) first = group;
        if (count < 3) n[count] = read_number(group);
        count++;
    }
    if (count >= 3) return put_date(ctx, n, out);
    if (count != 1 || first.n != DATE_DIGITS) return false;
    buf_put(out, first);
    return true;
}

/* --- the table ---------------------------------------------------------------------------------- */

static const struct {
    struct str field;
    meta_normalise_fn *normalise;
} builder[] = {
    {S_INIT("em"), builder_email},
    {S_INIT("ph"), builder_phone},
    {S_INIT("fn"), builder_name},
    {S_INIT("ln"), builder_name},
    {S_INIT("db"), builder_birth},
    {S_INIT("ge"), builder_gender},
    {S_INIT("ct"), builder_city},
    {S_INIT("st"), builder_state},
    {S_INIT("zp"), builder_zip},
    {S_INIT("country"), builder_country},
    {S_INIT("external_id"), builder_external_id},
};

meta_normalise_fn *compat_normaliser(const struct meta_field *field)
{
    for (size_t i = 0; i < countof(builder); i++) {
        if (str_eq(builder[i].field, field->name)) return builder[i].normalise;
    }
    return NULL;
}
