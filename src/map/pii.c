/* SPDX-License-Identifier: Apache-2.0 */
/* Which names of properties and of URL keys are personal and do not go along in the clear: the names
 * that RudderStack's Facebook Pixel page lists, and the configuration's own. Names are compared
 * exactly, at every depth. The destination's own lists win over the preset's, and within one
 * configuration hash wins over deny, and deny over allow: who names something personal twice means
 * it. */
#include "map/program.h"

static const struct str default_deny[] = {
    S_INIT("email"),    S_INIT("firstName"),  S_INIT("lastName"),  S_INIT("firstname"),
    S_INIT("lastname"), S_INIT("first_name"), S_INIT("last_name"), S_INIT("gender"),
    S_INIT("city"),     S_INIT("country"),    S_INIT("phone"),     S_INIT("state"),
    S_INIT("zip"),      S_INIT("postalCode"), S_INIT("birthday"),
};

/* The rules as things that a table can point to. */
static const enum pii_rule rules[] = {PII_NONE, PII_DROP, PII_HASH};

static void put(struct compiler *c, struct str name, enum pii_rule rule)
{
    table_put(&c->plan->pii, c->arena, name, (void *)(uintptr_t)&rules[rule]);
}

static void put_all(struct compiler *c, const struct texts *names, enum pii_rule rule)
{
    for (size_t i = 0; i < names->count; i++) put(c, names->items[i].text, rule);
}

static void put_conf(struct compiler *c, const struct pii_conf *conf)
{
    put_all(c, &conf->allow, PII_NONE);
    put_all(c, &conf->deny, PII_DROP);
    put_all(c, &conf->hash, PII_HASH);
}

void pii_compile(struct compiler *c)
{
    bool defaults = c->own->pii.defaults && (!c->preset || c->preset->pii.defaults);
    for (size_t i = 0; defaults && i < countof(default_deny); i++) {
        put(c, default_deny[i], PII_DROP);
    }
    if (c->preset) put_conf(c, &c->preset->pii);
    put_conf(c, &c->own->pii);
}

enum pii_rule pii_rule(const struct plan *plan, struct str name)
{
    return pii_rule_hashed(plan, name, str_hash(name));
}

enum pii_rule pii_rule_hashed(const struct plan *plan, struct str name, uint64_t hash)
{
    const enum pii_rule *rule = table_get_hashed(&plan->pii, name, hash);
    return rule ? *rule : PII_NONE;
}
