/* SPDX-License-Identifier: Apache-2.0 */
/* See send.h. A transfer is a curl handle with its buffers; finished ones wait in a list for the next
 * request, so that a steady state makes none anew. It has one owner at a time: whoever fills it, then the
 * sender's thread, which alone touches the multi handle, then whoever takes its answer. */
#include "deliver/send.h"

#include "base/mem.h"
#include "base/time.h"
#include "core/limits.h"
#include "sys/thread.h"

#include <assert.h>
#include <curl/curl.h>

enum { TRANSFERS_KEPT = 16 }; /* each may hold a request body */

struct transfer {
    struct transfer *next, *previous; /* in flight (both) or idle (next only) */
    struct transfer *behind;          /* in a queue */
    CURL *easy;
    bool added;    /* to the multi handle */
    size_t upload; /* the size of curl's buffer for the body */
    CURLcode result;
    struct curl_slist *headers;
    struct buf body, url, reply;
    struct str pieces[3]; /* of what is sent: the body around what is inside */
    size_t sent;
    void *ctx;
    char error[CURL_ERROR_SIZE];
};

struct queue {
    struct transfer *first, *last;
};

struct sender {
    CURLM *multi; /* the thread's, but for its wake-up */
    struct thread thread;
    struct transfer *flying, *idle; /* the caller's */
    size_t flying_count, idle_count;

    struct lock lock;     /* for what follows */
    struct signal signal; /* to send_wait */
    struct queue begun, answered;
    bool woken, stopping;
};

static void queue_put(struct queue *q, struct transfer *t)
{
    t->behind = NULL;
    if (q->last)
        q->last->behind = t;
    else
        q->first = t;
    q->last = t;
}

static struct transfer *queue_take(struct queue *q)
{
    struct transfer *t = q->first;
    if (!t) return NULL;
    q->first = t->behind;
    if (!q->first) q->last = NULL;
    return t;
}

/* Setting an option with valid arguments fails only without memory, which is no error path here. */
static void must(CURLcode code)
{
    assert(code == CURLE_OK);
}

static void must_multi(CURLMcode code)
{
    assert(code == CURLM_OK);
}

/* --- the thread ---------------------------------------------------------------------------------- */

/* Takes over what was begun; false when all is to end. */
static bool take_begun(struct sender *s)
{
    lock_take(&s->lock);
    struct queue begun = s->begun;
    bool stopping = s->stopping;
    s->begun = (struct queue){NULL, NULL};
    lock_give(&s->lock);
    for (struct transfer *t; (t = queue_take(&begun));) {
        must_multi(curl_multi_add_handle(s->multi, t->easy));
        t->added = true;
    }
    return !stopping;
}

static void give_answers(struct sender *s)
{
    int left;
    CURLMsg *message;
    struct queue answered = {NULL, NULL};
    while ((message = curl_multi_info_read(s->multi, &left))) {
        struct transfer *t;
        if (message->msg != CURLMSG_DONE) continue;
        must(curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t));
        t->result = message->data.result; /* the message goes with the handle */
        must_multi(curl_multi_remove_handle(s->multi, t->easy));
        t->added = false;
        queue_put(&answered, t);
    }
    if (!answered.first) return;
    lock_take(&s->lock);
    for (struct transfer *t; (t = queue_take(&answered));) queue_put(&s->answered, t);
    lock_give(&s->lock);
    signal_wake(&s->signal);
}

static void work(void *ctx)
{
    struct sender *s = ctx;
    int running;
    while (take_begun(s)) {
        must_multi(curl_multi_perform(s->multi, &running));
        give_answers(s);
        must_multi(curl_multi_poll(s->multi, NULL, 0, MS_PER_MINUTE, NULL));
    }
}

/* --- the caller's side --------------------------------------------------------------------------- */

struct sender *sender_new(void)
{
    struct sender *s = mem_new(sizeof *s);
    must(curl_global_init(CURL_GLOBAL_DEFAULT));
    s->multi = curl_multi_init();
    assert(s->multi);
    must_multi(curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, (long)LIMIT_CONNECTIONS_KEPT));
    must_multi(curl_multi_setopt(s->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING));
    lock_init(&s->lock);
    signal_init(&s->signal);
    thread_start(&s->thread, "send", work, s);
    return s;
}

static void transfer_free(struct transfer *t)
{
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    buf_fini(&t->body);
    buf_fini(&t->url);
    buf_fini(&t->reply);
    mem_free(t);
}

