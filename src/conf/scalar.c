/* SPDX-License-Identifier: Apache-2.0 */
/* Single values: a scalar's text, checked by the type of its key. YAML's own guesses (yes is true, 012
 * is ten) play no part. Messages show what the file says, never what a variable expanded to. */
#include "base/time.h"
#include "conf/address.h"
#include "conf/reader.h"
#include "conf/units.h"
#include "core/limits.h"

#include <assert.h>

/* "keep or drop" */
static struct str list_words(struct reader *r, const struct key *key)
{
    struct buf list = {0};
    for (size_t i = 0; i < key->word_count; i++) {
        if (i) buf_put(&list, i + 1 == key->word_count ? S(" or ") : S(", "));
        buf_put(&list, key->words[i]);
    }
    struct str text = arena_str(r->arena, buf_str(&list));
    buf_fini(&list);
    return text;
}

void scalar_expected(struct reader *r, const struct key *key, enum key_type type,
                     const struct yaml_node *node)
{
    if (node->kind == YAML_BROKEN) return; /* reported before */
    struct str found = node->kind == YAML_LIST ? S("a list") : S("a map");
    if (node->kind == YAML_SCALAR && yaml_is_null(node))
        found = S("nothing");
    else if (node->kind == YAML_SCALAR && type == KEY_SECRET)
        found = S("something else");
    else if (node->kind == YAML_SCALAR)
        found = arena_printf(r->arena, "\"%.*s\"", STR_ARG(yaml_shown(node->text, r->arena)));
    bool has_words = type == KEY_WORD || type == KEY_BOOL; /* they say it better than an example */
    bool fits = type == key->type && !has_words;           /* the example is not one of an item */
    struct str such = fits ? key->example : S("");
    struct str words = type == KEY_WORD ? list_words(r, key) : key_type_words(type);
    diag_add(r->diags, node->loc, "\"%.*s\" needs %.*s%s%.*s; found %.*s", STR_ARG(key->name),
             STR_ARG(words), such.n ? ", such as " : "", STR_ARG(such), STR_ARG(found));
}

/* --- texts -------------------------------------------------------------------------------------- */

static bool is_name(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '-' || c == '_';
        if (!good) return false;
    }
    return text.n > 0 && text.n <= LIMIT_NAME_BYTES;
}

static bool is_pixel(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < '0' || text.p[i] > '9') return false;
    return text.n >= 1 && text.n <= 20;
}

static bool is_country(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((text.p[i] | 0x20) < 'a' || (text.p[i] | 0x20) > 'z') return false;
    return text.n == 2;
}

static struct str lower_ascii(struct arena *arena, struct str text)
{
    char *copy = arena_alloc(arena, text.n + 1);
    for (size_t i = 0; i < text.n; i++) copy[i] = (char)(text.p[i] | 0x20);
    copy[text.n] = '\0';
    return str_of(copy, text.n);
}

static bool complain(struct reader *r, const struct yaml_node *node, const char *rule)
{
    diag_add(r->diags, node->loc, "%s; found \"%.*s\"", rule,
             STR_ARG(yaml_shown(node->text, r->arena)));
    return false;
}

static bool check_word(struct reader *r, const struct key *key, const struct yaml_node *node)
{
    for (size_t i = 0; i < key->word_count; i++)
        if (str_eq(key->words[i], node->text)) return true;
    struct str meant = diag_suggest(node->text, key->words, key->word_count);
    diag_add(r->diags, node->loc, "\"%.*s\" needs %.*s; found \"%.*s\"%s%.*s%s", STR_ARG(key->name),
             STR_ARG(list_words(r, key)), STR_ARG(yaml_shown(node->text, r->arena)),
             meant.n ? "; did you mean \"" : "", STR_ARG(meant), meant.n ? "\"?" : "");
    return false;
}

static bool check_length(struct reader *r, const struct yaml_node *node)
{
    if (node->text.n <= LIMIT_EXPRESSION_BYTES) return true;
    diag_add(r->diags, node->loc, "longer than %d bytes", LIMIT_EXPRESSION_BYTES);
    return false;
}

/* Variables are for what differs from one installation to the next; names and rules do not. */
static bool is_expanded(enum key_type type)
{
    return type == KEY_TEXT || type == KEY_SECRET || type == KEY_PIXEL || type == KEY_ADDRESS ||
           type == KEY_URL || type == KEY_ORIGIN;
}

