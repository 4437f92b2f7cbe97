/* SPDX-License-Identifier: Apache-2.0 */
/* The pixel's script, from the binary: PATH.js, which browsers ask about again, and PATH.TAG.js, which they
 * may keep for ever because another script would have another tag. */
#include "ingest/pixel.h"

#include "conf/pixel.h"

#define KEPT "Cache-Control: public, max-age=3600, stale-while-revalidate=86400\r\n"
#define KEPT_FOR_EVER "Cache-Control: public, max-age=31536000, immutable\r\n"

/* What is behind a source's path; p = NULL when it is no source's. */
static struct str behind_path(const struct config *config, struct str path)
{
    for (size_t i = 0; i < config->source_count; i++) {
        const struct source_conf *source = &config->sources[i];
        if (source->protocol != PROTOCOL_PIXEL || !source->enabled) continue;
        struct str begin = source->pixel.path.text;
        if (!str_starts(path, begin)) continue;
        if (path.n == begin.n || path.p[begin.n] == '.') return str_from(path, begin.n);
    }
    return str_of(NULL, 0);
}

/* The file of a name; *forever when the name has its tag in it. */
static const struct pixel_file *find_file(struct str name, bool *forever)
{
    for (size_t i = 0; i < pixel_file_count; i++) {
        const struct pixel_file *file = &pixel_files[i];
        *forever = name.n == file->name.n + file->tag.n + 1 && name.p[0] == '.' &&
                   str_starts(str_from(name, 1), file->tag) && str_ends(name, file->name);
        if (*forever || str_eq(name, file->name)) return file;
    }
    return NULL;
}

bool pixel_knows(void *ctx, struct str path)
{
    const void *generation;
    bool ignored;
    const struct config *config = ingest_acquire(ctx, &generation);
    struct str name = behind_path(config, path);
    ingest_release(ctx, generation);
    return name.p && (!name.n || find_file(name, &ignored));
}

static bool takes_gzip(const struct http_request *req)
{
    return str_find(http_header(req, S("Accept-Encoding")), S("gzip"), 0) != SIZE_MAX;
}

static void respond(struct http_request *req, const struct pixel_file *file, bool forever)
{
    bool packed = takes_gzip(req);
    struct str tag =
        arena_printf(req->arena, "\"%.*s%s\"", STR_ARG(file->tag), packed ? "-gz" : "");
    struct str lines = arena_printf(req->arena,
                                    "ETag: %.*s\r\nVary: Accept-Encoding\r\n"
                                    "X-Content-Type-Options: nosniff\r\n"
                                    "Cross-Origin-Resource-Policy: cross-origin\r\n%s%s",
                                    STR_ARG(tag), forever ? KEPT_FOR_EVER : KEPT,
                                    packed ? "Content-Encoding: gzip\r\n" : "");
    bool known = str_find(http_header(req, S("If-None-Match")), tag, 0) != SIZE_MAX;
    http_respond(req, &(struct http_response){
                          .status = known ? 304 : 200,
                          .content_type = S("text/javascript; charset=utf-8"),
                          .extra_headers = lines,
                          .body = packed ? file->packed : file->text,
                      });
}

void pixel_get(void *ctx, struct http_request *req)
{
    const void *generation;
    bool forever;
    const struct config *config = ingest_acquire(ctx, &generation);
    struct str name = behind_path(config, req->path);
    ingest_release(ctx, generation);
    const struct pixel_file *file = name.n ? find_file(name, &forever) : NULL;
    if (file) {
        respond(req, file, forever);
    } else {
        ingest_events(ctx, req);
    }
}
