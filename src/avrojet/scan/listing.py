"""Several files as one source: lists and wildcards."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from avrojet.container.source import Readable, is_url, matching_urls
from avrojet.container.split import Split, SplitSource

Source: TypeAlias = Readable | Split | Sequence[SplitSource | Split]


def expanded(source: Source) -> Any:
    """The source; a list of files where it is a list, or a path with wildcards: ``*``, ``**``, ``?``, ``[]``.

    Files of a wildcard come in the order of their names. A path that exists is taken as it stands. In URLs
    only ``*`` is one: others have a meaning of their own there.

    :raises FileNotFoundError: if no file matches.
    """
    if isinstance(source, list | tuple):
        found = [each for one in source for each in _as_list(expanded(one))]
        if not found:
            raise ValueError("no files to read")
        return found
    if not isinstance(source, str | os.PathLike):
        return source
    path = os.fspath(source)
    if is_url(path):
        if "*" not in path:
            return source
        matches = matching_urls(path)
    elif not glob.has_magic(path) or Path(path).exists():
        return source
    else:
        matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 (Path.glob takes no absolute pattern)
    if not matches:
        raise FileNotFoundError(f"no file matches {path!r}")
    return matches


def _as_list(source: Any) -> list[Any]:
    return source if isinstance(source, list) else [source]
