/* SPDX-License-Identifier: Apache-2.0 */
/* See pii.h. Which names of properties are personal: those that RudderStack's Facebook Pixel page lists,
 * and the configuration's own, compared exactly, at every depth. The destination's own lists win over
 * the preset's, and within one configuration hash wins over deny, and deny over allow: who names
 * something personal twice means it. */
#include "map/pii.h"

#include "core/limits.h"

static const struct str default_deny[] = {
    S_INIT("email"),    S_INIT("firstName"),  S_INIT("lastName"),  S_INIT("firstname"),
    S_INIT("lastname"), S_INIT("first_name"), S_INIT("last_name"), S_INIT("gender"),
    S_INIT("city"),     S_INIT("country"),    S_INIT("phone"),     S_INIT("state"),
    S_INIT("zip"),      S_INIT("postalCode"), S_INIT("birthday"),
};

/* Query keys, folded (see fold). */
static const struct str default_query[] = {
    S_INIT("email"),         S_INIT("mail"),        S_INIT("emailaddress"), S_INIT("useremail"),
    S_INIT("phone"),         S_INIT("phonenumber"), S_INIT("tel"),          S_INIT("telephone"),
    S_INIT("mobilenumber"),  S_INIT("mobilephone"), S_INIT("msisdn"),       S_INIT("firstname"),
    S_INIT("lastname"),      S_INIT("fname"),       S_INIT("lname"),        S_INIT("givenname"),
    S_INIT("familyname"),    S_INIT("surname"),     S_INIT("fullname"),     S_INIT("name"),
    S_INIT("username"),      S_INIT("birthdate"),   S_INIT("dateofbirth"),  S_INIT("dob"),
    S_INIT("address"),       S_INIT("street"),      S_INIT("ssn"),          S_INIT("iban"),
    S_INIT("cardnumber"),    S_INIT("ccnumber"),    S_INIT("cvv"),          S_INIT("cvc"),
    S_INIT("token"),         S_INIT("accesstoken"), S_INIT("refreshtoken"), S_INIT("idtoken"),
    S_INIT("authtoken"),     S_INIT("csrftoken"),   S_INIT("apikey"),       S_INIT("secret"),
    S_INIT("clientsecret"),  S_INIT("password"),    S_INIT("passwd"),       S_INIT("passphrase"),
    S_INIT("pass"),          S_INIT("pwd"),         S_INIT("otp"),          S_INIT("auth"),
    S_INIT("authorization"), S_INIT("session"),     S_INIT("sessionid"),    S_INIT("jsessionid"),
    S_INIT("phpsessid"),
};

/* Words that make a key personal when it ends in them: customer_email, user[password]. */
static const struct str query_words[] = {
    S_INIT("email"),  S_INIT("mail"),     S_INIT("phone"), S_INIT("telephone"), S_INIT("msisdn"),
    S_INIT("passwd"), S_INIT("password"), S_INIT("pwd"),   S_INIT("token"),     S_INIT("secret"),
};

enum { FOLDED_BYTES = 64 }; /* longer keys are nobody's */

/* Small letters and digits alone: e-mail, E_Mail and email are the same. p = NULL when it is too long. */
static struct str fold(struct str name, char out[FOLDED_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool capital = c >= 'A' && c <= 'Z';
        bool kept = capital || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80);
        if (!kept) continue;
        if (n == FOLDED_BYTES) return str_of(NULL, 0);
        out[n++] = capital ? (char)(c - 'A' + 'a') : c;
    }
    return str_of(out, n);
}

/* The rules of query keys as things that a table can point to. */
static const enum pii_rule rules[] = {PII_NONE, PII_DROP, PII_HASH};

static void put(struct compiler *c, struct str name, enum pii_rule rule)
{
    program_name(c, name)->rule = rule;
}

/* Query keys are personal or not; rules are those of properties. */
static void put_query(struct compiler *c, struct str name, enum pii_rule rule)
{
    char folded[FOLDED_BYTES];
    struct str key = fold(name, folded);
    if (!key.n) return;
    c->plan->pii_campaigns |= str_starts(key, S("utm"));
    table_put(&c->plan->query, c->arena, arena_str(c->arena, key), (void *)(uintptr_t)&rules[rule]);
}

static void put_both(struct compiler *c, const struct texts *names, enum pii_rule rule)
{
    for (size_t i = 0; i < names->count; i++) {
        put(c, names->items[i].text, rule);
        put_query(c, names->items[i].text, rule);
    }
}

