/* SPDX-License-Identifier: Apache-2.0 */
/* See outline.h. Most bytes of JSON are inside strings, which are passed over sixteen at a time; the rest is
 * RFC 8259's grammar, without recursion: a container that is open keeps the number of the one around it. */
#include "base/outline.h"

#include "base/sixteen.h"
#include "base/text.h"

#define NONE UINT32_MAX
enum { ESCAPE_BYTES = 6 }; /* of one with four digits */

struct outlining {
    struct arena *arena;
    const char *start, *end; /* of the text */
    struct outline_node *nodes, *last;
    uint32_t open; /* the innermost container that has not ended; its n is the one around it */
};

/* For what runs for every value: gcc 12 at -O2 would call them, and keep in memory what they share (measured:
 * twice the instructions). */
#define HOT static inline __attribute__((always_inline))

/* How far it has come, apart from the rest so that it stays in registers. */
struct place {
    const char *p;
    struct outline_node *to;
    char
        closing; /* what the innermost container ends with: also says what it is; 0: none is open */
};

/* --- what a text is made of -------------------------------------------------------------------- */

/* These take what begins at p and return what is behind it; NULL: it is not that. */

static const char *skip_spaces(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) p++;
    return p;
}

HOT const char *skip_space(const char *p, const char *end)
{
    return p < end && *p <= ' ' ? skip_spaces(p, end) : p;
}

/* The first byte from p on that needs a look: a quote, a backslash, a control character or one that is not
 * ASCII, which is negative here. */
HOT const char *skip_plain(const char *p, const char *end)
{
    for (; end - p >= 16; p += 16) {
        sixteen bytes = sixteen_read(p);
        sixteen odd = (bytes < 0x20) | (bytes == '"') | (bytes == '\\');
        if (sixteen_any(odd)) return p + sixteen_first(odd);
    }
    while (p < end && (signed char)*p >= 0x20 && *p != '"' && *p != '\\') p++;
    return p;
}

/* Four hexadecimal digits; a negative number without. */
static int32_t hex_four(const char *p, const char *end)
{
    int32_t value = 0;
    if (end - p < 4) return -1;
    for (size_t i = 0; i < 4; i++) {
        int c = (unsigned char)p[i], letter = c | 0x20;
        bool is_digit = c >= '0' && c <= '9';
        if (!is_digit && (letter < 'a' || letter > 'f')) return -1;
        value = value << 4 | (is_digit ? c - '0' : letter - 'a' + 10);
    }
    return value;
}

/* What begins with a backslash. *code is the character. */
static const char *take_escape(const char *p, const char *end, int32_t *code)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    if (end - p < 2) return NULL;
    if (p[1] != 'u') {
        const char *letter = memchr(letters, p[1], sizeof letters - 1);
        if (letter) *code = (unsigned char)meant[letter - letters];
        return letter ? p + 2 : NULL;
    }
    *code = hex_four(p + 2, end);
    p += ESCAPE_BYTES;
    if (*code < 0xd800 || *code > 0xdfff) return *code < 0 ? NULL : p;
    if (*code > 0xdbff || end - p < 2 || p[0] != '\\' || p[1] != 'u') return NULL;
    int32_t low = hex_four(p + 2, end);
    if (low < 0xdc00 || low > 0xdfff) return NULL;
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return p + ESCAPE_BYTES;
}

/* Characters beyond ASCII. */
static const char *take_wide(const char *p, const char *end)
{
    while (p < end && (unsigned char)*p >= 0x80) {
        size_t n = text_character(p, (size_t)(end - p));
        if (!n) return NULL;
        p += n;
    }
    return p;
}

/* The rest of a string, from what needs a look to its last quote. */
static const char *take_odd(const char *p, const char *end, bool *escaped)
{
    int32_t code;
    while (p) {
        if (p == end || (unsigned char)*p < 0x20) return NULL;
        if (*p == '"') return p;
        bool escape = *p == '\\';
        *escaped |= escape;
        p = escape ? take_escape(p, end, &code) : take_wide(p, end);
        if (p) p = skip_plain(p, end);
    }
    return NULL;
}

static const char *take_digits(const char *p, const char *end)
{
    const char *start = p;
    while (p < end && *p >= '0' && *p <= '9') p++;
    return p > start ? p : NULL;
}

