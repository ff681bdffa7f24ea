"""Reading from files that the caller has opened, not a byte more than needed.

It includes the header of container files (specification: Object Container Files).
"""

from libc.stdint cimport int64_t, uint8_t, uint64_t

from avrojet.container.framing import MAGIC
from avrojet.core.ground.cursor cimport READ_TRUNCATED, Bounds, Cursor, cur_init, cur_long
from avrojet.core.ground.foreign import call
from avrojet.errors import DataFileError, DataFileTypeError, DecodeError, TruncatedError
from avrojet.failures import DecodeFailure

cdef bytes START = MAGIC
cdef Bounds NO_BOUNDS

cdef enum:
    START_SIZE = 4
    MARKER_SIZE = 16
    LAST = 1 + MARKER_SIZE      # the end of the metadata, and the sync marker
    MOST = 1 << 16              # bytes of a header that is read here
    MOST_AT_ONCE = 1 << 20      # a length may claim more than exists
    ODD = -1

READ_AT_ONCE = MOST_AT_ONCE


class NotReadyError(DataFileError, TypeError, EOFError):
    """A non-blocking file has no data yet, which is not its end."""


def as_bytes(data):
    """The result of a file's ``read``, which may be a bytearray or memoryview, as bytes.

    :raises DataFileTypeError, NotReadyError: (fastavro: TypeError, ValueError or EOFError) if it is not data.
    """
    if type(data) is bytes:
        return data
    if isinstance(data, str):
        raise DataFileTypeError("the file is open for text: open it in binary mode, as open(path, 'rb') does")
    if data is None:
        raise NotReadyError(
            "read() returned None: the file is in non-blocking mode and has no data yet; "
            "make it wait, or collect its data in a BytesIO first"
        )
    return bytes(memoryview(data))


def read_exactly(fo, Py_ssize_t size):
    """`size` bytes, in as many reads as it takes; fewer only at the end of the file."""
    cdef object data
    cdef list parts
    cdef Py_ssize_t left
    if size == 0:
        return b""
    data = call(fo.read, size if size < MOST_AT_ONCE else MOST_AT_ONCE)
    if type(data) is not bytes:
        data = as_bytes(data)
    if len(<bytes>data) == size:
        return data
    parts = [data]
    left = size - len(<bytes>data)
    while left > 0 and data:
        data = as_bytes(call(fo.read, min(left, <Py_ssize_t>MOST_AT_ONCE)))
        parts.append(data)
        left -= len(<bytes>data)
    if left < 0:
        raise DataFileError(f"read() gave {-left} bytes more than it was asked for")
    return b"".join(parts)


def read_number(fo):
    """The int or long that comes next in a file.

    :raises TruncatedError: if the file ends before it does.
    """
    cdef uint64_t number = 0
    cdef uint64_t part
    cdef int shift = 0
    cdef object data
    while shift < 64:
        data = call(fo.read, 1)
        if type(data) is not bytes:
            data = as_bytes(data)
        if not data:
            kind = DecodeFailure.TRUNCATED if shift else DecodeFailure.NO_DATA
            raise TruncatedError("the file ends before a number does", kind=kind)
        part = <unsigned char>(<bytes>data)[0]
        # The tenth byte has room for one bit more.
        if shift == 63 and part > 1:
            break
        number |= (part & 0x7F) << shift
        if part < 0x80:
            return <int64_t>(number >> 1) ^ -<int64_t>(number & 1)
        shift += 7
    raise DecodeError("a number has more than 64 bits", kind=DecodeFailure.VARINT)


def is_avro(path_or_buffer):
    """Whether a file, open or given by its path, begins like a container file.

    An open file is left after the four bytes that were read.
    """
    if isinstance(path_or_buffer, str):
        with open(path_or_buffer, "rb") as file:
            return file.read(START_SIZE) == START
    return path_or_buffer.read(START_SIZE) == START


def read_header(fo, Py_ssize_t most):
    """The header of a file.

    :param most: bytes that it may have.
    :returns: its metadata and sync marker, and the bytes read. The metadata are None if the header is long,
        damaged or incomplete: it is left to FileParser.
    """
    cdef dict metadata = {}
    cdef bytes data = read_exactly(fo, START_SIZE + LAST)
    cdef Py_ssize_t place = START_SIZE
    cdef int64_t entries = 0
    cdef int64_t missing
    while data.startswith(START):
        missing = walk(data, &place, &entries, metadata)
        if missing == 0:
            return metadata, data[place : place + MARKER_SIZE], data
        if missing == ODD or len(data) + missing > min(most, <Py_ssize_t>MOST):
            break
        more = read_exactly(fo, missing)
        data += more
        if len(more) < missing:
            break
    return None, b"", data


cdef int64_t walk(bytes data, Py_ssize_t* place, int64_t* entries, dict metadata) except -2:
    """Continue with the metadata that have been read.

    :param place: the position after the part already parsed.
    :param entries: entries that follow in this block of the map.
    :returns: the least number of missing bytes, 0 at the end, or ODD.
    """
    cdef const uint8_t* start = <const uint8_t*><const char*>data
    cdef Cursor c
    cdef int64_t key_size = 0
    cdef int64_t size = 0
    cur_init(&c, start + place[0], len(data) - place[0], &NO_BOUNDS)
    while True:
        if entries[0] == 0:
            if not cur_long(&c, entries):
                return missing_of(&c, 1 + MARKER_SIZE)
            if entries[0] < 0:
                return ODD
            if entries[0] == 0 and c.end - c.pos < MARKER_SIZE:
                return MARKER_SIZE - (c.end - c.pos)
            place[0] = c.pos - start
            if entries[0] == 0:
                return 0
        # An entry has at least two bytes.
        if not cur_long(&c, &key_size):
            return missing_of(&c, 2 * min(entries[0], MOST) + LAST)
        if not 0 <= key_size < MOST:
            return ODD
        if c.end - c.pos < key_size + 1 + LAST:
            return key_size + 1 + LAST - (c.end - c.pos)
        key = c.pos[:key_size]
        c.pos += key_size
        if not cur_long(&c, &size):
            return missing_of(&c, 1 + LAST)
        if not 0 <= size < MOST:
            return ODD
        if c.end - c.pos < size:
            return size + LAST - (c.end - c.pos)
        try:
            metadata[key.decode()] = <bytes>c.pos[:size]
        except UnicodeDecodeError:
            return ODD
        c.pos += size
        entries[0] -= 1
        place[0] = c.pos - start


cdef int64_t missing_of(Cursor* c, int64_t least) noexcept:
    """The missing bytes if a number is incomplete, from whose start at least ``least`` bytes are needed."""
    return max(<int64_t>1, least - (c.end - c.pos)) if c.error == READ_TRUNCATED else ODD
