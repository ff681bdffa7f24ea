"""The same as :mod:`avrojet.compat.fastavro._logical_writers`, under another name that is imported."""

from __future__ import annotations

from avrojet.compat.fastavro import _logical_writers
from avrojet.compat.fastavro._logical_writers import *  # noqa: F403 (the names of its __all__)

__all__ = _logical_writers.__all__
