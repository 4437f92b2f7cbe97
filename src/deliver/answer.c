/* SPDX-License-Identifier: Apache-2.0 */
/* See lane.h. What an answer means for its batch and for the lane: passed, refused (look for the
 * culprit), temporary trouble (wait and try again), or a trouble that needs a person (pause). */
#include "deliver/lane.h"

#include "base/mem.h"
#include "core/log.h"
#include "deliver/backoff.h"
#include "deliver/bisect.h"

#include <stdio.h>

enum {
    SAID_FAILURES = 3,  /* in a row, before the log says so: a single hiccup is no news */
    RETRY_FAILURES = 5, /* of a retried dead letter alone, before it is dead again */
};

static void say(const struct lane *l, enum log_level level, const char *message,
                const struct reply *reply)
{
    log_line(level, "deliver", message, LOG_STR("destination", l->name),
             LOG_NUM("status", reply->status), LOG_NUM("code", reply->code),
             LOG_NUM("subcode", reply->subcode), LOG_STR("cause", reply->cause),
             LOG_STR("cure", reply->cure), LOG_NUM("failures", l->failures));
}

static void note_error(struct lane *l, const struct batch *b, const struct reply *reply)
{
    struct str words = reply->text.n ? reply->text : reply->cause;
    l->status.requests_failed++;
    if (reply->code)
        (void)snprintf(l->status.last_error, sizeof l->status.last_error,
                       "pixel %.*s: code %d/%d: %.*s", STR_ARG(buf_str(&b->pixel_id)), reply->code,
                       reply->subcode, STR_ARG(words));
    else
        (void)snprintf(l->status.last_error, sizeof l->status.last_error,
                       "pixel %.*s: HTTP %d: %.*s", STR_ARG(buf_str(&b->pixel_id)), reply->status,
                       STR_ARG(words));
}

/* Meta took or judged a request: whatever trouble there was before it started is over. */
static void well(struct deliver *d, struct lane *l, const struct batch *b)
{
    if (b->sent_us > l->passed_us) l->passed_us = b->sent_us;
    if (b->token == l->token) l->tokens_refused = 0;
    if (l->trouble == TROUBLE_NONE || b->sent_us < l->trouble_since_us) return;
    if (l->trouble_said)
        log_line(LOG_INFO, "deliver", "delivering again", LOG_STR("destination", l->name));
    park_hurry(d, l, false);
    scout_resume(l);
    l->trouble = TROUBLE_NONE;
    l->trouble_said = false;
    l->failures = 0;
    l->status.paused = false;
    l->status.pause_reason[0] = 0;
    l->status.pause_code = l->status.pause_subcode = 0;
    d->changed = true;
}

static void hold(struct deliver *d, struct lane *l, int64_t ms)
{
    l->trouble_since_us = d->now_us;
    l->held_until_us = d->now_us + ms * 1000;
}

/* A limit that was hit holds up everybody who draws on it. */
static void share_hold(struct lane *l, const struct reply *reply)
{
    struct budget *account = l->budgets[BUDGET_ACCOUNT];
    bool is_account = reply->is_account_limit && account;
    if (reply->class == REPLY_THROTTLE)
        budget_hold(is_account ? account : l->budgets[BUDGET_TOKEN], l->held_until_us);
}

static void back_off(struct deliver *d, struct lane *l, const struct batch *b,
                     const struct reply *reply)
{
    bool counted = l->trouble != TROUBLE_NONE && b->sent_us < l->trouble_since_us;
    if (counted && !reply->retry_after_ms) return;
    if (!counted) l->failures++;
    if (l->trouble == TROUBLE_NONE) l->trouble = TROUBLE_BACKOFF;
    hold(d, l, backoff_ms(l->failures, d->timing.backoff_first_ms, reply->retry_after_ms));
    share_hold(l, reply);
    if (l->failures >= LANE_SHED_FAILURES || l->trouble == TROUBLE_PAUSE) l->reset = true;
    if (l->failures < SAID_FAILURES || l->trouble_said) return;
    l->trouble_said = true;
    say(l, LOG_WARN, "backing off", reply);
}

static void pause_lane(struct deliver *d, struct lane *l, const struct batch *b,
                       const struct reply *reply)
{
    if (l->trouble != TROUBLE_PAUSE) say(l, LOG_WARN, "paused", reply);
    l->trouble = TROUBLE_PAUSE;
    l->trouble_said = true;
    l->failures = 0;
    l->tokens_refused = 0; /* a probe tries each of them again */
    l->reset = true;
    hold(d, l, d->timing.pause_probe_ms);
    l->status.paused = true;
    l->status.pause_code = reply->code;
    l->status.pause_subcode = reply->subcode;
    (void)snprintf(l->status.pause_reason, sizeof l->status.pause_reason, "%.*s %.*s (pixel %.*s)",
                   STR_ARG(reply->cause), STR_ARG(reply->cure), STR_ARG(buf_str(&b->pixel_id)));
}

