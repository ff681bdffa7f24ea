/* Integers of any length, for decimals: from and to text, Arrow's words and Avro's bytes.

   A number has a sign and 32-bit limbs, the lowest first, without leading zeros: 0 has none. The caller has
   reserved the room. */
#ifndef AVROJET_DIGITS_H
#define AVROJET_DIGITS_H

#include <Python.h>

typedef struct {
    uint32_t *limbs;
    Py_ssize_t count;
    int negative;
} AvrojetWhole;

/* Limbs that hold that many decimal digits: nine digits have less than 30 bits. */
static inline int64_t avrojet_limbs_of(int64_t digits) { return digits / 9 + 2; }

static inline void avrojet_whole_step(AvrojetWhole *n, uint32_t factor, uint32_t more) {
    uint64_t carry = more;
    for (Py_ssize_t i = 0; i < n->count; i++) {
        carry += (uint64_t)n->limbs[i] * factor;
        n->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) n->limbs[n->count++] = (uint32_t)carry;
}

/* Returns the remainder. */
static inline uint32_t avrojet_whole_divide(AvrojetWhole *n, uint32_t divisor) {
    uint64_t rest = 0;
    for (Py_ssize_t i = n->count - 1; i >= 0; i--) {
        rest = rest << 32 | n->limbs[i];
        n->limbs[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    while (n->count && n->limbs[n->count - 1] == 0) n->count--;
    return (uint32_t)rest;
}

static const uint32_t AVROJET_POWERS[10] = {
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
};

/* Multiply by 10**exponent. */
static inline void avrojet_whole_raise(AvrojetWhole *n, int64_t exponent) {
    for (; exponent >= 9; exponent -= 9) avrojet_whole_step(n, AVROJET_POWERS[9], 0);
    avrojet_whole_step(n, AVROJET_POWERS[exponent], 0);
}

/* Divide by 10**exponent; 0 if that leaves a remainder. */
static inline int avrojet_whole_lower(AvrojetWhole *n, int64_t exponent) {
    for (; n->count && exponent > 0; exponent -= 9)
        if (avrojet_whole_divide(n, AVROJET_POWERS[exponent < 9 ? exponent : 9])) return 0;
    return 1;
}

/* The four words of a 256-bit number; needs eight limbs. */
static inline void avrojet_whole_of_wide(AvrojetWhole *n, const uint64_t *wide) {
    uint64_t carry = 1;
    n->negative = (wide[3] >> 63) != 0;
    n->count = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t limb = wide[i];
        if (n->negative) {
            limb = ~limb + carry;
            carry = carry && limb == 0;
        }
        n->limbs[n->count++] = (uint32_t)limb;
        n->limbs[n->count++] = (uint32_t)(limb >> 32);
    }
    while (n->count && n->limbs[n->count - 1] == 0) n->count--;
}

/* Big-endian two's complement; needs size / 4 + 1 limbs. */
static inline void avrojet_whole_of_bytes(AvrojetWhole *n, const uint8_t *data, Py_ssize_t size) {
    uint32_t carry = 1;
    uint8_t sign = size && data[0] & 0x80 ? 0xFF : 0;
    n->negative = sign != 0;
    n->count = 0;
    for (Py_ssize_t place = 0; place < size; place += 4) {
        uint32_t limb = 0;
        for (int k = 3; k >= 0; k--) limb = limb << 8 | (uint8_t)(place + k < size ? data[size - 1 - place - k] : sign);
        if (sign) {
            limb = ~limb + carry;
            carry = carry && limb == 0;
        }
        n->limbs[n->count++] = limb;
    }
    while (n->count && n->limbs[n->count - 1] == 0) n->count--;
}

/* The fewest bytes that hold the number in two's complement. */
static inline Py_ssize_t avrojet_whole_size(const AvrojetWhole *n) {
    uint32_t top;
    Py_ssize_t bits, i;
    if (n->count == 0) return 1;
    top = n->limbs[n->count - 1];
    bits = 32 * (n->count - 1);
    for (; top; top >>= 1) bits++;
    if (n->negative) {
        /* A negative power of two needs one bit less. */
        top = n->limbs[n->count - 1];
        for (i = 0; i < n->count - 1 && n->limbs[i] == 0; i++) {}
        if (i == n->count - 1 && (top & (top - 1)) == 0) bits--;
    }
    return bits / 8 + 1;
}

/* Write as `size` big-endian bytes, which suffice. */
static inline void avrojet_whole_put(const AvrojetWhole *n, uint8_t *out, Py_ssize_t size) {
    uint32_t carry = 1;
    for (Py_ssize_t place = 0; place < size; place++) {
        uint32_t byte = place / 4 < n->count ? n->limbs[place / 4] >> 8 * (place % 4) & 0xFF : 0;
        if (n->negative) {
            byte = (byte ^ 0xFF) + carry;
            carry = byte >> 8;
        }
        out[size - 1 - place] = (uint8_t)byte;
    }
}

/* A decimal number in text: its digits, times 10**exponent. */
typedef struct {
    const uint8_t *digits; /* one may be a point; the first is not zero */
    int64_t count;         /* without the point; 0 for zero */
    int64_t exponent;
    int negative;
} AvrojetDecimalText;

/* Larger exponents need not be exact: they are far out of range anyway. */
#define AVROJET_FAR (INT64_C(1) << 40)

static inline int avrojet_is_digit(uint8_t byte) { return (uint8_t)(byte - '0') < 10; }

/* Parse the exponent at `text` into *exponent; 0 if there is none. */
static inline int avrojet_read_exponent(const uint8_t *text, const uint8_t *end, int64_t *exponent) {
    int64_t value = 0;
    int negative = text < end && *text == '-';
    if (text < end && (*text == '-' || *text == '+')) text++;
    if (text == end) return 0;
    for (; text < end; text++) {
        if (!avrojet_is_digit(*text)) return 0;
        if (value < AVROJET_FAR) value = value * 10 + (*text - '0');
    }
    *exponent = negative ? -value : value;
    return 1;
}

/* Read `-12.50`, `.5`, `1e-3`: what Python's Decimal takes, but no spaces, underscores or special values.
   0 if it is no such number. All zeros after the first other digit count. */
static inline int avrojet_read_decimal(const uint8_t *text, Py_ssize_t size, AvrojetDecimalText *out) {
    const uint8_t *end = text + size, *first = NULL;
    int64_t exponent = 0;
    int seen = 0, point = 0;
    out->negative = size && *text == '-';
    out->count = out->exponent = 0;
    if (size && (*text == '-' || *text == '+')) text++;
    for (; text < end; text++) {
        if (avrojet_is_digit(*text)) {
            seen = 1;
            out->exponent -= point;
            if (first == NULL && *text != '0') first = text;
            if (first != NULL) out->count++;
        } else if (*text == '.' && !point) {
            point = 1;
        } else {
            break;
        }
    }
    out->digits = first;
    if (!seen) return 0;
    if (text < end && ((*text | 0x20) != 'e' || !avrojet_read_exponent(text + 1, end, &exponent))) return 0;
    out->exponent += exponent;
    return 1;
}

/* Move trailing zeros to the exponent. */
static inline void avrojet_drop_text_zeros(AvrojetDecimalText *d) {
    const uint8_t *last = d->digits;
    if (d->count == 0) return;
    for (int64_t k = 1; k < d->count; last++) k += last[1] != '.';
    for (; *last == '0' || *last == '.'; last--) {
        if (*last == '.') continue;
        d->count--;
        d->exponent++;
    }
}

/* The digits as a number, which has enough limbs. */
static inline void avrojet_whole_of_text(AvrojetWhole *n, const AvrojetDecimalText *d) {
    const uint8_t *digit = d->digits;
    int64_t left = d->count;
    n->negative = d->negative;
    n->count = 0;
    while (left) {
        uint32_t chunk = 0;
        int size = left < 9 ? (int)left : 9;
        for (int k = 0; k < size; digit++) {
            if (*digit == '.') continue;
            chunk = chunk * 10 + (*digit - '0');
            k++;
        }
        avrojet_whole_step(n, AVROJET_POWERS[size], chunk);
        left -= size;
    }
}

/* The same for at most 18 digits. */
static inline int64_t avrojet_small_of_text(const AvrojetDecimalText *d) {
    int64_t value = 0, left = d->count;
    for (const uint8_t *digit = d->digits; left; digit++) {
        if (*digit == '.') continue;
        value = value * 10 + (*digit - '0');
        left--;
    }
    return d->negative ? -value : value;
}

/* Whether |number| < 10**precision, for a big-endian two's complement number; `most` holds the bytes of
   10**precision - 1 without a sign. */
static inline int avrojet_bytes_within(const uint8_t *data, Py_ssize_t size, const uint8_t *most, Py_ssize_t most_size) {
    uint8_t sign = size && data[0] & 0x80 ? 0xFF : 0;
    while (size && *data == sign) {
        data++;
        size--;
    }
    if (size != most_size) return size < most_size;
    for (Py_ssize_t i = 0; i < size; i++)
        if ((data[i] ^ sign) != most[i]) return (data[i] ^ sign) < most[i];
    /* The inverted bytes of a negative number are its magnitude less one. */
    return sign == 0;
}

#endif
