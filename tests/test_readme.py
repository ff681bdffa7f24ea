"""The README's tour prints what it says."""

from __future__ import annotations

import doctest
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_the_tour(tmp_path, monkeypatch):
    pytest.importorskip("cramjam")  # it shows a file of snappy
    shutil.copytree(ROOT / "tests/data", tmp_path / "tests/data")
    monkeypatch.chdir(tmp_path)
    text = re.sub("^```.*$", "", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    examples = doctest.DocTestParser().get_doctest(text, {}, "README.md", "README.md", 0)
    outcome = doctest.DocTestRunner().run(examples)
    assert outcome.attempted > 10
    assert outcome.failed == 0