/* Sent for an earlier configuration, or for a destination that was removed: that something was wrong with it
 * says nothing of what there is now. The batch goes with the reset that is due. */
static bool is_outdated(const struct lane *l, const struct batch *b)
{
    return !l->conf || b->sent_us < l->adopted_us;
}

/* Another token that was not refused yet takes over; false when there is none. A request that had been
 * under way with the former one says nothing new. */
static bool change_token(struct deliver *d, struct lane *l, const struct batch *b,
                         const struct reply *reply)
{
    if (b->token != l->token) return true;
    if (l->tokens_refused + 1 >= l->conf->access_token_count) return false;
    l->tokens_refused++;
    say(l, LOG_WARN, "a token was refused, the next one takes over", reply);
    lane_use_token(d, l, (l->token + 1) % l->conf->access_token_count);
    return true;
}

/* --- use of limits ----------------------------------------------------------------------------- */

/* The account is known only from answers: its budget begins with the first one that names it. Without a
 * name, the pixel stands for it. */
static void note_usage(struct deliver *d, struct lane *l, const struct batch *b,
                       const struct reply *reply)
{
    struct str account = reply->account.n ? reply->account : buf_str(&b->pixel_id);
    if (reply->account_percent || reply->account.n)
        l->budgets[BUDGET_ACCOUNT] = budgets_get(&d->budgets, BUDGET_ACCOUNT, account);
    const int percent[] = {reply->app_percent, reply->account_percent};
    l->status.usage_percent = 0;
    for (size_t i = 0; i < countof(percent); i++) {
        if (!percent[i]) continue;
        budget_note(l->budgets[i], percent[i], d->now_us);
        if (percent[i] > l->status.usage_percent) l->status.usage_percent = percent[i];
        if (percent[i] == 100 && reply->retry_after_ms)
            budget_hold(l->budgets[i], d->now_us + reply->retry_after_ms * 1000);
    }
}

/* --- verdicts ---------------------------------------------------------------------------------- */

static void requeue(struct deliver *d, struct lane *l, struct batch *b)
{
    if (bisect_is_done(b)) {
        l->culprit_gap = bisect_gap(b);
        lane_end_batch(d, l, b);
    } else {
        batch_push_front(&l->ready, b);
    }
}

/* Before they are settled, because then the items are gone. */
static void tell_confirmed(struct deliver *d, const struct lane *l, const struct batch *b)
{
    size_t count = b->search.to - b->search.from;
    if (count > d->told_capacity) {
        d->told_capacity = count;
        d->told = mem_grow(d->told, count * sizeof *d->told);
    }
    for (size_t i = 0; i < count; i++) {
        const struct part *part = &b->parts[b->search.from + i];
        d->told[i] = (struct confirmed_event){.json = batch_part(b, part),
                                              .received_ms = part->item->received_ms,
                                              .from_browser = part->item->from_browser};
    }
    d->confirmed(d->confirmed_ctx, &(struct deliver_confirmed){l->name, d->now_ms, d->told, count});
}

static void passed(struct deliver *d, struct lane *l, struct batch *b)
{
    well(d, l, b);
    park_open(d, l, buf_str(&b->pixel_id));
    if (b->tested) l->status.test_events += b->search.to - b->search.from;
    if (d->confirmed && !b->tested) tell_confirmed(d, l, b);
    for (size_t i = b->search.from; i < b->search.to; i++)
        settle_send(d, l, b->parts[i].item, NULL);
    bisect_passed(b);
    requeue(d, l, b);
}

static void copy(char *to, size_t size, struct str from)
{
    (void)snprintf(to, size, "%.*s", STR_ARG(from));
}

static void describe(const struct batch *b, const struct reply *reply, enum reason reason,
                     struct death *death)
{
    *death = (struct death){.code = reply->code, .subcode = reply->subcode};
    outcome_set(&death->outcome, reason, NULL, "%.*s %.*s", STR_ARG(reply->cause),
                STR_ARG(reply->cure));
    copy(death->meta_text, sizeof death->meta_text, reply->text);
    copy(death->fbtrace_id, sizeof death->fbtrace_id, reply->fbtrace_id);
    copy(death->pixel_id, sizeof death->pixel_id, buf_str(&b->pixel_id));
}

