/* SPDX-License-Identifier: Apache-2.0 */
/* See content.h. The sum is on disk, in the table of ids: what is left out of it must stay the same. The value of
 * each sentAt is, if the event has one at all, and of what a browser sends also the first _metadata, with its name. */
#include "journal/content.h"

#include "base/crc32c.h"
#include "base/json.h"

#define SUM_MASK ((UINT32_C(1) << CONTENT_BITS) - 1)

struct summing {
    struct str text;
    size_t from; /* what is before it is done with */
    uint32_t sum;
    bool sent, meta; /* what may be stamped */
};

static struct summing begin(const struct event *e, struct str text)
{
    return (struct summing){
        .text = text, .sent = e->sent_ms, .meta = e->flags & EVENT_FROM_BROWSER};
}

/* A field of the event, from its name's first quote on and with its value. */
static void take_field(struct summing *s, size_t at, size_t end)
{
    static const struct str sent_name = S_INIT("\"sentAt\":"), meta_name = S_INIT("\"_metadata\":");
    struct str field = str_from(s->text, at);
    bool is_sent = s->sent && str_starts(field, sent_name);
    if (!is_sent && !(s->meta && str_starts(field, meta_name))) return;
    s->meta = s->meta && is_sent;
    size_t to = at + (is_sent ? sent_name.n : 0);
    s->sum = crc32c(s->sum, str_from(s->text, s->from).p, to - s->from);
    s->from = end;
}

static uint32_t finish(const struct summing *s)
{
    struct str rest = str_from(s->text, s->from);
    return crc32c(s->sum, rest.p, rest.n) & SUM_MASK;
}

static bool is_at(struct str text, size_t at, char c)
{
    return at < text.n && text.p[at] == c;
}

uint32_t content_sum(const struct event *e)
{
    struct str text = e->json;
    struct summing s = begin(e, text);
    size_t at = json_skip_space(text, 0);
    for (bool more = is_at(text, at, '{'); more; more = is_at(text, at, ',')) {
        size_t name = json_skip_space(text, at + 1);
        size_t colon = json_skip_space(text, json_skip(text, name));
        if (!is_at(text, colon, ':')) break;
        at = json_skip(text, json_skip_space(text, colon + 1));
        take_field(&s, name, at);
        at = json_skip_space(text, at);
    }
    return finish(&s);
}

uint32_t content_sum_outlined(const struct event *e, const struct outline *outline,
                              const struct outline_node *where)
{
    struct summing s = begin(e, outline_text(outline, where));
    const struct outline_node *end = where + where->nodes;
    for (const struct outline_node *key = where + 1; key < end; key += 1 + key[1].nodes) {
        struct str value = outline_text(outline, key + 1);
        take_field(&s, key->at - 1 - where->at, (size_t)(value.p + value.n - s.text.p));
    }
    return finish(&s);
}
