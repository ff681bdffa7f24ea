/* Numbers to decimal text and back, exactly: prints the shortest text that reads back as the same number, and
   reads the nearest number.

   Doubles and floats are printed by Schubfach (Raffaello Giulietti, "The Schubfach way to render doubles").
   Both ways multiply by a 128-bit power of ten, which `core.text.powers` computes on import. */
#ifndef AVROJET_NUMBERS_H
#define AVROJET_NUMBERS_H

#include "scalars.h"
#include <math.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define AVROJET_LEAST_POWER (-292)
#define AVROJET_MOST_POWER 324
#define AVROJET_NUMBER_ROOM 48 /* holds the longest int or double, with what copying writes beyond */

/* 10**k scaled to 128 bits with the highest one set, rounded up: g[k] = ceil(10**k * 2**-e(k)). */
typedef struct {
    uint64_t high, low;
} AvrojetPower;

typedef struct {
    uint64_t high, low;
} AvrojetWide;

#if defined(__SIZEOF_INT128__)
static inline AvrojetWide avrojet_multiply(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)a * b;
    AvrojetWide wide = {(uint64_t)(product >> 64), (uint64_t)product};
    return wide;
}
#else
static inline AvrojetWide avrojet_multiply(uint64_t a, uint64_t b) {
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t low = a0 * b0, cross = a1 * b0 + (low >> 32), other = a0 * b1 + (uint32_t)cross;
    AvrojetWide wide = {a1 * b1 + (cross >> 32) + (other >> 32), other << 32 | (uint32_t)low};
    return wide;
}
#endif

#if defined(__GNUC__)
static inline int avrojet_leading_zeros(uint64_t value) { return __builtin_clzll(value); }
static inline int avrojet_trailing_zeros(uint64_t value) { return __builtin_ctzll(value); }
#else
static inline int avrojet_leading_zeros(uint64_t value) {
    int count = 0;
    for (; !(value >> 63); value <<= 1) count++;
    return count;
}
static inline int avrojet_trailing_zeros(uint64_t value) {
    int count = 0;
    for (; !(value & 1); value >>= 1) count++;
    return count;
}
#endif

/* floor(log2(10**k)) and floor(log10(2**q)), for all exponents of doubles. Right shifts of negative numbers keep
   the sign with every compiler that CPython supports. */
static inline int avrojet_log2_of_power(int k) { return (k * 1741647) >> 19; }
static inline int avrojet_log10_of_two(int q) { return (q * 1262611) >> 22; }
static inline int avrojet_log10_of_three_quarters(int q) { return (q * 1262611 - 524031) >> 22; }

/* Integers. */

static const char avrojet_pairs[201] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
    "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/* Decimal digits of a number; 1 for 0. Bits times 1233/4096 are its digits, or one too few. */
static inline int avrojet_count_digits(uint64_t value) {
    static const uint64_t powers[] = {
        0, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, UINT64_C(10000000000),
        UINT64_C(100000000000), UINT64_C(1000000000000), UINT64_C(10000000000000), UINT64_C(100000000000000),
        UINT64_C(1000000000000000), UINT64_C(10000000000000000), UINT64_C(100000000000000000),
        UINT64_C(1000000000000000000), UINT64_C(10000000000000000000)};
    int digits = ((64 - avrojet_leading_zeros(value | 1)) * 1233) >> 12;
    return digits + (value >= powers[digits]);
}

#define AVROJET_ZEROS UINT64_C(0x3030303030303030) /* eight times '0' */

/* Eight digits of a number below 10**8, the first in the lowest byte: split into halves, pairs, digits. */
static inline uint64_t avrojet_eight_digits(uint32_t value) {
    uint64_t halves = value / 10000 | (uint64_t)(value % 10000) << 32;
    uint64_t hundreds = ((halves * 10486) >> 20) & UINT64_C(0x7F0000007F);
    uint64_t pairs = ((halves - 100 * hundreds) << 16) + hundreds;
    uint64_t tens = ((pairs * 103) >> 10) & UINT64_C(0x000F000F000F000F);
    return ((pairs - 10 * tens) << 8) + tens;
}

static inline void avrojet_put_eight(uint32_t value, uint8_t *out) {
    avrojet_store64le(out, avrojet_eight_digits(value) + AVROJET_ZEROS);
}

/* Write two numbers below 10**8 as sixteen digits, with leading zeros; returns a bit for each digit that is not 0, that
   of the first digit is the lowest. */
