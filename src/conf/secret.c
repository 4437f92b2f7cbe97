/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets: ${NAME} and file: references, and that no message shows one. Messages print lines of the
 * file, so a secret that stands in the file itself is overwritten in the copy they print from. */
#include "conf/reader.h"
#include "core/limits.h"
#include "sys/file.h"

#include <stdlib.h>

/* --- references --------------------------------------------------------------------------------- */

static bool is_name_char(char c, bool first)
{
    bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    return letter || (!first && c >= '0' && c <= '9');
}

/* Takes "NAME" or "NAME:-default" apart. */
static bool split_reference(struct str inside, struct str *name, struct str *fallback)
{
    size_t n = 0;
    while (n < inside.n && is_name_char(inside.p[n], n == 0)) n++;
    *name = str_head(inside, n);
    *fallback = (struct str){0};
    struct str rest = str_from(inside, n);
    if (str_starts(rest, S(":-"))) *fallback = str_from(rest, 2);
    return n > 0 && (rest.n == 0 || fallback->p);
}

static bool put_variable(struct reader *r, struct loc loc, struct str inside, struct buf *out)
{
    struct str name, fallback;
    if (!split_reference(inside, &name, &fallback)) {
        diag_add(r->diags, loc, "expected a variable as ${NAME} or ${NAME:-default}");
        return false;
    }
    const char *value = getenv(arena_str(r->arena, name).p);
    if (!value && !fallback.p) {
        diag_add(r->diags, loc,
                 "the environment variable \"%.*s\" is not set; set it, or write a default as "
                 "${%.*s:-default}",
                 STR_ARG(yaml_shown(name, r->arena)), STR_ARG(yaml_shown(name, r->arena)));
        return false;
    }
    struct str text = str_z(value);
    buf_put(out, text.n == 0 && fallback.p ? fallback : text);
    return true;
}

bool secret_expand(struct reader *r, const struct yaml_node *node, struct str *out)
{
    struct str text = node->text;
    struct buf buf = {0};
    size_t at = 0;
    bool ok = true;
    for (size_t start; (start = str_find(text, S("${"), at)) != SIZE_MAX;) {
        size_t end = str_find_char(text, '}', start);
        struct loc loc = loc_plus(node->loc, start);
        buf_put(&buf, str_of(text.p + at, start - at));
        if (end == SIZE_MAX) {
            diag_add(r->diags, loc, "\"${\" without \"}\"; a variable is ${NAME}");
            ok = false;
            break;
        }
        ok &= put_variable(r, loc, str_of(text.p + start + 2, end - start - 2), &buf);
        at = end + 1;
    }
    buf_put(&buf, str_from(text, at));
    if (ok) *out = arena_str(r->arena, buf_str(&buf));
    buf_fini(&buf);
    return ok;
}

static struct str cut_newline(struct str text)
{
    if (str_ends(text, S("\n"))) text.n--;
    if (str_ends(text, S("\r"))) text.n--;
    return text;
}

static bool load_file(struct reader *r, const struct yaml_node *node, struct str path,
                      struct str *out)
{
    struct err err;
    struct buf buf = {0};
    bool relative = !str_starts(path, S("/"));
    struct str full =
        arena_printf(r->arena, "%.*s%.*s", STR_ARG(relative ? r->dir : S("")), STR_ARG(path));
    bool ok = path.n > 0 && file_read_all(full.p, LIMIT_SECRET_BYTES, &buf, &err);
    if (ok)
        *out = arena_str(r->arena, cut_newline(buf_str(&buf)));
    else if (path.n == 0)
        diag_add(r->diags, node->loc, "file: needs a path behind it");
    else
        diag_add(r->diags, node->loc, "cannot read this secret: %s", err.text);
    buf_fini(&buf);
    return ok;
}

