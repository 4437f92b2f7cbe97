/* SPDX-License-Identifier: Apache-2.0 */
/* See suggest.h. The rows are tried in their order, so what says more stands first. */
#include "report/suggest.h"

/* All words of a row must be in the name, in any order; capitals and what is between them do not count.
 * The events are those of developers.facebook.com/docs/meta-pixel/reference. */
static const struct {
    struct str words[2];
    struct str event;
} rows[] = {
    {{S_INIT("payment"), S_INIT("info")}, S_INIT("AddPaymentInfo")},
    {{S_INIT("payment"), S_INIT("method")}, S_INIT("AddPaymentInfo")},
    {{S_INIT("payment"), S_INIT("entered")}, S_INIT("AddPaymentInfo")},
    {{S_INIT("wish"), S_INIT("list")}, S_INIT("AddToWishlist")},
    {{S_INIT("favo"), S_INIT("add")}, S_INIT("AddToWishlist")},
    {{S_INIT("checkout"), S_INIT("complete")}, S_INIT("Purchase")},
    {{S_INIT("checkout"), S_INIT("")}, S_INIT("InitiateCheckout")},
    {{S_INIT("cart"), S_INIT("add")}, S_INIT("AddToCart")},
    {{S_INIT("basket"), S_INIT("add")}, S_INIT("AddToCart")},
    {{S_INIT("order"), S_INIT("complete")}, S_INIT("Purchase")},
    {{S_INIT("order"), S_INIT("place")}, S_INIT("Purchase")},
    {{S_INIT("order"), S_INIT("paid")}, S_INIT("Purchase")},
    {{S_INIT("order"), S_INIT("create")}, S_INIT("Purchase")},
    {{S_INIT("purchase"), S_INIT("")}, S_INIT("Purchase")},
    {{S_INIT("payment"), S_INIT("succe")}, S_INIT("Purchase")},
    {{S_INIT("transaction"), S_INIT("")}, S_INIT("Purchase")},
    {{S_INIT("subscri"), S_INIT("newsletter")}, S_INIT("Lead")},
    {{S_INIT("subscri"), S_INIT("")}, S_INIT("Subscribe")},
    {{S_INIT("trial"), S_INIT("")}, S_INIT("StartTrial")},
    {{S_INIT("search"), S_INIT("")}, S_INIT("Search")},
    {{S_INIT("sign"), S_INIT("up")}, S_INIT("CompleteRegistration")},
    {{S_INIT("regist"), S_INIT("")}, S_INIT("CompleteRegistration")},
    {{S_INIT("account"), S_INIT("create")}, S_INIT("CompleteRegistration")},
    {{S_INIT("lead"), S_INIT("")}, S_INIT("Lead")},
    {{S_INIT("form"), S_INIT("submit")}, S_INIT("Lead")},
    {{S_INIT("newsletter"), S_INIT("")}, S_INIT("Lead")},
    {{S_INIT("application"), S_INIT("submit")}, S_INIT("SubmitApplication")},
    {{S_INIT("appointment"), S_INIT("")}, S_INIT("Schedule")},
    {{S_INIT("book"), S_INIT("demo")}, S_INIT("Schedule")},
    {{S_INIT("schedul"), S_INIT("")}, S_INIT("Schedule")},
    {{S_INIT("contact"), S_INIT("")}, S_INIT("Contact")},
    {{S_INIT("donat"), S_INIT("")}, S_INIT("Donate")},
    {{S_INIT("store"), S_INIT("locat")}, S_INIT("FindLocation")},
    {{S_INIT("customi"), S_INIT("product")}, S_INIT("CustomizeProduct")},
    {{S_INIT("view"), S_INIT("product")}, S_INIT("ViewContent")},
    {{S_INIT("view"), S_INIT("item")}, S_INIT("ViewContent")},
    {{S_INIT("view"), S_INIT("content")}, S_INIT("ViewContent")},
    {{S_INIT("page"), S_INIT("")}, S_INIT("PageView")},
};

enum { NAME_BYTES = 64 };

struct str suggest_event(struct str name)
{
    char letters[NAME_BYTES];
    size_t n = 0;
    for (size_t i = 0; i < name.n && n < NAME_BYTES; i++) {
        char c = name.p[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
        if (c >= 'a' && c <= 'z') letters[n++] = c;
    }
    struct str folded = str_of(letters, n);
    for (size_t i = 0; i < countof(rows); i++)
        if (str_find(folded, rows[i].words[0], 0) != SIZE_MAX &&
            str_find(folded, rows[i].words[1], 0) != SIZE_MAX)
            return rows[i].event;
    return S("");
}
