/* SPDX-License-Identifier: Apache-2.0 */
/* Normalisers of words: names, places, gender. Meta's documents: small letters, no punctuation, no
 * special characters, UTF-8; places also without blanks. Letters of all scripts are kept. */
#include "meta/normalise.h"

#include "base/text.h"
#include "meta/country.h"

enum {
    KEEP_BLANKS = 1, /* as one blank between words */
    KEEP_DIGITS = 2,
};

enum glyph {
    GLYPH_KEEP,
    GLYPH_DIGIT,
    GLYPH_SPACE,
    GLYPH_DROP,
};

/* Characters that are not seen: soft hyphen, zero-width space, direction marks, variation selectors.
 * The joiners U+200C and U+200D are spelling in Persian and Indic scripts and stay. */
static bool is_invisible(int32_t c)
{
    return c == 0xAD || c == 0x200B || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x2069) || (c >= 0xFE00 && c <= 0xFE0F);
}

static bool is_ascii_letter(int32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static enum glyph glyph_of(int32_t c)
{
    if (is_ascii_letter(c)) return GLYPH_KEEP;
    if (c >= '0' && c <= '9') return GLYPH_DIGIT;
    if (text_is_space(c)) return GLYPH_SPACE;
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return GLYPH_DROP;
    if (text_is_punct(c) || (c >= 0x80 && is_invisible(c))) return GLYPH_DROP;
    return GLYPH_KEEP;
}

/* U+03C3 at out[at] ends a word: there the letter has a form of its own, U+03C2. */
static void make_final_sigma(struct buf *out, size_t at)
{
    if (at != SIZE_MAX) out->p[at + 1] = (char)0x82;
}

/* Appends the small letters of in; false with nothing appended when none are left or in is not UTF-8. */
static bool put_letters(struct buf *out, struct str in, unsigned keep)
{
    size_t mark = out->n, sigma = SIZE_MAX;
    bool blank = false;
    for (size_t at = 0; at < in.n;) {
        size_t start = at;
        int32_t c = text_next(in, &at);
        if (c < 0) {
            buf_cut(out, mark);
            return false;
        }
        enum glyph glyph = glyph_of(c);
        if (glyph == GLYPH_SPACE) blank = true;
        if (glyph == GLYPH_SPACE || glyph == GLYPH_DROP) continue;
        if (glyph == GLYPH_DIGIT && !(keep & KEEP_DIGITS)) continue;
        if (blank) make_final_sigma(out, sigma);
        if (blank && out->n > mark && (keep & KEEP_BLANKS)) buf_putc(out, ' ');
        sigma = c == 0x3A3 && out->n > mark && !blank ? out->n : SIZE_MAX;
        blank = false;
        if (is_ascii_letter(c)) {
            buf_putc(out, (char)(c | 0x20));
        } else {
            text_lower(out, str_of(in.p + start, at - start));
        }
    }
    make_final_sigma(out, sigma);
    return out->n > mark;
}

bool normalise_name(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    return put_letters(out, in, KEEP_BLANKS | KEEP_DIGITS);
}

bool normalise_city(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    return put_letters(out, in, 0);
}

/* "US-CA" and "CA-ON", as ISO 3166-2 has them. */
static struct str drop_country_prefix(struct str in)
{
    bool prefixed =
        in.n == 5 && in.p[2] == '-' &&
        (str_eq_nocase(str_head(in, 2), S("us")) || str_eq_nocase(str_head(in, 2), S("ca")));
    return prefixed ? str_from(in, 3) : in;
}

bool normalise_state(const struct meta_context *ctx, struct str in, struct buf *out)
{
    struct str country = normalise_context_country(ctx);
    in = text_trim(in);
    if (country.n == 0 || str_eq(country, S("us")) || str_eq(country, S("ca"))) {
        char word[WORD_MAX];
        in = drop_country_prefix(in);
        struct str code = words_find(&state_names, word_fold(in, word));
        if (code.p) {
            buf_put(out, code);
            return true;
        }
    }
    return put_letters(out, in, 0);
}

/* "The Bahamas", and as lists sort it, "Bahamas, The". */
static struct str drop_article(struct str folded)
{
    if (str_starts(folded, S("the"))) return str_from(folded, 3);
    if (str_ends(folded, S("the"))) return str_head(folded, folded.n - 3);
    return folded;
}

static struct str country_code(struct str folded)
{
    if (country_find(folded)) return folded;
    if (str_eq(folded, S("uk"))) return S("gb");
    struct str code = words_find(&country_names, folded);
    return code.p ? code : words_find(&country_names, drop_article(folded));
}

bool normalise_country(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    char word[WORD_MAX];
    if (str_find_char(in, '/', 0) != SIZE_MAX) return false; /* "n/a" is not Namibia */
    struct str code = country_code(word_fold(in, word));
    if (!code.p) return false;
    buf_put(out, code);
    return true;
}

/* In the languages of the country names. */
static const struct words genders = {{
    ['b' - 'a'] = "boy=m ",
    ['d' - 'a'] = "dama=f dame=f dona=f donna=f ",
    ['f' - 'a'] =
        ("f=f fem=f female=f femenino=f feminin=f feminine=f feminino=f femme=f femmina=f "
         "femminile=f fille=f frau=f "),
    ['g' - 'a'] = "garcon=m gentleman=m girl=f guy=m ",
    ['h' - 'a'] = "he=m her=f herr=m him=m hombre=m homem=m homme=m ",
    ['l' - 'a'] = "lady=f ",
    ['m' - 'a'] = ("m=m maam=f madam=f madame=f mademoiselle=f male=m man=m mannelijk=m mannlich=m "
                   "maschile=m maschio=m masculin=m masculine=m masculino=m mevrouw=f miss=f "
                   "mister=m mlle=f mme=f monsieur=m mr=m mrs=f mujer=f mulher=f "),
    ['s' - 'a'] = ("senhor=m senhora=f senor=m senora=f senorita=f she=f signor=m signora=f "
                   "signore=m sir=m "),
    ['u' - 'a'] = "uomo=m ",
    ['v' - 'a'] = "varon=m vrouw=f vrouwelijk=f ",
    ['w' - 'a'] = "w=f weiblich=f woman=f ",
}};

bool normalise_gender(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    char word[WORD_MAX];
    struct str gender = words_find(&genders, word_fold(in, word));
    if (!gender.p) return false;
    buf_put(out, gender);
    return true;
}

static bool are_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return true;
}

