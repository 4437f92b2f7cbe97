/* SPDX-License-Identifier: Apache-2.0 */
/* See faults.h. */
#include "sandbox/faults.h"

#include "sys/random.h"

enum { DEFAULT_HANG_MS = 60000, DEFAULT_SLOW_MS = 300, PROBABILITY_STEPS = 1 << 30 };

static const char *const kind_names[] = {
#define X(NAME, name) name,
    FAULT_KINDS(X)
#undef X
};

const char *fault_kind_name(enum fault_kind kind)
{
    return kind_names[kind];
}

/* The numbers of a fault by their JSON name. An int and an int64_t differ, hence the copies. */
struct numbers {
    int64_t status, code, subcode, percent, minutes, retry_after, ms, count;
};

static const struct {
    struct str name;
    size_t offset; /* in struct numbers */
    int64_t least, most;
} number_keys[] = {
    {S_INIT("status"), offsetof(struct numbers, status), 300, 599},
    {S_INIT("code"), offsetof(struct numbers, code), -100000, 10000000},
    {S_INIT("subcode"), offsetof(struct numbers, subcode), 0, 10000000},
    {S_INIT("percent"), offsetof(struct numbers, percent), 0, 100},
    {S_INIT("minutes"), offsetof(struct numbers, minutes), 0, 10000},
    {S_INIT("retry_after"), offsetof(struct numbers, retry_after), 0, 86400},
    {S_INIT("ms"), offsetof(struct numbers, ms), 0, LIMIT_SANDBOX_DELAY_MS},
    {S_INIT("count"), offsetof(struct numbers, count), 1, INT64_MAX},
};

static bool read_number(struct numbers *numbers, struct str key, yyjson_val *val, struct err *err)
{
    for (size_t i = 0; i < countof(number_keys); i++) {
        int64_t number;
        if (!str_eq(key, number_keys[i].name)) continue;
        if (!yyjson_is_raw(val) || !str_to_i64(json_str(val), &number) ||
            number < number_keys[i].least || number > number_keys[i].most) {
            return err_set(err, ERR_INPUT, "\"%.*s\" must be an integer from %lld to %lld",
                           STR_ARG(key), (long long)number_keys[i].least,
                           (long long)number_keys[i].most);
        }
        memcpy((char *)numbers + number_keys[i].offset, &number, sizeof number);
        return true;
    }
    return err_set(err, ERR_INPUT, "unknown key \"%.*s\"", STR_ARG(str_head(key, 40)));
}

static bool read_text(char out[FAULT_TEXT_BYTES], yyjson_val *val, struct err *err)
{
    struct str text = json_str(val);
    if (!text.n || text.n >= FAULT_TEXT_BYTES) {
        return err_set(err, ERR_INPUT, "\"pixel\" and \"event\" must be texts below 256 bytes");
    }
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    return true;
}

static bool read_kind(struct fault *fault, yyjson_val *spec, struct err *err)
{
    struct str name = json_str(json_get(spec, "kind"));
    for (size_t i = 0; i < FAULT_KIND_COUNT; i++) {
        if (!str_eq(name, str_z(kind_names[i]))) continue;
        fault->kind = (enum fault_kind)i;
        return true;
    }
    return err_set(err, ERR_INPUT, "\"kind\" must be one of the kinds of fault");
}

static bool read_keys(struct fault *fault, struct numbers *numbers, yyjson_val *spec,
                      struct err *err)
{
    size_t index, count;
    yyjson_val *key, *val;
    yyjson_obj_foreach (spec, index, count, key, val) {
        struct str name = json_str(key);
        bool ok = true;
        if (str_eq(name, S("kind"))) continue;
        if (str_eq(name, S("pixel"))) {
            ok = read_text(fault->pixel_id, val, err);
        } else if (str_eq(name, S("event"))) {
            ok = read_text(fault->event, val, err);
        } else if (str_eq(name, S("probability"))) {
            ok = json_number(val, &fault->probability) && fault->probability >= 0 &&
                 fault->probability <= 1;
            if (!ok) (void)err_set(err, ERR_INPUT, "\"probability\" must be from 0 to 1");
        } else {
            ok = read_number(numbers, name, val, err);
        }
        if (!ok) return false;
    }
    return true;
}

static bool read_fault(struct fault *fault, yyjson_val *spec, struct err *err)
{
    struct numbers numbers = {.status = 0, .code = 100, .percent = 100, .ms = -1};
    *fault = (struct fault){.probability = 1};
    if (!yyjson_is_obj(spec)) return err_set(err, ERR_INPUT, "a fault is a JSON object");
    if (!read_kind(fault, spec, err) || !read_keys(fault, &numbers, spec, err)) return false;
    if (numbers.ms < 0) {
        numbers.ms = fault->kind == FAULT_HANG ? DEFAULT_HANG_MS : DEFAULT_SLOW_MS;
    }
    fault->status = (int)numbers.status;
    if (!fault->status && fault->kind == FAULT_STATUS) fault->status = 500;
    fault->code = (int)numbers.code;
    fault->subcode = (int)numbers.subcode;
    fault->percent = (int)numbers.percent;
    fault->minutes = (int)numbers.minutes;
    fault->retry_after_s = (int)numbers.retry_after;
    fault->ms = numbers.ms;
    fault->left = numbers.count ? (uint64_t)numbers.count : UINT64_MAX;
    return true;
}

