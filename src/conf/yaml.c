/* SPDX-License-Identifier: Apache-2.0 */
/* See yaml.h. libyaml turns text into events; this file stacks the events to a tree and says in plain
 * words what is wrong. Problems that leave the tree whole (a duplicate key, an anchor) do not stop the
 * reading, so that one run shows them all. */
#include "conf/yaml.h"

#include "base/table.h"
#include "base/text.h"
#include "conf/scan.h"
#include "core/limits.h"

#include <assert.h>
#include <yaml.h>

struct builder {
    yaml_parser_t parser;
    struct places places;
    struct arena *arena;
    struct arena scratch; /* for the search for duplicate keys */
    struct diags *diags;
    struct yaml_node *root;
    struct yaml_node *open[LIMIT_YAML_DEPTH]; /* the containers around the present place */
    struct yaml_node *keys[LIMIT_YAML_DEPTH]; /* and in each map the key that waits for its value */
    struct yaml_node **tails[LIMIT_YAML_DEPTH];
    size_t depth;
    size_t nodes;
    size_t documents;
    bool failed; /* no tree */
};

static struct loc loc_of(struct builder *b, yaml_mark_t mark)
{
    return places_loc(&b->places, places_offset(&b->places, mark.index));
}

/* --- syntax errors ----------------------------------------------------------------------------- */

/* libyaml's words and ours. at_start: the place to show is where the construct began. */
static const struct {
    const char *problem;
    const char *words;
    bool at_start;
} syntax_words[] = {
    {"could not find expected ':'", "expected \":\" and a value after this key", true},
    {"mapping values are not allowed in this context",
     "\":\" is not allowed here; put quotes around a text that has \": \" in it, a blank behind "
     "the "
     "\":\" of a key, and check the indentation",
     false},
    {"found character that cannot start any token",
     "a text cannot start with this character; put it in quotes (tabs cannot indent, use blanks)",
     false},
    {"found a tab character", "tabs cannot indent; use blanks", false},
    {"found unexpected end of stream", "this quoted text is never closed", true},
    {"found unexpected document indicator", "this quoted text is never closed", true},
    {"found unknown escape character",
     "unknown escape in a double-quoted text; write \\\\ for a backslash, or use single quotes",
     false},
    {"did not find expected hexdecimal number",
     "a \\x, \\u or \\U escape needs 2, 4 or 8 hexadecimal digits", false},
    {"found invalid Unicode character escape code", "this escape is no Unicode character", false},
    {"did not find expected alphabetic or numeric character",
     "put quotes around a text that starts with \"*\" or \"&\"", true},
    {"did not find expected comment or line break",
     "after \"|\" or \">\" the text begins on the next line; put quotes around a text that starts "
     "with one of them",
     true},
    {"block sequence entries are not allowed in this context",
     "\"- \" is not allowed here; begin a list on a line of its own", false},
    {"mapping keys are not allowed in this context", "\"? \" is not allowed here", false},
    {"did not find expected key",
     "expected a key here; check the indentation and the quotes of the lines above", false},
    {"did not find expected '-' indicator", "expected another \"- \" here; check the indentation",
     false},
    {"did not find expected ',' or '}'",
     "expected \",\" or \"}\" here; put quotes around a text that has brackets in it", false},
    {"did not find expected ',' or ']'",
     "expected \",\" or \"]\" here; put quotes around a text that has brackets in it", false},
    {"did not find expected node content", "expected a value here", false},
    {"did not find expected <document start>", "expected nothing more here", false},
    {"found undefined tag handle",
     "tags (!) are not supported; put quotes around a text that starts with \"!\"", false},
    {"did not find expected tag URI",
     "tags (!) are not supported; put quotes around a text that starts with \"!\"", true},
    {"did not find expected whitespace or line break",
     "put quotes around a text that starts with \"!\"", true},
    {"found incompatible YAML document", "only YAML 1.1 and 1.2 are known", false},
};

static void report_syntax(struct builder *b)
{
    const yaml_parser_t *p = &b->parser;
    const char *problem = p->problem ? p->problem : "unknown problem";
    b->failed = true;
    assert(p->error != YAML_MEMORY_ERROR); /* no memory is not an error path */
    for (size_t i = 0; i < countof(syntax_words); i++) {
        if (strncmp(problem, syntax_words[i].problem, strlen(syntax_words[i].problem)) != 0)
            continue;
        yaml_mark_t mark =
            syntax_words[i].at_start && p->context ? p->context_mark : p->problem_mark;
        diag_add(b->diags, loc_of(b, mark), "%s", syntax_words[i].words);
        return;
    }
    diag_add(b->diags, loc_of(b, p->problem_mark), "not YAML: %s", problem);
}

/* --- the tree ---------------------------------------------------------------------------------- */

