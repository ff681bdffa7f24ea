"""The facade as an importable ``avro``, for processes that its tests start."""

from avrojet.compat import install

install("avro")
