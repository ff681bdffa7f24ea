/* The loop that encodes a row of columns: a program of nodes, one for each leaf of the schema.

   The types of nearly all data are written here; everything else is a call, in `encode_columns.pyx`.
   `decode_columns.h` says how one node leads to the next. */
#ifndef AVROJET_ARRAY_READER_H
#define AVROJET_ARRAY_READER_H

#include "encode_columns.h"
#include "failures.h"

typedef struct AvrojetArrowNode AvrojetArrowNode;

typedef struct {
    void *sink;
    uint8_t *end;       /* end of the room */
    AvrojetArrowNode *at;     /* where it failed, and why */
    int error;
    int64_t number;
    const char *reason;
    int64_t work;       /* values that may be written before the next check for Ctrl-C */
    int64_t empty_items; /* items of no bytes still allowed in the row */
} AvrojetOutput;

typedef uint8_t *(*AvrojetArrowRoutine)(AvrojetArrowNode *node, int64_t i, uint8_t *pos, AvrojetOutput *out);

enum {
    CODE_CALL,          /* null or not, by a call */
    CODE_END,
    CODE_STRUCT,        /* never null; the fields follow */
    CODE_TAGGED,        /* no nulls in a union: plain is the code after the tag */
    CODE_INT64,
    CODE_INT32,
    CODE_FLOAT,
    CODE_DOUBLE,
    CODE_BOOLEAN,
    CODE_BYTES,         /* 32-bit offsets; call: long values, or those without room or slack */
    CODE_VIEW,          /* call: values that are long, or not ASCII */
    CODE_NULLABLE_INT64,
    CODE_NULLABLE_INT32,
    CODE_NULLABLE_DOUBLE,
    CODE_NULLABLE_BOOLEAN,
    CODE_NULLABLE_BYTES,
    ARROW_CODES
};

struct AvrojetArrowNode {
    /* What most values are written by. */
    int code;
    int plain;
    int tag_size;
    int null_size;              /* -1: null is not allowed */
    uint8_t tags[2][4];         /* before a null, and before a value */
    int64_t need;               /* bytes that must be free before the value */
    /* Of the array; indices of rows, or of the items of all lists, include the array's offset. */
    const uint8_t *validity;    /* NULL: no nulls */
    int64_t shift;              /* the offset, for bits */
    const uint8_t *values;
    const uint8_t *data;
    const uint8_t *data_end;
    int64_t last_short;         /* offset in data: values that begin up to here may be read in chunks */
    AvrojetArrowRoutine call;
    AvrojetArrowNode **program; /* writes a value: this node, and if it is a struct, its fields */
    AvrojetArrowNode **fields;        /* the same without the record itself */
    int64_t extent;             /* values that may be requested, counted from the first of the array */
    int64_t limit;              /* number of items, runs or dictionary values */
    int64_t run;                /* where the last value was found */
    const int64_t *sizes;       /* of the buffers of views */
    const void **buffers;
    Py_ssize_t buffer_count;
    int32_t *positions;         /* of the first values as symbols, -1: none; found once for all rows that refer to them */
    int64_t position_room;
    int64_t position_count;
    /* Of the type and the schema. */
    int op;
    int store;
    int text;
    int column;                 /* index in the enclosing array; -1: none, -2: its dictionary */
    int64_t columns;            /* number of columns in the array */
    int has_dictionary;
    int empty;                  /* whether its values have no bytes */
    int64_t empty_cost;         /* what records of no bytes in each value count against Limits.empty_items */
    int64_t weight;             /* number of nodes in it, including itself */
    Py_ssize_t width;
    Py_ssize_t size;
    int64_t factor;
    int64_t divisor;
    int truncate;               /* drop what the divisor cuts off */
    int64_t low;
    int64_t high;
    uint64_t bound[4];          /* 10 ** precision */
    int64_t digits;             /* precision */
    int64_t exponent;           /* power of ten by which a decimal's number is multiplied */
    const uint8_t *constant;
    Py_ssize_t constant_size;
    int32_t *slots;             /* hash table of symbols */
    uint32_t mask;
    int32_t *ends;              /* ends of the symbols' texts in constant */
    int8_t *branches;           /* type id -> child */
    Py_ssize_t count;
    AvrojetArrowNode *children;
    PyObject *place;            /* tuple: path, the schema's type there */
};

static inline int avrojet_bit(const uint8_t *bits, int64_t i) { return bits[i >> 3] >> (i & 7) & 1; }

