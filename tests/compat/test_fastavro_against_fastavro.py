"""The facade beside fastavro itself: the same bytes, values, names and signatures."""

from __future__ import annotations

import importlib
import inspect
import json
import random
from io import BytesIO, StringIO

import pytest

from tests.cases import for_each

fastavro = pytest.importorskip("fastavro")
importlib.import_module("fastavro.utils")

from avrojet.compat import fastavro as facade  # noqa: E402
from avrojet.compat.fastavro import utils  # noqa: E402

PRIMITIVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
LOGICAL = [
    {"type": "string", "logicalType": "uuid"},
    *({"type": "int", "logicalType": name} for name in ("date", "time-millis")),
    *(
        {"type": "long", "logicalType": name}
        for name in (
            "time-micros",
            "timestamp-millis",
            "timestamp-micros",
            "local-timestamp-millis",
            "local-timestamp-micros",
        )
    ),
]
NAMED = [
    {"type": "enum", "name": "n.E", "symbols": ["A", "B", "C"], "doc": "letters"},
    {"type": "fixed", "name": "n.F", "size": 5},
]
SMALL = {"type": "record", "name": "S", "fields": [{"name": "x", "type": "int"}]}
RECORD = {
    "type": "record",
    "name": "R",
    "namespace": "n",
    "fields": [
        *({"name": f"p{number}", "type": type} for number, type in enumerate(PRIMITIVES)),
        *({"name": f"l{number}", "type": type} for number, type in enumerate(LOGICAL)),
        {"name": "e", "type": NAMED[0]},
        {"name": "again", "type": ["null", "E"], "default": None},
        {"name": "a", "type": {"type": "array", "items": ["null", "long", "string"]}},
        {"name": "m", "type": {"type": "map", "values": {"type": "array", "items": "boolean"}}},
        {
            "name": "u",
            "type": ["null", {"type": "record", "name": "S", "fields": [{"name": "x", "type": "int"}]}],
        },
        {"name": "d", "type": "int", "default": 7},
    ],
}
SCHEMAS = [*PRIMITIVES, *LOGICAL, *NAMED, RECORD, ["null", *NAMED, "double"]]


def encoded(library, schema, value):
    target = BytesIO()
    library.schemaless_writer(target, schema, value)
    return target.getvalue()


@pytest.mark.parametrize("schema", SCHEMAS, ids=json.dumps)
def test_values_and_bytes(schema):
    random.seed(json.dumps(schema))
    for plain in utils.generate_many(schema, 50):
        data = encoded(fastavro, schema, plain)
        value = fastavro.schemaless_reader(BytesIO(data), schema)
        assert facade.schemaless_reader(BytesIO(data), schema) == value
        assert encoded(facade, schema, value) == encoded(fastavro, schema, value)
        assert facade.validate(value, schema, raise_errors=False) == fastavro.validate(
            value, schema, raise_errors=False
        )


@pytest.mark.parametrize("schema", SCHEMAS, ids=json.dumps)
def test_files(schema):
    random.seed(json.dumps(schema))
    rows = list(utils.generate_many(schema, 100))
    files = []
    for library in (fastavro, facade):
        file = BytesIO()
        library.writer(file, schema, rows, sync_marker=bytes(16), sync_interval=200, metadata={"a": "b"})
        files.append(file)
    if "uuid" not in json.dumps(schema):  # whose text gets its hyphens
        assert files[0].getvalue() == files[1].getvalue()
    for file in files:
        file.seek(0)
        expected = list(fastavro.reader(file))
        file.seek(0)
        got = facade.reader(file)
        assert list(got) == expected
        file.seek(0)
        assert got.writer_schema == fastavro.reader(file).writer_schema


@pytest.mark.parametrize("schema", [RECORD, NAMED[0], [*NAMED, "null"]], ids=str)
def test_json(schema):
    random.seed(1)
    rows = list(utils.generate_many(schema, 20))
    texts = []
    for library in (fastavro, facade):
        file = StringIO()
        library.json_writer(file, schema, rows)
        texts.append([json.loads(line) for line in file.getvalue().splitlines()])
    if schema is RECORD:
        for row in [*texts[0], *texts[1]]:
            row["l0"] = row["l0"].replace("-", "")
    assert texts[0] == texts[1]


@pytest.mark.parametrize("schema", SCHEMAS, ids=json.dumps)
def test_random_data_and_schema_functions(schema):
    rows = []
    for library in (fastavro.utils, utils):
        random.seed(5)
        made = list(library.generate_many(schema, 5))
        rows.append(None if "uuid" in json.dumps(schema) else made)
    assert rows[0] == rows[1]
    assert utils.anonymize_schema(schema) == fastavro.utils.anonymize_schema(schema)
    for name in ("parse_schema", "expand_schema", "to_parsing_canonical_form"):
        assert getattr(facade.schema, name)(schema) == getattr(fastavro.schema, name)(schema)
    form = facade.schema.to_parsing_canonical_form(schema)
    for algorithm in ("CRC-64-AVRO", "MD5", "SHA-256", "blake2b"):
        assert facade.schema.fingerprint(form, algorithm) == fastavro.schema.fingerprint(form, algorithm)


MODULES = [
    "",
    *(
        f".{name}"
        for name in (
            "const io io.binary_decoder io.binary_encoder json_read json_write logical_readers "
            "logical_writers read repository repository.base repository.flat_dict schema types utils "
            "validation write _read_common _validate_common _write_common"
        ).split()
    ),
]


