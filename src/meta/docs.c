/* SPDX-License-Identifier: Apache-2.0 */
/* See docs.h. */
#include "meta/docs.h"

#include "meta/fields.h"
#include "meta/reply.h"

#include <assert.h>

static struct str type_name(enum meta_type type)
{
    static const struct str names[] = {
        [META_TEXT] = S_INIT("text"),
        [META_NUMBER] = S_INIT("number"),
        [META_MONEY] = S_INIT("number, two decimals"),
        [META_INTEGER] = S_INIT("whole number"),
        [META_BOOL] = S_INIT("true or false"),
        [META_FLAG] = S_INIT("1 or 0"),
        [META_TIME] = S_INIT("time"),
        [META_ENUM] = S_INIT("one of"),
        [META_CURRENCY] = S_INIT("currency"),
        [META_TEXTS] = S_INIT("list of texts"),
        [META_CONTENTS] = S_INIT("list of contents"),
        [META_DATE] = S_INIT("date"),
        [META_OBJECT] = S_INIT("object"),
        [META_SLOTS] = S_INIT("list of fixed places"),
        [META_JSON] = S_INIT("JSON"),
    };
    assert(type < countof(names));
    return names[type];
}

static void put_type(struct buf *out, const struct meta_field *field)
{
    buf_put(out, type_name(field->type));
    for (size_t i = 0; i < field->word_count; i++)
        buf_printf(out, "%s `%.*s`", i ? "," : "", STR_ARG(field->words[i]));
    if (field->list) buf_put(out, S(", or several"));
}

static void put_section(struct buf *out, enum meta_section section)
{
    bool user = section == META_USER;
    buf_printf(out, "### %.*s\n\n", STR_ARG(meta_section_name(section)));
    buf_put(out, user ? S("| field | type | hashed | meaning |\n| --- | --- | --- | --- |\n")
                      : S("| field | type | meaning |\n| --- | --- | --- |\n"));
    size_t count;
    const struct meta_field *field = meta_section_fields(section, &count);
    for (const struct meta_field *end = field + count; field < end; field++) {
        buf_printf(out, "| `%.*s` | ", STR_ARG(field->name));
        put_type(out, field);
        if (user) buf_put(out, field->hash == META_HASHED ? S(" | yes") : S(" | no"));
        buf_printf(out, " | %.*s |\n", STR_ARG(field->doc));
    }
    buf_putc(out, '\n');
}

void meta_docs_put_fields(struct buf *out)
{
    for (enum meta_section section = 0; section < META_SECTION_COUNT; section++)
        put_section(out, section);
}

void meta_docs_put_codes(struct buf *out)
{
    buf_put(out, S("| code | subcode | then | cause | what to do |\n"
                   "| --- | --- | --- | --- | --- |\n"));
    for (size_t i = 0; i < reply_code_count; i++) {
        const struct reply_code *row = &reply_codes[i];
        buf_printf(out, "| %d | ", row->code);
        if (row->subcode < 0)
            buf_put(out, S("any"));
        else
            buf_printf(out, "%d", row->subcode);
        buf_printf(out, " | %.*s | %.*s | %.*s |\n", STR_ARG(reply_class_name(row->class)),
                   STR_ARG(row->cause), STR_ARG(row->cure));
    }
}
