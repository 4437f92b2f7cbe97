/* SPDX-License-Identifier: Apache-2.0 */
/* RudderStack's "Facebook Pixel" and "Facebook Conversions" destinations: a preset, and over it what
 * the config object changes. Keys are read as RudderStack's cloud mode reads them. */
#include "import/vendor.h"

#include "base/table.h"
#include "meta/fields.h"

enum { CATEGORIES_MAX = 60 };

/* X("what eventsToEvents says", "Meta event"): Meta's names, and RudderStack's own in small letters */
#define ROW_TARGETS(X)                                                                             \
    X("ViewContent", "ViewContent")                                                                \
    X("AddToCart", "AddToCart")                                                                    \
    X("Purchase", "Purchase")                                                                      \
    X("Search", "Search")                                                                          \
    X("InitiateCheckout", "InitiateCheckout")                                                      \
    X("PageView", "PageView")                                                                      \
    X("AddToWishlist", "AddToWishlist")                                                            \
    X("AddPaymentInfo", "AddPaymentInfo")                                                          \
    X("Lead", "Lead")                                                                              \
    X("CompleteRegistration", "CompleteRegistration")                                              \
    X("Contact", "Contact")                                                                        \
    X("CustomizeProduct", "CustomizeProduct")                                                      \
    X("Donate", "Donate")                                                                          \
    X("FindLocation", "FindLocation")                                                              \
    X("Schedule", "Schedule")                                                                      \
    X("StartTrial", "StartTrial")                                                                  \
    X("SubmitApplication", "SubmitApplication")                                                    \
    X("Subscribe", "Subscribe")                                                                    \
    X("product list viewed", "ViewContent")                                                        \
    X("product viewed", "ViewContent")                                                             \
    X("product added", "AddToCart")                                                                \
    X("order completed", "Purchase")                                                               \
    X("products searched", "Search")                                                               \
    X("checkout started", "InitiateCheckout")

/* The commerce events whose body the settings change: their Meta event and what they are when no
 * category says it. */
static const struct commerce {
    struct str name, event, send; /* event in small letters: capitals do not count */
    bool has_value;               /* valueFieldIdentifier is about it */
    bool is_view;                 /* a product group without products */
} commerce[] = {
    {S_INIT("Product Viewed"), S_INIT("product viewed"), S_INIT("ViewContent"), true, true},
    {S_INIT("Product List Viewed"), S_INIT("product list viewed"), S_INIT("ViewContent"), false,
     true},
    {S_INIT("Product Added"), S_INIT("product added"), S_INIT("AddToCart"), true, false},
    {S_INIT("Checkout Started"), S_INIT("checkout started"), S_INIT("InitiateCheckout"), false,
     false},
    {S_INIT("Order Completed"), S_INIT("order completed"), S_INIT("Purchase"), false, false},
};

/* Other forms than lists would be read as nothing, and a list of personal names may not get lost. */
static bool are_lists(yyjson_val *root, struct err *err)
{
    static const char *const lists[] = {"eventsToEvents", "categoryToContent",
                                        "blacklistPiiProperties", "whitelistPiiProperties"};
    for (size_t i = 0; i < countof(lists); i++) {
        yyjson_val *list = yyjson_obj_get(root, lists[i]);
        if (!list || yyjson_is_arr(list) || yyjson_is_null(list)) continue;
        return err_set(err, ERR_INPUT, "%s: a list is needed", lists[i]);
    }
    return true;
}

/* {{ path || default }}, which RudderStack fills in for each event. */
static bool is_template(struct str text)
{
    return str_find(text, S("{{"), 0) != SIZE_MAX;
}

/* Is text usable, or a template? Then it is left out, with a comment. */
static bool is_fixed(struct import *im, const char *key, struct str text)
{
    if (!is_template(text)) return true;
    writer_note(&im->w, "%s: the template %.*s is left out; an expression can do its work.", key,
                STR_ARG(writer_shown(im->arena, text, 100)));
    return false;
}

bool rudderstack_settings(yyjson_val *root, struct vendor_settings *out, struct err *err)
{
    yyjson_val *pixel = yyjson_obj_get(root, "datasetId");
    yyjson_val *code = yyjson_obj_get(root, "testEventCode");
    if (!are_lists(root, err)) return false;
    if (!json_str(pixel).n) pixel = yyjson_obj_get(root, "pixelId");
    *out = (struct vendor_settings){
        .pixel_id = pixel,
        .test_code = is_template(json_str(code)) ? NULL : code,
        .test_code_off = !yyjson_is_true(yyjson_obj_get(root, "testDestination")),
    };
    return true;
}

