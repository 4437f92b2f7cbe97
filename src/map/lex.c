/* SPDX-License-Identifier: Apache-2.0 */
/* See lex.h. */
#include "map/lex.h"

#include "core/limits.h"

#include <stdarg.h>
#include <stdio.h>

enum { MAX_SHOWN = 60 }; /* bytes of user text in a message */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           c == '-' || c == '$' || c == '@' || (c & 0x80);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The place of an offset. Behind a line break inside a scalar YAML's indentation is unknown here, so
 * the problem is shown where the scalar begins. */
struct loc lex_place(const struct lex *lex, size_t at)
{
    bool one_line = str_find_char(str_head(lex->text.text, at), '\n', 0) == SIZE_MAX;
    return one_line ? loc_plus(lex->text.loc, at) : lex->text.loc;
}

struct str lex_shown(struct str s)
{
    size_t n = s.n < MAX_SHOWN ? s.n : MAX_SHOWN;
    while (n < s.n && n && ((unsigned char)s.p[n] & 0xC0) == 0x80) n--;
    return str_head(s, n);
}

bool lex_fail(struct lex *lex, size_t at, const char *format, ...)
{
    char message[512];
    va_list args;
    if (!lex->failed) {
        va_start(args, format);
        (void)vsnprintf(message, sizeof message, format, args); /* lex_shown keeps it short */
        va_end(args);
        for (char *c = message; *c; c++) {
            if (*c > 0 && *c < ' ') *c = ' '; /* a message is one line */
        }
        diag_add(lex->diags, lex_place(lex, at), "%s", message);
    }
    lex->failed = true;
    lex->token = (struct token){.kind = TOKEN_BAD, .at = at};
    return false;
}

bool lex_unexpected(struct lex *lex, const char *expected)
{
    struct token token = lex->token;
    if (token.kind == TOKEN_END) {
        return lex_fail(lex, token.at, "ends too early: expected %s", expected);
    }
    return lex_fail(lex, token.at, "expected %s, not \"%.*s\"", expected,
                    STR_ARG(lex_shown(token.raw)));
}

void lex_init(struct lex *lex, struct text text, struct arena *arena, struct diags *diags)
{
    *lex = (struct lex){.text = text, .arena = arena, .diags = diags};
    if (text.text.n > LIMIT_EXPRESSION_BYTES) {
        (void)lex_fail(lex, 0, "too long: %zu bytes, at most %d", text.text.n,
                       LIMIT_EXPRESSION_BYTES);
    } else if (!str_trim(text.text).n) {
        (void)lex_fail(lex, 0, "empty: expected an expression");
    } else {
        lex_next(lex);
    }
}

static void skip_blanks(struct lex *lex)
{
    while (lex->at < lex->text.text.n && is_blank(lex->text.text.p[lex->at])) lex->at++;
}

static void take(struct lex *lex, enum token_kind kind, size_t start, size_t end)
{
    lex->token = (struct token){kind, start, str_of(lex->text.text.p + start, end - start)};
    lex->at = end;
}

static void read_word(struct lex *lex)
{
    struct str s = lex->text.text;
    size_t end = lex->at;
    while (end < s.n && (is_name_char(s.p[end]) || (s.p[end] == '\\' && end + 1 < s.n))) {
        end += s.p[end] == '\\' ? 2 : 1;
    }
    take(lex, TOKEN_WORD, lex->at, end);
}

static void read_text(struct lex *lex)
{
    struct str s = lex->text.text;
    size_t start = lex->at, end = start + 1;
    while (end < s.n && s.p[end] != s.p[start]) end += s.p[end] == '\\' ? 2 : 1;
    if (end >= s.n) {
        (void)lex_fail(lex, start, "this text is never closed: %c is missing", s.p[start]);
        return;
    }
    take(lex, TOKEN_TEXT, start, end + 1);
    lex->token.raw = str_of(s.p + start + 1, end - start - 1);
}

static size_t skip_digits(struct str s, size_t at)
{
    while (at < s.n && is_digit(s.p[at])) at++;
    return at;
}

