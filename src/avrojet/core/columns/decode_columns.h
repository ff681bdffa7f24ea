/* The loop that fills columns: for each row it runs a program of ops, one for each leaf of the schema.

   The types of nearly all data are handled here, in one function, with the position in a register. An op
   jumps straight to the next one if the compiler supports computed goto, which is better predicted than a
   switch. Everything else is a call, in `decode_columns.pyx`. */
#ifndef AVROJET_FILL_H
#define AVROJET_FILL_H

#include "columns.h"

typedef struct AvrojetOp AvrojetOp;

/* Input and output of a run over rows. */
typedef struct {
    const uint8_t *end;
    int64_t value_bytes; /* the most one string or bytes may have */
    int64_t items;       /* the most one list may have */
    int64_t wanted;      /* bytes of data that a call for more room asks for */
    int64_t row;         /* the row that failed */
    int damaged;         /* 1: the data do not fit the program, 2: they end; calls set the cursor */
    const AvrojetColumn *column; /* for which a call failed, or NULL */
    void *cursor;        /* for calls */
} AvrojetRun;

typedef const uint8_t *(*AvrojetCall)(const AvrojetOp *op, const uint8_t *pos, int64_t row, AvrojetRun *run);

enum {
    FILL_END,      /* of a row */
    FILL_CALL,     /* any other op: call */
    FILL_BOOLEAN,
    FILL_INT,
    FILL_WIDE_INT, /* an int in a column of longs */
    FILL_LONG,
    FILL_FLOAT,
    FILL_DOUBLE,
    FILL_BYTES,    /* call: more room */
    FILL_LARGE,    /* the same with offsets of 64 bits */
    FILL_VIEW,     /* call: the whole value */
    FILL_NULLABLE, /* null_tag, count: ops after this one that a null skips; call: the null */
    FILL_NULLABLE_BOOLEAN, /* the same where count is 1, without a branch that might be mispredicted */
    FILL_NULLABLE_DOUBLE,
    FILL_NULLABLE_BYTES,
    FILL_NULLABLE_VIEW,
    FILL_LIST,     /* programs[0]: the items'; count: fewest bytes of an item, not 0; call: the whole value, or
                      the blocks that follow the items of this row */
    PASS_INT,      /* these skip a value */
    PASS_LONG,
    PASS_BYTES,
    PASS_FIXED,    /* count: bytes */
    PASS_NULLABLE, /* null_tag, count */
    PASS_NULLABLE_FIXED, /* the same where the only op skipped is of that kind */
    PASS_NULLABLE_BYTES,
    PASS_LIST,     /* programs[0], count as for FILL_LIST; call: the whole value */
    FILL_CODES
};

/* The greatest first byte of a length that is copied in one step. */
#define SHORT_SIZE (2 * AVROJET_COPY_SLACK)

enum { NULL_CALL, NULL_NUMBER, NULL_BYTES }; /* what is stored for a null: by the call, 8 bytes, an offset */

struct AvrojetOp {
    int code;
    uint8_t null_tag;  /* the union's index of null as one byte: 0 or 2 */
    uint8_t null_kind;
    uint16_t table;    /* whose rows the program fills, see `columns.h`: to check programs */
    int64_t count;
    AvrojetColumn *column;
    AvrojetCall call;
    /* For calls. */
    const void *node;
    const AvrojetOp **programs; /* of items, branches or a default */
    const int32_t *positions;   /* the reader's, by the writer's */
};

/* A zig-zag varint of at most `longest` bytes, whose first has a continuation bit. The position after it, or NULL.

   Each continuation bit is added, and subtracted again with the next byte. */
