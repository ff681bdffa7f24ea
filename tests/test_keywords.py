"""An unknown option is refused in the name of the function that was called, not of one that it reaches."""

from __future__ import annotations

import io

import pytest

import avrojet
from tests.cases import for_each

SCHEMA = '"int"'


def file() -> bytes:
    made = io.BytesIO()
    avrojet.write(made, SCHEMA, [1, 2])
    return made.getvalue()


def ensure_refused(call, name, wrong, meant):
    with pytest.raises(TypeError) as caught:
        call(**{wrong: 1})
    told = str(caught.value)
    assert told.startswith(f"{name}() got an unexpected keyword argument {wrong!r}; did you mean ")
    assert repr(meant) in told


@for_each(
    ("call", "name", "wrong", "meant"),
    [
        (avrojet.read, "read", "thread", "threads"),
        (avrojet.DataFileReader, "DataFileReader", "unicode_error", "unicode_errors"),
        (avrojet.read_arrow, "read_arrow", "colums", "columns"),
    ],
)
def test_an_unknown_option_of_reading(call, name, wrong, meant):
    ensure_refused(lambda **options: call(file(), **options), name, wrong, meant)


@for_each(
    ("arguments", "name", "wrong", "meant"),
    [
        ((SCHEMA, []), "write", "codek", "codec"),
        ((SCHEMA,), "DataFileWriter", "default", "defaults"),
        ((None,), "write_arrow", "extra_column", "extra_columns"),
    ],
)
def test_an_unknown_option_of_writing(arguments, name, wrong, meant, tmp_path):
    target = tmp_path / "new.avro"
    ensure_refused(
        lambda **options: getattr(avrojet, name)(target, *arguments, **options), name, wrong, meant
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("library", "name", "wrong", "meant"),
    [
        ("polars", "read_avro", "merges", "merge"),
        ("polars", "scan_avro", "merges", "merge"),
        ("polars", "write_avro", "name", "names"),
        ("pandas", "read_avro", "merges", "merge"),
        ("pandas", "to_avro", "name", "names"),
    ],
)
def test_an_unknown_option_of_data_frames(library, name, wrong, meant, tmp_path):
    pytest.importorskip("pyarrow")
    function = getattr(pytest.importorskip(f"avrojet.{library}"), name)
    given = (file(),) if name != "write_avro" and name != "to_avro" else (None, tmp_path / "new.avro")
    ensure_refused(lambda **options: function(*given, **options), name, wrong, meant)


def test_what_is_like_no_option_has_no_suggestion():
    with pytest.raises(TypeError, match=r"^read\(\) got an unexpected keyword argument 'zzzzz'$"):
        avrojet.read(file(), zzzzz=1)


def test_options_are_passed_on_to_each_taker():
    rows = avrojet.read(file(), threads=1, logical_types=False, records="tuple", limits=avrojet.Limits())
    assert rows == [1, 2]
    target = io.BytesIO()
    avrojet.write(target, SCHEMA, [1], codec="deflate", level=1, sync_interval=9, defaults=True)
    assert avrojet.read(target.getvalue()) == [1]
