"""The same as :mod:`avrojet.compat.fastavro._schema`, under another name that is imported."""

from __future__ import annotations

from avrojet.compat.fastavro import _schema
from avrojet.compat.fastavro._schema import *  # noqa: F403 (the names of its __all__)

__all__ = _schema.__all__
