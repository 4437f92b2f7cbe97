/* SPDX-License-Identifier: Apache-2.0 */
/* See json.h. */
#include "base/json.h"

#include "base/sixteen.h"
#include "base/text.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

/* yyjson's allocator on top of an arena. yyjson asks for one block sized by the input and shrinks it
 * at the end, which arena_grow does in place. */
static void *alc_malloc(void *ctx, size_t size)
{
    return arena_alloc(ctx, size);
}

static void *alc_realloc(void *ctx, void *p, size_t old_size, size_t size)
{
    return arena_grow(ctx, p, old_size, size);
}

static void alc_free(void *ctx, void *p)
{
    (void)ctx; /* the arena frees all at once */
    (void)p;
}

static yyjson_doc *read_doc(struct arena *arena, struct str text, yyjson_read_err *why)
{
    yyjson_alc alc = {alc_malloc, alc_realloc, alc_free, arena};
    /* Without YYJSON_READ_INSITU the text is only read, so the cast is safe. */
    return yyjson_read_opts((char *)text.p, text.n, YYJSON_READ_NUMBER_AS_RAW, &alc, why);
}

yyjson_val *json_read(struct arena *arena, struct str text, struct err *err)
{
    yyjson_read_err why;
    if (!text.n) {
        (void)err_set(err, ERR_INPUT, "empty input where JSON was expected");
        return NULL;
    }
    yyjson_doc *doc = read_doc(arena, text, &why);
    struct str mended = doc ? str_of(NULL, 0) : json_mend(arena, text);
    if (mended.p) doc = read_doc(arena, mended, &why);
    if (!doc) {
        (void)err_set(err, ERR_INPUT, "invalid JSON at byte %zu: %s", why.pos, why.msg);
        return NULL;
    }
    return yyjson_doc_get_root(doc);
}

enum { ESCAPE_BYTES = 6 }; /* of one with four digits */
enum half { HALF_NONE, HALF_HIGH, HALF_LOW };

/* Which half of a surrogate pair is escaped at text.p[at]: \uD800 to \uDBFF, \uDC00 to \uDFFF. */
static enum half half_at(struct str text, size_t at)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    const char *p = text.p + at;
    if (text.n - at < ESCAPE_BYTES || p[0] != '\\' || p[1] != 'u') return HALF_NONE;
    for (size_t i = 2; i < ESCAPE_BYTES; i++)
        if (!memchr(hex, p[i], sizeof hex - 1)) return HALF_NONE;
    char second = (char)(p[3] | 0x20);
    if ((p[2] | 0x20) != 'd' || second < '8') return HALF_NONE;
    return second >= 'c' ? HALF_LOW : HALF_HIGH;
}

struct str json_mend(struct arena *arena, struct str text)
{
    char *copy = NULL;
    for (size_t at = 0; at < text.n; at++) {
        if (text.p[at] != '\\') continue;
        enum half half = half_at(text, at);
        if (half == HALF_NONE) {
            at++; /* also behind a backslash that is escaped itself */
        } else if (half == HALF_HIGH && half_at(text, at + ESCAPE_BYTES) == HALF_LOW) {
            at += 2 * ESCAPE_BYTES - 1;
        } else {
            if (!copy) copy = memcpy(arena_alloc(arena, text.n), text.p, text.n);
            memcpy(copy + at, "\\ufffd", ESCAPE_BYTES);
            at += ESCAPE_BYTES - 1;
        }
    }
    return str_of(copy, copy ? text.n : 0);
}

/* A tree's values lie one behind the other, keys and items alike, and no value is deeper than it has values:
 * most containers need no look inside. (guard take: 520,656 instructions became 244,690.) */
bool json_depth_ok(yyjson_val *v, unsigned max)
{
    if (!max || !v) return max != 0;
    yyjson_val *end = unsafe_yyjson_get_next(v);
    if ((size_t)(end - v) <= max) return true;
    for (yyjson_val *item = v + 1; item < end; item = unsafe_yyjson_get_next(item)) {
        if (unsafe_yyjson_is_ctn(item) && !json_depth_ok(item, max - 1)) return false;
    }
    return true;
}

yyjson_val *json_member(yyjson_val *object, struct str name)
{
    size_t index, count;
    yyjson_val *key, *item, *last = NULL;
    if (!yyjson_is_obj(object)) return NULL;
    yyjson_obj_foreach (object, index, count, key, item) {
        if (str_eq(json_text(key), name)) last = item;
    }
    return last;
}

void json_disarm(yyjson_val *root)
{
    yyjson_val *end = root ? unsafe_yyjson_get_next(root) : NULL;
    for (yyjson_val *v = root; v != end; v++) /* values lie one behind the other, names too */
        if (yyjson_is_str(v)) text_disarm((char *)yyjson_get_str(v), yyjson_get_len(v));
}

