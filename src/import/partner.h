/* SPDX-License-Identifier: Apache-2.0 */
/* Segment's and Customer.io's destination: settings, and subscriptions that each become an action. The
 * stored mapping of a subscription is complete, so no preset lies under it. */
#ifndef IMPORT_PARTNER_H
#define IMPORT_PARTNER_H

#include "import/partner_table.h"
#include "import/vendor.h"

enum partner_action {
#define X(name, event, title) PARTNER_##name,
    PARTNER_ACTIONS(X)
#undef X
        PARTNER_COUNT
};

/* subscription.c: the lines of one action that its mapping gives, without the Meta event's name.
 * apply: the object of a @transform around all of it, or NULL. */
void subscription_write(struct import *im, yyjson_val *mapping, enum partner_action action,
                        yyjson_val *apply);
/* subscription_default is what an action begins with when someone adds it, in the arena. */
yyjson_val *subscription_default(struct arena *arena, enum partner_action action);

#endif
