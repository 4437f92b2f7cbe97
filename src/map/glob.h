/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns of match(): * stands for any text, ? for one character, \* and \? for themselves. */
#ifndef MAP_GLOB_H
#define MAP_GLOB_H

#include "map/lex.h"

/* glob_parse makes a pattern of the present token, which must be a TOKEN_TEXT; in the lexer's arena.
 * False and a problem for an escape that does not exist. Does not move on. */
bool glob_parse(struct lex *lex, struct str *pattern);
/* glob_match: does the pattern match the whole of s? At most pattern.n x s.n steps. */
bool glob_match(struct str pattern, struct str s);

#endif
