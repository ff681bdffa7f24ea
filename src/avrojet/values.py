"""Values of Avro types for which the standard library has no class; any module may import this one."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Any, NamedTuple, Self, SupportsIndex


class Duration(NamedTuple):
    """A duration (specification: Duration): three independent amounts, each from 0 to 4294967295.

    They are not normalized: a month has no fixed number of days, nor a day of milliseconds.
    """

    months: int
    days: int
    milliseconds: int


class NanoDatetime(datetime):
    """A datetime with nanoseconds: the type of decoded ``timestamp-nanos`` and ``local-timestamp-nanos``.

    ``nanosecond`` (0 to 999) adds to ``microsecond``. It is part of comparison, hashing, text and pickling;
    adding a timedelta keeps it. A timedelta has no nanoseconds, so the difference of two datetimes ignores
    them.

    >>> NanoDatetime(2026, 1, 2, 3, 4, 5, 678901, nanosecond=234).isoformat()
    '2026-01-02T03:04:05.678901234'
    """

    __slots__ = ("_nanosecond",)
    _nanosecond: int

    def __new__(cls, *args: Any, nanosecond: int = 0, **kwargs: Any) -> Self:
        return cls.from_datetime(datetime(*args, **kwargs), nanosecond)

    @classmethod
    def from_datetime(cls, value: datetime, nanosecond: int = 0) -> Self:
        """The datetime ``value`` with ``nanosecond`` (0 to 999) after its microsecond.

        :raises ValueError: if ``nanosecond`` is out of range.
        """
        if not 0 <= nanosecond <= 999:
            raise ValueError(f"nanosecond must be in 0..999: {nanosecond}")
        self = super().__new__(
            cls, value.year, value.month, value.day, value.hour, value.minute, value.second,
            value.microsecond, value.tzinfo, fold=value.fold,
        )  # fmt: skip
        self._nanosecond = nanosecond
        return self

    @property
    def nanosecond(self) -> int:
        """Nanoseconds after the microsecond, 0 to 999."""
        return self._nanosecond

    def to_datetime(self) -> datetime:
        """The plain datetime, without the nanoseconds."""
        return datetime(
            self.year, self.month, self.day, self.hour, self.minute, self.second,
            self.microsecond, self.tzinfo, fold=self.fold,
        )  # fmt: skip

    def replace(self, *args: Any, nanosecond: int | None = None, **kwargs: Any) -> Self:
        kept = self._nanosecond if nanosecond is None else nanosecond
        return self.from_datetime(self.to_datetime().replace(*args, **kwargs), kept)

    def astimezone(self, tz: tzinfo | None = None) -> Self:
        return self.from_datetime(self.to_datetime().astimezone(tz), self._nanosecond)

    def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
        """Like :meth:`datetime.isoformat`; ``timespec`` may also be ``"nanoseconds"``, which ``"auto"`` means
        if there are any.
        """
        if timespec != "nanoseconds" and (timespec != "auto" or not self._nanosecond):
            return self.to_datetime().isoformat(sep, timespec)
        text = self.to_datetime().isoformat(sep, "microseconds")
        end = text.index(".") + 7
        return f"{text[:end]}{self._nanosecond:03d}{text[end:]}"

    def __str__(self) -> str:
        return self.isoformat(" ")

    def __repr__(self) -> str:
        plain = repr(self.to_datetime()).removeprefix("datetime.datetime(").removesuffix(")")
        return f"NanoDatetime({plain}, nanosecond={self._nanosecond})"

    def __add__(self, other: timedelta) -> Self:
        if not isinstance(other, timedelta):
            return NotImplemented
        return self.from_datetime(self.to_datetime() + other, self._nanosecond)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, timedelta):
            return self + -other
        return self.to_datetime() - (other.to_datetime() if isinstance(other, NanoDatetime) else other)

    def __eq__(self, other: object) -> bool:
        plain = super().__eq__(other)
        return self._nanosecond == _nanosecond_of(other) if plain is True else plain

    def __ne__(self, other: object) -> bool:
        # datetime's own does not call __eq__.
        return not self == other

    def __lt__(self, other: datetime) -> bool:  # type: ignore[override]
        plain = super().__eq__(other)
        return self._nanosecond < _nanosecond_of(other) if plain is True else super().__lt__(other)

    def __le__(self, other: datetime) -> bool:  # type: ignore[override]
        plain = super().__eq__(other)
        return self._nanosecond <= _nanosecond_of(other) if plain is True else super().__le__(other)

    def __gt__(self, other: datetime) -> bool:  # type: ignore[override]
        plain = super().__eq__(other)
        return self._nanosecond > _nanosecond_of(other) if plain is True else super().__gt__(other)

    def __ge__(self, other: datetime) -> bool:  # type: ignore[override]
        plain = super().__eq__(other)
        return self._nanosecond >= _nanosecond_of(other) if plain is True else super().__ge__(other)

    def __hash__(self) -> int:
        # A value without nanoseconds equals a plain datetime, so it hashes like one.
        plain = super().__hash__()
        return hash((plain, self._nanosecond)) if self._nanosecond else plain

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.is_instance_schema(cls)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return self.from_datetime, (self.to_datetime(), self._nanosecond)


def _nanosecond_of(value: object) -> int:
    return value._nanosecond if isinstance(value, NanoDatetime) else 0
