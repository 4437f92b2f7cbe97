/* SPDX-License-Identifier: Apache-2.0 */
/* The list of all keys, as a Markdown page and as a manual page; made from the key tables. */
#include "conf/keys_table.h"

/* --- what both pages say before the keys -------------------------------------------------------- */

/* Code is in backquotes, as in the tables' texts. */
static const struct str preface[] = {
    S_INIT(
        "The configuration is one YAML file. `pixeld check` reports every problem in it with its "
        "line and column, and `pixeld.schema.json` lets an editor do so while you type. Without a "
        "file pixeld listens on this machine only, makes up one write key and delivers to its "
        "sandbox."),
    S_INIT(
        "Of YAML it takes maps, lists, plain, quoted and block texts. Anchors, references, merge "
        "keys, tags, duplicate keys and a second document are errors."),
    S_INIT(
        "A duration is a whole number and `ms`, `s`, `m`, `h`, `d` or `w`. A size is a whole "
        "number "
        "and `B`, `KiB`, `MiB`, `GiB`, `TiB`, `PiB`, or the decimal `KB`, `MB`, `GB`, `TB`, `PB`. "
        "`true` and `false` are the only words for yes and no."),
    S_INIT(
        "`${NAME}` in a text, a secret, a pixel ID, an address or a URL is the environment "
        "variable "
        "of that name; `${NAME:-default}` has a default for when it is unset or empty. A secret "
        "may also be `file:PATH`, relative to the configuration file; a newline at the file's end "
        "is cut. Secrets are never printed."),
    S_INIT(
        "In `user_data`, `custom_data` and the event-level fields a value is an expression, such "
        "as "
        "`traits.email || properties.email`; `null`, which takes the preset's away; "
        "`{each: PATH, FIELD: EXPRESSION, ...}`, which makes a list of objects; or "
        "`{each: PATH, value: EXPRESSION}`, which makes a list of plain values. In both, `.name` "
        "is a member of the present item. A map without `each` is an object, whose members are "
        "values of the same kinds: `app_data: {vendor_id: context.device.id}`; over a preset's "
        "object it is laid member by member, and one of which nothing is left does not go along. "
        "A list is a list of expressions: `em: [traits.email, properties.email]`; those without a "
        "value are left out."),
    S_INIT(
        "In a list for a field that takes texts a single word of letters, digits, `_` and `-` "
        "stands for itself, as in `data_processing_options: [LDU]`, unless it is the name of a "
        "path's beginning (`event`, `userId`, ...). Anywhere else a fixed text is written with "
        "quotes of its own: `'\"LDU\"'`. `app_data.extinfo` is a list of 16 expressions by place, "
        "null or \"\" where there is nothing, or a map with the names of the places; all 16 places "
        "go out."),
};

static const struct str fields_text = S_INIT("Event-level fields, each with an expression:");

static struct str without_article(struct str words)
{
    if (str_starts(words, S("a "))) return str_from(words, 2);
    return str_starts(words, S("an ")) ? str_from(words, 3) : words;
}

static void put_words(struct buf *out, const struct key *key, const char *quote)
{
    for (size_t i = 0; i < key->word_count; i++)
        buf_printf(out, "%s%s%.*s%s", i ? ", " : "", quote, STR_ARG(key->words[i]), quote);
}

static void put_type(struct buf *out, const struct key *key, const char *quote)
{
    if (key->type == KEY_WORD) {
        put_words(out, key, quote);
        return;
    }
    buf_put(out, without_article(key_type_words(key->type)));
    if (key->type != KEY_TEXTS) return;
    buf_put(out, S(" of: "));
    buf_put(out, without_article(key_type_words(key->item)));
}

/* --- Markdown ----------------------------------------------------------------------------------- */

/* A bar would end the cell. */
static void put_cell(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '|') buf_putc(out, '\\');
        buf_putc(out, text.p[i]);
    }
}

static void put_code_cell(struct buf *out, struct str text)
{
    buf_put(out, S(" | "));
    if (!text.n) return;
    buf_putc(out, '`');
    put_cell(out, text);
    buf_putc(out, '`');
}

static void put_row(struct buf *out, const struct key *key)
{
    buf_printf(out, "| `%.*s`%s | ", STR_ARG(key->name), key->required ? " (required)" : "");
    put_type(out, key, "`");
    put_code_cell(out, key->fallback);
    buf_put(out, S(" | "));
    put_cell(out, key->doc);
    put_code_cell(out, key->example);
    buf_put(out, S(" |\n"));
}

static void put_preset_note(struct buf *out, const struct object *object)
{
    buf_put(out, S("\nA preset is a file with these keys at its top level, without"));
    for (size_t i = 0, count = 0; i < object->key_count; i++) {
        if (!object->keys[i].not_in_preset) continue;
        buf_printf(out, "%s `%.*s`", count++ ? "," : "", STR_ARG(object->keys[i].name));
    }
    buf_put(out, S(".\n"));
}