#if defined(__SSE2__)
static inline unsigned avrojet_put_sixteen(uint32_t first, uint32_t last, uint8_t *out) {
    __m128i both = _mm_set_epi64x((int64_t)last, (int64_t)first);
    __m128i thousands = _mm_srli_epi64(_mm_mul_epu32(both, _mm_set1_epi64x(0xD1B71759)), 45); /* / 10000 */
    __m128i rest = _mm_sub_epi64(both, _mm_mul_epu32(thousands, _mm_set1_epi64x(10000)));
    __m128i halves = _mm_or_si128(thousands, _mm_slli_epi64(rest, 32));
    __m128i hundreds = _mm_srli_epi16(_mm_mulhi_epu16(halves, _mm_set1_epi16(5243)), 3); /* / 100 */
    rest = _mm_sub_epi16(halves, _mm_mullo_epi16(hundreds, _mm_set1_epi16(100)));
    __m128i pairs = _mm_or_si128(hundreds, _mm_slli_epi32(rest, 16));
    __m128i tens = _mm_mulhi_epu16(pairs, _mm_set1_epi16(6554)); /* / 10 */
    rest = _mm_sub_epi16(pairs, _mm_mullo_epi16(tens, _mm_set1_epi16(10)));
    __m128i digits = _mm_or_si128(tens, _mm_slli_epi16(rest, 8));
    _mm_storeu_si128((__m128i *)out, _mm_add_epi8(digits, _mm_set1_epi8('0')));
    return ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(digits, _mm_setzero_si128())) & 0xFFFF;
}
#else
static inline unsigned avrojet_put_sixteen(uint32_t first, uint32_t last, uint8_t *out) {
    uint64_t words[2] = {avrojet_eight_digits(first), avrojet_eight_digits(last)};
    unsigned set = 0;
    for (int i = 0; i < 2; i++) {
        avrojet_store64le(out + 8 * i, words[i] + AVROJET_ZEROS);
        /* A digit plus 127 has the high bit set if it is not 0; the product moves these bits to the highest byte. */
        uint64_t bits = (words[i] + UINT64_C(0x7F7F7F7F7F7F7F7F)) >> 7 & UINT64_C(0x0101010101010101);
        set |= (unsigned)(bits * UINT64_C(0x0102040810204080) >> 56) << 8 * i;
    }
    return set;
}
#endif

/* Write the last `count` digits of a number, padded with zeros. */
static inline void avrojet_put_digits(uint64_t value, int count, uint8_t *out) {
    while (count >= 8) {
        count -= 8;
        avrojet_put_eight((uint32_t)(value % 100000000), out + count);
        value /= 100000000;
    }
    uint32_t rest = (uint32_t)(value % 100000000);
    while (count >= 2) {
        count -= 2;
        memcpy(out + count, avrojet_pairs + 2 * (rest % 100), 2);
        rest /= 100;
    }
    if (count) out[0] = (uint8_t)('0' + rest % 10);
}

/* Write a number below 10**8: eight digits with leading zeros shifted out. Always writes eight characters. */
static inline uint8_t *avrojet_put_short(uint32_t value, uint8_t *out) {
    uint64_t digits = avrojet_eight_digits(value);
    int zeros = avrojet_trailing_zeros(digits | UINT64_C(1) << 56) >> 3;
    avrojet_store64le(out, (digits + AVROJET_ZEROS) >> 8 * zeros);
    return out + 8 - zeros;
}

/* Branches only on more than 8 or 16 digits, as numbers of different lengths follow one another. Writes up to
   eight characters too far. */
static inline uint8_t *avrojet_put_unsigned(uint64_t value, uint8_t *out) {
    uint8_t digits[16];
    if (value < 100000000) return avrojet_put_short((uint32_t)value, out);
    uint64_t high = value / 100000000;
    uint32_t last = (uint32_t)(value % 100000000);
    if (high < 100000000) {
        int zeros = avrojet_trailing_zeros(avrojet_put_sixteen((uint32_t)high, last, digits));
        /* Words that were stored as a part of one are at hand sooner than others. */
        avrojet_store64le(out, avrojet_load64le(digits) >> 8 * zeros);
        memcpy(out + 8 - zeros, digits + 8, 8);
        return out + 16 - zeros;
    }
    out = avrojet_put_short((uint32_t)(high / 100000000), out);
    avrojet_put_sixteen((uint32_t)(high % 100000000), last, out);
    return out + 16;
}

static inline uint8_t *avrojet_put_integer(int64_t value, uint8_t *out) {
    uint64_t negative = (uint64_t)value >> 63; /* no branch: signs are hard to predict */
    *out = '-';
    return avrojet_put_unsigned(((uint64_t)value ^ (0 - negative)) + negative, out + negative);
}

/* Doubles and floats to text. */

