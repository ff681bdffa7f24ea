"""The whole example: ``python examples/movies/run.py [EVENTS]``.

Makes a log; lets avrojet say whether the new schemas and the old ones get along; runs movies.py on Apache's
avro and on avrojet's facade, unchanged, and prints both times; reads the columns of all files into a report.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from log import make_log
from report import report

LIBRARIES = {"Apache avro": (), "avrojet": ("-m", "avrojet.compat", "avro")}


def check_schemas() -> str:
    """What ``avrojet compat`` says of the schemas; it must be that each reads the other's data."""
    command = [
        "-m",
        "avrojet",
        "compat",
        "--level",
        "FULL",
        str(HERE / "schemas" / "1"),
        str(HERE / "schemas" / "2"),
    ]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


def run_movies(options: tuple[str, ...], log: Path, folder: Path) -> dict[str, Any]:
    """What movies.py says, on one of the libraries."""
    folder.mkdir()
    command = [sys.executable, *options, str(HERE / "movies.py"), str(log), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(events: int = 20_000) -> None:
    print(check_schemas())
    with tempfile.TemporaryDirectory() as place:
        log = Path(place, "movies.log")
        with log.open("w", encoding="utf-8") as target:
            target.writelines(f"{line}\n" for line in make_log(events))
        found = {
            name: run_movies(options, log, Path(place, name.lower().replace(" ", "-")))
            for name, options in LIBRARIES.items()
        }
        one, other = found.values()
        assert one["hash"] == other["hash"], "the two libraries read different data"
        print(f"events: {one['events']}; lines that are none: {one['no events']}")
        for name, said in found.items():
            print(f"{name}: written in {said['write']:.3f} s, read in {said['read']:.3f} s")
        for title, table in report(Path(place, "avrojet")).items():
            print(f"\n{title}\n{table}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
