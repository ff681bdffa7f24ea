"""Where shells look for completions, and the settings that make them look there."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import NamedTuple

from avrojet.errors import AvroError


class Place(NamedTuple):
    """Where the script of a shell goes.

    :ivar startup: the file that the shell reads when it starts, and the line that it needs; None where the
        shell looks into the script's folder anyway.
    """

    script: Path
    startup: tuple[Path, str] | None = None


def shell_of_user() -> str:
    """The name of the login shell.

    :raises AvroError: if there are no completions for it.
    """
    name = Path(os.environ.get("SHELL", "")).name
    if name not in _PLACES:
        known = ", ".join(_PLACES)
        raise AvroError(
            f"the shell is not known from $SHELL; name one of {known}: avrojet completion bash --install"
        )
    return name


def install(shell: str, script: bytes) -> list[str]:
    """Put the script where the shell finds it; return what was done, a line for each step."""
    place = _PLACES[shell]()
    # zsh ignores a folder that others may write to.
    place.script.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    place.script.write_bytes(script)
    done = [f"{place.script}: written"]
    if place.startup is not None:
        file, line = place.startup
        done.append(f"{file}: {'a line was added' if _add_line(file, line) else 'has its line already'}")
    return [*done, f"open a new {shell} to use it"]


def _add_line(file: Path, line: str) -> bool:
    """Add a line at the end of a file unless it is there."""
    wanted = os.fsencode(line)
    present = file.read_bytes() if file.exists() else b""
    if wanted in present.splitlines():
        return False
    with file.open("ab") as stream:
        stream.write((b"\n" if present and not present.endswith(b"\n") else b"") + wanted + b"\n")
    return True


def _bash() -> Place:
    folder = _folder("BASH_COMPLETION_USER_DIR") or _data() / "bash-completion"
    script = folder / "completions" / "avrojet"
    quoted = shlex.quote(script.as_posix())
    return Place(script, (Path.home() / ".bashrc", f"[ -r {quoted} ] && . {quoted}"))


def _zsh() -> Place:
    folder = _data() / "zsh" / "site-functions"
    line = f"fpath=({shlex.quote(folder.as_posix())} $fpath); autoload -Uz compinit; compinit"
    return Place(folder / "_avrojet", ((_folder("ZDOTDIR") or Path.home()) / ".zshrc", line))


def _fish() -> Place:
    config = _folder("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Place(config / "fish" / "completions" / "avrojet.fish")


def _data() -> Path:
    return _folder("XDG_DATA_HOME") or Path.home() / ".local" / "share"


def _folder(variable: str) -> Path | None:
    named = os.environ.get(variable)
    return Path(named) if named else None


_PLACES = {"bash": _bash, "zsh": _zsh, "fish": _fish}
