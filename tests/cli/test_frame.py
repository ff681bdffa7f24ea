"""The frame of all commands: help, suggestions, colours, tables, completion."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from avrojet.cli import main, progress
from avrojet.cli.commands import COMMANDS, GROUPS, module_of
from avrojet.cli.parsing import command_parser
from avrojet.cli.terminal import Terminal, clean_json
from tests.container.samples import DATA

ORDERS = str(DATA / "orders.avro")
EVIL = "a\x1b[31mb\x9bc\u202e"


class Screen(io.StringIO):
    """A terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_help_with_examples_that_it_takes(name, capsys):
    module = module_of(name)
    assert module.__doc__
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    assert caught.value.code == 0
    assert "examples:" in capsys.readouterr().out
    for line in module.EXAMPLES.strip().splitlines():
        command, _, _note = line.partition("   ")
        for part in command.replace("<(", "| ").replace(")", " ").split("|"):
            words = shlex.split(part.split(" > ")[0].split(" < ")[0])
            if words[:2] == ["avrojet", name]:
                command_parser(name).parse_args(words[2:])


def test_the_help_lists_commands_and_statuses(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert all(f"\n  {name} " in shown and line in shown for name, (_, line) in COMMANDS.items())
    assert "exit status:" in shown
    assert "141" in shown


@pytest.mark.parametrize("words", [["help"], ["help", "cat"]])
def test_help_is_a_command_too(words, capsys):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    with pytest.raises(SystemExit):
        main([*words[1:], "--help"])
    assert shown == capsys.readouterr().out


def test_help_may_be_a_file(tmp_path, monkeypatch, capfdbinary):
    shutil.copy(ORDERS, tmp_path / "help")
    monkeypatch.chdir(tmp_path)
    assert main(["help"]) == 0
    assert b"deflate" in capfdbinary.readouterr().out


def test_the_page_of_the_command_line_lists_the_commands():
    text = (Path(__file__).parents[2] / "docs/howto/command-line.md").read_text(encoding="utf-8")
    listed = text.partition("| to | commands |")[2].partition("\n\n")[0]
    rows = [row.split("|")[2] for row in listed.splitlines()[2:]]
    assert [re.findall(r"`(\w+)[ `]", row) for row in rows] == [list(group) for group in GROUPS.values()]


def test_commands_are_imported_when_they_are_given():
    code = "import sys; from avrojet.cli import main; main(['count', {!r}]); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code.format(ORDERS)], capture_output=True, text=True, check=True
    )
    loaded = {module.removeprefix("avrojet.cli.") for module in done.stdout.split() if ".cli." in module}
    assert {module for module, _ in COMMANDS.values()} & loaded == {"count"}
    assert "rich" not in done.stdout.split()


# What argparse itself imports differs from one Python to the next: dataclasses and inspect from 3.14 on.
STARTED = """
import argparse, sys
argparse.ArgumentParser(formatter_class=lambda prog: argparse.HelpFormatter(prog, width=80)).add_argument("x")
before = set(sys.modules)
from avrojet.cli import main
main([{command!r}, {path!r}])
print(*set(sys.modules) - before, file=sys.stderr)
"""
# What takes long to import, for what these commands do not need.
HEAVY = {
    "asyncio",
    "dataclasses",
    "inspect",
    "ipaddress",
    "pathlib",
    "platform",
    "pyarrow",
    "polars",
    "rich",
    "shutil",
    "subprocess",
    "urllib.parse",
    "uuid",
}


@pytest.mark.parametrize(
    ("command", "most_of_ours", "most"),
    [("count", 32, 51), ("meta", 32, 56), ("schema", 48, 76), ("cat", 105, 145)],
)
def test_a_command_starts_with_few_modules(command, most_of_ours, most):
    """Fewer are better; more need a reason, since each command waits for them each time."""
    code = STARTED.format(command=command, path=ORDERS)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert not HEAVY & loaded
    assert len([module for module in loaded if module.startswith("avrojet")]) <= most_of_ours
    assert len(loaded) <= most


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["fingerprnt"], "neither a command nor a file; did you mean 'fingerprint'?"),
        (["zzzzzz"], "neither a command nor a file"),
        ([], "which command?"),
        (["-x"], "unrecognized arguments: -x"),
    ],
)
def test_a_wrong_command(words, told, capsys):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["cat", "x", "--colmns", "id"], "unrecognized arguments: --colmns id; did you mean '--columns'"),
        (["cat", "x", "--colmns=id"], "unrecognized arguments: --colmns=id; did you mean '--columns'"),
        (["cat", "x", "--zzzzzz"], "unrecognized arguments: --zzzzzz\n"),
        (["count", "x", "-q"], "unrecognized arguments: -q\n"),
    ],
)
def test_an_option_that_is_not_known(words, told, capsys):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert told in capsys.readouterr().err


