/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP requests of the commands that talk to a running server. One handle, one request at a time. */
#ifndef APP_CLIENT_H
#define APP_CLIENT_H

#include "base/buf.h"
#include "base/err.h"

struct client;

/* client_new prepares requests to base, such as http://127.0.0.1:8081 (copied). key, if not NULL, is
 * sent as the user of Basic authorization (copied). */
struct client *client_new(const char *base, const char *key);
/* client_admin is the same for the admin API; the environment's PIXELD_TOKEN, if set, is sent as bearer. */
struct client *client_admin(const char *base);
void client_free(struct client *c);
/* client_put_escaped appends text as a piece of a path or query: what is special there as %XX. */
void client_put_escaped(struct buf *out, struct str text);
/* client_compress makes the bodies of requests gzip. */
void client_compress(struct client *c);
/* client_call sends body (p = NULL: GET) to base + path and puts the answer's body into out (cleared
 * first). Returns the HTTP status, or 0 with err (NET) when there was no answer. */
int client_call(struct client *c, const char *path, struct str body, struct buf *out,
                struct err *err);
/* client_retry_after is the Retry-After of the last answer in seconds, 0 without. */
long client_retry_after(const struct client *c);
/* client_json is client_call for an answer that must be 2xx: false with the server's own message. */
bool client_json(struct client *c, const char *path, struct str body, struct buf *out,
                 struct err *err);

/* client_delete is client_json with the method DELETE and no body. */
bool client_delete(struct client *c, const char *path, struct buf *out, struct err *err);

#define CLIENT_ADMIN_DEFAULT "http://127.0.0.1:8081"

#endif
