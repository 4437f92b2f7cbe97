/* SPDX-License-Identifier: Apache-2.0 */
/* The browser pixel's requests over a real server: ingest/pixel.c, ingest/pixel_form.c,
 * ingest/pixel_cookie.c and ingest/pixel_script.c. What is sent, answered and kept is in
 * tests/cases/ingest/pixel.ndjson. */
#include "ingest/pixel.h"

#include "base/sha256.h"

#include "support/site.h"

/* --- events ------------------------------------------------------------------------------------ */

static void check_record(const struct event *e, void *ctx)
{
    struct expected *want = ctx;
    yyjson_val *item = yyjson_arr_get(yyjson_obj_get(want->one, "records"), want->index++);
    struct str id = test_case_str(item, "id");
    if (!item) {
        fail_msg("%.*s: one too many: %.*s", STR_ARG(test_case_str(want->one, "name")),
                 STR_ARG(e->json));
    }
    check_str_at(e->json, test_case_str(item, "json"), __FILE__, __LINE__);
    check_str_at(e->source, test_case_str(item, "source"), __FILE__, __LINE__);
    if (id.n) check_str_at(e->message_id, id, __FILE__, __LINE__);
    if (!id.n) assert_true(str_starts(e->message_id, S("px-")));
    assert_int_equal(e->protocol, PROTOCOL_PIXEL);
    assert_true(e->flags & EVENT_FROM_BROWSER);
    assert_int_equal(e->reject, REASON_NONE);
}

/* All Set-Cookie lines, one after the other with a blank. */
static void put_cookies(struct buf *out, struct str head)
{
    struct str line, rest = head, key, value;
    while (str_cut(rest, '\n', &line, &rest)) {
        if (!str_cut(line, ':', &key, &value) || !str_eq_nocase(key, S("Set-Cookie"))) continue;
        if (out->n) buf_putc(out, ' ');
        buf_put(out, str_trim(value));
    }
}

static struct test_answer ask(struct test_client *client, yyjson_val *one)
{
    struct test_answer a;
    struct buf request = {0};
    struct str headers = test_case_str(one, "headers"), body = test_case_str(one, "body");
    struct str host = test_case_str(one, "host");
    buf_printf(&request, "%.*s HTTP/1.1\r\nHost: %.*s\r\n", STR_ARG(test_case_str(one, "request")),
               STR_ARG(host.n ? host : S("t.shop.example")));
    if (headers.n) buf_printf(&request, "%.*s\r\n", STR_ARG(headers));
    buf_printf(&request, "Content-Length: %zu\r\n\r\n", body.n);
    buf_put(&request, body);
    *client = test_connect(site.port);
    assert_true(test_send(client, buf_str(&request)));
    assert_true(test_answer(client, false, &a));
    buf_fini(&request);
    return a;
}

static void takes_one(yyjson_val *one)
{
    struct test_client client;
    struct expected want = {one, 0};
    struct buf cookies = {0};
    int64_t status = 200;
    struct test_answer a = ask(&client, one);
    (void)str_to_i64(test_case_str(one, "status"), &status); /* absent: 200 */
    if (a.status != status) {
        fail_msg("%.*s: %d %.*s", STR_ARG(test_case_str(one, "name")), a.status, STR_ARG(a.body));
    }
    bool image = str_starts(a.body, S("GIF89a"));
    assert_int_equal(image, yyjson_get_bool(yyjson_obj_get(one, "image")));
    if (image) check_str(test_header(&a, "Content-Type"), "image/gif");
    put_cookies(&cookies, a.head);
    struct str expected_cookies = test_case_str(one, "cookies");
    check_str_at(buf_str(&cookies), expected_cookies.p ? expected_cookies : S(""), __FILE__,
                 __LINE__);
    (void)new_events(check_record, &want);
    assert_int_equal(want.index, yyjson_arr_size(yyjson_obj_get(one, "records")));
    buf_fini(&cookies);
    test_hang_up(&client);
}

static void takes(void **state)
{
    (void)state;
    test_cases("tests/cases/ingest/pixel.ndjson", takes_one);
}

