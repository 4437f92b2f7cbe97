/* SPDX-License-Identifier: Apache-2.0 */
/* All filters: the one table behind the parser, the checker, the reference and the tests, which run
 * every row's example.
 *
 * X(name, INPUT, "arguments", "names of them", "reads", "meaning", "in", "call", "out")
 *
 * INPUT      what the filter is given; anything else it turns into nothing (MISSING):
 *            ANY      every value, nothing too
 *            SOME     every value but null and nothing
 *            TEXT     a single value, as text: texts, numbers, true and false; no list or object
 *            NUMBER   a number, or a text that `number` understands
 *            LIST     a list; a single value or an object is a list of one
 * arguments  one letter each: v any fixed value, t text, T text that is not empty, n whole number,
 *            c a trigger as a text; behind ? they may be left out; a final + repeats all of them
 * reads      event fields that the filter looks at besides its input
 * in, out    JSON; out may also be the words nothing, invalid, required, skipped */
#ifndef MAP_FILTER_TABLE_H
#define MAP_FILTER_TABLE_H

/* clang-format off */
#define FILTERS(X)                                                                                 \
    /* when there is nothing: null, "", [] and {} count as nothing */                              \
    X(default, ANY, "v", "value", "",                                                              \
      "value when there is nothing; 0 and false are something",                                    \
      "\"\"", "default(\"USD\")", "\"USD\"")                                                       \
    X(required, ANY, "", "", "",                                                                   \
      "the event is dead with reason missing_field when there is nothing",                         \
      "null", "required", "required")                                                              \
    X(or_skip, ANY, "", "", "",                                                                    \
      "inside each: the item is left out when there is nothing",                                   \
      "\"\"", "or_skip", "skipped")                                                                \
    X(then, ANY, "v", "value", "",                                                                 \
      "value when there is something",                                                             \
      "\"p-1\"", "then(\"product\")", "\"product\"")                                               \
    /* kinds */                                                                                    \
    X(number, TEXT, "", "", "",                                                                    \
      "a number; of texts also amounts like $1,234.50, 1.234,50 or 12,50 as long as there is one " \
      "way to read them; else nothing",                                                            \
      "\" $1,234.50 \"", "number", "1234.50")                                                      \
    X(money, SOME, "", "", "",                                                                     \
      "like number, with 2 decimals, rounded half away from zero as written; the event is dead "   \
      "with reason invalid_value when it is not an amount",                                        \
      "1.005", "money", "1.01")                                                                    \
    X(round, NUMBER, "?n", "decimals", "",                                                         \
      "rounded half away from zero as written, to whole numbers or to that many decimals",         \
      "\"2.345\"", "round(2)", "2.35")                                                             \
    X(int, NUMBER, "", "", "",                                                                     \
      "the whole part; nothing beyond 15 digits",                                                  \
      "\"2.9\"", "int", "2")                                                                       \
    X(text, TEXT, "", "", "",                                                                      \
      "as a text",                                                                                 \
      "12.50", "text", "\"12.50\"")                                                                \
    X(single, SOME, "", "", "",                                                                    \
      "itself when it is a text, a number, true or false; the event is dead with reason "          \
      "invalid_value when it is a list or an object",                                              \
      "\"shoes\"", "single", "\"shoes\"")                                                          \
    X(bool, TEXT, "", "", "",                                                                      \
      "true for true, 1, yes and on; false for false, 0, no and off; else nothing",                \
      "\"Yes\"", "bool", "true")                                                                   \
    X(flag, TEXT, "", "", "",                                                                      \
      "like bool, but 1 or 0",                                                                     \
      "\"Yes\"", "flag", "1")                                                                      \
    X(json, SOME, "", "", "",                                                                      \
      "its JSON as a text",                                                                        \
      "[1,\"a\"]", "json", "\"[1,\\\"a\\\"]\"")                                                    \
    X(from_json, SOME, "", "", "",                                                                 \
      "what a text of JSON says; any other text, and what is no text, stays as it is",             \
      "\"[1,\\\"a\\\"]\"", "from_json", "[1,\"a\"]")                                               \
    /* time */                                                                                     \
    X(time, SOME, "", "", "",                                                                      \
      "epoch milliseconds of ISO 8601 text (UTC when it names no zone), or of epoch seconds or "   \
      "milliseconds; the event is dead with reason invalid_value when it is not a time",           \
      "\"2026-11-21T18:04:05.123Z\"", "time", "1795284245123")                                     \
    X(skew_corrected, NUMBER, "", "", "channel",                                                   \
      "epoch milliseconds by our clock: adds when we received the request less when the client "   \
      "says it sent it, if a browser or a mobile library sent it",                                 \
      "1795284245123", "skew_corrected", "1795284245123")                                          \
    X(date, TEXT, "", "", "",                                                                      \
      "ISO 8601 without zone: a day stays a day, a time becomes UTC; else nothing",                \
      "\"2025-10-09T16:30:00+02:00\"", "date", "\"2025-10-09T14:30:00\"")                          \
    /* text */                                                                                     \
    X(lower, TEXT, "", "", "", "in small letters, all of Unicode",                                 \
      "\"ŽLUŤ\"", "lower", "\"žluť\"")                                                             \
    X(upper, TEXT, "", "", "", "in capitals, all of Unicode",                                      \
      "\"usd\"", "upper", "\"USD\"")                                                               \
    X(trim, TEXT, "", "", "", "without white space at both ends",                                  \
      "\" a b \"", "trim", "\"a b\"")                                                              \
    X(truncate, TEXT, "n", "count", "", "the first count characters",                              \
      "\"žluťoučký\"", "truncate(4)", "\"žluť\"")                                                  \
    X(prefix, TEXT, "t", "text", "", "with text before it",                                        \
      "\"Home\"", "prefix(\"Viewed page \")", "\"Viewed page Home\"")                              \
    X(append, TEXT, "t", "text", "", "with text behind it",                                        \
      "\"12\"", "append(\" pcs\")", "\"12 pcs\"")                                                  \
    X(replace, TEXT, "Tt", "from, to", "", "every from replaced by to; capitals matter",           \
      "\"a_b_c\"", "replace(\"_\", \" \")", "\"a b c\"")                                           \
    X(replace_first, TEXT, "Tt", "from, to", "", "the first from replaced by to",                  \
      "\"a_b_c\"", "replace_first(\"_\", \" \")", "\"a b_c\"")                                     \
    X(template, ANY, "t", "text", "",                                                              \
      "the text, with each {{path}} in it replaced by what the object has there; the items of a "  \
      "list with commas between them",                                                             \
      "{\"a\":1,\"b\":{\"c\":\"x\"}}", "template(\"no. {{a}}: {{b.c}}\")", "\"no. 1: x\"")               \
    X(split, TEXT, "T", "separator", "", "the list of the parts between separators",               \
      "\"a,b,c\"", "split(\",\")", "[\"a\",\"b\",\"c\"]")                                          \
    X(first_word, TEXT, "", "", "", "up to the first white space",                                 \
      "\" Jane van Doe \"", "first_word", "\"Jane\"")                                              \
    X(last_word, TEXT, "", "", "",                                                                 \
      "behind the last white space; nothing when there is one word",                               \
      "\" Jane van Doe \"", "last_word", "\"Doe\"")                                                \
    /* choice */                                                                                   \
    X(pick, TEXT, "tv+", "key, value, ...", "",                                                    \
      "the value that stands behind the equal key; nothing when no key is equal",                  \
      "\"mobile\"", "pick(\"web\", \"website\", \"mobile\", \"app\")", "\"app\"")                  \
    X(one_of, TEXT, "v+", "value, ...", "",                                                        \
      "itself when it is one of the values, else nothing",                                         \
      "\"email\"", "one_of(\"email\", \"website\")", "\"email\"")                                  \
    X(except, TEXT, "v+", "value, ...", "",                                                        \
      "nothing when it is one of the values, else itself",                                         \
      "\"$direct\"", "except(\"$direct\")", "nothing")                                             \
    X(when, SOME, "c", "trigger", "",                                                              \
      "itself when the trigger holds for the event, else nothing",                                 \
      "\"app\"", "when(\"properties.x != null\")", "\"app\"")                                      \
    /* lists: at most the first 1,000 items */                                                     \
    X(first, LIST, "", "", "", "the first item",                                                   \
      "[\"a\",\"b\"]", "first", "\"a\"")                                                           \
    X(last, LIST, "", "", "", "the last item",                                                     \
      "[\"a\",\"b\"]", "last", "\"b\"")                                                            \
    X(count, LIST, "", "", "", "how many items",                                                   \
      "[\"a\",\"b\"]", "count", "2")                                                               \
    X(sum, LIST, "", "", "",                                                                       \
      "the sum of the items that are numbers or can be read as such; nothing when none is",        \
      "[0.1,\"0.2\",\"x\"]", "sum", "0.3")                                                         \
    X(join, LIST, "t", "separator", "",                                                            \
      "one text of the items that are texts, numbers, true or false",                              \
      "[\"a\",null,2]", "join(\", \")", "\"a, 2\"")                                                \
    X(unique, LIST, "", "", "", "each item once",                                                  \
      "[\"a\",\"b\",\"a\"]", "unique", "[\"a\",\"b\"]")                                            \
    X(compact, LIST, "", "", "", "without items that are nothing",                                 \
      "[\"a\",\"\",null,0]", "compact", "[\"a\",0]")                                               \
    X(named, LIST, "T+", "name, ...", "",                                                          \
      "of a list of objects with name (or key) and value the value of the first with one of these " \
      "names; the names in order",                                                                 \
      "[{\"name\":\"a\",\"value\":1},{\"key\":\"b\",\"value\":2}]", "named(\"b\", \"a\")", "2")       \
    X(minor_units, SOME, "TT", "amount, currency", "",                                             \
      "of an object the amount under the first name, which is in the smallest unit of the "        \
      "currency under the second, in whole units; by Stripe's list of currencies without "         \
      "decimals and with three",                                                                   \
      "{\"total\":1999,\"currency\":\"eur\"}", "minor_units(\"total\", \"currency\")", "19.99")    \
    /* addresses */                                                                                \
    X(query, TEXT, "T", "name", "",                                                                \
      "that parameter of a URL, decoded; the first when there are several",                        \
      "\"https://x.example/?a=1&fbclid=Iw%2BA#top\"", "query(\"fbclid\")", "\"Iw+A\"")             \
    X(drop_query, TEXT, "T+", "name, ...", "", "a URL without these parameters",                   \
      "\"https://x.example/?email=j%40d.example&page=2#top\"", "drop_query(\"email\")",            \
      "\"https://x.example/?page=2#top\"")                                                         \
    /* Meta */                                                                                     \
    X(fbc, TEXT, "", "", "timestamp originalTimestamp",                                            \
      "Meta's click id fb.1.<time of the event>.<fbclid> of an fbclid; one that begins with fb. "  \
      "stays as it is",                                                                            \
      "\"IwAR2F4\"", "fbc", "\"fb.1.1795284245123.IwAR2F4\"")                                      \
    X(our_option, SOME, "T", "name", "",                                                           \
      "what an integrations object says of that name for Meta, under any of the names that "       \
      "vendors give us (Facebook Pixel, fb_pixel, ...)",                                           \
      "{\"FB Pixel\":{\"contentType\":\"hotel\"}}", "our_option(\"contentType\")", "\"hotel\"")      \
    X(sha256, TEXT, "", "", "", "SHA-256 of the text's UTF-8, in hexadecimal",                     \
      "\"abc\"", "sha256",                                                                         \
      "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"")                      \
    X(sha256_unless_hashed, TEXT, "", "", "",                                                      \
      "sha256; 64 hexadecimal digits stay, in small letters",                                      \
      "\"BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD\"",                      \
      "sha256_unless_hashed",                                                                      \
      "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"")
/* clang-format on */

#endif
