/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled trigger as a tree: what trigger.c builds and judge.c decides. */
#ifndef MAP_CONDITION_H
#define MAP_CONDITION_H

#include "map/field.h"
#include "map/trigger.h"

/* X(NAME, "as written"): the tests of one field. */
#define TESTS(X)                                                                                   \
    X(EQ, "=")                                                                                     \
    X(NE, "!=")                                                                                    \
    X(LT, "<")                                                                                     \
    X(LE, "<=")                                                                                    \
    X(GT, ">")                                                                                     \
    X(GE, ">=")                                                                                    \
    X(IN, "in")                                                                                    \
    X(CONTAINS, "contains")                                                                        \
    X(MATCH, "match")                                                                              \
    X(NOT_CONTAINS, "!contains")                                                                   \
    X(NOT_MATCH, "!match")

enum test {
#define X(NAME, text) TEST_##NAME,
    TESTS(X)
#undef X
};

enum condition_kind {
    CONDITION_AND,
    CONDITION_OR,
    CONDITION_NOT,  /* of its one child */
    CONDITION_TEST, /* no children */
};

/* X(NAME, "as written", "what of the field is tested"): functions around a field. */
#define VIEWS(X)                                                                                   \
    X(LOWER, "lowercase", "its text in small letters; what is no text stays as it is")             \
    X(LENGTH, "length",                                                                            \
      "how many items a list has, how many bytes a text; of anything else nothing")

enum view {
    VIEW_PLAIN, /* the field itself */
#define X(NAME, text, meaning) VIEW_##NAME,
    VIEWS(X)
#undef X
};

struct condition {
    enum condition_kind kind;
    struct condition *child, *next;
    /* Of a test: */
    enum test test;
    enum view view;
    struct field field;
    enum root_kind root;        /* how it compares: the field's, or its view's */
    struct value literal;       /* MATCH: text is the pattern (glob.h) */
    double number;              /* literal as a number, when it is one */
    const struct value *listed; /* IN */
    size_t listed_count;
};

struct trigger {
    const struct condition *root;
};

/* condition_judge decides on filled slots. */
bool condition_judge(const struct condition *c, const struct eval *ev);

#endif
