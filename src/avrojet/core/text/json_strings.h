/* Conversion between UTF-8 text and JSON strings (RFC 8259, section 7). */
#ifndef AVROJET_JSON_STRINGS_H
#define AVROJET_JSON_STRINGS_H

#include "scalars.h"
#include "utf8check.h"
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define AVROJET_BYTES_OF(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Sets the high bit of each byte that must be escaped in a JSON string: a quote, a backslash, a control
   character. On little-endian machines bits above the lowest one set may be wrong, but are not used. */
static inline uint64_t avrojet_specials(uint64_t word) {
    uint64_t quote = word ^ AVROJET_BYTES_OF('"'), slash = word ^ AVROJET_BYTES_OF('\\');
    uint64_t found = (quote - AVROJET_BYTES_OF(1)) & ~quote;
    found |= (slash - AVROJET_BYTES_OF(1)) & ~slash;
    found |= (word - AVROJET_BYTES_OF(0x20)) & ~word;
    return found & AVROJET_BYTES_OF(0x80);
}

static inline int avrojet_is_special(uint8_t byte) { return byte < 0x20 || byte == '"' || byte == '\\'; }

/* From 1 to 7 bytes as a word, padded with blanks: without a call, as most strings end in so few. */
static inline uint64_t avrojet_load_few(const uint8_t *data, Py_ssize_t size) {
    uint64_t word = AVROJET_BYTES_OF(' ');
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    memcpy(&word, data, (size_t)size);
    return word;
#else
    int bits = 8 * (int)size;
    word <<= bits;
    if (size >= 4) /* the first four and the last four, which overlap */
        return word | avrojet_load32le(data) | (uint64_t)avrojet_load32le(data + size - 4) << (bits - 32);
    /* the first, the middle and the last byte, which are the same if there is one */
    return word | data[0] | (uint64_t)data[size >> 1] << 8 * (size >> 1) | (uint64_t)data[size - 1] << (bits - 8);
#endif
}

#if defined(__SSE2__)
/* Sets the bits of the bytes that must be escaped. */
static inline int avrojet_specials_of_16(__m128i text) {
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1F);
    return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(text, quote), _mm_cmpeq_epi8(text, slash)),
                                          _mm_cmpeq_epi8(_mm_max_epu8(text, control), control)));
}

/* Copy 16 bytes, of which the first `size` are meant, as avrojet_copy_plain does. */
static inline Py_ssize_t avrojet_copy_16(const uint8_t *data, Py_ssize_t size, uint8_t *out, uint64_t *seen) {
    __m128i text = _mm_loadu_si128((const __m128i *)data);
    int special = avrojet_specials_of_16(text) | 1 << size;
    int place = __builtin_ctz((unsigned)special);
    _mm_storeu_si128((__m128i *)out, text);
    if (_mm_movemask_epi8(text) & ((1 << place) - 1)) *seen = AVROJET_BYTES_OF(0x80);
    return place;
}
#endif

/* Copy text up to the first special character, or to its end; `seen` collects the bits of what was copied: the
   high bit of a byte is set if any is not ASCII. Bytes up to `end` may be read. Writes up to 16 bytes more than it
   copies. */
