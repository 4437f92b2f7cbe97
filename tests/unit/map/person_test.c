/* SPDX-License-Identifier: Apache-2.0 */
/* map/person.c: with what is kept an event becomes what it becomes without, whoever came before; and what
 * is kept at all. */
#include "map/person.h"

#include "core/limits.h"

#include "support/mapping.h"

/* --- the same as made anew ---------------------------------------------------------------------- */

static const char *const texts[] = {
    "\"jane@shop.example\"",
    "\" Jane@Shop.example \"",
    "\"+1 (650) 555-0100\"",
    "\"0171 1234567\"",
    "\"1990-05-17\"",
    "\"2026-01-16\"",
    "\"2026-01-17\"",
    "\"us\"",
    "\"de\"",
    "\"Germany\"",
    "\"f\"",
    "\"Ma\xC3\xAFt\xC3\xA9\"",
    "\"\"",
    "\"  \"",
    "\"203.0.113.7\"",
    "\"fb.1.1700000000000.Ab\"",
    "19900517",
    "1.0",
    "1",
    "true",
    "false",
    "null",
    "[\"a@b.example\",\"c@d.example\"]",
    "[]",
    "{\"a\":1}",
    "\"309a0a5c3e211326ae75ca18196d301a9bdbd1a882a4d2569511033da23f0abd\"",
};

static const char *const places[] = {
    "email",    "phone",   "birthday",    "gender",       "firstName",
    "lastName", "name",    "country",     "city",         "state",
    "zip",      "a.email", "address.zip", "address.city", "address.country",
};

static void put_text(struct buf *json, uint64_t *seed)
{
    if (check_random(seed) % 40) {
        buf_put(json, str_z(texts[check_random(seed) % countof(texts)]));
        return;
    }
    buf_putc(json, '"'); /* of about as many bytes as a key may have */
    for (uint64_t n = LIMIT_PERSON_KEY_BYTES - 64 + check_random(seed) % 72; n; n--) {
        buf_putc(json, 'a');
    }
    buf_putc(json, '"');
}

/* One of a few hundred, of whom some differ in one value alone, from one of a few countries and born on one of a
 * few days, of which not all have been on each. */
static void put_event(struct buf *json, uint64_t *any)
{
    uint64_t person = 1 + check_random(any) % 300, *seed = &person;
    const char *country = texts[7 + check_random(any) % 3];
    const char *birthday = texts[4 + check_random(any) % 3];
    person *= 0x9E3779B97F4A7C15U;
    buf_put(json, S("{\"type\":\"track\",\"event\":\"Signed In\",\"messageId\":\"m\",\"timestamp\":"
                    "\"" MAPPING_NOW "\",\"userId\":"));
    put_text(json, check_random(any) % 4 ? seed : any);
    buf_printf(json, ",\"traits\":{\"country\":%s,\"birthday\":%s", country, birthday);
    for (uint64_t n = check_random(seed) % 5; n; n--) {
        const char *place = places[check_random(seed) % countof(places)], *dot = strchr(place, '.');
        json_comma(json);
        if (dot) buf_printf(json, "\"%.*s\":{", (int)(dot - place), place);
        buf_printf(json, "\"%s\":", dot ? dot + 1 : place);
        put_text(json, seed);
        if (dot) buf_putc(json, '}');
    }
    buf_put(json, S("},\"context\":{\"ip\":"));
    put_text(json, seed);
    if (check_random(seed) % 2) buf_put(json, S(",\"userAgent\":\"Mozilla/5.0 \\\"x\\\"\""));
    if (check_random(seed) % 4 == 0) {
        buf_printf(json, ",\"page\":{\"url\":\"https://shop.example/?fbclid=C%u\"}",
                   (unsigned)(check_random(seed) % 2));
    }
    buf_put(json, S("}}"));
}

static void map(struct mapping_world *w, struct run *run, const struct parsed_event *event,
                int64_t now_ms, struct buf *out)
{
    buf_clear(out);
    plan_run(w->plan, run, event, now_ms, out, &w->result, NULL);
    if (!w->result.send_count) {
        buf_printf(out, "%d %s %s", (int)w->result.outcome.reason, w->result.outcome.path,
                   w->result.outcome.message);
    }
}

