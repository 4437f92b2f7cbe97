/* SPDX-License-Identifier: Apache-2.0 */
/* See nodes.h. First the bytes that may end a text are marked (marks.h); then RFC 8259's grammar is walked without
 * recursion.
 *
 * The values lie behind each other as yyjson.h walks them: a tag of length and kind, then where the text is, or
 * for a container how far it goes. While a container is open its tag counts what the one around it has so far,
 * and its extent is the number of that one. */
#include "base/nodes.h"

#include "base/json.h"
#include "base/marks.h"
#include "base/text.h"
#include "base/token.h"

/* For what runs for every value: gcc 12 at -O2 would call them, and keep in memory what they share. */
#define HOT static inline __attribute__((always_inline))

struct reading {
    struct arena *arena;
    const char *text, *end;
    const uint64_t *marks; /* of the text */
    const struct nodes_secret *secret;
    yyjson_val *values, *last;
};

__extension__ typedef unsigned __int128 product;

/* How far it has come, apart from the rest so that it stays in registers. */
struct place {
    const char *p;
    yyjson_val *to;
    size_t open;    /* the innermost container that has not ended */
    size_t count;   /* of what is in it */
    bool in_object; /* is it one? */
    unsigned depth, height;
    bool odd; /* it has no shape */
    product shape;
};

/* --- the shape ----------------------------------------------------------------------------------- */

/* NH (Black, Halevi, Krawczyk, Krovetz, Rogaway: UMAC, 1999) with words of 64 bits: two for each name of up to
 * 16 bytes and for each container, with a secret of their place, so that two shapes meet with a chance below
 * 2^-63. No byte of a name is zero, so its words say how long it is. */
HOT product mix(const struct nodes_pair *secret, uint64_t a, uint64_t b)
{
    return (product)(a + secret->a) * (b + secret->b);
}

HOT const struct nodes_pair *secret_of(const struct reading *r, const yyjson_val *node)
{
    return &r->secret->pairs[(size_t)(node - r->values) % NODES_SHAPED];
}

enum { NAME_BYTES_MAX = 32 };

/* Names of more than 16 bytes and the one that the text begins with. */
static __attribute__((noinline)) product mix_seldom(const struct nodes_pair *secret, const char *p,
                                                    size_t n)
{
    uint64_t words[NAME_BYTES_MAX / 8] = {0};
    n = n > NAME_BYTES_MAX ? NAME_BYTES_MAX : n;
    memcpy((char *)words + NAME_BYTES_MAX - n, p, n);
    product last = mix(secret, words[2], words[3]);
    return n > 16 ? last + mix(secret + NODES_SHAPED, words[0], words[1]) : last;
}

/* The 16 bytes that end with the name, which are in the text, are read, and what is before it is taken out: no
 * branch for its length. */
HOT void mix_name(struct place *at, const struct nodes_pair *secret, const char *p, size_t n)
{
#define BYTES(n) (~(uint64_t)0 << (64 - 8 * (n)))
#define SHORT(n)                                                                                   \
    {                                                                                              \
        0, BYTES(n)                                                                                \
    }
#define LONG(n)                                                                                    \
    {                                                                                              \
        BYTES(n), ~(uint64_t)0                                                                     \
    }
    static const uint64_t masks[17][2] = {
        {0, 0},  SHORT(1), SHORT(2), SHORT(3), SHORT(4), SHORT(5), SHORT(6), SHORT(7), SHORT(8),
        LONG(1), LONG(2),  LONG(3),  LONG(4),  LONG(5),  LONG(6),  LONG(7),  LONG(8)};
#undef BYTES
#undef SHORT
#undef LONG
    const char *end = p + n;
    if (n > 16) {
        at->odd |= n > NAME_BYTES_MAX;
        at->shape += mix_seldom(secret, p, n);
    } else {
        uint64_t first = str_read_8(end - 16) & masks[n][0];
        at->shape += mix(secret, first, str_read_8(end - 8) & masks[n][1]);
    }
}

HOT void mix_container(const struct reading *r, struct place *at, const yyjson_val *node)
{
    at->shape += mix(secret_of(r, node), node->tag, node->uni.ofs);
}

/* --- what a text is made of ---------------------------------------------------------------------- */

HOT const char *skip_space(const char *p, const char *end)
{
    return p < end && *p <= ' ' ? token_spaces(p, end) : p;
}

/* The last quote of a text, from any of its bytes on. */
static const char *find_quote(const struct reading *r, const char *p)
{
    for (;;) {
        p = r->text + marks_next(r->marks, (size_t)(p - r->text));
        if (p >= r->end) return NULL;
        if (*p == '"') return p;
        size_t n = (unsigned char)*p < 0x80 ? 0 : text_character(p, (size_t)(r->end - p));
        if (!n) return NULL;
        p += n;
    }
}

/* --- notes --------------------------------------------------------------------------------------- */

