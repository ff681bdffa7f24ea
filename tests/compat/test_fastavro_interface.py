"""All that fastavro has in public, found by looking: names, signatures, exceptions, its own examples."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import pkgutil
import subprocess
import sys
import textwrap
from io import BytesIO, StringIO

import pytest

peer = pytest.importorskip("fastavro")
importlib.import_module("fastavro.utils")

from avrojet.compat import fastavro as facade  # noqa: E402

MODULES = [
    found.name.removeprefix("fastavro.")
    for found in pkgutil.walk_packages(peer.__path__, "fastavro.")
    if not any(part.startswith("_") for part in found.name.split("."))
]
# The machinery of fastavro's JSON codec, which encoders and decoders derived from its own may use: the facade
# refuses those (docs/moving/fastavro.md).
JSON_PARSER = {"io.parser", "io.symbols"}
# Names that a module only passes on from there, or that are no use to others.
INNER = {
    ("json_write", "writer"),
    ("utils", "MAX_TIMESTAMP_MICROS"),
    ("utils", "MAX_TIMESTAMP_MILLIS"),
}


def theirs(module):
    return importlib.import_module(f"fastavro.{module}")


def ours(module):
    return importlib.import_module(f"avrojet.compat.fastavro.{module}")


def public(module):
    """What a module of fastavro defines or passes on, of fastavro's."""
    for name, value in vars(theirs(module)).items():
        home = getattr(value, "__module__", None) or "fastavro"
        if name.startswith("_") or inspect.ismodule(value) or not home.startswith("fastavro"):
            continue
        if home.removeprefix("fastavro.") not in JSON_PARSER and (module, name) not in INNER:
            yield name, value


def test_there_is_something_to_compare():
    assert {"read", "write", "schema", "validation", "utils", "repository.flat_dict"} < set(MODULES)
    assert {name for name, _ in public("schema")} > {"parse_schema", "expand_schema", "UnknownType"}


@pytest.mark.parametrize("module", sorted(set(MODULES) - JSON_PARSER))
def test_every_public_name_is_there(module):
    missing = [name for name, _ in public(module) if not hasattr(ours(module), name)]
    if module.startswith("io.json"):  # which import them from the parser
        passed_on = {*vars(theirs("io.symbols")), *vars(theirs("io.parser"))}
        missing = [name for name in missing if name not in passed_on]
    assert not missing


def test_the_package_offers_the_same():
    # `fastavro` itself and `logical_...` are in fastavro's list by accident of how it is made.
    assert set(peer.__all__) - {"fastavro", "missing_codec_lib"} <= {*dir(facade)}
    assert facade.__version__ == peer.__version__
    assert (
        facade.__version_info__ == peer.__version_info__
        or ".".join(map(str, facade.__version_info__)) == peer.__version__
    )


def parameters(function):
    """Names, kinds and, where they are plain values, defaults. What is not documented may be None or {}."""
    return [
        (one.name, one.kind, one.default if isinstance(one.default, str | int) else "...")
        for one in inspect.signature(function).parameters.values()
    ]


FUNCTIONS = [
    (module, name)
    for module in sorted(set(MODULES) - JSON_PARSER)
    for name, value in public(module)
    if callable(value) and not inspect.isclass(value) and hasattr(ours(module), name)
]
CLASSES = [
    (module, name)
    for module in sorted(set(MODULES) - JSON_PARSER)
    for name, value in public(module)
    if inspect.isclass(value) and hasattr(ours(module), name)
]


@pytest.mark.parametrize(("module", "name"), FUNCTIONS, ids=str)
def test_functions_have_the_same_signature(module, name):
    assert parameters(getattr(ours(module), name)) == parameters(getattr(theirs(module), name))


@pytest.mark.parametrize(("module", "name"), CLASSES, ids=str)
def test_classes_have_the_same_methods_and_bases(module, name):
    their_class, our_class = getattr(theirs(module), name), getattr(ours(module), name)
    if name.startswith("AvroJSON"):
        return  # rows are coded whole: they have no methods for values
    assert issubclass(our_class, Exception) == issubclass(their_class, Exception)
    assert issubclass(our_class, ValueError) or not issubclass(their_class, ValueError)
    for method, function in vars(their_class).items():
        if method.startswith("_") or not callable(function):
            continue
        assert hasattr(our_class, method), method
        assert parameters(getattr(our_class, method)) == parameters(function), method