@pytest.mark.parametrize("module", MODULES)
def test_public_names(module):
    theirs = importlib.import_module(f"fastavro{module}")
    ours = importlib.import_module(f"avrojet.compat.fastavro{module}")
    public = getattr(theirs, "__all__", None) or [
        name
        for name, value in vars(theirs).items()
        if not name.startswith("_") and getattr(value, "__module__", "").startswith("fastavro")
    ]
    inner = {"fastavro", "missing_codec_lib", "writer"}
    assert not [name for name in public if not hasattr(ours, name) and name not in inner]


def parameters(function):
    """Names, kinds and, where they are plain values, defaults."""
    return [
        (one.name, one.kind, one.default if isinstance(one.default, str | int | None) else "...")
        for one in inspect.signature(function).parameters.values()
    ]


@pytest.mark.parametrize(
    "name",
    (
        "reader block_reader schemaless_reader writer schemaless_writer json_reader json_writer is_avro "
        "parse_schema validate schema.load_schema schema.load_schema_ordered schema.expand_schema "
        "schema.fullname schema.to_parsing_canonical_form schema.fingerprint validation.validate_many "
        "utils.generate_one utils.generate_many utils.anonymize_schema"
    ).split(),
)
def test_signatures(name):
    theirs, ours = fastavro, facade
    for part in name.split("."):
        theirs, ours = getattr(theirs, part), getattr(ours, part)
    assert parameters(ours) == parameters(theirs)


NUMBERS = [0, 1, 999, 1001, 86_399_999, 86_399_999_999, 1_577_836_800_250, 1_577_836_800_250_001]


@for_each("writer", LOGICAL, ids=lambda it: it["logicalType"])
@pytest.mark.parametrize("reader", LOGICAL, ids=lambda it: it["logicalType"])
def test_both_schemas_have_a_logical_type(writer, reader):
    """The writer's is shown, so that an instant stays the same whatever the reader's unit."""
    text = writer["type"] == "string"
    for value in ["00112233-4455-6677-8899-aabbccddeeff"] if text else NUMBERS:
        try:
            data = encoded(fastavro, {"type": writer["type"]}, value)
            expected = fastavro.schemaless_reader(BytesIO(data), writer, reader)
        except fastavro.read.SchemaResolutionError:
            with pytest.raises(facade.read.SchemaResolutionError):
                facade.schemaless_reader(BytesIO(data), writer, reader)
        except (ValueError, OverflowError):
            continue  # out of range of the writer's own type
        else:
            shown = facade.schemaless_reader(BytesIO(data), writer, reader)
            assert (type(shown), shown) == (type(expected), expected)
            union = facade.schemaless_reader(BytesIO(b"\2" + data), ["null", writer], ["null", reader])
            assert (type(union), union) == (type(expected), expected)


UNFIT = [
    ({"type": "string", "logicalType": "uuid"}, ""),
    ({"type": "int", "logicalType": "date"}, 2**31 - 1),
    ({"type": "int", "logicalType": "time-millis"}, -1),
    ({"type": "array", "items": {"type": "string", "logicalType": "uuid"}}, ["x"]),
]


@pytest.mark.parametrize(("type", "default"), UNFIT, ids=str)
def test_a_default_that_is_no_value_of_its_logical_type(type, default):
    """It is shown as it is; and nobody minds who does not need it."""
    writer = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}
    field = {"name": "x", "type": type, "default": default}
    reader = {**writer, "fields": [*writer["fields"], field]}
    target = BytesIO()
    fastavro.writer(target, writer, [{"a": 1}])
    for library in (fastavro, facade):
        assert library.schemaless_reader(BytesIO(b"\2"), writer, reader) == {"a": 1, "x": default}
        target.seek(0)
        assert list(library.reader(target, reader)) == [{"a": 1, "x": default}]
    theirs, ours = (
        {"type": "record", "name": "H", "fields": [{"name": "u", "type": ["null", {**inner, "name": "I"}]}]}
        for inner in (writer, reader)
    )
    for library in (fastavro, facade):
        assert library.schemaless_reader(BytesIO(b"\0"), theirs, ours) == {"u": None}


def test_a_record_as_default_whose_fields_have_such_defaults():
    field = {"name": "id", "type": {"type": "string", "logicalType": "uuid"}, "default": ""}
    inner = {"type": "record", "name": "O", "fields": [field]}
    writer = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}
    reader = {**writer, "fields": [*writer["fields"], {"name": "o", "type": inner, "default": {"id": ""}}]}
    for library in (fastavro, facade):
        assert library.schemaless_reader(BytesIO(b"\2"), writer, reader) == {"a": 1, "o": {"id": ""}}


def test_a_decimal_of_no_bytes():
    schema = {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}
    for library in (fastavro, facade):
        assert str(library.schemaless_reader(BytesIO(b"\0"), schema)) == "0.00"


def test_plain_bytes_of_a_decimal():
    schema = {"type": "bytes", "logicalType": "decimal", "precision": 2, "scale": 0}
    for library in (fastavro, facade):
        assert encoded(library, schema, b"\1\0\0") == b"\6\1\0\0"
    assert facade.schemaless_reader(BytesIO(b"\6\1\0\0"), schema) == 65536
