/* SPDX-License-Identifier: Apache-2.0 */
/* See partner.h. */
#include "import/partner.h"

#include "base/table.h"
#include "core/limits.h"
#include "import/fql.h"

enum { NAME_BYTES = 200, TRIGGER_SHOWN = 1000 };

static const struct {
    struct str name, event, title;
} actions[] = {
#define X(name, event, title) {S_INIT(#name), S_INIT(event), S_INIT(title)},
    PARTNER_ACTIONS(X)
#undef X
};

struct subscription_head {
    yyjson_val *mapping, *apply;
    enum partner_action action;
    bool second; /* the form with a sync mode: purchase2 ... */
    struct str name;
    struct str trigger;
    struct str send;         /* a fixed event name; n = 0: */
    struct piece event_name; /* or an expression */
    struct directives trigger_notes, name_notes;
    struct str stopper; /* why it cannot run; n = 0: it can */
};

static bool wrong(struct err *err, size_t index, const char *what)
{
    return err_set(err, ERR_INPUT, "subscriptions[%zu]%s", index, what);
}

/* --- reading ------------------------------------------------------------------------------------ */

static bool find_action(struct str partner_action, struct subscription_head *out)
{
    out->second = str_ends(partner_action, S("2"));
    if (out->second) partner_action.n--;
    for (size_t i = 0; i < countof(actions); i++) {
        if (!str_eq(actions[i].name, partner_action)) continue;
        out->action = (enum partner_action)i;
        return true;
    }
    return false;
}

/* Names of actions are shown to people and must differ. ${ would be a variable. */
static struct str unique_name(struct import *im, struct table *names, struct str wanted)
{
    struct str shown = str_trim(writer_shown(im->arena, wanted, NAME_BYTES)), name = shown;
    for (size_t i = 0; i + 1 < shown.n; i++)
        if (shown.p[i] == '$' && shown.p[i + 1] == '{') ((char *)(uintptr_t)shown.p)[i] = '_';
    for (size_t i = 2; table_get(names, name); i++)
        name = arena_printf(im->arena, "%.*s (%zu)", STR_ARG(shown), i);
    table_put(names, im->arena, name, names);
    return name;
}

/* May a name stand behind `send`, where ${ is a variable? */
static bool is_sendable(struct str name)
{
    return name.n && name.n <= NAME_BYTES && str_find(name, S("${"), 0) == SIZE_MAX &&
           str_find_char(name, '\0', 0) == SIZE_MAX;
}

static void read_event_name(struct import *im, struct subscription_head *h)
{
    struct target t;
    yyjson_val *v = directive_unwrap(yyjson_obj_get(h->mapping, "event_name"));
    h->send = actions[h->action].event;
    if (h->send.n) return;
    if (yyjson_is_str(v) && is_sendable(json_str(v))) {
        h->send = json_str(v);
        return;
    }
    if (!v || yyjson_is_null(v) || (yyjson_is_str(v) && !json_str(v).n)) {
        h->stopper = S("its mapping has no event_name");
    } else if (!target_make(&h->name_notes, v, false, &t) || t.form != TARGET_EXPR) {
        h->stopper = arena_printf(im->arena, "its event_name has no equal: %.*s",
                                  STR_ARG(h->name_notes.why));
    } else {
        h->event_name = t.expr;
    }
}

static void read_trigger(struct import *im, yyjson_val *subscribe, struct subscription_head *h)
{
    if (fql_translate(&h->trigger_notes, json_str(subscribe), &h->trigger)) return;
    h->stopper = arena_printf(im->arena, "its trigger is not understood: %.*s",
                              STR_ARG(h->trigger_notes.why));
    h->trigger = writer_shown(im->arena, json_str(subscribe), TRIGGER_SHOWN);
}

/* A directive around the whole mapping. */
static void read_root_directive(struct subscription_head *h)
{
    yyjson_val *root = yyjson_obj_get(h->mapping, "__segment_internal_directive"), *holds;
    struct str name;
    if (!root) return;
    bool known = directive_of(root, &name, &holds) && str_eq(name, S("@transform"));
    h->apply = known ? yyjson_obj_get(holds, "apply") : NULL;
    if (!yyjson_is_obj(h->apply)) h->stopper = S("the directive around its mapping has no equal");
}