/* Bytes whose length is written in one byte. */
#define AVROJET_SHORT_SIZE (2 * AVROJET_COPY_SLACK)

/* Whether bytes are few enough to be copied in one step, together with bytes after them. Room is reserved. */
static inline int avrojet_is_short(const AvrojetArrowNode *p, int32_t start, int64_t size) {
    return (uint64_t)size < AVROJET_SHORT_SIZE && start <= p->last_short;
}

static inline uint8_t *avrojet_put_short(uint8_t *pos, const uint8_t *data, int64_t size) {
    *pos = (uint8_t)(size << 1);
    memcpy(pos + 1, data, AVROJET_COPY_SLACK);
    if (AVROJET_UNLIKELY(size > AVROJET_COPY_SLACK))
        memcpy(pos + 1 + AVROJET_COPY_SLACK, data + AVROJET_COPY_SLACK, AVROJET_COPY_SLACK);
    return pos + 1 + size;
}

#if defined(__GNUC__)
#define AVROJET_PUT(name) name:
#define AVROJET_PUT_NEXT                                                        \
    do {                                                                        \
        p = *++op;                                                              \
        goto *labels[p->code];                                                  \
    } while (0)
#define AVROJET_PUT_PLAIN goto *labels[p->plain]
#else
#define AVROJET_PUT(name) case name:
#define AVROJET_PUT_NEXT                                                        \
    do {                                                                        \
        p = *++op;                                                              \
        code = p->code;                                                         \
        goto next;                                                              \
    } while (0)
#define AVROJET_PUT_PLAIN                                                       \
    do {                                                                        \
        code = p->plain;                                                        \
        goto next;                                                              \
    } while (0)
#endif

/* A value or a null. Which it is cannot be predicted: both are written, and one is then overwritten. Below a null
   there is some value, which is not used if it is bytes. */
#define AVROJET_NULLABLE                                                        \
    int64_t valid = avrojet_bit(p->validity, i + p->shift);                     \
    uint8_t *begin = pos + p->tag_size;                                         \
    memcpy(pos, p->tags[valid], 4);                                             \
    pos += p->null_size

