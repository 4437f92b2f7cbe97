/* SPDX-License-Identifier: Apache-2.0 */
/* A thin layer over yyjson for reading, and our own append-only writer. Numbers are read as raw
 * text (yyjson_is_raw), so what a client wrote goes out digit for digit and is converted only when
 * a rule asks for a number. Strict JSON; no comments, no NaN. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <yyjson.h>

/* json_read parses text into the arena; the tree and its strings live until the arena is reset.
 * text is copied. NULL with the reason and byte offset in err for anything but one JSON value. What is
 * half a character is read as json_mend has it. */
yyjson_val *json_read(struct arena *arena, struct str text, struct err *err);

/* json_mend is text, in the arena, with \ufffd for each half of a surrogate pair without the other ("\ud83d"):
 * RFC 8259 allows it, yyjson does not, and scripts that cut a text inside an emoji send it. p = NULL when
 * there is none. Of the same length; for texts that could not be read. */
struct str json_mend(struct arena *arena, struct str text);

/* json_depth_ok is false when v is nested deeper than max (1 = a scalar). Bounded by max itself. */
bool json_depth_ok(yyjson_val *v, unsigned max);

/* json_member is an object's field of that name; NULL without, and for NULL and no object. Of a name that comes
 * twice the last counts, as for JSON.parse and so for whoever else gets the same text. */
yyjson_val *json_member(yyjson_val *object, struct str name);
/* json_disarm is text_disarm for all texts and names in the tree: what is read then may be shown on a terminal. Only
 * of a tree that json_read made. */
void json_disarm(yyjson_val *root);
/* json_get follows dotted keys from an object ("context.page.url"); NULL when any step is missing. */
yyjson_val *json_get(yyjson_val *v, const char *path);
/* json_str is the text of a string (or raw number) value; an empty view with p = NULL otherwise. */
struct str json_str(yyjson_val *v);
/* json_text is the same for what is known to be a string, as every key is. */
static inline struct str json_text(yyjson_val *v)
{
    return str_of(unsafe_yyjson_get_str(v), unsafe_yyjson_get_len(v));
}
/* json_number converts a number value, or a string that is wholly a number; false otherwise. */
bool json_number(yyjson_val *v, double *out);

/* json_skip returns the offset just behind the JSON value that starts at text.p[at]. text must be
 * JSON that json_read has accepted: this only counts brackets and skips strings. */
size_t json_skip(struct str text, size_t at);
/* json_skip_space returns the first offset at or after at that is not JSON white space. */
size_t json_skip_space(struct str text, size_t at);

/* The writer. json_put_str writes s quoted and escaped; bytes that are not UTF-8 become U+FFFD. */
void json_put_str(struct buf *out, struct str s);
/* json_put_plain is the same for what is only printable ASCII with nothing to escape; false, with nothing
 * appended, for other text. */
bool json_put_plain(struct buf *out, struct str s);
/* json_put_val writes a parsed value compactly, numbers as they were. */
void json_put_val(struct buf *out, yyjson_val *v);
/* json_put_pretty writes it over several lines, two blanks deeper for each level. */
void json_put_pretty(struct buf *out, yyjson_val *v, unsigned level);
/* json_put_double writes the shortest text that reads back as value; must be finite. */
void json_put_double(struct buf *out, double value);

/* For objects and lists by hand: json_key writes a comma unless out ends with '{' or '[' or ':',
 * then "key":. json_comma writes just that comma. */
static inline void json_comma(struct buf *out)
{
    char last = out->n ? out->p[out->n - 1] : '{';
    if (last != '{' && last != '[' && last != ':') buf_putc(out, ',');
}
void json_key(struct buf *out, struct str key);
/* Shorthands: key and value. */
void json_kv_str(struct buf *out, struct str key, struct str value);
void json_kv_i64(struct buf *out, struct str key, int64_t value);
void json_kv_u64(struct buf *out, struct str key, uint64_t value);
void json_kv_bool(struct buf *out, struct str key, bool value);
/* json_kv_raw: value is already JSON. */
void json_kv_raw(struct buf *out, struct str key, struct str value);

#endif
