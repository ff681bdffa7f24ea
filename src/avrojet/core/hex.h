/* Hexadecimal text to bytes and back. */
#ifndef AVROJET_HEX_H
#define AVROJET_HEX_H

#include <Python.h>
#include <stdint.h>

/* The value of a digit, with this bit set; 0 for what is none. */
#define AVROJET_IS_HEX 0x10

static const uint8_t AVROJET_HEX_DIGITS[256] = {
    ['0'] = 0x10, ['1'] = 0x11, ['2'] = 0x12, ['3'] = 0x13, ['4'] = 0x14, ['5'] = 0x15, ['6'] = 0x16, ['7'] = 0x17,
    ['8'] = 0x18, ['9'] = 0x19, ['A'] = 0x1A, ['B'] = 0x1B, ['C'] = 0x1C, ['D'] = 0x1D, ['E'] = 0x1E, ['F'] = 0x1F,
    ['a'] = 0x1A, ['b'] = 0x1B, ['c'] = 0x1C, ['d'] = 0x1D, ['e'] = 0x1E, ['f'] = 0x1F,
};

/* Two digits for each of `count` bytes. 0 where one is none. */
static inline int avrojet_from_hex(const uint8_t *digits, Py_ssize_t count, uint8_t *out) {
    uint8_t all = AVROJET_IS_HEX;
    for (Py_ssize_t i = 0; i < count; i++) {
        uint8_t high = AVROJET_HEX_DIGITS[digits[2 * i]], low = AVROJET_HEX_DIGITS[digits[2 * i + 1]];
        all &= high & low;
        out[i] = (uint8_t)(high << 4 | (low & 15));
    }
    return all != 0;
}

/* The two digits of each of `count` bytes. */
static inline void avrojet_to_hex(const uint8_t *data, Py_ssize_t count, uint8_t *out) {
    static const char digits[] = "0123456789abcdef";
    for (Py_ssize_t i = 0; i < count; i++) {
        out[2 * i] = (uint8_t)digits[data[i] >> 4];
        out[2 * i + 1] = (uint8_t)digits[data[i] & 15];
    }
}

#endif
