/* SPDX-License-Identifier: Apache-2.0 */
/* See requests.h. */
#include "sandbox/requests.h"

void request_text(char *out, size_t size, struct str text)
{
    text = str_head(text, size - 1);
    if (text.n) memcpy(out, text.p, text.n);
    out[text.n] = '\0';
}

void requests_add(struct requests *r, const struct request_note *note)
{
    struct request_note *place = &r->notes[r->last % countof(r->notes)];
    *place = *note;
    place->n = ++r->last;
}

static void print_text(struct buf *out, struct str key, const char *text)
{
    if (text && text[0]) json_kv_str(out, key, str_z(text));
}

static void print_note(const struct request_note *note, struct buf *out)
{
    json_comma(out);
    buf_putc(out, '{');
    json_kv_u64(out, S("n"), note->n);
    json_kv_raw(out, S("received_at"), S("\""));
    time_print(out, note->received_ms);
    buf_putc(out, '"');
    print_text(out, S("version"), note->version);
    print_text(out, S("pixel_id"), note->pixel_id);
    print_text(out, S("test_event_code"), note->test_event_code);
    print_text(out, S("partner_agent"), note->partner_agent);
    print_text(out, S("token"), note->token);
    json_kv_u64(out, S("bytes"), note->bytes);
    json_kv_u64(out, S("events"), note->events);
    json_kv_u64(out, S("stored"), note->stored);
    json_kv_u64(out, S("refused"), note->refused);
    json_kv_i64(out, S("status"), note->status);
    if (note->code) {
        json_kv_i64(out, S("code"), note->code);
        json_kv_i64(out, S("subcode"), note->subcode);
    }
    print_text(out, S("error"), note->error);
    print_text(out, S("unknown"), note->unknown);
    print_text(out, S("fault"), note->fault);
    buf_putc(out, '}');
}

void requests_print(const struct requests *r, struct buf *out)
{
    uint64_t kept = r->last < countof(r->notes) ? r->last : countof(r->notes);
    buf_putc(out, '{');
    json_kv_u64(out, S("total"), r->last);
    json_kv_raw(out, S("requests"), S("["));
    for (uint64_t n = r->last - kept; n < r->last; n++) {
        print_note(&r->notes[n % countof(r->notes)], out);
    }
    buf_put(out, S("]}"));
}
