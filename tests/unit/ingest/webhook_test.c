/* SPDX-License-Identifier: Apache-2.0 */
/* ingest/signature.c, ingest/webhook.c, ingest/meta.c and ingest/source.c on requests that are made here,
 * without a server: who is believed, and which events are found in a body. Whole deliveries are in
 * tests/integration/webhooks.test.mjs. */
#include "ingest/signature.h"

#include "base/sha256.h"
#include "http/exchange.h"
#include "ingest/routes.h"
#include "ingest/source.h"
#include "sys/clock.h"

#include "support/check.h"

#define NOW ((int64_t)1800000000 * 1000)

/* A request with a body and some headers. */
static struct exchange x;
static struct arena arena;

static int begin(void **state)
{
    (void)state;
    memset(&x, 0, sizeof x);
    x.req.connection = &x;
    x.req.arena = x.req.transient = &arena;
    return 0;
}

static int end(void **state)
{
    (void)state;
    buf_fini(&x.head);
    arena_fini(&arena);
    return 0;
}

static void set_header(const char *name, struct str value)
{
    struct header *h = &x.headers[x.header_count++];
    h->name_at = (uint32_t)x.head.n;
    h->name_n = (uint32_t)strlen(name);
    x.name_lengths |= exchange_length_bit(h->name_n);
    buf_put(&x.head, str_z(name));
    h->value_at = (uint32_t)x.head.n;
    h->value_n = (uint32_t)value.n;
    buf_put(&x.head, value);
}

static struct str mac(const char *key, struct str message)
{
    struct buf hex = {0};
    hmac_sha256_put_hex(&hex, str_z(key), message);
    struct str text = arena_str(&arena, buf_str(&hex));
    buf_fini(&hex);
    return text;
}

#define TEXT(literal)                                                                              \
    {                                                                                              \
        S_INIT(literal),                                                                           \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }
static struct str secrets[] = {S_INIT("new"), S_INIT("old")};

/* --- signatures -------------------------------------------------------------------------------- */

static const struct webhook_conf hub = {
    .secrets = secrets,
    .secret_count = 2,
    .signature = {.header = TEXT("X-Sign"),
                  .encoding = TEXT("hex"),
                  .prefix = TEXT("sha256="),
                  .content = TEXT("{body}")},
};
static const struct webhook_conf dated = {
    .secrets = secrets,
    .secret_count = 2,
    .signature = {.header = TEXT("X-Sign"),
                  .encoding = TEXT("hex"),
                  .field = TEXT("v1"),
                  .time_field = TEXT("t"),
                  .content = TEXT("{time}.{body}"),
                  .tolerance_ms = 60000},
};

static enum refusal check_with(const struct webhook_conf *w, struct str sign)
{
    x.header_count = 0;
    set_header("x-sign", sign);
    return signature_check(w, &x.req, NOW);
}

static void the_body_is_signed_under_any_secret(void **state)
{
    (void)state;
    x.req.body = S("{\"a\":1}");
    struct str good = mac("old", x.req.body);
    assert_int_equal(signature_check(&hub, &x.req, NOW), REFUSAL_NO_KEY);
#define WITH(...) check_with(&hub, arena_printf(&arena, __VA_ARGS__))
    assert_int_equal(WITH("sha256=%.*s", STR_ARG(good)), REFUSAL_NONE);
    assert_int_equal(WITH(" sha256=%.*s ", STR_ARG(good)), REFUSAL_NONE);
    assert_int_equal(WITH("sha256=%.*s", STR_ARG(mac("new", x.req.body))), REFUSAL_NONE);
    assert_int_equal(WITH("sha256=%.*s", STR_ARG(mac("other", x.req.body))), REFUSAL_SIGNATURE);
    assert_int_equal(WITH("%.*s", STR_ARG(good)), REFUSAL_SIGNATURE);
    assert_int_equal(WITH("sha256=%.*s0", STR_ARG(good)), REFUSAL_SIGNATURE);
    assert_int_equal(WITH("sha256=%.63s", good.p), REFUSAL_SIGNATURE);
    assert_int_equal(WITH("sha256="), REFUSAL_SIGNATURE);
    assert_int_equal(WITH("sha256=%064d", 0), REFUSAL_SIGNATURE);
    x.req.body = S("{\"a\":2}");
    assert_int_equal(WITH("sha256=%.*s", STR_ARG(good)), REFUSAL_SIGNATURE);
#undef WITH
    /* Capitals in hexadecimal are the same digits. */
    char upper[SHA256_HEX + 8] = "sha256=";
    struct str again = mac("new", x.req.body);
    for (size_t i = 0; i < again.n; i++) {
        char c = again.p[i];
        upper[7 + i] = c >= 'a' ? (char)(c - 'a' + 'A') : c;
    }
    assert_int_equal(check_with(&hub, str_z(upper)), REFUSAL_NONE);
}

