/* SPDX-License-Identifier: Apache-2.0 */
/* See pipeline.h. Stages do not know each other: what one needs of another is handed in here. */
#include "app/pipeline.h"

#include "app/given.h"
#include "app/public.h"
#include "app/removed.h"
#include "app/restart.h"
#include "load/load.h"

#include "base/mem.h"
#include "core/limits.h"
#include "core/log.h"
#include "store/known.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/random.h"
#include "sys/thread.h"

static const char *in_data_dir(struct pipeline *p, const char *name)
{
    return arena_printf(&p->arena, "%s/%s", p->data_dir, name).p;
}

/* --- the steps ------------------------------------------------------------------------------------ */

static bool start_file_generation(struct pipeline *p, struct err *err)
{
    generation_holder_init(&p->generations);
    if (!p->config_path) return true;
    struct generation *g = load_or_tell(&(struct load){.path = p->config_path}, err);
    if (!g) return false;
    if (!p->data_dir && g->config->data.text.n) {
        p->data_dir = arena_str(&p->arena, g->config->data.text).p;
    }
    generation_swap(&p->generations, g);
    return true;
}

static bool start_data(struct pipeline *p, struct err *err)
{
    if (!p->data_dir) p->data_dir = p->default_data_dir;
    if (!file_make_dirs(p->data_dir, err)) return err_wrap(err, "data directory");
    p->data_lock = file_lock(in_data_dir(p, "lock"), err);
    return p->data_lock >= 0 || err_wrap(err, "data directory");
}

static void stop_data(struct pipeline *p)
{
    file_close(p->data_lock);
}

static bool start_store(struct pipeline *p, struct err *err)
{
    lock_init(&p->removed_lock);
    p->store = store_open(in_data_dir(p, "store"), LIMIT_STORE_BYTES, err);
    return p->store != NULL;
}

static void stop_store(struct pipeline *p)
{
    store_close(p->store);
    lock_fini(&p->removed_lock);
}

static bool start_sandbox(struct pipeline *p, struct err *err)
{
    struct sandbox_options options = {.listen = p->sandbox_listen, .rule = p->sandbox_rule};
    if (!p->sandbox_listen.n) return true;
    p->sandbox = sandbox_open(&options, err);
    if (!p->sandbox) return err_wrap(err, "sandbox");
    sandbox_start(p->sandbox);
    return true;
}

static void stop_sandbox(struct pipeline *p)
{
    if (!p->sandbox) return;
    sandbox_stop(p->sandbox);
    sandbox_free(p->sandbox);
}

/* The write key of the no-configuration start is made once and kept, so that a restart does not turn
 * pasted snippets away. */
static bool find_write_key(struct pipeline *p, struct err *err)
{
    unsigned char bytes[12];
    struct buf key = {0};
    err->kind = ERR_NONE;
    if (store_get_value(p->store, S("write_key"), &p->arena, &p->write_key, err)) return true;
    if (err->kind != ERR_NONE) return false;
    random_bytes(bytes, sizeof bytes);
    buf_put_hex(&key, bytes, sizeof bytes);
    p->write_key = arena_str(&p->arena, buf_str(&key));
    buf_fini(&key);
    return store_set_value(p->store, S("write_key"), p->write_key, err);
}

/* The user's own file once more, now together with the console's, if there is one in the data directory. */
static bool start_whole_generation(struct pipeline *p, struct err *err)
{
    p->load.path = p->config_path;
    p->load.managed_path = in_data_dir(p, "managed.yaml");
    if (p->config_path && !file_exists(p->load.managed_path)) return true;
    if (!p->config_path) {
        if (!find_write_key(p, err)) return false;
        p->load.write_key = p->write_key;
        p->load.sandbox_url =
            arena_printf(&p->arena, "http://127.0.0.1:%u/v26.0", sandbox_port(p->sandbox));
    }
    struct generation *g = load_or_tell(&p->load, err);
    if (g) generation_swap(&p->generations, g);
    return g != NULL;
}

static void stop_generation(struct pipeline *p)
{
    generation_holder_fini(&p->generations);
}

static bool start_journal(struct pipeline *p, struct err *err)
{
    struct generation *g = generation_acquire(&p->generations);
    struct journal_options options = {
        .dir = in_data_dir(p, "journal"),
        .max_bytes = g->config->journal_max_bytes,
        .retention_ms = g->config->journal_retention_ms,
        .dedup_bytes = g->config->dedup_enabled ? g->config->dedup_bytes : 0,
        .dedup_window_ms = g->config->dedup_window_ms,
    };
    generation_release(g);
    if (!store_known_end(p->store, &options.next_seq_min, err)) return false;
    p->journal = journal_open(&options, err);
    return p->journal || err_wrap(err, "journal");
}