static void stop(struct sender *s)
{
    lock_take(&s->lock);
    s->stopping = true;
    lock_give(&s->lock);
    must_multi(curl_multi_wakeup(s->multi));
    thread_join(&s->thread);
}

void sender_free(struct sender *s)
{
    stop(s);
    for (struct transfer *t = s->flying; t; t = t->next)
        if (t->added) must_multi(curl_multi_remove_handle(s->multi, t->easy));
    while (s->flying) send_finish(s, s->flying);
    for (struct transfer *t = s->idle, *next; t; t = next) {
        next = t->next;
        transfer_free(t);
    }
    (void)curl_multi_cleanup(s->multi); /* no handle is left in it, so it cannot fail */
    curl_global_cleanup();
    signal_fini(&s->signal);
    lock_fini(&s->lock);
    mem_free(s);
}

/* Takes what fits and hangs up at the rest: an endless answer would cost all lanes the thread's time. */
static size_t take_reply(char *bytes, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    struct str part = str_head(str_of(bytes, size * count), LIMIT_REPLY_BYTES - t->reply.n);
    buf_put(&t->reply, part);
    return part.n;
}

static size_t body_size(const struct transfer *t)
{
    size_t size = 0;
    for (size_t i = 0; i < countof(t->pieces); i++) size += t->pieces[i].n;
    return size;
}

/* Hands out the next bytes of the body. */
static size_t give_body(char *to, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    size_t room = size * count, given = 0, start = 0;
    for (size_t i = 0; i < countof(t->pieces) && given < room; i++) {
        struct str piece = t->pieces[i];
        if (t->sent < start + piece.n) {
            struct str part = str_head(str_from(piece, t->sent - start), room - given);
            str_copy(to + given, part);
            given += part.n;
            t->sent += part.n;
        }
        start += piece.n;
    }
    return given;
}

/* curl begins again when a kept connection turns out to be closed. */
static int seek_body(void *ctx, curl_off_t offset, int origin)
{
    struct transfer *t = ctx;
    if (origin != SEEK_SET || offset < 0 || (size_t)offset > body_size(t))
        return CURL_SEEKFUNC_CANTSEEK;
    t->sent = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

static struct transfer *transfer_new(void)
{
    struct transfer *t = mem_new(sizeof *t);
    t->easy = curl_easy_init();
    assert(t->easy);
    must(curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t));
    must(curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->error));
    must(curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, take_reply));
    must(curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t));
    must(curl_easy_setopt(t->easy, CURLOPT_READFUNCTION, give_body));
    must(curl_easy_setopt(t->easy, CURLOPT_READDATA, t));
    must(curl_easy_setopt(t->easy, CURLOPT_SEEKFUNCTION, seek_body));
    must(curl_easy_setopt(t->easy, CURLOPT_SEEKDATA, t));
    must(curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L));
    must(curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1));
    must(curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http,https"));
    must(curl_easy_setopt(t->easy, CURLOPT_USERAGENT, "pixeld/" PIXELD_VERSION));
    must(curl_easy_setopt(t->easy, CURLOPT_TCP_KEEPALIVE, 1L));
    must(curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)LIMIT_CONNECT_MS));
    must(curl_easy_setopt(t->easy, CURLOPT_POST, 1L));
    must(curl_easy_setopt(t->easy, CURLOPT_BUFFERSIZE, (long)LIMIT_ANSWER_BUFFER_BYTES));
    /* Compressed answers are inflated by curl before take_reply counts their bytes. */
    must(curl_easy_setopt(t->easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate"));
    return t;
}

struct transfer *send_begin(struct sender *s)
{
    struct transfer *t = s->idle;
    if (t) {
        s->idle = t->next;
        s->idle_count--;
    } else {
        t = transfer_new();
    }
    buf_clear(&t->body);
    buf_clear(&t->url);
    buf_clear(&t->reply);
    t->error[0] = 0;
    return t;
}

struct buf *send_body(struct transfer *t)
{
    return &t->body;
}

static void add_header(struct transfer *t, const char *line)
{
    struct curl_slist *longer = curl_slist_append(t->headers, line);
    assert(longer);
    t->headers = longer;
}

static void set_body(struct transfer *t, struct str inside, size_t at)
{
    struct str body = buf_str(&t->body);
    assert(at <= body.n);
    t->pieces[0] = str_head(body, at);
    t->pieces[1] = inside;
    t->pieces[2] = str_from(body, at);
    t->sent = 0;
}

/* curl makes the buffer anew for each call. */
static void set_upload(struct transfer *t, size_t size)
{
    if (t->upload == size) return;
    must(curl_easy_setopt(t->easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)size));
    t->upload = size;
}

