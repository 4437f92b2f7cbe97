/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes to requests and refusals (http/parse.c, http/exchange.c), without sockets: whatever the
 * pieces in which the bytes come, the requests are the same. */
#include "http/parse.h"

#include "support/ndjson.h"

static void nothing(void *ctx, struct http_request *req)
{
    (void)ctx;
    (void)req;
}

static const struct http_route routes[] = {
    {HTTP_GET_, "/e", nothing, .cors = false},
    {HTTP_POST_, "/e", nothing, .cors = true, .brief = true},
    {HTTP_POST_, "/small", nothing, .cors = false, .body_limit = 10},
    {HTTP_GET_, "/w/*", nothing, .cors = false},
};

static struct exchange_pool pool;

static int setup(void **state)
{
    (void)state;
    exchange_pool_init(&pool, LIMIT_BODIES_BYTES);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_null(pool.busy);
    assert_int_equal(pool.body_bytes, 0);
    exchange_pool_fini(&pool);
    return 0;
}

static const char *const method_names[] = {"GET", "POST", "PUT", "DELETE", "OTHER"};

/* Writes down what became of p->x, and lets go of it. */
static void note(struct parse *p, struct buf *out)
{
    struct exchange *x = p->x;
    if (out->n) buf_putc(out, ' ');
    if (x->refusal) {
        buf_put_u64(out, (uint64_t)x->refusal);
    } else {
        struct str echo = http_header(&x->req, S("X-Echo"));
        buf_printf(out, "%s %.*s", method_names[x->req.method], STR_ARG(x->req.path));
        if (x->req.query.n) buf_printf(out, "?%.*s", STR_ARG(x->req.query));
        buf_put(out, S(" ["));
        buf_put(out, echo.p ? echo : x->req.body);
        buf_putc(out, ']');
    }
    exchange_give(&pool, x);
    p->x = NULL;
}

static const struct route_table table = {routes, countof(routes), NULL};

static bool to_place; /* read the rest of a body where parse_room says */

/* The piece as the connection would have read it. */
static struct str read_piece(struct parse *p, struct str piece)
{
    size_t n = piece.n;
    char *to = to_place ? parse_room(p, &n) : NULL;
    if (!to) return piece;
    assert_true(n > 0 && n <= p->x->body.capacity - p->x->body.n);
    piece = str_head(piece, n);
    memcpy(to, piece.p, piece.n);
    return str_of(to, piece.n);
}

/* Feeds bytes in pieces of at most step (0: of random sizes). */
static void feed(struct str bytes, size_t step, uint64_t *random, struct buf *out)
{
    struct parse p;
    parse_init(&p, &pool, &table);
    while (bytes.n) {
        size_t n = step ? step : 1 + (size_t)(check_random(random) % 40), used = 0;
        struct str piece = read_piece(&p, str_head(bytes, n));
        enum parse_result result = parse_feed(&p, piece, &used);
        assert_true(used <= piece.n);
        bytes = str_from(bytes, used);
        if (result != PARSE_MORE) note(&p, out);
        if (result == PARSE_REFUSED) return;
        if (result == PARSE_MORE) assert_int_equal(used, piece.n);
    }
    if (p.x) exchange_give(&pool, p.x);
}

/* wanted is one text, or several with '|' between. */
static bool is_one_of(struct str wanted, struct str got)
{
    struct str one;
    do {
        bool more = str_cut(wanted, '|', &one, &wanted);
        if (str_eq(one, got)) return true;
        if (!more) return false;
    } while (true);
}

static void reads_one(yyjson_val *one)
{
    struct str bytes = test_case_str(one, "bytes"), gives = test_case_str(one, "gives");
    struct buf out = {0};
    uint64_t random = 20261121; /* fixed: a failure can be run again */
    for (size_t round = 0; round < 8; round++) {
        size_t step = round / 2;
        to_place = round & 1;
        buf_clear(&out);
        feed(bytes, step == 3 ? bytes.n : step, &random, &out);
        if (!is_one_of(gives, buf_str(&out))) {
            fail_msg("%.*s (step %zu): got \"%.*s\", want \"%.*s\"",
                     STR_ARG(test_case_str(one, "name")), step, STR_ARG(buf_str(&out)),
                     STR_ARG(gives));
        }
    }
    to_place = false;
    buf_fini(&out);
}

