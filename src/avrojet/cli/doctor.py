"""Tell what is installed, which codecs are fast, and what would make the others so.

avrojet needs nothing beside Python. Extras make codecs work or make them faster, and bring what other
formats, data frames, registries and Kafka need. The exit status is 1 if a library is too old for avrojet.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from avrojet.cli.libraries import CodecState, Library
    from avrojet.cli.terminal import Terminal

EXAMPLES = """\
avrojet doctor
avrojet doctor --json | jq .codecs
"""

_STYLES = {"fast": "green", "slow": "yellow", "missing": "red"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    from avrojet.cli.libraries import LIBRARIES, codec_states
    from avrojet.cli.streams import print_json
    from avrojet.cli.terminal import Terminal

    codecs = codec_states()
    if arguments.json:
        print_json(_as_json(codecs))
    else:
        _show(Terminal(color=arguments.color), codecs)
    return int(any(library.is_too_old for library in LIBRARIES))


def _show(terminal: Terminal, codecs: list[CodecState]) -> None:
    from avrojet import __version__
    from avrojet.cli.libraries import LIBRARIES, python

    terminal.line(f"avrojet {__version__}, {python()}")
    terminal.line()
    terminal.table(["codec", "state", "what would help"], [_codec_row(codec) for codec in codecs])
    terminal.line()
    terminal.table(
        ["library", "version", "for", "what would help"], [_library_row(library) for library in LIBRARIES]
    )
    terminal.line()
    _show_verdict(terminal, codecs)


def _codec_row(codec: CodecState) -> list[str]:
    return [codec.name, codec.state, _command(codec.lacks)]


def _command(libraries: list[Library]) -> str:
    extras = sorted({library.extra for library in libraries})
    return f'pip install "avrojet[{",".join(extras)}]"' if extras else ""


def _library_row(library: Library) -> list[str]:
    version = library.version or ""
    if library.is_too_old:
        return [library.package, version, library.serves, f"{library.command} (at least {library.least})"]
    return [library.package, version, library.serves, "" if version else library.command]


def _show_verdict(terminal: Terminal, codecs: list[CodecState]) -> None:
    """One line for each thing to do, most urgent first."""
    from avrojet.cli.libraries import LIBRARIES

    for library in LIBRARIES:
        if library.is_too_old:
            terminal.line(f"{library.package} {library.version} is too old: {library.command}", "red")
    for state, told in (("missing", "to read and write {}"), ("slow", "to make {} faster")):
        names = [codec.name for codec in codecs if codec.state == state]
        if names:
            command = _command([each for codec in codecs if codec.state == state for each in codec.lacks])
            terminal.line(f"{told.format(', '.join(names))}: {command}", _STYLES[state])
    if all(codec.state == "fast" for codec in codecs):
        terminal.line("All codecs work at full speed.", _STYLES["fast"])


def _as_json(codecs: list[CodecState]) -> dict[str, Any]:
    from avrojet import __version__
    from avrojet.cli.libraries import LIBRARIES, python

    return {
        "avrojet": __version__,
        "python": python(),
        "codecs": {
            codec.name: {"state": codec.state, "extras": [library.extra for library in codec.lacks]}
            for codec in codecs
        },
        "libraries": {
            library.package: {
                "version": library.version,
                "too_old": library.is_too_old,
                "extra": library.extra,
                "for": library.serves,
            }
            for library in LIBRARIES
        },
    }
