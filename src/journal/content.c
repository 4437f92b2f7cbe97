/* SPDX-License-Identifier: Apache-2.0 */
/* See content.h. The sum is on disk, in the table of ids: what is left out of it must stay the same. The value of
 * each sentAt is, wherever it stands and if the event has one at all; of what a browser sends also the first
 * _metadata, with its name. (The two forms differ where no SDK goes: a quote in a name, _metadata within sentAt.) */
#include "journal/content.h"

#include "base/crc32c.h"
#include "base/json.h"

#define SUM_MASK ((UINT32_C(1) << CONTENT_BITS) - 1)

static const struct str sent_name = S_INIT("\"sentAt\":"), meta_name = S_INIT("\"_metadata\":");

/* --- of any text -------------------------------------------------------------------------------- */

/* sum_without adds to the sum all of json but the values of one name. */
static uint32_t sum_without(uint32_t sum, struct str json, struct str name)
{
    const char *found;
    while (name.n && (found = memmem(json.p, json.n, name.p, name.n))) {
        size_t start = (size_t)(found - json.p) + name.n;
        sum = crc32c(sum, json.p, start);
        json = str_from(json, json_skip(json, json_skip_space(json, start)));
    }
    return crc32c(sum, json.p, json.n);
}

uint32_t content_sum(const struct event *e)
{
    struct str name = e->sent_ms ? sent_name : str_of(NULL, 0);
    bool browser = e->flags & EVENT_FROM_BROWSER;
    const char *meta = browser ? memmem(e->json.p, e->json.n, meta_name.p, meta_name.n) : NULL;
    size_t cut = meta ? (size_t)(meta - e->json.p) : e->json.n;
    uint32_t sum = sum_without(0, str_head(e->json, cut), name);
    if (!meta) return sum & SUM_MASK;
    struct str rest = str_from(e->json, cut + meta_name.n);
    rest = str_from(rest, json_skip(rest, json_skip_space(rest, 0)));
    return sum_without(sum, rest, name) & SUM_MASK;
}

/* --- of one that is outlined -------------------------------------------------------------------- */

/* Does the field have this name, written so, with the colon behind it? Values that are texts have none. */
static bool is_named(const struct outline *o, const struct outline_node *key, struct str name)
{
    return str_starts(str_from(o->text, key->at - 1), name);
}

/* The first value or name from node on that begins as one of the two does: there is hardly another, so that this
 * runs without a wrong guess, unlike one by lengths. Eight bytes must be left from each on. */
static const struct outline_node *next_like(const struct outline *o,
                                            const struct outline_node *node,
                                            const struct outline_node *end,
                                            const uint64_t starts[2])
{
    for (; node < end; node++) {
        uint64_t start = str_read_8(o->text.p + node->at - 1);
        if (start == starts[0] || start == starts[1]) return node;
    }
    return end;
}

uint32_t content_sum_outlined(const struct event *e, const struct outline *outline,
                              const struct outline_node *where)
{
    struct str text = outline_text(outline, where);
    const struct outline_node *end = where + where->nodes, *key = where;
    bool sent = e->sent_ms, meta = e->flags & EVENT_FROM_BROWSER;
    uint64_t starts[] = {str_read_8(sent_name.p), str_read_8(meta ? meta_name.p : sent_name.p)};
    size_t from = where->at; /* what is before it is done with */
    uint32_t sum = 0;
    while (end > where + 1 && end[-1].at + sizeof starts[0] > where->at + where->n) end--;
    while ((key = next_like(outline, key + 1, end, starts)) < end) {
        bool is_sent = sent && is_named(outline, key, sent_name);
        if (!is_sent && !(meta && is_named(outline, key, meta_name))) continue;
        meta = meta && is_sent;
        size_t to = key->at + (is_sent ? sent_name.n : 0) - 1;
        struct str value = outline_text(outline, key + 1);
        sum = crc32c(sum, outline->text.p + from, to - from);
        from = (size_t)(value.p + value.n - outline->text.p);
        key += key[1].nodes;
    }
    return crc32c(sum, outline->text.p + from, where->at + text.n - from) & SUM_MASK;
}
