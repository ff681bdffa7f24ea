/* Numbers and short text in memory: words, varints, little-endian scalars, bits of floats. */
#ifndef AVROJET_SCALARS_H
#define AVROJET_SCALARS_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t avrojet_load64(const uint8_t *data) {
    uint64_t word;
    memcpy(&word, data, 8);
    return word;
}

/* The index of the lowest byte that is not 0. */
static inline int avrojet_low_byte(uint64_t word) {
#if defined(__GNUC__)
    return __builtin_ctzll(word) >> 3;
#else
    int place = 0;
    for (; !(word & 0xFF); word >>= 8) place++;
    return place;
#endif
}

/* Decode a varint at the start of an 8-byte word: its payload bits and its size; 0 if it is longer than that. */
static inline int avrojet_varint_in_word(uint64_t word, uint64_t *bits) {
    uint64_t stop = ~word & UINT64_C(0x8080808080808080);
    if (stop == 0) return 0;
    word &= stop ^ (stop - 1); /* up to the first byte without the continuation bit */
    word &= UINT64_C(0x7F7F7F7F7F7F7F7F);
    word = (word & UINT64_C(0x007F007F007F007F)) | (word & UINT64_C(0x7F007F007F007F00)) >> 1;
    word = (word & UINT64_C(0x00003FFF00003FFF)) | (word & UINT64_C(0x3FFF00003FFF0000)) >> 2;
    *bits = (word & UINT64_C(0x0FFFFFFF)) | (word & UINT64_C(0x0FFFFFFF00000000)) >> 4;
    return avrojet_low_byte(stop) + 1;
}

/* A hash of a short key by its size and its first and last bytes: good enough for a cache. */
static inline uint32_t avrojet_key_hash(const uint8_t *data, Py_ssize_t size) {
    uint64_t first = 0, last = 0;
    if (size >= 8) {
        first = avrojet_load64(data);
        last = avrojet_load64(data + size - 8);
    } else {
        for (Py_ssize_t i = 0; i < size; i++) first = first << 8 | data[i];
    }
    /* A product carries only upwards, so the last bytes, which differ most, are rotated to the bottom. */
    first = (first ^ (uint64_t)size) * UINT64_C(0x9E3779B97F4A7C15);
    first ^= first >> 32 ^ (last >> 32 | last << 32);
    return (uint32_t)((first * UINT64_C(0xC2B2AE3D27D4EB4F)) >> 40);
}

/* memcmp(a, b, size) == 0, without the call for short texts: two overlapping words cover up to 16 bytes. */
static inline int avrojet_same_bytes(const uint8_t *a, const uint8_t *b, Py_ssize_t size) {
    if (size > 16 || size < 8) return memcmp(a, b, (size_t)size) == 0;
    return avrojet_load64(a) == avrojet_load64(b) && avrojet_load64(a + size - 8) == avrojet_load64(b + size - 8);
}

/* 1 if no byte has its high bit set. Whole words first; the last word overlaps the one before it. */
static inline int avrojet_is_ascii(const uint8_t *data, Py_ssize_t size) {
    uint64_t seen = 0;
    Py_ssize_t i = 0;
    if (size >= 8) {
        for (; i + 8 <= size; i += 8) seen |= avrojet_load64(data + i);
        seen |= avrojet_load64(data + size - 8);
    } else {
        for (; i < size; i++) seen |= data[i];
    }
    return (seen & UINT64_C(0x8080808080808080)) == 0;
}

/* Little-endian scalars, whatever the machine's order and alignment. */
static inline uint32_t avrojet_load32le(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Compilers do not always find out that eight bytes are one word. */
static inline uint64_t avrojet_load64le(const uint8_t *p) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return (uint64_t)avrojet_load32le(p) | (uint64_t)avrojet_load32le(p + 4) << 32;
#else
    return avrojet_load64(p);
#endif
}

static inline void avrojet_store32le(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)v; p[1] = (uint8_t)(v >> 8); p[2] = (uint8_t)(v >> 16); p[3] = (uint8_t)(v >> 24);
}

static inline void avrojet_store64le(uint8_t *p, uint64_t v) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    avrojet_store32le(p, (uint32_t)v);
    avrojet_store32le(p + 4, (uint32_t)(v >> 32));
#else
    memcpy(p, &v, 8);
#endif
}

/* Bit patterns; a plain conversion would quiet a signalling NaN, which must keep its payload. */
static inline double avrojet_bits_to_double(uint64_t bits) {
    double value;
    memcpy(&value, &bits, 8);
    return value;
}

static inline uint64_t avrojet_double_to_bits(double value) {
    uint64_t bits;
    memcpy(&bits, &value, 8);
    return bits;
}

static inline double avrojet_float_to_double(uint32_t bits) {
    float value;
    if ((bits & 0x7F800000u) == 0x7F800000u && (bits & 0x007FFFFFu))
        return avrojet_bits_to_double((uint64_t)(bits >> 31) << 63 | UINT64_C(0x7FF) << 52
                                      | (uint64_t)(bits & 0x007FFFFFu) << 29);
    memcpy(&value, &bits, 4);
    return (double)value;
}

static inline uint32_t avrojet_double_to_float(double value) {
    uint32_t out;
    if (value != value) {
        uint64_t bits = avrojet_double_to_bits(value);
        uint32_t payload = (uint32_t)(bits >> 29) & 0x007FFFFFu;
        return (uint32_t)(bits >> 63) << 31 | 0x7F800000u | (payload ? payload : 0x00400000u);
    }
    float narrow = (float)value;
    memcpy(&out, &narrow, 4);
    return out;
}

#endif
