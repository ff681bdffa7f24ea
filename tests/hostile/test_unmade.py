"""No object that was never made, and no argument of the wrong kind, ends the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_whatever_is_compiled_withstands_objects_without_constructors(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]), prepend=":")
    command = [sys.executable, "-m", "tests.hostile.unmade"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    *names, last = told.stdout.splitlines()
    assert told.returncode == 0, f"{last}: exit status {told.returncode}"
    assert len(names) == int(last.removeprefix("all ")) > 1000
