from collections.abc import Callable, Iterable
from typing import Any

from avrojet.core.rows.row_encoder import RowEncoder
from avrojet.core.rows.rows import RowDecoder

SKIPPED: object

class Reading:
    decoder: RowDecoder
    datum_of: Callable[[Any, int], Any] | None
    finish: Callable[[Any, Any], Any] | None
    expires: float
    schema_id: Any
    def __init__(
        self,
        decoder: RowDecoder,
        *,
        datum_of: Callable[[Any, int], Any] | None = None,
        finish: Callable[[Any, Any], Any] | None = None,
        schema_id: Any = None,
        expires: float = 0.0,
    ) -> None: ...

class Writing:
    encoder: RowEncoder
    head: bytes
    headers: tuple[tuple[str, bytes], ...]
    finish: Callable[[bytes], bytes] | None
    prepare: Callable[[Any, Any], Any] | None
    expires: float
    schema_id: Any
    def __init__(
        self,
        encoder: RowEncoder,
        head: bytes,
        headers: tuple[tuple[str, bytes], ...] = (),
        *,
        finish: Callable[[bytes], bytes] | None = None,
        prepare: Callable[[Any, Any], Any] | None = None,
        schema_id: Any = None,
        expires: float = 0.0,
    ) -> None: ...

class Context:
    """Where a message comes from or goes to. It replaces confluent-kafka's SerializationContext.

    :ivar topic: name of the topic, or None.
    :ivar field: ``"value"`` or ``"key"``.
    :ivar headers: pairs or a dict, or None.
    :ivar partition: of a message that was read; None if unknown.
    :ivar offset: likewise.
    """

    topic: str | None
    field: str
    headers: Any
    partition: int | None
    offset: int | None
    def __init__(
        self,
        topic: str | None = None,
        field: str = "value",
        headers: Any = None,
        partition: int | None = None,
        offset: int | None = None,
    ) -> None: ...

class Arrived:
    field: str
    def __init__(self, message: Any, field: str) -> None: ...
    @property
    def topic(self) -> str | None: ...
    @property
    def partition(self) -> int | None: ...
    @property
    def offset(self) -> int | None: ...
    @property
    def headers(self) -> Any: ...
    def data(self) -> Any: ...

class MessageReader:
    readings: dict[Any, dict[Any, Reading]]
    forms: int
    by_topic: bool
    keys: bool
    most: int
    def __init__(self, forms: int, *, keys: bool = False, by_topic: bool = False, most: int = 0) -> None: ...
    def __call__(self, data: Any, ctx: Any = None) -> Any: ...
    def deserialize(
        self,
        data: Any,
        topic: str | None = None,
        headers: Any = None,
        *,
        field: str | None = None,
        partition: int | None = None,
        offset: int | None = None,
    ) -> Any:
        """The value of a message; None for None, a tombstone.

        :param data: bytes or another buffer.
        :param topic: the topic of the message; errors name it, `partition` and `offset`.
        :param headers: pairs of name and value, or a dict; they may identify its schema.
        :param field: ``"value"`` or ``"key"``; None: what the deserializer is for.
        """

    def read_many(self, arrivals: Iterable[tuple[Any, Any]]) -> list[Any]:
        """The values of ``(data, context)`` pairs, without those that are skipped."""

    def reading_of(self, data: Any, context: Any) -> tuple[Reading, int]:
        """The Reading of a message that is not None, and the offset of its datum; errors are raised."""

    def _missing(self, mark: Any, data: Any, topic: str | None, headers: Any, is_key: bool) -> Reading: ...
    def _failed(self, error: Exception, data: Any, context: Any, reading: Reading | None) -> Any: ...

class Group:
    reading: Reading
    offset: int
    messages: list[Any]
    numbers: list[int]
    sources: list[Any]
    def __init__(self, reading: Reading, offset: int) -> None: ...
    def add(self, number: int, data: Any, source: Any) -> None: ...

def gather(
    messages: Iterable[Any], place: Callable[[int, Any], Group | None], *, keys: bool, most: int
) -> None: ...

class MessageWriter:
    writings: dict[Any, Writing]
    by_topic: bool
    keys: bool
    topic: str | None
    most: int
    def __init__(
        self,
        *,
        subject_of: Callable[[Any], str | None] | None = None,
        topic: str | None = None,
        keys: bool = False,
        by_topic: bool = False,
        most: int = 0,
    ) -> None: ...
    def __call__(self, value: Any, ctx: Any = None) -> Any: ...
    def serialize(
        self, value: Any, topic: str | None = None, headers: Any = None, *, field: str | None = None
    ) -> Any:
        """The message of a value; None for None, a tombstone.

        :param topic: where it goes to; its subject may be derived from it.
        :param headers: a list of pairs, or a dict; the id of the schema is added if the framing uses headers.
        :param field: ``"value"`` or ``"key"``; None: what the serializer is for.
        """

    def writing_of(self, context: Any) -> Writing:
        """The Writing for the values of a context."""

    def _missing(self, key: Any, context: Any, is_key: bool) -> Writing: ...
    def _failed(self, error: Exception, value: Any, context: Any, writing: Writing | None) -> Any: ...
