"""Classes in the place of a protocol's records, enums and errors."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from avrojet.typed.binding import Classes


class RecordClasses:
    """The classes that represent named types.

    :param classes: a mapping from fullname to class, or classes that are found by the names in their schemas.
    :ivar by_name: a mapping from fullname to class; None if there are none.
    :ivar key: its key in caches.
    :raises SchemaError: if a class has no name in Avro.
    """

    __slots__ = ("_names", "by_name", "key")

    def __init__(self, classes: Classes | None = None) -> None:
        self.by_name: dict[str, type] | None = None
        self.key: Hashable = None
        self._names: dict[type, str] = {}
        if classes is None:
            return
        from avrojet.typed.binding import by_fullname

        self.by_name = dict(classes) if isinstance(classes, Mapping) else by_fullname(classes)
        self.key = tuple(self.by_name.items())
        self._names = {
            cls: name
            for name, cls in self.by_name.items()
            if isinstance(cls, type) and issubclass(cls, Exception)
        }

    def name_of(self, error: Exception) -> str | None:
        """Return the fullname of the declared error that an exception represents; None if its class
        represents none.
        """
        for cls in type(error).__mro__:
            if cls in self._names:
                return self._names[cls]
        return None


NO_CLASSES: Final = RecordClasses()
