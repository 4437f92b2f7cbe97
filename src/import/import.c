/* SPDX-License-Identifier: Apache-2.0 */
/* See import.h: what all vendors have in common, and the proof that the result checks. */
#include "import/import.h"

#include "conf/presets.h"
#include "core/limits.h"
#include "import/vendor.h"
#include "map/plan.h"

static const struct vendor {
    struct str name, title;
    vendor_settings_fn *settings;
    vendor_write_fn *write;
} vendors[] = {
    {S_INIT("rudderstack"), S_INIT("RudderStack"), rudderstack_settings, rudderstack_write},
    {S_INIT("segment"), S_INIT("Segment"), partner_settings, partner_write},
    {S_INIT("customerio"), S_INIT("Customer.io"), partner_settings, partner_write},
    {S_INIT("amplitude"), S_INIT("Amplitude"), amplitude_settings, amplitude_write},
};

enum { SHOWN_BYTES = 300 };

static const struct vendor *find_vendor(struct str name, struct err *err)
{
    struct str names[countof(vendors)];
    for (size_t i = 0; i < countof(vendors); i++) {
        names[i] = vendors[i].name;
        if (str_eq(name, vendors[i].name)) return &vendors[i];
    }
    struct str near = diag_suggest(name, names, countof(names));
    (void)err_set(err, ERR_USAGE,
                  "unknown vendor \"%.*s\"%s%.*s%s (there are rudderstack, segment, customerio and "
                  "amplitude)",
                  STR_ARG(str_head(name, LIMIT_SHOWN_BYTES)), near.n ? "; did you mean \"" : "",
                  STR_ARG(near), near.n ? "\"?" : "");
    return NULL;
}

/* --- keys without an equal ---------------------------------------------------------------------- */

static bool may_be_secret(struct arena *arena, struct str key)
{
    static const struct str words[] = {S_INIT("token"), S_INIT("secret"), S_INIT("password"),
                                       S_INIT("key"), S_INIT("credential")};
    struct str lower = arena_str(arena, key);
    for (size_t i = 0; i < lower.n; i++)
        if (lower.p[i] >= 'A' && lower.p[i] <= 'Z') ((char *)(uintptr_t)lower.p)[i] |= 0x20;
    for (size_t i = 0; i < countof(words); i++)
        if (str_find(lower, words[i], 0) != SIZE_MAX) return true;
    return false;
}

void vendor_unknown(struct import *im, struct str key, yyjson_val *value, struct str why)
{
    struct buf json = {0};
    struct str name = writer_shown(im->arena, key, LIMIT_SHOWN_BYTES);
    if (may_be_secret(im->arena, key)) {
        buf_put(&json, S("(not shown, it may be a secret)"));
    } else {
        json_put_val(&json, value);
    }
    struct str shown = writer_shown(im->arena, buf_str(&json), SHOWN_BYTES);
    writer_note(&im->w, "%.*s: %.*s (%.*s).", STR_ARG(name), STR_ARG(shown), STR_ARG(why));
    buf_fini(&json);
}

/* Why a value is not what its key holds; empty when it is. */
static struct str why_not(const struct vendor_key *known, yyjson_val *value)
{
    bool is_text = yyjson_is_str(value) || yyjson_is_raw(value);
    if (!known) return S("not known here");
    if (known->kind == VENDOR_UNREAD) return known->why;
    if (known->kind == VENDOR_TEXT && !is_text && !yyjson_is_null(value))
        return S("a text is wanted; it counts as not given");
    if (known->kind == VENDOR_TRUTH && !yyjson_is_bool(value) && !yyjson_is_null(value))
        return S("true or false is wanted; it counts as not given");
    return S("");
}

void vendor_tell_others(struct import *im, yyjson_val *object, const struct vendor_key *known,
                        size_t known_count)
{
    size_t index, count;
    yyjson_val *key, *value;
    if (!object) return;
    yyjson_obj_foreach (object, index, count, key, value) {
        const struct vendor_key *found = NULL;
        for (size_t i = 0; i < known_count; i++)
            if (str_eq(json_str(key), known[i].name)) found = &known[i];
        struct str why = why_not(found, value);
        if (why.n) vendor_unknown(im, json_str(key), value, why);
    }
}

static bool is_blank(yyjson_val *row)
{
    size_t index, count;
    yyjson_val *key, *value;
    if (!yyjson_is_obj(row)) return yyjson_is_null(row) || (yyjson_is_str(row) && !json_str(row).n);
    yyjson_obj_foreach (row, index, count, key, value)
        if (!yyjson_is_bool(value) && !is_blank(value)) return false;
    return true;
}

bool vendor_row(struct import *im, struct str key, yyjson_val *row, const struct vendor_key *known,
                size_t count)
{
    bool whole = yyjson_is_obj(row);
    for (size_t i = 0; i < count; i++)
        whole &= known[i].kind != VENDOR_TEXT ||
                 json_str(yyjson_obj_getn(row, known[i].name.p, known[i].name.n)).n > 0;
    if (whole) {
        vendor_tell_others(im, row, known, count);
    } else if (!is_blank(row)) {
        vendor_unknown(im, key, row, S("a row with something missing, which does nothing"));
    }
    return whole;
}

/* --- the common part ---------------------------------------------------------------------------- */

static void write_source(struct writer *w, struct str name)
{
    writer_open(w, S("sources"));
    writer_item(w);
    writer_pair(w, S("name"), name);
    writer_comment(w, S("What the SDKs send as their write key; set the variable, or write it "
                        "here."));
    writer_plain(w, S("write_key"), S("${PIXELD_WRITE_KEY:-change-me}"));
    writer_pair(w, S("protocol"), name);
    writer_close(w);
    writer_close(w);
}

