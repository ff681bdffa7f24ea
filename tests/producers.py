"""Producers of Arrow data that are not what they say: what pyarrow exports, changed before it is taken.

pyarrow is imported by those who use this, where they use it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any


class ArrowSchema(ctypes.Structure):
    pass


ArrowSchema._fields_ = [
    ("format", ctypes.c_void_p),
    ("name", ctypes.c_void_p),
    ("metadata", ctypes.c_void_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(ArrowSchema))),
    ("dictionary", ctypes.POINTER(ArrowSchema)),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]


class ArrowArray(ctypes.Structure):
    pass


ArrowArray._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(ArrowArray))),
    ("dictionary", ctypes.POINTER(ArrowArray)),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]


class ArrowArrayStream(ctypes.Structure):
    _fields_ = [
        ("get_schema", ctypes.c_void_p),
        ("get_next", ctypes.c_void_p),
        ("get_last_error", ctypes.c_void_p),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    ]


_RELEASE = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_get_pointer.restype, _get_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype, _new_capsule.argtypes = (
    ctypes.py_object,
    [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p],
)

Change = Callable[[Any], None]
# What changes have put in place of pointers; it lives as long as the process, as its addresses do.
_kept: list[Any] = []


class Changed:
    """An array, or anything of pyarrow's that has ``__arrow_c_array__``, changed before it is taken.

    :param change: of its ArrowArray; None: none.
    :param schema: of its ArrowSchema.
    :ivar released: how often the array has been released.
    """

    def __init__(self, array: Any, change: Change | None = None, schema: Change | None = None) -> None:
        self.array = array
        self.change = change or (lambda raw: None)
        self.schema = schema
        self.released = 0

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        schema, array = self.array.__arrow_c_array__()
        self._change_array(array)
        return schema if self.schema is None else self._changed_schema(schema), array

    def _change_array(self, capsule: Any) -> None:
        """Have its release change it back first: it is for what pyarrow made."""
        raw = ArrowArray.from_address(_get_pointer(capsule, b"arrow_array"))
        release = _RELEASE(raw.release)
        before = bytes(raw)

        def released(pointer: int) -> None:
            self.released += 1
            ctypes.memmove(pointer, before, len(before))
            release(pointer)

        callback = _RELEASE(released)
        _kept.append(callback)
        raw.release = ctypes.cast(callback, ctypes.c_void_p).value
        self.change(raw)

    def _changed_schema(self, capsule: Any) -> Any:
        """A copy, which nobody releases: it is the capsule that would."""
        raw = ArrowSchema.from_buffer_copy(ArrowSchema.from_address(_get_pointer(capsule, b"arrow_schema")))
        _kept.extend((capsule, raw))
        assert self.schema is not None
        self.schema(raw)
        return _new_capsule(ctypes.addressof(raw), b"arrow_schema", None)


# Changes


def setting(**members: Any) -> Change:
    def change(raw: Any) -> None:
        for name, value in members.items():
            setattr(raw, name, value)

    return change


def buffer_to(index: int, data: bytes | None) -> Change:
    """Another buffer. Releasing does not look at buffers."""

    def change(raw: Any) -> None:
        raw.buffers[index] = None if data is None else ctypes.cast(_keep(data), ctypes.c_void_p).value

    return change


def format_to(format: bytes) -> Change:
    return setting(format=ctypes.cast(_keep(format + b"\0"), ctypes.c_void_p).value)


def name_to(name: bytes) -> Change:
    return setting(name=ctypes.cast(_keep(name + b"\0"), ctypes.c_void_p).value)


def metadata_to(metadata: bytes) -> Change:
    return setting(metadata=ctypes.cast(_keep(metadata), ctypes.c_void_p).value)


def within(child: int, change: Change) -> Change:
    return lambda raw: change(raw.children[child].contents)


def without_child(child: int) -> Change:
    """A child's address is NULL."""

    def change(raw: Any) -> None:
        children = (type(raw.children[0]) * raw.n_children)(*[raw.children[i] for i in range(raw.n_children)])
        children[child] = type(children[child])()
        _kept.append(children)
        raw.children = ctypes.cast(children, type(raw.children))

    return change


def without_children(raw: Any) -> None:
    raw.children = type(raw.children)()


def _keep(data: bytes) -> bytes:
    _kept.append(data)
    return data


# Streams


class Stream:
    """A stream of callbacks: None for one that is NULL."""

    def __init__(self, get_schema: Any = None, get_next: Any = None) -> None:
        self._callbacks = [_RELEASE(lambda pointer: None)]
        self._raw = ArrowArrayStream()
        self._raw.get_schema, self._raw.get_next = (self._address(each) for each in (get_schema, get_next))
        self._raw.release = ctypes.cast(self._callbacks[0], ctypes.c_void_p).value

    def _address(self, callback: Any) -> int | None:
        if callback is None:
            return None
        self._callbacks.append(ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(callback))
        return ctypes.cast(self._callbacks[-1], ctypes.c_void_p).value

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        _kept.append(self)
        return _new_capsule(ctypes.addressof(self._raw), b"arrow_array_stream", None)


class Returning:
    """An object whose ``__arrow_c_array__`` or ``__arrow_c_stream__`` returns whatever it is made with."""

    def __init__(self, method: str, value: Any) -> None:
        setattr(self, method, lambda requested_schema=None: value)
