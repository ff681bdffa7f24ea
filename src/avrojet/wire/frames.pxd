"""The frames of messages, which say which schema wrote them."""

from libc.stdint cimport uint8_t


cdef enum Form:
    # Forms of frames, as bits: a framing reads a set of them.
    CONFLUENT_HEADERS = 1       # __value_schema_id
    APICURIO_HEADERS = 2        # apicurio.value.globalId
    CONTENT_TYPE = 4            # content-type: avro/binary+<32 hexadecimal digits>
    SINGLE_OBJECT = 8           # c3 01, 8 bytes
    GLUE = 16                   # 03, 00 or 05, 16 bytes
    GUID = 32                   # 01, 16 bytes
    AZURE_PREAMBLE = 64         # 00 00 00 00, 32 hexadecimal digits
    ID_8 = 128                  # 00, 8 bytes
    ID_4 = 256                  # 00, 4 bytes
    BARE = 512                  # no frame: only the datum


cdef object find_frame(
    int forms, const uint8_t* data, Py_ssize_t size, object headers, bint is_key, Py_ssize_t* offset
)