static const char *take_number(const char *p, const char *end)
{
    if (*p == '-') p++;
    bool zero = p < end && *p == '0';
    p = zero ? p + 1 : take_digits(p, end);
    if (p && p < end && *p == '.') p = take_digits(p + 1, end);
    if (p && p < end && (*p | 0x20) == 'e') {
        bool has_sign = end - p > 1 && (p[1] == '+' || p[1] == '-');
        p = take_digits(p + 1 + has_sign, end);
    }
    return p;
}

static const char *take_word(const char *p, const char *end)
{
    static const struct str words[] = {S_INIT("true"), S_INIT("false"), S_INIT("null")};
    for (size_t i = 0; i < countof(words); i++) {
        if (str_starts(str_of(p, (size_t)(end - p)), words[i])) return p + words[i].n;
    }
    return NULL;
}

/* --- notes --------------------------------------------------------------------------------------- */

static struct outline_node *add_room(struct outlining *o, const struct outline_node *to)
{
    size_t count = (size_t)(to - o->nodes), size = count * sizeof *to;
    o->nodes = arena_grow(o->arena, o->nodes, size, 2 * size);
    o->last = o->nodes + 2 * count;
    return o->nodes + count;
}

HOT struct outline_node *add_node(struct outlining *o, struct place *at, const char *p,
                                  enum outline_kind kind)
{
    if (at->to == o->last) at->to = add_room(o, at->to);
    *at->to = (struct outline_node){
        .at = (uint32_t)(p - o->start), .nodes = 1, .height = 1, .kind = (uint8_t)kind};
    return at->to++;
}

/* A string from its first quote on. */
HOT bool note_string(struct outlining *o, struct place *at)
{
    struct outline_node *node = add_node(o, at, at->p + 1, OUTLINE_STRING);
    const char *p = skip_plain(at->p + 1, o->end);
    if (p == o->end || *p != '"') p = take_odd(p, o->end, &node->escaped);
    if (!p) return false;
    node->n = (uint32_t)(p - at->p - 1);
    at->p = p + 1;
    return true;
}

/* A key and its colon. */
HOT bool note_key(struct outlining *o, struct place *at)
{
    at->p = skip_space(at->p, o->end);
    if (at->p == o->end || *at->p != '"' || !note_string(o, at)) return false;
    at->p = skip_space(at->p, o->end);
    return at->p < o->end && *at->p++ == ':';
}

/* A number, or a word; it is none when it begins with anything else. */
HOT bool note_other(struct outlining *o, struct place *at)
{
    bool number = *at->p == '-' || (*at->p >= '0' && *at->p <= '9');
    struct outline_node *node = add_node(o, at, at->p, number ? OUTLINE_NUMBER : OUTLINE_OTHER);
    const char *end = number ? take_number(at->p, o->end) : take_word(at->p, o->end);
    if (!end) return false;
    node->n = (uint32_t)(end - at->p);
    at->p = end;
    return true;
}

HOT void note_open(struct outlining *o, struct place *at)
{
    bool is_object = *at->p == '{';
    struct outline_node *node = add_node(o, at, at->p++, is_object ? OUTLINE_OBJECT : OUTLINE_LIST);
    at->closing = is_object ? '}' : ']';
    node->n = o->open;
    o->open = (uint32_t)(node - o->nodes);
}

/* The innermost container ends here. */
HOT void note_close(struct outlining *o, struct place *at)
{
    struct outline_node *node = &o->nodes[o->open];
    struct outline_node *around = node->n == NONE ? NULL : &o->nodes[node->n];
    uint16_t above = (uint16_t)(node->height + (node->height < UINT16_MAX));
    o->open = node->n;
    node->n = (uint32_t)(++at->p - o->start) - node->at;
    node->nodes = (uint32_t)(at->to - node);
    at->closing = 0;
    if (!around) return;
    at->closing = around->kind == OUTLINE_OBJECT ? '}' : ']';
    if (around->height < above) around->height = above;
}

/* --- the grammar --------------------------------------------------------------------------------- */

/* Closes what ends behind a value, up to the comma before the next, or to the end of all. */
HOT bool take_ends(struct outlining *o, struct place *at)
{
    for (;;) {
        at->p = skip_space(at->p, o->end);
        if (at->p == o->end || !at->closing) return at->p == o->end && !at->closing;
        if (*at->p == ',') break;
        if (*at->p != at->closing) return false;
        note_close(o, at);
    }
    at->p++;
    return true;
}

