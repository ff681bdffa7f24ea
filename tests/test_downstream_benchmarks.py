"""The benchmarks of packages that use fastavro measure what they say, and tell what is not the same."""

from __future__ import annotations

import ast
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from benchmarks.downstream import __main__ as command
from benchmarks.downstream import report

PLACE = {"processor": "P", "cores": 2, "system": "S", "python": "CPython", "date": "2024-02-29"}


def timed(theirs, ours):
    samples = {"fastavro": theirs, "avrojet": ours}
    return {name: [{"wall": one, "cpu": one} for one in values] for name, values in samples.items()}


def test_ratios_are_of_the_same_round():
    results = {
        "machine": PLACE,
        "rounds": 3,
        "programs": [
            {
                "program": "p",
                "version": "p 1.0",
                "cases": [
                    {"name": "fast", "times": timed([3e-6, 6e-6, 3e-6], [1e-6, 2e-6, 1e-6])},
                    {"name": "odd", "wrong": ["1", "1.0"]},
                ],
            },
            {"program": "q", "lacks": "no module named q"},
        ],
    }
    text = report.render(results)
    assert "| p 1.0: fast | 3.0 | 1.0 | 3.00 (3.00-3.00) |" in text
    assert "| p 1.0: odd | 1 | **1.0** | not the same |" in text
    assert "| geometric mean |  |  | 3.00 |" in text
    assert "- q is left out: no module named q" in text


def needs_fastavro():
    """The package, not what stands for it in this process: the programs run in others."""
    try:
        version("fastavro")
    except PackageNotFoundError:
        pytest.skip("fastavro is not installed")


@pytest.mark.slow
def test_a_program_runs_both_ways():
    needs_fastavro()
    measured = command.measure("fastavro_functions", rounds=1, seconds=0.0)
    assert "lacks" not in measured
    assert len(measured["cases"]) > 20
    assert not [case for case in measured["cases"] if "wrong" in case]


def test_a_package_that_is_not_there_is_left_out(monkeypatch):
    needs_fastavro()
    measured = command.measure("no_such_program", rounds=1, seconds=0.0)
    assert "ModuleNotFoundError" in measured["lacks"]


@pytest.mark.parametrize("program", command.PROGRAMS)
def test_programs_name_their_package_and_have_cases(program):
    path = Path(command.__file__).parent / "programs" / f"{program}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets}
    assert "DISTRIBUTION" in names
    assert "cases" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
