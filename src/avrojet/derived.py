"""Properties that are made once; any module may import this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functools import cached_property as derived
else:

    class derived:  # noqa: N801 (a decorator)
        """A property that is made when it is asked for first, and then kept in the object's dict.

        That of ``functools`` has one lock for all objects before Python 3.12: threads wait for each other,
        and a process that is forked while one has it waits for ever. Here two threads may make a value each.
        """

        def __init__(self, make):
            self._make = make
            self.__doc__ = make.__doc__

        def __get__(self, instance, owner=None):
            if instance is None:
                return self
            return instance.__dict__.setdefault(self._make.__name__, self._make(instance))


__all__ = ["derived"]
