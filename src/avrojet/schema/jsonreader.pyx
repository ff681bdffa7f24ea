"""Reads JSON text as :mod:`json` does, but without recursion, and faster for the usual text of schemas."""

from cpython.unicode cimport PyUnicode_Substring
from libc.string cimport memcmp

import json
from json.scanner import make_scanner

cdef extern from "Python.h":
    int PyUnicode_KIND(str text)
    void* PyUnicode_DATA(str text)
    bint PyUnicode_IS_ASCII(str text)
    Py_UCS4 PyUnicode_READ(int kind, void* data, Py_ssize_t index) nogil

cdef object scan = make_scanner(json.JSONDecoder())

# Words that most schemas contain: these str objects are reused, with their hashes.
cdef tuple WORDS = (
    "aliases", "array", "boolean", "bytes", "date", "decimal", "default", "doc", "double", "enum", "fields", "fixed",
    "float", "int", "items", "logicalType", "long", "map", "name", "namespace", "null", "order", "precision", "record",
    "scale", "size", "string", "symbols", "timestamp-micros", "type", "uuid", "values",
)
cdef enum:
    SLOTS = 128     # of the table of words, most of which are empty

cdef list TABLE = [None] * SLOTS


cdef inline int slot_of(const char* text, Py_ssize_t length) noexcept:
    return (<unsigned char>text[0] * 1 + <unsigned char>text[length - 1] * 5 + <int>length * 12) & (SLOTS - 1)


cdef int fill_table() except -1:
    """Put each word into its slot; no two words share one."""
    for word in WORDS:
        TABLE[slot_of(<const char*>PyUnicode_DATA(word), len(word))] = word
    return 0


fill_table()


cdef class _Reader:
    """The state of reading a text."""

    cdef str text
    cdef int kind
    cdef void* data
    cdef Py_ssize_t at, length, levels
    cdef bint ascii

    def __cinit__(self, str text, Py_ssize_t levels):
        self.text = text
        self.kind = PyUnicode_KIND(text)
        self.data = PyUnicode_DATA(text)
        self.length = len(text)
        self.levels = levels
        self.ascii = PyUnicode_IS_ASCII(text)

    cdef Py_UCS4 next(self) noexcept:
        """The next character that is not blank; 0 at the end, or for a NUL in the text."""
        cdef Py_UCS4 found
        while self.at < self.length:
            found = PyUnicode_READ(self.kind, self.data, self.at)
            if found != c" " and found != c"\n" and found != c"\t" and found != c"\r":
                return found
            self.at += 1
        return 0

    cdef object whole(self):
        """The value of the text. Open objects and arrays are kept in a list."""
        cdef list opened = [], names = []
        cdef object holder = None, value, name = None
        cdef Py_UCS4 begin
        while True:
            begin = self.next()
            if begin == c"{" or begin == c"[":
                self.levels -= 1
                if self.levels < 0:
                    raise RecursionError
                self.at += 1
                value = {} if begin == c"{" else []
                if self.next() != (c"}" if begin == c"{" else c"]"):
                    opened.append(holder)
                    names.append(name)
                    holder = value
                    if begin == c"{":
                        name = self.name()
                    continue
                self.at += 1
                self.levels += 1
            else:
                value = self.scalar(begin)
            while holder is not None:
                if type(holder) is dict:
                    (<dict>holder)[name] = value
                else:
                    (<list>holder).append(value)
                begin = self.next()
                if begin == c",":
                    self.at += 1
                    if type(holder) is dict:
                        name = self.name()
                    break
                if begin != (c"}" if type(holder) is dict else c"]"):
                    raise self.error("Expecting ',' delimiter")
                self.at += 1
                self.levels += 1
                value, holder, name = holder, opened.pop(), names.pop()
            else:
                self.next()
                if self.at < self.length:
                    raise self.error("Extra data")
                return value

    cdef object name(self):
        """Read a member's name and the colon."""
        if self.next() != c'"':
            raise self.error("Expecting property name enclosed in double quotes")
        name = self.string()
        if self.next() != c":":
            raise self.error("Expecting ':' delimiter")
        self.at += 1
        return name

    cdef object scalar(self, Py_UCS4 begin):
        if begin == c'"':
            return self.string()
        return self.scanned()

    cdef object string(self):
        cdef const unsigned char* text
        cdef Py_ssize_t begin = self.at + 1, end = begin
        if self.ascii:
            text = <const unsigned char*>self.data
            while end < self.length and text[end] != c'"' and text[end] != c"\\" and text[end] >= 32:
                end += 1
            if end < self.length and text[end] == c'"':
                self.at = end + 1
                return self.word(<const char*>text + begin, begin, end)
        return self.scanned()

    cdef object word(self, const char* text, Py_ssize_t begin, Py_ssize_t end):
        cdef Py_ssize_t length = end - begin
        cdef object known
        if length == 0:
            return ""
        known = TABLE[slot_of(text, length)]
        if known is not None and len(<str>known) == length and not memcmp(PyUnicode_DATA(known), text, length):
            return known
        return PyUnicode_Substring(self.text, begin, end)

    cdef object scanned(self):
        """Read a string, a number or a word with :mod:`json`."""
        try:
            value, self.at = scan(self.text, self.at)
        except StopIteration:
            raise self.error("Expecting value") from None
        return value

    cdef object error(self, problem):
        return json.JSONDecodeError(problem, self.text, self.at)


def read_value(str text not None, Py_ssize_t levels):
    """What :func:`json.loads` returns, without using stack for each level.

    :param levels: how deep objects and arrays may nest.
    :raises ValueError: if the text is not JSON.
    :raises RecursionError: if there are more levels.
    """
    return (<_Reader>_Reader(text, levels)).whole()