static bool read_subscription(struct import *im, yyjson_val *v, size_t index,
                              struct subscription_head *h, struct err *err)
{
    yyjson_val *subscribe = yyjson_obj_get(v, "subscribe");
    yyjson_val *partner = yyjson_obj_get(v, "partnerAction");
    if (!yyjson_is_obj(v)) return wrong(err, index, ": not an object");
    if (!yyjson_is_str(subscribe)) return wrong(err, index, ".subscribe: a text is needed");
    if (!yyjson_is_str(partner)) return wrong(err, index, ".partnerAction: a text is needed");
    *h = (struct subscription_head){.mapping = yyjson_obj_get(v, "mapping")};
    directives_init(&h->trigger_notes, im->arena);
    directives_init(&h->name_notes, im->arena);
    if (!find_action(json_str(partner), h)) {
        h->action = PARTNER_custom;
        h->stopper = arena_printf(im->arena, "%.*s is no action of this destination",
                                  STR_ARG(writer_shown(im->arena, json_str(partner), 60)));
    }
    if (yyjson_is_null(h->mapping)) h->mapping = NULL;
    if (h->mapping && !yyjson_is_obj(h->mapping))
        return wrong(err, index, ".mapping: an object is needed");
    if (!yyjson_obj_size(h->mapping)) h->mapping = subscription_default(im->arena, h->action);
    read_root_directive(h);
    h->name_notes.apply = h->apply;
    if (!h->stopper.n) read_event_name(im, h);
    read_trigger(im, subscribe, h);
    return true;
}

/* --- writing ------------------------------------------------------------------------------------ */

static void put_remarks(struct import *im, const char *what, const struct directives *d)
{
    for (size_t i = 0; i < d->remark_count && i < DIRECTIVE_REMARKS; i++)
        writer_note(&im->w, "%s: %.*s.", what, STR_ARG(d->remarks[i]));
}

/* Actions of the second form run only with the sync mode "add". */
static bool check_mode(struct import *im, const struct subscription_head *h)
{
    yyjson_val *mode = yyjson_obj_get(h->mapping, "__segment_internal_sync_mode");
    if (!h->second || str_eq(json_str(mode), S("add"))) return true;
    writer_note(&im->w,
                "The sync mode is not \"add\", so the vendor refuses every event of this action; "
                "it is switched off here.");
    return false;
}

static const struct vendor_key subscription_keys[] = {
    {S_INIT("name"), VENDOR_TEXT, S_INIT("")},
    {S_INIT("id"), VENDOR_ANY, S_INIT("")},
    {S_INIT("enabled"), VENDOR_TRUTH, S_INIT("")},
    {S_INIT("subscribe"), VENDOR_ANY, S_INIT("")},
    {S_INIT("partnerAction"), VENDOR_ANY, S_INIT("")},
    {S_INIT("mapping"), VENDOR_ANY, S_INIT("")}};

static void write_subscription(struct import *im, yyjson_val *v, const struct subscription_head *h)
{
    struct writer *w = &im->w;
    bool enabled = !yyjson_is_false(yyjson_obj_get(v, "enabled"));
    writer_item(w);
    if (h->stopper.n) {
        w->commented = true;
        writer_note(
            w, "This action cannot run, because %.*s. As far as it goes:", STR_ARG(h->stopper));
    }
    writer_pair(w, S("name"), h->name);
    vendor_tell_others(im, v, subscription_keys, countof(subscription_keys));
    put_remarks(im, "trigger", &h->trigger_notes);
    writer_pair(w, S("trigger"), h->trigger);
    if (!check_mode(im, h) || !enabled) writer_plain(w, S("enabled"), S("false"));
    put_remarks(im, "event_name", &h->name_notes);
    if (h->send.n) {
        writer_pair(w, S("send"), h->send);
    } else if (h->event_name.kind != PIECE_NOTHING) {
        writer_pair(w, S("event_name"), h->event_name.text);
    }
    subscription_write(im, h->mapping, h->action, h->apply);
    writer_close(w);
    w->commented = false;
}

