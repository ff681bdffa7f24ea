/* The innermost steps of encoding columns: loads at any alignment, varints without a loop, numbers of many bytes. */
#ifndef AVROJET_ENCODE_COLUMNS_H
#define AVROJET_ENCODE_COLUMNS_H

#include "columns.h"

#define AVROJET_LOADER(name, type) \
    static inline type avrojet_item_##name(const uint8_t *values, int64_t i) { \
        type value; \
        memcpy(&value, values + i * (int64_t)sizeof(type), sizeof(type)); \
        return value; \
    }
AVROJET_LOADER(i16, int16_t)
AVROJET_LOADER(i32, int32_t)
AVROJET_LOADER(i64, int64_t)
AVROJET_LOADER(u16, uint16_t)
AVROJET_LOADER(u32, uint32_t)
AVROJET_LOADER(u64, uint64_t)

#if defined(__GNUC__)
#define AVROJET_BIT_LENGTH(value) (64 - __builtin_clzll(value))
#else
static inline int avrojet_bit_length(uint64_t value) {
    int bits = 0;
    for (; value; value >>= 1) bits++;
    return bits;
}
#define AVROJET_BIT_LENGTH(value) avrojet_bit_length(value)
#endif

/* Write a varint where 10 bytes are reserved; returns the position after it. Lengths that vary from value to value
   would be mispredicted in a loop: 7-bit groups are spread over a word, which is stored whole. */
static inline uint8_t *avrojet_spread_varint(uint8_t *out, uint64_t value) {
    uint64_t spread;
    int top;
    if (AVROJET_UNLIKELY(value >> 56)) {
        for (; value > 0x7F; value >>= 7) *out++ = (uint8_t)(value | 0x80);
        *out = (uint8_t)value;
        return out + 1;
    }
    /* Each step moves the upper halves of all groups up, by 4 bits, 2 and 1. */
    spread = value + (value & UINT64_C(0x00FFFFFFF0000000)) * 15;
    spread += (spread & UINT64_C(0x0FFFC0000FFFC000)) * 3;
    spread += spread & UINT64_C(0x3F803F803F803F80);
    top = AVROJET_BIT_LENGTH(spread | 1) - 1;
    avrojet_store64le(out, spread | (UINT64_C(0x0080808080808080) & ((UINT64_C(1) << (top & 56)) - 1)));
    return out + (top >> 3) + 1;
}

/* The same for numbers that are mostly small. */
static inline uint8_t *avrojet_put_varint(uint8_t *out, uint64_t value) {
    if (value >= 0x80) return avrojet_spread_varint(out, value);
    *out = (uint8_t)value;
    return out + 1;
}

static inline uint8_t *avrojet_spread_long(uint8_t *out, int64_t value) {
    return avrojet_spread_varint(out, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

/* `yes` or `no`, without a branch that might be mispredicted. */
static inline uint8_t *avrojet_choose(int64_t condition, uint8_t *yes, uint8_t *no) {
    return no + (-condition & (yes - no));
}

static inline uint8_t *avrojet_put_long(uint8_t *out, int64_t value) {
    return avrojet_put_varint(out, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

/* Prefetch memory: rows of many columns read from more places than processors prefetch themselves. */
static inline void avrojet_fetch(const uint8_t *data, int64_t size) {
#if defined(__GNUC__)
    for (int64_t i = 0; i < size; i += 64) __builtin_prefetch(data + i);
#else
    (void)data; (void)size;
#endif
}

/* The bits of a float16 as those of a float, exactly. */
static inline uint32_t avrojet_half_to_float(uint32_t half) {
    uint32_t sign = (half & 0x8000) << 16, exponent = half >> 10 & 0x1F, digits = half & 0x3FF;
    if (exponent == 0x1F) return sign | 0x7F800000 | digits << 13;
    if (exponent) return sign | (exponent + 112) << 23 | digits << 13;
    if (!digits) return sign;
    for (exponent = 113; !(digits & 0x400); exponent--) digits <<= 1;
    return sign | exponent << 23 | (digits & 0x3FF) << 13;
}

/* The number of `width` bytes (4, 8, 16 or 32) in the machine's order as four 64-bit limbs, the lowest first. */
static inline void avrojet_wide_load(const uint8_t *data, Py_ssize_t width, uint64_t *limbs) {
    Py_ssize_t count = width / 8;
    int64_t top;
    if (width == 4) {
        int32_t narrow;
        memcpy(&narrow, data, 4);
        limbs[0] = (uint64_t)(int64_t)narrow;
        count = 1;
    } else {
        for (Py_ssize_t i = 0; i < count; i++)
            memcpy(&limbs[i], data + 8 * (AVROJET_LITTLE_ENDIAN ? i : count - 1 - i), 8);
    }
    top = (int64_t)limbs[count - 1] >> 63;
    for (; count < 4; count++) limbs[count] = (uint64_t)top;
}

/* The fewest bytes that hold the number in two's complement. */
static inline Py_ssize_t avrojet_wide_size(const uint64_t *limbs) {
    int64_t top = (int64_t)limbs[3] >> 63;
    Py_ssize_t i = 3;
    uint64_t rest;
    while (i > 0 && limbs[i] == (uint64_t)top) i--;
    /* The bits of the highest significant limb, and one for the sign. */
    rest = limbs[i] ^ (uint64_t)top;
    return 8 * i + (rest ? AVROJET_BIT_LENGTH(rest) / 8 + 1 : 1);
}

/* The fewest bytes that hold the number in two's complement. */
static inline Py_ssize_t avrojet_narrow_size(int64_t value) {
    uint64_t rest = (uint64_t)(value ^ (value >> 63));
    return AVROJET_BIT_LENGTH(rest | 1) / 8 + 1;
}

/* The number as `size` big-endian bytes, at most 8; always writes 8. */
static inline void avrojet_narrow_put(int64_t value, uint8_t *out, Py_ssize_t size) {
    uint64_t bits = (uint64_t)value << 8 * (8 - size);
    for (int i = 0; i < 8; i++) out[i] = (uint8_t)(bits >> 8 * (7 - i));
}

/* Write the number as `size` big-endian bytes, which suffice. */
static inline void avrojet_wide_put(const uint64_t *limbs, uint8_t *out, Py_ssize_t size) {
    uint8_t sign = (uint8_t)((int64_t)limbs[3] >> 63);
    for (Py_ssize_t k = 0; k < size; k++) {
        Py_ssize_t place = size - 1 - k;
        out[k] = place < 32 ? (uint8_t)(limbs[place / 8] >> 8 * (place % 8)) : sign;
    }
}

#endif
