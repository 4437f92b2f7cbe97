/* SPDX-License-Identifier: Apache-2.0 */
/* The actions and fields of the "Facebook Conversions API" destination that Segment and Customer.io
 * share, by their public definition, and what each is called at Meta. */
#ifndef IMPORT_PARTNER_TABLE_H
#define IMPORT_PARTNER_TABLE_H

/* X(name, "Meta event", "the name it has where a subscription has none") */
#define PARTNER_ACTIONS(X)                                                                         \
    X(purchase, "Purchase", "Purchase")                                                            \
    X(initiateCheckout, "InitiateCheckout", "Initiate Checkout")                                   \
    X(addToCart, "AddToCart", "Add to Cart")                                                       \
    X(viewContent, "ViewContent", "View Content")                                                  \
    X(search, "Search", "Search")                                                                  \
    X(pageView, "PageView", "Page View")                                                           \
    X(custom, "", "Custom Event")

/* X(key of the mapping, event-level parameter, in which actions) */
#define PARTNER_EVENT_FIELDS(X)                                                                    \
    X(action_source, ALL)                                                                          \
    X(event_time, ALL)                                                                             \
    X(event_id, ALL)                                                                               \
    X(event_source_url, ALL)

/* X(key of the mapping and parameter of custom_data, in which actions): letters of the actions */
#define PARTNER_CUSTOM_FIELDS(X)                                                                   \
    X(currency, FIVE)                                                                              \
    X(value, FIVE)                                                                                 \
    X(net_revenue, IN(purchase))                                                                   \
    X(content_ids, FIVE)                                                                           \
    X(content_name, IN(purchase) | IN(addToCart) | IN(viewContent))                                \
    X(content_type, IN(purchase) | IN(addToCart) | IN(viewContent))                                \
    X(contents, FIVE)                                                                              \
    X(num_items, IN(purchase) | IN(initiateCheckout))                                              \
    X(content_category, IN(initiateCheckout) | IN(viewContent) | IN(search))                       \
    X(search_string, IN(search))

/* X("key of user_data in the mapping", "Meta's") */
#define PARTNER_USER_FIELDS(X)                                                                     \
    X("externalId", "external_id")                                                                 \
    X("email", "em")                                                                               \
    X("phone", "ph")                                                                               \
    X("gender", "ge")                                                                              \
    X("dateOfBirth", "db")                                                                         \
    X("lastName", "ln")                                                                            \
    X("firstName", "fn")                                                                           \
    X("city", "ct")                                                                                \
    X("state", "st")                                                                               \
    X("zip", "zp")                                                                                 \
    X("country", "country")                                                                        \
    X("client_ip_address", "client_ip_address")                                                    \
    X("client_user_agent", "client_user_agent")                                                    \
    X("fbc", "fbc")                                                                                \
    X("fbp", "fbp")                                                                                \
    X("subscriptionID", "subscription_id")                                                         \
    X("leadID", "lead_id")                                                                         \
    X("fbLoginID", "fb_login_id")                                                                  \
    X("anonId", "anon_id")                                                                         \
    X("madId", "madid")                                                                            \
    X("partner_id", "partner_id")                                                                  \
    X("partner_name", "partner_name")                                                              \
    X("ctwa_clid", "ctwa_clid")

/* Meta's extinfo, place by place: X(key of app_data_field) */
#define PARTNER_EXTINFO(X)                                                                         \
    X(version)                                                                                     \
    X(packageName)                                                                                 \
    X(shortVersion)                                                                                \
    X(longVersion)                                                                                 \
    X(osVersion)                                                                                   \
    X(deviceName)                                                                                  \
    X(locale)                                                                                      \
    X(timezone)                                                                                    \
    X(carrier)                                                                                     \
    X(width)                                                                                       \
    X(height)                                                                                      \
    X(density)                                                                                     \
    X(cpuCores)                                                                                    \
    X(storageSize)                                                                                 \
    X(freeStorage)                                                                                 \
    X(deviceTimezone)

/* What an action begins with when someone adds it: a mapping of the kit. X(in which actions, JSON) */
#define PARTNER_DEFAULTS(X)                                                                        \
    X(ALL, "{\"event_time\":{\"@path\":\"$.timestamp\"},"                                          \
           "\"event_id\":{\"@path\":\"$.messageId\"},"                                             \
           "\"event_source_url\":{\"@path\":\"$.context.page.url\"},"                              \
           "\"user_data\":{\"externalId\":{\"@if\":{\"exists\":{\"@path\":\"$.userId\"},"          \
           "\"then\":{\"@path\":\"$.userId\"},\"else\":{\"@path\":\"$.anonymousId\"}}},"           \
           "\"email\":{\"@path\":\"$.context.traits.email\"},"                                     \
           "\"phone\":{\"@path\":\"$.context.traits.phone\"},"                                     \
           "\"dateOfBirth\":{\"@path\":\"$.context.traits.birthday\"},"                            \
           "\"lastName\":{\"@path\":\"$.context.traits.lastName\"},"                               \
           "\"firstName\":{\"@path\":\"$.context.traits.firstName\"},"                             \
           "\"city\":{\"@path\":\"$.context.traits.address.city\"},"                               \
           "\"state\":{\"@path\":\"$.context.traits.address.state\"},"                             \
           "\"zip\":{\"@path\":\"$.context.traits.address.postalCode\"},"                          \
           "\"client_ip_address\":{\"@path\":\"$.context.ip\"},"                                   \
           "\"client_user_agent\":{\"@path\":\"$.context.userAgent\"},"                            \
           "\"fbc\":{\"@path\":\"$.properties.fbc\"},"                                             \
           "\"fbp\":{\"@path\":\"$.properties.fbp\"}}}")                                           \
    X(IN(custom), "{\"event_name\":{\"@path\":\"$.event\"}}")                                      \
    X(FIVE, "{\"currency\":{\"@path\":\"$.properties.currency\"}}")                                \
    X(IN(purchase) | IN(initiateCheckout),                                                         \
      "{\"value\":{\"@path\":\"$.properties.revenue\"},"                                           \
      "\"contents\":{\"@arrayPath\":[\"$.properties.products\","                                   \
      "{\"id\":{\"@path\":\"$.product_id\"},\"quantity\":{\"@path\":\"$.quantity\"},"              \
      "\"item_price\":{\"@path\":\"$.price\"}}]}}")                                                \
    X(IN(addToCart) | IN(viewContent) | IN(search),                                                \
      "{\"contents\":{\"@arrayPath\":[\"$.properties\","                                           \
      "{\"id\":{\"@path\":\"$.product_id\"},\"quantity\":{\"@path\":\"$.quantity\"},"              \
      "\"item_price\":{\"@path\":\"$.price\"}}]}}")                                                \
    X(IN(addToCart) | IN(viewContent), "{\"value\":{\"@path\":\"$.properties.price\"}}")           \
    X(IN(viewContent), "{\"content_ids\":{\"@path\":\"$.properties.product_id\"}}")                \
    X(IN(search), "{\"search_string\":{\"@path\":\"$.properties.query\"}}")

#endif
