"""Streams that fail while another library consumes them: what it is told, and that it is told."""

from __future__ import annotations

import io
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from avrojet import EncodeError, read_arrow, write_arrow
from tests.container.samples import file_of, rows

pa = pytest.importorskip("pyarrow")

DATA = file_of(rows(5000), sync_interval=300)


class MuteError(OSError):
    """An exception whose text cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError


class UncertainError(Exception):
    """An exception that nobody can ask what it is."""

    @property
    def __class__(self) -> Any:
        raise RuntimeError

    @__class__.setter
    def __class__(self, value: Any) -> None:
        raise RuntimeError


class Source:
    """A file that does something of its own in the middle."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self._file = io.BytesIO(DATA)
        self._act = act
        self._reads = 0

    def read(self, size: int = -1) -> bytes:
        self._reads += 1
        if self._reads > 2:
            self._act()
        return self._file.read(3000)


def throw(error: BaseException) -> Callable[[], Any]:
    def act() -> None:
        raise error

    return act


def by_pyarrow(stream: Any) -> Any:
    return pa.RecordBatchReader.from_stream(stream).read_all()


def by_pyarrow_table(stream: Any) -> Any:
    return pa.table(stream)


def by_polars(stream: Any) -> Any:
    return pytest.importorskip("polars").DataFrame(stream)


def by_duckdb(stream: Any) -> Any:
    return pytest.importorskip("duckdb").sql("SELECT count(*) FROM stream").fetchall()


def by_avrojet(stream: Any) -> Any:
    return write_arrow(io.BytesIO(), stream)


CONSUMERS = [by_pyarrow, by_pyarrow_table, by_polars, by_duckdb, by_avrojet]


@pytest.mark.parametrize("threads", [0, 2])
@pytest.mark.parametrize("consume", CONSUMERS, ids=lambda each: each.__name__[3:])
def test_a_failure_is_none_of_success(consume, threads):
    for error in (MuteError(), UncertainError("who am I"), OSError("the\0disk"), BaseException("\ud800")):
        with pytest.raises(Exception) as caught:  # noqa: PT011 (whatever the consumer makes of it)
            consume(read_arrow(Source(throw(error)), threads=threads))
        del caught


def test_what_cannot_be_shown_is_told_so():
    with pytest.raises(OSError, match="an exception that cannot be shown"):
        by_pyarrow(read_arrow(Source(throw(MuteError())), threads=0))
    with pytest.raises(EncodeError, match="the Arrow stream failed: OSError: the.disk"):
        by_avrojet(read_arrow(Source(throw(OSError("the\0disk"))), threads=0))


def test_a_long_message_is_cut():
    with pytest.raises(EncodeError, match="the Arrow stream failed: OSError: xxx") as caught:
        by_avrojet(read_arrow(Source(throw(OSError("x" * 1_000_000))), threads=0))
    assert len(str(caught.value)) < 1100


def test_a_stream_that_has_failed_fails_again():
    """It is not at its end, which a consumer that asks once more would take for the end of the data."""
    reader = pa.RecordBatchReader.from_stream(read_arrow(Source(throw(OSError("mine"))), threads=0))
    for _ in range(3):
        with pytest.raises(OSError, match="mine"):
            while True:
                reader.read_next_batch()


@pytest.fixture
def _interruptible() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize(
    "consume", [by_pyarrow, by_pyarrow_table, by_polars, by_avrojet], ids=lambda each: each.__name__[3:]
)
def test_ctrl_c_ends_what_the_consumer_was_called_by(consume):
    """The consumer's own exception looks like any other, after which a program may try again.

    (duckdb may read in a thread of its own, and takes the signal itself: RuntimeError, Query interrupted.)
    """
    tried = 0
    with pytest.raises(KeyboardInterrupt):
        for _ in range(3):
            tried += 1
            try:
                consume(read_arrow(Source(lambda: signal.raise_signal(signal.SIGINT)), threads=0))
            except Exception:  # noqa: BLE001 (as a program would that tries again)
                continue
    assert tried == 1
