/* SPDX-License-Identifier: Apache-2.0 */
/* The `integrations` object of an event: the sender's own word on where it may go. */
#ifndef MAP_INTEGRATIONS_H
#define MAP_INTEGRATIONS_H

#include "base/json.h"
#include "base/table.h"

/* integrations_excludes: does the object keep the event from us? It does when one of the names that
 * vendors use for this destination, or destination itself, is false, and when All is false and none
 * of them is true or an object. */
bool integrations_excludes(yyjson_val *object, struct str destination);

/* integrations_name_one: does the object name one of these destinations? If not, integrations_excludes says the
 * same of all of them. */
bool integrations_name_one(yyjson_val *object, const struct table *destinations);

/* integrations_option is what the object says of a name for us: the member of that name in the first
 * object under one of the names that vendors use. NULL when there is none. */
yyjson_val *integrations_option(yyjson_val *object, struct str name);

#endif