bool faults_add(struct faults *faults, yyjson_val *spec, struct err *err)
{
    size_t index, max, count = faults->count;
    yyjson_val *item;
    bool is_list = yyjson_is_arr(spec);
    if (count + (is_list ? yyjson_arr_size(spec) : 1) > LIMIT_SANDBOX_FAULTS) {
        return err_set(err, ERR_LIMIT, "at most %d faults at a time", LIMIT_SANDBOX_FAULTS);
    }
    if (!is_list) {
        if (!read_fault(&faults->items[count], spec, err)) return false;
        faults->count++;
        return true;
    }
    yyjson_arr_foreach (spec, index, max, item) {
        if (!read_fault(&faults->items[count], item, err)) {
            return err_wrap(err, "fault %zu", index);
        }
        count++;
    }
    faults->count = count;
    return true;
}

void faults_clear(struct faults *faults)
{
    faults->count = 0;
}

static void print_fault(const struct fault *fault, struct buf *out)
{
    json_comma(out);
    buf_putc(out, '{');
    json_kv_str(out, S("kind"), str_z(kind_names[fault->kind]));
    if (fault->status) json_kv_i64(out, S("status"), fault->status);
    if (fault->kind == FAULT_ERROR) {
        json_kv_i64(out, S("code"), fault->code);
        json_kv_i64(out, S("subcode"), fault->subcode);
    }
    if (fault->kind == FAULT_USAGE) json_kv_i64(out, S("percent"), fault->percent);
    if (fault->kind == FAULT_USAGE) json_kv_i64(out, S("minutes"), fault->minutes);
    if (fault->kind == FAULT_HANG || fault->kind == FAULT_SLOW) {
        json_kv_i64(out, S("ms"), fault->ms);
    }
    if (fault->retry_after_s) json_kv_i64(out, S("retry_after"), fault->retry_after_s);
    if (fault->pixel_id[0]) json_kv_str(out, S("pixel"), str_z(fault->pixel_id));
    if (fault->event[0]) json_kv_str(out, S("event"), str_z(fault->event));
    json_key(out, S("probability"));
    json_put_double(out, fault->probability);
    if (fault->left != UINT64_MAX) json_kv_u64(out, S("left"), fault->left);
    json_kv_u64(out, S("applied"), fault->applied);
    buf_putc(out, '}');
}

void faults_print(const struct faults *faults, struct buf *out)
{
    buf_putc(out, '{');
    json_kv_raw(out, S("faults"), S("["));
    for (size_t i = 0; i < faults->count; i++) print_fault(&faults->items[i], out);
    buf_put(out, S("]}"));
}

bool fault_names(const struct fault *fault, yyjson_val *event)
{
    struct str wanted = str_z(fault->event);
    return wanted.n && (str_eq(wanted, json_str(json_get(event, "event_id"))) ||
                        str_eq(wanted, json_str(json_get(event, "event_name"))));
}

static bool fits(const struct fault *fault, struct str pixel_id, const struct batch *batch)
{
    bool has_event = !fault->event[0];
    if (fault->pixel_id[0] && !str_eq(pixel_id, str_z(fault->pixel_id))) return false;
    for (size_t i = 0; i < batch->count && !has_event; i++) {
        has_event = fault_names(fault, batch->events[i]);
    }
    if (!has_event) return false;
    if (fault->probability >= 1) return true;
    return (double)random_below(PROBABILITY_STEPS) < fault->probability * PROBABILITY_STEPS;
}

void faults_plan(struct faults *faults, struct str pixel_id, const struct batch *batch,
                 struct fault_plan *plan)
{
    size_t kept = 0;
    *plan = (struct fault_plan){.usage_percent = -1};
    for (size_t i = 0; i < faults->count; i++) {
        struct fault *fault = &faults->items[i];
        if (!plan->has_decision && fits(fault, pixel_id, batch)) {
            fault->applied++;
            if (fault->left != UINT64_MAX) fault->left--;
            if (fault->kind == FAULT_SLOW) {
                plan->delay_ms += fault->ms;
            } else if (fault->kind == FAULT_USAGE) {
                plan->usage_percent = fault->percent;
                plan->usage_minutes = fault->minutes;
            } else {
                plan->has_decision = true;
                plan->decision = *fault;
            }
        }
        if (fault->left) faults->items[kept++] = *fault;
    }
    faults->count = kept;
    if (plan->delay_ms > LIMIT_SANDBOX_DELAY_MS) plan->delay_ms = LIMIT_SANDBOX_DELAY_MS;
}
