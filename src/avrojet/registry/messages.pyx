"""Messages to values and back: one look-up and one call of the core for each.

Messages that are not known yet, and all failures, are left to Python functions.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t
from libc.string cimport memcmp

from time import monotonic

from avrojet.core.ground.buffer cimport Held, hold, let_go
from avrojet.core.plan.datum cimport ensure_plan
from avrojet.core.plan.lines cimport Lines, fetch_lines, find_lines
from avrojet.core.plan.plan cimport Plan
from avrojet.core.rows.row_encoder cimport RowEncoder, encode_after
from avrojet.core.rows.rows cimport RowDecoder, decode_whole
from avrojet.errors import LimitError
from avrojet.wire.frames cimport find_frame

cdef extern from "capi.h":
    int AVROJET_GIL

cdef extern from "Python.h":
    int PyUnicode_CompareWithASCIIString(object, const char*)


cdef class Reading:
    """How messages with one mark are read.

    :ivar decoder: decodes the datum.
    :ivar datum_of: called with the message and the offset of its datum; returns the bytes to decode instead.
    :ivar finish: called with the value and the context; returns the value to return instead.
    :ivar expires: when the registry must be asked again (`time.monotonic`), 0.0: never.
    :ivar schema_id: for errors.
    """

    cdef Plan plan              # of the decoder
    cdef readonly object datum_of, finish, schema_id
    cdef readonly double expires
    cdef readonly RowDecoder decoder
    cdef Lines lines            # of the plan, prefetched if another Reading has read the previous message

    def __init__(
        self, RowDecoder decoder not None, *, datum_of=None, finish=None, schema_id=None, double expires=0.0
    ):
        self.decoder = decoder
        self.plan = ensure_plan(decoder.plan)
        find_lines(&self.lines, self.plan)
        self.datum_of = datum_of
        self.finish = finish
        self.schema_id = schema_id
        self.expires = expires


cdef class Writing:
    """How values are written for one subject.

    :ivar encoder: encodes the value.
    :ivar head: the bytes in front of the datum.
    :ivar headers: the headers to add to a message.
    :ivar prepare: called with the value and the context; returns the value to encode instead.
    :ivar finish: called with the encoded datum; returns the bytes to put after the head instead.
    :ivar expires: when the registry must be asked again (`time.monotonic`), 0.0: never.
    :ivar schema_id: for errors.
    """

    cdef readonly RowEncoder encoder
    cdef readonly bytes head
    cdef readonly tuple headers
    cdef readonly object finish, prepare, schema_id
    cdef readonly double expires

    def __init__(
        self,
        RowEncoder encoder not None,
        bytes head not None,
        tuple headers=(),
        *,
        finish=None,
        prepare=None,
        schema_id=None,
        double expires=0.0,
    ):
        self.encoder = encoder
        self.head = head
        self.headers = headers
        self.finish = finish
        self.prepare = prepare
        self.schema_id = schema_id
        self.expires = expires


cdef class Context:
    """Where a message comes from or goes to. It replaces confluent-kafka's SerializationContext.

    :ivar topic: name of the topic, or None.
    :ivar field: ``"value"`` or ``"key"``.
    :ivar headers: pairs or a dict, or None.
    :ivar partition: of a message that was read; None if unknown.
    :ivar offset: likewise.
    """

    cdef public object topic, field, headers, partition, offset

    def __init__(self, topic=None, field="value", headers=None, partition=None, offset=None):
        self.topic = topic
        self.field = field
        self.headers = headers
        self.partition = partition
        self.offset = offset

    def __repr__(self):
        return f"Context({self.topic!r}, {str(self.field)!r})"


cdef class Arrived:
    """Where a client's message comes from: a Context that reads its attributes from the message on demand.

    :param message: has topic, partition, offset and headers, as attributes or as methods.
    :ivar field: ``"value"`` or ``"key"``.
    """

    cdef object message
    cdef readonly str field

    def __init__(self, message, str field not None):
        self.message = message
        self.field = field

    @property
    def topic(self):
        """Name of the topic."""
        return called(self.message.topic)

    @property
    def partition(self):
        """Number of the partition."""
        return called(self.message.partition)

    @property
    def offset(self):
        """Offset in the partition."""
        return called(self.message.offset)

    @property
    def headers(self):
        """Pairs of name and value, or None."""
        return called(self.message.headers)

    def data(self):
        """The bytes of the field, or None."""
        return called(self.message.key if self.field == "key" else self.message.value)


cdef inline object called(object value):
    """The result of a method, or the value of an attribute."""
    return value() if callable(value) else value


# The result for a message that is skipped; None would be a value.
SKIPPED = object()


cdef class MessageReader:
    """Finds the Reading of a message, and reads it. Threads may share it.

    :param forms: the forms of frames that messages may have.
    :param keys: messages without a context are keys.
    :param by_topic: the Reading of a message depends on its topic.
    :param most: the most bytes of a message; 0: no bound.
    :ivar readings: dicts from mark to Reading: False has that of values, True that of keys; if they depend on the
        topic, ``(topic, False)`` and ``(topic, True)``.
    """

    cdef readonly dict readings
    cdef readonly int forms
    cdef readonly bint by_topic, keys
    cdef readonly Py_ssize_t most
    cdef const void* last       # the address of the previous message's Reading, only compared

    def __init__(self, int forms, *, bint keys=False, bint by_topic=False, Py_ssize_t most=0):
        self.readings = {}
        self.forms = forms
        self.keys = keys
        self.by_topic = by_topic
        self.most = most

    def _missing(self, mark, data, topic, headers, is_key):
        """The Reading of a message, if none is known or the known one has expired."""
        raise NotImplementedError

    def _failed(self, error, data, context, reading):
        """Raise the error of a message that cannot be read, or return the value for it, or SKIPPED."""
        raise NotImplementedError

    def __call__(self, data, ctx=None):
        """The value of a message; None for None, a tombstone."""
        value = self.read(data, ctx)
        return None if value is SKIPPED else value

    def deserialize(self, data, topic=None, headers=None, *, field=None, partition=None, offset=None):
        """The value of a message; None for None, a tombstone.

        :param data: bytes or another buffer.
        :param topic: the topic of the message; errors name it, `partition` and `offset`.
        :param headers: pairs of name and value, or a dict; they may identify its schema.
        :param field: ``"value"`` or ``"key"``; None: what the deserializer is for.
        """
        if field is None:
            field = "key" if self.keys else "value"
        return MessageReader.__call__(self, data, Context(topic, field, headers, partition, offset))

    cdef object read(self, data, context):
        cdef Reading reading = None
        cdef Held held
        cdef Py_ssize_t offset = 0
        cdef bint is_key = self.keys
        cdef object topic = None
        cdef object headers = None
        if data is None:
            return None
        try:
            if context is not None:
                if type(context) is Context:
                    topic = (<Context>context).topic
                    headers = (<Context>context).headers
                    is_key = is_key_of((<Context>context).field)
                else:
                    if self.by_topic:
                        topic = context.topic
                    headers = context.headers
                    is_key = is_key_of(context.field)
            hold(data, &held)
            try:
                reading = self.find(data, &held, topic, headers, is_key, &offset)
                self.approach(reading)
                if reading.datum_of is None:
                    value = decode_whole(reading.plan, held.data + offset, held.size - offset, "")
                else:
                    value = reading.decoder.decode(reading.datum_of(data, offset))
            finally:
                let_go(&held)
            return value if reading.finish is None else reading.finish(value, context)
        except Exception as error:
            return self._failed(error, data, context, reading)

    def read_many(self, arrivals):
        """The values of ``(data, context)`` pairs, without those that are skipped."""
        cdef list values = []
        for data, context in arrivals:
            value = self.read(data, context)
            if value is not SKIPPED:
                values.append(value)
        return values

    cdef inline int approach(self, Reading reading) except -1:
        """Prefetch a Reading's plan into the cache, unless it has read the previous message."""
        if AVROJET_GIL:
            if <const void*>reading == self.last:
                return 0
            self.last = <const void*>reading
        fetch_lines(&reading.lines)
        return 0

    cdef Reading find(
        self, object data, Held* held, object topic, object headers, bint is_key, Py_ssize_t* offset
    ):
        cdef dict known
        if self.most and held.size > self.most:
            raise too_long(held.size, self.most)
        mark = find_frame(self.forms, held.data, held.size, headers, is_key, offset)
        known = <dict>self.readings.get((topic, is_key) if self.by_topic else is_key)
        reading = None if known is None else known.get(mark)
        if reading is None or is_over((<Reading>reading).expires):
            return self._missing(mark, data, topic, headers, is_key)
        return <Reading>reading

    def reading_of(self, data, context):
        """The Reading of a message that is not None, and the offset of its datum; errors are raised."""
        cdef Held held
        cdef Py_ssize_t offset = 0
        cdef Reading reading
        hold(data, &held)
        try:
            reading = self.find(
                data, &held, context.topic, context.headers, is_key_of(context.field), &offset
            )
        finally:
            let_go(&held)
        return reading, offset


