/* SPDX-License-Identifier: Apache-2.0 */
/* See job.h. */
#include "replay/job.h"

#include "base/json.h"
#include "base/time.h"

#include <stdio.h>

static const struct str count_names[REPLAY_COUNT] = {
#define X(NAME, name) S_INIT(name),
    REPLAY_COUNTS(X)
#undef X
};

static const struct str state_names[REPLAY_STATE_COUNT] = {
#define X(NAME, name) S_INIT(name),
    REPLAY_STATES(X)
#undef X
};

/* X(member, "name") — the members that are plain. */
#define TEXTS(X)                                                                                   \
    X(destination, "destination") X(source, "source") X(event, "event") X(error, "error")
#define NUMBERS(X) X(id, "id") X(first, "first") X(next, "next") X(end, "end")
#define TIMES(X) X(from_ms, "from") X(to_ms, "to") X(started_ms, "started") X(ended_ms, "ended")
#define FLAGS(X) X(include_delivered, "include_delivered") X(dry_run, "dry_run")

static void put_time(struct buf *out, struct str key, int64_t ms)
{
    json_key(out, key);
    if (!ms) {
        buf_put(out, S("null"));
        return;
    }
    buf_putc(out, '"');
    time_print(out, ms);
    buf_putc(out, '"');
}

void job_put(struct buf *out, const struct replay_job *job)
{
    buf_putc(out, '{');
#define X(member, name) json_kv_u64(out, S(name), job->member);
    NUMBERS(X)
#undef X
#define X(member, name) json_kv_str(out, S(name), str_z(job->member));
    TEXTS(X)
#undef X
#define X(member, name) put_time(out, S(name), job->member);
    TIMES(X)
#undef X
#define X(member, name) json_kv_bool(out, S(name), job->member);
    FLAGS(X)
#undef X
    json_kv_str(out, S("state"), state_names[job->state]);
    json_key(out, S("counts"));
    buf_putc(out, '{');
    for (size_t i = 0; i < REPLAY_COUNT; i++) json_kv_u64(out, count_names[i], job->counts[i]);
    buf_put(out, S("}}"));
}

static bool take_text(yyjson_val *v, char *out, size_t room)
{
    struct str text = json_str(v);
    if (!text.p || text.n >= room) return false;
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    return true;
}

static bool take_time(yyjson_val *v, int64_t *ms)
{
    *ms = 0;
    return yyjson_is_null(v) || time_parse(json_str(v), ms);
}

static bool take_state(yyjson_val *v, enum replay_state *out)
{
    size_t i = 0;
    while (i < REPLAY_STATE_COUNT && !str_eq(state_names[i], json_str(v))) i++;
    *out = (enum replay_state)i;
    return i < REPLAY_STATE_COUNT;
}

bool job_read(struct str text, struct arena *arena, struct replay_job *out, struct err *err)
{
    struct replay_job job = {0};
    yyjson_val *root = json_read(arena, text, err);
    yyjson_val *counts = json_get(root, "counts");
    bool ok = root != NULL && take_state(json_get(root, "state"), &job.state);
#define X(member, name) ok = ok && str_to_u64(json_str(json_get(root, name)), &job.member);
    NUMBERS(X)
#undef X
#define X(member, name) ok = ok && take_text(json_get(root, name), job.member, sizeof job.member);
    TEXTS(X)
#undef X
#define X(member, name) ok = ok && take_time(json_get(root, name), &job.member);
    TIMES(X)
#undef X
#define X(member, name) job.member = yyjson_is_true(json_get(root, name));
    FLAGS(X)
#undef X
    for (size_t i = 0; ok && i < REPLAY_COUNT; i++) /* a count that a former version did not have */
        (void)str_to_u64(json_str(yyjson_obj_getn(counts, count_names[i].p, count_names[i].n)),
                         &job.counts[i]);
    if (!ok) return err_set(err, ERR_IO, "a replay that was kept cannot be read");
    *out = job;
    return true;
}