static struct str list_at(int64_t seconds, int64_t shown)
{
    struct buf message = {0};
    buf_printf(&message, "%lld.%.*s", (long long)seconds, STR_ARG(x.req.body));
    struct str good = mac("new", buf_str(&message));
    buf_fini(&message);
    return arena_printf(&arena, "t=%lld, v0=aa,v1=%064d,v1=%.*s", (long long)shown, 0,
                        STR_ARG(good));
}

static void a_signed_time_bounds_replays(void **state)
{
    const int64_t now = NOW / 1000;
    (void)state;
    x.req.body = S("{}");
    assert_int_equal(check_with(&dated, list_at(now, now)), REFUSAL_NONE);
    assert_int_equal(check_with(&dated, list_at(now - 60, now - 60)), REFUSAL_NONE);
    assert_int_equal(check_with(&dated, list_at(now - 61, now - 61)), REFUSAL_STALE);
    assert_int_equal(check_with(&dated, list_at(now + 61, now + 61)), REFUSAL_STALE);
    assert_int_equal(check_with(&dated, list_at(now - 61, now)), REFUSAL_SIGNATURE);
    assert_int_equal(check_with(&dated, list_at(0, 0)), REFUSAL_STALE);
    assert_int_equal(check_with(&dated, list_at(INT64_MAX, INT64_MAX)), REFUSAL_STALE);
    assert_int_equal(check_with(&dated, list_at(INT64_MIN, INT64_MIN)), REFUSAL_STALE);
    static const char *const odd[] = {"t", "=", ",,,", "v1=", "t=,v1=,", "t=1", "v1==", "t=1,v1"};
    for (size_t i = 0; i < countof(odd); i++) {
        assert_int_equal(check_with(&dated, str_z(odd[i])), REFUSAL_SIGNATURE);
    }
}

static void a_secret_in_a_header_is_compared(void **state)
{
    const struct webhook_conf plain = {
        .secrets = secrets, .secret_count = 2, .header = TEXT("X-Key")};
    static const struct {
        const char *value;
        enum refusal want;
    } cases[] = {{"new", REFUSAL_NONE},   {"old", REFUSAL_NONE},      {"New", REFUSAL_BAD_KEY},
                 {"ne", REFUSAL_BAD_KEY}, {"newer", REFUSAL_BAD_KEY}, {"", REFUSAL_NO_KEY}};
    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        x.header_count = 0;
        set_header("X-Key", str_z(cases[i].value));
        assert_int_equal(signature_check(&plain, &x.req, NOW), cases[i].want);
    }
}

/* --- bodies ------------------------------------------------------------------------------------ */

static struct text topic[] = {TEXT("X-Topic"), TEXT("X-None")};
static struct text id_paths[] = {TEXT("headers.x-topic"), TEXT("a.id")};

static struct str shaped(struct source_conf *source, const char *body)
{
    struct envelope e = {0};
    struct str out = S("");
    x.req.body = str_z(body);
    return webhook_wire.shape(&x.req, source, &e, &out) ? out : S("none");
}

