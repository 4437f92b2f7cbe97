/* SPDX-License-Identifier: Apache-2.0 */
/* What a new configuration would change for events that came in: a stretch of the journal at a time, on a
 * thread of its own; the client asks on from next. */
#include "console/api.h"
#include "console/changes.h"
#include "console/errand.h"

#include "base/json.h"
#include "core/limits.h"

struct diff {
    struct generation *before, *after;
    uint64_t from, next, end;
    struct buf body; /* [{"name":…, …}, …] */
};

/* --- on the errand's thread ----------------------------------------------------------------------- */

static void compare_destination(struct diff *d, struct journal *journal, size_t before,
                                size_t after)
{
    struct mapper was = {.generation = d->before, .destination = before, .run = run_new()};
    struct mapper is = {.generation = d->after, .destination = after, .run = run_new()};
    struct changes changes = {.before = &was, .after = &is};
    d->next = changes_scan(&changes, journal, d->from, d->end, LIMIT_DIFF_EVENTS);
    json_comma(&d->body);
    buf_putc(&d->body, '{');
    json_kv_str(&d->body, S("name"), d->before->config->destinations[before].name.text);
    changes_put(&changes, &d->body);
    buf_putc(&d->body, '}');
    changes_fini(&changes);
    buf_fini(&was.out);
    buf_fini(&is.out);
    run_free(was.run);
    run_free(is.run);
}

static void compare_all(struct errand *e)
{
    struct diff *d = e->ctx;
    const struct config *before = d->before->config, *after = d->after->config;
    d->next = d->end;
    for (size_t i = 0; i < before->destination_count; i++) {
        for (size_t k = 0; k < after->destination_count; k++) {
            bool same = str_eq(before->destinations[i].name.text, after->destinations[k].name.text);
            if (same) compare_destination(d, e->console->journal, i, k);
        }
    }
}

static void tell(struct errand *e)
{
    struct diff *d = e->ctx;
    struct buf body = {0};
    buf_putc(&body, '{');
    json_kv_u64(&body, S("from"), d->from);
    json_kv_u64(&body, S("end"), d->end);
    if (d->next < d->end) json_kv_u64(&body, S("next"), d->next);
    json_key(&body, S("destinations"));
    buf_putc(&body, '[');
    buf_put(&body, buf_str(&d->body));
    buf_put(&body, S("]}"));
    buf_fini(&d->body);
    generation_release(d->before);
    generation_release(d->after);
    api_answer(e->req, 200, &body);
}

/* --- the operation -------------------------------------------------------------------------------- */

/* Where the stretch begins: at an event's number, or at a time. False when it says neither well. */
static bool read_from(struct console *c, yyjson_val *root, uint64_t *from)
{
    struct str since = json_str(json_get(root, "since")), seq = json_str(json_get(root, "from"));
    uint64_t oldest = journal_oldest_seq(c->journal);
    int64_t ms;
    if (seq.n) {
        if (!str_to_u64(seq, from)) return false;
    } else if (since.n && time_parse(since, &ms)) {
        *from = journal_find_time(c->journal, ms);
    } else {
        return false;
    }
    if (*from < oldest) *from = oldest;
    return true;
}

void post_diff(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct err err;
    struct diff *d = arena_new(req->arena, struct diff);
    struct errand *e = arena_new(req->arena, struct errand);
    yyjson_val *root = json_read(req->arena, req->body, &err);
    struct str text = json_str(json_get(root, "text"));
    if (!text.n || !read_from(c, root, &d->from)) {
        api_error(req, 400, S("bad_body"),
                  S("wanted: {\"text\": the configuration, \"since\": a time}"));
        return;
    }
    d->after = api_load(c, req, text);
    if (!d->after) return;
    d->before = generation_acquire(c->generations);
    d->end = journal_next_seq(c->journal);
    if (d->from > d->end) d->from = d->end;
    *e = (struct errand){.console = c, .req = req, .ctx = d, .work = compare_all, .finish = tell};
    if (!errand_start(e)) {
        generation_release(d->before);
        generation_release(d->after);
    }
}