void send_start(struct sender *s, struct transfer *t, const struct post *post)
{
    struct buf line = {0};
    t->ctx = post->ctx;
    buf_put(&t->url, post->url);
    buf_putc(&t->url, 0);
    add_header(t, "Content-Type: application/json");
    add_header(t, "Expect:"); /* curl would ask before sending a large body: a round trip lost */
    if (post->token.n) {
        buf_printf(&line, "Authorization: Bearer %.*s", STR_ARG(post->token));
        buf_putc(&line, 0);
        add_header(t, line.p);
        mem_wipe(line.p, line.n);
        buf_fini(&line);
    }
    if (post->header.n) {
        buf_printf(&line, "%.*s", STR_ARG(post->header));
        buf_putc(&line, 0);
        add_header(t, line.p);
        buf_fini(&line);
    }
    must(curl_easy_setopt(t->easy, CURLOPT_URL, t->url.p));
    must(curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers));
    set_body(t, post->inside, post->inside_at);
    must(curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body_size(t)));
    must(curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)post->timeout_ms));
    bool many = s->flying_count++ >= LIMIT_UPLOAD_MANY;
    set_upload(t, many ? LIMIT_UPLOAD_MANY_BYTES : LIMIT_UPLOAD_BYTES);
    t->previous = NULL;
    t->next = s->flying;
    if (s->flying) s->flying->previous = t;
    s->flying = t;
    lock_take(&s->lock);
    bool first = !s->begun.first;
    queue_put(&s->begun, t);
    lock_give(&s->lock);
    if (first) must_multi(curl_multi_wakeup(s->multi));
}

static struct str header(struct transfer *t, const char *name)
{
    struct curl_header *found;
    if (curl_easy_header(t->easy, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK)
        return str_of(NULL, 0);
    return str_z(found->value);
}

static void read_answer(struct transfer *t, struct answer *out)
{
    long status = 0;
    bool is_cut = t->result == CURLE_WRITE_ERROR && t->reply.n == LIMIT_REPLY_BYTES;
    *out = (struct answer){.ctx = t->ctx, .transfer = t};
    if (t->result != CURLE_OK && !is_cut) {
        out->body = str_z(t->error[0] ? t->error : curl_easy_strerror(t->result));
        return;
    }
    must(curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status));
    out->status = (int)status;
    out->body = buf_str(&t->reply);
    out->headers = (struct reply_headers){
        .retry_after = header(t, "Retry-After"),
        .app_usage = header(t, "X-App-Usage"),
        .account_usage = header(t, "X-Ad-Account-Usage"),
        .business_usage = header(t, "X-Business-Use-Case-Usage"),
    };
}

bool send_next(struct sender *s, struct answer *out)
{
    lock_take(&s->lock);
    struct transfer *t = queue_take(&s->answered);
    lock_give(&s->lock);
    if (t) read_answer(t, out);
    return t != NULL;
}

void send_finish(struct sender *s, struct transfer *t)
{
    if (t->previous)
        t->previous->next = t->next;
    else
        s->flying = t->next;
    if (t->next) t->next->previous = t->previous;
    s->flying_count--;
    for (struct curl_slist *line = t->headers; line; line = line->next)
        mem_wipe(line->data, strlen(line->data));
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    if (s->idle_count == TRANSFERS_KEPT) {
        transfer_free(t);
        return;
    }
    t->next = s->idle;
    s->idle = t;
    s->idle_count++;
}

void send_wait(struct sender *s, int64_t timeout_ms)
{
    lock_take(&s->lock);
    if (!s->woken && !s->answered.first && timeout_ms > 0)
        (void)signal_wait_ms(&s->signal, &s->lock, timeout_ms); /* over, or not: the caller looks */
    s->woken = false;
    lock_give(&s->lock);
}

void send_wake(struct sender *s)
{
    lock_take(&s->lock);
    bool first = !s->woken;
    s->woken = true;
    lock_give(&s->lock);
    if (first) signal_wake(&s->signal);
}