static void events_are_found_and_stay_as_they_are(void **state)
{
    struct source_conf plain = {0}, deep = {.webhook.each = TEXT("a.list")};
    (void)state;
    check_str(shaped(&plain, "{\"a\": 1}"), "{\"events\":[{\"a\": 1}]}");
    check_str(shaped(&plain, " [ {\"a\":1} , 5,\"x\" ] "), "{\"events\":[{\"a\":1},5,\"x\"]}");
    check_str(shaped(&plain, "[]"), "{\"events\":[]}");
    check_str(shaped(&deep, "{\"b\":[1],\"a\":{\"list\":[{\"x\":1.50}, {}]}}"),
              "{\"events\":[{\"x\":1.50},{}]}");
    check_str(shaped(&deep, "{\"a\":{\"l\\u0069st\":[1]}}"), "{\"events\":[1]}");
    check_str(shaped(&deep, "{\"a\":{\"list\":[1]},\"a\":{\"list\":[2]}}"), "{\"events\":[2]}");
    check_str(shaped(&deep, "{\"a\":{\"list\":{}}}"), "{\"events\":[{\"a\":{\"list\":{}}}]}");
    check_str(shaped(&deep, "{\"a\":[]}"), "{\"events\":[{\"a\":[]}]}");
    check_str(shaped(&deep, "{ }"), "{\"events\":[{ }]}");
    static const char *const none[] = {"", " ", "5", "\"x\"", "{", "[1,]", "{}x", "null"};
    for (size_t i = 0; i < countof(none); i++) check_str(shaped(&plain, none[i]), "none");
}

static void kept_headers_stand_in_front(void **state)
{
    struct source_conf source = {.webhook.headers = {topic, 2, true}};
    (void)state;
    check_str(shaped(&source, "{\"a\":1}"), "{\"events\":[{\"a\":1}]}");
    set_header("x-TOPIC", S("orders/\"paid\""));
#define HEADERS "{\"headers\":{\"x-topic\":\"orders/\\\"paid\\\"\"}"
    check_str(shaped(&source, "{\"a\":1}"), "{\"events\":[" HEADERS ",\"a\":1}]}");
    check_str(shaped(&source, "{ }"), "{\"events\":[" HEADERS " }]}");
    check_str(shaped(&source, "[{},1]"), "{\"events\":[" HEADERS "},1]}");
#undef HEADERS
}

static void the_first_path_that_is_there_is_the_id(void **state)
{
    struct source_conf source = {.webhook.headers = {topic, 1, true},
                                 .webhook.id = {id_paths, 2, true}};
    struct envelope e = {.form = &webhook_wire.form, .is_batch = true};
    struct envelope_count count;
    struct event common = {.source = S("s")}, first;
    struct buf records = {0};
    struct str body;
    struct err err;
    (void)state;
    x.req.body = S("{\"a\":{\"id\":77}}");
    assert_true(webhook_wire.shape(&x.req, &source, &e, &body));
    assert_true(envelope_parse(&e, body, &arena, &err));
    assert_true(envelope_encode(&e, &common, 1 << 20, &records, &count));
    assert_int_equal(count.events, 1);
    assert_int_equal(count.rejected, 0);
    assert_true(event_decode(buf_str(&records), &first));
    check_str(first.message_id, "77");
    check_str(first.json, "{\"a\":{\"id\":77}}");
    buf_fini(&records);
}

/* --- Meta's own shape -------------------------------------------------------------------------- */

static struct str opened(const char *type, const char *body)
{
    struct err err = {0};
    struct str text = str_z(body);
    x.header_count = 0;
    set_header("Content-Type", str_z(type));
    return meta_wire.open(&x.req, &text, &err) ? text : S("none");
}

static void all_encodings_mean_the_same(void **state)
{
    const char *form = "application/x-www-form-urlencoded";
    (void)state;
    check_str(opened("text/plain", "{\"data\":[1]}"), "{\"data\":[1]}");
    check_str(opened("", "{\"data\":\"[1]\",\"access_token\":\"k\"}"),
              "{\"access_token\":\"k\",\"data\":[1]}");
    check_str(opened(form, "data=%5B1%5D&access_token=k%26"),
              "{\"data\":[1],\"access_token\":\"k&\"}");
    check_str(opened(form, "data=%7B%22a%22%3A1%7D"), "{\"data\":[{\"a\":1}]}");
    check_str(opened(form, "data=%5B"), "none");
    check_str(opened(form, "data=5"), "none");
    check_str(opened("application/json", "data=[1]"), "none");
    check_str(opened("", "{\"data\":\"x\"}"), "none");
}

static struct str id_of(const char *event)
{
    struct err err;
    struct buf id = {0};
    yyjson_val *root = json_read(&arena, str_z(event), &err);
    bool known = meta_wire.form.make_id(&id, root);
    struct str text = known ? arena_str(&arena, buf_str(&id)) : S("none");
    buf_fini(&id);
    return text;
}