static yyjson_val *add_room(struct reading *r, const yyjson_val *to)
{
    size_t count = (size_t)(to - r->values), size = count * sizeof *to;
    r->values = arena_grow(r->arena, r->values, size, 2 * size);
    r->last = r->values + 2 * count;
    return r->values + count;
}

HOT void set(yyjson_val *to, unsigned kind, const char *p, size_t n)
{
    to->tag = (uint64_t)n << YYJSON_TAG_BIT | kind;
    to->uni.str = p;
}

HOT void add(struct reading *r, struct place *at, unsigned kind, const char *p, size_t n)
{
    if (at->to == r->last) at->to = add_room(r, at->to);
    set(at->to++, kind, p, n);
}

/* A text from its first quote on. */
HOT bool note_text(struct reading *r, struct place *at)
{
    const char *start = at->p + 1, *p = find_quote(r, start);
    if (!p) return false;
    add(r, at, YYJSON_TYPE_STR, start, (size_t)(p - start));
    at->p = p + 1;
    return true;
}

/* A name and its colon. */
HOT bool note_name(struct reading *r, struct place *at)
{
    at->p = skip_space(at->p, r->end);
    if (!token_is_at(at->p, r->end, '"') || !note_text(r, at)) return false;
    struct str name = json_text(at->to - 1);
    at->odd |= name.n > NAME_BYTES_MAX;
    for (size_t i = 0; i < name.n; i++) at->odd |= name.p[i] < 0;
    at->shape += mix_seldom(secret_of(r, at->to - 1), name.p, name.n);
    at->p = skip_space(at->p, r->end);
    return token_is_at(at->p++, r->end, ':');
}

/* A number, or a word; it is none when it begins with anything else. */
HOT bool note_other(struct reading *r, struct place *at)
{
    const char *start = at->p;
    static const unsigned kinds[] = {[TOKEN_TRUE] = YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_TRUE,
                                     [TOKEN_FALSE] = YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_FALSE,
                                     [TOKEN_NULL] = YYJSON_TYPE_NULL};
    bool number = *start <= '9';
    enum token_word which;
    const char *p = number ? token_number(start, r->end) : token_word(start, r->end, &which);
    if (!p) return false;
    add(r, at, number ? YYJSON_TYPE_RAW : kinds[which], start, number ? (size_t)(p - start) : 0);
    at->p = p;
    return true;
}

HOT void note_open(struct reading *r, struct place *at)
{
    bool is_object = *at->p++ == '{';
    size_t number = (size_t)(at->to - r->values);
    add(r, at, is_object ? YYJSON_TYPE_OBJ : YYJSON_TYPE_ARR, NULL, at->count);
    at->to[-1].uni.ofs = at->open;
    at->open = number;
    at->count = 0;
    at->in_object = is_object;
    if (++at->depth > at->height) at->height = at->depth;
}

HOT void note_close(struct reading *r, struct place *at)
{
    yyjson_val *closed = &r->values[at->open];
    size_t around = closed->tag >> YYJSON_TAG_BIT;
    at->open = closed->uni.ofs;
    closed->tag = (uint64_t)at->count << YYJSON_TAG_BIT | (closed->tag & YYJSON_TAG_MASK);
    closed->uni.ofs = (size_t)(at->to - closed) * sizeof *closed;
    mix_container(r, at, closed);
    at->p++;
    at->count = around;
    at->in_object = unsafe_yyjson_is_obj(&r->values[at->open]);
    at->depth--;
}

/* --- the grammar --------------------------------------------------------------------------------- */

HOT bool is_closing(const struct reading *r, const struct place *at)
{
    return token_is_at(at->p, r->end, at->in_object ? '}' : ']');
}

/* Closes what ends behind a value, up to the comma before the next, or to the end of all. */
HOT bool take_ends(struct reading *r, struct place *at)
{
    while (at->depth) {
        at->p = skip_space(at->p, r->end);
        at->count++;
        if (token_is_at(at->p, r->end, ',')) {
            at->p++;
            return true;
        }
        if (!is_closing(r, at)) return false;
        note_close(r, at);
    }
    return skip_space(at->p, r->end) == r->end;
}

/* Takes what a container begins with, and ends it when nothing is in it. */
HOT bool enter(struct reading *r, struct place *at)
{
    note_open(r, at);
    at->p = skip_space(at->p, r->end);
    if (!is_closing(r, at)) return true;
    note_close(r, at);
    return false;
}

/* --- members as most are: no spaces, names and texts without anything odd, numbers, objects ---------- */

/* How far take_members came. */
enum stand { AT_NAME, AT_VALUE, BEHIND_VALUE };

HOT bool is_name_end(const char *p)
{
    return p[0] == '"' && p[1] == ':';
}

/* The object that was just entered, at its first name. */
HOT void open_object(const struct reading *r, struct place *at, yyjson_val *to)
{
    to->tag = (uint64_t)at->count << YYJSON_TAG_BIT | YYJSON_TYPE_OBJ;
    to->uni.ofs = at->open;
    at->open = (size_t)(to - r->values);
    at->count = 0;
    if (++at->depth > at->height) at->height = at->depth;
}

