/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that translate one subscription's mapping share; for nobody else. */
#ifndef IMPORT_SUBSCRIPTION_H
#define IMPORT_SUBSCRIPTION_H

#include "import/object.h"
#include "import/partner.h"

/* The bit of an action, and sets of them, for PARTNER_*_FIELDS. */
#define IN(name) (1U << PARTNER_##name)
#define ALL ((1U << PARTNER_COUNT) - 1)
#define FIVE (IN(purchase) | IN(initiateCheckout) | IN(addToCart) | IN(viewContent) | IN(search))

struct subscription {
    struct import *im;
    yyjson_val *mapping, *apply;
    unsigned bit;
};

/* A key of the mapping and the actions that have it. */
struct field_row {
    struct str key;
    unsigned actions;
};

/* subscription_begin prepares the translation of a value of the mapping. */
struct directives subscription_begin(const struct subscription *s);
/* subscription_name is a parameter's full name for comments, "user_data.em". */
struct str subscription_name(const struct subscription *s, struct str section, struct str name);
/* subscription_is_yes: a fixed yes, also as the vendor's schema takes numbers and texts for one (AJV's coercion);
 * subscription_is_no: a fixed no, or nothing. */
bool subscription_is_yes(yyjson_val *v);
bool subscription_is_no(yyjson_val *v);

/* Each writes its part of the action. app_data.c, user_data.c, custom_data.c */
void app_data_write(struct subscription *s);
void user_data_write(struct subscription *s);
void custom_data_write(struct subscription *s);
/* custom_data_has: is key a field of this action that goes into custom_data? */
bool custom_data_has(const struct subscription *s, struct str key);

#endif