/* There is room for the rest of a body of known length only, and no more than has come already. */
static void has_room_for_bodies(void **state)
{
    static const char head[] = "POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n";
    static const char chunked[] =
        "POST /e HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "186a0\r\nx";
    struct parse p;
    size_t n = 0, used, room;
    (void)state;
    parse_init(&p, &pool, &table);
    assert_null(parse_room(&p, &n));
    assert_int_equal(parse_feed(&p, str_head(str_z(head), 20), &used), PARSE_MORE);
    assert_null(parse_room(&p, &n));
    assert_int_equal(parse_feed(&p, str_from(str_z(head), 20), &used), PARSE_MORE);
    for (size_t have = 0; have < 100000; have += room) {
        char *to = parse_room(&p, &room);
        assert_true(to && room <= 100000 - have && p.x->body.capacity < 16384 + 4 * have);
        memset(to, 'x', room);
        bool whole = have + room == 100000;
        assert_int_equal(parse_feed(&p, str_of(to, room), &used), whole ? PARSE_DONE : PARSE_MORE);
        assert_true(used == room && p.x->body.n == have + room && p.x->body.p + have == to);
    }
    exchange_give(&pool, p.x);
    p.x = NULL;
    assert_int_equal(parse_feed(&p, str_z(chunked), &used), PARSE_MORE);
    assert_null(parse_room(&p, &n));
    exchange_give(&pool, p.x);
}

/* For a brief route, a body that comes in one piece stays where it is, also with the next request behind it. */
static void leaves_whole_bodies_where_they_are(void **state)
{
    static const struct {
        const char *head, *first, *second; /* of the body */
        bool stays;
    } cases[] = {
        {"POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n", "bodyGET /e", "", true},
        {"POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n", "bo", "dy", false},
        {"POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n", "body", "", false},
        {"POST /e HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
         "4\r\nbody\r\n0\r\n\r\n", "", false},
    };
    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct parse p;
        struct buf text = {0};
        size_t used;
        parse_init(&p, &pool, &table);
        buf_printf(&text, "%s%s", cases[i].head, cases[i].first);
        struct str second = str_z(cases[i].second);
        enum parse_result result = parse_feed(&p, buf_str(&text), &used);
        assert_int_equal(result, second.n ? PARSE_MORE : PARSE_DONE);
        if (second.n) assert_int_equal(parse_feed(&p, second, &used), PARSE_DONE);
        struct str body = p.x->req.body;
        assert_true(str_eq(body, S("body")));
        assert_int_equal(body.p == text.p + strlen(cases[i].head), cases[i].stays);
        assert_int_equal(pool.body_bytes, cases[i].stays ? 0 : 4);
        exchange_give(&pool, p.x);
        buf_fini(&text);
    }
}

static void reads_requests(void **state)
{
    (void)state;
    test_cases("tests/cases/http/requests.ndjson", reads_one);
}

/* The refusal, or 0, of a request made of a start, n times some piece, and an end. */
static int refusal_of(const char *start, const char *piece, size_t n, const char *end)
{
    struct buf text = {0}, out = {0};
    uint64_t status = 0;
    buf_put(&text, str_z(start));
    for (size_t i = 0; i < n; i++) buf_put(&text, str_z(piece));
    buf_put(&text, str_z(end));
    feed(buf_str(&text), 1000, NULL, &out);
    if (!str_to_u64(buf_str(&out), &status)) status = 0;
    buf_fini(&text);
    buf_fini(&out);
    return (int)status;
}

static void holds_limits(void **state)
{
    (void)state;
    const char *head = "GET /e HTTP/1.1\r\nHost: h\r\n", *url_end = " HTTP/1.1\r\nHost: h\r\n\r\n";
    assert_int_equal(refusal_of("GET /e?", "x", LIMIT_URL_BYTES - 3, url_end), 0);
    assert_int_equal(refusal_of("GET /e?", "x", LIMIT_URL_BYTES - 2, url_end), 414);
    assert_int_equal(refusal_of(head, "X: y\r\n", LIMIT_HEADERS - 1, "\r\n"), 0);
    assert_int_equal(refusal_of(head, "X: y\r\n", LIMIT_HEADERS, "\r\n"), 431);
    size_t room = LIMIT_HEADER_BYTES - (sizeof "HosthXX" - 1);
    assert_int_equal(refusal_of("GET /e HTTP/1.1\r\nHost: h\r\nXX: ", "y", room, "\r\n\r\n"), 0);
    assert_int_equal(refusal_of("GET /e HTTP/1.1\r\nHost: h\r\nXX: ", "y", room + 1, "\r\n\r\n"),
                     431);
    assert_int_equal(refusal_of("GET /e HTTP/1.1\r\nHost: h\r\nX: ", " ", 1 << 20, "y\r\n\r\n"),
                     431); /* blanks that nobody keeps */
    assert_int_equal(refusal_of("GET /e HTTP/1.1\r\nHost: h\r\n", "y", 1 << 20, ""), 431);
    assert_int_equal(refusal_of("", "\r\n", 1 << 20, "GET /e HTTP/1.1\r\nHost: h\r\n\r\n"), 0);
}

