"""Arrays that are not what their type says: refused where it can be seen, released once all the same."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

from avrojet import EncodeError, LimitError, SchemaError
from avrojet.columns.source import ColumnSource
from avrojet.datum import Encoder

pa = pytest.importorskip("pyarrow")


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
RELEASE = ctypes.CFUNCTYPE(None, ctypes.POINTER(ArrowArray))
ctypes.pythonapi.PyCapsule_GetPointer.restype = ctypes.c_void_p
ctypes.pythonapi.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]


class Changed:
    """An array of pyarrow's, changed before it is taken; counts how often it is released."""

    def __init__(self, array: Any, change: Any) -> None:
        self.array = array
        self.change = change
        self.released = 0

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        schema, capsule = self.array.__arrow_c_array__()
        raw = ArrowArray.from_address(ctypes.pythonapi.PyCapsule_GetPointer(capsule, b"arrow_array"))
        original, before = RELEASE(raw.release), bytes(raw)

        def release(pointer: Any) -> None:
            self.released += 1
            ctypes.memmove(pointer, before, len(before))
            original(pointer)

        self.callback = RELEASE(release)
        self.change(raw)
        raw.release = ctypes.cast(self.callback, ctypes.c_void_p).value
        return schema, capsule


def buffer_to(index: int, data: bytes | None) -> Any:
    """A change: another buffer, as long lived as the change. Releasing does not look at buffers."""

    def change(raw: Any) -> None:
        raw.buffers[index] = None if data is None else ctypes.cast(data, ctypes.c_void_p).value

    return change


def within(kid: int, change: Any) -> Any:
    return lambda raw: change(raw.children[kid].contents)


def setting(**members: int) -> Any:
    def change(raw: Any) -> None:
        for name, value in members.items():
            setattr(raw, name, value)

    return change


def ints(*values: int, size: int = 4) -> bytes:
    return b"".join(value.to_bytes(size, "little", signed=True) for value in values)


STRINGS = pa.array(["ab", "cd", "ef"])
NUMBERS = pa.array([1, 2, None])
LISTS = pa.array([[1], [2, 3]])
RUNS = pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array([1, 2]))
UNION = pa.UnionArray.from_dense(
    pa.array([0, 0], pa.int8()), pa.array([0, 1], pa.int32()), [pa.array([1, 2])]
)


@pytest.mark.parametrize(
    ("array", "change", "message"),
    [
        (NUMBERS, setting(length=-1), "negative length"),
        (NUMBERS, setting(offset=-1), "negative length"),
        (NUMBERS, setting(n_buffers=1), "buffers"),
        (NUMBERS, buffer_to(1, None), "its values are missing"),
        (NUMBERS, buffer_to(0, None), "no validity"),
        (STRINGS, buffer_to(1, ints(0, 4, 2, 6)), "do not ascend"),
        (STRINGS, buffer_to(1, ints(-1, 2, 4, 6)), "do not ascend"),
        (STRINGS, buffer_to(2, None), "its data are missing"),
        (LISTS, buffer_to(1, ints(0, 1, 4)), "shorter than the array around it"),
        (LISTS, buffer_to(1, ints(0, 2, 1)), "do not ascend"),
        (LISTS, setting(n_children=0), "other children"),
        (pa.array(["a", "b"]).dictionary_encode(), buffer_to(1, ints(0, 2)), "index 2 leads nowhere"),
        (pa.array(["a", "b"]).dictionary_encode(), buffer_to(1, ints(0, -1)), "index -1 leads nowhere"),
        (UNION, buffer_to(0, b"\0\1"), "no type 1"),
        (UNION, buffer_to(0, b"\0\xff"), "no type -1"),
        (UNION, buffer_to(1, ints(0, 2)), "index 2 leads nowhere"),
        (pa.array(["x" * 20], pa.string_view()), buffer_to(1, ints(20, 0, 1, 0)), "view leads nowhere"),
        (pa.array(["x" * 20], pa.string_view()), buffer_to(1, ints(20, 0, 0, 9)), "view leads nowhere"),
        (pa.array(["x" * 20], pa.string_view()), buffer_to(1, ints(-2, 0, 0, 0)), "view leads nowhere"),
        (pa.array([[1], [2]], pa.list_view(pa.int64())), buffer_to(2, ints(1, 2)), "list leads nowhere"),
        (pa.array([[1], [2]], pa.list_view(pa.int64())), buffer_to(1, ints(0, -1)), "list leads nowhere"),
        (RUNS, setting(length=4), "end too early"),
        (RUNS, within(0, buffer_to(1, ints(3, 3))), "do not ascend"),
        (RUNS, within(0, setting(length=0)), "run ends are missing"),
        (RUNS, within(1, setting(length=1)), "shorter than the array around it"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_an_array_that_is_not_what_its_type_says(array, change, message):
    data = Changed(array, change)
    schema = ColumnSource(array).schema()
    with pytest.raises(EncodeError, match=message):
        Encoder(schema).encode_arrow(data)
    assert data.released == 1


def test_an_array_is_released_once_on_success_too():
    data = Changed(NUMBERS, lambda raw: None)
    assert len(Encoder(["null", "long"]).encode_arrow(data)) == 3
    assert data.released == 1
    refused = Changed(NUMBERS, lambda raw: None)
    with pytest.raises(SchemaError):
        Encoder("string").encode_arrow(refused)
    assert refused.released == 1


def test_a_type_that_is_nested_too_deep():
    type = pa.int32()
    for _ in range(500):
        type = pa.list_(type)
    with pytest.raises(LimitError, match="nested deeper than 400"):
        ColumnSource(pa.array([], type))


def test_what_is_below_a_null_may_be_anything():
    valid = pa.array([True, False, True]).buffers()[1]
    texts = pa.StringArray.from_buffers(3, pa.py_buffer(ints(0, 1, 3, 4)), pa.py_buffer(b"a\xff\xfeb"), valid)
    messages = Encoder(["null", "string"]).encode_arrow(texts)
    assert pa.array(messages).to_pylist() == [b"\2\2a", b"\0", b"\2\2b"]
