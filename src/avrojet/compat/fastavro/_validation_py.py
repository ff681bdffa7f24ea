"""The same as :mod:`avrojet.compat.fastavro._validation`, under another name that is imported."""

from __future__ import annotations

from avrojet.compat.fastavro import _validation
from avrojet.compat.fastavro._validation import *  # noqa: F403 (the names of its __all__)

__all__ = _validation.__all__
