/* SPDX-License-Identifier: Apache-2.0 */
/* Who is a bot (map/bots.c), and what becomes of its events (map/run.c). */
#include "support/mapping.h"

#include "core/limits.h"
#include "map/bots.h"
#include "map/explain.h"
#include "sys/file.h"

#define CRAWLER "facebookexternalhit/1.1"
#define PERSON "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"

static void expect(struct bots *b, struct str agent, struct str pattern)
{
    const struct bot *bot = bots_find(b, agent);
    struct str found = bot ? bot->pattern : S("-");
    if (!str_eq(found, pattern))
        fail_msg("%.*s: %.*s, not %.*s", STR_ARG(agent), STR_ARG(found), STR_ARG(pattern));
}

/* Twice: the second answer is remembered. */
static void the_list(void **state)
{
    struct bots *b = bots_new();
    struct buf text = {0};
    struct err err;
    size_t count = 0;
    (void)state;
    if (!file_read_all("tests/cases/map/bots.txt", 1 << 20, &text, &err)) fail_msg("%s", err.text);
    for (int round = 0; round < 2; round++) {
        for (struct str line, pattern, agent, rest = buf_str(&text); rest.n; count++) {
            (void)str_cut(rest, '\n', &line, &rest);
            if (str_starts(line, S("#")) || !str_cut(line, '\t', &pattern, &agent)) continue;
            expect(b, agent, pattern);
        }
    }
    assert_true(count > 60);
    buf_fini(&text);
    bots_free(b);
}

static void of_any_length(void **state)
{
    struct bots *b = bots_new();
    struct buf text = {0};
    (void)state;
    expect(b, S(""), S("-"));
    expect(b, str_of(NULL, 0), S("-"));
    for (size_t n = 1; n < LIMIT_USER_AGENT_BYTES + 40; n++) {
        buf_clear(&text);
        while (text.n < n) buf_putc(&text, ' ');
        buf_put(&text, S("Googlebot"));
        expect(b, buf_str(&text), n + 9 <= LIMIT_USER_AGENT_BYTES ? S("Googlebot") : S("-"));
    }
    for (unsigned c = 0; c < 65536; c++) {
        char two[] = {(char)(c >> 8), (char)c};
        expect(b, str_of(two, 2), S("-"));
    }
    buf_fini(&text);
    bots_free(b);
}

/* What shares a place with another one is not taken for it. */
static void more_than_are_remembered(void **state)
{
    struct bots *b = bots_new();
    char text[64];
    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5000; i++) {
            int n = snprintf(text, sizeof text, i % 3 ? "Firefox/%d" : "Firefox/%d bingbot", i);
            expect(b, str_of(text, (size_t)n), i % 3 ? S("-") : S("bingbot"));
        }
    }
    bots_free(b);
}

/* --- events --------------------------------------------------------------------------------------- */

static struct mapping_world w;

struct visit {
    const char *context, *connection;
    unsigned flags;
    bool keep;
};

static enum reason become(const char *body, const struct visit *v, struct explain *x)
{
    char json[512];
    struct parsed_event parsed;
    (void)snprintf(json, sizeof json,
                   "{\"type\":\"track\",\"event\":\"Signed Up\",\"userId\":\"u\",\"messageId\":"
                   "\"m\",\"timestamp\":\"2026-01-15T11:00:00Z\",\"context\":{\"userAgent\":%s}}",
                   v->context);
    struct event e = {.source = S("web"),
                      .json = str_z(json),
                      .flags = v->flags,
                      .user_agent = str_z(v->connection)};
    mapping_open(&w, str_z(body));
    assert_non_null(w.plan);
    run_parse(w.run, &e, &parsed);
    parsed.keep_bots = v->keep;
    plan_run(w.plan, w.run, &parsed, mapping_time(S(MAPPING_NOW)), &w.out, &w.result, x);
    enum reason reason = w.result.outcome.reason;
    mapping_close(&w);
    return reason;
}

static void events_of_bots(void **state)
{
    static const struct {
        const char *body;
        struct visit visit;
        enum reason reason;
    } rows[] = {
        {"", {"\"" PERSON "\"", "", 0, false}, REASON_NONE},
        {"", {"\"" CRAWLER "\"", "", 0, false}, REASON_BOT},
        {"", {"\"" CRAWLER "\"", PERSON, 0, false}, REASON_BOT},
        /* A server's own user agent says nothing of the person. */
        {"", {"null", CRAWLER, 0, false}, REASON_NONE},
        {"", {"7", CRAWLER, 0, false}, REASON_NONE},
        {"", {"null", CRAWLER, EVENT_FROM_BROWSER, false}, REASON_BOT},
        {"", {"\"" PERSON "\"", CRAWLER, EVENT_FROM_BROWSER, false}, REASON_BOT},
        {"", {"\"" CRAWLER "\"", "", EVENT_FROM_BROWSER, false}, REASON_BOT},
        {"", {"\"" CRAWLER "\"", "", 0, true}, REASON_NONE},
        {"bots: keep", {"\"" CRAWLER "\"", "", 0, false}, REASON_NONE},
        {"bots: drop", {"\"" CRAWLER "\"", "", 0, true}, REASON_NONE},
        {"preset: none\nbots: drop", {"\"" CRAWLER "\"", "", 0, false}, REASON_BOT},
        /* Before every other rule of the destination. */
        {"filter: type = \"no\"", {"\"" CRAWLER "\"", "", 0, false}, REASON_BOT},
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        enum reason reason = become(rows[i].body, &rows[i].visit, NULL);
        if (reason != rows[i].reason) fail_msg("row %zu: %.*s", i, STR_ARG(reason_name(reason)));
    }
}

static void the_name_is_told(void **state)
{
    const struct visit visit = {"\"" CRAWLER "\"", "", 0, false};
    struct buf story = {0};
    struct explain *x = explain_new(false);
    (void)state;
    assert_int_equal(become("", &visit, x), REASON_BOT);
    explain_print(x, &w.result, S(""), &story);
    assert_int_not_equal(str_find(buf_str(&story),
                                  S("filtered (bot) at context.userAgent\n  the user agent has "
                                    "\"facebookexternalhit\": a crawler of Meta's own"),
                                  0),
                         SIZE_MAX);
    buf_fini(&story);
    explain_free(x);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list),
        cmocka_unit_test(of_any_length),
        cmocka_unit_test(more_than_are_remembered),
        cmocka_unit_test(events_of_bots),
        cmocka_unit_test(the_name_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
