"""A short run of the mutations; the same ones every time, so that a failure is the change's."""

from __future__ import annotations

from tests.fuzz.mutate import WEIGHTS, run, seeds


def test_seeds_of_data_and_files_are_valid():
    assert {seed.area for seed in seeds()} == set(WEIGHTS)
    assert not [seed.name for seed in seeds() if seed.area != "value" and not seed.check(seed.data)]


def test_mutations():
    result = run(20_000, 1)
    assert not result.failures, "\n".join(map(str, result.failures))
    assert all(result.inputs[area] > result.valid[area] > 0 for area in WEIGHTS if area != "file")
