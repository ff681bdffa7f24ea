/* Hexadecimal text to bytes and back. */
#ifndef AVROJET_HEX_H
#define AVROJET_HEX_H

#include "scalars.h"

#define AVROJET_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Sets the high bit of each byte of `text` that is at least `least` and less than `beyond`. All must be ASCII. */
static inline uint64_t avrojet_bytes_between(uint64_t text, unsigned least, unsigned beyond) {
    return (text + AVROJET_EACH(0x80 - least)) & ~(text + AVROJET_EACH(0x80 - beyond)) & AVROJET_EACH(0x80);
}

/* Eight digits in either case, the first in the lowest byte, to four bytes. 0 if one is not a hex digit. */
static inline int avrojet_from_hex(uint64_t text, uint8_t *out) {
    uint64_t digits = avrojet_bytes_between(text, '0', '9' + 1);
    uint64_t letters = avrojet_bytes_between(text | AVROJET_EACH(0x20), 'a', 'f' + 1);
    uint64_t values = (text & AVROJET_EACH(0x0F)) + (text >> 6 & AVROJET_EACH(1)) * 9;
    values = (values << 4 | values >> 8) & UINT64_C(0x00FF00FF00FF00FF);
    values = (values | values >> 8) & UINT64_C(0x0000FFFF0000FFFF);
    avrojet_store32le(out, (uint32_t)(values | values >> 16));
    return !(text & AVROJET_EACH(0x80)) && (digits | letters) == AVROJET_EACH(0x80);
}

/* Two runs of four digits each. */
static inline uint64_t avrojet_hex_of(const uint8_t *first, const uint8_t *second) {
    return (uint64_t)avrojet_load32le(first) | (uint64_t)avrojet_load32le(second) << 32;
}

/* A UUID's 36 characters, ignoring its hyphens, or its 32 digits. 0 if one is not a hex digit. */
static inline int avrojet_uuid_from_hex(const uint8_t *text, Py_ssize_t size, uint8_t *out) {
    int hyphens = size == 36;
    return avrojet_from_hex(avrojet_load64le(text), out)
        & avrojet_from_hex(avrojet_hex_of(text + 8 + hyphens, text + 12 + 2 * hyphens), out + 4)
        & avrojet_from_hex(avrojet_hex_of(text + 16 + 3 * hyphens, text + 20 + 4 * hyphens), out + 8)
        & avrojet_from_hex(avrojet_load64le(text + 24 + 4 * hyphens), out + 12);
}

/* Two digits for each of `count` bytes. */
static inline void avrojet_to_hex(const uint8_t *data, Py_ssize_t count, uint8_t *out) {
    static const char digits[] = "0123456789abcdef";
    for (Py_ssize_t i = 0; i < count; i++) {
        out[2 * i] = (uint8_t)digits[data[i] >> 4];
        out[2 * i + 1] = (uint8_t)digits[data[i] & 15];
    }
}

/* A UUID's 36 characters (RFC 9562, section 4). */
static inline void avrojet_uuid_to_hex(const uint8_t *raw, uint8_t *out) {
    static const uint8_t places[] = {0, 9, 14, 19, 24}, ends[] = {4, 6, 8, 10, 16};
    for (int i = 0, from = 0; i < 5; from = ends[i++]) {
        avrojet_to_hex(raw + from, ends[i] - from, out + places[i]);
        if (i) out[places[i] - 1] = '-';
    }
}

#endif