/* Closing a map: each key a scalar, and there once. */
static void check_keys(struct builder *b, const struct yaml_node *map)
{
    struct table seen = {0};
    arena_reset(&b->scratch);
    for (struct yaml_node *key = map->first; key; key = key->next) {
        if (key->kind == YAML_LIST || key->kind == YAML_MAP) {
            diag_add(b->diags, key->loc, "a key must be a text, not a %s",
                     key->kind == YAML_LIST ? "list" : "map");
            key->kind = YAML_BROKEN;
        }
        if (key->kind != YAML_SCALAR) continue;
        const struct yaml_node *former = table_get(&seen, key->text);
        if (former)
            diag_add(b->diags, key->loc, "\"%.*s\" is given twice; first in line %u, column %u",
                     STR_ARG(yaml_shown(key->text, b->arena)), former->loc.line,
                     former->loc.column);
        else
            table_put(&seen, &b->scratch, key->text, key);
    }
}

static void add(struct builder *b, struct yaml_node *node)
{
    if (b->depth == 0) {
        b->root = node;
        return;
    }
    size_t top = b->depth - 1;
    struct yaml_node *parent = b->open[top];
    if (b->keys[top]) {
        b->keys[top]->value = node;
        b->keys[top] = NULL;
        return;
    }
    *b->tails[top] = node;
    b->tails[top] = &node->next;
    parent->count++;
    if (parent->kind == YAML_MAP) b->keys[top] = node;
}

static struct yaml_node *node_new(struct builder *b, enum yaml_kind kind, const yaml_event_t *event)
{
    struct yaml_node *node = arena_new(b->arena, struct yaml_node);
    node->kind = kind;
    node->begin = (uint32_t)places_offset(&b->places, event->start_mark.index);
    node->loc = places_loc(&b->places, node->begin);
    if (++b->nodes > LIMIT_YAML_NODES && !b->failed) {
        diag_add(b->diags, node->loc, "more than %d values in one file", LIMIT_YAML_NODES);
        b->failed = true;
    }
    return node;
}

static struct str shown_z(struct builder *b, const yaml_char_t *z)
{
    return yaml_shown(str_z((const char *)z), b->arena);
}

/* What people may know from elsewhere and we leave out: it would make a place mean several things.
 * True: something was refused. */
static bool refuse_properties(struct builder *b, struct loc loc, const yaml_char_t *anchor,
                              const yaml_char_t *tag)
{
    if (anchor)
        diag_add(b->diags, loc,
                 "anchors (&%.*s) are not supported; write the value where it is used",
                 STR_ARG(shown_z(b, anchor)));
    if (tag)
        diag_add(b->diags, loc,
                 "tags (%.*s) are not supported; put quotes around a text that starts with \"!\"",
                 STR_ARG(shown_z(b, tag)));
    return anchor || tag;
}

/* The first character of the text of "|" and ">" scalars is on a line after the indicator. */
static size_t block_start(const struct builder *b, size_t begin, size_t end)
{
    struct str content = b->places.source->content;
    size_t at = str_find_char(str_head(content, end), '\n', begin);
    while (at < end && (content.p[at] == ' ' || content.p[at] == '\n' || content.p[at] == '\r'))
        at++;
    return at < end ? at : begin;
}

static void add_scalar(struct builder *b, const yaml_event_t *event)
{
    struct yaml_node *node = node_new(b, YAML_SCALAR, event);
    yaml_scalar_style_t style = event->data.scalar.style;
    struct str text = str_of((const char *)event->data.scalar.value, event->data.scalar.length);
    if (refuse_properties(b, node->loc, event->data.scalar.anchor, event->data.scalar.tag))
        node->kind = YAML_BROKEN;
    node->end = (uint32_t)places_offset(&b->places, event->end_mark.index);
    node->text = arena_str(b->arena, text);
    node->plain = style == YAML_PLAIN_SCALAR_STYLE;
    if (style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE)
        node->loc = loc_plus(node->loc, 1);
    if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE)
        node->loc = places_loc(&b->places, block_start(b, node->begin, node->end));
    if (str_find_char(text, '\0', 0) != SIZE_MAX) {
        diag_add(b->diags, node->loc, "a text cannot have a NUL character in it");
        node->kind = YAML_BROKEN;
    }
    bool is_key = b->depth && b->open[b->depth - 1]->kind == YAML_MAP && !b->keys[b->depth - 1];
    if (is_key && node->plain && str_eq(node->text, S("<<"))) {
        diag_add(b->diags, node->loc, "merge keys (<<) are not supported; write the keys out");
        node->kind = YAML_BROKEN;
    }
    add(b, node);
}

static void open_container(struct builder *b, struct yaml_node *node)
{
    add(b, node);
    if (b->depth == LIMIT_YAML_DEPTH) {
        diag_add(b->diags, node->loc, "nested deeper than %d levels", LIMIT_YAML_DEPTH);
        b->failed = true;
        return;
    }
    b->open[b->depth] = node;
    b->keys[b->depth] = NULL;
    b->tails[b->depth] = &node->first;
    b->depth++;
}

