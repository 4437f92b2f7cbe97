/* SPDX-License-Identifier: Apache-2.0 */
/* Every operation of the admin address and every shape of its JSON. The routes, openapi.json and the
 * tests that hold answers against it come from here: to add an operation, add its row and its handler. */
#ifndef CONSOLE_OPERATIONS_TABLE_H
#define CONSOLE_OPERATIONS_TABLE_H

/* X(ID, METHOD, "path", ROLE, handler, "summary", "query", "body", "answer"). {name} in a path is a parameter;
 * a path has one, or several at its end. query, body and answer are shapes as console/shape.h spells them:
 * a name of SHAPES, or written out; "" for none. An answer that is a media type is not JSON. */
#define OPERATIONS(X)                                                                              \
    X(WEB, GET, "/{page}", ANYONE, get_web, "The web console", "", "", "text/html")                \
    X(HEALTH, GET, "/healthz", ANYONE, get_healthz, "Is the process alive?", "", "",               \
      "{ok: boolean}")                                                                             \
    X(READY, GET, "/readyz", ANYONE, get_readyz, "Does it take events, and keep them?", "", "",    \
      "{ok: boolean}")                                                                             \
    X(METRICS, GET, "/metrics", ANYONE, get_metrics, "All numbers, as OpenMetrics", "", "",        \
      "application/openmetrics-text")                                                              \
    X(OPENAPI, GET, "/api/v1/openapi.json", VIEWER, get_openapi, "This description", "", "",       \
      "object")                                                                                    \
    X(STATUS, GET, "/api/v1/status", VIEWER, get_status, "How everything is", "", "", "Status")    \
    X(BREAKDOWN, GET, "/api/v1/breakdown", VIEWER, get_breakdown,                                  \
      "What became of events since the start, by source and event name", "", "",                   \
      "{rows: [{destination: string, source: string, event: string, delivered: integer, "          \
      "reasons: map of integer}]}")                                                                \
    X(ALERTS_TEST, POST, "/api/v1/alerts/test", ADMIN, post_alerts_test,                           \
      "Send a test by the webhook and the command of the configuration", "", "",                   \
      "{ok: boolean, webhook: boolean, command: boolean, error: string}")                          \
    X(FORGET, POST, "/api/v1/forget", ADMIN, post_forget,                                          \
      "Forget what is kept of a destination that was removed", "", "{destination: string}",        \
      "{forgetting: boolean}")                                                                     \
    X(RESTART, POST, "/api/v1/restart", ADMIN, post_restart,                                       \
      "Restart in place, without refusing a connection", "", "", "{restarting: boolean}")          \
    X(SNIPPETS, GET, "/api/v1/snippets", EDITOR, get_snippets,                                     \
      "The lines to paste for a source, with its key", "{source: string, url?: string}", "",       \
      "{snippets: [{name: string, title: string, run: string, needs: string, text: string}]}")     \
    X(EVENTS, GET, "/api/v1/events", VIEWER, get_events, "The last events, a page backwards",      \
      "{limit?: integer, before?: integer, source?: string, event?: string, person?: string, "     \
      "state?: string, seqs?: string}",                                                            \
      "", "{events: [Row], before?: integer, next?: integer}")                                     \
    X(LIVE, GET, "/api/v1/live", VIEWER, get_live,                                                 \
      "Events as they come, as server-sent events: each message a Row",                            \
      "{after?: integer, source?: string, event?: string, person?: string, state?: string}", "",   \
      "text/event-stream")                                                                         \
    X(NAMES, GET, "/api/v1/names", VIEWER, get_names, "The event names that sources send",         \
      "{source?: string}", "", "{names: [EventName], left_out: integer}")                          \
    X(SERIES, GET, "/api/v1/series", VIEWER, get_series,                                           \
      "Numbers over time, oldest first; end: when the last point's time began",                    \
      "{metric: string, destination?: string, event?: string, path?: string, currency?: string, "  \
      "range?: string}",                                                                           \
      "",                                                                                          \
      "{metric: string, step_s: integer, end: string or null, points: [number], of: [SeriesKey]}") \
    X(QUALITY, GET, "/api/v1/quality", VIEWER, get_quality,                                        \
      "Which match keys Meta gets, since yesterday", "", "",                                       \
      "{events: [Quality], formula: string, left_out: integer}")                                   \
    X(PAIRING, GET, "/api/v1/pairing", VIEWER, get_pairing,                                        \
      "Do the browser's and the server's copies meet? Of 72 hours at most", "", "",                \
      "{events: [Pairing], one_in: integer, suppressed: integer, repeated: [{source: string, "     \
      "message_id: string, "                                                                       \
      "times: integer, first_seq: integer, last_seq: integer}]}")                                  \
    X(DELIVERY, GET, "/api/v1/delivery", VIEWER, get_delivery,                                     \
      "Times, requests and errors of each destination", "", "", "{destinations: [Delivery]}")      \
    X(SYSTEM, GET, "/api/v1/system", VIEWER, get_system, "The process, its data and its limits",   \
      "", "", "System")                                                                            \
    X(ALERTS, GET, "/api/v1/alerts", VIEWER, get_alerts, "What somebody should look at now", "",   \
      "",                                                                                          \
      "{alerts: [{since: string or null, kind: string, severity: string, destination: string, "    \
      "message: string, cure: string}], "                                                          \
      "raised: [{alert: string, subject: string, message: string, since: string or null}]}")       \
    X(SANDBOX_EVENTS, GET, "/api/v1/sandbox/events", VIEWER, ask_sandbox,                          \
      "The built-in sandbox's inbox",                                                              \
      "{since?: integer, limit?: integer, pixel?: string, name?: string, event_id?: string}", "",  \
      "object")                                                                                    \
    X(SANDBOX_RESET, DELETE, "/api/v1/sandbox/events", EDITOR, ask_sandbox, "Empty the sandbox",   \
      "", "", "{ok: boolean}")                                                                     \
    X(SANDBOX_SUMMARY, GET, "/api/v1/sandbox/summary", VIEWER, ask_sandbox,                        \
      "The sandbox's counts", "", "", "object")                                                    \
    X(SANDBOX_REQUESTS, GET, "/api/v1/sandbox/requests", VIEWER, ask_sandbox,                      \
      "The sandbox's latest requests", "", "", "object")                                           \
    X(SANDBOX_FAULTS, GET, "/api/v1/sandbox/faults", VIEWER, ask_sandbox,                          \
      "What the sandbox is told to do wrong", "", "", "object")                                    \
    X(SANDBOX_FAULT_ADD, POST, "/api/v1/sandbox/faults", EDITOR, ask_sandbox,                      \
      "Let the sandbox do something wrong", "", "any", "object")                                   \
    X(SANDBOX_FAULTS_CLEAR, DELETE, "/api/v1/sandbox/faults", EDITOR, ask_sandbox,                 \
      "Let the sandbox do everything right", "", "", "{ok: boolean}")                              \
    X(DEAD, GET, "/api/v1/dead", VIEWER, get_dead, "A page of dead letters, oldest first",         \
      "{destination: string, reason?: string, code?: integer, source?: string, since?: string, "   \
      "until?: string, from?: integer, limit?: integer, events?: boolean}",                        \
      "", "{dead: [Letter], next?: integer}")                                                      \
    X(DEAD_RETRY, POST, "/api/v1/dead/retry", EDITOR, post_dead_retry, "Send dead letters again",  \
      "", "Letters", "Done")                                                                       \
    X(DEAD_DISCARD, POST, "/api/v1/dead/discard", EDITOR, post_dead_discard,                       \
      "Remove dead letters", "", "Letters", "Done")                                                \
    X(DEAD_GROUPS, GET, "/api/v1/dead/groups", VIEWER, get_dead_groups,                            \
      "Dead letters by reason and Meta's code, with cause and cure",                               \
      "{destination: string, from?: integer}", "", "{groups: [LetterGroup], next?: integer}")      \
    X(DEAD_TRY, POST, "/api/v1/dead/try", EDITOR, post_dead_try,                                   \
      "What would become of a dead letter, mended or not; send: send it", "",                      \
      "{destination: string, seq: integer, event?: object, send?: boolean}",                       \
      "{would: object, done: integer}")                                                            \
    X(DEAD_ONE, GET, "/api/v1/dead/{destination}/{seq}", VIEWER, get_dead_one,                     \
      "One dead letter, with its event", "", "", "Letter")                                         \
    X(EVENT, GET, "/api/v1/events/{id}", VIEWER, get_event,                                        \
      "The story of one event, by message id or number; scan: search from this event on; "         \
      "reveal: personal data too, for an admin, and noted",                                        \
      "{destination?: string, scan?: integer, reveal?: boolean}", "",                              \
      "{found: boolean, next?: integer, trimmed?: integer, oldest?: integer, end?: integer, "      \
      "event?: Story}")                                                                            \
    X(CONFIG, GET, "/api/v1/config", VIEWER, get_config,                                           \
      "The configuration in force, without secrets", "", "", "Config")                             \
    X(CONFIG_SCHEMA, GET, "/api/v1/config/schema", VIEWER, get_config_schema,                      \
      "JSON Schema of the configuration file", "", "", "object")                                   \
    X(CONFIG_PRESET, GET, "/api/v1/config/presets/{name}", VIEWER, get_config_preset,              \
      "What a preset says", "", "", "object")                                                      \
    X(SOURCE_PUT, PUT, "/api/v1/config/sources/{name}", EDITOR, change_source,                     \
      "Add or change a source", "{dry?: boolean, generation?: integer}", "object", "Changed")      \
    X(SOURCE_DELETE, DELETE, "/api/v1/config/sources/{name}", EDITOR, delete_source,               \
      "Remove a source", "{dry?: boolean, generation?: integer}", "", "Changed")                   \
    X(DESTINATION_PUT, PUT, "/api/v1/config/destinations/{name}", EDITOR, change_destination,      \
      "Add or change a destination", "{dry?: boolean, generation?: integer}", "object", "Changed") \
    X(DESTINATION_DELETE, DELETE, "/api/v1/config/destinations/{name}", EDITOR,                    \
      delete_destination, "Remove a destination", "{dry?: boolean, generation?: integer}", "",     \
      "Changed")                                                                                   \
    X(CONFIG_HISTORY, GET, "/api/v1/config/history", VIEWER, get_config_history,                   \
      "Former versions of the console's file, newest first", "", "",                               \
      "{history: [{id: string, time: string, who: string, bytes: integer}]}")                      \
    X(CONFIG_VERSION, GET, "/api/v1/config/history/{id}", VIEWER, get_config_version,              \
      "A former version", "", "", "{text: string}")                                                \
    X(CONFIG_ROLLBACK, POST, "/api/v1/config/rollback", EDITOR, post_config_rollback,              \
      "Go back to a former version", "", "{id: string}", "Changed")                                \
    X(CHECK, POST, "/api/v1/check", EDITOR, post_check, "Is this configuration file right?", "",   \
      "{text: string}", "{ok: boolean, problems: [Problem]}")                                      \
    X(TRY, POST, "/api/v1/try", EDITOR, post_try,                                                  \
      "What would become of an event, by rules in force or not", "",                               \
      "{destination: any, source?: string, event?: any, id?: string}", "Tried")                    \
    X(TRY_LAST, POST, "/api/v1/try/last", EDITOR, post_try_last,                                   \
      "What would change for the last events, compared with a destination in force", "",           \
      "{destination: any, compare: string, count?: integer}",                                      \
      "{total: integer, same: integer, changed: integer, newly_sent: integer, "                    \
      "newly_filtered: integer, newly_dead: integer, samples: [{seq: integer, before: any, "       \
      "after: any}]}")                                                                             \
    X(DIFF, POST, "/api/v1/diff", EDITOR, post_diff,                                               \
      "What a new configuration would change for events of the journal, a stretch at a time", "",  \
      "{text: string, since?: string, from?: integer}",                                            \
      "{from: integer, end: integer, next?: integer, destinations: [{name: string, "               \
      "total: integer, same: integer, changed: integer, newly_sent: integer, "                     \
      "newly_filtered: integer, newly_dead: integer, samples: [{seq: integer, before: any, "       \
      "after: any}]}]}")                                                                           \
    X(VERIFY, POST, "/api/v1/verify", EDITOR, post_verify,                                         \
      "Is a destination's address, token and pixel right? Sends no event", "",                     \
      "{destination?: string, pixel_id?: string, access_token?: string, api_url?: string}",        \
      "{ok: boolean, checks: [{check: string, ok: boolean, message: string, cause: string, "       \
      "cure: string}]}")                                                                           \
    X(DEMO, POST, "/api/v1/demo", EDITOR, post_demo, "Send the demo shop's events", "", "",        \
      "Done")                                                                                      \
    X(REPLAYS, GET, "/api/v1/replays", VIEWER, get_replays, "Replays, oldest first", "", "",       \
      "{replays: [Replay]}")                                                                       \
    X(REPLAY_ADD, POST, "/api/v1/replays", EDITOR, post_replay,                                    \
      "Send events of the journal to a destination again", "",                                     \
      "{destination: string, source?: string, event?: string, from?: string, to?: string, "        \
      "include_delivered?: boolean, dry_run?: boolean}",                                           \
      "Replay")                                                                                    \
    X(REPLAY_CANCEL, DELETE, "/api/v1/replays/{id}", EDITOR, delete_replay,                        \
      "End a running replay; what is queued already still goes", "", "", "Done")                   \
    X(ME, GET, "/api/v1/me", ANYONE, get_me, "Who am I?", "", "", "Me")                            \
    X(SETUP, POST, "/api/v1/setup", ANYONE, post_setup, "Set the first password", "",              \
      "{code: string, name: string, password: string}", "Person")                                  \
    X(LOGIN, POST, "/api/v1/login", ANYONE, post_login, "Sign in", "",                             \
      "{name: string, password: string}", "Person")                                                \
    X(LOGOUT, POST, "/api/v1/logout", VIEWER, post_logout, "Sign out", "", "", "Person")           \
    X(PEOPLE, GET, "/api/v1/people", ADMIN, get_people, "Who may sign in, and tokens", "", "",     \
      "{users: [Person], tokens: [Person]}")                                                       \
    X(USER_PUT, PUT, "/api/v1/people/{name}", ADMIN, put_user, "Add or change somebody", "",       \
      "{role: string, password?: string}", "Done")                                                 \
    X(USER_DELETE, DELETE, "/api/v1/people/{name}", ADMIN, delete_user, "Remove somebody", "", "", \
      "Done")                                                                                      \
    X(TOKEN_ADD, POST, "/api/v1/tokens", ADMIN, post_token, "Make a token for scripts", "",        \
      "{name: string, role: string}", "{token: string}")                                           \
    X(TOKEN_DELETE, DELETE, "/api/v1/tokens/{name}", ADMIN, delete_token, "Remove a token", "",    \
      "", "Done")                                                                                  \
    X(AUDIT, GET, "/api/v1/audit", ADMIN, get_audit, "Who did what, newest first",                 \
      "{limit?: integer}", "",                                                                     \
      "{audit: [{time: string, who: string, what: string, detail: string}]}")