typedef struct {
    uint64_t digits;
    int exponent; /* of the last digit */
} AvrojetDecimal;

/* The product of a power of ten and a number, with its last bit set if anything was cut off. */
static inline uint64_t avrojet_round_to_odd(AvrojetPower power, uint64_t number) {
    AvrojetWide low = avrojet_multiply(power.low, number);
    AvrojetWide high = avrojet_multiply(power.high, number);
    uint64_t middle = high.low + low.high;
    return (high.high + (middle < high.low)) | (middle > 1);
}

/* The shortest decimal among those that round to c * 2**q, and of these the nearest; it may end with a zero.

   `closer` says that the next number below is only half as far away as the one above: c is a power of two. */
static inline AvrojetDecimal avrojet_shortest_exactly(const AvrojetPower *powers, uint64_t c, int q, int closer) {
    int odd = (int)(c & 1);
    int k = closer ? avrojet_log10_of_three_quarters(q) : avrojet_log10_of_two(q);
    int shift = q + avrojet_log2_of_power(-k) + 1;
    AvrojetPower power = powers[-k - AVROJET_LEAST_POWER];
    uint64_t lower = avrojet_round_to_odd(power, (4 * c - 2 + (uint64_t)closer) << shift) + (uint64_t)odd;
    uint64_t value = avrojet_round_to_odd(power, 4 * c << shift);
    uint64_t upper = avrojet_round_to_odd(power, (4 * c + 2) << shift) - (uint64_t)odd;
    uint64_t s = value / 4;
    AvrojetDecimal found = {0, k};
    if (s >= 10) {
        uint64_t tens = s / 10;
        int below = lower <= 40 * tens, above = 40 * tens + 40 <= upper;
        if (below != above) {
            found.digits = 10 * (tens + (uint64_t)above);
            return found;
        }
    }
    int below = lower <= 4 * s, above = 4 * s + 4 <= upper;
    uint64_t middle = 4 * s + 2;
    found.digits = s + (uint64_t)(below != above ? above : value > middle || (value == middle && (s & 1)));
    return found;
}

/* The same where the numbers above and below are equally far away, decided from the product to 60 bits after the
   point, unless that is a close call.

   They are 1 to 10 times 10**k away, and what rounds to the number lies up to half as far from it: the nearest
   multiple of 10**k does, and of 10**(k+1) one at most, which then is shorter. Which it is, is anyone's guess, so
   nothing branches on it. */
static inline AvrojetDecimal avrojet_shortest(const AvrojetPower *powers, uint64_t c, int q) {
    const uint64_t ten = UINT64_C(10) << 60, half = UINT64_C(1) << 63;
    int k = avrojet_log10_of_two(q);
    int shift = q + avrojet_log2_of_power(-k) + 1;
    AvrojetPower power = powers[-k - AVROJET_LEAST_POWER];
    AvrojetWide product = avrojet_multiply(power.high, c << shift);
    uint64_t fraction = product.low + avrojet_multiply(power.low, c << shift).high;
    uint64_t s = product.high + (fraction < product.low), tens = s / 10;
    uint64_t reach = power.high >> (5 - shift);
    uint64_t down = (s - 10 * tens) << 60 | fraction >> 4, up = ten - down; /* to multiples of 10 */
    if (down - reach + 4 < 8 || up - reach + 4 < 8 || fraction - half + 64 < 128)
        return avrojet_shortest_exactly(powers, c, q, 0);
    uint64_t above = up < reach, is_shorter = 0 - (above | (uint64_t)(down < reach));
    AvrojetDecimal found = {((10 * (tens + above)) & is_shorter) | ((s + (fraction >> 63)) & ~is_shorter), k};
    return found;
}

/* Write a number of `all` digits, 9 or 17; returns how many they are without the zeros at the end. */
static inline int avrojet_put_significant(uint64_t value, int all, uint8_t *out) {
    uint64_t high = all > 9 ? value / 100000000 : value;
    uint32_t last = all > 9 ? (uint32_t)(value % 100000000) : 0;
    uint32_t first = (uint32_t)high / 100000000;
    out[0] = (uint8_t)('0' + first);
    unsigned set = avrojet_put_sixteen((uint32_t)high - first * 100000000, last, out + 1);
    return 64 - avrojet_leading_zeros(2 * set + 1);
}

/* In the format of Python's repr(): plain from 1e-4 up to 1e16, else with an exponent.

   `all` is as many digits as there may be, 9 or 17; `least` is the least number of so many. Copies of fixed sizes
   write up to 16 characters too far. */
