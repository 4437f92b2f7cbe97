/* SPDX-License-Identifier: Apache-2.0 */
/* The browser pixel on the wire: ours posts a list of events as JSON, in text/plain so that browsers ask
 * for no permission first, and Meta's own sends /tr what its servers get. Which source it is, a key says
 * or the path, and at /tr the pixel's id; who knows none of them could read them in any page. */
#include "ingest/pixel.h"

#include "base/sha256.h"
#include "conf/pixel.h"
#include "core/limits.h"
#include "ingest/source.h"

/* --- whose it is ------------------------------------------------------------------------------- */

static bool is_tr(struct str path)
{
    return str_eq(path, S("/tr")) || str_eq(path, S("/tr/"));
}

static bool names_pixel(const struct source_conf *source, struct str id)
{
    for (size_t i = 0; i < source->pixel.ids.count; i++) {
        if (str_eq(source->pixel.ids.items[i].text, id)) return true;
    }
    return false;
}

/* The source that names this pixel, else the first that names none. */
static const struct source_conf *find_without_key(const struct config *config, struct str path,
                                                  struct str id)
{
    const struct source_conf *found = NULL;
    for (size_t i = 0; i < config->source_count; i++) {
        const struct source_conf *source = &config->sources[i];
        bool here = is_tr(path) ? source->enabled && source->protocol == PROTOCOL_PIXEL
                                : pixel_takes_path(source, path);
        if (!here) continue;
        if (id.n && names_pixel(source, id)) return source;
        if (!found && !source->pixel.ids.count) found = source;
    }
    return found;
}

static enum refusal prove(const struct asking *a, const struct source_conf **source)
{
    struct str key = http_query_get(a->req, S("k"));
    if (key.n) {
        *source = source_find(a->config, key);
        bool fits = *source && (*source)->protocol == PROTOCOL_PIXEL;
        return fits ? REFUSAL_NONE : REFUSAL_BAD_KEY;
    }
    struct str id = pixel_form_is(a->req) ? pixel_form_id(a->req) : S("");
    *source = find_without_key(a->config, a->req->path, id);
    return *source ? REFUSAL_NONE : REFUSAL_NO_KEY;
}

/* --- what it says ------------------------------------------------------------------------------ */

static bool open_body(const struct http_request *req, struct str *body, struct err *err)
{
    return !pixel_form_is(req) || pixel_form_open(req, body, err);
}

/* One call makes an event for each pixel of the page, and pages give the ids of their orders to more than
 * one event: only pixel, name and id together are an event. */
static bool make_id(struct buf *out, yyjson_val *event)
{
    size_t mark = out->n;
    struct str id = json_str(json_get(event, "eid"));
    if (!id.n) return false;
    buf_put(out, id);
    buf_putc(out, '/');
    buf_put(out, json_str(json_get(event, "ev")));
    buf_putc(out, '/');
    buf_put(out, json_str(json_get(event, "id")));
    if (out->n - mark <= LIMIT_MESSAGE_ID_BYTES) return true;
    unsigned char digest[SHA256_BYTES];
    sha256(buf_since(out, mark), digest);
    buf_cut(out, mark);
    buf_put(out, S("sha256:"));
    buf_put_hex(out, digest, sizeof digest);
    return true;
}

/* --- the answer -------------------------------------------------------------------------------- */

/* What may succeed later is no image, so that the script hears of it. */
static void answer(struct http_request *req, const struct answer *a, struct http_response *res)
{
    bool image = req->method == HTTP_GET_ || is_tr(req->path);
    if (image && res->status != 503 && res->status != 429) {
        answer_image(res);
    } else {
        answer_json(req, a, res);
    }
    if (a->headers.n) res->extra_headers = a->headers;
}

const struct wire pixel_wire = {
    .protocol = PROTOCOL_PIXEL,
    .form = {.batch = S_INIT("e"), .type = S_INIT("ev"), .sent = S_INIT("s"), .make_id = make_id},
    .prove = prove,
    .open = open_body,
    .headers = pixel_cookie_lines,
    .answer = answer,
};

const struct ingest_kind pixel_kind = {.wire = &pixel_wire, .batch = true, .browser = true};