bool secret_load(struct reader *r, const struct yaml_node *node, struct str *text)
{
    struct str value = *text;
    if (str_starts(value, S("file:")) && !load_file(r, node, str_from(value, 5), &value))
        return false;
    if (value.n == 0) {
        diag_add(r->diags, node->loc, "this secret is empty");
        return false;
    }
    bool printable = value.n <= LIMIT_SECRET_BYTES;
    for (size_t i = 0; printable && i < value.n; i++)
        printable = value.p[i] > ' ' && value.p[i] <= '~';
    if (!printable) {
        diag_add(r->diags, node->loc,
                 "a secret is at most %d printable ASCII characters without blanks",
                 LIMIT_SECRET_BYTES);
        return false;
    }
    *text = value;
    return true;
}

/* --- hiding ------------------------------------------------------------------------------------- */

bool config_is_reference(struct str text)
{
    return str_starts(text, S("file:")) ||
           (str_starts(text, S("${")) && str_find_char(text, '}', 0) == text.n - 1 &&
            str_find(text, S(":-"), 0) == SIZE_MAX);
}

void secret_hide(struct reader *r, const struct yaml_node *node)
{
    if (node->kind == YAML_SCALAR && !config_is_reference(node->text)) yaml_mask(r->file, node);
    for (const struct yaml_node *item = node->first; item; item = item->next)
        secret_hide(r, item->value ? item->value : item);
}

static bool is_secret_key(const struct key *key)
{
    return key->type == KEY_SECRET || (key->type == KEY_TEXTS && key->item == KEY_SECRET);
}

void secret_hide_of(struct reader *r, const struct object *object, const struct yaml_node *node)
{
    for (size_t i = 0; i < object->key_count; i++) {
        if (!is_secret_key(&object->keys[i])) continue;
        secret_hide(r, node);
        return;
    }
}

/* Does any object have a key of this name for a secret? */
static bool names_secret(struct str name)
{
    for (size_t i = 0; i < key_object_count; i++) {
        const struct key *key = key_find(key_objects[i], name);
        if (key && is_secret_key(key)) return true;
    }
    return false;
}

void secret_hide_unknown(struct reader *r, const struct yaml_node *key, struct str meant)
{
    static const struct str signs[] = {S_INIT("token"), S_INIT("key"), S_INIT("secret"),
                                       S_INIT("pass")};
    bool hide = names_secret(key->text) || names_secret(meant);
    for (size_t i = 0; i < countof(signs); i++)
        hide |= str_find(key->text, signs[i], 0) != SIZE_MAX;
    if (hide && key->value) secret_hide(r, key->value);
}

/* Where a value begins on the line, when the line names a secret; SIZE_MAX when it does not. */
static size_t secret_on_line(struct str line)
{
    for (size_t at = 0; (at = str_find_char(line, ':', at)) != SIZE_MAX; at++) {
        size_t end = at;
        while (end > 0 && strchr(" \"'", line.p[end - 1])) end--;
        size_t start = end;
        while (start > 0 && is_name_char(line.p[start - 1], false)) start--;
        if (names_secret(str_of(line.p + start, end - start))) return at + 1;
    }
    return SIZE_MAX;
}

static size_t indentation(struct str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == ' ') n++;
    return n;
}

void secret_hide_lines(struct yaml_file *file)
{
    struct str rest = file->source.content, line;
    size_t deeper_than = SIZE_MAX; /* after a secret's key: the lines of its value are deeper */
    for (bool more = true; more;) {
        more = str_cut(rest, '\n', &line, &rest);
        size_t blanks = indentation(line), from = secret_on_line(line);
        struct str text = str_from(line, blanks);
        bool goes_on =
            deeper_than != SIZE_MAX &&
            (blanks > deeper_than || (blanks == deeper_than && str_starts(text, S("-"))));
        if (from != SIZE_MAX)
            deeper_than = blanks;
        else if (goes_on)
            from = blanks;
        else if (text.n)
            deeper_than = SIZE_MAX;
        if (from == SIZE_MAX) continue;
        memset(file->content + (line.p - file->source.content.p) + from, '*', line.n - from);
    }
}
