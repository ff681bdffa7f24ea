"""The command line, one file per command.

Exit status: 0, 1 for an error (one line on stderr), 2 for a wrong usage, 130 if interrupted, and 141 if
the reader of the output went away. A command may have one of its own for errors (`FAILURE`), and return one.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from avrojet import __version__
from avrojet.cli import (
    canonical,
    cat,
    compat,
    count,
    diff,
    fingerprint,
    idl,
    induce,
    lint,
    meta,
    random,
    registry,
    repair,
    schema,
)
from avrojet.errors import AvroError
from avrojet.messages import readable

_COMMANDS = {
    "canonical": canonical,
    "cat": cat,
    "compat": compat,
    "count": count,
    "diff": diff,
    "fingerprint": fingerprint,
    "idl": idl,
    "induce": induce,
    "lint": lint,
    "meta": meta,
    "random": random,
    "registry": registry,
    "repair": repair,
    "schema": schema,
}

_INTERRUPTED = 130
_NO_READER = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` (None: the process's arguments) names; the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments) or 0
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes stdout at its end, which would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NO_READER
    except KeyboardInterrupt:
        return _INTERRUPTED
    except (AvroError, OSError) as error:
        print("avrojet:", readable(" ".join(str(error).split())), file=sys.stderr)
        return int(arguments.failure)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("avrojet", description="Look into Apache Avro files, and mend them.")
    parser.add_argument("--version", action="version", version=f"avrojet {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, command in _COMMANDS.items():
        added = commands.add_parser(name, help=command.HELP, description=command.__doc__)
        command.add_arguments(added)
        added.set_defaults(run=command.run, failure=getattr(command, "FAILURE", 1))
    return parser
