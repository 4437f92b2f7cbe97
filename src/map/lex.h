/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of expressions and triggers: one lexer, so that a path, a text and a number look the same in
 * both. It reports the first problem with its place and then only returns TOKEN_BAD. */
#ifndef MAP_LEX_H
#define MAP_LEX_H

#include "core/diag.h"
#include "map/value.h"

/* X(NAME, "text"), longer ones before their beginnings. The last three belong to neither language;
 * they are known so that the parser can say what to write instead. */
#define PUNCTUATION(X)                                                                             \
    X(ELSE, "||")                                                                                  \
    X(COALESCE, "??")                                                                              \
    X(NE, "!=")                                                                                    \
    X(LE, "<=")                                                                                    \
    X(GE, ">=")                                                                                    \
    X(DOUBLE_EQ, "==")                                                                             \
    X(DIAMOND, "<>")                                                                               \
    X(AMPERSANDS, "&&")                                                                            \
    X(PIPE, "|")                                                                                   \
    X(EQ, "=")                                                                                     \
    X(LT, "<")                                                                                     \
    X(GT, ">")                                                                                     \
    X(NOT, "!")                                                                                    \
    X(OPEN, "(")                                                                                   \
    X(CLOSE, ")")                                                                                  \
    X(OPEN_LIST, "[")                                                                              \
    X(CLOSE_LIST, "]")                                                                             \
    X(STAR, "*")                                                                                   \
    X(COMMA, ",")                                                                                  \
    X(DOT, ".")

enum token_kind {
    TOKEN_END,
    TOKEN_BAD,    /* a problem was reported */
    TOKEN_WORD,   /* raw: may hold \-escapes */
    TOKEN_TEXT,   /* raw: between the quotes */
    TOKEN_NUMBER, /* raw: may have a plus sign and leading zeros */
#define X(NAME, text) TOKEN_##NAME,
    PUNCTUATION(X)
#undef X
};

struct token {
    enum token_kind kind;
    size_t at; /* offset in the text; of the opening quote */
    struct str raw;
};

struct lex {
    struct text text;
    struct arena *arena; /* unescaped texts */
    struct diags *diags;
    struct token token; /* the present one */
    size_t at;          /* behind it */
    size_t last_end;    /* end of the one before it, for slices of source text */
    bool failed;
};

/* lex_init takes the text and reads the first token. Texts longer than LIMIT_EXPRESSION_BYTES and
 * empty ones are problems. */
void lex_init(struct lex *lex, struct text text, struct arena *arena, struct diags *diags);
/* lex_next moves to the next token. */
void lex_next(struct lex *lex);
/* lex_next_step is lex_next behind a dot, where a name may begin with a digit. */
void lex_next_step(struct lex *lex);
/* lex_is: is the present token this unescaped word? ASCII case does not matter. */
bool lex_is(const struct lex *lex, struct str word);
/* lex_accept moves on when the present token is of that kind. */
bool lex_accept(struct lex *lex, enum token_kind kind);
/* lex_shown cuts a piece of user text to what fits into a message, at the end of a character. */
struct str lex_shown(struct str s);
/* lex_fail reports a problem at an offset, unless one was reported before; returns false. */
bool lex_fail(struct lex *lex, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* lex_unexpected reports the present token; expected says what should have stood there. */
bool lex_unexpected(struct lex *lex, const char *expected);
/* lex_place is the place of an offset in the text. */
struct loc lex_place(const struct lex *lex, size_t at);
/* lex_word is the present word with its escapes resolved, in the arena. */
void lex_word(struct lex *lex, struct str *out);
/* lex_text is the same for a quoted text; false and a problem for an escape that does not exist. */
bool lex_text(struct lex *lex, struct str *out);
/* lex_literal takes a quoted text, a number (as JSON writes it), true, false or null and moves on;
 * false, usually without a problem, when the present token is none of these. */
bool lex_literal(struct lex *lex, struct value *out);
/* lex_peek is the next character behind the present token that is not white space; 0 at the end. */
char lex_peek(const struct lex *lex);
/* lex_escape reads the escape at raw.p[*at] (a backslash), appends its meaning to out (room for 4
 * bytes) and moves *at behind it. False when there is no such escape. */
bool lex_escape(struct str raw, size_t *at, char *out, size_t *out_n);
/* lex_bad_escape reports the escape at that offset in the present text; returns false. */
bool lex_bad_escape(struct lex *lex, size_t raw_at);

#endif