static void read_number(struct lex *lex)
{
    struct str s = lex->text.text;
    size_t start = lex->at, end = skip_digits(s, start + !is_digit(s.p[start]));
    double ignored;
    if (end + 1 < s.n && s.p[end] == '.' && is_digit(s.p[end + 1])) end = skip_digits(s, end + 1);
    if (end < s.n && (s.p[end] == 'e' || s.p[end] == 'E')) {
        size_t sign = end + 1 < s.n && (s.p[end + 1] == '+' || s.p[end + 1] == '-');
        size_t exponent_end = skip_digits(s, end + 1 + sign);
        if (exponent_end > end + 1 + sign) end = exponent_end;
    }
    if ((end < s.n && (is_name_char(s.p[end]) || s.p[end] == '.' || s.p[end] == '\\')) ||
        !str_to_double(str_of(s.p + start, end - start), &ignored)) {
        while (end < s.n && (is_name_char(s.p[end]) || s.p[end] == '.')) end++;
        (void)lex_fail(lex, start, "not a number: %.*s",
                       STR_ARG(lex_shown(str_of(s.p + start, end - start))));
        return;
    }
    take(lex, TOKEN_NUMBER, start, end);
}

static bool read_punctuation(struct lex *lex)
{
    static const struct {
        struct str text;
        enum token_kind kind;
    } known[] = {
#define X(NAME, text) {S_INIT(text), TOKEN_##NAME},
        PUNCTUATION(X)
#undef X
    };
    for (size_t i = 0; i < countof(known); i++) {
        if (!str_starts(str_from(lex->text.text, lex->at), known[i].text)) continue;
        take(lex, known[i].kind, lex->at, lex->at + known[i].text.n);
        return true;
    }
    return false;
}

/* Quotes as word processors and web pages make them. */
static bool is_fancy_quote(struct str s)
{
    static const struct str quotes[] = {S_INIT("\xE2\x80\x98"), S_INIT("\xE2\x80\x99"),
                                        S_INIT("\xE2\x80\x9C"), S_INIT("\xE2\x80\x9D"),
                                        S_INIT("\xE2\x80\x9E")};
    for (size_t i = 0; i < countof(quotes); i++) {
        if (str_starts(s, quotes[i])) return true;
    }
    return false;
}

static void read_token(struct lex *lex, bool in_path)
{
    struct str rest = str_from(lex->text.text, lex->at);
    char c = rest.n ? rest.p[0] : '\0', after = rest.n > 1 ? rest.p[1] : '\0';
    if (!rest.n) {
        take(lex, TOKEN_END, lex->at, lex->at);
    } else if (c == '"' || c == '\'') {
        read_text(lex);
    } else if (is_fancy_quote(rest)) {
        (void)lex_fail(lex, lex->at, "a typographic quotation mark: write \" or '");
    } else if (!in_path && (is_digit(c) || ((c == '-' || c == '+') && is_digit(after)))) {
        read_number(lex);
    } else if ((is_name_char(c) && (in_path || c != '-')) || (c == '\\' && after)) {
        read_word(lex);
    } else if (!read_punctuation(lex)) {
        bool printable = c > ' ' && c < 0x7F;
        (void)lex_fail(lex, lex->at, printable ? "unexpected \"%c\"" : "unexpected byte 0x%02x",
                       (unsigned char)c);
    }
}

void lex_next(struct lex *lex)
{
    if (lex->failed) return;
    lex->last_end = lex->at;
    skip_blanks(lex);
    read_token(lex, false);
}

void lex_next_step(struct lex *lex)
{
    if (lex->failed) return;
    lex->last_end = lex->at;
    skip_blanks(lex);
    read_token(lex, true);
}

bool lex_is(const struct lex *lex, struct str word)
{
    return lex->token.kind == TOKEN_WORD && str_eq_nocase(lex->token.raw, word);
}

bool lex_accept(struct lex *lex, enum token_kind kind)
{
    if (lex->token.kind != kind) return false;
    lex_next(lex);
    return true;
}

