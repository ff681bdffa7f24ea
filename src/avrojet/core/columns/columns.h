/* Columns in memory, and the innermost steps of filling them: copies, text and wide numbers. */
#ifndef AVROJET_COLUMNS_H
#define AVROJET_COLUMNS_H

#include "scalars.h"
#include "utf8check.h"

/* Room that a copy may fill after its end, and bytes that it may read after its source. */
#define AVROJET_COPY_SLACK 32

#if defined(__GNUC__)
#define AVROJET_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define AVROJET_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#else
#define AVROJET_LIKELY(condition) (condition)
#define AVROJET_UNLIKELY(condition) (condition)
#endif

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define AVROJET_LITTLE_ENDIAN 0
#else
#define AVROJET_LITTLE_ENDIAN 1
#endif

/* A column being filled. The members that the loop over rows uses come first, in one cache line. */
typedef struct AvrojetColumn AvrojetColumn;
struct AvrojetColumn {
    uint8_t *values;
    uint8_t *validity; /* bits, set beyond length; NULL: not nullable, or not allocated yet */
    uint8_t *data;
    int64_t used;      /* bytes of data */
    int64_t room;      /* bytes allocated for data, less slack for copies in chunks */
    int64_t nulls;     /* set when it is complete */
    int64_t length;    /* of the table or a list's items; columns within a struct follow it */
    int64_t capacity;  /* values for which values, validity and a struct's children have room */
    int storage;
    int text;
    int nullable;
    int precision;
    Py_ssize_t width;
    int null_member;   /* of a union: the member that takes a null: null, or the first */
    int table;         /* columns of the same table share their rows; a list's items are another table */
    int64_t wide;      /* bytes that each row takes in wide types, even for nulls */
    int64_t checked;   /* strings checked to be UTF-8 */
    int64_t expected;  /* length and used of the previous batch */
    int64_t expected_data;
    uint64_t bound[4]; /* 10 ** precision */
    Py_ssize_t count;
    AvrojetColumn *children;
    AvrojetColumn *dictionary; /* the symbols of an enum, else NULL */
};

/* Copy in chunks without a call: most strings take one. */
static inline void avrojet_copy(uint8_t *to, const uint8_t *from, Py_ssize_t size) {
    memcpy(to, from, AVROJET_COPY_SLACK);
    if (AVROJET_UNLIKELY(size > AVROJET_COPY_SLACK))
        memcpy(to + AVROJET_COPY_SLACK, from + AVROJET_COPY_SLACK, (size_t)(size - AVROJET_COPY_SLACK));
}

/* Bytes of text that stand in a view itself (Arrow columnar format: Variable-size Binary View Layout). */
#define AVROJET_SHORT_VIEW 12

/* A view of a string of at most that many bytes, all of which may be read. 0 where text needs a closer look. */
static inline int avrojet_short_view(AvrojetColumn *column, int64_t row, const uint8_t *from, int64_t size) {
    static const uint8_t kept[2 * AVROJET_SHORT_VIEW] = {
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    };
    const uint8_t *mask = kept + AVROJET_SHORT_VIEW - size;
    uint8_t *view = column->values + 16 * row;
    uint64_t first = avrojet_load64(from) & avrojet_load64(mask);
    uint32_t last, last_mask;
    memcpy(&last, from + 8, 4);
    memcpy(&last_mask, mask + 8, 4);
    last &= last_mask;
    if (AVROJET_UNLIKELY(column->text && (first | last) & UINT64_C(0x8080808080808080))) return 0;
    *(int32_t *)view = (int32_t)size;
    memcpy(view + 4, &first, 8);
    memcpy(view + 12, &last, 4);
    return 1;
}

/* A view of a longer one: its first bytes, and where all of them are. 0 where there is no room, or the text
   needs a closer look. Reads and writes up to AVROJET_COPY_SLACK bytes more. */
