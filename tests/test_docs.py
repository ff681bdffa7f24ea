"""The examples of the documentation run."""

from __future__ import annotations

import base64
import doctest
import os
import re
import shlex
import shutil
from pathlib import Path
from types import MappingProxyType

import pytest

import avrojet
from avrojet.cli import main
from avrojet.cli.commands import COMMANDS
from avrojet.container import codecs

ROOT = Path(__file__).parents[1]

ORDER = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "total", "type": "double"},
        {
            "name": "customer",
            "type": {"type": "record", "name": "Customer", "fields": [{"name": "name", "type": "string"}]},
        },
        {
            "name": "items",
            "type": {
                "type": "array",
                "items": {"type": "record", "name": "Item", "fields": [{"name": "price", "type": "double"}]},
            },
        },
    ],
}
ORDERS = [
    {"id": number, "total": number * 2.0, "customer": {"name": f"n{number}"}, "items": [{"price": 1.0}]}
    for number in range(100)
]


class Message:
    """A message of Kafka's, as confluent_kafka has them."""

    def __init__(self, value: bytes | None) -> None:
        self._value = value

    def value(self) -> bytes | None:
        return self._value


class Consumer:
    def __init__(self, values: list[bytes | None]) -> None:
        self._messages = [Message(value) for value in values]

    def consume(self, num_messages: int) -> list[Message]:
        return self._messages[:num_messages]


class Producer:
    def __init__(self) -> None:
        self.produced: list[bytes | None] = []

    def produce(self, topic: str, value: bytes | None, headers: dict[str, str]) -> None:
        assert topic.endswith(".dead")
        assert "message 101" in headers["error"]
        self.produced.append(value)


# What an example cannot have here: a remote file, other processes.
INSTEAD = {"s3://": "memory://", "ProcessPoolExecutor": "ThreadPoolExecutor"}


def test_the_examples_of_columns(tmp_path, monkeypatch):
    for library in ("duckdb", "fsspec", "pandas", "polars", "pyarrow"):
        pytest.importorskip(library)
    import fsspec

    monkeypatch.chdir(tmp_path)
    Path("orders").mkdir()
    Path("days/day=2024-03-08").mkdir(parents=True)
    for name in ("orders.avro", "1.avro", "2.avro", "orders/1.avro", "days/day=2024-03-08/1.avro"):
        avrojet.write(name, ORDER, ORDERS)
    with fsspec.open("memory://orders/2024.avro", "wb") as file:
        file.write(Path("orders.avro").read_bytes())
    encoder = avrojet.Encoder(ORDER)
    messages = [b"\0\0\0\0\1" + encoder.encode(order) for order in ORDERS]
    names = {"schema": ORDER, "messages": messages, "decoder": avrojet.Decoder(ORDER)}
    names |= {"consumer": Consumer([*messages, None, b"\0"]), "dead_letters": (letters := Producer())}
    examples = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs/reference/arrow.md").read_text(encoding="utf-8"), re.DOTALL
    )
    for example in examples:
        for what, instead in INSTEAD.items():
            example = example.replace(what, instead)
        exec(compile(example, "docs/reference/arrow.md", "exec"), names)
    assert len(examples) >= 3
    assert letters.produced == [b"\0"]


def test_the_examples_of_converting(tmp_path, monkeypatch, capsys):
    import shlex

    from avrojet.cli.parsing import command_parser

    pytest.importorskip("pyarrow")
    monkeypatch.chdir(tmp_path)
    Path("orders").mkdir()
    for name in ("orders.avro", "orders/1.avro", "orders/2.avro"):
        avrojet.write(name, ORDER, ORDERS)
    text = (ROOT / "docs/howto/convert.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile(example, "docs/howto/convert.md", "exec"), {"avrojet": avrojet})
    assert {path.name for path in Path("out").iterdir()} == {"1.jsonl", "2.jsonl"}
    assert capsys.readouterr().out.startswith("100 ")
    commands = re.findall(r"^avrojet convert (.*?)(?: +#.*| \|.*)?$", text, re.MULTILINE)
    assert len(commands) == 4
    for command in commands:
        command_parser("convert").parse_args(shlex.split(command))


PAGES = ["idl", "evolution", "inspect", "kafka", "typed"]


@pytest.mark.parametrize("page", [f"docs/{page}.md" for page in PAGES])
def test_the_examples_of_a_page(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    text = re.sub("^```(console|mermaid).*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub("^```.*$", "", text, flags=re.MULTILINE)
    examples = doctest.DocTestParser().get_doctest(text, {}, page, page, 0)
    outcome = doctest.DocTestRunner().run(examples)
    assert outcome.attempted > 5
    assert outcome.failed == 0


# Commands whose examples would need a server.
TALK_TO_SERVERS = {"kafka", "rpc"}


def consoles(page):
    """The commands of a page, each with what it prints."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for command in re.findall(r"^\$ (.*(?:\n(?!\$ ).*)*)", block, re.MULTILINE):
            line, _, shown = command.partition("\n")
            yield shlex.split(line), shown


@pytest.mark.parametrize("page", ["docs/howto/command-line.md", "docs/howto/inspect.md"])
def test_the_commands_of_a_page(page, tmp_path, monkeypatch, capfdbinary):
    """What they print is what stands there, but for what an ellipsis stands for."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "tests/data/orders.avro", tmp_path)
    given = set()
    for words, shown in consoles(page):
        name, *arguments = words[1:]
        given.add(name)
        target = None
        if ">" in arguments:
            *arguments, _, target = arguments
        assert main([name, *arguments]) in {0, 1}, words
        out, err = capfdbinary.readouterr()
        assert not err, words
        if target is not None:
            Path(target).write_bytes(out)
            continue
        printed = out.decode().replace(os.sep, "/")
        wanted = shown.rstrip() + "\n" if shown.strip() else ""
        assert doctest.OutputChecker().check_output(wanted, printed, doctest.ELLIPSIS), (
            f"{words} prints\n{printed}\nnot\n{shown}"
        )
    if page == "docs/howto/command-line.md":
        assert given == {*COMMANDS, "orders.avro"} - TALK_TO_SERVERS
        assert all(f"`{name}`" in (ROOT / page).read_text(encoding="utf-8") for name in TALK_TO_SERVERS)


def test_the_examples_of_writing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(codecs._Register, "codecs", MappingProxyType({}))
    names = {"avrojet": avrojet, "base64": base64, "schema": ORDER, "rows": ORDERS}
    text = (ROOT / "docs/howto/files.md").read_text(encoding="utf-8")
    for example in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(example, "docs/howto/files.md", "exec"), names)
    assert avrojet.read("orders.avro") == avrojet.read("coded.avro") == ORDERS


def test_the_output_of_compat(tmp_path, monkeypatch, capfdbinary):
    """With the schemas of the page's first example."""
    text = (ROOT / "docs/howto/evolution.md").read_text(encoding="utf-8")
    example = text.partition(">>> answer")[0]
    code = "\n".join(line[4:] for line in example.splitlines() if line.startswith((">>> ", "... ")))
    names: dict[str, avrojet.Schema] = {}
    exec(code, names)
    monkeypatch.chdir(tmp_path)
    Path("schemas").mkdir()
    Path("old.avsc").write_text(names["old"].json)
    Path("schemas/price.avsc").write_text(names["new"].json)
    assert main(["compat", "old.avsc", "schemas/price.avsc"]) == 1
    assert capfdbinary.readouterr().out.decode() in text
