/* SPDX-License-Identifier: Apache-2.0 */
/* The API's replays: begin, list, cancel. */
#include "console/api.h"

#include "base/json.h"

static void put_jobs(struct console *c, struct arena *arena, struct buf *out)
{
    struct replay_job *jobs;
    size_t count;
    replay_list(c->replay, arena, &jobs, &count);
    json_key(out, S("replays"));
    buf_putc(out, '[');
    for (size_t i = 0; i < count; i++) {
        json_comma(out);
        job_put(out, &jobs[i]);
    }
    buf_putc(out, ']');
}

void get_replays(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct buf body = {0};
    buf_putc(&body, '{');
    put_jobs(c, req->arena, &body);
    buf_putc(&body, '}');
    api_answer(req, 200, &body);
}

static bool take_text(yyjson_val *root, const char *name, char *out, size_t room)
{
    yyjson_val *v = json_get(root, name);
    struct str text = json_str(v);
    if (!v) return true;
    if (!yyjson_is_str(v) || text.n >= room) return false;
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    return true;
}

static bool take_time(yyjson_val *root, const char *name, int64_t *ms)
{
    yyjson_val *v = json_get(root, name);
    return !v || time_parse(json_str(v), ms);
}

static bool take_flag(yyjson_val *root, const char *name, bool *out)
{
    yyjson_val *v = json_get(root, name);
    *out = yyjson_is_true(v);
    return !v || yyjson_is_bool(v);
}

static bool read_wanted(struct http_request *req, struct replay_job *job)
{
    struct err err;
    yyjson_val *root = json_read(req->arena, req->body, &err);
    *job = (struct replay_job){0};
    return yyjson_is_obj(root) &&
           take_text(root, "destination", job->destination, sizeof job->destination) &&
           take_text(root, "source", job->source, sizeof job->source) &&
           take_text(root, "event", job->event, sizeof job->event) &&
           take_time(root, "from", &job->from_ms) && take_time(root, "to", &job->to_ms) &&
           take_flag(root, "include_delivered", &job->include_delivered) &&
           take_flag(root, "dry_run", &job->dry_run) && job->destination[0];
}

void post_replay(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct replay_job wanted, job;
    struct err err;
    struct buf body = {0};
    if (!read_wanted(req, &wanted)) {
        api_error(req, 400, S("bad_replay"),
                  S("wanted: {\"destination\":NAME} and, if you like, \"source\", \"event\", "
                    "\"from\" and \"to\" as times, \"include_delivered\" and \"dry_run\""));
        return;
    }
    if (!replay_submit(c->replay, &wanted, &job, &err)) {
        api_error(req,
                  err.kind == ERR_INPUT   ? 400
                  : err.kind == ERR_LIMIT ? 409
                                          : 500,
                  S("replay"), str_z(err.text));
        return;
    }
    if (!job.dry_run) api_note(c, req, S("began a replay"), str_z(job.destination));
    job_put(&body, &job);
    api_answer(req, 200, &body);
}

void delete_replay(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    uint64_t id;
    struct err err;
    struct buf body = {0};
    if (!str_to_u64(req->wildcard, &id) || !replay_cancel(c->replay, id, &err)) {
        api_error(req, 404, S("not_found"), S("there is no such running replay"));
        return;
    }
    api_note(c, req, S("cancelled a replay"), req->wildcard);
    buf_put(&body, S("{\"done\":1}"));
    api_answer(req, 200, &body);
}
