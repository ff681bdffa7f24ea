"""Memory does not grow with the length of files."""

from __future__ import annotations

import subprocess
import sys

import pytest

import avrojet

resource = pytest.importorskip("resource")

# The greatest memory of a process that converts a file, in MiB. What Linux says to getrusage() is that of the
# process which started it, if that was greater.
CODE = """
import re, resource, sys
from pathlib import Path
import avrojet
options = {"schema": sys.argv[3]} if not sys.argv[1].endswith(".avro") else {}
avrojet.convert(sys.argv[1], sys.argv[2], **options)
status = Path("/proc/self/status")
if status.exists():
    print(int(re.search(r"VmHWM:\\s*(\\d+)", status.read_text())[1]) // 1024)
else:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(most // (1024 if sys.platform != "darwin" else 1 << 20))
"""
SCHEMA = {
    "type": "record",
    "name": "R",
    "fields": [{"name": "id", "type": "long"}, {"name": "text", "type": "string"}],
}


def memory(source, target) -> int:
    command = [sys.executable, "-c", CODE, str(source), str(target), avrojet.parse_schema(SCHEMA).json]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return int(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("format", ["jsonl", "parquet", "csv"])
def test_memory_does_not_grow(tmp_path, format):
    """Files of 8 and of 320 MB, which compress well, so that the disk has less to do."""
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    used = {}
    for count in (10_000, 400_000):
        source = tmp_path / f"{count}.avro"
        text = "x" * 800
        avrojet.write(source, SCHEMA, ({"id": n, "text": text} for n in range(count)), codec="zstandard")
        middle = tmp_path / f"{count}.{format}"
        there = memory(source, middle)
        back = memory(middle, tmp_path / "back.avro")
        used[count] = there, back
    for small, large in zip(used[10_000], used[400_000], strict=True):
        assert large < 500
        assert large - small < 300