cdef class Group:
    """Messages with the same Reading and the same offset of the datum.

    :ivar messages: the bytes of each.
    :ivar numbers: their positions among all messages passed in.
    :ivar sources: the messages as passed in: bytes, or messages of a client.
    """

    cdef readonly Reading reading
    cdef readonly Py_ssize_t offset
    cdef readonly list messages, numbers, sources

    def __init__(self, Reading reading not None, Py_ssize_t offset):
        self.reading = reading
        self.offset = offset
        self.messages = []
        self.numbers = []
        self.sources = []

    cdef int append(self, Py_ssize_t number, object data, object source) except -1:
        self.messages.append(data)
        self.numbers.append(number)
        self.sources.append(source)
        return 0

    def add(self, Py_ssize_t number, data, source):
        """Add a message."""
        self.append(number, data, source)


def gather(messages, place, *, bint keys, Py_ssize_t most):
    """Put messages into their groups.

    A message that has no headers and the same frame as the previous one is put into the same group.

    :param place: called with the number and the message for any other: adds it, and returns its Group, or None.
    :param keys: take the keys of clients' messages.
    :param most: longer messages are always passed to `place`; 0: no bound.
    """
    cdef Py_ssize_t number = 0
    cdef bytes before = None        # the previous message, if its frame alone determines its Reading
    cdef Group group = None
    for message in messages:
        data = message
        headers = None
        if type(message) is not bytes and group is not None:
            if message is not None and hasattr(message, "headers"):
                data, headers = unpacked(message, keys)
        if type(data) is bytes and not headers and group is not None and begins_alike(data, before, group.offset, most):
            group.append(number, data, message)
        else:
            group = place(number, message)
            before = None
            if group is not None:
                data = group.messages[len(group.messages) - 1]
                if group.offset and type(data) is bytes:
                    before = data
                else:
                    group = None
        number += 1


