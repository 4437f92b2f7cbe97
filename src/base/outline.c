/* SPDX-License-Identifier: Apache-2.0 */
/* See outline.h. Most bytes of JSON are inside strings, so all places where one may end are marked beforehand
 * (marks.h); the rest is RFC 8259's grammar, without recursion: a container that is open keeps the number of the
 * one around it. */
#include "base/outline.h"

#include "base/json.h"
#include "base/marks.h"
#include "base/text.h"
#include "base/token.h"

#define NONE UINT32_MAX
enum { ESCAPE_BYTES = 6 }; /* of one with four digits */

struct outlining {
    struct arena *arena;
    const char *start; /* of the text */
    /* The place of its last byte, a bracket: a token that is sound ends before it, so what follows one can be
     * looked at without asking whether there is anything. */
    size_t last;
    const uint64_t *marks; /* of what is before the last byte */
    struct outline_node *nodes, *nodes_end;
    uint32_t open; /* the innermost container that has not ended; its n is the one around it */
};

/* For what runs for every value: gcc 12 at -O2 would call them, and keep in memory what they share (measured:
 * twice the instructions). */
#define HOT static inline __attribute__((always_inline))

/* How far it has come, apart from the rest so that it stays in registers. */
struct place {
    size_t p; /* counted from the start of the text */
    struct outline_node *to;
    char
        closing; /* what the innermost container ends with: also says what it is; 0: none is open */
};

/* --- what a text is made of -------------------------------------------------------------------- */

/* These take what begins at p and return what is behind it; NULL: it is not that. */

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

/* --- notes --------------------------------------------------------------------------------------- */

HOT char byte_at(const struct outlining *o, const struct place *at)
{
    return o->start[at->p];
}

HOT void skip_space(const struct outlining *o, struct place *at)
{
    if (byte_at(o, at) > ' ') return;
    at->p = (size_t)(token_spaces(o->start + at->p, o->start + o->last) - o->start);
}

static struct outline_node *add_room(struct outlining *o, const struct outline_node *to)
{
    size_t count = (size_t)(to - o->nodes), size = count * sizeof *to;
    o->nodes = arena_grow(o->arena, o->nodes, size, 2 * size);
    o->nodes_end = o->nodes + 2 * count;
    return o->nodes + count;
}

/* Notes what is from p up to end. */
HOT struct outline_node *add_node(struct outlining *o, struct place *at, size_t p, size_t end,
                                  enum outline_kind kind)
{
    if (at->to == o->nodes_end) at->to = add_room(o, at->to);
    /* All fields, or gcc 12 clears the node first. */
    *at->to = (struct outline_node){.at = (uint32_t)p,
                                    .n = (uint32_t)(end - p),
                                    .nodes = 1,
                                    .height = 1,
                                    .kind = (uint8_t)kind,
                                    .escaped = false};
    return at->to++;
}

/* Where a string ends in which something needs a look, which is at p; 0: it is not sound. */
static size_t end_of_odd(const struct outlining *o, size_t p, bool *escaped)
{
    int32_t code;
    const char *from = o->start + p, *end = o->start + o->last;
    while (from && from < end && *from != '"') {
        bool escape = *from == '\\';
        if ((unsigned char)*from < 0x20) return 0;
        *escaped |= escape;
        from = escape ? take_escape(from, end, &code) : take_wide(from, end);
        if (from) from = o->start + marks_next(o->marks, (size_t)(from - o->start));
    }
    return from && from < end ? (size_t)(from - o->start) : 0;
}

static struct place note_odd(struct outlining *o, struct place at, size_t p)
{
    bool escaped = false;
    size_t end = end_of_odd(o, p, &escaped);
    add_node(o, &at, at.p + 1, end, OUTLINE_STRING)->escaped = escaped;
    at.p = end ? end + 1 : 0;
    return at;
}

/* A string from its first quote on. */
HOT bool note_string(struct outlining *o, struct place *at)
{
    size_t start = at->p + 1, end = marks_next(o->marks, start);
    if (o->start[end] == '"') {
        add_node(o, at, start, end, OUTLINE_STRING);
        at->p = end + 1;
    } else {
        *at = note_odd(o, *at, end);
    }
    return at->p;
}

/* A key and its colon. */
HOT bool note_key(struct outlining *o, struct place *at)
{
    if (byte_at(o, at) != '"') skip_space(o, at);
    if (byte_at(o, at) != '"' || !note_string(o, at)) return false;
    if (byte_at(o, at) != ':') skip_space(o, at);
    return o->start[at->p++] == ':';
}