/* Value `i`, for which `need` bytes are free, by a program. The position after it, or NULL. */
static inline uint8_t *avrojet_put(AvrojetArrowNode *const *program, int64_t i, uint8_t *pos, AvrojetOutput *out) {
    AvrojetArrowNode *const *op = program - 1;
    AvrojetArrowNode *p;
#if defined(__GNUC__)
    static const void *const labels[ARROW_CODES] = {
        [CODE_CALL] = &&CODE_CALL, [CODE_END] = &&CODE_END, [CODE_STRUCT] = &&CODE_STRUCT,
        [CODE_TAGGED] = &&CODE_TAGGED, [CODE_INT64] = &&CODE_INT64, [CODE_INT32] = &&CODE_INT32,
        [CODE_FLOAT] = &&CODE_FLOAT, [CODE_DOUBLE] = &&CODE_DOUBLE, [CODE_BOOLEAN] = &&CODE_BOOLEAN,
        [CODE_BYTES] = &&CODE_BYTES, [CODE_VIEW] = &&CODE_VIEW, [CODE_NULLABLE_INT64] = &&CODE_NULLABLE_INT64,
        [CODE_NULLABLE_INT32] = &&CODE_NULLABLE_INT32, [CODE_NULLABLE_DOUBLE] = &&CODE_NULLABLE_DOUBLE,
        [CODE_NULLABLE_BOOLEAN] = &&CODE_NULLABLE_BOOLEAN, [CODE_NULLABLE_BYTES] = &&CODE_NULLABLE_BYTES,
    };
    AVROJET_PUT_NEXT;
#else
    int code;
    AVROJET_PUT_NEXT;
next:
    switch (code) {
#endif
    AVROJET_PUT(CODE_INT64)
        pos = avrojet_spread_long(pos, avrojet_item_i64(p->values, i));
        AVROJET_PUT_NEXT;

    AVROJET_PUT(CODE_INT32)
        pos = avrojet_spread_long(pos, avrojet_item_i32(p->values, i));
        AVROJET_PUT_NEXT;

    AVROJET_PUT(CODE_DOUBLE)
        avrojet_store64le(pos, avrojet_item_u64(p->values, i));
        pos += 8;
        AVROJET_PUT_NEXT;

    AVROJET_PUT(CODE_FLOAT)
        avrojet_store32le(pos, avrojet_item_u32(p->values, i));
        pos += 4;
        AVROJET_PUT_NEXT;

    AVROJET_PUT(CODE_BOOLEAN)
        *pos++ = (uint8_t)avrojet_bit(p->values, i + p->shift);
        AVROJET_PUT_NEXT;

    AVROJET_PUT(CODE_BYTES) {
        int32_t start = avrojet_item_i32(p->values, i);
        int64_t size = avrojet_item_i32(p->values, i + 1) - (int64_t)start;
        if (AVROJET_LIKELY(avrojet_is_short(p, start, size)))
            pos = avrojet_put_short(pos, p->data + start, size);
        else if ((pos = p->call(p, i, pos, out)) == NULL)
            return NULL;
        AVROJET_PUT_NEXT;
    }

    AVROJET_PUT(CODE_VIEW) {
        /* Its own bytes are padded with zeros: all twelve are checked and copied. */
        const uint8_t *view = p->values + 16 * i;
        uint32_t size = avrojet_item_u32(view, 0);
        uint64_t joined = avrojet_item_u64(view + 4, 0) | avrojet_item_u32(view + 12, 0);
        if (AVROJET_LIKELY(size <= 12 && !(p->text && joined & UINT64_C(0x8080808080808080)))) {
            *pos = (uint8_t)(size << 1);
            memcpy(pos + 1, view + 4, 12);
            pos += 1 + size;
        } else if ((pos = p->call(p, i, pos, out)) == NULL) {
            return NULL;
        }
        AVROJET_PUT_NEXT;
    }

    AVROJET_PUT(CODE_NULLABLE_INT64) {
        AVROJET_NULLABLE;
        pos = avrojet_choose(valid, avrojet_spread_long(begin, avrojet_item_i64(p->values, i)), pos);
        AVROJET_PUT_NEXT;
    }

    AVROJET_PUT(CODE_NULLABLE_INT32) {
        AVROJET_NULLABLE;
        pos = avrojet_choose(valid, avrojet_spread_long(begin, avrojet_item_i32(p->values, i)), pos);
        AVROJET_PUT_NEXT;
    }

    AVROJET_PUT(CODE_NULLABLE_DOUBLE) {
        AVROJET_NULLABLE;
        avrojet_store64le(begin, avrojet_item_u64(p->values, i));
        pos = avrojet_choose(valid, begin + 8, pos);
        AVROJET_PUT_NEXT;
    }

    AVROJET_PUT(CODE_NULLABLE_BOOLEAN) {
        AVROJET_NULLABLE;
        *begin = (uint8_t)avrojet_bit(p->values, i + p->shift);
        pos = avrojet_choose(valid, begin + 1, pos);
        AVROJET_PUT_NEXT;
    }

    AVROJET_PUT(CODE_NULLABLE_BYTES) {
        AVROJET_NULLABLE;
        int32_t start = avrojet_item_i32(p->values, i);
        int64_t size = (avrojet_item_i32(p->values, i + 1) - (int64_t)start) & -valid;
        if (AVROJET_LIKELY(avrojet_is_short(p, start, size)))
            pos = avrojet_choose(valid, avrojet_put_short(begin, p->data + start, size), pos);
        else if (valid && (pos = p->call(p, i, begin, out)) == NULL)
            return NULL;
        AVROJET_PUT_NEXT;
    }

    AVROJET_PUT(CODE_TAGGED)
        memcpy(pos, p->tags[1], 4);
        pos += p->tag_size;
        AVROJET_PUT_PLAIN;

    AVROJET_PUT(CODE_STRUCT)
        if (AVROJET_UNLIKELY(p->validity != NULL && !avrojet_bit(p->validity, i + p->shift)))
            goto null;
        AVROJET_PUT_NEXT;

    AVROJET_PUT(CODE_CALL)
        if (p->validity != NULL && !avrojet_bit(p->validity, i + p->shift)) {
            if (p->null_size < 0) goto null;
            memcpy(pos, p->tags[0], 4);
            pos += p->null_size;
            AVROJET_PUT_NEXT;
        }
        memcpy(pos, p->tags[1], 4);
        pos = p->call(p, i, pos + p->tag_size, out);
        if (AVROJET_UNLIKELY(pos == NULL)) return NULL;
        AVROJET_PUT_NEXT;

    AVROJET_PUT(CODE_END)
        return pos;
#if !defined(__GNUC__)
    }
#endif
null:
    out->at = p;
    out->error = AVROJET_WRITE_NULL;
    return NULL;
}

#endif