yyjson_val *json_get(yyjson_val *v, const char *path)
{
    struct str rest = str_z(path), key;
    do {
        (void)str_cut(rest, '.', &key, &rest); /* no dot: the last step */
        v = json_member(v, key);
    } while (v && rest.n);
    return v;
}

struct str json_str(yyjson_val *v)
{
    if (yyjson_is_str(v)) return str_of(yyjson_get_str(v), yyjson_get_len(v));
    if (yyjson_is_raw(v)) return str_of(yyjson_get_raw(v), yyjson_get_len(v));
    return str_of(NULL, 0);
}

bool json_number(yyjson_val *v, double *out)
{
    return str_to_double(json_str(v), out);
}

size_t json_skip_space(struct str text, size_t at)
{
    while (at < text.n &&
           (text.p[at] == ' ' || text.p[at] == '\n' || text.p[at] == '\r' || text.p[at] == '\t')) {
        at++;
    }
    return at;
}

/* The first quote or backslash from at on. By sixteen bytes (guard take: skip and this were 133,925
 * instructions and are 51,850). */
static size_t find_mark(struct str text, size_t at)
{
    for (; at + sizeof(sixteen) <= text.n; at += sizeof(sixteen)) {
        sixteen bytes = sixteen_read(text.p + at);
        sixteen found = (bytes == '"') | (bytes == '\\');
        if (sixteen_any(found)) return at + sixteen_first(found);
    }
    while (at < text.n && text.p[at] != '"' && text.p[at] != '\\') at++;
    return at;
}

static size_t skip_string(struct str text, size_t at)
{
    for (at = find_mark(text, at + 1); at < text.n && text.p[at] != '"';)
        at = find_mark(text, at + 2);
    return at < text.n ? at + 1 : text.n;
}

size_t json_skip(struct str text, size_t at)
{
    size_t depth = 0;
    while (at < text.n) {
        char c = text.p[at];
        if (c == '"') {
            at = skip_string(text, at);
        } else if (c == '{' || c == '[') {
            depth++;
            at++;
            continue;
        } else if (c == '}' || c == ']') {
            if (!depth) return at; /* a scalar ended at its container's bracket */
            depth--;
            at++;
        } else if (depth) {
            at++;
            continue;
        } else {
            while (at < text.n && !strchr(",]} \n\r\t", text.p[at])) at++;
        }
        if (!depth) return at;
    }
    return at;
}

static void put_escape(struct buf *out, unsigned char c)
{
    switch (c) {
    case '"': buf_put(out, S("\\\"")); break;
    case '\\': buf_put(out, S("\\\\")); break;
    case '\n': buf_put(out, S("\\n")); break;
    case '\r': buf_put(out, S("\\r")); break;
    case '\t': buf_put(out, S("\\t")); break;
    case '\b': buf_put(out, S("\\b")); break;
    case '\f': buf_put(out, S("\\f")); break;
    default: buf_put(out, S("\\u00")); buf_put_hex(out, &c, 1);
    }
}

/* Copies sixteen bytes, unless one of them has to be looked at. Those that have not are printable ASCII
 * but for the quote and the backslash; bytes from 0x80 on are negative here. */
static inline bool copy_sixteen(char *to, sixteen bytes)
{
    if (sixteen_any((bytes < 0x20) | (bytes == '"') | (bytes == '\\'))) return false;
    memcpy(to, &bytes, sizeof bytes);
    return true;
}

enum { BEYOND = 16 }; /* how many bytes behind what it copies copy_plain may write */

/* Copies from the front what needs no look, and returns how much that is: by sixteen bytes, the last
 * of them again with some of those before them. Most of what is written is text of some 20 bytes; of
 * the shorter ones this takes a third less than going byte by byte (make guard). */
static inline __attribute__((always_inline)) size_t copy_plain(char *to, struct str s)
{
    size_t i = 0;
    while (i + 16 <= s.n && copy_sixteen(to + i, sixteen_read(s.p + i))) i += 16;
    size_t last = s.n < 16 ? 0 : s.n - 16;
    if (s.n - i < 16) {
        sixteen bytes = s.n < 16 ? sixteen_read_padded(s) : sixteen_read(s.p + last);
        if (copy_sixteen(to + last, bytes)) return s.n;
    }
    for (; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') break;
        to[i] = (char)c;
    }
    return i;
}

/* Writes the one character at p that needs a look; returns how many bytes it has. */
static size_t put_odd(struct buf *out, const unsigned char *p, size_t n)
{
    size_t length = p[0] >= 0x80 ? text_character((const char *)p, n) : 0;
    if (length) {
        buf_put(out, str_of((const char *)p, length));
    } else if (p[0] < 0x80) {
        put_escape(out, p[0]);
    } else {
        buf_put(out, S("\xEF\xBF\xBD"));
    }
    return length ? length : 1;
}

