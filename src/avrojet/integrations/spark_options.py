"""Options of the format in Spark, which arrive as text: those of spark-avro, and some of `avrojet.scan`."""

from __future__ import annotations

import fnmatch
import json
import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from avrojet.columns.heads import Heads, first_source
from avrojet.container.threads import thread_count
from avrojet.errors import AvroError
from avrojet.integrations.spark_types import TYPES
from avrojet.limits import limits_in_force
from avrojet.scanning.listing import ScanFile, listed
from avrojet.scanning.scan import SPLIT_BYTES, Scan, scan

READING: Final = (
    "avroSchema", "datetimeRebaseMode", "enableStableIdentifiersForUnionType", "ignoreExtension",
    "maxFilesPerTrigger", "merge", "mode", "onError", "path", "pathGlobFilter", "paths",
    "positionalFieldMatching", "recursion", "recursiveFieldMaxDepth", "recursiveFileLookup", "splitBytes",
    "stableIdentifierPrefixForUnionType",
)  # fmt: skip
WRITING: Final = (
    "avroSchema", "checkpointLocation", "compression", "path", "positionalFieldMatching", "recordName",
    "recordNamespace",
)  # fmt: skip
_LEAST_SPLIT_BYTES: Final = 4 << 20
_MODES: Final = {"FAILFAST": "raise", "DROPMALFORMED": "skip"}


def known(options: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Return the options under their proper names: Spark ignores case.

    :raises ValueError: if one is not known, or there is no path.
    """
    ours = {name.lower(): name for name in names}
    unknown = [name for name in options if name.lower() not in ours]
    if unknown:
        raise ValueError(f"no option {unknown[0]!r}: there are {', '.join(names)}")
    found = {ours[name.lower()]: value for name, value in options.items()}
    if "path" not in found and "paths" not in found:
        raise ValueError("no path is given: pass it to load or save")
    if "path" in found:
        found["path"] = _local(found["path"])
    return found


def _local(path: str) -> str:
    """The path of a local file, which Spark's users write as ``file:/orders`` or ``file:///orders`` too."""
    local = path.removeprefix("file:")
    if local == path or not local.startswith("/"):
        return path
    local = local.lstrip("/")
    return local if os.path.splitdrive(local)[0] else f"/{local}"


def is_set(options: Mapping[str, str], name: str) -> bool:
    """Whether an option is true.

    :raises ValueError: if it is neither true nor false.
    """
    text = options.get(name, "false").lower()
    if text not in ("true", "false"):
        raise ValueError(f"{name} must be true or false, not {options[name]!r}")
    return text == "true"


def number(options: Mapping[str, str], name: str, default: int, least: int) -> int:
    """An option that is a number.

    :raises ValueError: if it is none, or too small.
    """
    text = options.get(name, str(default))
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least:
        raise ValueError(f"{name} must be a number of at least {least}, not {text!r}")
    return value


def split_bytes(options: Mapping[str, str], files: Sequence[ScanFile] = ()) -> int:
    """How many bytes of the files a task reads. As Spark does with files of its own, little data are divided
    among processors; those of the cluster are not known here, so these are the driver's.
    """
    share = -(-sum(file.size or 0 for file in files) // (thread_count(None) or 1))
    return number(options, "splitBytes", min(SPLIT_BYTES, max(_LEAST_SPLIT_BYTES, share)), 1)


def files_of(options: Mapping[str, str]) -> list[ScanFile]:
    """The files that the options name.

    :raises FileNotFoundError: if there are none.
    """
    paths = list(map(_local, json.loads(options["paths"]))) if "paths" in options else [options["path"]]
    if is_set(options, "ignoreExtension"):
        files = listed(paths, counts=lambda _: True, kind="files")
    else:
        files = listed(paths)
    pattern = options.get("pathGlobFilter")
    if pattern is None:
        return files
    patterns = _alternatives(pattern.replace("[^", "[!"))
    chosen = [
        file
        for file in files
        if any(fnmatch.fnmatchcase(os.path.basename(file.path or ""), each) for each in patterns)  # noqa: PTH119 (or a URL)
    ]
    if not chosen:
        raise FileNotFoundError(f"no file in {paths[0]!r} matches pathGlobFilter: {pattern!r}")
    return chosen


def _alternatives(pattern: str) -> list[str]:
    """The patterns without braces: Hadoop, whose patterns Spark takes, reads ``{a,b}`` as a or b."""
    start = pattern.find("{")
    depth, cuts = 0, [start]
    for place in range(max(start, 0), len(pattern)):
        depth += {"{": 1, "}": -1}.get(pattern[place], 0)
        if depth == 0 or (depth == 1 and pattern[place] == ","):
            cuts.append(place)
        if depth == 0:
            break
    if start < 0 or depth:  # none, or one that has no end
        return [pattern]
    before, after = pattern[:start], pattern[cuts[-1] + 1 :]
    within = [pattern[one + 1 : other] for one, other in pairwise(cuts)]
    return [each for part in within for each in _alternatives(f"{before}{part}{after}")]


def scan_of(options: Mapping[str, str], files: list[ScanFile] | None = None) -> Scan:
    """The scan of the files that the options name, or of some of them."""
    _ensure_rebase(options)
    split_bytes(options)  # raised here, before a job starts
    more: dict[str, Any] = {}
    if is_set(options, "recursiveFileLookup"):
        more["hive_partitioning"] = False
    depth = number(options, "recursiveFieldMaxDepth", -1, -1)
    if depth > 0:
        more["recursion"] = depth - 1  # Spark counts the record itself
    elif "recursion" in options:
        more["recursion"] = options["recursion"]
    if "avroSchema" in options:
        more["reader_schema"] = options["avroSchema"]
    return scan(
        files_of(options) if files is None else files,
        merge=options.get("merge", "first"),  # type: ignore[arg-type] # which checks it
        on_error=on_error(options),  # type: ignore[arg-type]
        types=TYPES,
        **more,
    )


def has_container_file(scan: Scan) -> bool:
    """Whether one of the files is readable, so that the others can be skipped."""
    try:
        first_source([file.source for file in scan.files], limits_in_force(None), Heads())
    except AvroError:
        return False
    return True


def on_error(options: Mapping[str, str]) -> str:
    """What to do with what is damaged."""
    if "mode" not in options:
        return options.get("onError", "raise")
    mode = options["mode"].upper()
    if mode not in _MODES:
        raise ValueError(
            f"mode is FAILFAST or DROPMALFORMED, not {options['mode']!r}: a file has no rows in the place of"
            " those that cannot be read"
        )
    return _MODES[mode]


def _ensure_rebase(options: Mapping[str, str]) -> None:
    mode = options.get("datetimeRebaseMode", "CORRECTED").upper()
    if mode not in ("CORRECTED", "EXCEPTION"):
        raise ValueError(
            f"datetimeRebaseMode {mode!r} is not supported: dates are of the Gregorian calendar, as Avro"
            " says, not of the older one that Spark 2 wrote"
        )