static void stop_journal(struct pipeline *p)
{
    journal_close(p->journal);
}

static bool start_deliver(struct pipeline *p, struct err *err)
{
    struct deliver_options options = {
        .journal = p->journal,
        .store = p->store,
        .source = given_delivery(p),
        .confirmed = report_confirmed,
        .confirmed_ctx = p->report,
    };
    (void)err; /* cannot fail */
    struct generation *g = generation_acquire(&p->generations);
    removed_note(p, g->config);
    generation_release(g);
    given_open();
    p->deliver = deliver_new(&options);
    journal_listen(p->journal, deliver_committed, p->deliver);
    deliver_start(p->deliver);
    report_start(p->report, p->deliver);
    return true;
}

/* Before delivery, which tells it what was confirmed, and after it when all stops. */
static bool start_report(struct pipeline *p, struct err *err)
{
    (void)err; /* cannot fail */
    p->report = report_open(&(struct report_options){
        .journal = p->journal, .store = p->store, .generations = &p->generations});
    return true;
}

static void stop_report(struct pipeline *p)
{
    report_close(p->report);
}

static bool start_replay(struct pipeline *p, struct err *err)
{
    struct replay_options options = {
        .journal = p->journal,
        .store = p->store,
        .generations = &p->generations,
        .wake = deliver_wake,
        .wake_ctx = p->deliver,
    };
    p->replay = replay_open(&options, err);
    return p->replay || err_wrap(err, "replay");
}

static void stop_replay(struct pipeline *p)
{
    replay_close(p->replay);
}

static void stop_deliver(struct pipeline *p)
{
    if (p->deliver) deliver_stop(p->deliver, LIMIT_DRAIN_MS);
}

static bool start_public(struct pipeline *p, struct err *err)
{
    struct ingest_options options = {
        .journal = p->journal, .ctx = p, .acquire = given_config, .release = given_release};
    struct generation *g = generation_acquire(&p->generations);
    /* Half of the processors parse requests, the others commit, map and send. */
    size_t count = g->config->threads ? g->config->threads : (thread_cpu_count() + 1) / 2;
    if (count > LIMIT_THREADS) count = LIMIT_THREADS;
    p->ingest = ingest_new(&options);
    bool ok = public_open(p, g->config, count, err);
    generation_release(g);
    for (size_t i = 0; ok && i < p->public_loop_count; i++) http_server_start(p->public_loops[i]);
    return ok;
}

static void stop_public(struct pipeline *p)
{
    for (size_t i = 0; i < p->public_loop_count; i++) {
        http_server_stop(p->public_loops[i], LIMIT_DRAIN_MS);
        http_server_hand_over(p->public_loops[i], &p->handed);
    }
}

static bool start_alerts(struct pipeline *p, struct err *err)
{
    struct alerts_options options = {.generations = &p->generations,
                                     .deliver = p->deliver,
                                     .journal = p->journal,
                                     .ingest = p->ingest,
                                     .data_dir = p->data_dir};
    (void)err; /* cannot fail */
    p->console.alerts = alerts_start(&options);
    return true;
}

static void stop_alerts(struct pipeline *p)
{
    alerts_stop(p->console.alerts);
}

static bool is_loopback(struct str address)
{
    return str_starts(address, S("127.")) || str_starts(address, S("localhost:")) ||
           str_starts(address, S("[::1]"));
}

static bool reload(void *ctx, struct err *err)
{
    return pipeline_reload(ctx, err);
}

static void fill_console(struct pipeline *p, bool local)
{
    p->console.local = local;
    p->console.generations = &p->generations;
    p->console.journal = p->journal;
    p->console.store = p->store;
    p->console.deliver = p->deliver;
    p->console.ingest = p->ingest;
    p->console.replay = p->replay;
    p->console.report = p->report;
    p->console.sandbox = p->sandbox;
    p->console.public_loops = p->public_loops;
    p->console.public_loop_count = p->public_loop_count;
    p->console.restart = restart_ask;
    p->console.app = p;
    p->console.reload = reload;
    p->console.forget = removed_ask;
    p->console.load = &p->load;
    p->console.data_dir = str_z(p->data_dir);
    p->console.write_key = p->write_key;
}