static inline uint8_t *avrojet_put_decimal(AvrojetDecimal decimal, int all, uint64_t least, uint8_t *out) {
    uint64_t digits = decimal.digits;
    uint64_t is_short = (digits - least) >> 63; /* no branch: by one digit they often are */
    digits += 9 * digits & (0 - is_short);
    int point = decimal.exponent + all - (int)is_short; /* digits before the point */
    for (; digits < least; digits *= 10) point--;
    if (point > 16 || point < -3) {
        int exponent = point < 1 ? 1 - point : point - 1;
        int count = avrojet_put_significant(digits, all, out + 1);
        out[0] = out[1];
        out[1] = '.';
        out += count > 1 ? count + 1 : 1;
        *out++ = 'e';
        *out++ = point < 1 ? '-' : '+';
        if (exponent < 10) *out++ = '0';
        return avrojet_put_unsigned((uint64_t)exponent, out);
    }
    if (point <= 0) {
        memcpy(out, "0.000", 5);
        out += 2 - point;
        return out + avrojet_put_significant(digits, all, out);
    }
    int count = avrojet_put_significant(digits, all, out);
    memmove(out + point + 1, out + point, 16);
    out[point] = '.';
    return out + 1 + (count > point ? count : point + 1);
}

/* Write a number from 2**-13 up to 2**23 that has at most eight digits after the point, as most do that people wrote;
   NULL if it has more.

   A quotient of whole numbers that doubles hold is rounded once, so the decimal reads back as the number. It has up to
   15 digits, and no other decimal of so few reads back as the same, hence none is shorter. */
static inline uint8_t *avrojet_put_short_decimal(double value, uint8_t *out) {
    uint64_t scaled = (uint64_t)(int64_t)(value * 1e8 + 0.5);
    if ((double)(int64_t)scaled / 1e8 != value) return NULL;
    uint8_t digits[16];
    unsigned set = avrojet_put_sixteen((uint32_t)(scaled / 100000000), (uint32_t)(scaled % 100000000), digits);
    int zeros = avrojet_trailing_zeros(set | 1 << 7);
    avrojet_store64le(out, avrojet_load64le(digits) >> 8 * zeros);
    out += 8 - zeros;
    *out++ = '.';
    memcpy(out, digits + 8, 8);
    return out + 64 - avrojet_leading_zeros(set >> 8 | 1);
}

/* A finite double. */
static inline uint8_t *avrojet_put_double(const AvrojetPower *powers, double value, uint8_t *out) {
    uint64_t bits = avrojet_double_to_bits(value);
    uint64_t fraction = bits & UINT64_C(0xFFFFFFFFFFFFF);
    int exponent = (int)(bits >> 52 & 0x7FF);
    *out = '-';
    out += bits >> 63;
    if (bits << 1 == 0) {
        memcpy(out, "0.0", 3);
        return out + 3;
    }
    if (1023 - 13 <= exponent && exponent < 1023 + 23) {
        uint8_t *end = avrojet_put_short_decimal(fabs(value), out);
        if (end) return end;
    }
    uint64_t c = exponent ? UINT64_C(1) << 52 | fraction : fraction;
    int q = exponent ? exponent - 1075 : -1074;
    if (1023 + 23 <= exponent && q <= 0 && (c & ((UINT64_C(1) << -q) - 1)) == 0) {
        out = avrojet_put_unsigned(c >> -q, out);
        memcpy(out, ".0", 2);
        return out + 2;
    }
    AvrojetDecimal found = fraction ? avrojet_shortest(powers, c, q)
                                    : avrojet_shortest_exactly(powers, c, q, exponent > 1);
    return avrojet_put_decimal(found, 17, UINT64_C(10000000000000000), out);
}

/* A finite float, by its bits: the shortest text for a float, not that of the equal double. */
static inline uint8_t *avrojet_put_float(const AvrojetPower *powers, uint32_t bits, uint8_t *out) {
    uint32_t fraction = bits & 0x7FFFFF;
    int exponent = (int)(bits >> 23 & 0xFF);
    if (bits << 1 == 0) return avrojet_put_double(powers, avrojet_float_to_double(bits), out);
    *out = '-';
    out += bits >> 31;
    uint64_t c = exponent ? UINT64_C(1) << 23 | fraction : fraction;
    int q = exponent ? exponent - 150 : -149;
    AvrojetDecimal found = fraction ? avrojet_shortest(powers, c, q)
                                    : avrojet_shortest_exactly(powers, c, q, exponent > 1);
    return avrojet_put_decimal(found, 9, 100000000, out);
}

/* Text to doubles. */

static inline double avrojet_exact_power(int k) {
    static const double exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    return exact[k];
}

