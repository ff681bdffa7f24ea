from collections.abc import Callable
from typing import Any, Generic, Literal, TypeAlias

from typing_extensions import Buffer, TypeVar

from avrojet.core.plan.plan import Plan

_T = TypeVar("_T", default=Any)
Decimals: TypeAlias = Literal["text", "number"]
Complain: TypeAlias = Callable[[Exception | None, int], BaseException]

class RowDecoder(Generic[_T]):
    def __init__(self, plan: Plan) -> None: ...
    def decode(self, data: Buffer) -> _T:
        """Decode one datum.

        :param data: bytes, bytearray, memoryview or another buffer that holds exactly one datum.
        :returns: the value.
        :raises DecodeError: if the bytes are not a datum of the schema, or more bytes follow it.
        """

    def decode_from(self, data: Buffer, offset: int = 0) -> tuple[_T, int]:
        """Decode the datum that begins at ``offset``; bytes after it are ignored.

        :returns: ``(value, end)``, where ``end`` is the offset just after the datum.
        :raises DecodeError: as in :meth:`decode`.
        """

    def decode_many(self, data: Buffer) -> list[_T]:
        """Decode consecutive data up to the last byte.

        :returns: the list of values.
        :raises DecodeError: as in :meth:`decode`; the message says which datum it was.
        """

    def _decode_block(self, data: Buffer, count: int, offset: int = 0) -> tuple[list[_T], int]: ...
    def _rows(self, data: Buffer, count: int, complain: Complain) -> RowIterator: ...
    def _empty_row_cost(self) -> int: ...
    def _skip_block(self, data: Buffer, count: int, offset: int = 0) -> int: ...

class DatumText: ...

class DatumDecoder(RowDecoder[_T]):
    def to_json(self, data: Buffer, *, plain: bool = False, decimals: Decimals = "text") -> str:
        """The JSON text of one datum, made directly from its bytes.

        :param data: bytes or another buffer that holds exactly one datum.
        :param plain: JSON as people write it: branches of unions are not named, dates, times, durations and
            UUIDs are text, decimals as `decimals` says. Else the specification's JSON Encoding, with the
            plain encoding of logical types. NaN and infinities are strings in both.
        :param decimals: in plain JSON: ``"text"``, or ``"number"``, whose digits many readers round.
        :raises DecodeError: if the bytes are not exactly one datum of the schema.

        >>> Decoder(["null", "string"]).to_json(b"\\x02\\x06foo")
        '{"string":"foo"}'
        """

class RowIterator:
    def __init__(self, decoder: RowDecoder, data: Buffer, count: int, complain: Complain) -> None: ...
    def __iter__(self) -> RowIterator: ...
    def __length_hint__(self) -> int: ...
    def __next__(self) -> Any: ...
