/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of network names in the configuration: host:port, URLs, origins, networks. Only the form
 * is checked here; nothing is looked up. */
#ifndef CONF_ADDRESS_H
#define CONF_ADDRESS_H

#include "base/str.h"

/* address_is_valid: host:port, with an IPv6 host in brackets? Port 0 means any. */
bool address_is_valid(struct str text);
/* url_is_valid: one of the schemes, then a host (or several, with commas, where the scheme is of a
 * cluster), maybe a port and a path; no user, query, fragment, blank or control character. */
bool url_is_valid(struct str text, const struct str *schemes, size_t scheme_count);
/* url_host is the host of a valid URL, without brackets. */
struct str url_host(struct str url);
/* url_is_loopback: does this valid URL stay on this machine? */
bool url_is_loopback(struct str url);
/* origin_is_valid: http or https, host and maybe port, as browsers send it in Origin? "*" is one too. */
bool origin_is_valid(struct str text);
/* network_is_valid: an IPv4 or IPv6 address, maybe with /prefix? */
bool network_is_valid(struct str text);

#endif