static bool is_conversions(yyjson_val *root)
{
    return json_str(yyjson_obj_get(root, "datasetId")).n > 0;
}

static const struct vendor_key from_to[] = {{S_INIT("from"), VENDOR_TEXT, S_INIT("")},
                                            {S_INIT("to"), VENDOR_TEXT, S_INIT("")}};

/* --- eventsToEvents ----------------------------------------------------------------------------- */

static struct str row_target(struct str to)
{
    static const struct {
        struct str to, send;
    } targets[] = {
#define X(to, send) {S_INIT(to), S_INIT(send)},
        ROW_TARGETS(X)
#undef X
    };
    for (size_t i = 0; i < countof(targets); i++)
        if (str_eq(targets[i].to, to)) return targets[i].send;
    return S("");
}

/* Of rows that differ only in capitals the last one holds for all. */
static yyjson_val *last_to(yyjson_val *rows, struct str from)
{
    size_t index, count;
    yyjson_val *row, *to = NULL;
    yyjson_arr_foreach (rows, index, count, row)
        if (str_eq_nocase(json_str(yyjson_obj_get(row, "from")), from))
            to = yyjson_obj_get(row, "to");
    return to;
}

/* Does a row say what becomes of this event? */
static bool has_row(yyjson_val *rows, struct str name)
{
    return json_str(last_to(rows, name)).n > 0;
}

static void write_row(struct import *im, yyjson_val *rows, struct table *seen, struct str from)
{
    struct str to = json_str(last_to(rows, from)), send = row_target(to);
    struct str shown = writer_shown(im->arena, from, 100);
    if (!from.n || !to.n || table_get(seen, from)) return;
    table_put(seen, im->arena, from, seen);
    if (!is_fixed(im, "eventsToEvents", from) || !is_fixed(im, "eventsToEvents", to)) return;
    bool writable = target_can_be_named(from) && target_can_be_named(to) &&
                    str_find(to, S("${"), 0) == SIZE_MAX;
    if (!writable) {
        writer_note(&im->w, "eventsToEvents %.*s is left out: the names cannot be written here.",
                    STR_ARG(shown));
        return;
    }
    if (!send.n)
        writer_note(&im->w,
                    "%.*s is sent under the name that follows; RudderStack ignored it and "
                    "kept the event's own name, because it is none of Meta's.",
                    STR_ARG(shown));
    writer_pair(&im->w, from, send.n ? send : to);
}

static void write_events(struct import *im, yyjson_val *root)
{
    struct table seen = {0};
    yyjson_val *rows = yyjson_obj_get(root, "eventsToEvents"), *row;
    size_t index, count;
    writer_open(&im->w, S("events"));
    yyjson_arr_foreach (rows, index, count, row)
        if (vendor_row(im, S("eventsToEvents"), row, from_to, countof(from_to)))
            write_row(im, rows, &seen, json_str(yyjson_obj_get(row, "from")));
    if (is_conversions(root)) {
        static const struct str more[][2] = {
            {S_INIT("Payment Info Entered"), S_INIT("AddPaymentInfo")},
            {S_INIT("Product Added to Wishlist"), S_INIT("AddToWishlist")}};
        for (size_t i = 0; i < countof(more); i++)
            if (!has_row(rows, more[i][0])) writer_pair(&im->w, more[i][0], more[i][1]);
    }
    writer_close(&im->w);
}

/* --- personal data ------------------------------------------------------------------------------ */

/* One name of a list. What has dots was the name of a nested property; here names hold at every depth. */
static void write_name(struct import *im, struct str list, struct str name, bool nested)
{
    struct str shown = writer_shown(im->arena, name, 100);
    if (!name.n || !is_fixed(im, "a list of personal names", name)) return;
    if (str_find(name, S("${"), 0) != SIZE_MAX || str_find_char(name, '\0', 0) != SIZE_MAX) {
        writer_note(&im->w, "pii.%.*s: %.*s is left out, it cannot be written here.", STR_ARG(list),
                    STR_ARG(shown));
        return;
    }
    size_t dot = SIZE_MAX;
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == '.') dot = i;
    if (dot != SIZE_MAX && (!nested || dot + 1 == name.n)) {
        writer_note(&im->w,
                    "pii.%.*s: %.*s is left out; names of nested properties stand alone "
                    "here and hold at every depth.",
                    STR_ARG(list), STR_ARG(shown));
        return;
    }
    if (dot != SIZE_MAX) {
        writer_note(&im->w, "pii.%.*s: %.*s holds at every depth here, by its last name.",
                    STR_ARG(list), STR_ARG(shown));
        name = str_from(name, dot + 1);
    }
    writer_element(&im->w, name);
}