def test_a_file_alone_is_shown(capfdbinary):
    assert main([ORDERS]) == 0
    shown = capfdbinary.readouterr().out
    assert main(["overview", ORDERS]) == 0
    assert shown == capfdbinary.readouterr().out
    assert b"deflate" in shown


@pytest.mark.parametrize(
    ("color", "variables", "expected"),
    [
        ("auto", {}, True),
        ("auto", {"NO_COLOR": "1"}, False),
        ("auto", {"NO_COLOR": ""}, True),
        ("auto", {"TERM": "dumb"}, False),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {}, False),
    ],
)
def test_colors_of_a_terminal(monkeypatch, color, variables, expected):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Terminal(Screen(), color).has_color == expected
    assert Terminal(io.StringIO(), color).has_color == (color == "always")
    assert Terminal(Screen(), color).paint("a", "red") == ("\x1b[31ma\x1b[0m" if expected else "a")


ROWS = [["a", 1], [EVIL, None], *([number, number] for number in range(9))]


def test_a_table_in_a_pipe_is_plain_text():
    pipe = io.StringIO()
    Terminal(pipe).table(["name", "n"], ROWS[:2], under=["string", "int"], numbers=[1], most=1)
    assert pipe.getvalue() == (
        "name                     n\nstring                 int\n"
        "a                        1\na\\x1b[31mb\\x9bc\\u202e\n"
    )


def test_a_table_on_a_terminal_is_framed(monkeypatch):
    pytest.importorskip("rich")
    screen = Screen()
    Terminal(screen, "never").table(["name", "n"], ROWS, under=["string", "int"], most=4, title="[b]t")
    shown = screen.getvalue()
    assert "\N{BOX DRAWINGS LIGHT ARC DOWN AND RIGHT}" in shown
    assert "[b]t" in shown
    assert "7 more" in shown
    assert "a\\x1b[31mb\\x9bc\\u202e" in shown
    assert "\x1b" not in shown
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setattr("avrojet.cli.terminal._has_rich", lambda: False)
    plain = Screen()
    Terminal(plain).table(["name"], [["a"]])
    assert plain.getvalue() == "name\na\n"


def test_json_for_a_terminal_says_the_same():
    text = '{"a": "\u00e9\x7f\x9b\u202e\u2066\ufeff\u7530"}'
    shown = clean_json(text.encode()).decode()
    assert shown == '{"a": "\u00e9\\u007f\\u009b\\u202e\\u2066\\ufeff\u7530"}'


def test_progress_is_for_terminals_and_long_work(monkeypatch):
    pytest.importorskip("rich")
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    for stream, seconds, shown in ((Screen(), 2, True), (Screen(), 0.5, False), (io.StringIO(), 2, False)):
        monkeypatch.setattr(sys, "stderr", stream)
        now[0] = 0.0
        with progress.Progress(EVIL, 100) as bar:
            now[0] = seconds
            bar.update(50_000_000, 7)
        assert ("7 records" in stream.getvalue()) == shown
        assert ("50.0 MB" in stream.getvalue()) == shown
        assert "\x9b" not in stream.getvalue()


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_950, "1.0 MB"), (10**19, "10000.0 PB")],
)
def test_bytes_are_told_in_units(number, text):
    assert progress.bytes_text(number) == text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell, capfdbinary, tmp_path):
    assert main(["completion", shell]) == 0
    script = capfdbinary.readouterr().out
    for name in COMMANDS:
        assert name.encode() in script
    assert b"SHA-256" in script
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: its script was not run")
    path = tmp_path / "script"
    path.write_bytes(script)
    subprocess.run([shell, "-n", str(path)], check=True)


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["cou"], {"count"}),
        (["fingerprint", "--algorithm", "S"], {"SHA-256"}),
        (["cat", "--he"], {"--help", "--head"}),
        (["completion", "z"], {"zsh"}),
    ],
)
def test_bash_completes(words, expected, tmp_path):
    (tmp_path / "script").write_bytes(
        subprocess.run(
            [sys.executable, "-m", "avrojet", "completion", "bash"], capture_output=True, check=True
        ).stdout
    )
    line = " ".join(map(shlex.quote, ["avrojet", *words]))
    code = (
        f"source ./script; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _avrojet; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True, env=os.environ
    )
    assert set(done.stdout.split()) == expected


def test_numbers_and_their_heads_stay_in_one_line():
    screen = Screen()
    heads = ["field", "type", "values", "nulls", "bytes", "least", "greatest", "different"]
    row = ["t", "timestamp-millis", 20, 0, 128, "w" * 28, "w" * 28, 20]
    Terminal(screen, "never").table(heads, [row], numbers=[2, 3, 4, 7])
    assert "different" in screen.getvalue()
