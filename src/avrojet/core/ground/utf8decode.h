/* UTF-8 to str: a first pass without branches counts the characters and finds the widest one, so that the str
   is allocated once, with its final length and width.

   With AVX2, longer text is decoded eight bytes at a time: each byte is decoded as if a character began there, and
   only the lanes where one does are kept. Text that mixes character sizes is decoded about five times as fast by
   that, since a loop over characters mispredicts the size of each. */
#ifndef AVROJET_UTF8DECODE_H
#define AVROJET_UTF8DECODE_H

#include "utf8.h"
#include "utf8check.h"

#if defined(__GNUC__) && defined(__x86_64__)
#define AVROJET_UTF8_LANES
#define AVROJET_LANES_TARGET __attribute__((target("avx2")))
#define AVROJET_HAS_LANES() __builtin_cpu_supports("avx2")
#define AVROJET_LANES_INLINE AVROJET_LANES_TARGET AVROJET_INLINE

/* Row r holds the 32-bit lanes whose bits are set in r: the shuffle that moves those lanes to the front. */
#define LANE(n) 4 * (n), 4 * (n) + 1, 4 * (n) + 2, 4 * (n) + 3
static const uint8_t AVROJET_LANES_KEPT[16][16] = {
    {0}, {LANE(0)}, {LANE(1)}, {LANE(0), LANE(1)}, {LANE(2)}, {LANE(0), LANE(2)}, {LANE(1), LANE(2)},
    {LANE(0), LANE(1), LANE(2)}, {LANE(3)}, {LANE(0), LANE(3)}, {LANE(1), LANE(3)}, {LANE(0), LANE(1), LANE(3)},
    {LANE(2), LANE(3)}, {LANE(0), LANE(2), LANE(3)}, {LANE(1), LANE(2), LANE(3)},
    {LANE(0), LANE(1), LANE(2), LANE(3)},
};
#undef LANE

/* The code points of the characters that begin at the first eight bytes; eleven bytes are read. A lane where no
   character begins is meaningless. */
AVROJET_LANES_INLINE __m256i avrojet_code_points(__m128i bytes) {
    const __m256i windows = _mm256_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6,
                                             4, 5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10);
    /* By the first byte's high nibble: its payload bits, and how far to shift the sum of four bytes to the right. */
    const __m256i bits = _mm256_broadcastsi128_si256(_mm_setr_epi8(
        0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0, 0, 0, 0, 0x1F, 0x1F, 0x0F, 0x07));
    const __m256i excess = _mm256_broadcastsi128_si256(_mm_setr_epi8(
        18, 18, 18, 18, 18, 18, 18, 18, 0, 0, 0, 0, 12, 12, 6, 0));
    __m256i four = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), windows);
    /* The high bit makes a look-up return 0 for all but the first bytes. */
    __m256i nibble = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi32(four, 4), _mm256_set1_epi32(15)),
                                     _mm256_set1_epi32((int)0x80808000));
    __m256i own = _mm256_and_si256(
        four, _mm256_or_si256(_mm256_shuffle_epi8(bits, nibble), _mm256_set1_epi32(0x3F3F3F00)));
    __m256i pairs = _mm256_maddubs_epi16(own, _mm256_set1_epi16(0x0140));      /* 64 * even + odd */
    __m256i wholes = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));  /* 4096 * even + odd */
    return _mm256_srlv_epi32(wholes, _mm256_shuffle_epi8(excess, nibble));
}

/* Store the lanes whose bits are set, writing four elements; returns how many count. */
AVROJET_LANES_INLINE int avrojet_put_lanes(__m128i lanes, int set, void *array, Py_ssize_t i, int width) {
    __m128i kept = _mm_shuffle_epi8(lanes, _mm_loadu_si128((const __m128i *)AVROJET_LANES_KEPT[set]));
    if (width == 1) {
        int four = _mm_cvtsi128_si32(_mm_packus_epi16(_mm_packus_epi32(kept, kept), kept));
        memcpy((Py_UCS1 *)array + i, &four, 4);
    } else if (width == 2) {
        _mm_storel_epi64((__m128i *)((Py_UCS2 *)array + i), _mm_packus_epi32(kept, kept));
    } else {
        _mm_storeu_si128((__m128i *)((Py_UCS4 *)array + i), kept);
    }
    return __builtin_popcount((unsigned)set);
}

/* Store sixteen ASCII characters. */
AVROJET_LANES_INLINE void avrojet_put_ascii(__m128i bytes, void *array, Py_ssize_t i, int width) {
    const __m128i none = _mm_setzero_si128();
    if (width == 1) {
        _mm_storeu_si128((__m128i *)((Py_UCS1 *)array + i), bytes);
    } else if (width == 2) {
        _mm_storeu_si128((__m128i *)((Py_UCS2 *)array + i), _mm_unpacklo_epi8(bytes, none));
        _mm_storeu_si128((__m128i *)((Py_UCS2 *)array + i + 8), _mm_unpackhi_epi8(bytes, none));
    } else {
        for (int k = 0; k < 16; k += 4, bytes = _mm_srli_si128(bytes, 4))
            _mm_storeu_si128((__m128i *)((Py_UCS4 *)array + i + k), _mm_cvtepu8_epi32(bytes));
    }
}