/* "94035-1234" or "94035 1234": a US ZIP+4. With a dash of more than one byte, too. */
static bool is_zip_plus_four(struct str in)
{
    if (in.n < 10 || in.n > 12) return false;
    if (!are_digits(str_head(in, 5)) || !are_digits(str_from(in, in.n - 4))) return false;
    for (size_t at = 5; at < in.n - 4;) {
        int32_t c = text_next(in, &at);
        if (!text_is_punct(c) && !text_is_space(c)) return false;
    }
    return true;
}

bool normalise_zip(const struct meta_context *ctx, struct str in, struct buf *out)
{
    enum { ZIP_US = 5, ZIP_MIN = 2 };
    size_t mark = out->n;
    struct str country = normalise_context_country(ctx);
    bool us = str_eq(country, S("us"));
    in = text_trim(in);
    if (in.n == 0 || in.p[0] == '-') return false;
    if (!put_letters(out, in, KEEP_DIGITS)) return false;
    struct str zip = buf_since(out, mark);
    if (us || (country.n == 0 && is_zip_plus_four(in))) {
        if (zip.n > ZIP_US && are_digits(str_head(zip, ZIP_US))) buf_cut(out, mark + ZIP_US);
    }
    if (zip.n < ZIP_MIN) buf_cut(out, mark);
    return out->n > mark;
}

/* The first letters of a name, in small letters; its punctuation counts, as in Meta's libraries. */
static bool put_first(struct buf *out, struct str in, unsigned letters)
{
    in = text_trim(in);
    if (!text_is_valid(in)) return false;
    size_t at = 0;
    while (letters > 0 && at < in.n) {
        (void)text_next(in, &at); /* only how long it is */
        letters--;
    }
    text_lower(out, str_head(in, at));
    return at > 0;
}

bool normalise_first5(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    return put_first(out, in, 5);
}

bool normalise_initial(const struct meta_context *ctx, struct str in, struct buf *out)
{
    (void)ctx;
    return put_first(out, in, 1);
}
