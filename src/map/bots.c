/* SPDX-License-Identifier: Apache-2.0 */
/* See bots.h. One pass over the text: at the beginning of each word the rows with its first two letters are
 * compared, which are few. The same user agents come again and again, so answers are kept, in a table
 * with one place for each hash. */
#include "map/bots.h"

#include "base/mem.h"
#include "core/limits.h"
#include "map/bot_table.h"

enum bot_kind {
#define X(KIND, words) KIND_##KIND,
    BOT_KINDS(X)
#undef X
};

static const struct str kind_words[] = {
#define X(KIND, words) S_INIT(words),
    BOT_KINDS(X)
#undef X
};

static const struct {
    struct str pattern;
    enum bot_kind kind;
} rows[] = {
#define X(pattern, KIND) {S_INIT(pattern), KIND_##KIND},
    BOTS(X)
#undef X
};

enum {
    HEADS = 256, /* chains by a hash of two letters */
    NO_ROW = UINT8_MAX,
    PLACES = 256,
    AGENT_BYTES = 254, /* longer ones are seldom: looked at each time */
};

_Static_assert(countof(rows) < NO_ROW, "a row's number is a byte");

struct place {
    unsigned char n;   /* 0: free */
    unsigned char row; /* NO_ROW: a person */
    char text[AGENT_BYTES];
};

struct bots {
    struct bot bots[countof(rows)];
    unsigned char heads[HEADS], nexts[countof(rows)];
    struct place places[PLACES];
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_word(char c)
{
    c = lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static size_t head_of(struct str s)
{
    return ((size_t)(unsigned char)lower(s.p[0]) * 31 + (unsigned char)lower(s.p[1])) % HEADS;
}

struct bots *bots_new(void)
{
    struct bots *b = mem_new(sizeof *b);
    memset(b->heads, NO_ROW, sizeof b->heads);
    for (size_t i = countof(rows); i--;) {
        size_t head = head_of(rows[i].pattern);
        b->bots[i] = (struct bot){rows[i].pattern, kind_words[rows[i].kind]};
        b->nexts[i] = b->heads[head];
        b->heads[head] = (unsigned char)i;
    }
    return b;
}

void bots_free(struct bots *b)
{
    mem_free(b);
}

static unsigned char row_at(const struct bots *b, struct str rest)
{
    unsigned char row = b->heads[head_of(rest)];
    while (row != NO_ROW && !str_eq_nocase(str_head(rest, rows[row].pattern.n), rows[row].pattern))
        row = b->nexts[row];
    return row;
}

static unsigned char search(const struct bots *b, struct str agent)
{
    bool inside = false; /* of a word */
    for (size_t i = 0; i + 1 < agent.n; i++) {
        unsigned char row = inside ? NO_ROW : row_at(b, str_from(agent, i));
        if (row != NO_ROW) return row;
        inside = is_word(agent.p[i]);
    }
    return NO_ROW;
}

const struct bot *bots_find(struct bots *b, struct str user_agent)
{
    struct str agent = str_head(user_agent, LIMIT_USER_AGENT_BYTES);
    unsigned char row;
    if (!agent.n) return NULL;
    if (agent.n > AGENT_BYTES) {
        row = search(b, agent);
    } else {
        uint64_t hash = str_hash(agent);
        struct place *place = &b->places[(hash ^ hash >> 40) % PLACES];
        if (!str_eq(str_of(place->text, place->n), agent)) {
            place->row = search(b, agent);
            place->n = (unsigned char)agent.n;
            memcpy(place->text, agent.p, agent.n);
        }
        row = place->row;
    }
    return row == NO_ROW ? NULL : &b->bots[row];
}
