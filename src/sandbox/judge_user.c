/* SPDX-License-Identifier: Apache-2.0 */
/* See judge.h. This file is user_data: which keys hold hashes and nothing else, which must not be
 * hashed, and whether what is there is enough to find a person. Source: Meta's "Customer information
 * parameters" and "Best practices". */
#include "base/sha256.h"
#include "sandbox/judge.h"

#include <arpa/inet.h>

/* The keys that fit many people. Everything else counts as SPECIFIC and is enough by itself. */
#define BROAD_KEYS(X)                                                                              \
    X(CITY, "ct")                                                                                  \
    X(COUNTRY, "country")                                                                          \
    X(STATE, "st")                                                                                 \
    X(ZIP, "zp")                                                                                   \
    X(GENDER, "ge") X(AGENT, "client_user_agent") X(BIRTH, "db") X(FIRST, "fn") X(LAST, "ln")

enum broad_index {
#define X(NAME, key) INDEX_##NAME,
    BROAD_KEYS(X)
#undef X
        INDEX_SPECIFIC
};

enum broad_bit {
#define X(NAME, key) NAME = 1 << INDEX_##NAME,
    BROAD_KEYS(X)
#undef X
        SPECIFIC = 1 << INDEX_SPECIFIC
};

static const struct str broad_keys[] = {
#define X(NAME, key) S_INIT(key),
    BROAD_KEYS(X)
#undef X
};

/* Meta refuses an event whose keys all lie in one of these sets. */
static const unsigned too_broad[] = {
    CITY | COUNTRY | STATE | ZIP | GENDER | AGENT,
    BIRTH | AGENT,
    FIRST | GENDER,
    LAST | GENDER,
};

static unsigned bit_of(struct str key)
{
    for (size_t i = 0; i < countof(broad_keys); i++) {
        if (str_eq(key, broad_keys[i])) return 1U << i;
    }
    return SPECIFIC;
}

/* The parameter builders of Meta append '.' and 2 or 8 characters of base64url about themselves. */
static bool is_appendix(struct str text)
{
    if ((text.n != 3 && text.n != 9) || text.p[0] != '.') return false;
    for (size_t i = 1; i < text.n; i++) {
        char c = text.p[i];
        bool is_fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_';
        if (!is_fine) return false;
    }
    return true;
}

static bool is_digest(struct str text)
{
    struct str hex = str_head(text, SHA256_HEX), rest = str_from(text, SHA256_HEX);
    if (!sha256_is_hex(hex) || (rest.n && !is_appendix(rest))) return false;
    for (size_t i = 0; i < hex.n; i++) {
        if (hex.p[i] >= 'A' && hex.p[i] <= 'F') return false;
    }
    return true;
}

static bool judge_hash(struct verdict *v, const struct meta_field *field, const struct place *at,
                       struct str text)
{
    /* SHA-256 of no bytes at all: somebody hashed an empty field. */
    static const struct str of_nothing =
        S_INIT("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    if (is_digest(text)) {
        if (str_starts(text, of_nothing)) verdict_warn(v, at, "the hash of an empty text");
        return true;
    }
    /* Hashing it is recommended, not demanded. */
    if (str_eq(field->name, S("external_id"))) {
        verdict_warn(v, at, "not hashed");
        return true;
    }
    return verdict_refuse(v, VERDICT_IN_CLEAR, at, S(""));
}

static bool is_address(struct str text)
{
    unsigned char bytes[16];
    char z[INET6_ADDRSTRLEN];
    size_t dot = text.n;
    while (dot > 0 && text.p[dot - 1] != '.') dot--;
    if (dot && is_appendix(str_from(text, dot - 1)) && text.n - dot == 8) text.n = dot - 1;
    if (!text.n || text.n >= sizeof z) return false;
    memcpy(z, text.p, text.n);
    z[text.n] = '\0';
    return inet_pton(AF_INET, z, bytes) == 1 || inet_pton(AF_INET6, z, bytes) == 1;
}

/* fb.<digits>.<milliseconds>.<payload> and perhaps an appendix. */
static bool is_click_id(struct str text)
{
    struct str part[3], rest = text;
    int64_t ms;
    for (size_t i = 0; i < countof(part); i++) {
        if (!str_cut(rest, '.', &part[i], &rest)) return false;
    }
    uint64_t level;
    return str_eq(part[0], S("fb")) && str_to_u64(part[1], &level) && str_to_i64(part[2], &ms) &&
           part[2].n >= 13 && rest.n;
}

/* What Meta wants as it is. It takes these whatever they look like, except a lead's id. */
static bool judge_plain(struct verdict *v, const struct meta_field *field, const struct place *at,
                        struct str text)
{
    uint64_t number;
    if (str_eq(field->name, S("lead_id"))) {
        if ((text.n == 15 || text.n == 16) && str_to_u64(text, &number)) return true;
        return verdict_refuse(v, VERDICT_LEAD_ID, at, S(""));
    }
    if (str_eq(field->name, S("client_ip_address"))) {
        if (!is_address(text)) verdict_warn(v, at, "not an IP address");
    } else if (str_eq(field->name, S("fbc")) || str_eq(field->name, S("fbp"))) {
        if (!is_click_id(text)) verdict_warn(v, at, "not of the form fb.1.<milliseconds>.<id>");
    } else if (is_digest(text)) {
        verdict_warn(v, at, "a hash, where Meta wants the plain value");
    }
    return true;
}

static bool judge_one(struct verdict *v, const struct meta_field *field, const struct place *at,
                      yyjson_val *val, bool *usable)
{
    struct str text = json_str(val);
    if (!judge_has(val)) {
        verdict_warn(v, at, "empty");
        return true;
    }
    if (!text.p) return verdict_refuse(v, VERDICT_PARAMETER, at, S("A text is expected."));
    *usable = true;
    return field->hash == META_HASHED ? judge_hash(v, field, at, text)
                                      : judge_plain(v, field, at, text);
}

static bool judge_key(struct verdict *v, const struct meta_field *field, const struct place *at,
                      yyjson_val *val, bool *usable)
{
    size_t index, count;
    yyjson_val *item;
    if (!yyjson_is_arr(val)) return judge_one(v, field, at, val, usable);
    if (!field->list) return verdict_refuse(v, VERDICT_PARAMETER, at, S("One text is expected."));
    yyjson_arr_foreach (val, index, count, item) {
        const struct place entry = {at, {NULL, 0}, index};
        if (!judge_one(v, field, &entry, item, usable)) return false;
    }
    return true;
}

bool judge_user(struct verdict *v, yyjson_val *user)
{
    const struct place above = {NULL, S("user_data"), 0};
    unsigned present = 0;
    size_t index, count;
    yyjson_val *key, *val;
    yyjson_obj_foreach (user, index, count, key, val) {
        const struct place at = {&above, json_str(key), 0};
        const struct meta_field *field = meta_field_find(META_USER, at.key);
        bool usable = false;
        if (!field) {
            judge_unknown(v, META_USER, &at, false);
            judge_clear(v, &at, val);
        } else if (!judge_key(v, field, &at, val, &usable)) {
            return false;
        }
        if (usable) present |= bit_of(at.key);
    }
    for (size_t i = 0; i < countof(too_broad); i++) {
        if (!(present & ~too_broad[i])) return verdict_refuse(v, VERDICT_TOO_BROAD, &above, S(""));
    }
    return true;
}