/* One run that remembers, for two destinations in turns, against one that never met anybody. */
static void the_same_as_anew(void **state)
{
    static const char *const countries[] = {"", "us", "de"};
    struct mapping_world worlds[4];
    struct buf json = {0}, got = {0}, want = {0};
    uint64_t seed = 20261122;
    (void)state;
    mapping_open(&worlds[0], S("default_country: de"));
    mapping_open(&worlds[1],
                 S("pii: { only: [em, ph, zp, fbc] }\n"
                   "user_data: { em: 'traits.email | lower', zp: null, ge: '(\"f\")' }"));
    mapping_open(&worlds[3], S("compat: param-builder")); /* reads the same as the first */
    mapping_open(&worlds[2], S("user_data: { em: traits.name, ln: context.ip }"));
    for (size_t round = 0; round < 20000; round++) {
        struct mapping_world *w = &worlds[check_random(&seed) % countof(worlds)];
        int64_t day = (int64_t)(check_random(&seed) % 3) * MS_PER_DAY;
        struct parsed_event event;
        if (!w->plan) mapping_print_problems(w);
        assert_non_null(w->plan);
        buf_clear(&json);
        put_event(&json, &seed);
        struct event e = {.json = buf_str(&json), .source = S("web")};
        struct run *anew = run_new();
        run_parse(anew, &e, &event);
        assert_non_null(event.root);
        event.default_country = str_z(countries[check_random(&seed) % countof(countries)]);
        map(w, anew, &event, mapping_time(S(MAPPING_NOW)) + day, &want);
        map(w, worlds[0].run, &event, mapping_time(S(MAPPING_NOW)) + day, &got);
        if (!str_eq(buf_str(&got), buf_str(&want))) {
            fail_msg("round %zu of %.*s\ngot  %.*s\nwant %.*s", round, STR_ARG(e.json),
                     STR_ARG(buf_str(&got)), STR_ARG(buf_str(&want)));
        }
        run_free(anew);
    }
    for (size_t i = 0; i < countof(worlds); i++) mapping_close(&worlds[i]);
    buf_fini(&json);
    buf_fini(&got);
    buf_fini(&want);
}

/* --- which parameters --------------------------------------------------------------------------- */

/* What is kept of the user_data that these lines map, without a preset. */
static void check_part(const char *user_data, size_t count)
{
    struct mapping_world w;
    struct buf body = {0};
    buf_printf(&body,
               "preset: none\nactions:\n  - name: a\n    trigger: type = \"track\"\n"
               "    send: Lead\n    user_data: { %s }",
               user_data);
    mapping_open(&w, buf_str(&body));
    if (!w.plan) mapping_print_problems(&w);
    assert_non_null(w.plan);
    assert_int_equal(w.plan->own.items[0].fill->person_count, count);
    mapping_close(&w);
    buf_fini(&body);
}

static void only_what_depends_on_values(void **state)
{
    (void)state;
    check_part("em: traits.email, external_id: userId", 2);
    check_part("em: 'traits.email | lower', client_user_agent: context.userAgent", 2);
    check_part("external_id: envelope.source, client_ip_address: context.ip", 2);
    /* The time of the event is in a click id, so it and what follows is made each time. */
    check_part("em: traits.email, fbc: 'context.click | fbc', fbp: context.fbp", 1);
    check_part("em: traits.email, fbc: context.fbc, fbp: context.fbp", 3);
    /* And nothing is kept when the country would not be asked for what is hashed. */
    check_part("em: traits.email, external_id: 'context.click | fbc'", 0);
    check_part("ph: traits.phone, country: 'traits.country | fbc'", 0);
    check_part("em: { each: traits.emails, value: '.' }, fbp: context.fbp", 0);
}