/* The form of an expanded text. */
static bool check_text(struct reader *r, const struct key *key, enum key_type type,
                       const struct yaml_node *node, struct str *text)
{
    bool ok = true;
    assert(type <= KEY_WORD); /* the types of text come first */
    switch (type) {
    case KEY_SECRET: return secret_load(r, node, text);
    case KEY_WORD: return check_word(r, key, node);
    case KEY_EXPRESSION:
    case KEY_TRIGGER: return check_length(r, node);
    case KEY_NAME:
        if (is_name(*text)) return true;
        return complain(r, node, "a name is at most 64 letters, digits, \".\", \"_\" and \"-\"");
    case KEY_PIXEL:
        if (is_pixel(*text)) return true;
        return complain(r, node, "a pixel ID is 1 to 20 digits");
    case KEY_ORIGIN:
        if (origin_is_valid(*text)) return true;
        return complain(r, node,
                        "a web site is written as browsers send it, scheme://host without "
                        "a path or a slash at the end");
    case KEY_COUNTRY:
        ok = is_country(*text);
        *text = lower_ascii(r->arena, *text);
        break;
    case KEY_ADDRESS: ok = address_is_valid(*text); break;
    case KEY_URL: ok = url_is_valid(*text, key->words, key->word_count); break;
    case KEY_NETWORK: ok = network_is_valid(*text); break;
    case KEY_TEXT: ok = text->n > 0; break;
    case KEY_BOOL:
    case KEY_UINT:
    case KEY_DURATION:
    case KEY_SIZE:
    case KEY_TIME:
    case KEY_TEXTS:
    case KEY_OBJECT:
    case KEY_OBJECTS:
    case KEY_EVENTS:
    case KEY_MAPPINGS:
    case KEY_PROPERTIES:
    case KEY_TYPE_COUNT: break;
    }
    if (!ok) scalar_expected(r, key, type, node);
    return ok;
}

bool scalar_text(struct reader *r, const struct key *key, enum key_type type,
                 const struct yaml_node *node, struct text *out)
{
    if (type == KEY_SECRET) secret_hide(r, node);
    if (node->kind != YAML_SCALAR || yaml_is_null(node)) {
        scalar_expected(r, key, type, node);
        return false;
    }
    struct str text = node->text;
    if (is_expanded(type) && !secret_expand(r, node, &text)) return false;
    if (!check_text(r, key, type, node, &text)) return false;
    *out = (struct text){text, node->loc};
    return true;
}

/* --- numbers ------------------------------------------------------------------------------------ */

static bool parse_time(struct str text, uint64_t *out)
{
    int64_t ms;
    if (!time_parse(text, &ms) || ms <= 0) return false;
    *out = (uint64_t)ms;
    return true;
}

static bool parse_bool(struct str text, uint64_t *out)
{
    *out = str_eq(text, S("true"));
    return *out || str_eq(text, S("false"));
}

static bool parse_number(enum key_type type, struct str text, uint64_t *out)
{
    if (type == KEY_BOOL) return parse_bool(text, out);
    if (type == KEY_TIME) return parse_time(text, out);
    if (type == KEY_DURATION) return duration_parse(text, out);
    if (type == KEY_SIZE) return size_parse(text, out);
    assert(type == KEY_UINT);
    return str_to_u64(text, out);
}

static struct str print_number(struct arena *arena, enum key_type type, uint64_t value)
{
    struct buf buf = {0};
    if (type == KEY_DURATION)
        duration_print(&buf, value);
    else if (type == KEY_SIZE)
        size_print(&buf, value);
    else
        buf_put_u64(&buf, value);
    struct str text = arena_str(arena, buf_str(&buf));
    buf_fini(&buf);
    return text;
}

bool scalar_number(struct reader *r, const struct key *key, const struct yaml_node *node,
                   uint64_t *out)
{
    uint64_t value;
    if (node->kind != YAML_SCALAR || !parse_number(key->type, node->text, &value)) {
        scalar_expected(r, key, key->type, node);
        return false;
    }
    if (key->max && (value < key->min || value > key->max)) {
        diag_add(r->diags, node->loc, "\"%.*s\" is between %.*s and %.*s; found \"%.*s\"",
                 STR_ARG(key->name), STR_ARG(print_number(r->arena, key->type, key->min)),
                 STR_ARG(print_number(r->arena, key->type, key->max)),
                 STR_ARG(yaml_shown(node->text, r->arena)));
        return false;
    }
    *out = value;
    return true;
}