/* A row of a list: {key: name}, or the name alone. */
static struct str name_in(yyjson_val *row, const char *key)
{
    return yyjson_is_str(row) ? json_str(row) : json_str(yyjson_obj_get(row, key));
}

static bool is_allowed(yyjson_val *allow, struct str name)
{
    size_t index, count;
    yyjson_val *row;
    yyjson_arr_foreach (allow, index, count, row)
        if (name.n && str_eq(name_in(row, "whitelistPiiProperties"), name)) return true;
    return false;
}

static void write_denied(struct import *im, yyjson_val *root, bool hashed)
{
    yyjson_val *deny = yyjson_obj_get(root, "blacklistPiiProperties"), *row;
    yyjson_val *allow = yyjson_obj_get(root, "whitelistPiiProperties");
    struct str list = hashed ? S("hash") : S("deny");
    size_t index, count;
    writer_open(&im->w, list);
    yyjson_arr_foreach (deny, index, count, row) {
        struct str name = name_in(row, "blacklistPiiProperties");
        if (yyjson_is_true(yyjson_obj_get(row, "blacklistPiiHash")) != hashed) continue;
        if (!hashed && is_allowed(allow, name)) {
            writer_note(&im->w, "pii.deny: %.*s is on the allowlist too, which RudderStack obeys.",
                        STR_ARG(writer_shown(im->arena, name, 100)));
            continue;
        }
        write_name(im, list, name, true);
    }
    writer_close(&im->w);
}

/* Tells of rows of a list of names that hold none: a name that stays unread may go out. */
static void tell_names(struct import *im, yyjson_val *root, const char *list)
{
    const struct vendor_key row_keys[] = {
        {str_z(list), VENDOR_TEXT, S("")},
        {S("blacklistPiiHash"), VENDOR_TRUTH, S("")},
    };
    size_t index, count;
    yyjson_val *row;
    yyjson_arr_foreach (yyjson_obj_get(root, list), index, count, row)
        if (!yyjson_is_str(row)) (void)vendor_row(im, str_z(list), row, row_keys, 2); /* it tells */
}

static void write_pii(struct import *im, yyjson_val *root)
{
    yyjson_val *allow = yyjson_obj_get(root, "whitelistPiiProperties"), *row;
    size_t index, count;
    tell_names(im, root, "blacklistPiiProperties");
    tell_names(im, root, "whitelistPiiProperties");
    writer_open(&im->w, S("pii"));
    write_denied(im, root, false);
    write_denied(im, root, true);
    writer_open(&im->w, S("allow"));
    yyjson_arr_foreach (allow, index, count, row)
        write_name(im, S("allow"), name_in(row, "whitelistPiiProperties"), false);
    writer_close(&im->w);
    writer_close(&im->w);
}

/* --- actions of its own ------------------------------------------------------------------------- */

#define PRODUCT_IDS                                                                                \
    "properties.products[*].product_id || properties.products[*].sku || "                          \
    "properties.products[*].id || properties.product_id || properties.sku || properties.id"

/* `pick` of the category's content type; empty when there is none. */
static struct str category_pick(struct import *im, yyjson_val *rows)
{
    struct buf text = {0};
    struct piece from, to;
    size_t index, count, written = 0;
    yyjson_val *row;
    yyjson_arr_foreach (rows, index, count, row) {
        yyjson_val *a = yyjson_obj_get(row, "from"), *b = yyjson_obj_get(row, "to");
        bool usable = vendor_row(im, S("categoryToContent"), row, from_to, countof(from_to)) &&
                      piece_text(im->arena, json_str(a), &from) &&
                      piece_text(im->arena, json_str(b), &to);
        if (!usable || !is_fixed(im, "categoryToContent", json_str(a)) ||
            !is_fixed(im, "categoryToContent", json_str(b)))
            continue;
        if (written++ == CATEGORIES_MAX) {
            writer_note(&im->w, "categoryToContent: only the first %d rows fit.", CATEGORIES_MAX);
            break;
        }
        buf_printf(&text, "%s%.*s, %.*s", text.n ? ", " : "", STR_ARG(from.text), STR_ARG(to.text));
    }
    struct str pick =
        text.n ? arena_printf(im->arena, "pick(%.*s)", STR_ARG(buf_str(&text))) : S("");
    buf_fini(&text);
    return pick;
}

