"""The facade as an importable ``fastavro``, for processes that its tests start."""

from avrojet.compat import install

install("fastavro")
