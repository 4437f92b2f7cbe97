/* SPDX-License-Identifier: Apache-2.0 */
/* See client.h. */
#include "app/client.h"

#include "base/json.h"
#include "base/mem.h"
#include "core/limits.h"

#include <assert.h>
#include <curl/curl.h>
#include <libdeflate.h>
#include <stdlib.h>

struct client {
    CURL *curl;
    struct curl_slist *headers;
    struct arena arena;
    struct str base;
    char reason[CURL_ERROR_SIZE];
    long retry_after_s;
    struct libdeflate_compressor *gzip; /* NULL: bodies go as they are */
    struct buf packed;
};

struct client *client_new(const char *base, const char *key)
{
    struct client *c = mem_new(sizeof *c);
    c->curl = curl_easy_init();
    assert(c->curl);
    c->base = arena_str(&c->arena, str_z(base));
    while (str_ends(c->base, S("/"))) c->base.n--;
    c->headers = curl_slist_append(NULL, "Content-Type: application/json");
    c->headers = curl_slist_append(c->headers, "Expect:");
    assert(c->headers);
    if (key) {
        (void)curl_easy_setopt(c->curl, CURLOPT_USERNAME, key);
        (void)curl_easy_setopt(c->curl, CURLOPT_PASSWORD, "");
    }
    return c;
}

struct client *client_admin(const char *base)
{
    struct client *c = client_new(base ? base : CLIENT_ADMIN_DEFAULT, NULL);
    const char *token = getenv("PIXELD_TOKEN");
    if (!token || !*token) return c;
    struct str header = arena_printf(&c->arena, "Authorization: Bearer %s", token);
    c->headers = curl_slist_append(c->headers, header.p);
    assert(c->headers);
    return c;
}

void client_compress(struct client *c)
{
    c->gzip = libdeflate_alloc_compressor(1); /* the fastest: events shrink to a sixth anyway */
    c->headers = curl_slist_append(c->headers, "Content-Encoding: gzip");
    assert(c->gzip && c->headers);
}

static struct str pack(struct client *c, struct str body)
{
    size_t room = libdeflate_gzip_compress_bound(c->gzip, body.n);
    buf_clear(&c->packed);
    c->packed.n =
        libdeflate_gzip_compress(c->gzip, body.p, body.n, buf_reserve(&c->packed, room), room);
    assert(c->packed.n); /* it had the room it asked for */
    return buf_str(&c->packed);
}

void client_free(struct client *c)
{
    if (!c) return;
    if (c->gzip) libdeflate_free_compressor(c->gzip);
    buf_fini(&c->packed);
    curl_easy_cleanup(c->curl);
    curl_slist_free_all(c->headers);
    arena_fini(&c->arena);
    mem_free(c);
}

static size_t take_body(char *data, size_t size, size_t count, void *ctx)
{
    struct buf *out = ctx;
    size_t n = size * count;
    if (out->n + n > LIMIT_CONFIG_BYTES * 16) return 0; /* no answer of ours is that long */
    buf_put(out, str_of(data, n));
    return n;
}

int client_call(struct client *c, const char *path, struct str body, struct buf *out,
                struct err *err)
{
    struct buf url = {0};
    long status = 0;
    curl_off_t retry_after = 0;
    buf_printf(&url, "%.*s%s", STR_ARG(c->base), path);
    buf_putc(&url, '\0');
    buf_clear(out);
    c->reason[0] = '\0';
    (void)curl_easy_setopt(c->curl, CURLOPT_URL, url.p);
    (void)curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, c->reason);
    (void)curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers);
    (void)curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, out);
    (void)curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, (long)LIMIT_REQUEST_MS);
    if (body.p && c->gzip) body = pack(c, body);
    if (body.p) {
        (void)curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, body.p);
        (void)curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
    } else {
        (void)curl_easy_setopt(c->curl, CURLOPT_HTTPGET, 1L);
    }
    CURLcode result = curl_easy_perform(c->curl);
    if (result != CURLE_OK) {
        (void)err_set(err, ERR_NET, "%s: %s", url.p,
                      c->reason[0] ? c->reason : curl_easy_strerror(result));
    } else {
        (void)curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
        (void)curl_easy_getinfo(c->curl, CURLINFO_RETRY_AFTER, &retry_after);
    }
    c->retry_after_s = (long)retry_after;
    buf_fini(&url);
    return (int)status;
}

void client_put_escaped(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        if (plain)
            buf_putc(out, (char)c);
        else
            buf_printf(out, "%%%02X", c);
    }
}

long client_retry_after(const struct client *c)
{
    return c->retry_after_s;
}

bool client_delete(struct client *c, const char *path, struct buf *out, struct err *err)
{
    (void)curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, "DELETE");
    bool ok = client_json(c, path, str_of(NULL, 0), out, err);
    (void)curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, NULL);
    return ok;
}

/* The server's words, with the first problem of a configuration that was sent along. */
static void set_refusal(yyjson_val *root, int status, struct err *err)
{
    struct str message = json_str(json_get(root, "error.message"));
    enum err_kind kind = status >= 500 ? ERR_IO : ERR_INPUT;
    yyjson_val *problems = json_get(root, "problems"), *first = yyjson_arr_get_first(problems);
    size_t more = first ? yyjson_arr_size(problems) - 1 : 0;
    char others[32] = "";
    if (!message.n) message = S("the server refused");
    if (!first) {
        (void)err_set(err, kind, "%.*s (HTTP %d)", STR_ARG(message), status);
        return;
    }
    if (more) (void)snprintf(others, sizeof others, " (and %zu more)", more);
    (void)err_set(err, kind, "%.*s: line %.*s, column %.*s: %.*s%s", STR_ARG(message),
                  STR_ARG(json_str(json_get(first, "line"))),
                  STR_ARG(json_str(json_get(first, "col"))),
                  STR_ARG(json_str(json_get(first, "message"))), others);
}

bool client_json(struct client *c, const char *path, struct str body, struct buf *out,
                 struct err *err)
{
    struct arena arena = {0};
    struct err ignored;
    int status = client_call(c, path, body, out, err);
    if (status == 0) return err_wrap(err, "no answer from pixeld (is it running?)");
    if (status >= 200 && status < 300) return true;
    set_refusal(json_read(&arena, buf_str(out), &ignored), status, err);
    arena_fini(&arena);
    return false;
}