cdef inline bint begins_alike(bytes data, bytes other, Py_ssize_t size, Py_ssize_t most) noexcept:
    cdef Py_ssize_t length = PyBytes_GET_SIZE(data)
    return (
        length >= size
        and (not most or length <= most)
        and memcmp(PyBytes_AS_STRING(data), PyBytes_AS_STRING(other), size) == 0
    )


cdef tuple unpacked(object message, bint keys):
    """The bytes and the headers of a client's message."""
    data = message.key if keys else message.value
    return called(data), called(message.headers)


cdef class MessageWriter:
    """Finds the Writing of a value, and writes it. Threads may share it.

    :param subject_of: called with the context of each value; returns its subject.
    :param topic: that of values without one.
    :param keys: values without a context are keys.
    :param by_topic: the Writing of a value depends on its topic.
    :param most: the most bytes of a message; 0: no bound.
    :ivar writings: by topic or subject; for keys, by a tuple that contains it.
    """

    cdef readonly dict writings
    cdef readonly bint by_topic, keys
    cdef readonly object topic
    cdef object subject_of
    cdef readonly Py_ssize_t most

    def __init__(
        self, *, subject_of=None, topic=None, bint keys=False, bint by_topic=False, Py_ssize_t most=0
    ):
        self.writings = {}
        self.subject_of = subject_of
        self.topic = topic
        self.keys = keys
        self.by_topic = by_topic
        self.most = most

    def _missing(self, key, context, is_key):
        """The Writing for a topic or subject, if none is known or the known one has expired."""
        raise NotImplementedError

    def _failed(self, error, value, context, writing):
        """Raise the error of a value that cannot be written."""
        raise NotImplementedError

    def __call__(self, value, ctx=None):
        """The message of a value; None for None, a tombstone."""
        return self.write(value, ctx)

    def serialize(self, value, topic=None, headers=None, *, field=None):
        """The message of a value; None for None, a tombstone.

        :param topic: where it goes to; its subject may be derived from it.
        :param headers: a list of pairs, or a dict; the id of the schema is added if the framing uses headers.
        :param field: ``"value"`` or ``"key"``; None: what the serializer is for.
        """
        if field is None:
            field = "key" if self.keys else "value"
        return self.write(value, Context(topic, field, headers))

    cdef object write(self, value, context):
        cdef Writing writing = None
        cdef bytes message
        if value is None:
            return None
        try:
            writing = self.writing_of(context)
            if writing.prepare is not None:
                value = writing.prepare(value, context)
            if writing.finish is None:
                message = encode_after(
                    writing.encoder,
                    <const uint8_t*>PyBytes_AS_STRING(writing.head),
                    PyBytes_GET_SIZE(writing.head),
                    value,
                )
            else:
                message = writing.head + writing.finish(encode_after(writing.encoder, NULL, 0, value))
            if self.most and PyBytes_GET_SIZE(message) > self.most:
                raise too_long(PyBytes_GET_SIZE(message), self.most)
            if writing.headers:
                add_headers(context, writing.headers)
            return message
        except Exception as error:
            return self._failed(error, value, context, writing)

    def writing_of(self, context):
        """The Writing for the values of a context."""
        cdef object key = None
        cdef bint is_key = self.keys
        if context is not None:
            is_key = is_key_of(context.field)
        if self.subject_of is not None:
            key = self.subject_of(context)
        elif self.by_topic:
            key = self.topic if context is None or context.topic is None else context.topic
        writing = self.writings.get((key,) if is_key else key)
        if writing is None or is_over((<Writing>writing).expires):
            return self._missing(key, context, is_key)
        return <Writing>writing


cdef inline bint is_key_of(object field) except -1:
    """Whether it is ``"key"``. confluent-kafka's MessageField is a str, too; comparing its members would be slow."""
    if isinstance(field, str):
        return PyUnicode_CompareWithASCIIString(field, "key") == 0
    return False


cdef inline bint is_over(double expires) except -1:
    return expires != 0.0 and monotonic() >= expires


cdef int add_headers(object context, tuple headers) except -1:
    """Add headers to those of a message's context."""
    given = None if context is None else context.headers
    if isinstance(given, list):
        (<list>given).extend(headers)
    elif isinstance(given, dict):
        (<dict>given).update(headers)
    else:
        raise TypeError(
            "the id of the schema goes into the headers, and there are none to add to: give a list or a dict of headers"
        )
    return 0


cdef object too_long(Py_ssize_t size, Py_ssize_t most):
    return LimitError(f"the message has {size} bytes, more than max_bytes = {most}", limit="max_bytes", number=size)
