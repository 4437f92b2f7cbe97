/* SPDX-License-Identifier: Apache-2.0 */
/* All numbers as OpenMetrics, which wants the samples of a family together: each family is one loop over
 * the destinations. */
#include "console/numbers.h"

#include "sys/clock.h"
#include "sys/file.h"

static void family(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# TYPE pixeld_%s %s\n# HELP pixeld_%s %s\n", name, type, name, help);
}

static void single(struct buf *out, const char *name, const char *type, const char *help,
                   uint64_t value)
{
    family(out, name, type, help);
    buf_printf(out, "pixeld_%s%s %llu\n", name, *type == 'c' ? "_total" : "",
               (unsigned long long)value);
}

/* X(metric, kind, sample, words): one sample for each destination. */
#define DESTINATION_METRICS(X)                                                                     \
    X("destination_received", "gauge", d->received,                                                \
      "Events this destination is responsible for; equals the sum of its states.")                 \
    X("destination_paused", "gauge", d->paused,                                                    \
      "1 when delivery stands still until someone acts.")                                          \
    X("destination_enabled", "gauge", d->enabled, "1 when the destination is switched on.")        \
    X("destination_in_flight_events", "gauge", d->in_flight_events,                                \
      "Events in requests that wait for Meta's answer.")                                           \
    X("destination_oldest_waiting_seconds", "gauge", age_s(d->oldest_waiting_ms),                  \
      "Age of the oldest event that is not finished.")                                             \
    X("destination_oldest_held_seconds", "gauge", age_s(d->held_since_ms),                         \
      "Age of the oldest event that a hold keeps back.")                                           \
    X("destination_requests", "counter", d->requests, "Requests sent to Meta.")                    \
    X("destination_requests_failed", "counter", d->requests_failed,                                \
      "Requests that Meta refused or that got no answer.")                                         \
    X("destination_events_sent_again", "counter", d->events_sent_again,                            \
      "Events that were sent more than once, with the same event_id.")                             \
    X("destination_paused_pixels", "gauge", d->paused_pixel_count,                                 \
      "Conversion pixels that stand still while the destination goes on.")                         \
    X("destination_events_at_risk", "gauge", d->at_risk,                                           \
      "Waiting events with less than a day until Meta's deadline.")                                \
    X("destination_usage_percent", "gauge", d->usage_percent,                                      \
      "How much of a limit of Meta's is used up, by the latest answer; 0 when it did not say.")    \
    X("destination_test_events", "counter", d->test_events,                                        \
      "Events delivered with a test_event_code.")                                                  \
    X("redacted", "counter", d->redacted,                                                          \
      "Values and query keys that looked personal and were taken out of events.")

static uint64_t age_s(int64_t ms)
{
    int64_t now = clock_now_ms();
    return ms && ms <= now ? (uint64_t)(now - ms) / 1000 : 0;
}

static void put_states(const struct numbers *s, struct buf *out)
{
    family(out, "events", "gauge",
           "Events of each destination by state; the states add up to "
           "pixeld_destination_received.");
    for (size_t i = 0; i < s->count; i++) {
        const struct deliver_status *d = &s->destinations[i];
        for (enum state state = 0; state < STATE_COUNT; state++) {
            buf_printf(out, "pixeld_events{destination=\"%.*s\",state=\"%.*s\"} %llu\n",
                       STR_ARG(d->name), STR_ARG(state_name(state)),
                       (unsigned long long)d->states[state]);
        }
    }
    family(out, "events_by_reason", "gauge", "Filtered, duplicate and dead events by reason.");
    for (size_t i = 0; i < s->count; i++) {
        const struct deliver_status *d = &s->destinations[i];
        for (enum reason reason = REASON_NONE + 1; reason < REASON_COUNT; reason++) {
            if (!d->reasons[reason]) continue;
            buf_printf(
                out,
                "pixeld_events_by_reason{destination=\"%.*s\",state=\"%.*s\",reason=\"%.*s\"} "
                "%llu\n",
                STR_ARG(d->name), STR_ARG(state_name(reason_state(reason))),
                STR_ARG(reason_name(reason)), (unsigned long long)d->reasons[reason]);
        }
    }
}

