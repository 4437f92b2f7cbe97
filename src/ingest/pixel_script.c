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
static const struct asset *find_file(struct str name, bool *forever)
{
    for (size_t i = 0; i < pixel_files_count; i++) {
        const struct asset *file = &pixel_files[i];
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

static void respond(struct http_request *req, const struct asset *file, bool forever)
{
    static const struct str lines = S_INIT("X-Content-Type-Options: nosniff\r\n"
                                           "Cross-Origin-Resource-Policy: cross-origin\r\n" KEPT);
    static const struct str lines_for_ever =
        S_INIT("X-Content-Type-Options: nosniff\r\n"
               "Cross-Origin-Resource-Policy: cross-origin\r\n" KEPT_FOR_EVER);
    asset_send(req, file, forever ? lines_for_ever : lines);
}

void pixel_get(void *ctx, struct http_request *req)
{
    const void *generation;
    bool forever;
    const struct config *config = ingest_acquire(ctx, &generation);
    struct str name = behind_path(config, req->path);
    ingest_release(ctx, generation);
    const struct asset *file = name.n ? find_file(name, &forever) : NULL;
    if (file) {
        respond(req, file, forever);
    } else {
        ingest_events(ctx, req);
    }
}
