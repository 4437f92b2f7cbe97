/* SPDX-License-Identifier: Apache-2.0 */
/* Events by image: pages and mails without scripts ask for a picture, and the query is the event. Two
 * forms: `data`, the event's JSON in Base64 (Segment's pixel tracking API), or its fields by their dotted
 * names, context.page.url=... (the same, and RudderStack's pixel API). The answer is always the picture,
 * with status 200: browsers show anything else as broken, and nobody is there to read it. */
#include "core/limits.h"
#include "http/base64.h"
#include "http/form.h"
#include "ingest/segment.h"

static void answer(struct http_request *req, const struct answer *a, struct http_response *res)
{
    (void)req;
    (void)a; /* it is counted all the same */
    res->status = 200;
    res->retry_after_s = 0;
    answer_image(res);
}

/* --- fields with dotted names ------------------------------------------------------------------ */

struct field {
    struct str name, value;
    struct field *fields, *next; /* fields: it is an object, and its value does not count */
};

static struct field *find_or_add(struct field **list, struct str name, struct arena *arena)
{
    struct field **at = list;
    while (*at && !str_eq((*at)->name, name)) at = &(*at)->next;
    if (!*at) {
        *at = arena_new(arena, struct field);
        **at = (struct field){.name = name};
    }
    return *at;
}

/* Adds a field; false when its name is too deep. */
static bool add(struct field *root, struct str name, struct str value, struct arena *arena)
{
    struct field *field = root;
    struct str step, rest = name;
    for (unsigned depth = 0; rest.n; depth++) {
        if (depth == LIMIT_QUERY_DEPTH) return false;
        if (!str_cut(rest, '.', &step, &rest)) rest = S("");
        field = find_or_add(&field->fields, step, arena);
    }
    field->value = value;
    return true;
}

/* As deep as LIMIT_QUERY_DEPTH. */
static void put_fields(struct buf *out, const struct field *object)
{
    buf_putc(out, '{');
    for (const struct field *f = object->fields; f; f = f->next) {
        if (f->fields) {
            json_key(out, f->name);
            put_fields(out, f);
        } else {
            json_kv_str(out, f->name, f->value);
        }
    }
    buf_putc(out, '}');
}

/* Templates put quotes around it. */
static struct str unquote(struct str s)
{
    bool quoted = s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"';
    return quoted ? str_of(s.p + 1, s.n - 2) : s;
}

static bool read_fields(const struct http_request *req, struct str *body, struct err *err)
{
    struct arena *arena = req->transient;
    struct form form = {.rest = req->query};
    struct field root = {0};
    struct str name, value;
    struct buf out = {0};
    (void)add(&root, S("channel"), S("web"), arena);
    for (size_t count = 0; form_next(&form, arena, &name, &value); count++) {
        if (count == LIMIT_QUERY_FIELDS) return err_set(err, ERR_INPUT, "too many fields");
        if (str_eq(name, S("writeKey"))) continue; /* it is no part of the event */
        if (str_eq(name, S("anonymousId"))) value = unquote(value);
        if (!add(&root, name, value, arena)) return err_set(err, ERR_INPUT, "a name is too deep");
    }
    put_fields(&out, &root);
    *body = arena_str(arena, buf_str(&out));
    buf_fini(&out);
    return true;
}

/* --- Base64 ------------------------------------------------------------------------------------ */

/* A '+' that nobody escaped arrives as a blank. */
static struct str decode(struct str data, struct arena *arena)
{
    char *text = arena_alloc(arena, data.n + 1);
    for (size_t i = 0; i < data.n; i++) text[i] = data.p[i];
    for (size_t i = 0; i < data.n; i++) {
        if (text[i] == ' ') text[i] = '+';
    }
    return base64_decode(arena, str_of(text, data.n));
}

static bool open_query(const struct http_request *req, struct str *body, struct err *err)
{
    struct str data = form_get(req->query, S("data"), req->transient);
    if (!data.n) return read_fields(req, body, err);
    *body = decode(data, req->transient);
    return body->p || err_set(err, ERR_INPUT, "data is not Base64");
}

const struct wire segment_image_wire = {
    .protocol = PROTOCOL_SEGMENT,
    .form = SEGMENT_FORM,
    .open = open_query,
    .answer = answer,
};

const struct wire rudder_image_wire = {
    .protocol = PROTOCOL_RUDDERSTACK,
    .form = SEGMENT_FORM,
    .open = open_query,
    .answer = answer,
};
