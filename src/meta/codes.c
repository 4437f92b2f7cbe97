/* SPDX-License-Identifier: Apache-2.0 */
/* Meta's error codes: what each means for the sender, what Meta answers with, and what to tell the
 * owner. One row per code and subcode, the row for any other subcode behind them. Sources: Meta's error
 * references of the Graph and Marketing APIs, and answers seen from the Conversions API. */
#include "meta/reply.h"

#include "base/time.h"

#include <assert.h>

enum { ANY = -1, NEGATIVE = -1, PERMISSION = 200, BUSINESS_LIMIT = 80000 };

#define OAUTH "OAuthException"
#define GRAPH "GraphMethodException"

#define THROTTLE_WAIT (1 * MS_PER_MINUTE)

/* The kinds of row. */
#define RETRY(code, subcode, status, cause, cure)                                                  \
    {                                                                                              \
        code, subcode, REPLY_RETRY, status, 0, S_INIT(OAUTH), S_INIT(cause), S_INIT(cure)          \
    }
#define THROTTLE(code, subcode, cause, cure)                                                       \
    {                                                                                              \
        code, subcode, REPLY_THROTTLE, 400, THROTTLE_WAIT, S_INIT(OAUTH), S_INIT(cause),           \
            S_INIT(cure)                                                                           \
    }
#define PAUSE(code, subcode, status, cause, cure)                                                  \
    {                                                                                              \
        code, subcode, REPLY_PAUSE, status, 0, S_INIT(OAUTH), S_INIT(cause), S_INIT(cure)          \
    }
#define TOKEN(code, subcode, cause, cure)                                                          \
    {                                                                                              \
        code, subcode, REPLY_TOKEN, 401, 0, S_INIT(OAUTH), S_INIT(cause), S_INIT(cure)             \
    }
#define PIXEL(code, subcode, status, type, cause, cure)                                            \
    {                                                                                              \
        code, subcode, REPLY_PIXEL, status, 0, S_INIT(type), S_INIT(cause), S_INIT(cure)           \
    }
#define REFUSED(subcode, cause, cure)                                                              \
    {                                                                                              \
        100, subcode, REPLY_REFUSED, 400, 0, S_INIT(OAUTH), S_INIT(cause), S_INIT(cure)            \
    }

#define NEW_TOKEN "Make a new token (System User, Events Manager) and put it in access_token."
#define WAITS "Nothing to do: it is sent again by itself."
#define SLOWER                                                                                     \
    "Nothing to do: it waits and goes on by itself. Ask Meta for a higher tier if it stays."
#define BLOCKED "Look for the reason in Meta's Business Support Home; it is tried again by itself."
#define SEE_TITLE "See Meta's own words beside the code; correct the mapping and retry the event."

