/* Is text well-formed UTF-8? Checks 16 bytes at a time where the processor can look bytes up in a table.

   Any fault in two consecutive bytes shows in three nibbles: the high and the low one of the first byte, and
   the high one of the second. For each of the three a table says which faults the nibble allows; a fault that
   all three allow is present. It remains to check that third and fourth bytes are exactly where they must be
   (Keiser and Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte"). */
#ifndef AVROJET_UTF8CHECK_H
#define AVROJET_UTF8CHECK_H

#include "scalars.h"
#include "utf8.h"

#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>
#define AVROJET_UTF8_VECTORS
#define AVROJET_VECTOR_TARGET __attribute__((target("ssse3")))
typedef __m128i AvrojetVector;
#define VECTOR_LOAD(p) _mm_loadu_si128((const __m128i *)(p))
#define VECTOR_FILL(byte) _mm_set1_epi8((char)(byte))
#define VECTOR_AND(a, b) _mm_and_si128(a, b)
#define VECTOR_OR(a, b) _mm_or_si128(a, b)
#define VECTOR_XOR(a, b) _mm_xor_si128(a, b)
#define VECTOR_LOW(a) _mm_and_si128(a, _mm_set1_epi8(15))
#define VECTOR_HIGH(a) _mm_and_si128(_mm_srli_epi16(a, 4), _mm_set1_epi8(15))
#define VECTOR_LOOK_UP(table, a) _mm_shuffle_epi8(table, a)
#define VECTOR_BEFORE(before, a, n) _mm_alignr_epi8(a, before, 16 - (n)) /* the bytes n positions earlier */
#define VECTOR_EXCESS(a, byte) _mm_subs_epu8(a, _mm_set1_epi8((char)(byte)))
#define VECTOR_IS_ASCII(a) (_mm_movemask_epi8(a) == 0)
#define VECTOR_IS_ZERO(a) (_mm_movemask_epi8(_mm_cmpeq_epi8(a, _mm_setzero_si128())) == 0xFFFF)
#define AVROJET_HAS_VECTORS() __builtin_cpu_supports("ssse3")
#elif defined(__GNUC__) && defined(__aarch64__)
#include <arm_neon.h>
#define AVROJET_UTF8_VECTORS
#define AVROJET_VECTOR_TARGET
typedef uint8x16_t AvrojetVector;
#define VECTOR_LOAD(p) vld1q_u8(p)
#define VECTOR_FILL(byte) vdupq_n_u8(byte)
#define VECTOR_AND(a, b) vandq_u8(a, b)
#define VECTOR_OR(a, b) vorrq_u8(a, b)
#define VECTOR_XOR(a, b) veorq_u8(a, b)
#define VECTOR_LOW(a) vandq_u8(a, vdupq_n_u8(15))
#define VECTOR_HIGH(a) vshrq_n_u8(a, 4)
#define VECTOR_LOOK_UP(table, a) vqtbl1q_u8(table, a)
#define VECTOR_BEFORE(before, a, n) vextq_u8(before, a, 16 - (n))
#define VECTOR_EXCESS(a, byte) vqsubq_u8(a, vdupq_n_u8(byte))
#define VECTOR_IS_ASCII(a) (vmaxvq_u8(a) < 0x80)
#define VECTOR_IS_ZERO(a) (vmaxvq_u8(a) == 0)
#define AVROJET_HAS_VECTORS() 1
#endif

/* One character at a time. */
static inline int avrojet_utf8_walk(const uint8_t *data, Py_ssize_t size) {
    const uint8_t *p = data, *end = data + size;
    uint8_t rest[12] = {0};
    uint32_t code;
    int taken;
    while (end - p >= 8) {
        if ((avrojet_load64(p) & UINT64_C(0x8080808080808080)) == 0) {
            p += 8;
            continue;
        }
        taken = avrojet_utf8_next(avrojet_load4(p), &code, 0, 4);
        if (taken == 0) return 0;
        p += taken;
    }
    /* Zeros after the last bytes make a truncated character malformed. */
    memcpy(rest, p, (size_t)(end - p));
    for (Py_ssize_t k = 0; k < end - p; k += taken) {
        taken = avrojet_utf8_next(avrojet_load4(rest + k), &code, 0, 4);
        if (taken == 0) return 0;
    }
    return 1;
}