ROW = {"type": "record", "name": "n.R", "fields": [{"name": "a", "type": "int"}]}


def opened(library, **options):
    file = BytesIO()
    library.writer(file, ROW, [{"a": 1}], **options)
    file.seek(0)
    return file


@pytest.mark.parametrize(
    ("made", "attributes"),
    [
        (
            lambda library: library.reader(opened(library), ROW),
            "metadata codec writer_schema reader_schema fo options _schema _header _named_schemas",
        ),
        (
            lambda library: next(library.block_reader(opened(library))),
            "num_records codec reader_schema writer_schema offset size options bytes_ _named_schemas",
        ),
        (
            lambda library: library.write.Writer(BytesIO(), ROW),
            "fo schema validate_fn sync_marker io block_count metadata sync_interval block_writer options",
        ),
    ],
)
def test_objects_have_the_same_attributes(made, attributes):
    their_object, our_object = made(peer), made(facade)
    for name in attributes.split():
        value, wanted = getattr(our_object, name), getattr(their_object, name)
        if isinstance(wanted, str | int | list | dict | None) and name not in (
            "metadata",
            "_header",
            "options",
        ):
            assert value == wanted, name
    with pytest.raises(AttributeError, match="nothing"):
        our_object.nothing  # noqa: B018


# The sync marker is random; the facade's Writer does not fill in the options that it was not given.
DIFFERENT = ("metadata", "_header", "options", "sync_marker")

BAD_CALLS = {
    "parse_schema of an unknown type": lambda f: f.parse_schema("x.Unknown"),
    "parse_schema without a type": lambda f: f.parse_schema({"name": "x"}),
    "parse_schema without a name": lambda f: f.parse_schema({"type": "record", "fields": []}),
    "parse_schema of a type twice": lambda f: f.parse_schema({"type": "array", "items": [ROW, ROW]}),
    "parse_schema of a wrong default": lambda f: f.parse_schema(
        {"type": "record", "name": "r", "fields": [{"name": "a", "type": "int", "default": "x"}]}
    ),
    "parse_schema of a wrong symbol": lambda f: f.parse_schema(
        {"type": "enum", "name": "e", "symbols": ["1"]}
    ),
    "expand_schema": lambda f: f.schema.expand_schema("x.Unknown"),
    "fullname": lambda f: f.schema.fullname({"type": "record"}),
    "fingerprint": lambda f: f.schema.fingerprint('"int"', "nothing"),
    "load_schema of no file": lambda f: f.schema.load_schema("/nowhere/at.all.avsc"),
    "validate": lambda f: f.validate("x", "int"),
    "validate_many": lambda f: f.validation.validate_many(["x", 1], "int"),
    "writer of a dict": lambda f: f.writer(BytesIO(), ROW, {"a": 1}),
    "writer of a wrong record": lambda f: f.writer(BytesIO(), ROW, [{"a": "x"}]),
    "writer of a lacking record": lambda f: f.writer(BytesIO(), ROW, [{}]),
    "writer with a validator": lambda f: f.writer(BytesIO(), ROW, [{"a": "x"}], validator=True),
    "writer of an unknown codec": lambda f: f.writer(BytesIO(), ROW, [], codec="nothing"),
    "writer strict": lambda f: f.writer(BytesIO(), ROW, [{"a": 1, "b": 2}], strict=True),
    "writer to text": lambda f: f.writer(StringIO(), ROW, []),
    "schemaless_writer of a wrong type": lambda f: f.schemaless_writer(BytesIO(), "string", 5),
    "schemaless_writer in a union": lambda f: f.schemaless_writer(BytesIO(), ["null", "int"], "x"),
    "schemaless_reader of nothing": lambda f: f.schemaless_reader(BytesIO(), "long"),
    "schemaless_reader of too little": lambda f: f.schemaless_reader(BytesIO(b"\x08a"), "string"),
    "schemaless_reader of text": lambda f: f.schemaless_reader(StringIO("a"), "string"),
    "schemaless_reader of bad text": lambda f: f.schemaless_reader(BytesIO(b"\x02\xff"), "string"),
    "schemaless_reader of another type": lambda f: f.schemaless_reader(BytesIO(b"\x02"), "int", "string"),
    "schemaless_reader of another name": lambda f: f.schemaless_reader(
        BytesIO(b"\x02"), ROW, {**ROW, "name": "other"}
    ),
    "schemaless_reader of a field without default": lambda f: f.schemaless_reader(
        BytesIO(b"\x02"), ROW, {**ROW, "fields": [{"name": "b", "type": "int"}]}
    ),
    "reader of no file": lambda f: f.reader(5),
    "reader of nothing": lambda f: f.reader(BytesIO()),
    "reader of text": lambda f: f.reader(StringIO("Obj\x01 and so on")),
    "reader of a part": lambda f: list(f.reader(BytesIO(opened(f).getvalue()[:-4]))),
    "is_avro of no file": lambda f: f.is_avro(5),
    "json_reader of no JSON": lambda f: list(f.json_reader(StringIO("{"), "int")),
    "json_writer of a wrong record": lambda f: f.json_writer(StringIO(), ROW, [{}]),
    "repository": lambda f: f.repository.FlatDictRepository("/nowhere").load("x"),
    "append to what cannot be read": lambda f: f.writer(Appended(), ROW, []),
}