const struct reply_code reply_codes[] = {
    /* --- temporary ------------------------------------------------------------------------------ */
    RETRY(NEGATIVE, ANY, 500, "Meta had an internal error.", WAITS),
    RETRY(1, 99, 500, "Meta had an unknown error.", WAITS),
    RETRY(1, ANY, 500, "Meta had an unknown error, which may be temporary.", WAITS),
    RETRY(2, ANY, 503, "Meta's service is down for the moment.", WAITS),
    RETRY(5000, ANY, 500, "Meta had an unknown error.", WAITS),
    RETRY(21009, ANY, 400, "The dataset cannot take uploads for the moment.", WAITS),

    /* --- limits --------------------------------------------------------------------------------- */
    THROTTLE(4, 1504022, "The app has made too many requests.", SLOWER),
    THROTTLE(4, 1504039, "The app has made too many requests.", SLOWER),
    THROTTLE(4, ANY, "The app has made too many requests.", SLOWER),
    THROTTLE(17, 2446079, "The ad account has made too many requests.", SLOWER),
    THROTTLE(17, ANY, "The user or ad account has made too many requests.", SLOWER),
    THROTTLE(32, ANY, "The Page has made too many requests.", SLOWER),
    THROTTLE(341, ANY, "The app has reached a limit for the moment.", SLOWER),
    THROTTLE(613, 1487742, "Too many requests came from this ad account.", SLOWER),
    THROTTLE(613, 5044001, "More than 100 changes came within a second.", SLOWER),
    THROTTLE(613, ANY, "Too many requests; Meta limits this kind of call.", SLOWER),
    THROTTLE(80001, ANY, "The Page's business limit is used up.", SLOWER),
    THROTTLE(80002, ANY, "The Instagram account's business limit is used up.", SLOWER),
    THROTTLE(80003, ANY, "The business limit for custom audiences is used up.", SLOWER),
    THROTTLE(80004, ANY, "The business limit for ads management is used up.", SLOWER),
    THROTTLE(80005, ANY, "The business limit for lead ads is used up.", SLOWER),
    THROTTLE(80006, ANY, "The business limit for Messenger is used up.", SLOWER),
    THROTTLE(80008, ANY, "The WhatsApp business account's limit is used up.", SLOWER),
    THROTTLE(80009, ANY, "The business limit for catalogue management is used up.", SLOWER),
    THROTTLE(80014, ANY, "The business limit for catalogue batches is used up.", SLOWER),
    THROTTLE(BUSINESS_LIMIT, ANY, "A limit of the business is used up.", SLOWER),

    /* --- token, permission, configuration --------------------------------------------------------- */
    TOKEN(190, 458, "The token's app was removed by its user.", NEW_TOKEN),
    TOKEN(
        190, 459, "The token's user must log in at Facebook first.",
        "Log in at facebook.com as that user and follow the steps, or use a System User's token."),
    TOKEN(190, 460, "The token's user has changed the password.", NEW_TOKEN),
    TOKEN(190, 463, "The token has expired.", NEW_TOKEN),
    TOKEN(190, 464, "The token's user is not confirmed.",
          "Confirm the user at facebook.com, or use a System User's token."),
    TOKEN(190, 467, "The token is invalid; its user may have logged out.", NEW_TOKEN),
    TOKEN(190, 492, "The token's user has no role on the Page.",
          "Give the user a role there, or use the token of one who has it."),
    TOKEN(190, ANY, "The access token is invalid.", NEW_TOKEN),
    TOKEN(102, ANY, "The session of the access token is invalid.", NEW_TOKEN),
    PAUSE(
        104, ANY, 400, "The appsecret_proof is wrong or missing.",
        "Give the secret of the app that the token belongs to, or turn the requirement off in the "
        "app's settings."),
    PAUSE(3, ANY, 400, "The app lacks the capability for this call.",
          "Add the Marketing API to the app, or use a token of Events Manager."),
    PIXEL(10, ANY, 403, OAUTH, "The token lacks a permission.",
          "Give the System User access to the pixel, then make a new token."),
    PAUSE(PERMISSION, 1870034, 403, "The terms of custom audiences are not accepted.",
          "Accept them in Ads Manager for this ad account."),
    PAUSE(PERMISSION, 1870047, 403, "The audience would become too small.",
          "Remove fewer people, or delete the audience."),
    PAUSE(PERMISSION, 1870090, 403, "The terms of custom audiences are not accepted.",
          "Accept them in Ads Manager for this ad account."),
    PIXEL(PERMISSION, ANY, 403, OAUTH, "The token lacks a permission.",
          "Give the System User access to the pixel, then make a new token."),
    PAUSE(294, ANY, 400, "The token needs ads_management, and the app to be allowed.",
          "Ask for ads_management in App Review, or use a token of Events Manager."),
    PIXEL(803, ANY, 404, OAUTH, "There is no object with this id.",
          "Check pixel_id: the number in Events Manager, digits only."),
    PAUSE(2635, ANY, 400, "This version of the Graph API is no longer served.",
          "Put a newer version into api_url."),
    PAUSE(368, ANY, 400, "Meta has blocked this action for a while, for its policies' sake.",
          BLOCKED),
    PAUSE(1404078, ANY, 400, "Meta has blocked the account for a while.", BLOCKED),
    PAUSE(2859015, ANY, 400, "Meta has blocked the account for a while.", BLOCKED),
    PIXEL(100, 33, 400, GRAPH, "There is no such pixel, or the token may not see it.",
          "Check pixel_id, and that the token's user has access to the pixel in Events Manager."),
    PIXEL(100, 34, 404, GRAPH, "There is no such pixel.",
          "Check pixel_id and the version in api_url."),
    PIXEL(100, 2804131, 400, OAUTH, "The dataset's kind does not fit the Page's id.",
          "Use the dataset that belongs to this Page or account."),
    PIXEL(100, 2804132, 400, OAUTH, "The dataset's kind does not fit the WhatsApp account's id.",
          "Use the dataset that belongs to this WhatsApp business account."),

    /* --- this payload ------------------------------------------------------------------------------ */
    REFUSED(2804001, "Meta refuses the event for good.", SEE_TITLE),
    REFUSED(2804003, "event_time is too long ago: more than 7 days, 62 for physical_store.",
            "Send events sooner; old ones cannot be delivered."),
    REFUSED(2804004, "event_time is in the future.", "Set the sender's clock."),
    REFUSED(2804007, "Meta refuses the event for good.", SEE_TITLE),
    REFUSED(2804008, "An entry of contents is invalid; most likely it has no id.",
            "Map contents.id, and leave out products that have none."),
    REFUSED(2804009, "A Purchase has no value.", "Map custom_data.value to the order's total."),
    REFUSED(2804016, "Meta refuses the event for good.", SEE_TITLE),
    REFUSED(2804017, "Meta refuses the event for good.", SEE_TITLE),
    REFUSED(2804019, "A parameter is missing or has the wrong type.",
            "Meta's message has the parameter's path; correct the mapping there."),
    REFUSED(2804023, "There is a value but no currency.", "Map custom_data.currency."),
    REFUSED(2804036, "The lead_id is invalid, or the lead was deleted.",
            "Send the 15 or 16 digits that the lead ad gave, or leave it out."),
    REFUSED(2804043, "app_data.extinfo lacks the version of the operating system.",
            "Fill its fifth entry."),
    REFUSED(2804048, "Meta refuses the event for good.", SEE_TITLE),
    REFUSED(2804050, "The customer information is missing or too broad.",
            "Map one more of em, ph, external_id, fbp, fbc or client_ip_address."),
    REFUSED(2804063, "A business_messaging event has no messaging_channel.",
            "Map messaging_channel: messenger, whatsapp or instagram."),
    REFUSED(2804064, "fbc is not allowed with business_messaging.", "Leave fbc out there."),
    REFUSED(2804066, "This event name is not allowed for messaging.",
            "Use one that is, such as LeadSubmitted instead of Lead."),
    REFUSED(2804069, "The Page's id is missing.", "Map user_data.page_id."),
    REFUSED(2804079, "The Instagram account's id is missing.", "Map user_data.ig_account_id."),
    REFUSED(2804087, "The ctwa_clid is invalid.",
            "Send it as the WhatsApp webhook gave it, or leave it out."),
    REFUSED(2804116, "The Page's or WhatsApp account's id is missing.",
            "Map user_data.page_id or user_data.whatsapp_business_account_id."),
    REFUSED(ANY, "A parameter is invalid.", SEE_TITLE),
    {105, ANY, REPLY_REFUSED, 400, 0, S_INIT(OAUTH), S_INIT("There are too many parameters."),
     S_INIT(SEE_TITLE)},
    {194, ANY, REPLY_REFUSED, 400, 0, S_INIT(OAUTH), S_INIT("A required parameter is missing."),
     S_INIT(SEE_TITLE)},
};