#if defined(AVROJET_UTF8_VECTORS)

enum {
    UTF8_TOO_SHORT = 1,    /* a lead byte without a continuation after it */
    UTF8_TOO_LONG = 2,     /* ASCII with a continuation after it */
    UTF8_OVERLONG_3 = 4,   /* E0 80 to E0 9F */
    UTF8_TOO_LARGE = 8,    /* F4 90 and above */
    UTF8_SURROGATE = 16,   /* ED A0 and above */
    UTF8_OVERLONG_2 = 32,  /* C0, C1 */
    UTF8_OVERLONG_4 = 64,  /* F0 80 to F0 8F; also F5 80 to FF 8F, which are too large */
    UTF8_TWO = 128,        /* two continuations, right only after a lead byte of three or four */
    UTF8_CARRY = UTF8_TOO_SHORT | UTF8_TOO_LONG | UTF8_TWO
};

/* By the first byte's high nibble. */
static const uint8_t AVROJET_UTF8_FIRST_HIGH[16] = {
    UTF8_TOO_LONG, UTF8_TOO_LONG, UTF8_TOO_LONG, UTF8_TOO_LONG,
    UTF8_TOO_LONG, UTF8_TOO_LONG, UTF8_TOO_LONG, UTF8_TOO_LONG,
    UTF8_TWO, UTF8_TWO, UTF8_TWO, UTF8_TWO,
    UTF8_TOO_SHORT | UTF8_OVERLONG_2,
    UTF8_TOO_SHORT,
    UTF8_TOO_SHORT | UTF8_OVERLONG_3 | UTF8_SURROGATE,
    UTF8_TOO_SHORT | UTF8_TOO_LARGE | UTF8_OVERLONG_4,
};

/* By the first byte's low nibble. */
static const uint8_t AVROJET_UTF8_FIRST_LOW[16] = {
    UTF8_CARRY | UTF8_OVERLONG_3 | UTF8_OVERLONG_2 | UTF8_OVERLONG_4,
    UTF8_CARRY | UTF8_OVERLONG_2,
    UTF8_CARRY,
    UTF8_CARRY,
    UTF8_CARRY | UTF8_TOO_LARGE,
    UTF8_CARRY | UTF8_TOO_LARGE | UTF8_OVERLONG_4,
    UTF8_CARRY | UTF8_TOO_LARGE | UTF8_OVERLONG_4,
    UTF8_CARRY | UTF8_TOO_LARGE | UTF8_OVERLONG_4,
    UTF8_CARRY | UTF8_TOO_LARGE | UTF8_OVERLONG_4,
    UTF8_CARRY | UTF8_TOO_LARGE | UTF8_OVERLONG_4,
    UTF8_CARRY | UTF8_TOO_LARGE | UTF8_OVERLONG_4,
    UTF8_CARRY | UTF8_TOO_LARGE | UTF8_OVERLONG_4,
    UTF8_CARRY | UTF8_TOO_LARGE | UTF8_OVERLONG_4,
    UTF8_CARRY | UTF8_TOO_LARGE | UTF8_OVERLONG_4 | UTF8_SURROGATE,
    UTF8_CARRY | UTF8_TOO_LARGE | UTF8_OVERLONG_4,
    UTF8_CARRY | UTF8_TOO_LARGE | UTF8_OVERLONG_4,
};