class Appended(BytesIO):
    def __init__(self):
        super().__init__(b"something")
        self.seek(9)

    def readable(self):
        return False


def raised(library, call):
    try:
        call(library)
    except Exception as error:  # noqa: BLE001 (any of them is looked at)
        return type(error)
    return None


@pytest.mark.parametrize("call", BAD_CALLS.values(), ids=BAD_CALLS.keys())
def test_errors_are_of_the_classes_that_fastavro_raises(call):
    wanted, got = raised(peer, call), raised(facade, call)
    assert wanted is not None, "it is no bad call"
    assert got is not None
    plain = [one for one in wanted.__mro__ if one.__module__ == "builtins" and one is not object]
    assert issubclass(got, plain[0])
    if wanted.__module__.startswith("fastavro"):
        names = {one.__name__.replace("ResolutionError", "SchemaResolutionError") for one in got.__mro__}
        assert wanted.__name__ in names


def examples(function):
    """The blocks of code in a docstring."""
    block: list[str] = []
    wanted = False
    for line in (inspect.getdoc(function) or "").splitlines():
        if line.endswith("::"):
            if block:
                yield textwrap.dedent("\n".join(block))
            block, wanted = [], True
        elif wanted and (not line or line.startswith(" ")):
            block.append(line)
        elif wanted:
            wanted = False
            yield textwrap.dedent("\n".join(block))
            block = []
    if block:
        yield textwrap.dedent("\n".join(block))


def run_example(code, package, place):
    """What a piece of code prints with a library, or None where it needs more than is there."""
    install = "import avrojet.compat; avrojet.compat.install('fastavro')\n" if package == "facade" else ""
    (place / package).mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", install + code],
        capture_output=True,
        text=True,
        cwd=place / package,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


DOCUMENTED = sorted(
    {
        id(value): (f"{module}.{name}", value)
        for module, name in [*FUNCTIONS, *CLASSES]
        for value in [getattr(theirs(module), name)]
    }.values(),
    key=lambda pair: pair[0],
)


@pytest.mark.slow
def test_the_examples_of_its_documentation_run_as_with_fastavro(tmp_path):
    ran = 0
    for name, value in DOCUMENTED:
        for code in examples(value):
            with contextlib.suppress(SyntaxError):
                compile(code, name, "exec")
                wanted = run_example(code, "fastavro", tmp_path)
                if wanted[0] == 0:
                    ran += 1
                    assert run_example(code, "facade", tmp_path)[:2] == wanted[:2], code
    assert ran >= 3


