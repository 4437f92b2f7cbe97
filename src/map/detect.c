/* SPDX-License-Identifier: Apache-2.0 */
/* See detect.h. One pass; at each place where something may begin, the longest run that could be it is
 * taken and then judged, so that no byte is looked at more than a few times. */
#include "map/detect.h"

#include "core/limits.h"

enum {
    MAIL_BYTES_MAX = 254,
    PHONE_DIGITS_MIN = 8,
    PHONE_DIGITS_MAX = 15,
    TRUNK_DIGITS_MIN = 9, /* with the 0 in front */
    TRUNK_DIGITS_MAX = 12,
    CARD_DIGITS_MAX = 16,
    DIGITS_MAX = 24, /* of one run */
    GROUPS_MAX = 8,
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

static bool is_word(char c)
{
    return is_letter(c) || is_digit(c) || c == '_';
}

struct str detect_words(enum detect_kind kind)
{
    static const struct str words[] = {
        [DETECT_MAIL] = S_INIT("an e-mail address"),
        [DETECT_PHONE] = S_INIT("a phone number"),
        [DETECT_CARD] = S_INIT("a card number"),
    };
    return words[kind];
}

/* --- what a name says --------------------------------------------------------------------------- */

static const struct str phone_words[] = {
    S_INIT("phone"),     S_INIT("phones"), S_INIT("telephone"), S_INIT("tel"),
    S_INIT("mobile"),    S_INIT("fax"),    S_INIT("cell"),      S_INIT("cellphone"),
    S_INIT("handy"),     S_INIT("msisdn"), S_INIT("whatsapp"),  S_INIT("phonenumber"),
    S_INIT("telephone"),
};
static const struct str id_words[] = {
    S_INIT("id"),        S_INIT("ids"),       S_INIT("uid"),         S_INIT("uuid"),
    S_INIT("guid"),      S_INIT("sku"),       S_INIT("skus"),        S_INIT("order"),
    S_INIT("gtin"),      S_INIT("ean"),       S_INIT("upc"),         S_INIT("isbn"),
    S_INIT("issn"),      S_INIT("mpn"),       S_INIT("asin"),        S_INIT("barcode"),
    S_INIT("invoice"),   S_INIT("receipt"),   S_INIT("transaction"), S_INIT("txn"),
    S_INIT("reference"), S_INIT("ref"),       S_INIT("tracking"),    S_INIT("serial"),
    S_INIT("version"),   S_INIT("build"),     S_INIT("model"),       S_INIT("ip"),
    S_INIT("time"),      S_INIT("timestamp"), S_INIT("ts"),          S_INIT("date"),
    S_INIT("at"),        S_INIT("price"),     S_INIT("amount"),      S_INIT("total"),
    S_INIT("value"),     S_INIT("revenue"),   S_INIT("quantity"),    S_INIT("count"),
    S_INIT("lat"),       S_INIT("lng"),       S_INIT("latitude"),    S_INIT("longitude"),
    S_INIT("coupon"),    S_INIT("voucher"),   S_INIT("promo"),       S_INIT("code"),
    S_INIT("os"),        S_INIT("app"),       S_INIT("hash"),
};
static const struct str card_words[] = {S_INIT("card"), S_INIT("cards"), S_INIT("cc"),
                                        S_INIT("pan"), S_INIT("creditcard")};

static bool is_among(struct str word, const struct str *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool near = words[i].n == word.n && words[i].p[0] == (word.p[0] | 0x20);
        if (near && str_eq_nocase(word, words[i])) return true;
    }
    return false;
}

/* Cuts the next word off a name like customerPhone_number: at capitals, digits and anything else. */
static struct str next_word(struct str *name)
{
    size_t start = 0;
    while (start < name->n && !is_letter(name->p[start])) start++;
    size_t end = start;
    while (end < name->n && is_letter(name->p[end])) {
        bool capital = name->p[end] >= 'A' && name->p[end] <= 'Z';
        bool after_small = end > start && name->p[end - 1] >= 'a' && name->p[end - 1] <= 'z';
        if (capital && after_small) break;
        end++;
    }
    struct str word = str_head(str_from(*name, start), end - start);
    *name = str_from(*name, end);
    return word;
}

static void ask_name(struct detect_hint *hint)
{
    bool phone = false, id = false, card = false;
    struct str name = hint->name;
    if (hint->known) return;
    if (name.n > LIMIT_CUSTOM_NAME_BYTES) name = str_head(name, LIMIT_CUSTOM_NAME_BYTES);
    for (struct str word; (word = next_word(&name)).n;) {
        phone |= is_among(word, phone_words, countof(phone_words));
        id |= is_among(word, id_words, countof(id_words));
        card |= is_among(word, card_words, countof(card_words));
    }
    hint->phone = phone && !id;
    hint->id = id && !card;
    hint->known = true;
}

/* --- e-mail ------------------------------------------------------------------------------------- */

static bool is_local(char c)
{
    return is_word(c) || c == '.' || c == '%' || c == '+' || c == '-' || c == '\'';
}

static bool is_domain(char c)
{
    return is_letter(c) || is_digit(c) || c == '.' || c == '-';
}

