"""The examples of docstrings run: those of each module, in a folder with files of orders.

An example is short, so it has names that it does not make: those of avrojet and of its own module, and those
that the functions below give it.
"""

from __future__ import annotations

import ast
import asyncio
import doctest
import importlib
import io
import json
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Annotated, Any

import pytest

import avrojet
import avrojet.compat
from avrojet import rpc
from avrojet.container import codecs
from avrojet.rpc import steps
from tests.repo.tree import SOURCE, module_name, package_files
from tests.shop import ORDER, ORDERS, Consumer, ensure

if not SOURCE.exists():
    pytest.skip("not a checkout, but what was made of one", allow_module_level=True)

PUBLIC = {name: getattr(avrojet, name) for name in avrojet.__all__}
PARSER = doctest.DocTestParser()


def docstrings(path: Path) -> Iterator[tuple[str, str]]:
    """The names and docstrings of a file that have examples; an extension's stub has its docstrings."""
    source = path.read_text(encoding="utf-8")
    if ">>>" not in source:  # most have none, and to parse them takes seconds
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text and PARSER.get_examples(text):
                yield getattr(node, "name", path.stem), text


FILES = {
    module_name(path): path
    for path in sorted([*package_files(".py"), *package_files(".pyi")])
    if any(docstrings(path))
}
# Their examples need an engine, which tests/engines starts: here they are only compiled.
ENGINES = {f"avrojet.integrations.{name}" for name in ("dask", "daft", "ray", "spark", "spark_columns")}
# Without these, the examples of a module are skipped.
NEEDS = {
    "avrojet.compat.confluent": ("confluent_kafka.schema_registry",),
    "avrojet.container.files": ("polars", "pyarrow"),
    "avrojet.container.reader": ("polars", "pyarrow"),
    "avrojet.container.writer": ("codec zstandard",),
    "avrojet.conversion.convert": ("pyarrow",),
    "avrojet.integrations.pandas": ("pandas", "pyarrow"),
    "avrojet.integrations.polars": ("polars", "pyarrow"),
    "avrojet.registry.rules": ("confluent_kafka.schema_registry.rules.cel.cel_executor",),
    "avrojet.registry.serdes": ("polars", "pyarrow"),
    "avrojet.rpc.async_client": ("httpx",),
    "avrojet.scanning.scan": ("polars", "pyarrow"),
}


@dataclass
class Order:
    id: int
    note: str | None = None


Order.__qualname__ = "Order"  # as in a program
OWN = {
    "type": "record", "name": "shop.Order",
    "fields": [{"name": "id", "type": "long"}, {"name": "note", "type": ["null", "string"], "default": None}],
}  # fmt: skip
LETTER = {
    "type": "record", "name": "Message",
    "fields": [{"name": "to", "type": "string"}, {"name": "body", "type": "string"}],
}  # fmt: skip
MAIL = avrojet.parse_protocol({
    "protocol": "Mail",
    "types": [LETTER],
    "messages": {"send": {"request": [{"name": "message", "type": "Message"}], "response": "string"}},
})  # fmt: skip


def write_files() -> None:
    """Those that examples read, in the folder of the test."""
    for folder in ("orders", "2026", "days/day=2024-03-08"):
        Path(folder).mkdir(parents=True)
    for name in ("orders", "orders/1", "2026/1", "2026/2", "days/day=2024-03-08/1"):
        avrojet.write(f"{name}.avro", ORDER, ORDERS)
    Path("orders.jsonl").write_bytes(b"".join(json.dumps(order).encode() + b"\n" for order in ORDERS))
    damaged = bytearray((SOURCE.parent / "tests/data/orders.avro").read_bytes())
    damaged[1100] ^= 0xFF
    Path("damaged.avro").write_bytes(damaged)


# What examples find, other than the names of avrojet and of their module


class Mail:
    def send(self, message: dict[str, Any]) -> str:
        return f"sent to {message['to']}"


def common(stack: ExitStack) -> dict[str, Any]:
    """What a program has imported, and orders as files, rows and messages."""
    encode = avrojet.Encoder(ORDER).encode
    messages = [b"\0\0\0\0\1" + encode(order) for order in ORDERS]
    names = {"avrojet": avrojet, "dataclass": dataclass, "date": date, "Annotated": Annotated}
    names |= {"Decimal": Decimal, "ProcessPoolExecutor": ThreadPoolExecutor, "brotli": zlib}
    names |= {"sys": SimpleNamespace(stdout=SimpleNamespace(buffer=io.BytesIO()))}
    names |= {"schema": ORDER, "rows": ORDERS, "decoder": avrojet.Decoder(ORDER)}
    names |= {"messages": [*messages, b"\0"], "size": 1, "done": 1, "records": 1}
    names["dead_letters"] = SimpleNamespace(send=lambda message, error: None)
    return names


