/* SPDX-License-Identifier: Apache-2.0 */
/* See scan.h. */
#include "conf/scan.h"

#include "base/text.h"
#include "core/limits.h"

#include <assert.h>

/* What YAML calls printable, without the line breaks that only YAML knows. */
static bool is_allowed(int32_t c)
{
    if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
    if (c >= 0x7F && c < 0xA0) return false;
    return c != 0x2028 && c != 0x2029 && c != 0xFEFF && c != 0xFFFE && c != 0xFFFF;
}

static void report(struct diags *diags, struct loc loc, int32_t c, struct str content)
{
    unsigned code = (unsigned)c;
    if (str_starts(content, S("\xFF\xFE")) || str_starts(content, S("\xFE\xFF"))) {
        diag_add(diags, loc, "the file is UTF-16; save it as UTF-8");
    } else if (c < 0) {
        diag_add(diags, loc, "the byte 0x%02X is not UTF-8; save the file as UTF-8",
                 (unsigned)(-1 - c));
    } else if (c == '\r') {
        diag_add(diags, loc, "a carriage return without a line feed; end lines with LF or CR LF");
    } else if (c == 0x2028 || c == 0x2029) {
        diag_add(diags, loc, "the line separator U+%04X is not allowed; end lines with LF", code);
    } else {
        diag_add(diags, loc, "the control character U+%04X is not allowed", code);
    }
}

static void count_lines(struct places *places, struct arena *arena)
{
    struct str content = places->source->content;
    size_t count = 1;
    for (size_t i = 0; i < content.n; i++) count += content.p[i] == '\n';
    places->lines = arena_array(arena, uint32_t, count);
    places->line_count = count;
    for (size_t i = 0, line = 0; i < content.n; i++)
        if (content.p[i] == '\n') places->lines[++line] = (uint32_t)(i + 1);
}

bool scan_text(const struct source_text *source, struct arena *arena, struct diags *diags,
               struct places *places)
{
    struct str content = source->content;
    assert(content.n <= LIMIT_CONFIG_BYTES);
    *places = (struct places){.source = source};
    count_lines(places, arena);
    for (size_t at = 0; at < content.n;) {
        size_t start = at;
        int32_t c = text_next(content, &at);
        bool bare_return = c == '\r' && (at == content.n || content.p[at] != '\n');
        if (c >= 0 && is_allowed(c) && !bare_return) continue;
        report(diags, places_loc(places, start), c, content);
        return false;
    }
    return true;
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

size_t places_offset(struct places *places, size_t index)
{
    struct str content = places->source->content;
    while (places->index < index && places->offset < content.n) {
        places->offset++;
        while (places->offset < content.n && is_continuation(content.p[places->offset]))
            places->offset++;
        places->index++;
    }
    while (places->index > index && places->offset > 0) {
        places->offset--;
        while (places->offset > 0 && is_continuation(content.p[places->offset])) places->offset--;
        places->index--;
    }
    return places->offset;
}

struct loc places_loc(const struct places *places, size_t offset)
{
    size_t low = 0, high = places->line_count;
    while (high - low > 1) { /* the last line that begins at or before offset */
        size_t middle = low + (high - low) / 2;
        if (places->lines[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return (struct loc){places->source, (unsigned)(low + 1),
                        (unsigned)(offset - places->lines[low] + 1)};
}
