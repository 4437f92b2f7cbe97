/* SPDX-License-Identifier: Apache-2.0 */
/* See reply.h. The body and the headers are a stranger's: nothing here trusts their shape. */
#include "meta/reply.h"

#include "base/json.h"
#include "base/text.h"
#include "core/limits.h"

static struct str cut_text(struct str text)
{
    return text_head(text, LIMIT_REPLY_TEXT_BYTES);
}

/* --- how long to wait --------------------------------------------------------------------------- */

static int64_t at_most(double ms)
{
    if (!(ms > 0)) return 0;
    return ms < (double)LIMIT_RETRY_AFTER_MS ? (int64_t)ms : LIMIT_RETRY_AFTER_MS;
}

static int64_t longer(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static double number_at(yyjson_val *object, const char *key)
{
    double number;
    return json_number(json_get(object, key), &number) ? number : 0;
}

static yyjson_val *read_header(struct str header, struct arena *arena)
{
    struct err ignored; /* a header that is not JSON says nothing */
    return header.n ? json_read(arena, header, &ignored) : NULL;
}

static void raise_to(int *percent, double seen)
{
    int whole = seen >= 100 ? 100 : seen > 0 ? (int)seen : 0;
    if (whole > *percent) *percent = whole;
}

/* The parts of a limit, {"call_count":28,"total_time":25,"total_cputime":25}: the fullest one counts. */
static void raise_to_parts(int *percent, yyjson_val *usage)
{
    raise_to(percent, number_at(usage, "call_count"));
    raise_to(percent, number_at(usage, "total_time"));
    raise_to(percent, number_at(usage, "total_cputime"));
}

/* {"acc_id_util_pct":100,"reset_time_duration":100,...}: percent, seconds. */
static int64_t read_account_usage(yyjson_val *usage, struct reply *out)
{
    double percent = number_at(usage, "acc_id_util_pct");
    raise_to(&out->account_percent, percent);
    if (percent < 100) return 0;
    return at_most(number_at(usage, "reset_time_duration") * MS_PER_SECOND);
}

/* {"<id>":[{"type":"ads_management",...,"estimated_time_to_regain_access":5}]}: minutes. */
static int64_t read_business_usage(yyjson_val *usage, struct reply *out)
{
    int64_t wait = 0;
    size_t i, j, count, entries;
    yyjson_val *key, *list, *entry;
    if (!yyjson_is_obj(usage)) return 0;
    yyjson_obj_foreach (usage, i, count, key, list) {
        if (!out->account.n) out->account = cut_text(json_str(key));
        yyjson_arr_foreach (list, j, entries, entry) {
            double minutes = number_at(entry, "estimated_time_to_regain_access");
            wait = longer(wait, at_most(minutes * (double)MS_PER_MINUTE));
            raise_to_parts(&out->account_percent, entry);
        }
    }
    return wait;
}

/* Retry-After as a date is not understood: Meta never sends one. */
static void read_headers(const struct reply_headers *headers, struct arena *arena,
                         struct reply *out)
{
    uint64_t seconds;
    int64_t wait = 0;
    if (!headers) return;
    if (str_to_u64(str_trim(headers->retry_after), &seconds))
        wait = at_most((double)seconds * MS_PER_SECOND);
    wait = longer(wait, read_account_usage(read_header(headers->account_usage, arena), out));
    wait = longer(wait, read_business_usage(read_header(headers->business_usage, arena), out));
    raise_to_parts(&out->app_percent, read_header(headers->app_usage, arena));
    out->retry_after_ms = wait;
}

/* Limits of an ad account or a business; the others are the app's or the user's, that is the token's. */
static bool is_account_code(int code)
{
    return code == 17 || code == 613 || code >= 80000;
}

/* --- which event --------------------------------------------------------------------------------- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static int64_t to_index(struct str digits)
{
    uint64_t index;
    return str_to_u64(digits, &index) && index < LIMIT_BATCH_SEND_EVENTS ? (int64_t)index : -1;
}

/* The number in the first data[3] or $['data'][3] of a text; -1 without. */
static int64_t index_in_text(struct str text)
{
    const struct str word = S("data");
    if (text.n == 0) return -1;
    for (size_t at = 0; (at = str_find(text, word, at)) != SIZE_MAX; at += word.n) {
        if (at > 0 && is_word(text.p[at - 1])) continue;
        struct str rest = str_from(text, at + word.n), digits;
        while (rest.n && (rest.p[0] == '\'' || rest.p[0] == '"' || rest.p[0] == ']'))
            rest = str_from(rest, 1);
        if (rest.n == 0 || rest.p[0] != '[') continue;
        if (!str_cut(str_from(rest, 1), ']', &digits, &rest)) continue;
        int64_t index = to_index(digits);
        if (index >= 0) return index;
    }
    return -1;
}

/* blame_field_specs is [["data","3","user_data"]] or [["data[3][user_data]"]]. */
static int64_t index_in_blame(yyjson_val *specs)
{
    size_t i, count;
    yyjson_val *path;
    if (!yyjson_is_arr(specs)) return -1;
    yyjson_arr_foreach (specs, i, count, path) {
        struct str first = json_str(yyjson_arr_get(path, 0));
        int64_t index = str_eq(first, S("data")) ? to_index(json_str(yyjson_arr_get(path, 1)))
                                                 : index_in_text(first);
        if (index >= 0) return index;
    }
    return -1;
}

static int64_t find_culprit(yyjson_val *error, struct arena *arena)
{
    yyjson_val *data = yyjson_obj_get(error, "error_data");
    if (yyjson_is_str(data)) data = read_header(json_str(data), arena); /* JSON in a string */
    int64_t index = index_in_blame(yyjson_obj_get(data, "blame_field_specs"));
    if (index < 0) index = index_in_text(json_str(yyjson_obj_get(error, "error_user_msg")));
    if (index < 0) index = index_in_text(json_str(yyjson_obj_get(error, "message")));
    return index;
}

/* --- what it means ------------------------------------------------------------------------------- */

static struct str error_text(yyjson_val *error, struct arena *arena)
{
    struct str title = json_str(yyjson_obj_get(error, "error_user_title"));
    struct str words = json_str(yyjson_obj_get(error, "error_user_msg"));
    if (words.n == 0) words = json_str(yyjson_obj_get(error, "message"));
    title = cut_text(title);
    words = cut_text(words);
    if (title.n == 0 || words.n == 0) return title.n ? title : words;
    return cut_text(arena_printf(arena, "%.*s: %.*s", STR_ARG(title), STR_ARG(words)));
}

static int int_at(yyjson_val *object, const char *key)
{
    double number = number_at(object, key);
    return number > INT32_MIN && number < INT32_MAX ? (int)number : 0;
}

static void explain(struct reply *out, enum reply_class class, struct str cause, struct str cure)
{
    out->class = class;
    out->cause = cause;
    out->cure = cure;
}

/* Without a code that is known. */
static void read_status(struct reply *out, int status)
{
    if (status == 429) {
        explain(out, REPLY_THROTTLE, S("Too many requests."),
                S("Nothing to do: it waits and goes on by itself."));
    } else if (status == 408 || status == 425 || status >= 500) {
        explain(out, REPLY_RETRY, S("Meta could not answer."),
                S("Nothing to do: it is sent again by itself."));
    } else if (status >= 200 && status < 300) {
        explain(out, REPLY_RETRY, S("The answer does not say that the events were received."),
                S("Check that api_url is Meta's and that no proxy answers in its place."));
    } else if (status < 400 || status == 401 || (status >= 403 && status <= 405) || status == 407) {
        explain(out, REPLY_PAUSE, S("The server at api_url does not let us in."),
                S("Check api_url, the pixel's id and the proxy."));
    } else {
        explain(out, REPLY_REFUSED, S("The request was refused."),
                S("See the answer's own words; correct the mapping and retry the event."));
    }
}

static void read_error(struct reply *out, yyjson_val *error, struct arena *arena)
{
    out->code = int_at(error, "code");
    out->subcode = int_at(error, "error_subcode");
    out->text = error_text(error, arena);
    out->fbtrace_id = cut_text(json_str(yyjson_obj_get(error, "fbtrace_id")));
    const struct reply_code *row = reply_code_find(out->code, out->subcode);
    if (row) {
        explain(out, row->class, row->cause, row->cure);
        if (out->retry_after_ms == 0) out->retry_after_ms = row->wait_ms;
    } else if (yyjson_is_true(yyjson_obj_get(error, "is_transient"))) {
        explain(out, REPLY_RETRY, S("Meta had an error that it calls temporary."),
                S("Nothing to do: it is sent again by itself."));
    } else {
        read_status(out, out->status);
    }
    if (out->class == REPLY_REFUSED) out->culprit = find_culprit(error, arena);
    out->is_account_limit = out->class == REPLY_THROTTLE && is_account_code(out->code);
}

static bool is_accepted(int status, yyjson_val *root, uint64_t *received)
{
    yyjson_val *count = yyjson_obj_get(root, "events_received");
    return status >= 200 && status < 300 && str_to_u64(json_str(count), received);
}

void reply_read(int status, struct str body, const struct reply_headers *headers,
                struct arena *arena, struct reply *out)
{
    struct err ignored; /* not JSON: the status decides */
    *out = (struct reply){.status = status, .culprit = -1};
    read_headers(headers, arena, out);
    if (status == 0) {
        out->text = cut_text(arena_str(arena, body));
        explain(out, REPLY_RETRY, S("There was no answer."),
                S("Check the network, DNS and proxy if it stays; it is sent again by itself."));
        return;
    }
    yyjson_val *root = body.n ? json_read(arena, body, &ignored) : NULL;
    yyjson_val *error = yyjson_obj_get(root, "error");
    if (yyjson_is_obj(error)) {
        read_error(out, error, arena);
    } else if (is_accepted(status, root, &out->events_received)) {
        explain(out, REPLY_OK, S("Meta has received the events."), S(""));
        out->fbtrace_id = cut_text(json_str(yyjson_obj_get(root, "fbtrace_id")));
    } else {
        out->text = cut_text(arena_str(arena, body));
        read_status(out, status);
    }
    if (out->retry_after_ms == 0 && out->app_percent == 100)
        out->retry_after_ms = 1 * MS_PER_MINUTE;
}