static inline Py_ssize_t avrojet_copy_plain(
    const uint8_t *data, Py_ssize_t size, const uint8_t *end, uint8_t *out, uint64_t *seen) {
    Py_ssize_t i = 0;
#if defined(__SSE2__)
    if (size <= 16 && end - data >= 16) return avrojet_copy_16(data, size, out, seen);
    __m128i all = _mm_setzero_si128();
    for (; size - i > 16; i += 16) {
        __m128i text = _mm_loadu_si128((const __m128i *)(data + i));
        if (avrojet_specials_of_16(text)) break;
        _mm_storeu_si128((__m128i *)(out + i), text);
        all = _mm_or_si128(all, text);
    }
    if (_mm_movemask_epi8(all)) *seen = AVROJET_BYTES_OF(0x80);
    if (size - i > 16) return i + avrojet_copy_16(data + i, 16, out + i, seen);
    if (size >= 16) return size - 16 + avrojet_copy_16(data + size - 16, 16, out + size - 16, seen);
#endif
    (void)end;
    while (i < size) {
        Py_ssize_t few = size - i < 8 ? size - i : 8;
        uint64_t word = few == 8 ? avrojet_load64(data + i) : avrojet_load_few(data + i, few);
        memcpy(out + i, &word, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        for (int k = 0; k < few; k++) {
            if (avrojet_is_special(data[i + k])) return i + k;
            *seen |= data[i + k];
        }
#else
        uint64_t found = avrojet_specials(word);
        if (found) {
            int place = avrojet_low_byte(found);
            *seen |= word & ((UINT64_C(1) << 8 * place) - 1);
            return i + place;
        }
        *seen |= word;
#endif
        i += few;
    }
    return size;
}

/* The first special character of a text, or its end. */
static inline const uint8_t *avrojet_to_special(const uint8_t *pos, const uint8_t *end) {
#if defined(__SSE2__)
    for (; end - pos >= 16; pos += 16) {
        int special = avrojet_specials_of_16(_mm_loadu_si128((const __m128i *)pos));
        if (special) return pos + __builtin_ctz((unsigned)special);
    }
#endif
    for (; end - pos >= 8; pos += 8) {
        uint64_t found = avrojet_specials(avrojet_load64le(pos));
        if (found) return pos + avrojet_low_byte(found);
    }
    while (pos < end && !avrojet_is_special(*pos)) pos++;
    return pos;
}

/* Whether a text of `left` bytes begins with a label, which is padded with 8 readable bytes. */
static inline int avrojet_begins_with(const uint8_t *text, Py_ssize_t left, const uint8_t *label, Py_ssize_t size) {
    if (size > 16 || left < 16) return left >= size && memcmp(text, label, (size_t)size) == 0;
    if (size >= 8) return avrojet_same_bytes(text, label, size);
    return (avrojet_load64le(text) ^ avrojet_load64le(label)) << (64 - 8 * size) == 0;
}

/* The number of line ends in a text. */
static inline Py_ssize_t avrojet_count_lines(const uint8_t *text, Py_ssize_t size) {
    Py_ssize_t count = 0;
    while (size > 0) {
        Py_ssize_t few = size < 255 * 16 ? size : 255 * 16;
        uint8_t counts[16] = {0}; /* one per lane, so that compilers vectorize it */
        Py_ssize_t i = 0;
        for (; i + 16 <= few; i += 16)
            for (int k = 0; k < 16; k++) counts[k] = (uint8_t)(counts[k] + (text[i + k] == '\n'));
        for (; i < few; i++) count += text[i] == '\n';
        for (int k = 0; k < 16; k++) count += counts[k];
        text += few;
        size -= few;
    }
    return count;
}

#define AVROJET_SEEN_HIGH(seen) (((seen) & AVROJET_BYTES_OF(0x80)) != 0)

/* Write the escape of a UTF-16 unit: six characters. */
static inline uint8_t *avrojet_put_unit(unsigned unit, uint8_t *out) {
    static const char digits[] = "0123456789abcdef";
    out[0] = '\\';
    out[1] = 'u';
    out[2] = (uint8_t)digits[unit >> 12 & 15];
    out[3] = (uint8_t)digits[unit >> 8 & 15];
    out[4] = (uint8_t)digits[unit >> 4 & 15];
    out[5] = (uint8_t)digits[unit & 15];
    return out + 6;
}

/* Write the escape of a special character: at most six characters. */
static inline uint8_t *avrojet_put_escape(uint8_t byte, uint8_t *out) {
    static const char letters[] = "btn?fr"; /* from 8 to 13 */
    if (byte >= 8 && byte <= 13 && byte != 11) {
        out[0] = '\\';
        out[1] = (uint8_t)letters[byte - 8];
        return out + 2;
    }
    if (byte == '"' || byte == '\\') {
        out[0] = '\\';
        out[1] = byte;
        return out + 2;
    }
    return avrojet_put_unit(byte, out);
}

/* Decode the character at `data`, which is well-formed UTF-8; returns its size in bytes. */
static inline int avrojet_character(const uint8_t *data, uint32_t *code) {
    if (data[0] < 0x80) {
        *code = data[0];
        return 1;
    }
    if (data[0] < 0xE0) {
        *code = (uint32_t)(data[0] & 0x1F) << 6 | (data[1] & 0x3F);
        return 2;
    }
    if (data[0] < 0xF0) {
        *code = (uint32_t)(data[0] & 0x0F) << 12 | (uint32_t)(data[1] & 0x3F) << 6 | (data[2] & 0x3F);
        return 3;
    }
    *code = (uint32_t)(data[0] & 0x07) << 18 | (uint32_t)(data[1] & 0x3F) << 12 | (uint32_t)(data[2] & 0x3F) << 6
        | (data[3] & 0x3F);
    return 4;
}

/* Write a code point as escapes: one, or a surrogate pair. */
static inline uint8_t *avrojet_put_code(uint32_t code, uint8_t *out) {
    if (code < 0x10000) return avrojet_put_unit(code, out);
    code -= 0x10000;
    return avrojet_put_unit(0xDC00 | (code & 0x3FF), avrojet_put_unit(0xD800 | code >> 10, out));
}

/* Write a code point as UTF-8. */
static inline uint8_t *avrojet_put_utf8(uint32_t code, uint8_t *out) {
    if (code < 0x80) {
        *out++ = (uint8_t)code;
    } else if (code < 0x800) {
        *out++ = (uint8_t)(0xC0 | code >> 6);
        *out++ = (uint8_t)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        *out++ = (uint8_t)(0xE0 | code >> 12);
        *out++ = (uint8_t)(0x80 | (code >> 6 & 0x3F));
        *out++ = (uint8_t)(0x80 | (code & 0x3F));
    } else {
        *out++ = (uint8_t)(0xF0 | code >> 18);
        *out++ = (uint8_t)(0x80 | (code >> 12 & 0x3F));
        *out++ = (uint8_t)(0x80 | (code >> 6 & 0x3F));
        *out++ = (uint8_t)(0x80 | (code & 0x3F));
    }
    return out;
}

/* Reads four hexadecimal digits; -1 if invalid. */
static inline int avrojet_hex_unit(const uint8_t *text) {
    int unit = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t c = text[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
        if (digit < 0) return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* How many bytes have their high bit set. */
static inline Py_ssize_t avrojet_count_high(const uint8_t *data, Py_ssize_t size) {
    Py_ssize_t count = 0, i = 0;
    for (; i + 8 <= size; i += 8)
        count += (Py_ssize_t)(((avrojet_load64(data + i) & AVROJET_BYTES_OF(0x80)) >> 7) * AVROJET_BYTES_OF(1) >> 56);
    for (; i < size; i++) count += data[i] >> 7;
    return count;
}

/* Convert Latin-1 to UTF-8 in place; it grows by `more` bytes, one for each byte with its high bit set. */
static inline void avrojet_widen_latin(uint8_t *text, Py_ssize_t size, Py_ssize_t more) {
    uint8_t *out = text + size + more;
    for (const uint8_t *in = text + size; in < out;) {
        uint8_t byte = *--in;
        if (byte < 0x80) {
            *--out = byte;
        } else {
            *--out = (uint8_t)(0x80 | (byte & 0x3F));
            *--out = (uint8_t)(0xC0 | byte >> 6);
        }
    }
}

#endif