bool json_put_plain(struct buf *out, struct str s)
{
    char *to = buf_reserve(out, 1 + s.n + BEYOND);
    to[0] = '"';
    if (copy_plain(to + 1, s) < s.n) return false;
    to[1 + s.n] = '"';
    out->n += s.n + 2;
    return true;
}

/* A text with odd characters in it. */
static void put_closely(struct buf *out, struct str s)
{
    buf_putc(out, '"');
    while (s.n) {
        size_t plain = copy_plain(buf_reserve(out, s.n + BEYOND), s);
        out->n += plain;
        s = str_from(s, plain);
        if (s.n) s = str_from(s, put_odd(out, (const unsigned char *)s.p, s.n));
    }
    buf_putc(out, '"');
}

void json_put_str(struct buf *out, struct str s)
{
    if (!json_put_plain(out, s)) put_closely(out, s);
}

static void put_container(struct buf *out, yyjson_val *v)
{
    size_t index, count;
    yyjson_val *key, *item;
    bool is_list = yyjson_is_arr(v);
    buf_putc(out, is_list ? '[' : '{');
    if (is_list) {
        yyjson_arr_foreach (v, index, count, item) {
            if (index) buf_putc(out, ',');
            json_put_val(out, item);
        }
    } else {
        yyjson_obj_foreach (v, index, count, key, item) {
            if (index) buf_putc(out, ',');
            json_put_str(out, json_str(key));
            buf_putc(out, ':');
            json_put_val(out, item);
        }
    }
    buf_putc(out, is_list ? ']' : '}');
}

void json_put_val(struct buf *out, yyjson_val *v)
{
    if (yyjson_is_ctn(v)) {
        put_container(out, v);
    } else if (yyjson_is_str(v)) {
        json_put_str(out, json_str(v));
    } else if (yyjson_is_raw(v)) {
        buf_put(out, json_str(v));
    } else if (yyjson_is_bool(v)) {
        buf_put(out, yyjson_get_bool(v) ? S("true") : S("false"));
    } else {
        buf_put(out, S("null"));
    }
}

static void new_line(struct buf *out, unsigned level)
{
    buf_putc(out, '\n');
    for (unsigned i = 0; i < level; i++) buf_put(out, S("  "));
}

void json_put_pretty(struct buf *out, yyjson_val *v, unsigned level)
{
    size_t index, count;
    yyjson_val *key, *item;
    if (!yyjson_is_ctn(v) || !yyjson_get_len(v)) {
        json_put_val(out, v);
        return;
    }
    buf_putc(out, yyjson_is_arr(v) ? '[' : '{');
    if (yyjson_is_arr(v)) {
        yyjson_arr_foreach (v, index, count, item) {
            if (index) buf_putc(out, ',');
            new_line(out, level + 1);
            json_put_pretty(out, item, level + 1);
        }
    } else {
        yyjson_obj_foreach (v, index, count, key, item) {
            if (index) buf_putc(out, ',');
            new_line(out, level + 1);
            json_put_str(out, json_str(key));
            buf_put(out, S(": "));
            json_put_pretty(out, item, level + 1);
        }
    }
    new_line(out, level);
    buf_putc(out, yyjson_is_arr(v) ? ']' : '}');
}

void json_put_double(struct buf *out, double value)
{
    char text[40];
    assert(isfinite(value));
    if (value == floor(value) && fabs(value) < 1e15) {
        buf_put_i64(out, (int64_t)value);
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        double back;
        int n = snprintf(text, sizeof text, "%.*g", precision, value);
        assert(n > 0 && (size_t)n < sizeof text);
        if (str_to_double(str_of(text, (size_t)n), &back) && back == value) break;
    }
    buf_put(out, str_z(text));
}

void json_key(struct buf *out, struct str key)
{
    json_comma(out);
    json_put_str(out, key);
    buf_putc(out, ':');
}

void json_kv_str(struct buf *out, struct str key, struct str value)
{
    json_key(out, key);
    json_put_str(out, value);
}

void json_kv_i64(struct buf *out, struct str key, int64_t value)
{
    json_key(out, key);
    buf_put_i64(out, value);
}

void json_kv_u64(struct buf *out, struct str key, uint64_t value)
{
    json_key(out, key);
    buf_put_u64(out, value);
}

void json_kv_bool(struct buf *out, struct str key, bool value)
{
    json_kv_raw(out, key, value ? S("true") : S("false"));
}

void json_kv_raw(struct buf *out, struct str key, struct str value)
{
    json_key(out, key);
    buf_put(out, value);
}
