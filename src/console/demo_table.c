/* SPDX-License-Identifier: Apache-2.0 */
/* The small shop of `pixeld demo`, as its SDKs would send it: two visitors, an order of three
 * products, a custom event and one broken event. People and addresses are made up. */
#include "console/demo.h"

#define BROWSER                                                                                    \
    "\"userAgent\":\"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "      \
    "Chrome/131.0.0.0 Safari/537.36\",\"ip\":\"203.0.113.7\""
#define PAGE(path)                                                                                 \
    "\"page\":{\"url\":\"https://shop.example" path "\",\"path\":\"" path                          \
    "\",\"referrer\":\"https://www.facebook.com/\"}"
#define SEGMENT(path)                                                                              \
    "\"anonymousId\":\"visitor-1\",\"context\":{\"library\":{\"name\":\"analytics.js\"}," BROWSER  \
    "," PAGE(path) "}"
#define PERSON                                                                                     \
    "\"traits\":{\"email\":\"Jane.Doe@Example.com\",\"firstName\":\"Jane\",\"lastName\":\"Doe\","  \
    "\"phone\":\"+1 650 555 1212\",\"address\":{\"city\":\"Menlo Park\",\"state\":\"CA\","         \
    "\"postalCode\":\"94025\",\"country\":\"US\"}}"
#define RUDDER(path)                                                                               \
    "\"channel\":\"web\",\"userId\":\"customer-2\",\"anonymousId\":\"visitor-2\",\"context\":{"    \
    "\"library\":{\"name\":\"RudderLabs JavaScript SDK\"}," PERSON "," BROWSER "," PAGE(path) "}"

const struct demo_event demo_events[] = {
    {DEMO_SEGMENT, "/v1/page", "page view, home",
     "{\"type\":\"page\",\"name\":\"Home\"," SEGMENT("/?fbclid=IwAR0demo") "}"},
    {DEMO_SEGMENT, "/v1/page", "page view, category",
     "{\"type\":\"page\",\"name\":\"Boots\"," SEGMENT("/boots") "}"},
    {DEMO_SEGMENT, "/v1/track", "Product Viewed",
     "{\"type\":\"track\",\"event\":\"Product Viewed\",\"properties\":{\"product_id\":\"boot-1\","
     "\"name\":\"Yellow "
     "Boots\",\"category\":\"boots\",\"price\":99.95,\"currency\":\"EUR\"}," SEGMENT(
         "/boots/yellow") "}"},
    {DEMO_RUDDERSTACK, "/v1/track", "Product Viewed",
     "{\"type\":\"track\",\"event\":\"Product Viewed\",\"properties\":{\"product_id\":\"boot-2\","
     "\"name\":\"Red Boots\",\"category\":\"boots\",\"price\":89.5,\"currency\":\"EUR\"}," RUDDER(
         "/boots/red") "}"},
    {DEMO_RUDDERSTACK, "/v1/track", "Product Added",
     "{\"type\":\"track\",\"event\":\"Product Added\",\"properties\":{\"product_id\":\"boot-2\","
     "\"name\":\"Red Boots\",\"price\":89.5,\"quantity\":1,\"currency\":\"EUR\"}," RUDDER(
         "/cart") "}"},
    {DEMO_RUDDERSTACK, "/v1/track", "Checkout Started",
     "{\"type\":\"track\",\"event\":\"Checkout "
     "Started\",\"properties\":{\"revenue\":127.3,\"currency\":"
     "\"EUR\",\"products\":[{\"product_id\":\"boot-2\",\"price\":89.5,\"quantity\":1},{\"product_"
     "id\":"
     "\"sock-7\",\"price\":18.9,\"quantity\":2}]}," RUDDER("/checkout") "}"},
    {DEMO_RUDDERSTACK, "/v1/track", "Order Completed, three products",
     "{\"type\":\"track\",\"event\":\"Order "
     "Completed\",\"properties\":{\"order_id\":\"1001\",\"revenue\":"
     "136.8,\"currency\":\"EUR\",\"products\":[{\"product_id\":\"boot-2\",\"price\":89.5,"
     "\"quantity\":1},"
     "{\"product_id\":\"sock-7\",\"price\":18.9,\"quantity\":2},{\"product_id\":\"lace-3\","
     "\"price\":9.5,"
     "\"quantity\":1}]}," RUDDER("/thanks") "}"},
    {DEMO_SEGMENT, "/v1/track", "Newsletter Signed Up, a custom event",
     "{\"type\":\"track\",\"event\":\"Newsletter Signed "
     "Up\",\"properties\":{\"list\":\"boots\"}," SEGMENT("/newsletter") "}"},
    {DEMO_RUDDERSTACK, "/v1/identify", "identify",
     "{\"type\":\"identify\"," RUDDER("/account") "}"},
    {DEMO_SEGMENT, "/v1/track", "Order Completed, broken: no amount",
     "{\"type\":\"track\",\"event\":\"Order "
     "Completed\",\"properties\":{\"order_id\":\"1002\",\"revenue\":"
     "\"a lot\",\"currency\":\"EUR\"}," SEGMENT("/thanks") "}"},
};
const size_t demo_event_count = countof(demo_events);