/* Ids may be as long as pages like; what is too long is told by its hash. */
static void shortens_ids(void **state)
{
    (void)state;
    struct buf id = {0}, other = {0};
    struct arena arena = {0};
    struct err err;
    struct str long_id = arena_str(&arena, str_of(arena_zero(&arena, 300), 300));
    memset((char *)long_id.p, 'x', long_id.n);
    struct buf text = {0};
    buf_printf(&text, "{\"ev\":\"Lead\",\"id\":\"1\",\"eid\":\"%.*s\"}", STR_ARG(long_id));
    yyjson_val *event = json_read(&arena, buf_str(&text), &err);
    assert_true(pixel_wire.form.make_id(&id, event));
    assert_int_equal(id.n, 7 + 64);
    assert_true(str_starts(buf_str(&id), S("sha256:")));
    text.p[text.n - 3] = 'y';
    assert_true(pixel_wire.form.make_id(&other, json_read(&arena, buf_str(&text), &err)));
    assert_false(str_eq(buf_str(&id), buf_str(&other)));
    buf_fini(&text);
    buf_fini(&id);
    buf_fini(&other);
    arena_fini(&arena);
}

/* --- the script -------------------------------------------------------------------------------- */

static struct test_answer get(struct test_client *client, const char *path, const char *headers)
{
    struct test_answer a;
    struct buf request = {0};
    buf_printf(&request, "GET %s HTTP/1.1\r\nHost: t.shop.example\r\n%s\r\n", path, headers);
    *client = test_connect(site.port);
    assert_true(test_send(client, buf_str(&request)));
    assert_true(test_answer(client, false, &a));
    buf_fini(&request);
    return a;
}

static void check_tag(const struct asset *file)
{
    struct buf hex = {0};
    sha256_put_hex(&hex, file->text);
    check_str_at(file->tag, str_head(buf_str(&hex), 16), __FILE__, __LINE__);
    buf_fini(&hex);
}

static void gives_the_script(void **state)
{
    (void)state;
    struct test_client client;
    struct buf path = {0}, line = {0};
    for (size_t i = 0; i < pixel_files_count; i++) {
        const struct asset *file = &pixel_files[i];
        check_tag(file);
        buf_clear(&path);
        buf_printf(&path, "/stats%.*s?k=wk_web%c", STR_ARG(file->name), 0);
        struct test_answer a = get(&client, path.p, "");
        assert_int_equal(a.status, 200);
        check_str_at(a.body, file->text, __FILE__, __LINE__);
        check_str(test_header(&a, "Content-Type"), "text/javascript; charset=utf-8");
        assert_true(str_starts(test_header(&a, "Cache-Control"), S("public, max-age=3600")));
        assert_null(test_header(&a, "Content-Encoding").p);
        test_hang_up(&client);
        a = get(&client, path.p, "Accept-Encoding: br, gzip\r\n");
        check_str_at(a.body, file->packed, __FILE__, __LINE__);
        check_str(test_header(&a, "Content-Encoding"), "gzip");
        buf_clear(&line);
        buf_printf(&line, "Accept-Encoding: gzip\r\nIf-None-Match: W/\"x\", %.*s\r\n%c",
                   STR_ARG(test_header(&a, "ETag")), 0);
        test_hang_up(&client);
        assert_int_equal(get(&client, path.p, line.p).status, 304);
        test_hang_up(&client);
        buf_clear(&path);
        buf_printf(&path, "/pixel.%.*s%.*s%c", STR_ARG(file->tag), STR_ARG(file->name), 0);
        a = get(&client, path.p, "");
        assert_true(str_ends(test_header(&a, "Cache-Control"), S("immutable")));
        test_hang_up(&client);
    }
    buf_fini(&path);
    buf_fini(&line);
}

static void has_no_other_paths(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int status;
    } cases[] = {
        {"/stats.js.js", 404}, {"/stats.debug", 404},
        {"/stats/", 404},      {"/stats/.js", 404},
        {"/stat.js", 404},     {"/.js", 404},
        {"/pixel.js", 200},    {"/pixel.0123456789abcdef.js", 404},
        {"/stats..js", 404},   {"/statsx.js", 404},
    };
    for (size_t i = 0; i < countof(cases); i++) {
        struct test_client client;
        struct test_answer a = get(&client, cases[i].path, "");
        if (a.status != cases[i].status) fail_msg("%s: %d", cases[i].path, a.status);
        test_hang_up(&client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes, setup, teardown),
        cmocka_unit_test(shortens_ids),
        cmocka_unit_test_setup_teardown(gives_the_script, setup, teardown),
        cmocka_unit_test_setup_teardown(has_no_other_paths, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
