"""Run programs on libraries that use fastavro, unchanged: ``python tests/peers/run_programs.py``.

Each program of programs/ runs with fastavro itself and with the facade installed; what they print must be
the same.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from environment import HERE, avrojet_path, environment

REQUIREMENTS = (
    "confluent-kafka[avro,schemaregistry]==2.16.*",
    "cramjam",
    "dask==2026.8.*",
    "dataclasses-avroschema[faker]==0.71.*",
    "fastavro==1.13.1",
    "fsspec",
    "numpy",
    "pandavro==1.9.*",
    "polars-fastavro==0.7.*",
    "python-schema-registry-client==2.6.*",
)
SECONDS = 60  # for one program


def run(python: Path, *arguments: str) -> tuple[int, str, str]:
    """Return code, output and complaints of a process that can import avrojet."""
    done = subprocess.run(
        [python, *arguments], env=avrojet_path(), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    return done.returncode, done.stdout, done.stderr


def main() -> int:
    python = environment(REQUIREMENTS)
    failed = 0
    for program in sorted(HERE.glob("programs/*.py")):
        expected = run(python, str(program))
        got = run(python, "-m", "avrojet.compat", "fastavro", str(program))
        same = expected[:2] == got[:2] and expected[0] == 0
        print(f"{'same' if same else 'DIFFERENT'}: {program.stem}")
        if not same:
            failed += 1
            for name, (code, output, complaints) in (("fastavro", expected), ("avrojet", got)):
                print(f"--- {name}: exit code {code}\n{output}{complaints}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