static void refused(struct deliver *d, struct lane *l, struct batch *b, const struct reply *reply)
{
    struct death death;
    note_error(l, b, reply);
    well(d, l, b);
    if (bisect_refused(b, reply->culprit)) {
        describe(b, reply, REASON_REFUSED, &death);
        settle_send(d, l, b->parts[b->search.from - 1].item, &death);
    }
    requeue(d, l, b);
}

/* The event that Meta stumbles over waits by itself until its deadline; one that a person had retried
 * goes back to the dead letters after a few more tries. */
static void set_aside(struct deliver *d, struct lane *l, const struct batch *b,
                      const struct reply *reply)
{
    const struct part *part = &b->parts[b->search.from - 1];
    unsigned tries = b->count == 1 ? b->failures : 1; /* of this event alone */
    struct death death;
    if (part->item->retry && !part->item->parked && tries >= RETRY_FAILURES) {
        describe(b, reply, part->item->former, &death);
        settle_send(d, l, part->item, &death);
        return;
    }
    struct batch *one = batch_take(&d->pool, buf_str(&b->pixel_id));
    batch_add(one, part->item, batch_part(b, part), part->deadline_ms);
    lane_count_bytes(d, l, 0, batch_bytes(one));
    one->sent_us = b->sent_us;
    one->failures = tries;
    one->failed_us = b->failed_us;
    int64_t wait_ms = backoff_ms(tries, d->timing.backoff_first_ms, 0);
    int64_t left_ms = part->deadline_ms - d->now_ms;
    one->due_us = d->now_us + (wait_ms < left_ms ? wait_ms : left_ms) * 1000;
    batch_push(&l->later, one);
}

/* Temporary trouble is the lane's, unless something that started after this batch's latest failure has
 * passed: then one of its events is what Meta stumbles over, and the same search that finds refused
 * ones finds it, while the lane goes on. Before that is known, the second try and on are smaller
 * already: a probe need not carry a thousand events, and a good one that passes proves that Meta is
 * well. Without such a proof there is always a wait, so this never hammers a Meta that is down. */
static void failed(struct deliver *d, struct lane *l, struct batch *b, const struct reply *reply)
{
    bool again = b->failures > 0 && reply->class == REPLY_RETRY;
    bool others_pass = l->passed_us > b->failed_us;
    note_error(l, b, reply);
    b->failures++;
    b->failed_us = d->now_us;
    if (again && others_pass) {
        if (bisect_refused(b, -1)) set_aside(d, l, b, reply);
        requeue(d, l, b);
        return;
    }
    if (again && b->search.to - b->search.from > 1) (void)bisect_refused(b, -1);
    back_off(d, l, b, reply);
    batch_push(&l->ready, b);
}

/* A success must say how many events it took: a proxy's or a portal's 200 is not Meta's, and one that
 * took fewer leaves open which. They go again with the same ids; when others pass, the search for events
 * that Meta stumbles over finds the one that is never counted, and when none pass, the lane backs off. */
static void check_received(struct deliver *d, const struct batch *b, struct reply *reply)
{
    size_t sent = b->search.to - b->search.from;
    if (reply->class != REPLY_OK || reply->events_received >= sent) return;
    reply->class = REPLY_RETRY;
    reply->text = arena_printf(&d->scratch, "%llu of %zu events confirmed",
                               (unsigned long long)reply->events_received, sent);
    reply->cause = S("The answer does not confirm all events.");
    reply->cure = S("Check that api_url leads to Meta and not to a proxy's own page.");
}

void answer_take(struct deliver *d, struct lane *l, struct batch *b, const struct answer *answer)
{
    struct reply reply;
    reply_read(answer->status, answer->body, &answer->headers, &d->scratch, &reply);
    check_received(d, b, &reply);
    note_usage(d, l, b, &reply);
    settle_attempt(d, l, b, &reply);
    batch_remove(&l->flying, b);
    l->flying_events -= b->search.to - b->search.from;
    d->changed = true;
    switch (reply.class) {
    case REPLY_OK: passed(d, l, b); break;
    case REPLY_REFUSED: refused(d, l, b, &reply); break;
    case REPLY_RETRY:
    case REPLY_THROTTLE: failed(d, l, b, &reply); break;
    case REPLY_TOKEN:
        note_error(l, b, &reply);
        if (!is_outdated(l, b) && !change_token(d, l, b, &reply)) pause_lane(d, l, b, &reply);
        batch_push_front(&l->ready, b);
        break;
    case REPLY_PIXEL:
    case REPLY_PAUSE:
        note_error(l, b, &reply);
        if (reply.class == REPLY_PIXEL && park_may_shut(l, b)) {
            park_shut(d, l, b, &reply);
            break;
        }
        if (!is_outdated(l, b)) pause_lane(d, l, b, &reply);
        batch_push(&l->ready, b);
        break;
    }
}