/* By the second byte's high nibble. */
static const uint8_t AVROJET_UTF8_SECOND_HIGH[16] = {
    UTF8_TOO_SHORT, UTF8_TOO_SHORT, UTF8_TOO_SHORT, UTF8_TOO_SHORT,
    UTF8_TOO_SHORT, UTF8_TOO_SHORT, UTF8_TOO_SHORT, UTF8_TOO_SHORT,
    UTF8_TOO_LONG | UTF8_OVERLONG_2 | UTF8_TWO | UTF8_OVERLONG_3 | UTF8_OVERLONG_4,
    UTF8_TOO_LONG | UTF8_OVERLONG_2 | UTF8_TWO | UTF8_OVERLONG_3 | UTF8_TOO_LARGE,
    UTF8_TOO_LONG | UTF8_OVERLONG_2 | UTF8_TWO | UTF8_SURROGATE | UTF8_TOO_LARGE,
    UTF8_TOO_LONG | UTF8_OVERLONG_2 | UTF8_TWO | UTF8_SURROGATE | UTF8_TOO_LARGE,
    UTF8_TOO_SHORT, UTF8_TOO_SHORT, UTF8_TOO_SHORT, UTF8_TOO_SHORT,
};

/* Nonzero where a block of 16 bytes, which follows `before`, has a fault. */
AVROJET_VECTOR_TARGET static inline AvrojetVector avrojet_utf8_faults(AvrojetVector before, AvrojetVector block) {
    AvrojetVector first = VECTOR_BEFORE(before, block, 1);
    AvrojetVector faults = VECTOR_AND(
        VECTOR_AND(
            VECTOR_LOOK_UP(VECTOR_LOAD(AVROJET_UTF8_FIRST_HIGH), VECTOR_HIGH(first)),
            VECTOR_LOOK_UP(VECTOR_LOAD(AVROJET_UTF8_FIRST_LOW), VECTOR_LOW(first))),
        VECTOR_LOOK_UP(VECTOR_LOAD(AVROJET_UTF8_SECOND_HIGH), VECTOR_HIGH(block)));
    /* The high bit is set where the byte two before is E0 or above, or the byte three before is F0 or above: there,
       and only there, two continuations in a row are right. */
    AvrojetVector third = VECTOR_EXCESS(VECTOR_BEFORE(before, block, 2), 0xE0 - 0x80);
    AvrojetVector fourth = VECTOR_EXCESS(VECTOR_BEFORE(before, block, 3), 0xF0 - 0x80);
    return VECTOR_XOR(faults, VECTOR_AND(VECTOR_OR(third, fourth), VECTOR_FILL(0x80)));
}

AVROJET_VECTOR_TARGET static int avrojet_utf8_vectors(const uint8_t *data, Py_ssize_t size) {
    uint8_t rest[16] = {0};
    AvrojetVector before = VECTOR_FILL(0), faults = VECTOR_FILL(0), block;
    Py_ssize_t i = 0;
    while (i + 16 <= size) {
        block = VECTOR_LOAD(data + i);
        /* A block of pure ASCII only needs the block before it to end with a whole character. */
        faults = VECTOR_OR(faults, avrojet_utf8_faults(before, block));
        before = block;
        i += 16;
        if (VECTOR_IS_ASCII(block)) {
            while (i + 32 <= size && VECTOR_IS_ASCII(VECTOR_OR(VECTOR_LOAD(data + i), VECTOR_LOAD(data + i + 16))))
                i += 32;
            before = VECTOR_FILL(0);
        }
    }
    /* At least one zero follows the last bytes: a truncated character is too short. */
    memcpy(rest, data + i, (size_t)(size - i));
    faults = VECTOR_OR(faults, avrojet_utf8_faults(before, VECTOR_LOAD(rest)));
    return VECTOR_IS_ZERO(faults);
}

#endif

/* 1 if the bytes are well-formed UTF-8. */
static inline int avrojet_utf8_valid(const uint8_t *data, Py_ssize_t size) {
#if defined(AVROJET_UTF8_VECTORS)
    if (size >= 16 && AVROJET_HAS_VECTORS()) return avrojet_utf8_vectors(data, size);
#endif
    return avrojet_utf8_walk(data, size);
}

#endif
