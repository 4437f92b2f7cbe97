/* SPDX-License-Identifier: Apache-2.0 */
/* Values -> JSON by type: a table of type, JSON in, JSON out ("" = refused, nothing appended). */
#include "support/check.h"

#include "map/write.h"

static const struct {
    enum meta_section section;
    const char *field, *in, *out;
} rows[] = {
    {META_EVENT, "event_id", "\"a\\\"b\"", "\"a\\\"b\""},
    {META_EVENT, "event_id", "12.50", "\"12.50\""},
    {META_EVENT, "event_id", "true", "\"true\""},
    {META_EVENT, "event_id", "\"\"", ""},
    {META_EVENT, "event_id", "[\"only\"]", "\"only\""},
    {META_EVENT, "event_id", "[\"a\",\"b\"]", ""},
    {META_EVENT, "event_id", "{\"a\":1}", ""},
    {META_EVENT, "event_id", "null", ""},
    {META_EVENT, "event_time", "1768474800.9", "1768474800"},
    {META_EVENT, "event_time", "1768474800999", "1768474800"},
    {META_EVENT, "event_time", "\"1969-12-31T23:59:58.5Z\"", "-2"},
    {META_EVENT, "event_time", "\"soon\"", ""},
    {META_EVENT, "event_time", "true", ""},
    {META_EVENT, "opt_out", "\"TRUE\"", "true"},
    {META_EVENT, "opt_out", "0", "false"},
    {META_EVENT, "opt_out", "\"on\"", "true"}, /* a ticked box of a form */
    {META_EVENT, "opt_out", "\" No \"", "false"},
    {META_EVENT, "opt_out", "2", ""},
    {META_EVENT, "action_source", "\" Website \"", "\"website\""},
    {META_EVENT, "action_source", "\"moon\"", ""},
    {META_EVENT, "data_processing_options", "[]", "[]"},
    {META_EVENT, "data_processing_options", "\"LDU\"", "[\"LDU\"]"},
    {META_EVENT, "data_processing_options_state", "\"1000\"", "1000"},
    {META_CUSTOM, "mileage", "{\"a\":[1.0]}", "{\"a\":[1.0]}"},
    {META_CUSTOM, "value", "\"1.005\"", "1.01"},
    {META_CUSTOM, "value", "-0.004", "0"},
    {META_CUSTOM, "value", "1e2", "100"},
    {META_CUSTOM, "value", "\"12 EUR\"", ""},
    {META_CUSTOM, "value", "false", ""},
    {META_CUSTOM, "value", "[7]", "7"},
    {META_CUSTOM, "num_items", "\" +3 \"", "3"},
    {META_CUSTOM, "num_items", "2.50", ""},
    {META_CUSTOM, "num_items", "20e-1", "2"},
    {META_CUSTOM, "hotel_score", "\".5\"", "0.5"},
    {META_CUSTOM, "hotel_score", "\"x\"", ""},
    {META_CUSTOM, "currency", "\" eur\\u00a0\"", "\"EUR\""},
    {META_CUSTOM, "currency", "\" \"", ""},
    {META_CUSTOM, "content_ids", "[1,\"b\",\"\",null,{\"c\":1}]", "[\"1\",\"b\"]"},
    {META_CUSTOM, "content_ids", "[]", ""},
    {META_CUSTOM, "content_ids", "\"a\"", "[\"a\"]"},
    {META_CUSTOM, "checkin_date", "\"2025-10-09\"", "\"2025-10-09\""},
    {META_CUSTOM, "checkin_date", "\"2025-10-09T23:30:00-02:00\"", "\"2025-10-10T01:30:00\""},
    {META_CUSTOM, "checkin_date", "\"next week\"", "\"next week\""},
    {META_CUSTOM, "preferred_price_range", "[1,{\"a\":null}]", "[1,{\"a\":null}]"},
    {META_CUSTOM, "no such field", "{\"a\":[1.10,\"\\u017e\"]}", "{\"a\":[1.10,\"\xC5\xBE\"]}"},
    {META_CUSTOM, "no such field", "null", ""},
};

static void every_row(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf out = {0};
    struct err err;
    for (size_t i = 0; i < countof(rows); i++) {
        yyjson_val *node = json_read(&arena, str_z(rows[i].in), &err);
        struct value v = value_of(node);
        const struct meta_field *field = meta_field_find(rows[i].section, str_z(rows[i].field));
        buf_clear(&out);
        buf_put(&out, S("before"));
        bool wrote = write_value(&out, field, &v);
        if (wrote != (rows[i].out[0] != '\0')) {
            fail_msg("%s <- %s: wrote %d", rows[i].field, rows[i].in, wrote);
        }
        check_str(buf_since(&out, S("before").n), rows[i].out);
    }
    buf_fini(&out);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