/* Whether all bytes of a word are decimal digits, and the number that they spell, the first in the lowest byte. */
static inline int avrojet_are_digits(uint64_t word) {
    return ((word & UINT64_C(0xF0F0F0F0F0F0F0F0))
            | (((word + UINT64_C(0x0606060606060606)) & UINT64_C(0xF0F0F0F0F0F0F0F0)) >> 4))
        == UINT64_C(0x3333333333333333);
}

static inline uint64_t avrojet_read_eight(uint64_t word) {
    word -= UINT64_C(0x3030303030303030);
    word = word * 10 + (word >> 8);
    return ((word & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064)
            + ((word >> 16) & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001))
        >> 32;
}

static inline const uint8_t *avrojet_read_digits(const uint8_t *pos, const uint8_t *end, uint64_t *digits) {
    while (end - pos >= 8) {
        uint64_t word = avrojet_load64le(pos);
        if (!avrojet_are_digits(word)) break;
        *digits = *digits * 100000000 + avrojet_read_eight(word);
        pos += 8;
    }
    for (; pos < end && (uint8_t)(*pos - '0') < 10; pos++) *digits = *digits * 10 + (uint64_t)(*pos - '0');
    return pos;
}

/* Read a JSON number with no exponent and at most 19 digits, the usual case: returns where it ends; NULL if it is
   another kind of number, or none, or the text ends with it. */
static inline const uint8_t *avrojet_read_plain(const uint8_t *pos, const uint8_t *end, uint64_t *digits, int *exponent) {
    const uint8_t *first = pos;
    *digits = 0;
    *exponent = 0;
    pos = avrojet_read_digits(pos, end, digits);
    Py_ssize_t count = pos - first;
    if (count == 0 || (count > 1 && *first == '0') || pos == end) return NULL;
    if (*pos == '.') {
        first = pos + 1;
        pos = avrojet_read_digits(first, end, digits);
        if (pos == first || pos == end) return NULL;
        count += pos - first;
        if (count > 19) return NULL;
        *exponent = (int)(first - pos);
    }
    return count > 19 || (*pos | 0x20) == 'e' ? NULL : pos;
}

/* Rounds a 192-bit product, given its highest 128 bits, to 53 bits: half to even if these are all of it; `more`
   says that lower bits may be set. */
static inline uint64_t avrojet_round_product(uint64_t high, uint64_t low, int drop, int more) {
    uint64_t kept = high >> drop, rest = high & ((UINT64_C(1) << drop) - 1), half = UINT64_C(1) << (drop - 1);
    int tail = low != 0 || more;
    return kept + (rest > half || (rest == half && (tail || (kept & 1))));
}

/* digits * 10**exponent as the nearest double, if 128 bits of the power of ten determine it; digits is not 0. Else
   0: too close to the middle of two doubles, or not a normal number. */
static inline int avrojet_nearest_double(const AvrojetPower *powers, uint64_t digits, int exponent, double *value) {
    if (digits <= UINT64_C(1) << 53 && -22 <= exponent && exponent <= 22) {
        *value = exponent < 0 ? (double)digits / avrojet_exact_power(-exponent)
                              : (double)digits * avrojet_exact_power(exponent);
        return 1;
    }
    if (exponent < AVROJET_LEAST_POWER || exponent > 308) return 0;
    AvrojetPower power = powers[exponent - AVROJET_LEAST_POWER];
    int zeros = avrojet_leading_zeros(digits);
    digits <<= zeros;
    /* The power was rounded up by less than 1, so the true product is less than `digits` below this one. */
    AvrojetWide part = avrojet_multiply(power.low, digits);
    AvrojetWide most = avrojet_multiply(power.high, digits);
    most.low += part.high;
    most.high += most.low < part.high;
    AvrojetWide least = most;
    least.low -= 1 + (part.low < digits);
    least.high -= least.low > most.low;
    if (most.high >> 63 != least.high >> 63) return 0;
    int drop = most.high >> 63 ? 11 : 10;
    uint64_t mantissa = avrojet_round_product(most.high, most.low, drop, 1);
    if (mantissa != avrojet_round_product(least.high, least.low, drop, 1)) return 0;
    int binary = avrojet_log2_of_power(exponent) - 127 - zeros + 128 + drop;
    if (mantissa >> 53) {
        mantissa >>= 1;
        binary++;
    }
    int biased = binary + 1075;
    if (biased <= 0 || biased >= 0x7FF) return 0;
    *value = avrojet_bits_to_double((uint64_t)biased << 52 | (mantissa & UINT64_C(0xFFFFFFFFFFFFF)));
    return 1;
}

#endif
