"""The schema files of a git revision, written into a folder."""

from __future__ import annotations

import subprocess
from pathlib import Path, PurePosixPath

from avrojet.cli.snapshots import SUFFIXES
from avrojet.errors import AvroError

_FILE_MODES = ("100644", "100755")


def inside_repository(place: Path) -> str:
    """The path of a file or folder in its repository; ``""`` for the repository itself.

    :raises AvroError: if there is no git, or the path is in no repository.
    """
    folder = place if place.is_dir() else place.parent
    if not folder.is_dir():
        raise AvroError(f"{place}: there is no such file or folder")
    prefix = _git(folder, "rev-parse", "--show-prefix").decode().strip("\n").rstrip("/")
    return prefix if place.is_dir() else f"{prefix}/{place.name}".lstrip("/")


def write_revision(revision: str, repository: Path, target: Path) -> None:
    """Write all schema files of a revision, so that they find each other as they did there.

    :param repository: a folder in it.
    :param target: an existing folder.
    :raises AvroError: if git does not know the revision.
    """
    if revision.startswith("-"):
        raise AvroError(f"{revision!r} is not a git revision")
    try:
        commit = _git(repository, "rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}").decode().strip()
    except AvroError:
        raise AvroError(
            f"there is no revision {revision!r} in this repository; in a shallow clone, fetch it first: "
            f"git fetch --depth 1 {_what_to_fetch(revision)}"
        ) from None
    listing = _git(repository, "ls-tree", "-r", "-z", "--full-tree", commit)
    files = list(_schema_files(listing))
    blobs = _git(repository, "cat-file", "--batch", given="".join(f"{blob}\n" for blob, _ in files))
    position = 0
    for _, path in files:
        line = blobs.index(b"\n", position)
        size = int(blobs[position:line].split()[2])
        file = target.joinpath(*path.parts)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(blobs[line + 1 : line + 1 + size])
        position = line + size + 2


def _what_to_fetch(revision: str) -> str:
    """What `git fetch` is given for a revision; a branch of origin keeps the name that it has here."""
    remote, _, branch = revision.partition("/")
    if remote == "origin" and branch:
        return f"{remote} {branch}:refs/remotes/{revision}"
    return f"origin {revision}"


def _schema_files(listing: bytes) -> list[tuple[str, PurePosixPath]]:
    """The blob and the path of each schema file in the output of ls-tree; no links."""
    found = []
    for entry in listing.split(b"\0"):
        about, _, name = entry.partition(b"\t")
        path = PurePosixPath(name.decode("utf-8", "surrogateescape"))
        if path.suffix in SUFFIXES and about.split()[0].decode() in _FILE_MODES and _stays_inside(path):
            found.append((about.split()[2].decode(), path))
    return found


def _stays_inside(path: PurePosixPath) -> bool:
    """Whether a path stays below a folder, on every system; a tree is untrusted and may hold any path."""
    return not path.is_absolute() and not any(part == ".." or set(part) & set("\\:") for part in path.parts)


def _git(folder: Path, *arguments: str, given: str | None = None) -> bytes:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(  # noqa: S603 (no shell, and no argument begins with a user's input)
            command, input=None if given is None else given.encode(), capture_output=True, check=False
        )
    except FileNotFoundError:
        raise AvroError("--against needs git, which is not installed") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ") or "git failed"
        raise AvroError(f"git in {folder}: {said.splitlines()[0]}")
    return done.stdout