def blocks(stack: ExitStack) -> dict[str, Any]:
    reader = stack.enter_context(avrojet.DataFileReader("orders.avro"))
    writer = stack.enter_context(avrojet.DataFileWriter("copy.avro", ORDER))
    return {"block": next(reader.blocks()), "writer": writer}


def frames(stack: ExitStack) -> dict[str, Any]:
    import polars as pl
    import pyarrow as pa

    return {"pl": pl, "pyarrow": pa, "polars_frame": pl.DataFrame(ORDERS)}


def classes(stack: ExitStack) -> dict[str, Any]:
    data = avrojet.Encoder(OWN).encode({"id": 7, "note": None})
    return {"schema": OWN, "writer_schema": OWN, "Order": Order, "data": data, "Decoder": avrojet.Decoder}


def serializers(stack: ExitStack) -> dict[str, Any]:
    import polars as pl
    import pyarrow as pa

    from avrojet.registry import Deserializer, MemoryRegistry, Serializer

    registry = MemoryRegistry()
    serializer = Serializer(registry, ORDER)
    names = {"registry": registry, "serializer": serializer, "frame": pl.DataFrame(ORDERS)}
    names |= {"MemoryRegistry": MemoryRegistry, "Deserializer": Deserializer, "pyarrow": pa}
    names |= {"consumer": Consumer([serializer.serialize(ORDERS[0], topic="orders")]), "newest": ORDER}
    names["producer"] = SimpleNamespace(produce=lambda topic, value, headers: None)
    return names


def calls(stack: ExitStack) -> dict[str, Any]:
    """A server of the mail protocol among them, and what web frameworks have."""
    responder = rpc.Responder(MAIL, Mail())
    server = stack.enter_context(rpc.HttpServer(responder, port=0))
    thread = threading.Thread(target=server.serve)
    thread.start()
    stack.callback(thread.join)
    stack.callback(server.close)
    local = rpc.LocalTransport(responder)
    framework = SimpleNamespace(mount=lambda path, application: None, wsgi_app=None)
    return {
        "url": server.url, "run": steps.run,
        "asyncio": asyncio, "rpc": rpc, "protocol": MAIL, "responder": responder,
        "handlers": Mail(), "message": {"to": "you", "body": "hello"}, "exchange": local.exchange,
        "fastapi_app": framework, "flask_app": framework, "DispatcherMiddleware": lambda app, more: app,
        **{name: getattr(rpc, name) for name in ("AsyncResponder", "AsyncHttpTransport", "HttpTransport")},
    }  # fmt: skip


ROOMS = {
    "avrojet.container.block": blocks,
    "avrojet.container.files": frames,
    "avrojet.container.reader": frames,
    "avrojet.scanning.scan": frames,
    "avrojet.integrations.polars": frames,
    "avrojet.core.rows.rows": classes,
    "avrojet.datum": classes,
    "avrojet.registry.rules": serializers,
    "avrojet.registry.serdes": serializers,
    "avrojet.typed.generated": classes,
    **dict.fromkeys((module for module in FILES if module.startswith("avrojet.rpc")), calls),
}


def instead(names: dict[str, Any]) -> dict[str, str]:
    """What cannot run as it stands: a server that never ends, and places that may be taken."""
    return {
        "http://localhost:8080/": names.get("url", ""),
        "port=8080": "port=0",
        '"127.0.0.1", 9090': '"127.0.0.1", 0',
        "server.serve()": "assert server",
    }


@pytest.mark.parametrize("module", FILES)
@pytest.mark.filterwarnings("ignore::avrojet.compat.AlreadyImportedWarning")
def test_the_examples_of_docstrings(module, tmp_path, monkeypatch):
    for library in NEEDS.get(module, ()):
        ensure(library)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(codecs._Register, "codecs", MappingProxyType({}))
    write_files()
    runner = doctest.DocTestRunner()
    with ExitStack() as stack:
        before = avrojet.set_default_limits(avrojet.Limits())
        stack.callback(avrojet.set_default_limits, before)
        avrojet.set_default_limits(before)
        for facade in ("fastavro", "confluent"):
            stack.callback(avrojet.compat.uninstall, facade)
        prepared = common(stack) | (ROOMS[module](stack) if module in ROOMS else {})
        for name, text in docstrings(FILES[module]):
            for what, other in instead(prepared).items():
                text = text.replace(what, other)
            if module in ENGINES:
                for example in PARSER.get_examples(text):
                    compile(example.source, name, "single")
            else:
                names = {**PUBLIC, **vars(importlib.import_module(module)), **prepared}
                assert runner.run(PARSER.get_doctest(text, names, name, module, 0)).failed == 0, name
