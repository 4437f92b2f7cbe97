/* SPDX-License-Identifier: Apache-2.0 */
#include "meta/fields.h"

#include "meta/check.h"

#include "support/check.h"

static void test_rows_are_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < meta_field_count; i++) {
        const struct meta_field *f = &meta_fields[i];
        bool user = f->section == META_USER;
        assert_true(f->name.n > 0 && f->doc.n > 0);
        assert_ptr_equal(meta_field_find(f->section, f->name), f); /* no name twice */
        assert_int_equal(meta_field_index(f), i);
        assert_int_equal(f->type == META_ENUM, f->word_count > 0);
        assert_int_equal(user, f->normalise != NULL);
        assert_true(user || (f->hash == META_PLAIN && !f->list && !f->broad));
        for (size_t j = 0; j < f->word_count; j++)
            for (size_t k = 0; k < f->words[j].n; k++)
                assert_false(f->words[j].p[k] >= 'A' && f->words[j].p[k] <= 'Z');
        assert_int_equal(str_find_char(f->doc, '|', 0), SIZE_MAX); /* it goes into a table */
    }
}

static const struct meta_field *find(enum meta_section section, const char *name)
{
    const struct meta_field *field = meta_field_find(section, str_z(name));
    if (!field) fail_msg("there is no %s", name);
    return field;
}

/* What must be hashed and what must not (Meta, customer information parameters). */
static void test_hash_rules(void **state)
{
    (void)state;
    static const char *const hashed[] = {"em", "ph", "fn", "ln",      "db",         "ge",
                                         "ct", "st", "zp", "country", "external_id"};
    static const char *const plain[] = {
        "client_ip_address", "client_user_agent", "fbc",     "fbp",   "subscription_id",
        "fb_login_id",       "lead_id",           "anon_id", "madid", "page_id",
        "ctwa_clid"};
    for (size_t i = 0; i < countof(hashed); i++) {
        assert_int_equal(find(META_USER, hashed[i])->hash, META_HASHED);
        assert_true(find(META_USER, hashed[i])->list);
    }
    for (size_t i = 0; i < countof(plain); i++) {
        assert_int_equal(find(META_USER, plain[i])->hash, META_PLAIN);
        assert_false(find(META_USER, plain[i])->list);
    }
}

static void test_types(void **state)
{
    (void)state;
    assert_int_equal(find(META_EVENT, "event_time")->type, META_TIME);
    assert_int_equal(find(META_EVENT, "action_source")->word_count, 9);
    assert_int_equal(find(META_EVENT, "data_processing_options")->type, META_TEXTS);
    assert_int_equal(find(META_CUSTOM, "value")->type, META_MONEY);
    assert_int_equal(find(META_CUSTOM, "currency")->type, META_CURRENCY);
    assert_int_equal(find(META_CUSTOM, "contents")->type, META_CONTENTS);
    assert_int_equal(find(META_CUSTOM, "content_ids")->type, META_TEXTS);
    assert_int_equal(find(META_CUSTOM, "num_items")->type, META_INTEGER);
    assert_int_equal(find(META_CUSTOM, "checkin_date")->type, META_DATE);
    assert_int_equal(find(META_CONTENT, "item_price")->type, META_NUMBER);
    assert_int_equal(find(META_CONTENT, "delivery_category")->word_count, 3);
}

static void test_find_is_exact(void **state)
{
    (void)state;
    assert_null(meta_field_find(META_USER, S("EM")));
    assert_null(meta_field_find(META_USER, S("value")));
    assert_null(meta_field_find(META_CUSTOM, S("")));
    assert_null(meta_field_find(META_EVENT, S("event_names")));
    assert_ptr_not_equal(find(META_USER, "country"), find(META_CUSTOM, "country"));
    check_str(meta_section_name(META_USER), "user_data");
    check_str(meta_section_name(META_CONTENT), "contents");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_whole),
        cmocka_unit_test(test_hash_rules),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_find_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
