"""One codec, many threads."""

from __future__ import annotations

import gc
import sys
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest

from avrojet import DecodeError, Decoder, EncodeError, Encoder, TruncatedError, decode, encode, parse_schema
from avrojet.columns.plan import ColumnPlan
from tests import threads
from tests.compare import exact
from tests.threads import Work
from tests.vectors import ORDER, RECORDS, VECTORS, array, mapping, record

THREADS = 8
ROUNDS = 30
order = next(vector for vector in RECORDS if vector.name == "order")


@pytest.fixture(autouse=True)
def _restless_threads() -> Iterator[None]:
    """Threads change places as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(*works: Work) -> None:
    threads.at_once(works, threads=THREADS, until=lambda done: done == ROUNDS)


def test_every_vector_in_every_thread():
    codecs = [(vector, Decoder(vector.schema), Encoder(vector.schema)) for vector in VECTORS]
    values = [exact(vector.value) for vector in VECTORS]

    def work(number: int) -> None:
        for (vector, decoder, encoder), value in list(zip(codecs, values, strict=True))[number::THREADS]:
            assert exact(decoder.decode(vector.data)) == value
            if vector.written:
                assert encoder.encode(vector.value) == vector.data

    at_once(work)


def test_one_codec_in_all_threads():
    """Different data at the same time; successes and failures side by side."""
    decoder, encoder = Decoder(ORDER), Encoder(ORDER)

    def mine(number: int) -> Any:
        return {**order.value, "id": number, "tags": {f"key {number} {i}": str(i) for i in range(50)}}

    def work(number: int) -> None:
        value = mine(number)
        data = encoder.encode(value)
        assert decoder.decode(data) == value
        assert decoder.decode_many(data * 3) == [value] * 3
        assert decoder._skip_block(data * 3, 3) == 3 * len(data)
        assert list(decoder._rows(data * 3, 3, ValueError)) == [value] * 3
        assert encoder.encode_many([value] * 3) == data * 3

    def fail(number: int) -> None:
        data = order.data[: number + 1]
        with pytest.raises(TruncatedError):
            decoder.decode(data)
        with pytest.raises(EncodeError) as caught:
            encoder.encode({**order.value, "lines": [{"sku": number}]})
        assert caught.value.path == "$.lines[0].sku"

    at_once(work, fail)


def test_keys_that_are_kept():
    """Decoders keep the keys of maps; threads that bring each their own never see another's."""
    decoder = Decoder(mapping("int"))

    def work(number: int) -> None:
        value = {f"{number}-{i}": i for i in range(200)}
        data = Encoder(mapping("int")).encode(value)
        assert exact(decoder.decode(data)) == exact(value)

    at_once(work)


def test_codecs_are_made_and_dropped():
    def work(number: int) -> None:
        vector = VECTORS[number]
        assert exact(Decoder(vector.schema).decode(vector.data)) == exact(vector.value)
        assert exact(decode(vector.data, vector.schema)) == exact(vector.value)
        if vector.written:
            assert encode(vector.value, vector.schema) == vector.data

    at_once(work)


def test_a_list_that_another_thread_changes():
    """It is encoded as it was at some time, or refused; never anything worse."""
    items: list[Any] = [1] * 100
    encoder = Encoder(array("long"))
    decoder = Decoder(array("long"))

    def write(number: int) -> None:
        try:
            shown = decoder.decode(encoder.encode(items))
        except EncodeError as error:
            assert "changed its size" in str(error)
        else:
            assert set(shown) <= {1, 2}

    def change(number: int) -> None:
        items.append(2)
        del items[:10]
        items[:] = [1] * 100

    at_once(write, change)


def test_a_dict_that_another_thread_changes():
    entries: dict[str, int] = dict.fromkeys("abcdefgh", 1)
    encoder = Encoder(mapping("long"))

    def write(number: int) -> None:
        try:
            shown = Decoder(mapping("long")).decode(encoder.encode(entries))
        except (EncodeError, RuntimeError):
            pass
        else:
            assert set(shown.values()) <= {1, 2}

    def change(number: int) -> None:
        entries[f"new {number}"] = 2
        entries.pop(f"new {number}", None)

    at_once(write, change)


def test_columns_in_all_threads():
    """The plan of a decoder's columns is shared; the columns of a call are its own."""
    decoder = Decoder(ORDER)
    recent = Decoder(ORDER, record("shop.Order", id="long"))

    def work(number: int) -> None:
        data = [order.data] * (number + 1)
        assert len(decoder.decode_arrow(data)) == number + 1
        assert len(recent.decode_arrow(data)) == number + 1
        with pytest.raises(TruncatedError, match=f"message {number + 1}"):
            decoder.decode_arrow([*data, order.data[:-1]])

    at_once(work)


def test_columns_that_another_thread_takes_meanwhile():
    """Between asking whether some are idle and taking them, another thread may have taken the last."""

    class Seen(deque):
        def __bool__(self) -> bool:
            return True

    plan = ColumnPlan(parse_schema("int"))
    plan._idle = Seen()
    assert len(plan.decode_messages([b"\2", b"\4"])) == 2
    assert len(plan._idle) == 1


def test_one_iterator_for_several_threads_is_refused_or_right():
    """Each row is given once; who comes while another is at it is told so."""
    rows = Decoder("string")._rows(b"\2a" * 20_000, 20_000, ValueError)
    taken: list[int] = []

    def work(number: int) -> None:
        count = 0
        for _ in range(20_000):
            try:
                assert next(rows) == "a"
            except ValueError as error:
                assert "another thread" in str(error)
            except StopIteration:
                break
            else:
                count += 1
        taken.append(count)

    at_once(work)
    assert sum(taken) == 20_000


def test_a_codec_is_made_again_while_it_is_used():
    """A call keeps the plan that it began with; others get the new one."""
    decoder, encoder = Decoder("int"), Encoder("int")

    def work(number: int) -> None:
        assert decoder.decode(b"\2") == 1
        assert encoder.encode(1) == b"\2"

    def remake(number: int) -> None:
        decoder.__init__("long")
        encoder.__init__("long")

    at_once(work, remake)


def test_a_decoder_that_is_made_again_shows_its_new_schema_as_json():
    decoder = Decoder("int")
    assert decoder.to_json(b"\2") == decoder.to_json(b"\2", plain=True) == "1"
    decoder.__init__("string")
    assert decoder.to_json(b"\2a") == decoder.to_json(b"\2a", plain=True) == '"a"'


def test_one_block_for_several_threads_is_refused_or_right():
    """A block is not for several threads; it says so where it notices, and breaks nothing where not."""
    block = Encoder("string")._block()
    text = "x" * 5000

    def work(number: int) -> None:
        try:
            block.append(text)
        except RuntimeError as error:
            assert "another thread" in str(error)

    at_once(work)
    data, count = block.take(), block.count
    assert count == 0
    assert set(Decoder("string").decode_many(data)) == {text}


def test_the_collector_is_on_when_all_is_done():
    decoder = Decoder(array("long"))

    def read(number: int) -> None:
        decoder.decode_many(b"\2\2\0" * 100)

    def fail(number: int) -> None:
        with pytest.raises(DecodeError):
            decoder.decode_many(b"\2\2\0" * 100 + b"\2")

    assert gc.isenabled()
    at_once(read, fail)
    assert gc.isenabled()
