"""Time zones of a fixed offset. Decoded timestamps have Python's own ``datetime.timezone.utc``."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Final


class _FixedOffset(tzinfo):
    _hours = 0
    _name = ""

    def utcoffset(self, dt: datetime | None = None) -> timedelta:
        return timedelta(hours=self._hours)

    def tzname(self, dt: datetime | None = None) -> str:
        return self._name

    def dst(self, dt: datetime | None = None) -> timedelta:
        return timedelta(0)


class UTCTzinfo(_FixedOffset):
    """Coordinated universal time."""

    _name = "UTC"


class TSTTzinfo(_FixedOffset):
    """Ten hours ahead of UTC; for tests."""

    _hours = 10
    _name = "TST"


utc: Final = UTCTzinfo()
tst: Final = TSTTzinfo()
