"""The public face: true, documented, typed, and there when the package is installed."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

import avrojet
from tests.cases import for_each
from tests.repo.tree import HOSTED, PACKAGE, SOURCE, module_name, package_files

EXTENSIONS = [module_name(path) for path in package_files(".pyx")]
PUBLIC = [name for name in avrojet.__all__ if not name.startswith("_")]
LISTING = [
    module_name(path) for path in package_files(".py") if "\n__all__" in path.read_text(encoding="utf-8")
]
# What a wheel may hold: what runs, types, and what other Cython code would need.
SHIPPED = {".py", ".pyi", ".typed", ".pxd", ".h", ".so", ".pyd"}

# What each public class shows beside what Python's own classes do that it derives from. A method that only
# the rest of the house needs begins with an underscore; a new one for users is documented, and named here.
SHOWN = {
    "Advance": "bytes file files records total_bytes total_files",
    "Alteration": "FIELD_DROPPED LOGICAL_TYPE_CHANGED PRECISION_LOST SYMBOL_REPLACED UNREADABLE_VALUES",
    "ArrowSchema": "names",
    "ArrowStream": "",
    "ArrowTypes": "decimals durations lists recursion strings unions",
    "Aside": "column data file json line offset path reason record records size",
    "Block": "codec count data decompressed index offset schema select size",
    "BlockLayout": "count data_offset end index offset size",
    "ByteRange": "end kind name path start text type where",
    "Change": "kind new old path",
    "Compatibility": "notes reasons warnings",
    "Conversion": "aside_count asides bytes_read bytes_written failed files kept records seconds",
    "Converted": "bytes_read bytes_written records sources target",
    "CustomLogicalType": "decode encode",
    "DataFileReader": "blocks close to_arrow to_json",
    "DataFileWriter": "append close extend flush taken write_arrow write_block write_json",
    "DecodeFailure": """
        ARROW BLOCK BOOLEAN BRANCH COLUMN CONVERSION DUPLICATE_KEY EXTRA_FIELD HEADER LENGTH LIMIT MALFORMED
        MISSING_FIELD NO_DATA RANGE SIZE SYMBOL SYNTAX TEXT TRAILING TRUNCATED TYPE VALUE VARINT
    """,
    "Decoder": "decode decode_arrow decode_from decode_many to_json",
    "Duration": "days milliseconds months",
    "EncodeFailure": """
        ARROW BRANCH CHANGED CONVERSION EXTRA_FIELD KEY LIMIT MISSING_FIELD RANGE SIZE SYMBOL TEXT TYPE VALUE
    """,
    "Encoder": "encode encode_arrow encode_into encode_many from_json from_json_stream",
    "Finding": "message path rule",
    "History": "checks level",
    "HistoryCheck": "compatibility reader writer",
    "Idl": "protocol schema types",
    "Incompatibility": """
        AMBIGUOUS_ALIAS DECIMAL_MISMATCH FIXED_SIZE_MISMATCH LOGICAL_TYPE_MISMATCH MISSING_ENUM_SYMBOLS
        MISSING_UNION_BRANCH NAME_MISMATCH READER_FIELD_INVALID_DEFAULT_VALUE
        READER_FIELD_MISSING_DEFAULT_VALUE TYPE_MISMATCH
    """,
    "Inspection": "blocks hex html mermaid ranges",
    "Limits": """
        block_bytes columns decimal_bytes depth empty_items header_bytes items schema_bytes union_branches
        value_bytes
    """,
    "Loss": "blocks error offset records size source",
    "Losses": "add clear count records size total unknown",
    "Message": "declared_errors doc errors name one_way props request response",
    "NanoDatetime": "from_datetime nanosecond to_datetime",
    "Protocol": "fullname idl md5 type",
    "Reason": """
        facts kind message path reader_path reader_type remedy unwitnessed witness writer_path writer_type
    """,
    "Repair": "blocks losses records size",
    "Scan": "avro_schema count head only schema select splits to_arrow where with_threads",
    "ScanFile": "below partitions path size source",
    "Schema": "canonical_form fingerprint json logical props type",
    "Section": "bytes_of data error is_restored origin ranges title",
    "Split": "end path start",
    "Witness": "data error read value",
}


def is_routine(value: object) -> bool:
    return inspect.isroutine(value) or type(value).__name__ == "cython_function_or_method"


def members(cls: type) -> dict[str, object]:
    """The public methods and properties that the class itself defines."""
    return {
        name: value
        for name, value in vars(cls).items()
        if not name.startswith("_") and (is_routine(value) or inspect.isdatadescriptor(value))
    }


@for_each("name", LISTING)
def test_all_names_what_is_there(name):
    """That it is sorted is the linter's rule RUF022."""
    try:
        module = importlib.import_module(name)
        missing = [public for public in module.__all__ if not hasattr(module, public)]
    except ImportError as error:
        if error.name != "confluent_kafka" and name.rpartition(".")[2] not in HOSTED:
            raise
        pytest.skip(f"{error}: its classes are those that others are derived from")
    assert len(module.__all__) == len(set(module.__all__))
    assert not missing