static void put_section(struct buf *out, const struct object *object)
{
    buf_printf(out, "\n## %.*s\n\n", STR_ARG(object->name));
    if (object != &config_object) buf_printf(out, "`%.*s`. ", STR_ARG(object->path));
    buf_printf(out, "%.*s\n\n", STR_ARG(object->doc));
    buf_put(out, S("| key | value | default | meaning | example |\n|---|---|---|---|---|\n"));
    for (size_t i = 0; i < object->key_count; i++) put_row(out, &object->keys[i]);
    if (object == &destination_object) put_preset_note(out, object);
}

void config_reference(struct buf *out)
{
    buf_put(out,
            S("# Configuration\n\n<!-- Made from src/conf/keys_table.c by `make docs`. -->\n"));
    for (size_t i = 0; i < countof(preface); i++) buf_printf(out, "\n%.*s\n", STR_ARG(preface[i]));
    for (size_t i = 0; i < key_object_count; i++) put_section(out, key_objects[i]);
    buf_printf(out, "\n## event-level fields\n\n%.*s\n\n", STR_ARG(fields_text));
    for (size_t i = 0; i < meta_field_count; i++)
        if (meta_fields[i].section == META_EVENT)
            buf_printf(out, "- `%.*s`: %.*s\n", STR_ARG(meta_fields[i].name),
                       STR_ARG(meta_fields[i].doc));
}

/* --- manual page -------------------------------------------------------------------------------- */

/* Text for mdoc: backquotes to bold, nothing that begins a request or an escape. */
static void put_roff(struct buf *out, struct str text)
{
    bool bold = false;
    if (text.n && (text.p[0] == '.' || text.p[0] == '\'')) buf_put(out, S("\\&"));
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '`') {
            bold = !bold;
            buf_put(out, bold ? S("\\fB") : S("\\fR"));
        } else if (c == '\\') {
            buf_put(out, S("\\e"));
        } else if (c == '-') {
            buf_put(out, S("\\-"));
        } else {
            buf_putc(out, c);
        }
    }
}

/* "\fBname\fR (duration, 14d)" */
static void put_item(struct buf *out, const struct key *key)
{
    buf_put(out, S(".It \\fB"));
    put_roff(out, key->name);
    buf_put(out, S("\\fR ("));
    put_type(out, key, "");
    if (key->required) buf_put(out, S("; required"));
    if (key->fallback.n) {
        buf_put(out, S("; default "));
        put_roff(out, key->fallback);
    }
    buf_put(out, S(")\n"));
    put_roff(out, key->doc);
    buf_putc(out, '\n');
    if (!key->example.n) return;
    buf_put(out, S("Example: \\fB"));
    put_roff(out, key->example);
    buf_put(out, S("\\fR\n"));
}

static void put_man_section(struct buf *out, const struct object *object)
{
    buf_put(out, S(".Ss "));
    put_roff(out, object->path);
    buf_putc(out, '\n');
    put_roff(out, object->doc);
    buf_put(out, S("\n.Bl -tag -width Ds\n"));
    for (size_t i = 0; i < object->key_count; i++) put_item(out, &object->keys[i]);
    buf_put(out, S(".El\n"));
}

static void put_man_fields(struct buf *out)
{
    buf_printf(out, ".Ss event\\-level fields\n%.*s\n.Bl -tag -width Ds\n", STR_ARG(fields_text));
    for (size_t i = 0; i < meta_field_count; i++) {
        if (meta_fields[i].section != META_EVENT) continue;
        buf_printf(out, ".It \\fB%.*s\\fR\n", STR_ARG(meta_fields[i].name));
        put_roff(out, meta_fields[i].doc);
        buf_putc(out, '\n');
    }
    buf_put(out, S(".El\n"));
}

void config_man(struct buf *out)
{
    buf_put(out, S(".\\\" Made from src/conf/keys_table.c by make docs.\n"
                   ".Dd November 21, 2026\n.Dt PIXELD.YAML 5\n.Os\n.Sh NAME\n.Nm pixeld.yaml\n"
                   ".Nd configuration of pixeld\n.Sh DESCRIPTION\n"));
    for (size_t i = 0; i < countof(preface); i++) {
        if (i) buf_put(out, S(".Pp\n"));
        put_roff(out, preface[i]);
        buf_putc(out, '\n');
    }
    buf_put(out, S(".Sh KEYS\n"));
    for (size_t i = 0; i < key_object_count; i++) put_man_section(out, key_objects[i]);
    put_man_fields(out);
    buf_put(out, S(".Sh SEE ALSO\n.Xr pixeld 1\n"));
}