const size_t reply_code_count = countof(reply_codes);

static const struct reply_code *find_row(int code, int subcode)
{
    for (size_t i = 0; i < reply_code_count; i++) {
        const struct reply_code *row = &reply_codes[i];
        if (row->code == code && (row->subcode == subcode || row->subcode == ANY)) return row;
    }
    return NULL;
}

const struct reply_code *reply_code_find(int code, int subcode)
{
    const struct reply_code *row = find_row(code, subcode);
    if (row) return row;
    if (code < 0) return find_row(NEGATIVE, ANY);
    if (code > 200 && code <= 299) return find_row(PERMISSION, ANY);
    if (code > 80000 && code <= 80099) return find_row(BUSINESS_LIMIT, ANY);
    return NULL;
}

struct str reply_class_name(enum reply_class class)
{
    static const struct str names[] = {
        [REPLY_OK] = S_INIT("ok"),
        [REPLY_RETRY] = S_INIT("retry"),
        [REPLY_THROTTLE] = S_INIT("throttle"),
        [REPLY_TOKEN] = S_INIT("token"),
        [REPLY_PAUSE] = S_INIT("pause"),
        [REPLY_PIXEL] = S_INIT("pixel"),
        [REPLY_REFUSED] = S_INIT("refused"),
    };
    assert(class < countof(names));
    return names[class];
}