@for_each("name", PUBLIC)
def test_a_public_name_is_documented(name):
    value = getattr(avrojet, name)
    assert inspect.getdoc(value)
    if isinstance(value, type):
        assert not [
            member
            for member, attribute in members(value).items()
            if not inspect.ismemberdescriptor(attribute)
            and not inspect.getdoc(getattr(value, member))
            and f":ivar {member}:" not in (inspect.getdoc(value) or "")
        ]


def public_classes() -> list[str]:
    classes = [name for name in PUBLIC if isinstance(getattr(avrojet, name), type)]
    return [name for name in classes if not issubclass(getattr(avrojet, name), BaseException)]


@for_each("name", public_classes())
def test_a_public_class_shows_what_users_are_to_have_and_nothing_else(name):
    value = getattr(avrojet, name)
    assert name in SHOWN, f"say in SHOWN what users have of {name}"
    python = {
        member for base in value.__mro__ if not base.__module__.startswith("avrojet") for member in vars(base)
    }
    shown = {member for member in dir(value) if not member.startswith("_")}
    # What a class of the house defines itself is shown, whether Python's class has one of that name or not.
    own = {member for base in value.__mro__ if base.__module__.startswith("avrojet") for member in vars(base)}
    wanted = set(SHOWN[name].split())
    assert shown - python <= wanted <= shown & (own | python)


def test_type_checkers_see_the_names_of_the_package():
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    homes = {node.names[0].name: node.module for node in stub.body if isinstance(node, ast.ImportFrom)}
    assert homes == {name: f"avrojet.{home}" for name, home in avrojet._HOMES.items()}
    for name, home in homes.items():
        value = getattr(avrojet, name)
        assert value is getattr(importlib.import_module(home), name)
        assert getattr(value, "__module__", home) == home


def test_modules_that_are_attributes_of_the_package():
    code = "import avrojet; avrojet.errors.AvroError; avrojet.single_object.Reader; avrojet.values.Duration"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
    assert {"read", "errors", "__version__"} <= set(dir(avrojet))
    with pytest.raises(AttributeError, match="module 'avrojet' has no attribute 'raed'"):
        avrojet.raed  # noqa: B018


def test_a_fresh_process_gets_every_public_name():
    code = "from avrojet import *; import avrojet; assert set(avrojet.__all__) <= set(globals())"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def stub_names(module: str) -> dict[str, list[str]]:
    """Public names of the module's stub; for a class, those of its methods and properties.

    What only other Cython code imports needs no stub.
    """
    path = SOURCE.joinpath(*module.split(".")).with_suffix(".pyi")
    tree = ast.parse(path.read_text(encoding="utf-8") if path.exists() else "")
    return {node.name: sorted(defined(node)) for node in tree.body if public(node)}


def public(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_")


def defined(node: ast.AST) -> set[str]:
    """Methods and properties, and attributes with their types."""
    body = getattr(node, "body", []) if isinstance(node, ast.ClassDef) else []
    attributes = {child.target.id for child in body if isinstance(child, ast.AnnAssign)}
    return attributes | {child.name for child in body if public(child)}


@for_each("name", EXTENSIONS)
def test_a_stub_names_what_its_extension_has(name):
    module = importlib.import_module(name)
    own = {
        key: sorted(members(value)) if isinstance(value, type) else []
        for key, value in vars(module).items()
        if not key.startswith("_") and getattr(value, "__module__", None) == name
    }
    assert stub_names(name) == own


def test_the_installed_files_are_those_that_serve():
    try:
        files = distribution("avrojet").files
    except PackageNotFoundError:
        pytest.skip("avrojet is not installed here")
    inside = [
        Path(file) for file in files or [] if file.parts[0] == "avrojet" and "__pycache__" not in file.parts
    ]
    if not inside:
        pytest.skip("avrojet is installed in place")
    assert not [str(file) for file in inside if file.suffix not in SHIPPED and file.name != "py.typed"]
    assert Path("avrojet/py.typed") in inside
    assert Path("avrojet/core/rows/rows.pyi") in inside