static inline int avrojet_long_view(AvrojetColumn *column, int64_t row, const uint8_t *from, int64_t size) {
    int32_t *view = (int32_t *)(column->values + 16 * row);
    int64_t used = column->used;
    if (AVROJET_UNLIKELY(used + size > column->room)) return 0;
    if (column->text && !avrojet_is_ascii(from, size) && !avrojet_utf8_valid(from, size)) return 0;
    avrojet_copy(column->data + used, from, size);
    column->used = used + size;
    view[0] = (int32_t)size;
    memcpy(&view[1], from, 4);
    view[2] = 0;
    view[3] = (int32_t)used;
    return 1;
}

/* Counts zeros in the first `count` bits. */
static inline int64_t avrojet_count_zeros(const uint8_t *bits, int64_t count) {
    int64_t ones = 0, i = 0;
    for (; i + 64 <= count; i += 64) {
        uint64_t word = avrojet_load64(bits + i / 8);
        word -= word >> 1 & UINT64_C(0x5555555555555555);
        word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
        word = (word + (word >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
        ones += (int64_t)(word * UINT64_C(0x0101010101010101) >> 56);
    }
    for (; i < count; i++) ones += bits[i / 8] >> (i & 7) & 1;
    return count - ones;
}

/* The value of 1 to 8 bytes of big-endian two's complement. */
static inline int64_t avrojet_narrow_number(const uint8_t *data, Py_ssize_t size) {
    uint64_t bits = 0;
    for (Py_ssize_t i = 0; i < size; i++) bits = bits << 8 | data[i];
    return (int64_t)(bits << 8 * (8 - size)) >> 8 * (8 - size);
}

/* The big-endian two's complement number in `data` as four 64-bit limbs, the lowest first. 0 if it needs more
   than 256 bits. */
static inline int avrojet_wide_number(const uint8_t *data, Py_ssize_t size, uint64_t *limbs) {
    uint8_t sign = data[0] & 0x80 ? 0xFF : 0;
    int i;
    while (size > 32) {
        if (data[0] != sign || (data[1] ^ sign) & 0x80) return 0;
        data++;
        size--;
    }
    for (i = 0; i < 4; i++) limbs[i] = sign ? UINT64_MAX : 0;
    for (Py_ssize_t k = 0; k < size; k++) {
        Py_ssize_t place = size - 1 - k;
        uint64_t mask = UINT64_C(0xFF) << 8 * (place % 8);
        limbs[place / 8] = (limbs[place / 8] & ~mask) | (uint64_t)data[k] << 8 * (place % 8);
    }
    return 1;
}

/* 1 if -bound < number < bound. */
static inline int avrojet_wide_within(const uint64_t *number, const uint64_t *bound) {
    uint64_t size[4], carry = 1;
    int negative = (number[3] >> 63) != 0, i;
    for (i = 0; i < 4; i++) {
        size[i] = number[i];
        if (negative) {
            size[i] = ~number[i] + carry;
            carry = carry && size[i] == 0;
        }
    }
    for (i = 3; i >= 0; i--)
        if (size[i] != bound[i]) return size[i] < bound[i];
    return 0;
}

/* Store the number's lowest `width` bytes, in the machine's order. */
static inline void avrojet_wide_store(const uint64_t *limbs, uint8_t *out, Py_ssize_t width) {
    Py_ssize_t count = width / 8;
    for (Py_ssize_t i = 0; i < count; i++)
        memcpy(out + 8 * (AVROJET_LITTLE_ENDIAN ? i : count - 1 - i), &limbs[i], 8);
}

/* References to memory that several Arrow arrays share and that any thread may drop. */
#if defined(_MSC_VER)
#include <intrin.h>
static inline void avrojet_share(volatile long *count) { _InterlockedIncrement(count); }
static inline int avrojet_drop(volatile long *count) { return _InterlockedDecrement(count) == 0; }
#else
static inline void avrojet_share(volatile long *count) { __atomic_add_fetch(count, 1, __ATOMIC_RELAXED); }
static inline int avrojet_drop(volatile long *count) { return __atomic_sub_fetch(count, 1, __ATOMIC_ACQ_REL) == 0; }
#endif

#endif