static void close_container(struct builder *b)
{
    struct yaml_node *node = b->open[--b->depth];
    if (node->kind == YAML_MAP) check_keys(b, node);
}

static void add_alias(struct builder *b, const yaml_event_t *event)
{
    struct yaml_node *node = node_new(b, YAML_BROKEN, event);
    diag_add(b->diags, node->loc,
             "references (*%.*s) are not supported; write the value out, or in quotes",
             STR_ARG(shown_z(b, event->data.alias.anchor)));
    add(b, node);
}

static void start_document(struct builder *b, const yaml_event_t *event)
{
    if (b->documents++ == 0) return;
    diag_add(b->diags, loc_of(b, event->start_mark), "only one document in a file; remove \"---\"");
    b->failed = true;
}

static void handle(struct builder *b, const yaml_event_t *event)
{
    struct yaml_node *node;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT: start_document(b, event); break;
    case YAML_SCALAR_EVENT: add_scalar(b, event); break;
    case YAML_ALIAS_EVENT: add_alias(b, event); break;
    case YAML_SEQUENCE_START_EVENT:
        node = node_new(b, YAML_LIST, event);
        (void)refuse_properties(b, node->loc, event->data.sequence_start.anchor,
                                event->data.sequence_start.tag);
        open_container(b, node);
        break;
    case YAML_MAPPING_START_EVENT:
        node = node_new(b, YAML_MAP, event);
        (void)refuse_properties(b, node->loc, event->data.mapping_start.anchor,
                                event->data.mapping_start.tag);
        open_container(b, node);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: close_container(b); break;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT: break;
    }
}

static void build(struct builder *b)
{
    bool ended = false;
    while (!ended && !b->failed) {
        yaml_event_t event;
        if (!yaml_parser_parse(&b->parser, &event)) {
            report_syntax(b);
            return;
        }
        handle(b, &event);
        ended = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
}

/* --- the door ---------------------------------------------------------------------------------- */

static struct yaml_file *file_new(struct str name, struct str text, struct arena *arena)
{
    struct yaml_file *file = arena_new(arena, struct yaml_file);
    if (str_starts(text, S("\xEF\xBB\xBF"))) text = str_from(text, 3); /* an editor's mark */
    file->content = (char *)arena_alloc(arena, text.n + 1);
    if (text.n) memcpy(file->content, text.p, text.n);
    file->content[text.n] = '\0';
    file->source.name = arena_str(arena, name);
    file->source.content = str_of(file->content, text.n);
    return file;
}

struct yaml_node *yaml_parse(struct str name, struct str text, struct arena *arena,
                             struct diags *diags, struct yaml_file **file)
{
    struct builder b = {.arena = arena, .diags = diags};
    bool too_large = text.n > LIMIT_CONFIG_BYTES;
    *file = file_new(name, too_large ? S("") : text, arena);
    const struct source_text *source = &(*file)->source;
    if (too_large) {
        diag_add(diags, (struct loc){source, 0, 0}, "larger than %zu bytes", LIMIT_CONFIG_BYTES);
        return NULL;
    }
    if (!scan_text(source, arena, diags, &b.places)) {
        text_disarm((*file)->content, source->content.n); /* a message will show a line of it */
        return NULL;
    }
    int made = yaml_parser_initialize(&b.parser);
    assert(made); /* fails only without memory */
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)source->content.p,
                                 source->content.n);
    build(&b);
    yaml_parser_delete(&b.parser);
    arena_fini(&b.scratch);
    return b.failed ? NULL : b.root;
}

struct str yaml_shown(struct str text, struct arena *arena)
{
    bool cut = text.n > LIMIT_SHOWN_BYTES;
    char *shown = arena_alloc(arena, LIMIT_SHOWN_BYTES + 4);
    size_t n = cut ? LIMIT_SHOWN_BYTES : text.n;
    while (cut && n > 0 && ((unsigned char)text.p[n] & 0xC0) == 0x80) n--; /* whole characters */
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        shown[i] = c < 0x20 || c == 0x7F ? ' ' : (char)c;
    }
    memcpy(shown + n, cut ? "..." : "", cut ? 4 : 1);
    return str_of(shown, cut ? n + 3 : n);
}

bool yaml_is_null(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && node->plain &&
           (node->text.n == 0 || str_eq(node->text, S("~")) ||
            str_eq_nocase(node->text, S("null")));
}

void yaml_mask(struct yaml_file *file, const struct yaml_node *node)
{
    for (size_t i = node->begin; i < node->end; i++)
        if (file->content[i] != '\n' && file->content[i] != '\r') file->content[i] = '*';
}
