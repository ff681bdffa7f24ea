"""A short run of the mutations; the same ones every time, so that a failure is the change's."""

from __future__ import annotations

import pytest

from tests.fuzz.mutate import WEIGHTS, run, seeds

pytestmark = pytest.mark.more_with_peers  # columns are looked at through pyarrow


@pytest.mark.slow
def test_seeds_of_data_and_files_are_valid():
    assert {seed.area for seed in seeds()} == set(WEIGHTS)
    assert not [seed.name for seed in seeds() if seed.area != "value" and not seed.check(seed.data)]


@pytest.mark.slow
def test_mutations():
    result = run(20_000, 1)
    assert not result.failures, "\n".join(map(str, result.failures))
    assert all(result.inputs[area] > result.valid[area] > 0 for area in WEIGHTS if area != "file")


# Every input that ever failed, with the seed that it came of.
FOUND = [
    ("fields skipped", "0202610b020400020262024a62"),
    ("all fields skipped", "0202610f020400020280808080ca97268080c0808080800162"),
    ("order, lines only", "0e02410000010000000000020100"),
    ("order, lines only", "0e026100020241d000010000020241000001000000000000000000000000"),
    ("order, lines only", "0e02610202410001000000000000020000"),
    ("order, lines only", "0e0261000202410000000000000002610002024100010000020000"),
    ("order, lines only", "0e0261000202410000000100004100000001000000000200000200"),
]


@pytest.mark.parametrize(("name", "hex"), FOUND)
def test_what_once_failed(name, hex):
    seed = next(seed for seed in seeds() if seed.name == name)
    seed.check(bytes.fromhex(hex))
