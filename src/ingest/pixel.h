/* SPDX-License-Identifier: Apache-2.0 */
/* The browser pixel's protocol, in pieces: pixel.c is who sends and how it is answered, pixel_form.c the
 * requests that are no JSON, pixel_cookie.c the two cookies, pixel_script.c the script itself. */
#ifndef INGEST_PIXEL_H
#define INGEST_PIXEL_H

#include "http/asset.h"
#include "ingest/routes.h"

/* pixel_form_is: is the request anything but a body of JSON? */
bool pixel_form_is(const struct http_request *req);
/* pixel_form_open makes the body that the script would have sent, in the transient arena, from what else
 * browsers send: Meta's own requests to /tr (query, form, multipart) become one event, ?e=JSON is one.
 * False and err when there is none in it. */
bool pixel_form_open(const struct http_request *req, struct str *body, struct err *err);
/* pixel_form_id is the pixel that such a request names; n = 0 without. */
struct str pixel_form_id(const struct http_request *req);

/* pixel_cookie_get is the request's cookie of that name when it is one of Meta's two, else p = NULL. A
 * view. */
struct str pixel_cookie_get(const struct http_request *req, struct str name);
/* pixel_cookie_click is the click id in a valid _fbc, and in an address; n = 0 without. Views. */
struct str pixel_cookie_click(struct str fbc);
struct str pixel_cookie_address_click(struct str address);
/* pixel_cookie_lines makes the Set-Cookie lines that keep the names of the request's first event for 90
 * days, in the request's arena; n = 0 when it comes from another site, or has none. The cookies are not
 * HttpOnly: Meta's script and ours read them, and ours removes them when consent is revoked. */
struct str pixel_cookie_lines(const struct asking *a, const struct source_conf *source);

/* The script's files, as the build embeds them; a name is what follows the source's path. */
extern const struct asset pixel_files[];
extern const size_t pixel_files_count;

/* pixel_knows: does a source of the pixel have this path, or a file at it? A route's. */
bool pixel_knows(void *ctx, struct str path);
/* pixel_get answers what is asked for at such a path: a file, or an event in an image's address. */
http_handler_fn pixel_get;

extern const struct wire pixel_wire;
extern const struct ingest_kind pixel_kind;

#endif
