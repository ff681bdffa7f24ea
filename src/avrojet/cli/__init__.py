"""The command line, one file per command.

Exit status: 0, 1 for an error (one line on stderr), 2 for a wrong usage, 130 if interrupted, 129 or 143 if
ended by SIGHUP or SIGTERM, and 141 if the reader of the output went away. A command may define its own status
for errors (`FAILURE`), and return one.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from avrojet.cli.parsing import parse
from avrojet.cli.standard import end_in_order, replace_closed_streams, use_utf8
from avrojet.cli.streams import told
from avrojet.errors import AvroError
from avrojet.messages import readable

_INTERRUPTED = 130
_NO_READER = 141
_MANY_OBJECTS = 50_000
_KEPT_MEMORY = 4 << 20


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv`, and return the exit status.

    :param argv: None for the arguments of the process, which ends afterwards.
    """
    if argv is not None:
        return _run(argv)
    gc.set_threshold(_MANY_OBJECTS)  # imports make many objects, and hardly any garbage
    bytes(_KEPT_MEMORY)  # once glibc has freed so much, it keeps freed memory at hand, for the next block
    use_utf8()
    end_in_order()
    try:
        return _run(None)
    finally:
        gc.freeze()  # so that Python does not search all of them for garbage once more at exit


def _run(argv: Sequence[str] | None) -> int:
    replace_closed_streams()
    failure = 1
    try:
        arguments = parse(argv)
        failure = int(arguments.failure)
        status: int = arguments.run(arguments) or 0
        sys.stdout.flush()
    except BrokenPipeError:
        _give_up_output()
        return _NO_READER
    except KeyboardInterrupt as interruption:
        return getattr(interruption, "status", _INTERRUPTED)
    except (AvroError, OSError) as error:
        print("avrojet:", readable(" ".join(told(error).split())), file=sys.stderr)
        _give_up_output()
        return failure
    return status


def _give_up_output() -> None:
    """Drop output that stdout cannot take: Python flushes it at exit, and would complain again."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