/* Only for destinations where something waits: without a deadline there is no time left. */
static void put_first_loss(const struct numbers *s, struct buf *out)
{
    family(out, "destination_first_loss_seconds", "gauge",
           "Time until Meta takes the first of the waiting events no more.");
    for (size_t i = 0; i < s->count; i++) {
        const struct deliver_status *d = &s->destinations[i];
        int64_t left_ms = d->first_loss_ms - clock_now_ms();
        if (!d->first_loss_ms) continue;
        buf_printf(out, "pixeld_destination_first_loss_seconds{destination=\"%.*s\"} %lld\n",
                   STR_ARG(d->name), (long long)(left_ms > 0 ? left_ms / 1000 : 0));
    }
}

/* Names of events are whatever clients send. Control characters, which can end a whole scrape at its reader,
 * show as their pictures (Unicode's block from U+2400 on). */
static void put_label(struct buf *out, const char *name, struct str value)
{
    buf_printf(out, "%s=\"", name);
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if (c < ' ' || c == 0x7f) {
            buf_printf(out, "\xe2\x90%c", c == 0x7f ? 0xa1 : 0x80 + c);
            continue;
        }
        if (c == '"' || c == '\\') buf_putc(out, '\\');
        buf_putc(out, (char)c);
    }
    buf_putc(out, '"');
}

static void put_alerts(struct console *c, struct arena *arena, struct buf *out)
{
    struct alert *list;
    struct alerts_stats stats;
    size_t count;
    alerts_list(c->alerts, arena, &list, &count);
    alerts_stats(c->alerts, &stats);
    family(out, "alert", "gauge", "1 for each alert that is raised.");
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "pixeld_alert{alert=\"%.*s\",subject=\"%s\"} 1\n",
                   STR_ARG(alert_rule_name(list[i].rule)), list[i].subject);
    single(out, "alerts_told", "counter", "Alerts told by webhook or command.", stats.told);
    single(out, "alerts_failed", "counter", "Alerts that could not be told.",
           stats.failed + stats.dropped);
}

static void put_breakdown(struct console *c, struct arena *arena, struct buf *out)
{
    struct deliver_breakdown *rows;
    size_t count;
    deliver_breakdown_all(c->deliver, arena, &rows, &count);
    family(out, "settled_events", "counter",
           "Events settled since the start, by source and event name; names beyond 255 pairs are "
           "\"other\". Without a reason: delivered.");
    for (size_t i = 0; i < count; i++) {
        for (enum reason reason = 0; reason < REASON_COUNT; reason++) {
            if (!rows[i].reasons[reason]) continue;
            buf_put(out, S("pixeld_settled_events_total{"));
            put_label(out, "destination", rows[i].destination);
            put_label(out, ",source", rows[i].source);
            put_label(out, ",event", rows[i].event);
            put_label(out, ",state", state_name(reason ? reason_state(reason) : STATE_DELIVERED));
            put_label(out, ",reason", reason_name(reason));
            buf_printf(out, "} %llu\n", (unsigned long long)rows[i].reasons[reason]);
        }
    }
}

static void put_destinations(const struct numbers *s, struct buf *out)
{
#define X(metric, kind, sample, words)                                                             \
    family(out, metric, kind, words);                                                              \
    for (size_t i = 0; i < s->count; i++) {                                                        \
        const struct deliver_status *d = &s->destinations[i];                                      \
        buf_printf(out, "pixeld_%s%s{destination=\"%.*s\"} %llu\n", metric,                        \
                   *(kind) == 'c' ? "_total" : "", STR_ARG(d->name),                               \
                   (unsigned long long)(sample));                                                  \
    }
    DESTINATION_METRICS(X)
#undef X
}

