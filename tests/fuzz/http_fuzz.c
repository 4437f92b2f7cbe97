/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP parser with any bytes, in pieces. The first byte chooses the pieces' size. Whatever comes,
 * the requests are the same as when all bytes come at once, and no body outlives its request. */
#include "http/parse.h"

#include <assert.h>

static void nothing(void *ctx, struct http_request *req)
{
    (void)ctx;
    (void)req;
}

static const struct http_route routes[] = {
    {.method = HTTP_GET_, .path = "/e", .handler = nothing},
    {.method = HTTP_POST_, .path = "/e", .handler = nothing, .cors = true},
    {.method = HTTP_POST_, .path = "/small", .handler = nothing, .body_limit = 10},
    {.method = HTTP_GET_, .path = "/w/*/end", .handler = nothing, .cors = true},
};

/* A fingerprint of what came of the request. Not which refusal: a name that is both one too many and
 * broken is refused for what shows first. */
static void note(struct exchange *x, struct buf *out)
{
    buf_putc(out, x->refusal ? 'R' : 'T');
    if (x->refusal) return;
    buf_put_u64(out, (uint64_t)x->req.method);
    buf_put(out, x->req.path);
    buf_put(out, x->req.query);
    buf_put(out, x->req.body);
    buf_put(out, http_header(&x->req, S("Host")));
    buf_put(out, http_basic_user(&x->req));
    buf_put(out, http_query_get(&x->req, S("writeKey")));
}

static void feed(struct str bytes, size_t step, struct buf *out)
{
    struct exchange_pool pool;
    struct parse p;
    exchange_pool_init(&pool, 1 << 20);
    parse_init(&p, &pool, &(struct route_table){routes, countof(routes), NULL});
    enum parse_result result = PARSE_MORE;
    while (bytes.n && result != PARSE_REFUSED) {
        size_t used;
        result = parse_feed(&p, str_head(bytes, step), &used);
        bytes = str_from(bytes, used);
        if (result == PARSE_MORE) continue;
        note(p.x, out);
        exchange_give(&pool, p.x);
        p.x = NULL;
        assert(!pool.busy && !pool.body_bytes);
    }
    exchange_pool_fini(&pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = {0}, pieces = {0};
    if (size < 2 || size > 20000) return 0; /* below the limits on blanks, which count by pieces */
    struct str bytes = str_of((const char *)data + 1, size - 1);
    feed(bytes, bytes.n, &whole);
    feed(bytes, 1 + data[0] % 16, &pieces);
    assert(str_eq(buf_str(&whole), buf_str(&pieces)));
    buf_fini(&whole);
    buf_fini(&pieces);
    return 0;
}