/* X(Name, "shape") */
#define SHAPES(X)                                                                                  \
    X(Error, "{error: {code: string, message: string}, problems?: [Problem]}")                     \
    X(Problem, "{file: string, line: integer, col: integer, message: string, text?: string}")      \
    X(Config, "{generation: integer, files: [{name: string, managed: boolean, text: string}], "    \
              "sources: [Configured], destinations: [Configured], presets: [string]}")             \
    X(Configured,                                                                                  \
      "{name: string, file: string, line: integer, locked: boolean, settings: object}")            \
    X(Tried, "{verdict: string, reason?: string, path?: string, message?: string, result: any, "   \
             "rules: string, event?: any}")                                                        \
    X(Changed, "{generation: integer, diff: string}")                                              \
    X(Status, "{version: string, started: string, events: integer, journal_bytes: integer, "       \
              "journal_failing: boolean, state_lost: boolean, disk_free_bytes: integer, "          \
              "public: string, "                                                                   \
              "sandbox?: string, write_key?: string, ingest: {requests: integer, "                 \
              "events: integer, rejected: integer}, dedup: {duplicates: integer, "                 \
              "changed: integer, forgotten: integer, failed: boolean}, "                           \
              "destinations: [Destination], "                                                      \
              "removed: [Removed]}")                                                               \
    X(Removed, "{name: string, pixel_id: string, since: string or null, "                          \
               "forgotten: string or null}")                                                       \
    X(Destination, "{name: string, enabled: boolean, paused: boolean, pause_reason: string, "      \
                   "received: integer, states: map of integer, reasons: map of integer, "          \
                   "in_flight_events: integer, requests: integer, requests_failed: integer, "      \
                   "redacted: integer, next_try: string or null, paused_pixels: [PausedPixel], "   \
                   "at_risk: integer, first_loss: string or null, usage_percent: integer, "        \
                   "slowed_until: string or null, token: integer, tokens: integer, "               \
                   "test_events: integer, skipped: integer, "                                      \
                   "oldest_waiting: string or null, oldest_held: string or null, "                 \
                   "last_delivered: string or null, "                                              \
                   "backoff_until: string or null, last_error: string}")                           \
    X(PausedPixel, "{pixel_id: string, code: integer, subcode: integer, reason: string, "          \
                   "next_try: string or null}")                                                    \
    X(Letter, "{seq: integer, died_ms: integer, reason: string, event_name: string, "              \
              "path: string, message: string, "                                                    \
              "code?: integer, subcode?: integer, meta_text?: string, fbtrace_id?: string, "       \
              "pixel_id?: string, source?: string, message_id?: string, received_ms?: integer, "   \
              "event?: any, raw?: string}")                                                        \
    X(Row, "{seq: integer, time: string or null, source: string, protocol: string, type: string, " \
           "event: string, message_id: string, person: string, value: string, currency: string, "  \
           "browser: boolean, duplicate: boolean, bytes: integer, destinations: [RowState]}")      \
    X(RowState, "{name: string, state: string, reason: string, meta_event: string}")               \
    X(EventName, "{source: string, event: string, count: integer, from_browser: integer, first: "  \
                 "string or null, "                                                                \
                 "last: string or null, meta_event: string, reason: string, suggestion: string}")  \
    X(SeriesKey,                                                                                   \
      "{metric: string, destination: string, event: string, path: string, currency: string}")      \
    X(Quality, "{destination: string, event: string, count: integer, keys: map of number, "        \
               "estimate: number, "                                                                \
               "advice: [{key: string, gain: number, text: string}]}")                             \
    X(Pairing, "{destination: string, event: string, both: integer, server_only: integer, "        \
               "browser_only: integer, "                                                           \
               "reasons: map of integer}")                                                         \
    X(Delivery, "{name: string, latency_ms: {p50?: integer, p95?: integer, p99?: integer}, "       \
                "batches: [{size: string, count: integer}], "                                      \
                "attempts: integer, attempts_failed: integer, usage_percent: integer, "            \
                "slowed_until: string or null, first_loss: string or null, "                       \
                "at_risk: integer, oldest_waiting: string or null, errors: [{code: integer, "      \
                "subcode: integer, status: integer, count: integer, "                              \
                "events: integer, title: string, cause: string, cure: string, text: string, "      \
                "fbtrace_id: string, last: string or null}]}")                                     \
    X(System, "{version: string, started: string or null, data: string, config_files: [string], "  \
              "generation: integer, "                                                              \
              "disk_free_bytes: integer, disk_total_bytes: integer, memory_bytes: integer, "       \
              "threads: integer, state_bytes: integer, "                                           \
              "journal: {bytes: integer, limit_bytes: integer, events: integer, oldest: string "   \
              "or null, first_seq: integer, "                                                      \
              "next_seq: integer, segments: integer, commits: integer, commit_us: integer}, "      \
              "limits: [{name: string, value: integer, used: integer}]}")                          \
    X(Story, "{seq: integer, message_id: string, source: string, protocol: string, "               \
             "received: string or null, sent: string or null, stored: string or null, "            \
             "address: string, from_browser: boolean, bytes: integer, revealed: boolean, "         \
             "content: any, rejected?: string, "                                                   \
             "duplicate_of?: integer, changed?: boolean, destinations: [StoryPart]}")              \
    X(StoryPart, "{name: string, state: string, reason: string, meaning: string, "                 \
                 "dead?: {died: string or null, path: string, message: string, "                   \
                 "meta_text: string}, attempts: [Attempt], rules: string, holds: [Hold]}")         \
    X(Hold, "{name: string, state: string, since: string or null, until: string or null, "         \
            "then: string, at: string or null, by?: integer}")                                     \
    X(Attempt, "{number: integer, sent: string or null, took_ms: integer, pixel_id: string, "      \
               "events: integer, status: integer, code: integer, subcode: integer, "               \
               "text: string, fbtrace_id: string}")                                                \
    X(Replay, "{id: integer, destination: string, source: string, event: string, "                 \
              "from: string or null, to: string or null, include_delivered: boolean, "             \
              "dry_run: boolean, state: string, first: integer, next: integer, end: integer, "     \
              "counts: map of integer, started: string or null, ended: string or null, "           \
              "error: string}")                                                                    \
    X(LetterGroup, "{destination: string, reason: string, code: integer, subcode: integer, "       \
                   "count: integer, bytes: integer, first: string or null, "                       \
                   "last: string or null, sample: integer, cause: string, cure: string}")          \
    X(Done, "{done: integer, next?: integer, would_send?: integer, "                               \
            "would_stay?: map of integer, by_reason?: map of map of integer}")                     \
    X(Person, "{name: string, role: string}")                                                      \
    X(Me, "{name: string, role: string, first_run: boolean}")                                      \
    X(Letters, "{destination: string, seqs?: [integer], reason?: string, all?: boolean, "          \
               "code?: integer, source?: string, event?: string, since?: string, "                 \
               "until?: string, from?: integer, dry_run?: boolean, text?: string}")

#endif