static bool is_pixel(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return s.n >= 1 && s.n <= 20;
}

static void write_pixel(struct import *im, yyjson_val *v)
{
    struct str id = str_trim(json_str(v));
    if (is_pixel(id)) {
        writer_pair(&im->w, S("pixel_id"), id);
        return;
    }
    struct str shown = writer_shown(im->arena, id, LIMIT_SHOWN_BYTES);
    writer_note(&im->w,
                "The settings have no pixel ID of digits%s%.*s%s; set the variable or "
                "write it here.",
                shown.n ? " (it was \"" : "", STR_ARG(shown), shown.n ? "\")" : "");
    writer_plain(&im->w, S("pixel_id"), S("${META_PIXEL_ID:-0}"));
}

static void write_test_code(struct import *im, const struct vendor_settings *s)
{
    struct str code = str_trim(json_str(s->test_code));
    bool fits = code.n <= LIMIT_NAME_BYTES && str_find(code, S("${"), 0) == SIZE_MAX &&
                str_find_char(code, '\0', 0) == SIZE_MAX;
    if (!code.n) return;
    if (fits && !s->test_code_off) {
        writer_comment(&im->w, S("With a test code the events show under Test events as well; Meta "
                                 "counts them like any others."));
        writer_pair(&im->w, S("test_event_code"), code);
        return;
    }
    writer_note(&im->w, "There is a test code, which %s: %.*s",
                fits ? "is not in use" : "is not like Meta's",
                STR_ARG(writer_shown(im->arena, code, LIMIT_SHOWN_BYTES)));
}

static bool write_all(struct import *im, const struct vendor *vendor, yyjson_val *root,
                      struct err *err)
{
    struct writer *w = &im->w;
    struct vendor_settings settings = {0};
    if (!vendor->settings(root, &settings, err)) return false;
    writer_comment(w, arena_printf(im->arena,
                                   "Made by `pixeld import %.*s` from the settings of %.*s's "
                                   "destination.",
                                   STR_ARG(vendor->name), STR_ARG(vendor->title)));
    writer_comment(w, S("Comments below say what could not be taken over as it was."));
    writer_blank(w);
    write_source(w, vendor->name);
    writer_blank(w);
    writer_open(w, S("destinations"));
    writer_item(w);
    writer_pair(w, S("name"), S("meta"));
    write_pixel(im, settings.pixel_id);
    writer_comment(w, S("The Conversions API token from Events Manager; it is not copied from the "
                        "settings. Set the variable, or write file:PATH here."));
    writer_plain(w, S("access_token"), S("${META_TOKEN:-unset}"));
    if (settings.disabled) writer_plain(w, S("enabled"), S("false"));
    write_test_code(im, &settings);
    if (!vendor->write(im, root, err)) return false;
    writer_close(w);
    writer_close(w);
    return true;
}

/* --- the proof ---------------------------------------------------------------------------------- */

static void compile_all(const struct config *config, struct arena *arena, struct diags *diags)
{
    for (size_t i = 0; config && i < config->destination_count; i++) {
        const struct destination_conf *d = &config->destinations[i];
        const struct preset *preset = preset_find(presets, preset_count, d->preset.text);
        struct destination_conf *below =
            preset ? preset_parse(preset->file, preset->text, arena, diags) : NULL;
        (void)plan_compile(d, below, arena, diags); /* its problems are in the diags */
    }
}

/* What does not fit into a configuration at all, such as more actions than its limits allow. */
static bool prove(struct arena *arena, struct str yaml, struct err *err)
{
    struct diags diags;
    struct buf where = {0};
    diags_init(&diags, arena);
    compile_all(config_parse(S("the imported configuration"), yaml, arena, &diags), arena, &diags);
    if (!diags.count) return true;
    loc_print(&where, diags.items[0].loc);
    (void)err_set(err, ERR_INPUT, "these settings do not fit into a configuration: %.*s: %.*s",
                  STR_ARG(buf_str(&where)), STR_ARG(diags.items[0].message));
    buf_fini(&where);
    return false;
}

static bool import_into(struct arena *arena, const struct vendor *vendor, struct str settings,
                        struct import_result *out, struct err *err)
{
    struct import im = {.arena = arena};
    if (settings.n > LIMIT_IMPORT_BYTES)
        return err_set(err, ERR_INPUT, "larger than %zu bytes", LIMIT_IMPORT_BYTES);
    yyjson_val *root = json_read(arena, settings, err);
    if (!root) return false;
    if (!json_depth_ok(root, LIMIT_JSON_DEPTH))
        return err_set(err, ERR_INPUT, "nested deeper than %d", LIMIT_JSON_DEPTH);
    if (!yyjson_is_obj(root))
        return err_set(err, ERR_INPUT, "an object with the destination's settings is needed");
    writer_init(&im.w, &out->yaml, &out->notes);
    if (!write_all(&im, vendor, root, err)) return false;
    out->note_count = im.w.note_count;
    return prove(arena, buf_str(&out->yaml), err);
}

bool import_settings(struct str vendor, struct str settings, struct import_result *out,
                     struct err *err)
{
    struct arena arena = {0};
    const struct vendor *found = find_vendor(vendor, err);
    *out = (struct import_result){.note_count = 0};
    if (!found) return false;
    bool ok = import_into(&arena, found, settings, out, err);
    if (!ok) import_result_fini(out);
    arena_fini(&arena);
    return ok;
}

void import_result_fini(struct import_result *out)
{
    buf_fini(&out->yaml);
    buf_fini(&out->notes);
    out->note_count = 0;
}