static void an_event_is_known_by_its_name_and_id(void **state)
{
    (void)state;
    check_str(id_of("{\"event_name\":\"Purchase\",\"event_id\":\"o-1\"}"), "Purchase:o-1");
    check_str(id_of("{\"event_name\":\"Subscribe\",\"event_id\":\"o-1\"}"), "Subscribe:o-1");
    check_str(id_of("{\"event_name\":\"Purchase\",\"event_id\":17}"), "Purchase:17");
    check_str(id_of("{\"event_name\":\"Purchase\",\"event_id\":\"\"}"), "none");
    check_str(id_of("{\"event_name\":\"Purchase\"}"), "none");
    struct str longest =
        arena_printf(&arena, "{\"event_name\":\"%0250d\",\"event_id\":\"abcdef\"}", 0);
    assert_true(str_starts(id_of(longest.p), S("sha256:")));
}

static void paths_of_the_conversions_api(void **state)
{
    static const char *const good[] = {"/v26.0/1/events", "/v1.12/123456789012345/events"};
    static const char *const bad[] = {"/v26/1/events",
                                      "/v26.0/a/events",
                                      "/v26.0//events",
                                      "/26.0/1/events",
                                      "/v.0/1/events",
                                      "/v26.0/1/event",
                                      "/v26.0/1/events/",
                                      "/v26.0/1",
                                      "/v",
                                      "/x/v26.0/1/events",
                                      ""};
    (void)state;
    for (size_t i = 0; i < countof(good); i++) assert_true(meta_knows(NULL, str_z(good[i])));
    for (size_t i = 0; i < countof(bad); i++) assert_false(meta_knows(NULL, str_z(bad[i])));
}

/* --- sources ----------------------------------------------------------------------------------- */

static void old_keys_count_until_their_time(void **state)
{
    struct old_key old[] = {{S_INIT("soon"), NOW + 1}, {S_INIT("gone"), NOW}};
    struct str keys[] = {S_INIT("key")};
    struct source_conf source = {.write_keys = keys,
                                 .write_key_count = 1,
                                 .old_keys = old,
                                 .old_key_count = 2,
                                 .enabled = true};
    struct config config = {.sources = &source, .source_count = 1};
    (void)state;
    clock_freeze(NOW);
    assert_ptr_equal(source_find(&config, S("key")), &source);
    assert_ptr_equal(source_find(&config, S("soon")), &source);
    assert_null(source_find(&config, S("gone")));
    assert_null(source_find(&config, S("")));
    clock_freeze(NOW + 1);
    assert_null(source_find(&config, S("soon")));
    source.enabled = false;
    assert_null(source_find(&config, S("key")));
}

static void networks_bound_who_may_send(void **state)
{
    struct text networks[] = {TEXT("203.0.113.0/24"), TEXT("2001:db8::/32"), TEXT("10.1.2.3")};
    struct source_conf source = {.allow_from = {networks, 3, true}}, open = {0};
    static const char *const in[] = {"203.0.113.9", "2001:db8:1::5", "10.1.2.3"};
    static const char *const out[] = {"203.0.114.9", "2001:db9::1", "10.1.2.4", "", "unknown"};
    (void)state;
    for (size_t i = 0; i < countof(in); i++) {
        x.req.address = str_z(in[i]);
        assert_true(source_takes_address(&source, &x.req));
    }
    for (size_t i = 0; i < countof(out); i++) {
        x.req.address = str_z(out[i]);
        assert_false(source_takes_address(&source, &x.req));
        assert_true(source_takes_address(&open, &x.req));
    }
    source.allow_from.count = 0;
    x.req.address = S("203.0.113.9");
    assert_false(source_takes_address(&source, &x.req)); /* an empty list lets nobody in */
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        T(the_body_is_signed_under_any_secret), T(a_signed_time_bounds_replays),
        T(a_secret_in_a_header_is_compared),    T(events_are_found_and_stay_as_they_are),
        T(kept_headers_stand_in_front),         T(the_first_path_that_is_there_is_the_id),
        T(all_encodings_mean_the_same),         T(an_event_is_known_by_its_name_and_id),
        T(paths_of_the_conversions_api),        T(old_keys_count_until_their_time),
        T(networks_bound_who_may_send),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