static void put_conf(struct compiler *c, const struct pii_conf *conf)
{
    put_both(c, &conf->allow, PII_NONE);
    put_both(c, &conf->deny, PII_DROP);
    put_both(c, &conf->hash, PII_HASH);
    for (size_t i = 0; i < conf->query.count; i++) {
        put_query(c, conf->query.items[i].text, PII_DROP);
    }
}

static enum pii_values values_of(const struct compiler *c)
{
    static const struct str words[] = {
        [VALUES_REDACT] = S_INIT("redact"),
        [VALUES_DROP] = S_INIT("drop"),
        [VALUES_KEEP] = S_INIT("keep"),
    };
    struct str word = c->own->pii.values.text;
    if (!word.n && c->preset) word = c->preset->pii.values.text;
    for (size_t i = 0; i < countof(words); i++) {
        if (str_eq(word, words[i])) return (enum pii_values)i;
    }
    return VALUES_REDACT;
}

static bool is_user_field(struct str name)
{
    if (str_starts(name, S("user_data."))) name = str_from(name, S("user_data.").n);
    return meta_field_find(META_USER, name) != NULL;
}

static void compile_only(struct compiler *c)
{
    const struct texts *only = &c->own->pii.only;
    bool person = false;
    if (!only->given && c->preset) only = &c->preset->pii.only;
    c->plan->restricted = only->given;
    for (size_t i = 0; i < only->count; i++) {
        table_put(&c->plan->only, c->arena, only->items[i].text, c->plan);
        person |= is_user_field(only->items[i].text);
    }
    if (only->count && !person) {
        diag_add(c->diags, only->items[0].loc,
                 "\"only\" names no parameter of user_data, and Meta takes no event without one");
    }
}

void pii_compile(struct compiler *c)
{
    struct plan *plan = c->plan;
    plan->pii_defaults = c->own->pii.defaults && (!c->preset || c->preset->pii.defaults);
    plan->values = values_of(c);
    for (size_t i = 0; plan->pii_defaults && i < countof(default_deny); i++) {
        put(c, default_deny[i], PII_DROP);
        put_query(c, default_deny[i], PII_DROP);
    }
    for (size_t i = 0; plan->pii_defaults && i < countof(default_query); i++) {
        put_query(c, default_query[i], PII_DROP);
    }
    if (c->preset) put_conf(c, &c->preset->pii);
    put_conf(c, &c->own->pii);
    compile_only(c);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_small(char c)
{
    return c >= 'a' && c <= 'z';
}

/* The last word of userEmail, user_email and user[email][0]. */
static struct str last_word(struct str name)
{
    size_t end = name.n;
    while (end && !is_letter(name.p[end - 1])) end--;
    size_t start = end;
    while (start && is_letter(name.p[start - 1])) {
        start--;
        bool opens = !is_small(name.p[start]) && start + 1 < end && is_small(name.p[start + 1]);
        if (opens) break;
    }
    return str_of(name.p + start, end - start);
}

static bool is_query_word(struct str word)
{
    for (size_t i = 0; i < countof(query_words); i++) {
        if (str_eq_nocase(word, query_words[i])) return true;
    }
    return false;
}

bool pii_query(const struct plan *plan, struct str name)
{
    char buffer[FOLDED_BYTES];
    bool campaign = str_starts(name, S("utm_"));
    if (campaign && !plan->pii_campaigns) return false;
    struct str key = fold(name, buffer);
    const enum pii_rule *rule = key.n ? table_get(&plan->query, key) : NULL;
    if (rule) return *rule != PII_NONE;
    return plan->pii_defaults && !campaign && is_query_word(last_word(name));
}

enum pii_values pii_values(const struct plan *plan)
{
    return plan->values;
}

bool pii_may_leave(const struct plan *plan, struct str section, struct str name)
{
    char path[LIMIT_CUSTOM_NAME_BYTES];
    if (!plan->restricted || table_get(&plan->only, name)) return true;
    size_t n = section.n + 1 + name.n;
    if (!section.n || n > sizeof path) return false;
    memcpy(path, section.p, section.n);
    path[section.n] = '.';
    memcpy(path + section.n + 1, name.p, name.n);
    return table_get(&plan->only, str_of(path, n)) != NULL;
}