static bool write_all(struct import *im, yyjson_val *list, struct err *err)
{
    struct subscription_head head;
    struct table names = {0};
    size_t index, count;
    yyjson_val *v;
    writer_open(&im->w, S("actions"));
    yyjson_arr_foreach (list, index, count, v) {
        if (!read_subscription(im, v, index, &head, err)) return false;
        struct str wanted = json_str(yyjson_obj_get(v, "name"));
        if (!str_trim(wanted).n) wanted = actions[head.action].title;
        head.name = unique_name(im, &names, wanted);
        if (index) writer_blank(&im->w);
        write_subscription(im, v, &head);
    }
    writer_close(&im->w);
    return true;
}

/* Every action but the custom one refuses a website's event that does not know the browser. Here that is
 * said once for the destination. */
static void write_needs(struct import *im, yyjson_val *list)
{
    size_t index, count;
    yyjson_val *v;
    bool has_custom = false;
    yyjson_arr_foreach (list, index, count, v)
        has_custom |= str_starts(json_str(yyjson_obj_get(v, "partnerAction")), S("custom"));
    if (has_custom) {
        writer_note(&im->w,
                    "The vendor refuses events of a website without client_user_agent, but not "
                    "those of custom actions. Here they are sent; website_needs: "
                    "[client_user_agent] would refuse all.");
        return;
    }
    writer_open(&im->w, S("website_needs"));
    writer_element(&im->w, S("client_user_agent"));
    writer_close(&im->w);
}

bool partner_settings(yyjson_val *root, struct vendor_settings *out, struct err *err)
{
    yyjson_val *settings = yyjson_obj_get(root, "settings");
    if (settings && !yyjson_is_obj(settings))
        return err_set(err, ERR_INPUT, "settings: an object is needed");
    if (!settings && !yyjson_obj_get(root, "subscriptions"))
        return err_set(err, ERR_INPUT,
                       "there are neither settings nor subscriptions; wanted is "
                       "{\"settings\": {...}, \"subscriptions\": [...]}");
    *out = (struct vendor_settings){
        .pixel_id = yyjson_obj_get(settings, "pixelId"),
        .test_code = yyjson_obj_get(settings, "testEventCode"),
        .disabled = yyjson_is_false(yyjson_obj_get(root, "enabled")),
    };
    return true;
}

static void tell_unknown(struct import *im, yyjson_val *root)
{
    static const struct vendor_key top[] = {{S_INIT("settings"), VENDOR_ANY, S_INIT("")},
                                            {S_INIT("subscriptions"), VENDOR_ANY, S_INIT("")},
                                            {S_INIT("enabled"), VENDOR_TRUTH, S_INIT("")},
                                            {S_INIT("name"), VENDOR_ANY, S_INIT("")},
                                            {S_INIT("id"), VENDOR_ANY, S_INIT("")}};
    static const struct vendor_key known[] = {{S_INIT("pixelId"), VENDOR_TEXT, S_INIT("")},
                                              {S_INIT("testEventCode"), VENDOR_TEXT, S_INIT("")},
                                              {S_INIT("token"), VENDOR_ANY, S_INIT("")},
                                              {S_INIT("accessToken"), VENDOR_ANY, S_INIT("")}};
    vendor_tell_others(im, root, top, countof(top));
    vendor_tell_others(im, yyjson_obj_get(root, "settings"), known, countof(known));
}

bool partner_write(struct import *im, yyjson_val *root, struct err *err)
{
    yyjson_val *list = yyjson_obj_get(root, "subscriptions");
    if (list && !yyjson_is_arr(list))
        return err_set(err, ERR_INPUT, "subscriptions: a list is needed");
    tell_unknown(im, root);
    writer_comment(&im->w, S("A subscription's mapping is complete: what it does not name is not "
                             "sent. So no preset lies under these actions."));
    writer_pair(&im->w, S("preset"), S("none"));
    if (yyjson_arr_size(list) > LIMIT_ACTIONS)
        return err_set(err, ERR_INPUT, "subscriptions: more than %d", LIMIT_ACTIONS);
    if (!yyjson_arr_size(list)) {
        writer_note(&im->w, "There are no subscriptions, so nothing is sent.");
        return true;
    }
    write_needs(im, list);
    return write_all(im, list, err);
}
