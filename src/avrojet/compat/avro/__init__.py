"""Apache avro 1.12.2's interface on avrojet's core: change one import, and the program is faster.

>>> from avrojet.compat import avro

docs/moving/avro.md lists where the two differ.
"""

from __future__ import annotations

from avrojet.compat.avro import (
    codecs,
    compatibility,
    constants,
    datafile,
    errors,
    io,
    ipc,
    name,
    protocol,
    schema,
    timezones,
)

__version__ = "1.12.2"
"""The version of Apache avro that this reports."""

__all__ = [
    "__version__",
    "codecs",
    "compatibility",
    "constants",
    "datafile",
    "errors",
    "io",
    "ipc",
    "name",
    "protocol",
    "schema",
    "timezones",
]