static bool start_admin(struct pipeline *p, struct err *err)
{
    struct generation *g = generation_acquire(&p->generations);
    struct http_options options = {
        .name = "admin",
        .address = arena_str(&p->arena, g->config->admin.text),
        .ctx = &p->console,
        .max_connections = LIMIT_ADMIN_CONNECTIONS,
        .handed = &p->handed,
    };
    options.local_names = is_loopback(options.address);
    generation_release(g);
    fill_console(p, options.local_names);
    if (!console_open(&p->console, err)) return false;
    struct http_route *routes;
    console_routes(&p->arena, &routes, &options.route_count);
    options.routes = routes;
    p->admin = http_server_open(&options, err);
    if (!p->admin) return err_wrap(err, "admin");
    http_server_start(p->admin);
    return true;
}

static void stop_admin(struct pipeline *p)
{
    if (!p->admin) return;
    http_server_stop(p->admin, LIMIT_DRAIN_MS);
    http_server_hand_over(p->admin, &p->handed);
    console_end(&p->console);
    http_server_free(p->admin);
    console_close(&p->console);
}

/* Requests may still be answered while the journal commits, so servers are freed only after it is
 * closed, and ingest after them. */
static void free_late(struct pipeline *p)
{
    for (size_t i = 0; i < p->public_loop_count; i++) http_server_free(p->public_loops[i]);
    if (p->ingest) ingest_free(p->ingest);
    if (p->deliver) deliver_free(p->deliver);
    given_close();
}

static bool start_nothing(struct pipeline *p, struct err *err)
{
    (void)p;
    (void)err;
    return true;
}

static void stop_nothing(struct pipeline *p)
{
    (void)p;
}

/* What nobody took would keep clients waiting for ever. */
static bool start_accepting(struct pipeline *p, struct err *err)
{
    (void)err; /* cannot fail */
    for (size_t i = 0; i < p->handed.count; i++) {
        if (!p->handed.items[i].listening || p->handed.items[i].used) continue;
        log_line(LOG_WARN, "app",
                 "a socket that was handed over is neither listen nor admin: closed",
                 LOG_Z("name", p->handed.items[i].name));
    }
    if (p->handed.paused_us)
        log_line(LOG_INFO, "app", "restarted",
                 LOG_NUM("paused_ms", (clock_mono_us() - p->handed.paused_us) / 1000));
    handover_close(&p->handed);
    return true;
}

static const struct step {
    const char *name;
    bool (*start)(struct pipeline *p, struct err *err);
    void (*stop)(struct pipeline *p);
} steps[] = {
    {"configuration", start_file_generation, stop_generation},
    {"data", start_data, stop_data},
    {"store", start_store, stop_store},
    {"sandbox", start_sandbox, stop_sandbox},
    {"whole configuration", start_whole_generation, stop_nothing},
    {"late", start_nothing, free_late},
    {"journal", start_journal, stop_journal},
    {"report", start_report, stop_report},
    {"deliver", start_deliver, stop_deliver},
    {"replay", start_replay, stop_replay},
    {"public", start_public, stop_public},
    {"alerts", start_alerts, stop_alerts},
    {"admin", start_admin, stop_admin},
    {"accepting", start_accepting, stop_nothing},
};

static void stop_from(struct pipeline *p, size_t count)
{
    while (count--) steps[count].stop(p);
    arena_fini(&p->arena);
}

bool pipeline_start(struct pipeline *p, struct err *err)
{
    p->data_lock = -1;
    p->console.started_ms = clock_now_ms();
    for (size_t i = 0; i < countof(steps); i++) {
        if (steps[i].start(p, err)) continue;
        stop_from(p, i + 1); /* stop functions accept what is half started */
        return false;
    }
    p->console.ready = true;
    return true;
}

void pipeline_stop(struct pipeline *p)
{
    p->console.ready = false;
    http_server_ask_stop(p->admin, LIMIT_DRAIN_MS);
    for (size_t i = 0; i < p->public_loop_count; i++) {
        http_server_ask_stop(p->public_loops[i], LIMIT_DRAIN_MS);
    }
    stop_from(p, countof(steps));
}

void pipeline_leave(struct pipeline *p)
{
    deliver_stop(p->deliver, LIMIT_DRAIN_MS);
    p->console.ready = false;
    p->handed.paused_us = clock_mono_us();
    http_server_ask_leave(p->admin, LIMIT_LEAVE_MS);
    for (size_t i = 0; i < p->public_loop_count; i++) {
        http_server_ask_leave(p->public_loops[i], LIMIT_LEAVE_MS);
    }
    stop_from(p, countof(steps));
}
