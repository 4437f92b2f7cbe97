/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies and queries taken apart. The first byte chooses the protocol and the route. What a protocol opens
 * is JSON or not; every record decodes, and holds a piece of the body or a JSON object that was completed
 * from one; the sums are right. */
#include "core/limits.h"
#include "http/exchange.h"
#include "ingest/pixel.h"

#include <assert.h>

static const struct wire *const wires[] = {&segment_wire, &amplitude_wire, &jitsu_wire,
                                           &segment_image_wire, &pixel_wire};
static const struct event common = {.source = S_INIT("shop"), .address = S_INIT("192.0.2.1")};

static void check_record(const struct event *e, const struct envelope *envelope,
                         struct arena *arena)
{
    struct err err;
    assert(e->message_id.n && e->message_id.n <= LIMIT_MESSAGE_ID_BYTES);
    assert(e->json.n <= LIMIT_EVENT_BYTES);
    bool inside = str_find(envelope->body.text, e->json, 0) != SIZE_MAX;
    if (e->reject != REASON_NONE) {
        assert(inside);
        return;
    }
    yyjson_val *event = json_read(arena, e->json, &err);
    assert(yyjson_is_obj(event) && json_depth_ok(event, LIMIT_JSON_DEPTH));
    struct str type = envelope->form->type;
    assert(json_str(json_member(event, type)).n);
}

static size_t check_records(struct str rest, const struct envelope *envelope, struct arena *arena)
{
    size_t rejected = 0;
    while (rest.n) {
        struct event e;
        size_t size = event_record_size(rest);
        assert(size && event_decode(str_head(rest, size), &e));
        check_record(&e, envelope, arena);
        rejected += e.reject != REASON_NONE;
        rest = str_from(rest, size);
    }
    return rejected;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct buf records = {0};
    struct envelope_count count;
    struct err err;
    if (!size) return 0;
    struct str body = str_of((const char *)data + 1, size - 1);
    const struct wire *wire = wires[(data[0] >> 2) % countof(wires)];
    static struct exchange nothing; /* no headers */
    struct http_request req = {
        .query = body, .arena = &arena, .transient = &arena, .connection = &nothing};
    bool batch = (data[0] & 1) && wire->form.batch.n;
    struct envelope e = {.form = &wire->form,
                         .route_type = data[0] & 2 && !batch ? S("track") : S(""),
                         .is_batch = batch};
    if ((!wire->open || wire->open(&req, &body, &err)) && envelope_parse(&e, body, &arena, &err) &&
        (e.items || envelope_is_event(&e)) &&
        envelope_encode(&e, &common, LIMIT_CHUNK_BYTES, &records, &count)) {
        assert(check_records(buf_str(&records), &e, &arena) == count.rejected);
    }
    buf_fini(&records);
    arena_fini(&arena);
    return 0;
}
