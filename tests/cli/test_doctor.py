"""What `--version` and `avrojet doctor` say of what is installed, and `completion --install`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

import avrojet
from avrojet.cli import libraries, main
from avrojet.cli.libraries import LIBRARIES
from avrojet.container import codecs

ROOT = Path(__file__).parents[2]
NEWEST = dict.fromkeys([library.package for library in LIBRARIES], "9999.1")


@pytest.fixture
def installed(monkeypatch):
    """Let only some libraries be there, in versions of the test's choice."""

    def choose(versions):
        def version(package):
            if package not in versions:
                raise PackageNotFoundError(package)
            return versions[package]

        modules = {name: name for name in ("cramjam", "deflate", "backports.zstd")} | {"lz4.block": "lz4"}
        missing = [module for module, package in modules.items() if package not in versions]
        if "backports.zstd" in missing:
            missing.append("compression.zstd")
        for module in missing:
            monkeypatch.setitem(sys.modules, module, None)
        monkeypatch.setattr(libraries, "version_of_package", version)

    return choose


def doctor(capsys):
    status = main(["doctor", "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_nothing_is_installed(installed, capsys):
    installed({})
    status, told = doctor(capsys)
    states = {name: codec["state"] for name, codec in told["codecs"].items()}
    assert status == 0
    assert states == {
        **dict.fromkeys(["null", "bzip2", "xz"], "fast"),
        **dict.fromkeys(["snappy", "zstandard", "lz4"], "missing"),
        "deflate": "slow",
    }
    assert told["codecs"]["snappy"]["extras"] == ["snappy", "deflate"]
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == 'to make deflate faster: pip install "avrojet[deflate]"'
    assert lines[-2].startswith("to read and write snappy, zstandard, lz4: pip install ")


def test_what_is_too_old_is_told(installed, capsys):
    installed({**NEWEST, "polars": "1.40.0rc1"})
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert 'polars 1.40.0rc1 is too old: pip install "avrojet[convert]"' in out
    assert doctor(capsys)[1]["libraries"]["polars"]["too_old"] is True
    installed({**NEWEST, "polars": "2"})
    assert main(["doctor"]) == 0


def test_what_the_codecs_say_is_what_they_do(capsys):
    """A codec that is said to work does; one that is missing names the extra that doctor names."""
    for name, told in doctor(capsys)[1]["codecs"].items():
        if told["state"] == "missing":
            with pytest.raises(avrojet.CodecError, match=re.escape(f"avrojet[{told['extras'][0]}]")):
                codecs.make_compress(name)
        else:
            restored = codecs.make_decompress(name, 1000)(codecs.make_compress(name)(b"bytes"))
            assert bytes(restored) == b"bytes"


def test_the_libraries_are_those_of_the_extras():
    if not (ROOT / "pyproject.toml").exists():
        pytest.skip("not in a checkout")
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for library in LIBRARIES:
        asked = [line for line in extras[library.extra] if re.match(rf"{library.package}\b(?!\.)", line)]
        assert asked, library
        found = re.search(r">=\s*([\d.]+)", asked[0])
        assert library.least == (found[1] if found else ""), library
    inner = ("bench", "dev", "docs", "release", "test")  # what users need none of
    named = {
        re.match(r"[\w.-]+", line)[0]
        for extra, lines in extras.items()
        if not extra.startswith(inner)
        for line in lines
    }
    backport = {"backports.zstd"}
    assert named - {"avrojet"} == {library.package for library in LIBRARIES} | backport


def test_versions_name_what_is_found(installed, capsys):
    installed({"cramjam": "2.9", "rich": "14"})
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    first, python, known, found = capsys.readouterr().out.splitlines()
    assert first == f"avrojet {avrojet.__version__}"
    assert python.startswith(f"CPython {sys.version_info[0]}.{sys.version_info[1]}.")
    assert known.startswith("codecs: null, deflate, ")
    assert found == "libraries: cramjam 2.9, rich 14"
    installed({})
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.endswith(
        "codecs: null, deflate, bzip2, xz\nlibraries: none; none is needed\n"
    )


# Completion. A shell of its own home completes after one command.

FOLDERS = ("BASH_COMPLETION_USER_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "ZDOTDIR")
ASKS = {
    # An interactive bash reads ~/.bashrc; so does zsh ~/.zshrc.
    "bash": ["-ic", 'COMP_WORDS=(avrojet cou); COMP_CWORD=1; _avrojet; printf "%s\\n" "${COMPREPLY[@]}"'],
    "zsh": [
        "-ic",
        "print ${_comps[avrojet]}; autoload +X _avrojet; functions _avrojet | grep -o count: | uniq",
    ],
    "fish": ["-c", "complete --do-complete 'avrojet cou'"],
}
ANSWERS = {"bash": "count\n", "zsh": "_avrojet\ncount:\n", "fish": "count\tprint the number of records\n"}


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in FOLDERS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("shell", ASKS)
def test_one_command_installs_completion(shell, home, monkeypatch, capsysbinary):
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    # fish completes only what can be run.
    (home / "avrojet").touch(0o755)
    monkeypatch.setenv("PATH", str(home), prepend=os.pathsep)
    startup = {"bash": ".bashrc", "zsh": ".zshrc"}.get(shell)
    if startup:
        (home / startup).write_bytes(b"# caf\xe9")
    for _ in range(2):
        assert main(["completion", "--install"]) == 0
    told = capsysbinary.readouterr().out.decode()
    assert "has its line already" in told or not startup
    if startup:
        kept, line = (home / startup).read_bytes().splitlines()
        assert kept == b"# caf\xe9"
        assert str(home).encode() in line or os.name == "nt"
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: it was not asked to complete")
    done = subprocess.run([shell, *ASKS[shell]], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == ANSWERS[shell], done.stderr


def test_a_shell_that_is_not_known(home, monkeypatch, capsys):
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    assert main(["completion", "--install"]) == 1
    assert "name one of bash, zsh, fish: avrojet completion bash --install" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to(home, capsys):
    (home / ".config").write_text("a file")
    assert main(["completion", "fish", "--install"]) == 1
    assert capsys.readouterr().err.startswith("avrojet: ")
