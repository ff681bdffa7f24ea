"""Finds the frame of a message, in the bytes or in its headers.

A frame is identified by a *mark*: the bytes of the frame, or what a header says. Equal marks mean the same schema
and the same encoding, so a dict from marks finds what reads a message.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t

from avrojet.core.ground.buffer cimport Held, hold, let_go
from avrojet.errors import DecodeError, TruncatedError
from avrojet.failures import DecodeFailure
from avrojet.messages import show

FORMS = {
    "CONFLUENT_HEADERS": CONFLUENT_HEADERS,
    "APICURIO_HEADERS": APICURIO_HEADERS,
    "CONTENT_TYPE": CONTENT_TYPE,
    "SINGLE_OBJECT": SINGLE_OBJECT,
    "GLUE": GLUE,
    "GUID": GUID,
    "AZURE_PREAMBLE": AZURE_PREAMBLE,
    "ID_8": ID_8,
    "ID_4": ID_4,
    "BARE": BARE,
}

# Names of headers: for values, for keys.
CONFLUENT_NAMES = "__value_schema_id", "__key_schema_id"
GLOBAL_ID_NAMES = "apicurio.value.globalId", "apicurio.key.globalId"
CONTENT_ID_NAMES = "apicurio.value.contentId", "apicurio.key.contentId"
ENCODING_NAMES = "apicurio.value.encoding", "apicurio.key.encoding"
CONTENT_TYPE_NAME = "content-type"
MIME_TYPE = "avro/binary+"

cdef str CONFLUENT_VALUE = CONFLUENT_NAMES[0]
cdef str CONFLUENT_KEY = CONFLUENT_NAMES[1]

cdef enum:
    # Sizes of frames, by which marks that are bytes are distinguished.
    UUID_BYTES = 16
    ID_4_BYTES = 1 + 4
    ID_8_BYTES = 1 + 8
    GLUE_BYTES = 2 + UUID_BYTES
    GUID_BYTES = 1 + UUID_BYTES
    SINGLE_OBJECT_BYTES = 10
    AZURE_BYTES = 4 + 32


def find(int forms, data, headers, bint is_key):
    """The mark of a message, and the offset of its datum.

    :param forms: the forms allowed, a sum of :data:`FORMS`.
    :param headers: a list of pairs, a dict, or None.
    :raises DecodeError: if it has none of them.
    """
    cdef Py_ssize_t offset = 0
    cdef Held held
    hold(data, &held)
    try:
        return find_frame(forms, held.data, held.size, headers, is_key, &offset), offset
    finally:
        let_go(&held)


cdef object find_frame(
    int forms, const uint8_t* data, Py_ssize_t size, object headers, bint is_key, Py_ssize_t* offset
):
    """The mark of a message; None for a bare datum."""
    offset[0] = 0
    if headers is not None and forms & (CONFLUENT_HEADERS | APICURIO_HEADERS | CONTENT_TYPE):
        mark = in_headers(forms, headers, is_key)
        if mark is not None:
            return mark
    return in_front(forms, data, size, offset)


cdef object in_headers(int forms, object headers, bint is_key):
    cdef object value
    if forms & CONFLUENT_HEADERS:
        value = header(headers, CONFLUENT_KEY if is_key else CONFLUENT_VALUE)
        if value is not None:
            return confluent_mark(as_bytes(value))
    if forms & APICURIO_HEADERS:
        value = apicurio_mark(headers, is_key)
        if value is not None:
            return value
    if forms & CONTENT_TYPE:
        value = header(headers, CONTENT_TYPE_NAME)
        if value is not None:
            return content_type_mark(value)
    return None


cdef object header(object headers, str name):
    """The value of the first header with a name, or None."""
    if isinstance(headers, dict):
        return (<dict>headers).get(name)
    for each in headers:
        if type(each) is tuple and len(<tuple>each) == 2:
            if (<tuple>each)[0] == name:
                return (<tuple>each)[1]
        elif each[0] == name:
            return each[1]
    return None


cdef bytes as_bytes(object value):
    if type(value) is bytes:
        return <bytes>value
    if isinstance(value, str):
        return (<str>value).encode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise malformed(f"a header that should name the schema is {show(value)}")


cdef bytes confluent_mark(bytes value):
    """The header has the same bytes that otherwise precede the datum: 01 and a GUID, or 00 and an id."""
    cdef Py_ssize_t size = PyBytes_GET_SIZE(value)
    cdef int magic = <uint8_t>PyBytes_AS_STRING(value)[0] if size else -1
    if not (magic == 1 and size == GUID_BYTES or magic == 0 and size == ID_4_BYTES):
        raise malformed(f"the header that should name the schema has {size} bytes, {value[:24].hex(' ')}")
    return value


cdef tuple apicurio_mark(object headers, bint is_key):
    """Whether it is a content id, whether the datum is JSON, and the id."""
    cdef bint of_content = False
    cdef bint is_text = False
    cdef bytes found
    value = header(headers, GLOBAL_ID_NAMES[is_key])
    if value is None:
        value = header(headers, CONTENT_ID_NAMES[is_key])
        if value is None:
            return None
        of_content = True
    found = as_bytes(value)
    if PyBytes_GET_SIZE(found) != 8:
        raise malformed(f"Apicurio's header has {len(found)} bytes instead of 8: {found[:24].hex(' ')}")
    encoding = header(headers, ENCODING_NAMES[is_key])
    if encoding is not None:
        encoding = as_bytes(encoding)
        is_text = encoding == b"JSON"
        if not is_text and encoding != b"BINARY":
            raise malformed(f"Apicurio's header names an encoding that is not known: {show(encoding)}")
    return of_content, is_text, found


cdef str content_type_mark(object value):
    cdef str text
    try:
        text = value if type(value) is str else as_bytes(value).decode()
    except UnicodeDecodeError:
        text = ""
    identifier = text.removeprefix(MIME_TYPE)
    if identifier == text or not identifier.isalnum():
        raise malformed(f"the content type is {show(value)}, not {MIME_TYPE} and the id of a schema")
    return text


cdef bytes in_front(int forms, const uint8_t* data, Py_ssize_t size, Py_ssize_t* offset):
    cdef int magic = data[0] if size else -1
    cdef int second = data[1] if size > 1 else -1
    if magic == 0:
        if forms & AZURE_PREAMBLE and is_preamble(data, size):
            return mark_of(data, size, AZURE_BYTES, offset)
        if forms & ID_8:
            return mark_of(data, size, ID_8_BYTES, offset)
        if forms & ID_4:
            return mark_of(data, size, ID_4_BYTES, offset)
    elif magic == 1 and forms & GUID:
        return mark_of(data, size, GUID_BYTES, offset)
    elif magic == 3 and forms & GLUE and (second == 0 or second == 5 or second < 0):
        return mark_of(data, size, GLUE_BYTES, offset)
    elif magic == 0xC3 and forms & SINGLE_OBJECT and (second == 1 or second < 0):
        return mark_of(data, size, SINGLE_OBJECT_BYTES, offset)
    if forms & BARE:
        return None
    if size == 0:
        raise TruncatedError("the message is empty", kind=DecodeFailure.HEADER, offset=0)
    shown = PyBytes_FromStringAndSize(<const char*>data, min(size, 4)).hex(" ")
    raise malformed(f"the message begins with {shown}, which is not a frame that is read here")


cdef bytes mark_of(const uint8_t* data, Py_ssize_t size, Py_ssize_t width, Py_ssize_t* offset):
    if size < width:
        raise TruncatedError(
            f"the frame of the message has {width} bytes, and the message {size}",
            kind=DecodeFailure.HEADER,
            offset=size,
        )
    offset[0] = width
    return PyBytes_FromStringAndSize(<const char*>data, width)


cdef bint is_preamble(const uint8_t* data, Py_ssize_t size) noexcept:
    """Whether the data begin with four zeros and 32 hexadecimal digits."""
    cdef Py_ssize_t i
    if size < AZURE_BYTES:
        return False
    for i in range(1, 4):
        if data[i] != 0:
            return False
    for i in range(4, AZURE_BYTES):
        if not (48 <= data[i] <= 57 or 97 <= data[i] <= 102 or 65 <= data[i] <= 70):
            return False
    return True


cdef object malformed(str message):
    return DecodeError(message, kind=DecodeFailure.HEADER, offset=0)