static void write_commerce(struct import *im, const struct commerce *c, struct str pick, bool value)
{
    struct writer *w = &im->w;
    writer_item(w);
    writer_pair(w, S("name"), c->name);
    writer_pair(w, S("trigger"),
                arena_printf(im->arena, "type = \"track\" and lowercase(event) = \"%.*s\"",
                             STR_ARG(c->event)));
    writer_pair(w, S("send"), c->send);
    writer_open(w, S("custom_data"));
    if (value) writer_pair(w, S("value"), S("properties.value | money"));
    if (pick.n)
        writer_pair(w, S("content_type"),
                    arena_printf(im->arena,
                                 "properties.content_type || "
                                 "(integrations | our_option(\"contentType\")) || "
                                 "(properties.category || properties.products.0.category | %.*s) "
                                 "|| (" PRODUCT_IDS " | then(\"product\"))%s",
                                 STR_ARG(pick), c->is_view ? " || \"product_group\"" : ""));
    writer_close(w);
    writer_close(w);
}

static void write_pages(struct import *im)
{
    writer_item(&im->w);
    writer_comment(&im->w, S("standardPageCall is off: pages go out under names of their own."));
    writer_pair(&im->w, S("name"), S("Pages by name"));
    writer_pair(&im->w, S("trigger"), S("type = \"page\" or type = \"screen\""));
    writer_pair(&im->w, S("event_name"),
                S("(name | prefix(\"Viewed page \")) || \"Viewed a page\""));
    writer_close(&im->w);
}

static void write_actions(struct import *im, yyjson_val *root)
{
    yyjson_val *rows = yyjson_obj_get(root, "eventsToEvents");
    struct str identifier = json_str(yyjson_obj_get(root, "valueFieldIdentifier"));
    bool by_value = str_eq(identifier, S("properties.value"));
    struct str pick = category_pick(im, yyjson_obj_get(root, "categoryToContent"));
    writer_open(&im->w, S("actions"));
    for (size_t i = 0; i < countof(commerce); i++) {
        const struct commerce *c = &commerce[i];
        bool value = by_value && c->has_value;
        if ((pick.n || value) && !has_row(rows, c->event)) write_commerce(im, c, pick, value);
    }
    if (yyjson_is_false(yyjson_obj_get(root, "standardPageCall")) && !is_conversions(root))
        write_pages(im);
    writer_close(&im->w);
}

/* --- single settings ---------------------------------------------------------------------------- */

static void write_action_source(struct import *im, yyjson_val *root)
{
    struct str source = json_str(yyjson_obj_get(root, "actionSource"));
    const struct meta_field *field = meta_field_find(META_EVENT, S("action_source"));
    bool known = false;
    for (size_t i = 0; i < field->word_count; i++) known |= str_eq(field->words[i], source);
    if (!source.n) return;
    if (!known) {
        vendor_unknown(im, S("actionSource"), yyjson_obj_get(root, "actionSource"),
                       S("not a word that Meta knows"));
        return;
    }
    writer_pair(&im->w, S("action_source"),
                arena_printf(im->arena,
                             "(integrations | our_option(\"action_source\")) || "
                             "traits.action_source || context.traits.action_source || "
                             "properties.action_source || \"%.*s\"",
                             STR_ARG(source)));
}

/* The Conversions destination takes the first of four for every event. */
static void write_amount(struct import *im)
{
#define AMOUNT "properties.revenue || properties.value || properties.price || properties.total"
    writer_open(&im->w, S("custom_data"));
    writer_pair(&im->w, S("value"), S(AMOUNT " | money"));
    writer_pair(&im->w, S("currency"),
                S("properties.currency || (" AMOUNT " | number | then(\"USD\"))"));
    writer_close(&im->w);
#undef AMOUNT
}