/* A number, or a word; it is none when it begins with anything else. */
HOT bool note_other(struct outlining *o, struct place *at)
{
    const char *p = o->start + at->p;
    bool number = *p == '-' || (*p >= '0' && *p <= '9');
    enum token_word which;
    const char *last = o->start + o->last;
    const char *end = number ? token_number(p, last) : token_word(p, last, &which);
    if (!end) return false;
    size_t behind = (size_t)(end - o->start);
    add_node(o, at, at->p, behind, number ? OUTLINE_NUMBER : OUTLINE_OTHER);
    at->p = behind;
    return true;
}

HOT void note_open(struct outlining *o, struct place *at)
{
    bool is_object = byte_at(o, at) == '{';
    enum outline_kind kind = is_object ? OUTLINE_OBJECT : OUTLINE_LIST;
    struct outline_node *node = add_node(o, at, at->p, at->p, kind);
    at->p++;
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
    node->n = (uint32_t)++at->p - node->at;
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
    while (byte_at(o, at) != ',') {
        skip_space(o, at);
        if (byte_at(o, at) == ',') break;
        if (byte_at(o, at) != at->closing) return false;
        note_close(o, at);
        if (at->p > o->last || !at->closing) return at->p > o->last && !at->closing;
    }
    at->p++;
    return true;
}

/* Takes what a container begins with: true when something follows, and not its end. */
HOT bool enter(struct outlining *o, struct place *at)
{
    note_open(o, at);
    skip_space(o, at);
    return byte_at(o, at) != at->closing;
}

/* A container and all that is in it. */
static bool walk(struct outlining *o, struct place at)
{
    do {
        if (at.closing == '}' && !note_key(o, &at)) return false;
        if (byte_at(o, &at) != '"') skip_space(o, &at);
        if (byte_at(o, &at) == '"') {
            if (!note_string(o, &at)) return false;
        } else if (byte_at(o, &at) == '{' || byte_at(o, &at) == '[') {
            if (enter(o, &at)) continue;
        } else if (!note_other(o, &at)) {
            return false;
        }
        if (!take_ends(o, &at)) return false;
    } while (at.closing);
    return true;
}

/* --- all of it ----------------------------------------------------------------------------------- */

static void mark(struct outlining *o)
{
    uint64_t *marks = arena_alloc(o->arena, marks_words(o->last) * sizeof *marks);
    marks_make(str_of(o->start, o->last), marks);
    o->marks = marks;
}

/* A text that is no container has no bracket at its end: it is read from a copy that has one. */
static bool take_scalar(struct outlining *o, size_t p)
{
    size_t n = o->last + 1;
    char *copy = arena_alloc(o->arena, n + 1);
    memcpy(copy, o->start, n);
    copy[n] = ']';
    o->start = copy;
    o->last = n;
    mark(o);
    struct place at = {.p = p, .to = o->nodes};
    return (copy[p] == '"' ? note_string(o, &at) : note_other(o, &at)) && at.p == o->last;
}

static bool read_text(struct arena *arena, struct str text, struct outline *out)
{
    size_t n = text.n, room = n / 12 + 4; /* what SDKs send has a key or value in 14 bytes */
    while (n && token_is_space(text.p[n - 1])) n--;
    if (!n || text.n >= UINT32_MAX) return false;
    struct outlining o = {.arena = arena, .start = text.p, .last = n - 1, .open = NONE};
    o.nodes = arena_alloc(arena, room * sizeof *o.nodes);
    o.nodes_end = o.nodes + room;
    struct place at = {.p = (size_t)(token_spaces(text.p, text.p + text.n) - text.p),
                       .to = o.nodes};
    char first = text.p[at.p], last = text.p[o.last];
    if (first == '{' || first == '[') {
        mark(&o);
        if ((last != '}' && last != ']') || !walk(&o, at)) return false;
    } else if (!take_scalar(&o, at.p)) {
        return false;
    }
    *out = (struct outline){text, o.nodes};
    return true;
}

bool outline_read(struct arena *arena, struct str text, struct outline *out)
{
    if (read_text(arena, text, out)) return true;
    struct str mended = json_mend(arena, text);
    return mended.p && read_text(arena, mended, out);
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
    const struct outline_node *end = node + node->nodes, *last = NULL;
    for (const struct outline_node *key = node + 1; key < end; key += 1 + key[1].nodes) {
        if ((key->n == name.n || key->escaped) && is_called(o, key, name)) last = key + 1;
    }
    return last;
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
