"""How the values of an Arrow column become Avro's: the table of what ``core.encode_columns`` can do.

Data only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from avrojet.plan.arrow.path import Path

Op = Literal[
    "null",
    "absent",  # never a value: null, if that is set, or nothing at all
    "boolean",
    "int32",  # any int32 as an int or long
    "int64",  # any int64 as a long
    "integer",  # times factor, or divided by divisor (truncate: dropping the remainder); from low to high
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
    "first",  # children, all of the same array: the first that takes the value
    "dictionary",  # children (one)
    "runs",  # children (one)
    "constant",  # data, whatever the columns hold
]

INT64_MIN, INT64_MAX = -(1 << 63), (1 << 63) - 1


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ArrowStep:
    """One place of the schema, and the array from which its values come.

    :ivar path: place in the schema, for messages; and
    :ivar expected: the schema's type there.
    :ivar store: how the array's values are stored, as a format string without parameters; bytes and text
        alike.
    :ivar width: bytes of a value, or items of a list, if ``store`` does not say so.
    :ivar column: index of the array among the children of its parent; -1: there is none, -2: it is the
        parent's dictionary.
    :ivar columns: number of children of the array.
    :ivar tag: the bytes before a value: the encoded index of its branch.
    :ivar null: the bytes of a null; None if nulls are not allowed.
    :ivar distance: how far the column's type is from the schema's, for choosing between branches.
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
