/* SPDX-License-Identifier: Apache-2.0 */
/* May this request do what it asks? Who it comes from (session cookie, bearer token, or anybody on this
 * machine while nobody has a password yet), what his role allows, and whether another site's page is
 * behind it. */
#ifndef CONSOLE_ACCESS_H
#define CONSOLE_ACCESS_H

#include "console/console.h"

/* access_who says who sends the request; the role is ROLE_ANYONE for a stranger. */
void access_who(const struct console *c, const struct http_request *req, struct person *out);
/* access_allows answers the request itself, and returns false, when it may not be. */
bool access_allows(const struct console *c, struct http_request *req, enum role needed);
/* access_secret is the cookie's or bearer's secret; p = NULL without. */
struct str access_secret(const struct http_request *req);

#define ACCESS_COOKIE "pixeld_session"

#endif
