/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of a browser pixel that are no JSON become it: Meta's own script asks for an image (GET), or
 * posts a form, urlencoded or multipart, and ours asks for an image where a page lets nothing else out.
 * The keys stay as they were sent; only cd[NAME] and ud[NAME] are gathered into objects, which is how
 * the mapping knows them (map/alias_table.c). */
#include "ingest/pixel.h"

#include "base/json.h"
#include "core/limits.h"
#include "http/form.h"

static bool is_object(struct str body)
{
    size_t at = json_skip_space(body, 0);
    return at < body.n && body.p[at] == '{';
}

bool pixel_form_is(const struct http_request *req)
{
    return req->method != HTTP_POST_ || !is_object(req->body);
}

/* --- the fields: of the address, then of the body ---------------------------------------------- */

struct fields {
    const struct http_request *req;
    struct form form;
    bool in_body;
};

static struct fields open_fields(const struct http_request *req)
{
    return (struct fields){.req = req, .form = {.rest = req->query}};
}

/* Beacons of plain text are forms too. */
static struct form body_form(const struct http_request *req)
{
    struct form form;
    struct str type = http_header(req, S("Content-Type"));
    if (form_open(&form, type, req->body, req->transient)) return form;
    return (struct form){.rest = req->body};
}

static bool next_field(struct fields *f, struct str *name, struct str *value)
{
    if (form_next(&f->form, f->req->transient, name, value)) return true;
    if (f->in_body || !f->req->body.n) return false;
    f->in_body = true;
    f->form = body_form(f->req);
    return form_next(&f->form, f->req->transient, name, value);
}

static struct str find_field(const struct http_request *req, struct str wanted)
{
    struct fields fields = open_fields(req);
    struct str name, value;
    while (next_field(&fields, &name, &value)) {
        if (str_eq(name, wanted)) return value;
    }
    return S("");
}

struct str pixel_form_id(const struct http_request *req)
{
    return find_field(req, S("id"));
}

/* --- Meta's own -------------------------------------------------------------------------------- */

/* NAME of "cd[NAME]"; p = NULL for another name. */
static struct str inner_name(struct str name, struct str outer)
{
    if (!str_starts(name, outer) || name.n < outer.n + 3 || name.p[outer.n] != '[' ||
        name.p[name.n - 1] != ']')
        return str_of(NULL, 0);
    return str_of(name.p + outer.n + 1, name.n - outer.n - 2);
}

/* Appends outer:{...} with all outer[NAME], if there are any. */
static void put_group(struct buf *out, const struct http_request *req, struct str outer)
{
    struct fields fields = open_fields(req);
    struct str name, value;
    bool any = false;
    while (next_field(&fields, &name, &value)) {
        struct str inner = inner_name(name, outer);
        if (!inner.p) continue;
        if (!any) {
            json_key(out, outer);
            buf_putc(out, '{');
        }
        any = true;
        json_kv_str(out, inner, value);
    }
    if (any) buf_putc(out, '}');
}

/* Keys of the event that are nobody's text. */
static bool is_ours(struct str name)
{
    return str_eq(name, S("cd")) || str_eq(name, S("ud")) || inner_name(name, S("cd")).p ||
           inner_name(name, S("ud")).p;
}

static void put_cookies(struct buf *out, const struct http_request *req, struct str address)
{
    struct str fbp = pixel_cookie_get(req, S("_fbp")), fbc = pixel_cookie_get(req, S("_fbc"));
    struct str click = pixel_cookie_address_click(address);
    if (fbp.p && !find_field(req, S("fbp")).n) json_kv_str(out, S("fbp"), fbp);
    /* A newer click in the address counts, and the mapping finds it there. */
    bool newer = click.n && !str_eq(click, pixel_cookie_click(fbc));
    if (fbc.p && !newer && !find_field(req, S("fbc")).n) json_kv_str(out, S("fbc"), fbc);
}

/* An image without script says neither address nor cookies: the browser does. */
static void put_event(struct buf *out, const struct http_request *req)
{
    struct fields fields = open_fields(req);
    struct str name, value, address = find_field(req, S("dl"));
    buf_putc(out, '{');
    while (next_field(&fields, &name, &value)) {
        if (name.n && !is_ours(name)) json_kv_str(out, name, value);
    }
    if (!address.n) {
        address = http_header(req, S("Referer"));
        if (address.n) json_kv_str(out, S("dl"), address);
    }
    put_cookies(out, req, address);
    put_group(out, req, S("cd"));
    put_group(out, req, S("ud"));
    buf_putc(out, '}');
}

/* --- both -------------------------------------------------------------------------------------- */

/* ?e={...}&s=TIME of our script: its body, with one event. */
static void put_image(struct buf *out, const struct http_request *req, struct str event)
{
    buf_putc(out, '{');
    json_kv_str(out, S("s"), find_field(req, S("s")));
    json_key(out, S("e"));
    buf_putc(out, '[');
    buf_put(out, event);
    buf_put(out, S("]}"));
}

bool pixel_form_open(const struct http_request *req, struct str *body, struct err *err)
{
    struct buf out = {0};
    struct str event = find_field(req, S("e"));
    bool ours = is_object(event), any = ours || find_field(req, S("ev")).n;
    if (!any) return err_set(err, ERR_INPUT, "the request names no event");
    if (ours) {
        put_image(&out, req, event);
    } else {
        put_event(&out, req);
    }
    *body = arena_str(req->transient, buf_str(&out));
    buf_fini(&out);
    return true;
}