/* Decode well-formed text into an array of `length` elements, as long as whole vectors can be read and written;
   returns where the rest begins. Adds what was stored to *i. */
AVROJET_LANES_INLINE const uint8_t *avrojet_utf8_lanes(
    const uint8_t *p, const uint8_t *end, void *array, Py_ssize_t length, Py_ssize_t *i, int width) {
    Py_ssize_t at = *i; /* a copy, as the compiler must assume that *i is in the array */
    while (end - p >= 16 && length - at >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)p);
        if (_mm_movemask_epi8(bytes) == 0) {
            avrojet_put_ascii(bytes, array, at, width);
            p += 16;
            at += 16;
            continue;
        }
        int leads = _mm_movemask_epi8(_mm_cmpgt_epi8(bytes, _mm_set1_epi8(-65)));
        __m256i lanes = avrojet_code_points(bytes);
        at += avrojet_put_lanes(_mm256_castsi256_si128(lanes), leads & 15, array, at, width);
        at += avrojet_put_lanes(_mm256_extracti128_si256(lanes, 1), leads >> 4 & 15, array, at, width);
        p += 8;
    }
    *i = at;
    while (p < end && (*p & 0xC0) == 0x80) p++; /* the rest of the last character stored */
    return p;
}

AVROJET_LANES_TARGET static const uint8_t *avrojet_utf8_lanes_1(
    const uint8_t *p, const uint8_t *end, void *array, Py_ssize_t length, Py_ssize_t *i) {
    return avrojet_utf8_lanes(p, end, array, length, i, 1);
}

AVROJET_LANES_TARGET static const uint8_t *avrojet_utf8_lanes_2(
    const uint8_t *p, const uint8_t *end, void *array, Py_ssize_t length, Py_ssize_t *i) {
    return avrojet_utf8_lanes(p, end, array, length, i, 2);
}

AVROJET_LANES_TARGET static const uint8_t *avrojet_utf8_lanes_4(
    const uint8_t *p, const uint8_t *end, void *array, Py_ssize_t length, Py_ssize_t *i) {
    return avrojet_utf8_lanes(p, end, array, length, i, 4);
}

#define AVROJET_LEAST_LANES 48 /* bytes of text from which the vectors pay off */
#endif

/* Decode into an array of `length` elements, one for every leading byte. 1, or 0 if the bytes are malformed. */
AVROJET_INLINE int avrojet_utf8_all(
    const uint8_t *data, Py_ssize_t size, int is_valid, void *array, Py_ssize_t length, int width) {
    const uint8_t *p = data;
    Py_ssize_t i = 0;
#if defined(AVROJET_UTF8_LANES)
    if (size >= AVROJET_LEAST_LANES && AVROJET_HAS_LANES()) {
        if (!is_valid && !avrojet_utf8_valid(data, size)) return 0;
        p = width == 1 ? avrojet_utf8_lanes_1(p, data + size, array, length, &i)
          : width == 2 ? avrojet_utf8_lanes_2(p, data + size, array, length, &i)
                       : avrojet_utf8_lanes_4(p, data + size, array, length, &i);
    }
#else
    (void)length;
    (void)is_valid;
#endif
    return avrojet_utf8_fill(p, data + size, (uint8_t *)array + i * width, width);
}

/* A str from UTF-8; NULL without an exception if it is malformed. `is_valid` says that it is known not to be. */
static inline PyObject *avrojet_utf8_decode(const uint8_t *data, Py_ssize_t size, int is_valid) {
    Py_ssize_t length = 0;
    uint8_t widest = 0;
    int done;
    PyObject *text;
    for (Py_ssize_t begin = 0; begin < size; begin += 3 * AVROJET_STRIDE) {
        Py_ssize_t i, end = size - begin < 3 * AVROJET_STRIDE ? size : begin + 3 * AVROJET_STRIDE;
        uint8_t leads = 0; /* at most one for each byte */
        for (i = begin; i < end; i++) {
            leads += (int8_t)data[i] >= -64; /* any but a continuation, 10xxxxxx */
            widest = data[i] > widest ? data[i] : widest;
        }
        length += leads;
    }
    if (length == 0) return NULL;
    text = PyUnicode_New(length, widest < 0x80 ? 0x7F : widest < 0xC4 ? 0xFF : widest < 0xF0 ? 0xFFFF : 0x10FFFF);
    if (text == NULL) return NULL;
    if (widest < 0xC4) done = avrojet_utf8_all(data, size, is_valid, PyUnicode_1BYTE_DATA(text), length, 1);
    else if (widest < 0xF0) done = avrojet_utf8_all(data, size, is_valid, PyUnicode_2BYTE_DATA(text), length, 2);
    else done = avrojet_utf8_all(data, size, is_valid, PyUnicode_4BYTE_DATA(text), length, 4);
    if (done) return text;
    Py_DECREF(text);
    return NULL;
}

#endif