/* What is said in a comment alone. */
static void tell(struct import *im, yyjson_val *root)
{
    static const char *const texts[] = {"testEventCode", "valueFieldIdentifier"};
    yyjson_val *pages = yyjson_obj_get(root, "standardPageCall");
    for (size_t i = 0; i < countof(texts); i++)
        (void)is_fixed(im, texts[i], json_str(yyjson_obj_get(root, texts[i]))); /* or a comment */
    struct str money = json_str(yyjson_obj_get(root, "valueFieldIdentifier"));
    if (money.n && !is_template(money) && !str_eq(money, S("properties.price")) &&
        !str_eq(money, S("properties.value")))
        vendor_unknown(im, S("valueFieldIdentifier"), yyjson_obj_get(root, "valueFieldIdentifier"),
                       S("neither properties.price nor properties.value; it counts as the first"));
    if (yyjson_is_true(yyjson_obj_get(root, "advancedMapping")))
        writer_comment(&im->w, S("advancedMapping: identify calls enrich the person and are not "
                                 "sent as events named identify."));
    if (!yyjson_is_true(yyjson_obj_get(root, "limitedDataUSage")))
        writer_comment(&im->w, S("limitedDataUSage is off there; here what an event says in "
                                 "context.dataProcessingOptions is always obeyed."));
    if (is_conversions(root) && json_str(yyjson_obj_get(root, "pixelId")).n)
        vendor_unknown(im, S("pixelId"), yyjson_obj_get(root, "pixelId"),
                       S("the datasetId is used instead"));
    if (!yyjson_is_bool(pages) && !is_conversions(root))
        writer_comment(&im->w, S("standardPageCall is not given; pages are sent as PageView."));
}

#define UNREAD S_INIT("RudderStack does not read it in cloud mode")

static const struct vendor_key keys[] = {
    {S_INIT("pixelId"), VENDOR_TEXT, S_INIT("")},
    {S_INIT("datasetId"), VENDOR_TEXT, S_INIT("")},
    {S_INIT("accessToken"), VENDOR_ANY, S_INIT("")},
    {S_INIT("eventsToEvents"), VENDOR_ANY, S_INIT("")},
    {S_INIT("standardPageCall"), VENDOR_TRUTH, S_INIT("")},
    {S_INIT("advancedMapping"), VENDOR_TRUTH, S_INIT("")},
    {S_INIT("valueFieldIdentifier"), VENDOR_TEXT, S_INIT("")},
    {S_INIT("categoryToContent"), VENDOR_ANY, S_INIT("")},
    {S_INIT("blacklistPiiProperties"), VENDOR_ANY, S_INIT("")},
    {S_INIT("whitelistPiiProperties"), VENDOR_ANY, S_INIT("")},
    {S_INIT("limitedDataUSage"), VENDOR_TRUTH, S_INIT("")},
    {S_INIT("removeExternalId"), VENDOR_TRUTH, S_INIT("")},
    {S_INIT("testDestination"), VENDOR_TRUTH, S_INIT("")},
    {S_INIT("testEventCode"), VENDOR_TEXT, S_INIT("")},
    {S_INIT("actionSource"), VENDOR_TEXT, S_INIT("")},
    {S_INIT("eventCustomProperties"), VENDOR_UNREAD, UNREAD},
    {S_INIT("useUpdatedMapping"), VENDOR_UNREAD, UNREAD},
    {S_INIT("autoConfig"), VENDOR_UNREAD, UNREAD},
    {S_INIT("useNativeSDK"), VENDOR_UNREAD, UNREAD},
    {S_INIT("eventFilteringOption"), VENDOR_UNREAD, UNREAD},
    {S_INIT("whitelistedEvents"), VENDOR_UNREAD, UNREAD},
    {S_INIT("blacklistedEvents"), VENDOR_UNREAD, UNREAD},
    {S_INIT("connectionMode"), VENDOR_UNREAD, UNREAD},
    {S_INIT("legacyConversionPixelId"), VENDOR_UNREAD,
     S_INIT("RudderStack does not read it in cloud mode; a row of events with a pixel_id of its "
            "own, {send: Purchase, pixel_id: \"...\"}, reaches a second pixel")},
    {S_INIT("limitedDataUsage"), VENDOR_UNREAD,
     S_INIT("RudderStack only reads limitedDataUSage, with a capital S")},
};

bool rudderstack_write(struct import *im, yyjson_val *root, struct err *err)
{
    (void)err; /* what could be wrong is looked at with the settings */
    writer_pair(&im->w, S("preset"), S("rudderstack"));
    tell(im, root);
    write_action_source(im, root);
    if (yyjson_is_true(yyjson_obj_get(root, "removeExternalId"))) {
        writer_open(&im->w, S("user_data"));
        writer_plain(&im->w, S("external_id"), S("null"));
        writer_close(&im->w);
    }
    write_events(im, root);
    if (is_conversions(root)) write_amount(im);
    write_pii(im, root);
    write_actions(im, root);
    vendor_tell_others(im, root, keys, countof(keys));
    return true;
}