/* A visit has events of many names: they share what is kept, unless an action says otherwise of the person. */
static void all_events_of_a_visit_share(void **state)
{
    struct mapping_world w;
    (void)state;
    mapping_open(
        &w,
        S("actions:\n"
          "  - { name: a, trigger: type = \"track\", send: Lead }\n"
          "  - { name: b, trigger: type = \"page\", send: Contact }\n"
          "  - { name: c, trigger: type = \"page\", send: Donate, user_data: { em: userId } }"));
    if (!w.plan) mapping_print_problems(&w);
    assert_non_null(w.plan);
    const struct action *a = w.plan->own.items;
    assert_ptr_not_equal(a[0].fill, a[1].fill);
    assert_non_null(a[0].fill->person);
    assert_ptr_equal(a[0].fill->person, a[1].fill->person);
    assert_ptr_not_equal(a[0].fill->person, a[2].fill->person);
    mapping_close(&w);
}

/* --- the memory --------------------------------------------------------------------------------- */

static struct person_key key_of(uint64_t number)
{
    return (struct person_key){{number * 0x9E3779B97F4A7C15U, number}};
}

/* A block of some bytes that says whose it is. */
static struct str block_of(struct buf *b, uint64_t number, size_t n)
{
    buf_clear(b);
    buf_put_u64(b, number);
    while (b->n < n) buf_putc(b, 'x');
    return buf_str(b);
}

static void check_kept(struct persons *p, uint64_t number, size_t n)
{
    struct meta_facts facts = {.present = {1, 0, 0, 8}};
    struct buf want = {0}, got = {0};
    struct person_key key = key_of(number);
    assert_true(persons_get(p, &key, &got, &facts));
    assert_true(str_eq(buf_str(&got), block_of(&want, number, n)));
    assert_int_equal(facts.present[0], 1 | number << 1);
    assert_int_equal(facts.present[3], 8);
    buf_fini(&want);
    buf_fini(&got);
}

static void keep(struct persons *p, struct buf *b, uint64_t number, size_t n)
{
    uint64_t fields[META_FIELD_WORDS] = {number << 1};
    struct person_key key = key_of(number);
    persons_keep(p, &key, block_of(b, number, n), fields);
}

static bool is_kept(const struct persons *p, uint64_t number)
{
    struct meta_facts facts = {0};
    struct buf got = {0};
    struct person_key key = key_of(number);
    bool kept = persons_get(p, &key, &got, &facts);
    if (!kept) assert_int_equal(got.n, 0);
    buf_fini(&got);
    return kept;
}

/* The latest are there, byte for byte; the first have made room for them. */
static void the_oldest_goes(void **state)
{
    enum { PEOPLE = 40000, LATEST = 400 };
    struct persons *p = persons_new();
    struct buf b = {0};
    size_t kept = 0;
    (void)state;
    assert_false(is_kept(p, 1));
    assert_false(is_kept(p, 0)); /* nobody's key is all zeros, but it might be */
    for (uint64_t i = 1; i <= PEOPLE; i++) {
        keep(p, &b, i, 100 + i % 1500);
        check_kept(p, i, 100 + i % 1500);
    }
    for (uint64_t i = PEOPLE - LATEST; i <= PEOPLE; i++) check_kept(p, i, 100 + i % 1500);
    for (uint64_t i = 1; i <= PEOPLE; i++) kept += is_kept(p, i);
    assert_in_range(kept, LATEST, LIMIT_PERSONS_BYTES / 700);
    assert_false(is_kept(p, 1));
    persons_free(p);
    buf_fini(&b);
}

static void too_long_is_not_kept(void **state)
{
    size_t head = META_FIELD_WORDS * sizeof(uint64_t);
    struct persons *p = persons_new();
    struct buf b = {0};
    (void)state;
    keep(p, &b, 1, LIMIT_PERSON_BYTES - head + 1);
    assert_false(is_kept(p, 1));
    keep(p, &b, 1, LIMIT_PERSON_BYTES - head);
    check_kept(p, 1, LIMIT_PERSON_BYTES - head);
    keep(p, &b, 1, 10); /* the same again, otherwise */
    check_kept(p, 1, 10);
    persons_free(p);
    persons_free(NULL);
    buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_as_anew),
        cmocka_unit_test(only_what_depends_on_values),
        cmocka_unit_test(all_events_of_a_visit_share),
        cmocka_unit_test(the_oldest_goes),
        cmocka_unit_test(too_long_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