void lex_word(struct lex *lex, struct str *out)
{
    struct str raw = lex->token.raw;
    char *text = arena_alloc(lex->arena, raw.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] == '\\') i++; /* read_word saw that something follows */
        text[n++] = raw.p[i];
    }
    *out = str_of(text, n);
}

/* Four hex digits; text_put's encoding needs a buf, and this is the only place without one. */
static bool unicode_escape(struct str digits, char *out, size_t *out_n)
{
    unsigned code = 0;
    if (digits.n < 4) return false;
    for (size_t i = 0; i < 4; i++) {
        const char *hex = "0123456789abcdef", *hit = strchr(hex, digits.p[i] | 0x20);
        if (!digits.p[i] || !hit) return false;
        code = code * 16 + (unsigned)(hit - hex);
    }
    if (!code || (code >= 0xD800 && code < 0xE000)) return false;
    if (code < 0x80) {
        out[(*out_n)++] = (char)code;
    } else if (code < 0x800) {
        out[(*out_n)++] = (char)(0xC0 | code >> 6);
        out[(*out_n)++] = (char)(0x80 | (code & 0x3F));
    } else {
        out[(*out_n)++] = (char)(0xE0 | code >> 12);
        out[(*out_n)++] = (char)(0x80 | (code >> 6 & 0x3F));
        out[(*out_n)++] = (char)(0x80 | (code & 0x3F));
    }
    return true;
}

bool lex_escape(struct str raw, size_t *at, char *out, size_t *out_n)
{
    char c = *at + 1 < raw.n ? raw.p[*at + 1] : '\0';
    size_t used = 2;
    switch (c) {
    case 'n': out[(*out_n)++] = '\n'; break;
    case 't': out[(*out_n)++] = '\t'; break;
    case 'r': out[(*out_n)++] = '\r'; break;
    case 'u':
        if (!unicode_escape(str_from(raw, *at + 2), out, out_n)) return false;
        used = 6;
        break;
    default:
        if (c <= ' ' || c >= 0x7F || is_name_char(c)) return false;
        out[(*out_n)++] = c; /* punctuation stands for itself */
    }
    *at += used;
    return true;
}

bool lex_bad_escape(struct lex *lex, size_t raw_at)
{
    return lex_fail(lex, lex->token.at + 1 + raw_at,
                    "no such escape; known are \\\" \\' \\\\ \\n \\t \\r \\u1234");
}

bool lex_text(struct lex *lex, struct str *out)
{
    struct str raw = lex->token.raw;
    char *text = arena_alloc(lex->arena, raw.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.n;) {
        if (raw.p[i] != '\\') {
            text[n++] = raw.p[i++];
        } else if (!lex_escape(raw, &i, text, &n)) {
            return lex_bad_escape(lex, i);
        }
    }
    *out = str_of(text, n);
    return true;
}

static struct str read_digits(const struct lex *lex)
{
    struct str raw = lex->token.raw;
    bool negative = raw.p[0] == '-';
    if (raw.p[0] == '-' || raw.p[0] == '+') raw = str_from(raw, 1);
    while (raw.n > 1 && raw.p[0] == '0' && is_digit(raw.p[1])) raw = str_from(raw, 1);
    return arena_printf(lex->arena, "%s%.*s", negative ? "-" : "", STR_ARG(raw));
}

bool lex_literal(struct lex *lex, struct value *out)
{
    struct str text = {0};
    if (lex->token.kind == TOKEN_TEXT) {
        if (!lex_text(lex, &text)) return false;
        *out = value_text(text);
    } else if (lex->token.kind == TOKEN_NUMBER) {
        *out = value_number(read_digits(lex));
    } else if (lex_is(lex, S("true")) || lex_is(lex, S("false"))) {
        *out = value_bool(lex_is(lex, S("true")));
    } else if (lex_is(lex, S("null"))) {
        *out = (struct value){.kind = VALUE_NULL};
    } else {
        return false;
    }
    lex_next(lex);
    return true;
}

char lex_peek(const struct lex *lex)
{
    struct str s = lex->text.text;
    size_t at = lex->at;
    while (at < s.n && is_blank(s.p[at])) at++;
    return at < s.n ? s.p[at] : '\0';
}