static void holds_the_sum_of_bodies(void **state)
{
    (void)state;
    struct parse a, b;
    size_t used;
    struct str big =
        S("POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 80\r\n\r\n0123456789012345678");
    struct str chunks = S("POST /e HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "50\r\n01234567890123456789012345678901234567890123456789"
                          "012345678901234567890123456789\r\n");
    pool.body_bytes_max = 98;
    parse_init(&a, &pool, &table);
    parse_init(&b, &pool, &table);
    assert_int_equal(parse_feed(&a, big, &used), PARSE_MORE);
    assert_int_equal(pool.body_bytes, 19);
    assert_int_equal(parse_feed(&b, big, &used), PARSE_REFUSED); /* 19 + 80 */
    assert_int_equal(b.x->refusal, 503);
    exchange_give(&pool, b.x);
    parse_init(&b, &pool, &table);
    assert_int_equal(parse_feed(&b, chunks, &used), PARSE_REFUSED);
    assert_int_equal(b.x->refusal, 503);
    exchange_give(&pool, b.x);
    exchange_give(&pool, a.x);
}

/* What an earlier request of the connection found never changes what a later one finds. */
static void finds_each_request_its_route(void **state)
{
    static const char *const texts[] = {"GET /e",    "POST /e",    "PUT /e",   "OPTIONS /e",
                                        "HEAD /e",   "GET /w/a",   "GET /w/*", "GET /w/",
                                        "GET /none", "POST /small"};
    uint64_t random = 11;
    struct parse p;
    struct buf text = {0};
    (void)state;
    parse_init(&p, &pool, &table);
    for (int i = 0; i < 2000; i++) {
        size_t used;
        struct route_match want;
        const char *line = texts[check_random(&random) % countof(texts)];
        buf_clear(&text);
        buf_printf(&text, "%s HTTP/1.1\r\nHost: h\r\n\r\n", line);
        assert_int_equal(parse_feed(&p, buf_str(&text), &used), PARSE_DONE);
        struct exchange *x = p.x;
        route_find(&table, x->req.method, x->req.path, &want);
        assert_ptr_equal(x->route, want.route);
        assert_int_equal(x->allow, want.allow);
        assert_int_equal(x->cors, want.cors);
        assert_true(str_eq(x->req.wildcard, want.wildcard));
        exchange_give(&pool, x);
        p.x = NULL;
    }
    buf_fini(&text);
}

/* Requests leave their memory to the next ones, up to a bound. */
static void reuses_memory(void **state)
{
    (void)state;
    struct exchange *x[40];
    x[0] = exchange_take(&pool);
    buf_put(&x[0]->body, S("some"));
    const char *memory = x[0]->body.p;
    assert_true(exchange_count_body(&pool, 4));
    exchange_give(&pool, x[0]);
    x[0] = exchange_take(&pool);
    assert_ptr_equal(x[0]->body.p, memory);
    assert_int_equal(x[0]->body.n, 0);
    for (size_t i = 0; i < countof(x); i++) {
        if (i) x[i] = exchange_take(&pool);
        (void)buf_reserve(&x[i]->scratch, 1 << 20);
    }
    for (size_t i = 0; i < countof(x); i++) exchange_give(&pool, x[i]);
    assert_true(pool.free_bytes <= LIMIT_POOL_BYTES);
    assert_true(pool.free_bytes > LIMIT_POOL_BYTES / 2);
}

/* Whatever comes: no crash, nothing beyond the bytes, an end within the limits. */
static void survives_noise(void **state)
{
    (void)state;
    static const char *const words[] = {"POST /e HTTP/1.1\r\n",
                                        "GET /w/a%2f HTTP/1.0\r\n",
                                        "Host: h\r\n",
                                        "Content-Length: 3\r\n",
                                        "abc",
                                        "Transfer-Encoding: chunked\r\n",
                                        "3\r\nabc\r\n",
                                        "0\r\n\r\n",
                                        "\r\n",
                                        "\n",
                                        "\r",
                                        ":",
                                        "Expect: 100-continue\r\n",
                                        "Connection: close\r\n",
                                        "Content-Encoding: gzip\r\n",
                                        " ",
                                        "\t",
                                        "OPTIONS /e HTTP/1.1\r\n",
                                        "Upgrade: x\r\nConnection: upgrade\r\n"};
    struct buf text = {0}, out = {0};
    uint64_t random = 20261121; /* fixed: a failure can be run again */
    for (int i = 0; i < 3000; i++) {
        buf_clear(&text);
        buf_clear(&out);
        for (uint64_t n = check_random(&random) % 30; n; n--) {
            buf_put(&text, str_z(words[check_random(&random) % countof(words)]));
            if (check_random(&random) % 16 == 0) buf_putc(&text, (char)check_random(&random));
        }
        feed(buf_str(&text), 0, &random, &out);
        assert_null(pool.busy);
        assert_int_equal(pool.body_bytes, 0);
    }
    buf_fini(&text);
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_requests, setup, teardown),
        cmocka_unit_test_setup_teardown(has_room_for_bodies, setup, teardown),
        cmocka_unit_test_setup_teardown(leaves_whole_bodies_where_they_are, setup, teardown),
        cmocka_unit_test_setup_teardown(holds_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(holds_the_sum_of_bodies, setup, teardown),
        cmocka_unit_test_setup_teardown(finds_each_request_its_route, setup, teardown),
        cmocka_unit_test_setup_teardown(reuses_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(survives_noise, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
