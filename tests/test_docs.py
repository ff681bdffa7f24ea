"""The examples of the documentation run: every page of docs/ and the README, by one mechanism.

A page's blocks run in the order in which they stand, in a folder of their own. A session of Python's prompt
prints what stands there; other Python runs; commands after `$` print what stands there; lines of a shell are
commands that the parsers take. What a page has before it begins is made by the functions below.
"""

from __future__ import annotations

import ast
import base64
import doctest
import importlib
import json
import os
import re
import shlex
import shutil
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import avrojet
import avrojet.compat
from avrojet.cli import main
from avrojet.cli.commands import COMMANDS
from avrojet.cli.parsing import command_parser
from avrojet.container import codecs
from tests.shop import ORDER, ORDERS, Consumer, DeserializingConsumer, Producer, ensure

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = {
    str(path.relative_to(DOCS).with_suffix("")): path
    for path in sorted(DOCS.rglob("*.md"))
    if path.parent.name != "api"
}
PAGES["README"] = ROOT / "README.md"
FENCE = re.compile(r"^```(\w*|\{[\w-]+\})(?: [^\n]*)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Languages of blocks that are no examples to run.
SHOWN = {"text", "yaml", "json", "mermaid"}


# What pages need


Prepared = tuple[dict[str, Any], dict[str, str]]
"""The names that a page's code finds, and what stands here for what it cannot have: its text -> another."""
PREPARATIONS: dict[str, Callable[[ExitStack], Prepared]] = {}
LIBRARIES: dict[str, tuple[str, ...]] = {"tutorial": ("polars",)}


def before(*pages: str, needs: tuple[str, ...] = ()) -> Callable[[Any], Any]:
    """What is done before the examples of pages, in a folder; without the libraries in `needs` they skip."""

    def keep(function: Callable[[ExitStack], Prepared]) -> Callable[[ExitStack], Prepared]:
        for page in pages:
            PREPARATIONS[page] = function
            LIBRARIES[page] = needs
        return function

    return keep


def holds(what: Callable[[], bool]) -> None:
    """Of a page whose examples have run."""
    assert what()


FRAMES = ("codec zstandard", "duckdb", "fsspec", "pandas", "polars", "pyarrow")


@before("howto/columns", "howto/dataframes", "reference/arrow", needs=FRAMES)
def columns(stack: ExitStack) -> Prepared:
    import fsspec
    import polars as pl

    Path("orders").mkdir()
    Path("days/day=2024-03-08").mkdir(parents=True)
    for name in ("orders.avro", "1.avro", "2.avro", "orders/1.avro", "days/day=2024-03-08/1.avro"):
        avrojet.write(name, ORDER, ORDERS)
    with fsspec.open("memory://orders/2024.avro", "wb") as file:
        file.write(Path("orders.avro").read_bytes())
    encoder = avrojet.Encoder(ORDER)
    messages = [b"\0\0\0\0\1" + encoder.encode(order) for order in ORDERS]
    names = {"avrojet": avrojet, "polars": pl, "schema": ORDER, "messages": messages}
    names |= {"decoder": avrojet.Decoder(ORDER), "dead_letters": (letters := Producer())}
    names["consumer"] = Consumer([*messages, None, b"\0"])
    if "columns" in str(Path.cwd()):
        stack.callback(holds, lambda: letters.produced == [b"\0"])
    return names, {"s3://": "memory://", "ProcessPoolExecutor": "ThreadPoolExecutor"}


@before("howto/convert", needs=("pyarrow",))
def folders(stack: ExitStack) -> Prepared:
    Path("orders").mkdir()
    for name in ("orders.avro", "orders/1.avro", "orders/2.avro"):
        avrojet.write(name, ORDER, ORDERS)
    stack.callback(holds, lambda: {path.name for path in Path("out").iterdir()} == {"1.jsonl", "2.jsonl"})
    return {}, {}


@before("howto/files", "howto/json", "howto/untrusted", needs=("codec zstandard",))
def writing(stack: ExitStack) -> Prepared:
    patch = stack.enter_context(pytest.MonkeyPatch.context())
    patch.setattr(codecs._Register, "codecs", MappingProxyType({}))
    limits = avrojet.set_default_limits(avrojet.Limits())
    avrojet.set_default_limits(limits)
    stack.callback(avrojet.set_default_limits, limits)
    avrojet.write("orders.avro", ORDER, ORDERS)
    encoder = avrojet.Encoder(ORDER)
    names = {"base64": base64, "schema": ORDER, "reader_schema": ORDER, "rows": ORDERS, "encoder": encoder}
    names |= {"decoder": avrojet.Decoder(ORDER), "data": encoder.encode(ORDERS[0])[:3]}
    return names, {}


@before("howto/damaged")
def damage(stack: ExitStack) -> Prepared:
    data = bytearray((ROOT / "tests/data/orders.avro").read_bytes())
    data[1100] ^= 0xFF
    Path("damaged.avro").write_bytes(data)
    return {}, {}


@before(
    "howto/kafka", "moving/confluent-kafka", needs=("confluent_kafka.schema_registry", "httpx", "pyarrow")
)
def kafka(stack: ExitStack) -> Prepared:
    import pyarrow as pa

    import avrojet.registry
    from avrojet.registry.testing import RegistryServer

    def closed(url: str, kind: Any = avrojet.registry.ConfluentRegistry) -> Any:
        made = kind(url)
        stack.callback(made.close)
        return made

    stack.callback(avrojet.compat.uninstall, "confluent")
    url = stack.enter_context(RegistryServer())
    order = {"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}]}
    stack.enter_context(pytest.MonkeyPatch.context()).setattr(avrojet.registry, "ConfluentRegistry", closed)
    message = avrojet.registry.Serializer(closed(url), order).serialize({"id": 7}, topic="orders")
    names = {"avrojet": avrojet, "pyarrow": pa, "schema_text": json.dumps(order), "newest_schema": order}
    names |= {"DeserializingConsumer": partial(DeserializingConsumer, message), "producer": Producer()}
    clients = "from confluent_kafka import DeserializingConsumer\n"
    return names, {"http://localhost:8081": url, clients: ""}


@before("howto/registry", needs=("httpx",))
def registry(stack: ExitStack) -> Prepared:
    import avrojet.registry.testing

    server = avrojet.registry.testing.RegistryServer()
    stack.callback(holds, lambda: len(server._faults) == 6)
    return {"avrojet": avrojet, "client_id": "c", "client_secret": "s", "server": server}, {}


@before("moving/fastavro", "moving/avro")
def facades(stack: ExitStack) -> Prepared:
    for name in ("fastavro", "avro"):
        stack.callback(avrojet.compat.uninstall, name)
    return {}, {}


@before("README", needs=("polars",))
def readme(stack: ExitStack) -> Prepared:
    shutil.copytree(ROOT / "tests/data", "tests/data")
    return {}, {}


# What runs in engines and servers, which tests/engines and tests/rpc start: here it is only compiled.
COMPILED = {"howto/engines", "howto/rpc"}


# Running


class Run:
    """The blocks of one page, one after the other."""

    def __init__(self, page: str, names: dict[str, Any], instead: dict[str, str], capture: Any) -> None:
        self.page, self.names, self.instead, self.capture = page, names, instead, capture
        self.given: list[str] = []

    def block(self, language: str, text: str) -> None:
        for what, instead in self.instead.items():
            text = text.replace(what, instead)
        if language == "python":
            if ">>> " in text:
                self.session(text)
            else:
                self.code(text)
        elif language == "console":
            for words, shown in commands(text):
                self.command(words, shown)
        elif language == "sh":
            for line in text.replace("\\\n", " ").splitlines():
                self.line(line)
        else:
            assert language in SHOWN or language.startswith("{"), f"a block of no language: {text}"

    def session(self, text: str) -> None:
        examples = doctest.DocTestParser().get_doctest(text, self.names, self.page, self.page, 0)
        options = doctest.ELLIPSIS
        assert doctest.DocTestRunner(optionflags=options).run(examples, clear_globs=False).failed == 0
        self.names.update(examples.globs)

    def code(self, text: str) -> None:
        compiled = compile(text, self.page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if self.page not in COMPILED:
            exec(compiled, self.names)

    def command(self, words: list[str], shown: str) -> None:
        """What it prints, on both streams, is what stands there, but for what an ellipsis stands for."""
        assert words[0] == "avrojet"
        name, *arguments = words[1:]
        self.given.append(name)
        target = None
        if ">" in arguments:
            *arguments, _, target = arguments
        self.capture.readouterr()
        assert main([name, *arguments]) in {0, 1}, words
        out, err = self.capture.readouterr()
        if target is not None:
            Path(target).write_bytes(out)
            out = b""
        printed = (out + err).decode().replace(os.sep, "/").replace("\r\n", "\n")
        wanted = shown.rstrip() + "\n" if shown.strip() else ""
        assert doctest.OutputChecker().check_output(wanted, printed, doctest.ELLIPSIS), (
            f"{words} prints\n{printed}\nnot\n{shown}"
        )

    def line(self, line: str) -> None:
        """A line of a shell is not run, but its command is one, and has these options; extras are there."""
        line = re.sub(r"\s+#.*|\s\|.*", "", line)
        for part in line.split(" && "):
            words = shlex.split(part)
            if words[:1] == ["avrojet"] and words[1] in COMMANDS:
                command_parser(words[1]).parse_args(words[2:])
            elif words[:3] == ["python", "-m", "avrojet.compat"]:
                importlib.import_module(f"avrojet.compat.{words[3]}")
            elif words[:2] == ["pip", "install"]:
                named = re.findall(r"\[(.*)\]", words[-1])
                assert {extra for extras in named for extra in extras.split(",")} <= EXTRAS


EXTRAS = set(
    tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
)


def commands(block: str) -> Iterator[tuple[list[str], str]]:
    """The commands of a block, each with what it prints."""
    for command in re.findall(r"^\$ (.*(?:\n(?!\$ ).*)*)", block, re.MULTILINE):
        line, _, shown = command.partition("\n")
        yield shlex.split(line), shown


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.filterwarnings("ignore::avrojet.compat.AlreadyImportedWarning")
def test_the_examples_of_a_page(page, tmp_path, monkeypatch, capfdbinary):
    for library in LIBRARIES.get(page, ()):
        ensure(library)
    text = PAGES[page].read_text(encoding="utf-8")
    folder = tmp_path / page.rpartition("/")[2]
    folder.mkdir()
    monkeypatch.chdir(folder)
    shutil.copy(ROOT / "tests/data/orders.avro", folder)
    with ExitStack() as stack:
        names, instead = PREPARATIONS[page](stack) if page in PREPARATIONS else ({}, {})
        run = Run(page, names, instead, capfdbinary)
        for language, block in FENCE.findall(text):
            run.block(language, block)


def test_every_fence_is_seen():
    """A block that the pattern above does not see would never run."""
    for page, path in PAGES.items():
        text = path.read_text(encoding="utf-8")
        assert 2 * len(FENCE.findall(text)) == len(re.findall("^ *```", text, re.MULTILINE)), page


def test_every_command_is_shown_at_work():
    """But for those whose examples would need a server."""
    pages = [PAGES[name].read_text(encoding="utf-8") for name in ("howto/command-line", "moving/avro-tools")]
    blocks = [block for text in pages for language, block in FENCE.findall(text) if language == "console"]
    given = {words[1] for block in blocks for words, _ in commands(block)}
    talk_to_servers = {"kafka", "rpc"}
    assert given == {*COMMANDS, "orders.avro"} - talk_to_servers
    assert all(f"`{name}`" in pages[0] for name in talk_to_servers)


@pytest.mark.parametrize("room", ["avrojet", "avrojet.compat", "avrojet.registry", "avrojet.rpc"])
def test_every_public_name_is_on_a_page_of_the_reference(room):
    """docs/build.py looks at what comes of it."""
    text = "".join(path.read_text(encoding="utf-8") for path in (DOCS / "reference/api").glob("*.md"))
    names = set(importlib.import_module(room).__all__) - {"__version__"}
    assert not {name for name in names if not re.search(rf":: {room}\.{name}(\(\))?\n", text)}


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
