"""Recycled memory: aligned, never given twice, given back with the last view."""

from __future__ import annotations

import ctypes

import pytest

from avrojet.core.ground.input_buffer import InputBuffer

SIZES = [1, 63, 64, 4096, 32767, 32768, 32769, 100_000, 1 << 20, (1 << 20) + 1, 5 << 20]


def address_of(buffer: InputBuffer) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(buffer))


@pytest.mark.parametrize("size", SIZES)
def test_a_chunk_has_its_size_and_place(size):
    buffer = InputBuffer(size)
    view = memoryview(buffer)
    assert (view.nbytes, view.readonly, view.contiguous) == (size, False, True)
    assert address_of(buffer) % 64 == 0
    view[:] = b"\xaa" * size
    assert bytes(view) == b"\xaa" * size


@pytest.mark.slow
def test_chunks_that_live_share_nothing():
    buffers = [InputBuffer(size) for size in SIZES for _ in range(5)]
    for number, buffer in enumerate(buffers):
        memoryview(buffer)[:] = bytes([number]) * memoryview(buffer).nbytes
    for number, buffer in enumerate(buffers):
        assert set(bytes(buffer)) == {number}


def test_a_view_keeps_the_memory():
    kept = memoryview(InputBuffer(100_000))
    kept[:] = b"k" * 100_000
    for _ in range(10):
        memoryview(InputBuffer(100_000))[:] = b"n" * 100_000
    assert bytes(kept) == b"k" * 100_000


@pytest.mark.parametrize("size", [0, -1])
def test_a_chunk_has_a_byte_at_least(size):
    with pytest.raises(ValueError, match="at least one byte"):
        InputBuffer(size)


def test_more_memory_than_there_is():
    with pytest.raises(MemoryError):
        InputBuffer(1 << 62)
