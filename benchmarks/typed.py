"""Instances against dicts: what decoding into classes and encoding from them cost.

    python -m benchmarks.typed

The row workloads are made into classes, and what counts is the process's CPU time. Each row of the table
is a way; its number is the time divided by that of dicts in the same round, as a geometric mean over the
workloads, with the quartiles over the rounds. Beside them msgspec's MessagePack into the same classes; what
pydantic alone takes, as it validates the dict and dumps the model; and dataclasses-avroschema, where
installed, on the workloads that it has types for: its dataclasses against those here.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Optional

import avrojet
from benchmarks.workloads import WORKLOADS

ROUNDS = 9
SAMPLE = 0.004  # seconds
BASES = {"dataclasses-avroschema": "dataclass"}
"""What a way is divided by, if not by dicts."""

Ways = dict[str, tuple[Callable[[], Any], Callable[[], Any]]]


def many(function: Callable[[Any], Any], values: list[Any]) -> Callable[[], None]:
    def run() -> None:
        for value in values:
            function(value)

    return run


def ways_of(schema: avrojet.Schema, records: list[Any]) -> Ways:
    """From the name of a way to what decodes all data, and what encodes all values."""
    encoder, decoder = avrojet.Encoder(schema), avrojet.Decoder(schema)
    data = [encoder.encode(record) for record in records]
    found: Ways = {"dict": (many(decoder.decode, data), many(encoder.encode, records))}
    for kind in (
        "dataclass",
        "slots",
        "frozen slots",
        "struct",
        "attrs",
        "namedtuple",
        "pydantic",
        "trusted",
    ):
        cls = class_of(schema, kind)
        if cls is not None:
            found[kind] = typed(cls, data, trusted=kind == "trusted")
    add_pydantic(found, schema, data)
    add_msgpack(found, schema, data)
    add_dataclasses_avroschema(found, schema, data)
    return found


def add_pydantic(found: Ways, schema: avrojet.Schema, data: list[bytes]) -> None:
    """A dict that is decoded, then validated; a model that is dumped, then encoded."""
    cls = class_of(schema, "pydantic")
    if cls is None:
        return
    decode, encode = avrojet.Decoder(schema).decode, avrojet.Encoder(schema).encode
    try:
        models = [cls.model_validate(decode(datum)) for datum in data]
        [encode(model.model_dump()) for model in models]
    except (ValueError, avrojet.EncodeError):  # names that had to change, members of enums
        return
    found["pydantic alone"] = (
        many(lambda datum: cls.model_validate(decode(datum)), data),
        many(lambda model: encode(model.model_dump()), models),
    )


def add_dataclasses_avroschema(found: Ways, schema: avrojet.Schema, data: list[bytes]) -> None:
    try:
        from dataclasses_avroschema import AvroModel, types
    except ImportError:
        return
    theirs = {
        "long": int, "int": types.Int32, "double": float, "float": types.Float32, "boolean": bool,
        "string": str, "bytes": bytes,
    }  # fmt: skip
    hints, defaults = {}, {}
    for field in schema.fields:
        types_ = getattr(field.type, "branches", (field.type,))
        branches = [each.type for each in types_]
        if not {*branches} <= {"null", *theirs} or any(each.logical for each in types_):
            return
        hints[field.name] = hint = theirs[branches[-1]]
        if branches[0] == "null":
            hints[field.name], defaults[field.name] = Optional[hint], None  # noqa: UP045 (the form it knows)
    cls: Any = dataclass(type(schema.name, (AvroModel,), {"__annotations__": hints, **defaults}))
    values = [cls(**avrojet.decode(datum, schema)) for datum in data]
    if [value.serialize() for value in values] != data:
        return
    found["dataclasses-avroschema"] = many(cls.deserialize, data), many(cls.serialize, values)


def class_of(schema: avrojet.Schema, kind: str) -> Any:
    from avrojet.typed.generated import NAMESPACE
    from avrojet.typed.source import Module

    base = {"slots": "dataclass", "frozen slots": "dataclass", "trusted": "pydantic"}.get(kind, kind)
    module = Module([schema], base)
    text = module.text("")
    if kind in ("slots", "frozen slots"):
        text = text.replace(
            "@dataclass\n", f"@dataclass(slots=True{', frozen=True' if kind[0] == 'f' else ''})\n"
        )
    names: dict[str, Any] = {"__name__": "avrojet.typed.generated"}
    try:
        exec(text, names)
    except ImportError:
        return None
    for name in module.classes.values():
        if isinstance(names[name], type):
            setattr(names[name], NAMESPACE, names)
            if base == "pydantic" and hasattr(names[name], "model_rebuild"):
                names[name].model_rebuild(_types_namespace=names)
    return names[module.classes[schema.fullname]]


def typed(cls: Any, data: list[bytes], *, trusted: bool) -> tuple[Callable[[], None], Callable[[], None]]:
    decoder, encoder = avrojet.Decoder(cls, trusted=trusted), avrojet.Encoder(cls)
    values = [decoder.decode(datum) for datum in data]
    if [encoder.encode(value) for value in values] != data:
        raise AssertionError(f"{cls} is not the same when it comes back")
    return many(decoder.decode, data), many(encoder.encode, values)


def add_msgpack(found: Ways, schema: avrojet.Schema, data: list[bytes]) -> None:
    try:
        import msgspec
    except ImportError:
        return
    cls = class_of(schema, "struct")
    values = avrojet.Decoder(cls).decode_many(b"".join(data))
    try:
        encoder, decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(_resolved(cls))
        packed = [encoder.encode(value) for value in values]
        decoder.decode(packed[0])
    except (TypeError, NameError, msgspec.MsgspecError):
        return
    found["msgspec msgpack"] = many(decoder.decode, packed), many(encoder.encode, values)


def _resolved(cls: Any) -> Any:
    """msgspec looks names up in the module of a class: for a moment it has them."""
    import sys

    from avrojet.typed.generated import NAMESPACE

    names = getattr(cls, NAMESPACE)
    module = sys.modules[cls.__module__]
    for name, value in names.items():
        if name not in vars(module) and not name.startswith("__"):
            setattr(module, name, value)
    return cls


def seconds(function: Callable[[], Any]) -> float:
    passes, spent = 0, 0.0
    while spent < SAMPLE:
        start = time.process_time()
        function()
        spent += time.process_time() - start
        passes += 1
    return spent / passes


def main() -> None:
    ratios: dict[str, tuple[list[list[float]], list[list[float]]]] = {}
    for workload in WORKLOADS.values():
        schema = avrojet.parse_schema(workload.schema)
        ways = ways_of(schema, workload.records(20))
        for way in ways:
            for side in ratios.setdefault(way, ([], [])):
                side.append([])
        for round_ in range(ROUNDS):
            order = list(ways)
            order = order[round_ % len(order) :] + order[: round_ % len(order)]
            times = {way: tuple(map(seconds, ways[way])) for way in order}
            for way, (decoding, encoding) in times.items():
                base = times[BASES.get(way, "dict")]
                ratios[way][0][-1].append(decoding / base[0])
                ratios[way][1][-1].append(encoding / base[1])
    for way, sides in ratios.items():
        shown = [summary(side) for side in sides]
        print(f"{way:22} decode {shown[0]}   encode {shown[1]}   ({len(sides[0])} workloads)")


def summary(side: list[list[float]]) -> str:
    means = [math.exp(statistics.fmean(map(math.log, round_))) for round_ in zip(*side, strict=True)]
    low, middle, high = statistics.quantiles(means, n=4)
    return f"{middle:5.2f} ({low:.2f}-{high:.2f})"


if __name__ == "__main__":
    main()
