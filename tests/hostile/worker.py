"""Runs the cases whose names come by standard input, one a line; answers each with a line of JSON.

Started by tests.hostile.run, which ends it when a case takes too long and starts another when one crashes it.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.compare import exact
from tests.hostile.case import Case, Either, Gives, Refused
from tests.hostile.corpus import BY_NAME
from tests.hostile.libraries import LIBRARIES, Library, Unsupported

MEMORY = 512 << 20  # bytes beside those that the worker has before its first case
SECONDS = 2.0  # of processor time
if os.environ.get("AVROJET_SANITIZE"):
    SECONDS *= 5


def bound_memory() -> None:
    """Where the system can: no more address space. (The sanitizer's own takes terabytes.)"""
    if sys.platform != "linux" or os.environ.get("AVROJET_SANITIZE"):
        return
    import resource

    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, now + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def outcome(library: Library, case: Case) -> tuple[str, str]:
    """How the case ends: a verdict, and what there is to say about it."""
    before = time.process_time()
    verdict, said = _ending(library, case)
    seconds = time.process_time() - before
    return ("hung", f"{seconds:.1f} s") if seconds > SECONDS else (verdict, said)


def _ending(library: Library, case: Case) -> tuple[str, str]:
    allowed = () if isinstance(case.outcome, Gives) else (*library.documented, *case.outcome.others)
    try:
        value = case.do(library)
    except Unsupported:
        return "unsupported", ""
    except MemoryError:
        return "over memory", ""
    except allowed as error:
        return "ok", _shown(error)
    except BaseException as error:  # noqa: BLE001 (whatever comes is the verdict)
        documented = isinstance(error, library.documented)
        return "wrong value" if documented else "undocumented", _shown(error)
    return _judged(case.outcome, value)


def _judged(wanted: Gives | Either | Refused, value: Any) -> tuple[str, str]:
    if isinstance(wanted, Refused):
        return "wrong value", f"accepted as {repr(value)[:80]}" if _is_shallow(value) else "accepted"
    right = exact(value) == exact(wanted.value)
    return ("ok", "") if right else ("wrong value", f"gives {repr(value)[:80]}")


def _is_shallow(value: Any) -> bool:
    return isinstance(value, int | float | str | bytes | None)


def _shown(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"[:200]
    except BaseException as other:  # noqa: BLE001 (an error that cannot be shown)
        return f"{type(error).__name__}, which cannot be shown: {type(other).__name__}"


def main() -> None:
    faulthandler.disable()
    library = LIBRARIES[sys.argv[1]]()
    # Libraries load lazily; what they load is theirs before the first case, not the case's.
    with suppress(ImportError, Unsupported):
        library.as_columns()
    threading.Thread(target=lambda: None).start()
    bound_memory()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps(outcome(library, BY_NAME[json.loads(line)])), flush=True)


if __name__ == "__main__":
    main()
