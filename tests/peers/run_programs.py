"""Run programs on libraries that use fastavro or avro, unchanged: ``python tests/peers/run_programs.py``.

Each program of programs/ runs with fastavro itself and with the facade installed, and each of avro_programs/
with Apache avro and its facade; what they print must be the same. Those of beam_programs/ are run like the
first where ``beam`` is an argument: Apache Beam takes long to install.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from environment import HERE, avrojet_path, environment

FASTAVRO = (
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
AVRO = (
    "avro==1.12.2",
    "avro-gen3==0.7.*",
    "avrokit==0.1.*",
    "azure-schemaregistry-avroencoder==1.0.*",
)
BEAM = ("apache-beam==2.77.*", "fastavro==1.13.1")
SECONDS = 120  # for one program


def run(python: Path, *arguments: str) -> tuple[int, str, str]:
    """Return code, output and complaints of a process that can import avrojet."""
    done = subprocess.run(
        [python, *arguments], env=avrojet_path(), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    return done.returncode, done.stdout, done.stderr


def compare(library: str, folder: str, requirements: tuple[str, ...]) -> int:
    """How many of the programs in a folder behave otherwise with the facade than with the library."""
    python = environment(requirements)
    failed = 0
    for program in sorted(HERE.glob(f"{folder}/*.py")):
        expected = run(python, str(program))
        got = run(python, "-m", "avrojet.compat", library, str(program))
        same = expected[:2] == got[:2] and expected[0] == 0
        print(f"{'same' if same else 'DIFFERENT'}: {library}: {program.stem}")
        if not same:
            failed += 1
            for name, (code, output, complaints) in ((library, expected), ("avrojet", got)):
                print(f"--- {name}: exit code {code}\n{output}{complaints}")
    return failed


def main() -> int:
    failed = compare("fastavro", "programs", FASTAVRO) + compare("avro", "avro_programs", AVRO)
    if "beam" in sys.argv[1:]:
        failed += compare("fastavro", "beam_programs", BEAM)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