/* Takes what a container begins with: true when something follows, and not its end. */
HOT bool enter(struct outlining *o, struct place *at)
{
    note_open(o, at);
    at->p = skip_space(at->p, o->end);
    return at->p < o->end && *at->p != at->closing;
}

static bool walk(struct outlining *o, struct place at)
{
    do {
        if (at.closing == '}' && !note_key(o, &at)) return false;
        at.p = skip_space(at.p, o->end);
        if (at.p == o->end) return false;
        if (*at.p == '"') {
            if (!note_string(o, &at)) return false;
        } else if (*at.p == '{' || *at.p == '[') {
            if (enter(o, &at)) continue;
        } else if (!note_other(o, &at)) {
            return false;
        }
        if (!take_ends(o, &at)) return false;
    } while (at.closing);
    return true;
}

bool outline_read(struct arena *arena, struct str text, struct outline *out)
{
    if (!text.n || text.n >= UINT32_MAX) return false;
    size_t room = text.n / 12 + 4; /* what SDKs send has a key or value in 14 bytes */
    struct outlining o = {.arena = arena, .start = text.p, .end = text.p + text.n, .open = NONE};
    o.nodes = arena_alloc(arena, room * sizeof *o.nodes);
    o.last = o.nodes + room;
    if (!walk(&o, (struct place){text.p, o.nodes, 0})) return false;
    *out = (struct outline){text, o.nodes};
    return true;
}

/* --- looking ------------------------------------------------------------------------------------- */

/* The next piece of what a string means, which was found sound; *at moves behind it. */
static struct str next_piece(struct str raw, size_t *at, char room[TEXT_CHARACTER_BYTES])
{
    int32_t code;
    if (raw.p[*at] != '\\') return str_of(raw.p + (*at)++, 1);
    *at = (size_t)(take_escape(raw.p + *at, raw.p + raw.n, &code) - raw.p);
    return str_of(room, text_encode(code, room));
}

static bool is_called(const struct outline *o, const struct outline_node *key, struct str name)
{
    struct str raw = str_of(o->text.p + key->at, key->n);
    if (!key->escaped) return str_eq(raw, name);
    char room[TEXT_CHARACTER_BYTES];
    for (size_t at = 0; at < raw.n;) {
        struct str piece = next_piece(raw, &at, room);
        if (!str_starts(name, piece)) return false;
        name = str_from(name, piece.n);
    }
    return !name.n;
}

const struct outline_node *outline_find(const struct outline *o, const struct outline_node *node,
                                        struct str name)
{
    if (!node || node->kind != OUTLINE_OBJECT) return NULL;
    const struct outline_node *end = node + node->nodes;
    for (const struct outline_node *key = node + 1; key < end; key += 1 + key[1].nodes) {
        if (is_called(o, key, name)) return key + 1;
    }
    return NULL;
}

const struct outline_node *outline_get(const struct outline *o, const struct outline_node *node,
                                       struct str path)
{
    struct str step;
    while (node && path.n) {
        (void)str_cut(path, '.', &step, &path); /* no dot: the last step */
        node = outline_find(o, node, step);
    }
    return node;
}

struct str outline_str(const struct outline *o, const struct outline_node *node,
                       struct arena *arena)
{
    char room[TEXT_CHARACTER_BYTES];
    if (!node || (node->kind != OUTLINE_STRING && node->kind != OUTLINE_NUMBER))
        return str_of(NULL, 0);
    struct str raw = str_of(o->text.p + node->at, node->n);
    if (!node->escaped) return raw;
    char *out = arena_alloc(arena, raw.n); /* what is meant is shorter than how it was written */
    size_t n = 0;
    for (size_t at = 0; at < raw.n;) {
        struct str piece = next_piece(raw, &at, room);
        memcpy(out + n, piece.p, piece.n);
        n += piece.n;
    }
    return str_of(out, n);
}

size_t outline_count(const struct outline_node *node)
{
    size_t count = 0;
    uint32_t keys = node->kind == OUTLINE_OBJECT;
    for (uint32_t i = 1; i < node->nodes; count++) i += keys + node[i + keys].nodes;
    return count;
}
