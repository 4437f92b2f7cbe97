/* SPDX-License-Identifier: Apache-2.0 */
/* The statuses we answer with: their phrases, and what the server itself says with a refusal. */
#ifndef HTTP_STATUS_H
#define HTTP_STATUS_H

#include "base/str.h"

/* X(status, "Phrase", "code", "message"): code "" = the server itself never answers with it. */
#define HTTP_STATUSES(X)                                                                           \
    X(200, "OK", "", "")                                                                           \
    X(201, "Created", "", "")                                                                      \
    X(202, "Accepted", "", "")                                                                     \
    X(204, "No Content", "", "")                                                                   \
    X(302, "Found", "", "")                                                                        \
    X(303, "See Other", "", "")                                                                    \
    X(304, "Not Modified", "", "")                                                                 \
    X(400, "Bad Request", "bad_request", "The request is not valid HTTP, or its body is damaged.") \
    X(401, "Unauthorized", "", "")                                                                 \
    X(403, "Forbidden", "", "")                                                                    \
    X(404, "Not Found", "not_found", "There is nothing at this path.")                             \
    X(405, "Method Not Allowed", "method_not_allowed", "This path does not take this method.")     \
    X(408, "Request Timeout", "request_timeout", "The request did not arrive in time.")            \
    X(409, "Conflict", "", "")                                                                     \
    X(413, "Content Too Large", "body_too_large", "The body is larger than this path takes.")      \
    X(414, "URI Too Long", "url_too_long", "The URL is too long.")                                 \
    X(415, "Unsupported Media Type", "unsupported_encoding",                                       \
      "The body's Content-Encoding is not known; gzip and none are.")                              \
    X(417, "Expectation Failed", "expectation_failed", "Only Expect: 100-continue is known.")      \
    X(421, "Misdirected Request", "foreign_host",                                                  \
      "This address answers to localhost and to numbers, not to this host name.")                  \
    X(422, "Unprocessable Content", "", "")                                                        \
    X(429, "Too Many Requests", "", "")                                                            \
    X(431, "Request Header Fields Too Large", "headers_too_large",                                 \
      "The headers are too many or too large.")                                                    \
    X(500, "Internal Server Error", "", "")                                                        \
    X(501, "Not Implemented", "", "")                                                              \
    X(502, "Bad Gateway", "", "")                                                                  \
    X(503, "Service Unavailable", "overloaded",                                                    \
      "There is too much to do at the moment; try again shortly.")                                 \
    X(504, "Gateway Timeout", "", "")                                                              \
    X(505, "HTTP Version Not Supported", "http_version", "Only HTTP/1.0 and 1.1 are spoken here.")

struct status {
    int status;
    struct str phrase, code, message;
};

/* status_find never returns NULL: an unknown status has the phrase "Unknown". */
const struct status *status_find(int status);

#endif
