/* SPDX-License-Identifier: Apache-2.0 */
/* What the process is, what it keeps where, and how far it is from its limits. */
#include "console/api.h"

#include "base/json.h"
#include "conf/config.h"
#include "console/find.h"
#include "load/load.h"
#include "sys/file.h"
#include "sys/process.h"

#include <fcntl.h>

static uint64_t state_bytes(struct console *c, struct arena *arena)
{
    struct err err;
    const char *path = arena_printf(arena, "%.*s/store/data.mdb", STR_ARG(c->data_dir)).p;
    int fd = file_open(path, O_RDONLY, 0, &err);
    if (fd < 0) return 0;
    off_t size = file_size(fd, &err);
    file_close(fd);
    return size > 0 ? (uint64_t)size : 0;
}

static void put_files(struct console *c, const struct generation *g, struct buf *out)
{
    json_key(out, S("config_files"));
    buf_putc(out, '[');
    if (c->load->path) json_put_str(out, str_z(c->load->path));
    if (c->load->managed_path && file_exists(c->load->managed_path)) {
        json_comma(out);
        json_put_str(out, str_z(c->load->managed_path));
    }
    buf_putc(out, ']');
    json_kv_u64(out, S("generation"), g->number);
}

static void put_journal(struct console *c, const struct generation *g, struct arena *arena,
                        struct buf *out)
{
    struct journal_stats stats;
    struct found oldest;
    struct err err;
    uint64_t first = journal_oldest_seq(c->journal), next = journal_next_seq(c->journal);
    bool found = first < next && find_read(c, first, arena, &oldest, &err);
    journal_stats(c->journal, &stats);
    json_key(out, S("journal"));
    buf_putc(out, '{');
    json_kv_u64(out, S("bytes"), stats.bytes);
    json_kv_u64(out, S("limit_bytes"), g->config->journal_max_bytes);
    json_kv_u64(out, S("events"), next - first);
    api_put_time(out, S("oldest"), found ? oldest.commit_ms : 0);
    json_kv_u64(out, S("first_seq"), first);
    json_kv_u64(out, S("next_seq"), next);
    json_kv_u64(out, S("segments"), stats.segments);
    json_kv_u64(out, S("commits"), stats.commits);
    json_kv_u64(out, S("commit_us"), stats.commits ? stats.commit_us_sum / stats.commits : 0);
    buf_putc(out, '}');
}

static void put_limit(struct buf *out, struct str name, uint64_t value, uint64_t used)
{
    json_comma(out);
    buf_putc(out, '{');
    json_kv_str(out, S("name"), name);
    json_kv_u64(out, S("value"), value);
    json_kv_u64(out, S("used"), used);
    buf_putc(out, '}');
}

static void put_limits(struct console *c, uint64_t state, struct buf *out)
{
    struct http_stats one;
    struct journal_stats journal;
    uint64_t connections = 0, bodies = 0;
    for (size_t i = 0; i < c->public_loop_count; i++) {
        http_stats(c->public_loops[i], &one);
        connections += one.connections;
        bodies += one.body_bytes;
    }
    journal_stats(c->journal, &journal);
    json_key(out, S("limits"));
    buf_putc(out, '[');
    put_limit(out, S("connections"), LIMIT_CONNECTIONS * c->public_loop_count, connections);
    put_limit(out, S("request bodies in memory"), LIMIT_BODIES_BYTES * c->public_loop_count,
              bodies);
    put_limit(out, S("requests that wait for the journal"), LIMIT_APPEND_QUEUE, journal.queued);
    put_limit(out, S("state store bytes"), LIMIT_STORE_BYTES, state);
    put_limit(out, S("live watchers"), LIMIT_WATCHERS, c->watchers);
    struct report_tables *t = report_tables(c->report);
    put_limit(out, S("event names"), LIMIT_EVENT_NAMES, t->names.count);
    put_limit(out, S("series"), LIMIT_SERIES, t->series.count);
    put_limit(out, S("match quality rows"), LIMIT_QUALITY_ROWS, t->quality.count);
    put_limit(out, S("event ids followed"), LIMIT_PAIR_IDS, t->pairs.ids.count);
    report_done(c->report);
    buf_putc(out, ']');
}

void get_system(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct buf body = {0};
    struct process_use use;
    struct generation *g = generation_acquire(c->generations);
    uint64_t state = state_bytes(c, req->arena);
    process_use(&use);
    buf_putc(&body, '{');
    json_kv_str(&body, S("version"), S(PIXELD_VERSION));
    api_put_time(&body, S("started"), c->started_ms);
    json_kv_str(&body, S("data"), c->data_dir);
    put_files(c, g, &body);
    json_kv_u64(&body, S("disk_free_bytes"), file_disk_free(c->data_dir.p));
    json_kv_u64(&body, S("disk_total_bytes"), file_disk_total(c->data_dir.p));
    json_kv_u64(&body, S("memory_bytes"), use.memory_bytes);
    json_kv_u64(&body, S("threads"), use.threads);
    json_kv_u64(&body, S("state_bytes"), state);
    put_journal(c, g, req->arena, &body);
    put_limits(c, state, &body);
    buf_putc(&body, '}');
    generation_release(g);
    api_answer(req, 200, &body);
}
