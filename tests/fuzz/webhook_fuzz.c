/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of webhooks and of Meta's own shape, by the first byte: whatever comes becomes records that decode,
 * or nothing. What a webhook is made into is JSON, and every preset's view of it an event or a reason why
 * not. */
#include "conf/presets.h"
#include "conf/webhook.h"
#include "core/limits.h"
#include "http/exchange.h"
#include "ingest/wire.h"
#include "map/view.h"

#include <assert.h>

static struct text headers[] = {{S_INIT("X-Topic"), {0}}};
static struct text ids[] = {{S_INIT("headers.x-topic"), {0}}, {S_INIT("a.id"), {0}}};
static struct source_conf source = {
    .webhook = {.headers = {headers, 1, true}, .id = {ids, 2, true}}};

static void see(const struct event *event)
{
    static const struct view *views[16];
    static struct arena kept;
    static struct run *run;
    for (size_t i = 0; !run && i < webhook_preset_count; i++) {
        struct diags diags;
        diags_init(&diags, &kept);
        const struct webhook_conf *conf =
            webhook_preset_parse(webhook_presets[i].file, webhook_presets[i].text, &kept, &diags);
        views[i] = view_compile(&conf->event, &kept, &diags);
        assert(views[i] && i < countof(views));
    }
    if (!run) run = run_new();
    for (size_t i = 0; i < webhook_preset_count; i++) {
        struct parsed_event parsed;
        run_parse(run, event, &parsed);
        view_apply(views[i], run, 1800000000000, &parsed);
        assert(yyjson_is_obj(parsed.root) || parsed.reject != REASON_NONE);
    }
}

static void encode(struct envelope *e, struct str body, struct arena *arena)
{
    static const struct event common = {.source = S_INIT("hook")};
    struct buf records = {0};
    struct envelope_count count;
    struct err err;
    if (envelope_parse(e, body, arena, &err) && (e->items || envelope_is_event(e)) &&
        envelope_encode(e, &common, LIMIT_CHUNK_BYTES, &records, &count)) {
        size_t found = 0;
        for (struct str rest = buf_str(&records); rest.n; found++) {
            struct event event;
            size_t size = event_record_size(rest);
            assert(size && event_decode(str_head(rest, size), &event));
            if (event.reject == REASON_NONE) assert(json_read(arena, event.json, &err));
            see(&event);
            rest = str_from(rest, size);
        }
        assert(found == count.events);
    }
    buf_fini(&records);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct exchange x;
    static const char head[] = "X-Topictopic\"Content-Typeapplication/x-www-form-urlencoded";
    struct arena arena = {0};
    struct err err;
    if (!size) return 0;
    x.head = (struct buf){.p = (char *)(uintptr_t)head, .n = sizeof head - 1};
    x.headers[0] = (struct header){0, 7, 7, 6};
    x.headers[1] = (struct header){13, 12, 25, 33};
    x.header_count = 2;
    x.name_lengths = exchange_length_bit(7) | exchange_length_bit(12);
    x.req = (struct http_request){.connection = &x, .arena = &arena, .transient = &arena};
    x.req.body = str_of((const char *)data + 1, size - 1);
    source.webhook.each.text = data[0] & 2 ? S("a.list") : str_of(NULL, 0);
    struct str body = x.req.body;
    struct envelope e = {.form = data[0] & 1 ? &meta_wire.form : &webhook_wire.form,
                         .is_batch = true};
    if (data[0] & 1) {
        if (meta_wire.open(&x.req, &body, &err)) encode(&e, body, &arena);
    } else if (webhook_wire.shape(&x.req, &source, &e, &body)) {
        assert(json_read(&arena, body, &err));
        encode(&e, body, &arena);
    }
    arena_fini(&arena);
    return 0;
}
