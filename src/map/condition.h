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

struct condition {
    enum condition_kind kind;
    struct condition *child, *next;
    /* Of a test: */
    enum test test;
    struct field field;
    struct value literal;       /* MATCH: text is the pattern (glob.h) */
    double number;              /* literal as a number, when it is one */
    const struct value *listed; /* IN */
    size_t listed_count;
};

struct trigger {
    const struct condition *root;
    struct str event_name;
};

/* condition_judge decides on filled slots. */
bool condition_judge(const struct condition *c, const struct eval *ev);

#endif