/* Names of files look like domains: logo@2x.png. */
static bool is_file_suffix(struct str label)
{
    static const struct str suffixes[] = {
        S_INIT("png"),  S_INIT("jpg"),  S_INIT("jpeg"), S_INIT("gif"),   S_INIT("svg"),
        S_INIT("webp"), S_INIT("avif"), S_INIT("ico"),  S_INIT("bmp"),   S_INIT("css"),
        S_INIT("js"),   S_INIT("mjs"),  S_INIT("ts"),   S_INIT("json"),  S_INIT("html"),
        S_INIT("htm"),  S_INIT("php"),  S_INIT("pdf"),  S_INIT("xml"),   S_INIT("txt"),
        S_INIT("mp4"),  S_INIT("mp3"),  S_INIT("woff"), S_INIT("woff2"),
    };
    return is_among(label, suffixes, countof(suffixes));
}

/* At least two labels, the last of letters. */
static bool is_host(struct str domain)
{
    size_t dot = domain.n, label = 0;
    for (size_t i = 0; i < domain.n; i++) {
        if (domain.p[i] != '.') continue;
        if (i == label) return false; /* an empty label */
        label = i + 1;
        dot = i;
    }
    if (dot == domain.n) return false;
    struct str last = str_from(domain, dot + 1);
    bool coded = str_starts(last, S("xn--"));
    for (size_t i = 0; i < last.n; i++) {
        if (!coded && !is_letter(last.p[i])) return false;
    }
    return last.n >= 2 && !is_file_suffix(last);
}

/* at is an @, or a %40, of sign bytes. */
static bool find_mail(struct str text, size_t from, size_t at, size_t sign, struct hit *hit)
{
    size_t start = at, end = at + sign;
    while (start > from && at - start < MAIL_BYTES_MAX && is_local(text.p[start - 1])) start--;
    while (start < at && (text.p[start] == '.' || text.p[start] == '\'' || text.p[start] == '-')) {
        start++;
    }
    while (end < text.n && end - at < MAIL_BYTES_MAX && is_domain(text.p[end])) end++;
    while (end > at + sign && (text.p[end - 1] == '.' || text.p[end - 1] == '-')) end--;
    if (start == at || !is_host(str_of(text.p + at + sign, end - at - sign))) return false;
    *hit = (struct hit){start, end - start, DETECT_MAIL};
    return true;
}

/* --- digits ------------------------------------------------------------------------------------- */

/* Groups of digits and what people put between them, from one place on. */
struct run_of {
    char digits[DIGITS_MAX];
    size_t count;
    size_t groups[GROUPS_MAX]; /* how many digits each has */
    size_t group_count;
    bool plus, brackets; /* begins with them */
    bool hyphens, dots, slashes;
};

static bool is_between(char c)
{
    return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')';
}

/* Takes the next group of digits; false when there is none or no room for it. *at moves behind it. */
static bool take_group(struct str text, size_t *at, struct run_of *r)
{
    size_t start = *at, end;
    while (start < text.n && start - *at < 2 && is_between(text.p[start]))
        start++; /* ") " is two */
    for (end = start; end < text.n && is_digit(text.p[end]); end++) continue;
    bool fits = end > start && (start > *at || r->count == 0) && r->group_count < GROUPS_MAX &&
                end - start <= DIGITS_MAX - r->count;
    if (!fits) return false;
    for (size_t i = *at; i < start; i++) {
        r->hyphens |= text.p[i] == '-';
        r->dots |= text.p[i] == '.';
        r->slashes |= text.p[i] == '/';
    }
    memcpy(r->digits + r->count, text.p + start, end - start);
    r->count += end - start;
    r->groups[r->group_count++] = end - start;
    *at = end;
    return true;
}

static bool may_begin(struct str text, size_t at)
{
    char before = at ? text.p[at - 1] : ' ';
    return !is_word(before) && before != '-' && before != '.' && before != '+' && before != '#' &&
           before != '@' && before != '/' && before != '%';
}

static bool may_end(struct str text, size_t end)
{
    char after = end < text.n ? text.p[end] : ' ';
    bool tied = (after == '-' || after == '.' || after == '/' || after == ':' || after == ',') &&
                end + 1 < text.n && is_word(text.p[end + 1]);
    return !is_word(after) && after != '@' && after != '%' && after != '-' && !tied;
}

/* 15.01.2026 or 2026-01-15 at the beginning. */
static bool is_date(const struct run_of *r)
{
    const size_t *g = r->groups;
    if (r->group_count < 3 || r->brackets) return false;
    return (g[0] <= 2 && g[1] <= 2 && g[2] == 4) || (g[0] == 4 && g[1] <= 2 && g[2] <= 2);
}

/* (212) 555-0100, 212-555-0100, 1-212-555-0100 as in North America. */
static bool is_american(const struct run_of *r)
{
    size_t first = r->group_count == 4 && r->groups[0] == 1 && r->digits[0] == '1';
    if (r->slashes || r->group_count != 3 + first || r->count != 10 + first) return false;
    return r->groups[first] == 3 && r->groups[first + 1] == 3 && r->digits[first] >= '2';
}

