"""Numbers and type names under fastavro's names."""

from __future__ import annotations

from datetime import date
from typing import Final

from avrojet.schema.model import PRIMITIVE_TYPES

MCS_PER_SECOND: Final = 1_000_000
MCS_PER_MINUTE: Final = 60 * MCS_PER_SECOND
MCS_PER_HOUR: Final = 60 * MCS_PER_MINUTE

MLS_PER_SECOND: Final = 1_000
MLS_PER_MINUTE: Final = 60 * MLS_PER_SECOND
MLS_PER_HOUR: Final = 60 * MLS_PER_MINUTE

DAYS_SHIFT: Final = date(1970, 1, 1).toordinal()

INT_MIN_VALUE: Final = -(2**31)
INT_MAX_VALUE: Final = 2**31 - 1
LONG_MIN_VALUE: Final = -(2**63)
LONG_MAX_VALUE: Final = 2**63 - 1

NAMED_TYPES: Final = {"record", "error", "enum", "fixed"}
AVRO_TYPES: Final = {*PRIMITIVE_TYPES, *NAMED_TYPES, "array", "map", "union", "error_union", "request"}
