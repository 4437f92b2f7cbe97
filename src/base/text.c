/* SPDX-License-Identifier: Apache-2.0 */
/* See text.h. */
#include "base/text.h"

#include "base/sixteen.h"

#include <utf8proc.h>

int32_t text_next_wide(struct str s, size_t *at)
{
    unsigned char first = (unsigned char)s.p[*at];
    utf8proc_int32_t code_point;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.p + *at,
                                          (utf8proc_ssize_t)(s.n - *at), &code_point);
    if (n <= 0) {
        ++*at;
        return -1 - (int32_t)first;
    }
    *at += (size_t)n;
    return code_point;
}

size_t text_character(const char *p, size_t n)
{
    const unsigned char *b = (const unsigned char *)p;
    if (b[0] < 0x80) return 1;
    size_t need = b[0] >= 0xF0 ? 4 : b[0] >= 0xE0 ? 3 : 2;
    if (b[0] < 0xC2 || b[0] > 0xF4 || n < need) return 0;
    for (size_t i = 1; i < need; i++) {
        if ((b[i] & 0xC0) != 0x80) return 0;
    }
    if ((b[0] == 0xE0 && b[1] < 0xA0) || (b[0] == 0xED && b[1] > 0x9F)) return 0;
    if ((b[0] == 0xF0 && b[1] < 0x90) || (b[0] == 0xF4 && b[1] > 0x8F)) return 0;
    return need;
}

size_t text_encode(int32_t code_point, char out[TEXT_CHARACTER_BYTES])
{
    return (size_t)utf8proc_encode_char(code_point, (utf8proc_uint8_t *)out);
}

void text_put(struct buf *out, int32_t code_point)
{
    if (code_point < 0) {
        buf_putc(out, (char)(-1 - code_point));
    } else if (code_point < 0x80) {
        buf_putc(out, (char)code_point);
    } else {
        out->n += text_encode(code_point, buf_reserve(out, TEXT_CHARACTER_BYTES));
    }
}

/* Copies the ASCII at the front of s in small letters and returns how much that is, eight bytes at a
 * time: the high bits of from_a and above_z tell which bytes are at least A and which above Z. */
static size_t lower_ascii(char *to, struct str s)
{
    const uint64_t ones = 0x0101010101010101ULL, highs = 0x8080808080808080ULL;
    size_t i = 0;
    for (uint64_t word; i + 8 <= s.n; i += 8) {
        memcpy(&word, s.p + i, sizeof word);
        if (word & highs) break;
        uint64_t from_a = word + ones * (0x80 - 'A'), above_z = word + ones * (0x80 - 'Z' - 1);
        word |= ((from_a ^ above_z) & highs) >> 2;
        memcpy(to + i, &word, sizeof word);
    }
    for (; i < s.n && (unsigned char)s.p[i] < 0x80; i++) {
        char c = s.p[i];
        to[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    return i;
}

void text_lower(struct buf *out, struct str s)
{
    for (size_t at = 0; at < s.n;) {
        size_t plain = lower_ascii(buf_reserve(out, s.n - at), str_from(s, at));
        out->n += plain;
        at += plain;
        if (at == s.n) return;
        int32_t c = text_next_wide(s, &at);
        if (c == 0x130) {
            buf_put(out, S("i\xCC\x87"));
        } else {
            text_put(out, c < 0 ? c : utf8proc_tolower(c));
        }
    }
}

void text_upper(struct buf *out, struct str s)
{
    buf_reserve(out, s.n);
    for (size_t at = 0; at < s.n;) {
        int32_t c = text_next(s, &at);
        if (c == 0xDF) {
            buf_put(out, S("SS"));
        } else {
            text_put(out, c < 0 ? c : utf8proc_toupper(c));
        }
    }
}

bool text_is_space(int32_t c)
{
    if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

bool text_is_punct(int32_t c)
{
    if (c < 0) return false;
    if (c < 0x80)
        return (c > ' ' && c < '0') || (c > '9' && c < 'A') || (c > 'Z' && c < 'a') ||
               (c > 'z' && c < 0x7F);
    utf8proc_category_t category = utf8proc_category(c);
    return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_SO;
}

bool text_is_letter(int32_t c)
{
    if (c < 0) return false;
    utf8proc_category_t category = utf8proc_category(c);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

int32_t text_base(int32_t c)
{
    utf8proc_int32_t parts[4];
    if (c < 0x80) return c;
    int boundary = 0;
    utf8proc_ssize_t n =
        utf8proc_decompose_char(c, parts, countof(parts), UTF8PROC_DECOMPOSE, &boundary);
    return n >= 1 ? parts[0] : c;
}

struct str text_head(struct str s, size_t n)
{
    if (s.n <= n) return s;
    while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80) n--;
    return str_head(s, n);
}

struct str text_trim_spaces(struct str s)
{
    size_t start = s.n, end = 0;
    for (size_t at = 0; at < s.n;) {
        size_t before = at;
        if (text_is_space(text_next(s, &at))) continue;
        if (start == s.n) start = before;
        end = at;
    }
    return end ? str_of(s.p + start, end - start) : str_head(s, 0);
}

static bool is_ascii(struct str s)
{
    sixteen all = {0};
    size_t i = 0;
    for (; s.n - i >= 16; i += 16) all |= sixteen_read(s.p + i);
    all |= sixteen_read_end(str_from(s, i));
    return !sixteen_any(all < 0);
}

bool text_is_valid(struct str s)
{
    if (is_ascii(s)) return true;
    for (size_t at = 0; at < s.n;) {
        if (text_next(s, &at) < 0) return false;
    }
    return true;
}

void text_disarm(char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i], next = i + 1 < n ? (unsigned char)p[i + 1] : 0;
        bool is_c1 = c == 0xC2 && next >= 0x80 && next < 0xA0;
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) p[i] = '?';
        if (is_c1) p[++i] = (char)0xBF;
    }
}