/* 0171 1234567, (030) 123456, 0044 171 1234567: the 0 in front of a country's own numbers. */
static bool is_trunk(const struct run_of *r)
{
    bool abroad = r->digits[0] == '0' && r->count > 2 && r->digits[1] == '0';
    if (r->digits[0] != '0' || r->dots || r->group_count < 2 || is_date(r)) return false;
    for (size_t i = 0; i < r->group_count; i++) {
        if (r->groups[i] < 2) return false;
    }
    if (!abroad) return r->count >= TRUNK_DIGITS_MIN && r->count <= TRUNK_DIGITS_MAX;
    return r->digits[2] != '0' && !r->hyphens && !r->slashes && r->count >= 10 &&
           r->count <= PHONE_DIGITS_MAX + 2;
}

static bool is_phone(const struct run_of *r, struct detect_hint *hint)
{
    bool fits = r->count >= PHONE_DIGITS_MIN && r->count <= PHONE_DIGITS_MAX;
    bool only_date = r->count == PHONE_DIGITS_MIN && is_date(r);
    if (r->plus) return fits && r->digits[0] != '0' && !only_date;
    bool grouped = is_american(r) || is_trunk(r);
    if (!fits && !grouped) return false;
    ask_name(hint);
    return (fits && hint->phone) || (grouped && !hint->id);
}

static bool has_check_digit(const struct run_of *r)
{
    unsigned sum = 0;
    for (size_t i = 0; i < r->count; i++) {
        unsigned digit = (unsigned)(r->digits[r->count - 1 - i] - '0');
        if (i % 2) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

/* Is it a range of Visa, Mastercard, American Express, Discover, Diners Club, JCB or UnionPay? */
static bool has_issuer(const struct run_of *r)
{
    static const struct {
        unsigned from, to; /* first four digits */
        size_t digits;
    } issuers[] = {
        {4000, 4999, 16}, {5100, 5599, 16}, {2221, 2720, 16}, {3400, 3499, 15},
        {3700, 3799, 15}, {6011, 6011, 16}, {6440, 6599, 16}, {3528, 3589, 16},
        {6200, 6299, 16}, {3000, 3059, 14}, {3600, 3699, 14}, {3800, 3999, 14},
    };
    unsigned first = 0;
    for (size_t i = 0; i < 4; i++) first = first * 10 + (unsigned)(r->digits[i] - '0');
    for (size_t i = 0; i < countof(issuers); i++) {
        bool in = first >= issuers[i].from && first <= issuers[i].to;
        if (in && r->count == issuers[i].digits) return true;
    }
    return false;
}

/* 4 4 4 4, 4 6 5 and 4 6 4 are how cards print it. */
static bool is_card(const struct run_of *r, struct detect_hint *hint)
{
    const size_t *g = r->groups;
    if (r->plus || r->brackets || r->count < 14 || r->count > CARD_DIGITS_MAX) return false;
    bool grouped = !r->dots && !r->slashes &&
                   ((r->group_count == 4 && g[0] == 4 && g[1] == 4 && g[2] == 4 && g[3] == 4) ||
                    (r->group_count == 3 && g[0] == 4 && g[1] == 6));
    bool plain = r->group_count == 1 && r->count >= 15;
    if ((!grouped && !plain) || !has_issuer(r) || !has_check_digit(r)) return false;
    if (plain) ask_name(hint);
    return grouped || !hint->id;
}

/* Of a run the longest beginning that is a number; what is behind it stands apart by a blank. */
static bool find_number(struct str text, size_t at, struct detect_hint *hint, size_t *end,
                        struct hit *hit)
{
    struct run_of r;
    r.plus = text.p[at] == '+';
    r.brackets = text.p[at] == '(';
    r.count = r.group_count = 0;
    r.hyphens = r.dots = r.slashes = false;
    size_t next = at + (r.plus || r.brackets);
    bool found = false, begins = may_begin(text, at);
    while (take_group(text, &next, &r)) {
        if (!begins || r.count < PHONE_DIGITS_MIN || !may_end(text, next)) continue;
        bool card = is_card(&r, hint);
        if (!card && !is_phone(&r, hint)) continue;
        *hit = (struct hit){at, next - at, card ? DETECT_CARD : DETECT_PHONE};
        found = true;
    }
    if (found && hit->at + hit->n < next && text.p[hit->at + hit->n] != ' ') found = false;
    while (next < text.n && is_digit(text.p[next])) next++; /* a group that was too much */
    *end = next > at ? next : at + 1;
    return found;
}

bool detect_next(struct str text, size_t from, struct detect_hint *hint, struct hit *hit)
{
    for (size_t i = from; i < text.n;) {
        char c = text.p[i];
        size_t end = i + 1;
        bool code = c == '%' && str_starts(str_from(text, i), S("%40"));
        if ((c == '@' || code) && find_mail(text, from, i, code ? 3 : 1, hit)) return true;
        if ((is_digit(c) || c == '+' || c == '(') && !code &&
            find_number(text, i, hint, &end, hit)) {
            return true;
        }
        i = end;
    }
    return false;
}