static inline const uint8_t *avrojet_longer(const uint8_t *pos, const uint8_t *end, int longest, int64_t *out) {
    uint64_t value = pos[0];
    int64_t most = end - pos < longest ? end - pos : longest;
    int64_t i = 1;
#define AVROJET_STEP(k)                                                         \
    value += ((uint64_t)pos[k] - 1) << 7 * k;                                   \
    if (pos[k] < 0x80) {                                                        \
        i = k;                                                                  \
        goto done;                                                              \
    }
    if (AVROJET_LIKELY(most >= 5)) {
        AVROJET_STEP(1)
        AVROJET_STEP(2)
        AVROJET_STEP(3)
        AVROJET_STEP(4)
        i = 5;
        if (most >= 8) {
            AVROJET_STEP(5)
            AVROJET_STEP(6)
            AVROJET_STEP(7)
            i = 8;
        }
    }
#undef AVROJET_STEP
    for (; i < most; i++) {
        value += ((uint64_t)pos[i] - 1) << 7 * i;
        if (pos[i] < 0x80) {
            if (i == 9 && pos[i] > 1) return NULL;
            goto done;
        }
    }
    return NULL;
done:
    *out = (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
    return pos + i + 1;
}

static inline void avrojet_null(const AvrojetOp *op, const uint8_t *pos, int64_t row, AvrojetRun *run) {
    AvrojetColumn *column = op->column;
    if (op->null_kind == NULL_CALL) {
        op->call(op, pos, row, run);
        return;
    }
    column->validity[row >> 3] &= (uint8_t)~(1 << (row & 7));
    if (op->null_kind == NULL_NUMBER)
        ((int64_t *)column->values)[row] = 0;
    else
        ((int32_t *)column->values)[row + 1] = ((int32_t *)column->values)[row];
}

/* Mark whether a row of a nullable column has a value. */
static inline void avrojet_mark(AvrojetColumn *column, int64_t row, int64_t there) {
    column->validity[row >> 3] &= (uint8_t)~((1 - there) << (row & 7));
}

/* Read a long or int at `pos` into `out`, or go to the label `failed`. */
#define AVROJET_TAKE(out, longest)                                              \
    do {                                                                        \
        if (AVROJET_UNLIKELY(pos >= end)) goto truncated;                       \
        if (AVROJET_LIKELY(*pos < 0x80)) {                                      \
            out = (int64_t)(*pos >> 1) ^ -(int64_t)(*pos & 1);                  \
            pos++;                                                              \
        } else {                                                                \
            const uint8_t *after = avrojet_longer(pos, end, longest, &out);    \
            if (AVROJET_UNLIKELY(after == NULL)) {                             \
                if (end - pos < longest) goto truncated;                        \
                goto failed;                                                    \
            }                                                                   \
            pos = after;                                                       \
        }                                                                       \
    } while (0)

#define AVROJET_NEED(size)                                                      \
    do {                                                                        \
        if (AVROJET_UNLIKELY(end - pos < (int64_t)(size))) goto truncated;      \
    } while (0)

/* Read the length of a string or bytes to `value`, and check that many bytes follow. An even single byte is
   twice the length; a negative length is huge. */
#define AVROJET_TAKE_SIZE                                                       \
    do {                                                                        \
        if (AVROJET_UNLIKELY(pos >= end)) goto truncated;                       \
        if (AVROJET_LIKELY((*pos & 0x81) == 0))                                 \
            value = *pos++ >> 1;                                                \
        else                                                                    \
            AVROJET_TAKE(value, 10);                                            \
        if (AVROJET_UNLIKELY((uint64_t)value > (uint64_t)value_bytes)) goto failed; \
        AVROJET_NEED(value);                                                    \
    } while (0)

/* Read the index of a union of two branches; for a null, skip `count` ops. */
#define AVROJET_TAG(on_null)                                                    \
    do {                                                                        \
        int64_t tag;                                                            \
        AVROJET_TAKE(tag, 5);                                                   \
        if (AVROJET_UNLIKELY((uint64_t)tag > 1)) goto failed;                   \
        if (2 * tag == op->null_tag) {                                          \
            on_null;                                                            \
            op += op->count;                                                    \
        }                                                                       \
    } while (0)

/* A string or bytes into data, and its end among offsets of that type. */
#define AVROJET_TAKE_BYTES(offset)                                              \
    do {                                                                        \
        AvrojetColumn *column = op->column;                                     \
        int64_t used = column->used;                                            \
        AVROJET_TAKE_SIZE;                                                      \
        if (AVROJET_UNLIKELY(used + value > column->room)) {                    \
            run->wanted = value;                                                \
            if (op->call(op, pos, row, run) == NULL) goto told;                 \
        }                                                                       \
        if (AVROJET_LIKELY(end - pos >= value + AVROJET_COPY_SLACK))            \
            avrojet_copy(column->data + used, pos, value);                      \
        else                                                                    \
            memcpy(column->data + used, pos, (size_t)value);                    \
        pos += value;                                                           \
        column->used = used + value;                                            \
        ((offset *)column->values)[row + 1] = (offset)(used + value);           \
    } while (0)

#if defined(__GNUC__)
#define AVROJET_OP(name) name:
#define AVROJET_NEXT                                                            \
    do {                                                                        \
        op++;                                                                   \
        goto *labels[op->code];                                                 \
    } while (0)
#else
#define AVROJET_OP(name) case name:
#define AVROJET_NEXT                                                            \
    do {                                                                        \
        op++;                                                                   \
        goto next;                                                              \
    } while (0)
#endif

static inline const uint8_t *avrojet_fill(
    const AvrojetOp *program, const uint8_t *pos, int64_t row, int64_t count, AvrojetRun *run
);

#define AVROJET_CONTINUED UINT64_C(0x8080808080808080)

#if defined(__GNUC__)
#define AVROJET_TRAILING_ZEROS(value) __builtin_ctzll(value)
#else
static inline int avrojet_trailing_zeros(uint64_t value) {
    int zeros = 0;
    for (; !(value & 1); value >>= 1) zeros++;
    return zeros;
}
#define AVROJET_TRAILING_ZEROS(value) avrojet_trailing_zeros(value)
#endif

static inline int64_t avrojet_unzigzag(uint64_t value) { return (int64_t)(value >> 1) ^ -(int64_t)(value & 1); }

/* width: of the column's values, 0 if the number goes to none */
static inline void avrojet_store_number(uint8_t *values, int width, int64_t i, int64_t value) {
    if (width == 8)
        ((int64_t *)values)[i] = value;
    else if (width == 4)
        ((int32_t *)values)[i] = (int32_t)value;
}

/* Read consecutive ints or longs: `count` of them, or fewer, up to one that needs a closer look. Returns how many.

   The numbers of a list are alike, but which takes a byte more than the last cannot be predicted. So eight of one
   byte each are read at once, and any other as a word, without a branch on its length. */
static inline int64_t avrojet_fill_numbers(
    uint8_t *values, int width, int is_int, const uint8_t **start, const uint8_t *end, int64_t count
) {
    const uint8_t *pos = *start;
    int64_t done = 0;
    while (done < count && end - pos >= 8) {
        uint64_t word = avrojet_load64le(pos), last = ~word & AVROJET_CONTINUED;
        int64_t value;
        int bytes;
        if (last == AVROJET_CONTINUED && count - done >= 8) {
            for (int i = 0; i < 8; i++) avrojet_store_number(values, width, done + i, avrojet_unzigzag(pos[i]));
            pos += 8;
            done += 8;
            continue;
        }
        if (AVROJET_UNLIKELY(last == 0)) break;
        bytes = AVROJET_TRAILING_ZEROS(last) / 8 + 1;
        word &= (last ^ (last - 1)) & ~AVROJET_CONTINUED;
        word = (word & UINT64_C(0x007F007F007F007F)) | (word & UINT64_C(0x7F007F007F007F00)) >> 1;
        word = (word & UINT64_C(0x00003FFF00003FFF)) | (word & UINT64_C(0x3FFF00003FFF0000)) >> 2;
        word = (word & UINT64_C(0x000000000FFFFFFF)) | (word & UINT64_C(0x0FFFFFFF00000000)) >> 4;
        value = avrojet_unzigzag(word);
        if (is_int && AVROJET_UNLIKELY(bytes > 5 || value != (int32_t)value)) break;
        avrojet_store_number(values, width, done++, value);
        pos += bytes;
    }
    *start = pos;
    return done;
}

/* Decode the first items of a list, if they are numbers in the usual form. Returns how many. */
static inline int64_t avrojet_fill_number_items(
    const AvrojetOp *program, const AvrojetColumn *items, const uint8_t **pos, int64_t count, const AvrojetRun *run
) {
    uint8_t *values = items->values + items->width * items->length;
    int code = program[0].code;
    if (code == FILL_END) return count; /* they have no bytes, and take no memory */
    if (program[0].column != items) return 0; /* they are records */
    if (code == FILL_LONG) return avrojet_fill_numbers(values, 8, 0, pos, run->end, count);
    if (code == FILL_INT) return avrojet_fill_numbers(values, 4, 1, pos, run->end, count);
    if (!AVROJET_LITTLE_ENDIAN || (code != FILL_DOUBLE && code != FILL_FLOAT)) return 0;
    if (count > (run->end - *pos) / items->width) return 0;
    memcpy(values, *pos, (size_t)(items->width * count));
    *pos += items->width * count;
    return count;
}

/* The same for items that go to no column. */
static inline int64_t avrojet_pass_number_items(
    const AvrojetOp *program, const uint8_t **pos, int64_t count, const AvrojetRun *run
) {
    int code = program[0].code;
    if ((code != PASS_LONG && code != PASS_INT) || program[1].code != FILL_END) return 0;
    return avrojet_fill_numbers(NULL, 0, code == PASS_INT, pos, run->end, count);
}

/* Decode the items of a block, for which room is reserved. */
static inline const uint8_t *avrojet_fill_items(
    const AvrojetOp *program, AvrojetColumn *items, const uint8_t *pos, int64_t count, AvrojetRun *run
) {
    int64_t done = avrojet_fill_number_items(program, items, &pos, count, run);
    pos = avrojet_fill(program, pos, items->length + done, count - done, run);
    items->length += count;
    return pos;
}

/* Decode `count` rows from `pos` into the columns of the program, which have room for them, from row `row` on.
   Returns the position after them, or NULL. */
static inline const uint8_t *avrojet_fill(
    const AvrojetOp *program, const uint8_t *pos, int64_t row, int64_t count, AvrojetRun *run
) {
    const uint8_t *end = run->end;
    int64_t value_bytes = run->value_bytes;
    int64_t stop = row + count;
    const AvrojetOp *op = program - 1;
    int64_t value;
#if defined(__GNUC__)
    static const void *const labels[FILL_CODES] = {
        [FILL_END] = &&FILL_END, [FILL_CALL] = &&FILL_CALL, [FILL_BOOLEAN] = &&FILL_BOOLEAN,
        [FILL_INT] = &&FILL_INT, [FILL_WIDE_INT] = &&FILL_WIDE_INT, [FILL_LONG] = &&FILL_LONG,
        [FILL_FLOAT] = &&FILL_FLOAT, [FILL_DOUBLE] = &&FILL_DOUBLE, [FILL_BYTES] = &&FILL_BYTES,
        [FILL_LARGE] = &&FILL_LARGE, [FILL_VIEW] = &&FILL_VIEW, [FILL_NULLABLE_VIEW] = &&FILL_NULLABLE_VIEW,
        [FILL_NULLABLE] = &&FILL_NULLABLE, [FILL_NULLABLE_BOOLEAN] = &&FILL_NULLABLE_BOOLEAN,
        [FILL_NULLABLE_DOUBLE] = &&FILL_NULLABLE_DOUBLE, [FILL_NULLABLE_BYTES] = &&FILL_NULLABLE_BYTES,
        [FILL_LIST] = &&FILL_LIST, [PASS_INT] = &&PASS_INT, [PASS_LONG] = &&PASS_LONG,
        [PASS_BYTES] = &&PASS_BYTES, [PASS_FIXED] = &&PASS_FIXED, [PASS_NULLABLE] = &&PASS_NULLABLE,
        [PASS_NULLABLE_FIXED] = &&PASS_NULLABLE_FIXED, [PASS_NULLABLE_BYTES] = &&PASS_NULLABLE_BYTES,
        [PASS_LIST] = &&PASS_LIST,
    };
#endif
    if (count == 0) return pos;
    AVROJET_NEXT;

#if !defined(__GNUC__)
next:
    switch (op->code) {
#endif
    AVROJET_OP(FILL_LONG)
        AVROJET_TAKE(value, 10);
        ((int64_t *)op->column->values)[row] = value;
        AVROJET_NEXT;

    AVROJET_OP(FILL_INT)
        AVROJET_TAKE(value, 5);
        if (AVROJET_UNLIKELY(value != (int32_t)value)) goto failed;
        ((int32_t *)op->column->values)[row] = (int32_t)value;
        AVROJET_NEXT;

    AVROJET_OP(FILL_WIDE_INT)
        AVROJET_TAKE(value, 5);
        if (AVROJET_UNLIKELY(value != (int32_t)value)) goto failed;
        ((int64_t *)op->column->values)[row] = value;
        AVROJET_NEXT;

    AVROJET_OP(FILL_BYTES)
        AVROJET_TAKE_BYTES(int32_t);
        AVROJET_NEXT;

    AVROJET_OP(FILL_LARGE)
        AVROJET_TAKE_BYTES(int64_t);
        AVROJET_NEXT;

    AVROJET_OP(FILL_VIEW) {
        const uint8_t *start = pos;
        int done;
        AVROJET_TAKE_SIZE;
        if (AVROJET_UNLIKELY(end - pos < value + AVROJET_COPY_SLACK))
            done = 0;
        else if (AVROJET_LIKELY(value <= AVROJET_SHORT_VIEW))
            done = avrojet_short_view(op->column, row, pos, value);
        else
            done = avrojet_long_view(op->column, row, pos, value);
        pos += value;
        if (AVROJET_UNLIKELY(!done && (pos = op->call(op, start, row, run)) == NULL)) goto told;
        AVROJET_NEXT;
    }

    AVROJET_OP(FILL_NULLABLE)
    nullable:
        AVROJET_TAG(avrojet_null(op, pos, row, run));
        AVROJET_NEXT;

    AVROJET_OP(FILL_NULLABLE_BOOLEAN) {
        uint8_t there, bit;
        if (AVROJET_UNLIKELY(end - pos < 2 || *pos & ~2)) goto nullable;
        there = *pos != op->null_tag;
        bit = pos[1] & (uint8_t)-there;
        if (AVROJET_UNLIKELY(bit > 1)) goto failed;
        pos += 1 + there;
        op->column->values[row >> 3] |= (uint8_t)(bit << (row & 7));
        avrojet_mark(op->column, row, there);
        op++;
        AVROJET_NEXT;
    }

    AVROJET_OP(FILL_NULLABLE_DOUBLE) {
        uint64_t there, bits;
        if (AVROJET_UNLIKELY(end - pos < 9 || *pos & ~2)) goto nullable;
        there = *pos != op->null_tag;
        bits = avrojet_load64le(pos + 1) & (0 - there);
        pos += 1 + 8 * there;
        ((uint64_t *)op->column->values)[row] = bits;
        avrojet_mark(op->column, row, there);
        op++;
        AVROJET_NEXT;
    }

    AVROJET_OP(FILL_NULLABLE_BYTES) {
        AvrojetColumn *column = op->column;
        int64_t used = column->used, there, size;
        if (AVROJET_UNLIKELY(end - pos < 2 + SHORT_SIZE + AVROJET_COPY_SLACK || *pos & ~2)) goto nullable;
        there = *pos != op->null_tag;
        size = pos[1] & (0 - there);
        if (AVROJET_UNLIKELY(size > SHORT_SIZE || size & 1)) goto nullable;
        size >>= 1;
        if (AVROJET_UNLIKELY(size > value_bytes || used + size > column->room)) goto nullable;
        memcpy(column->data + used, pos + 2, AVROJET_COPY_SLACK);
        pos += 1 + there + size;
        column->used = used + size;
        ((int32_t *)column->values)[row + 1] = (int32_t)(used + size);
        avrojet_mark(column, row, there);
        op++;
        AVROJET_NEXT;
    }

    AVROJET_OP(FILL_NULLABLE_VIEW) {
        int64_t there, size;
        if (AVROJET_UNLIKELY(end - pos < 2 + AVROJET_SHORT_VIEW || *pos & ~2)) goto nullable;
        there = *pos != op->null_tag;
        size = pos[1] & (0 - there);
        if (AVROJET_UNLIKELY(size > 2 * AVROJET_SHORT_VIEW || size & 1 || size >> 1 > value_bytes)) goto nullable;
        size >>= 1;
        if (AVROJET_UNLIKELY(!avrojet_short_view(op->column, row, pos + 2, size))) goto nullable;
        pos += 1 + there + size;
        avrojet_mark(op->column, row, there);
        op++;
        AVROJET_NEXT;
    }

    AVROJET_OP(FILL_LIST) {
        /* Nearly all lists have one block with a count of one byte, or none. */
        AvrojetColumn *items = op->column->children;
        AVROJET_NEED(1);
        value = *pos >> 1;
        if (AVROJET_LIKELY(
                !(*pos & 0x81) && value <= run->items && value * op->count < end - pos
                && items->length + value <= items->capacity)) {
            pos++;
            if (value) {
                pos = avrojet_fill_items(op->programs[0], items, pos, value, run);
                if (AVROJET_UNLIKELY(pos == NULL)) goto told;
                AVROJET_NEED(1);
                if (*pos == 0)
                    pos++;
                else if ((pos = op->call(op, pos, row, run)) == NULL)
                    goto told;
            }
        } else if ((pos = op->call(op, pos, row, run)) == NULL) {
            goto told;
        }
        if (AVROJET_UNLIKELY(op->column->width == 8))
            ((int64_t *)op->column->values)[row + 1] = items->length;
        else
            ((int32_t *)op->column->values)[row + 1] = (int32_t)items->length;
        AVROJET_NEXT;
    }

    AVROJET_OP(FILL_DOUBLE) {
        uint64_t bits;
        AVROJET_NEED(8);
        bits = avrojet_load64le(pos);
        pos += 8;
        ((uint64_t *)op->column->values)[row] = bits;
        AVROJET_NEXT;
    }

    AVROJET_OP(FILL_FLOAT) {
        uint32_t bits;
        AVROJET_NEED(4);
        bits = avrojet_load32le(pos);
        pos += 4;
        ((uint32_t *)op->column->values)[row] = bits;
        AVROJET_NEXT;
    }

    AVROJET_OP(FILL_BOOLEAN)
        AVROJET_NEED(1);
        if (AVROJET_UNLIKELY(*pos > 1)) goto failed;
        op->column->values[row >> 3] |= (uint8_t)(*pos << (row & 7));
        pos++;
        AVROJET_NEXT;

    AVROJET_OP(FILL_CALL)
        pos = op->call(op, pos, row, run);
        if (AVROJET_UNLIKELY(pos == NULL)) goto told;
        AVROJET_NEXT;

    AVROJET_OP(PASS_INT)
        AVROJET_TAKE(value, 5);
        if (AVROJET_UNLIKELY(value != (int32_t)value)) goto failed;
        AVROJET_NEXT;

    AVROJET_OP(PASS_LONG)
        AVROJET_TAKE(value, 10);
        AVROJET_NEXT;

    AVROJET_OP(PASS_BYTES)
        AVROJET_TAKE_SIZE;
        pos += value;
        AVROJET_NEXT;

    AVROJET_OP(PASS_FIXED)
        AVROJET_NEED(op->count);
        pos += op->count;
        AVROJET_NEXT;

    AVROJET_OP(PASS_NULLABLE)
    pass_nullable:
        AVROJET_TAG(;);
        AVROJET_NEXT;

    AVROJET_OP(PASS_NULLABLE_FIXED)
        if (AVROJET_UNLIKELY(end - pos < 1 + op[1].count || *pos & ~2)) goto pass_nullable;
        pos += 1 + op[1].count * (*pos != op->null_tag);
        op++;
        AVROJET_NEXT;

    AVROJET_OP(PASS_NULLABLE_BYTES) {
        int64_t there, size;
        if (AVROJET_UNLIKELY(end - pos < 2 + SHORT_SIZE || *pos & ~2)) goto pass_nullable;
        there = *pos != op->null_tag;
        size = pos[1] & (0 - there);
        if (AVROJET_UNLIKELY(size > SHORT_SIZE || size & 1 || size >> 1 > value_bytes)) goto pass_nullable;
        pos += 1 + there + (size >> 1);
        op++;
        AVROJET_NEXT;
    }

    AVROJET_OP(PASS_LIST) {
        const uint8_t *start = pos;
        const AvrojetOp *items = op->programs[0];
        AVROJET_NEED(1);
        value = *pos >> 1;
        if (AVROJET_UNLIKELY(*pos & 0x81 || value > run->items || value * op->count >= end - pos)) {
            pos = op->call(op, start, row, run);
        } else {
            pos++;
            if (items[0].code == PASS_FIXED && items[1].code == FILL_END) {
                pos += value * items[0].count;
            } else {
                int64_t passed = avrojet_pass_number_items(items, &pos, value, run);
                pos = avrojet_fill(items, pos, 0, value - passed, run);
            }
            if (AVROJET_UNLIKELY(pos == NULL)) goto told;
            if (value) {
                AVROJET_NEED(1);
                pos = *pos == 0 ? pos + 1 : op->call(op, start, row, run);
            }
        }
        if (AVROJET_UNLIKELY(pos == NULL)) goto told;
        AVROJET_NEXT;
    }

    AVROJET_OP(FILL_END)
        if (++row == stop) return pos;
        op = program - 1;
        AVROJET_NEXT;
#if !defined(__GNUC__)
    }
#endif

truncated:
    run->damaged = 1;
failed:
    run->damaged++;
told:
    run->row = row;
    return NULL;
}

#endif