static void put_http(struct console *c, struct buf *out)
{
    struct http_stats sum = {0}, one;
    for (size_t i = 0; i < c->public_loop_count; i++) {
        http_stats(c->public_loops[i], &one);
        sum.connections += one.connections;
        sum.accepted += one.accepted;
        sum.refused += one.refused;
        sum.requests += one.requests;
        sum.timeouts += one.timeouts;
        sum.body_bytes += one.body_bytes;
        for (size_t class = 0; class < countof(sum.answers); class ++) {
            sum.answers[class] += one.answers[class];
        }
    }
    single(out, "http_connections", "gauge", "Open client connections.", sum.connections);
    single(out, "http_accepted", "counter", "Client connections accepted.", sum.accepted);
    single(out, "http_refused", "counter", "Connections over the limit.", sum.refused);
    single(out, "http_timeouts", "counter", "Connections of clients that were too slow.",
           sum.timeouts);
    single(out, "http_body_bytes", "gauge", "Request bodies in memory.", sum.body_bytes);
    family(out, "http_answers", "counter", "Answers by status class.");
    for (size_t class = 1; class < countof(sum.answers); class ++) {
        buf_printf(out, "pixeld_http_answers_total{class=\"%zuxx\"} %llu\n", class,
                   (unsigned long long)sum.answers[class]);
    }
}

static void put_refusal(void *ctx, struct str source, struct str reason, uint64_t count)
{
    struct buf *out = ctx;
    buf_printf(out, "pixeld_ingest_refused_total{source=\"%.*s\",reason=\"%.*s\"} %llu\n",
               STR_ARG(source), STR_ARG(reason), (unsigned long long)count);
}

static void put_refusals(struct console *c, struct buf *out)
{
    family(out, "ingest_refused", "counter", "Requests refused, by source and reason.");
    ingest_each_refusal(c->ingest, put_refusal, out);
}

void metrics_print(struct console *c, struct arena *arena, struct buf *out)
{
    struct numbers s;
    numbers_take(c, arena, &s);
    family(out, "build", "info", "The running version.");
    buf_put(out, S("pixeld_build_info{version=\"" PIXELD_VERSION "\"} 1\n"));
    put_states(&s, out);
    put_destinations(&s, out);
    put_first_loss(&s, out);
    put_breakdown(c, arena, out);
    put_alerts(c, arena, out);
    single(out, "state_lost", "gauge",
           "1 when the state store was new while the journal had events.",
           deliver_state_lost(c->deliver));
    single(out, "ingest_requests", "counter", "Requests that carried events.", s.ingest.requests);
    single(out, "ingest_events", "counter", "Events acknowledged.", s.ingest.events);
    single(out, "ingest_rejected", "counter", "Events kept as dead on arrival.", s.ingest.rejected);
    single(out, "ingest_unauthorized", "counter", "Requests with a wrong key.",
           s.ingest.unauthorized);
    single(out, "ingest_bad_requests", "counter", "Requests that were not events.",
           s.ingest.bad_requests);
    single(out, "ingest_unavailable", "counter", "Requests answered 503.", s.ingest.unavailable);
    put_refusals(c, out);
    put_http(c, out);
    single(out, "journal_events", "gauge", "Events kept in the journal.",
           s.next_seq - s.oldest_seq);
    single(out, "journal_bytes", "gauge", "Size of the journal on disk.", s.journal.bytes);
    single(out, "journal_segments", "gauge", "Files of the journal.", s.journal.segments);
    single(out, "journal_commits", "counter", "Group commits.", s.journal.commits);
    single(out, "journal_commit_microseconds", "counter", "Time spent in commits.",
           s.journal.commit_us_sum);
    single(out, "journal_failures", "counter", "Commits that failed.", s.journal.failures);
    single(out, "dead_letters_dropped", "counter",
           "Dead letters dropped for their age or number, since the start.", c->letters_dropped);
    single(out, "journal_duplicates", "counter",
           "Events whose source sent the same message id before, since the start.",
           s.journal.duplicates);
    single(out, "journal_changed_duplicates", "counter",
           "Those of them whose content was another one.", s.journal.changed_duplicates);
    single(out, "journal_ids_evicted", "counter",
           "Message ids forgotten within dedup.window because dedup.size is too small.",
           s.journal.dedup_evicted);
    single(out, "journal_dedup_failed", "gauge", "1 when duplicates cannot be recognised.",
           s.journal.dedup_failed);
    single(out, "journal_failing", "gauge", "1 while ingest answers 503.", s.journal.failing);
    single(out, "disk_free_bytes", "gauge", "Free space under the data directory.",
           file_disk_free(c->data_dir.p));
    buf_put(out, S("# EOF\n"));
}