PRIVATE = {
    "_read": "reader schemaless_reader block_reader read_long match_types match_schemas BLOCK_READERS MAGIC",
    "_read_py": "reader schemaless_reader read_long BLOCK_READERS BinaryDecoder AvroJSONDecoder match_types",
    "_read_common": "SchemaResolutionError HEADER_SCHEMA MAGIC SYNC_SIZE",
    "_write": "writer Writer schemaless_writer BLOCK_WRITERS LOGICAL_WRITERS",
    "_write_py": "writer Writer schemaless_writer BLOCK_WRITERS BinaryEncoder AvroJSONEncoder",
    "_write_common": "_is_appendable",
    "_schema": "parse_schema expand_schema load_schema fullname rabin_fingerprint UnknownType",
    "_schema_py": "parse_schema expand_schema load_schema SchemaParseException rabin_fingerprint",
    "_schema_common": "PRIMITIVES UnknownType SchemaParseException FINGERPRINT_ALGORITHMS rabin_fingerprint",
    "_validation": "validate validate_many ValidationError ValidationErrorData _validate",
    "_validation_py": "validate validate_many ValidationError _validate",
    "_validate_common": "ValidationError ValidationErrorData",
    "_logical_readers": "LOGICAL_READERS UUID read_uuid",
    "_logical_readers_py": "LOGICAL_READERS read_timestamp_millis",
    "_logical_writers": "LOGICAL_WRITERS prepare_uuid",
    "_logical_writers_py": "LOGICAL_WRITERS prepare_timestamp_millis",
}


@pytest.mark.parametrize("module", PRIVATE)
def test_private_names_that_others_import_are_there(module):
    for name in PRIVATE[module].split():
        assert hasattr(theirs(module), name), f"fastavro itself lacks {name}"
        assert hasattr(ours(module), name), name


def test_private_functions_work():
    assert (
        ours("_read").read_long(BytesIO(b"\xac\x02"))
        == theirs("_read").read_long(BytesIO(b"\xac\x02"))
        == 150
    )
    decoder = ours("_read_py").BinaryDecoder
    assert ours("_read_py").read_long(decoder(BytesIO(b"\xac\x02"))) == 150
    file = opened(facade, codec="deflate")
    block = next(facade.block_reader(file))
    file.seek(block.offset)
    assert ours("_read_py").read_long(decoder(file)) == 1
    assert ours("_read_py").BLOCK_READERS["deflate"](decoder(file)).getvalue() == b"\x02"
    target = BytesIO()
    ours("_write_py").BLOCK_WRITERS["null"](ours("_write_py").BinaryEncoder(target), b"abc", None)
    assert target.getvalue() == b"\x06abc"
    ours("_write_py").Writer(ours("_write_py").BinaryEncoder(BytesIO()), ROW).flush()
    for data in (b'"int"', b"", b"x" * 100):
        assert ours("_schema").rabin_fingerprint(data) == theirs("_schema").rabin_fingerprint(data)
    for data in (b"", b"\xff"):
        with pytest.raises(EOFError):
            ours("_read").read_long(BytesIO(data))
    for data in (b"\xff" * 10, b"\xff" * 9 + b"\x02"):
        with pytest.raises(ValueError, match="64 bits"):
            ours("_read").read_long(BytesIO(data))
    assert ours("_read").read_long(BytesIO(b"\xff" * 9 + b"\x01")) == -(1 << 63)
    with pytest.raises(ValueError, match="open for text"):
        ours("_read").read_long(StringIO("a"))


class NotReady(io.RawIOBase):
    """A file that does not wait, and has nothing yet."""

    def __init__(self, data=b""):
        self.file = BytesIO(data)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self.file.readinto(buffer) or None


@pytest.mark.parametrize(
    "read",
    [
        lambda file: list(facade.reader(file)),
        lambda file: list(facade.block_reader(file)),
        lambda file: facade.schemaless_reader(file, "string"),
    ],
)
def test_files_that_give_no_bytes_are_told(read):
    for text in ("", "Obj\x01", "x" * 100):
        with pytest.raises(ValueError, match="open for text") as caught:
            read(StringIO(text))
        assert isinstance(caught.value, TypeError)
    with pytest.raises(ValueError, match="non-blocking") as caught:
        read(NotReady())
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, EOFError)


def test_a_file_that_is_not_ready_is_not_at_its_end():
    data = opened(facade).getvalue()
    for size in range(len(data)):
        with pytest.raises(ValueError, match="non-blocking"):
            list(facade.reader(NotReady(data[:size])))
