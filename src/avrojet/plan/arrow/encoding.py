"""How the values of an Arrow column become Avro's: the table of what ``core.encode_columns`` can do.

Data only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from avrojet.plan.arrow.path import Path

Op = Literal[
    "null",
    "absent",  # never a value: null, if it is set, or nothing at all
    "boolean",
    "int32",  # any int32 as an int or long
    "int64",  # any int64 as a long
    "integer",  # times factor, or divided by divisor (truncate: without what is left over); from low to high
    "integer to float",  # the nearest
    "integer to double",
    "float",
    "double",
    "half to float",
    "half to double",
    "float to double",
    "double to float",  # the nearest, if it is in range
    "bytes",  # text: UTF-8 only
    "fixed",  # size
    "symbol",  # symbols
    "uuid to text",  # 16 bytes as 36 characters
    "uuid text",
    "uuid of text",
    "decimal",  # size (-1: bytes), precision
    "decimal scaled",  # size, exponent, precision: digits that the number may have before it is multiplied
    "integer to decimal",  # the same
    "text to decimal",  # size, exponent, precision
    "bytes to decimal",  # size, data: the greatest number that the precision allows
    "decimal to big",  # exponent: the scale
    "integer to big",  # exponent: the scale
    "text to big",
    "bytes to big",
    "interval",
    "interval to length",  # of nanoseconds alone; as "integer"
    "record",  # children
    "list",  # children (one); a map's is the record of its entries
    "members",  # children, of which one has a value
    "union",  # children, branches
    "first",  # children, for one and the same array: the first that takes the value
    "dictionary",  # children (one)
    "runs",  # children (one)
    "constant",  # data, whatever the columns hold
]

INT64_MIN, INT64_MAX = -(1 << 63), (1 << 63) - 1


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ArrowStep:
    """One place of the schema, and the array that its values come from.

    :ivar path: place in the schema, for messages; and
    :ivar expected: what the schema has there.
    :ivar store: how the array's values lie, in Arrow's words without parameters; bytes and text alike.
    :ivar width: bytes of a value, or items of a list, where ``store`` does not say it.
    :ivar column: position of the array among the children of the array around it; -1: there is none, -2:
        it is that array's dictionary.
    :ivar columns: children that the array has.
    :ivar tag: what stands in front of a value: the encoded position of its branch.
    :ivar null: what stands for a null; None if there must not be one.
    :ivar distance: how far the column's type is from the schema's, for those who choose between branches.
    :ivar branches: for each of Arrow's type ids, the child that has its values, or -1.
    """

    op: Op
    path: Path
    expected: str | None = None
    store: str = ""
    width: int = 0
    column: int = 0
    columns: int = 0
    tag: bytes = b""
    null: bytes | None = None
    children: tuple[ArrowStep, ...] = ()
    text: bool = False
    size: int = 0
    factor: int = 1
    divisor: int = 1
    truncate: bool = False
    low: int = INT64_MIN
    high: int = INT64_MAX
    precision: int = 0
    exponent: int = 0
    symbols: tuple[str, ...] = ()
    branches: tuple[int, ...] = ()
    data: bytes = b""
    distance: int = 1