/* Ends the objects that end at p, where a value in an object has ended, as long as they are in an object too.
 * Returns what is behind the last: a comma, if it goes on as most do. */
HOT const char *close_objects(const struct reading *r, struct place *at, const char *p)
{
    for (at->count++; *p == '}' && p + 1 < r->end; p++) {
        yyjson_val *closed = &r->values[at->open];
        if (closed == r->values || !unsafe_yyjson_is_obj(&r->values[closed->uni.ofs])) break;
        size_t around = closed->tag >> YYJSON_TAG_BIT;
        at->open = closed->uni.ofs;
        closed->tag = (uint64_t)at->count << YYJSON_TAG_BIT | YYJSON_TYPE_OBJ;
        closed->uni.ofs = (size_t)(at->to - closed) * sizeof *closed;
        mix_container(r, at, closed);
        at->count = around + 1;
        at->depth--;
    }
    return p;
}

/* Takes members up to what is not so, and moves *where. A function of its own with few variables, which stay in
 * registers: nearly all of an event's values. Where the text ends in a bracket, what is behind a quote that
 * ends a string, a colon, a comma or a number is still in the text: no look ahead by a byte asks for the end. */
static __attribute__((noinline)) enum stand take_members(const struct reading *r,
                                                         struct place *where)
{
    struct place at = *where;
    yyjson_val *const last = r->last - 1;
    struct marks_walk m = marks_walk(r->text, r->marks, at.p);
    const char *p = at.p;
    enum stand stand = AT_NAME;
    while (at.to < last && *p == '"') {
        const char *name = p + 1, *behind = marks_take(&m);
        if (!is_name_end(behind)) break;
        set(at.to, YYJSON_TYPE_STR, name, (size_t)(behind - name));
        mix_name(&at, secret_of(r, at.to), name, (size_t)(behind - name));
        const char *value = behind + 2;
        p = value;
        stand = AT_VALUE;
        at.to++;
        if (*value == '"') {
            p = marks_take(&m);
            if (*p != '"') {
                p = value;
                break;
            }
            set(at.to, YYJSON_TYPE_STR, value + 1, (size_t)(p - value - 1));
            p++;
        } else if (*value == '{' && value[1] == '"') {
            open_object(r, &at, at.to++);
            p = value + 1;
            stand = AT_NAME;
            continue;
        } else {
            const char *end = *value <= '9' ? token_number(value, r->end) : NULL;
            if (!end) break;
            set(at.to, YYJSON_TYPE_RAW, value, (size_t)(end - value));
            p = end;
        }
        at.to++;
        p = close_objects(r, &at, p);
        stand = BEHIND_VALUE;
        if (*p != ',') break;
        stand = AT_NAME;
        p++;
    }
    at.count -= stand == BEHIND_VALUE; /* who goes on there counts it */
    at.p = p;
    *where = at;
    return stand;
}

/* Takes members and, unless it came behind a value, the name of the next. */
HOT bool enter_member(struct reading *r, struct place *at, enum stand *stand)
{
    bool may = (r->end[-1] == '}' || r->end[-1] == ']') && at->p - r->text >= 16;
    *stand = may ? take_members(r, at) : AT_NAME;
    return *stand != AT_NAME || note_name(r, at);
}

static bool walk(struct reading *r, struct nodes *out)
{
    struct place at = {.p = r->text, .to = r->values};
    do {
        enum stand stand = AT_VALUE;
        if (at.in_object && !enter_member(r, &at, &stand)) return false;
        if (stand != BEHIND_VALUE) {
            at.p = skip_space(at.p, r->end);
            if (at.p == r->end) return false;
            if (*at.p == '{' || *at.p == '[') {
                if (enter(r, &at)) continue;
            } else if (*at.p == '"' ? !note_text(r, &at) : !note_other(r, &at)) {
                return false;
            }
        }
        if (!take_ends(r, &at)) return false;
    } while (at.depth);
    size_t count = (size_t)(at.to - r->values);
    bool shaped = !at.odd && count <= NODES_SHAPED;
    *out = (struct nodes){r->values, at.height, {{0, 0}, 0}};
    if (shaped) {
        out->shape = (struct nodes_shape){{(uint64_t)at.shape, (uint64_t)(at.shape >> 64)}, count};
    }
    return true;
}

bool nodes_read(struct arena *arena, struct str text, const struct nodes_secret *secret,
                struct nodes *out)
{
    if (!text.n || str_find_char(text, '\\', 0) != SIZE_MAX) return false; /* at once */
    size_t room = text.n / 12 + 4; /* what SDKs send has a name or value in 14 bytes */
    struct reading r = {.arena = arena, .text = text.p, .end = text.p + text.n, .secret = secret};
    uint64_t *marks = arena_alloc(arena, marks_words(text.n) * sizeof *marks);
    marks_make_ends(text, marks);
    r.marks = marks;
    r.values = arena_alloc(arena, room * sizeof *r.values);
    r.last = r.values + room;
    return walk(&r, out);
}
