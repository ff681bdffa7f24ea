"""The command line of Apache avro: ``python -m avro cat`` and ``write``."""

from __future__ import annotations

import argparse
import csv
import json
import sys
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from avrojet.compat import avro
from avrojet.compat.avro import schema as avro_schema
from avrojet.compat.avro.datafile import DataFileReader, DataFileWriter
from avrojet.compat.avro.errors import AvroWarning, UsageError
from avrojet.compat.avro.io import DatumReader, DatumWriter


class _Shown(json.JSONEncoder):
    """Shows values that JSON does not have: bytes as the code points 0 to 255, others as their text."""

    def default(self, o: Any) -> Any:
        return o.decode("latin-1") if isinstance(o, bytes) else str(o)


def print_json(row: Any) -> None:
    print(json.dumps(row, cls=_Shown))


def print_json_pretty(row: Any) -> None:
    print(json.dumps(row, sort_keys=True, indent=4, cls=_Shown))


def print_csv(row: Mapping[str, Any]) -> None:
    _write_row([row[key] for key in sorted(row)])


def _write_row(values: Sequence[Any]) -> None:
    csv.writer(sys.stdout).writerow(values)


def select_printer(format_: str) -> Callable[[Mapping[str, Any]], None]:
    return {"json": print_json, "json-pretty": print_json_pretty, "csv": print_csv}[format_]


def record_match(expr: Any, record: Any) -> Any:
    """Return the value of a Python expression, in which ``r`` is the record. It may do anything that a
    program may do.
    """
    warnings.warn(AvroWarning(f"the filter is run as a program: {expr}"), stacklevel=2)
    return eval(expr, None, {"r": record})  # noqa: S307 (which is what the option is for)


def field_selector(fields: Collection[str] | None) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return a function that keeps only some fields of a record; all if none are named."""
    if not fields:
        return dict
    return lambda record: {key: value for key, value in record.items() if key in fields}


def print_avro(
    data_file_reader: DataFileReader,
    header: bool,
    format_: str,
    filter_: str | None,
    skip: int = 0,
    count: int | None = 0,
    fields: Collection[str] | None = (),
) -> None:
    """Print some records of a file."""
    if header and format_ != "csv":
        raise UsageError("--header applies only to CSV format")
    rows: Iterable[Any] = data_file_reader
    if filter_:
        rows = (row for row in rows if record_match(filter_, row))
    select, show = field_selector(fields), select_printer(format_)
    for number, row in enumerate(islice(rows, skip, skip + count if count else None)):
        chosen = select(row)
        if header and number == 0:
            _write_row(sorted(chosen))
        show(chosen)


def print_schema(data_file_reader: DataFileReader) -> None:
    print(json.dumps(json.loads(data_file_reader.schema), indent=4))


def cat(
    files: Sequence[Any],
    print_schema_: bool,
    header: bool,
    format_: str,
    filter_: str | None,
    skip: int,
    count: int | None,
    fields: Collection[str] | None,
) -> int:
    """Print the records, or the schemas, of files."""
    for file in files:
        with DataFileReader(file, DatumReader()) as reader:
            if print_schema_:
                print_schema(reader)
            else:
                print_avro(reader, header, format_, filter_, skip, count, fields)
    return 0


def iter_json(info: Iterable[Any], _: Any = None) -> Iterator[Any]:
    """The values of JSON lines."""
    for line in info:
        if line.strip():
            yield json.loads(line)


def convert(value: str, field: Any) -> Any:
    """Return the value for a text in a CSV file.

    :param field: a field, or a schema.
    :raises UsageError: if CSV has no text for its type.
    """
    kind = getattr(field.type, "type", field.type)
    if kind == "union":
        return convert_union(value, field)
    if kind not in _OF_TEXT:
        raise UsageError(f"CSV has no text for values of the type {kind}")
    return _OF_TEXT[kind](value)


_OF_TEXT: Mapping[str, Callable[[str], Any]] = {
    "int": int,
    "long": int,
    "float": float,
    "double": float,
    "string": str,
    "bytes": str.encode,
    "boolean": lambda text: text.lower() in ("1", "t", "true"),
    "null": lambda text: None,
}


def convert_union(value: str, field: Any) -> Any:
    """Return the value for the first branch of a union that accepts the text; null only matches empty
    text.
    """
    for branch in field.type.schemas:
        if (branch.type == "null") != (value == ""):
            continue
        try:
            return convert(value, branch)
        except (ValueError, UsageError):
            continue
    if value == "" and any(branch.type == "string" for branch in field.type.schemas):
        return value
    raise UsageError(f"no branch of the union of field {field.name} takes {value!r}")


def iter_csv(info: Iterable[Any], schema: Any) -> Iterator[dict[str, Any]]:
    """The records of the lines of a CSV file, their columns in the order of the fields."""
    lines = (line.decode() if isinstance(line, bytes) else line for line in info)
    for row in csv.reader(lines):
        yield {field.name: convert(value, field) for field, value in zip(schema.fields, row, strict=False)}


def guess_input_type(io_: Any) -> str:
    """The format of a file, by its name."""
    suffix = Path(io_.name).suffix.lower()
    found = {".json": "json", ".js": "json", ".csv": "csv"}.get(suffix)
    if found is None:
        raise UsageError("Can't guess input file type (not .json or .csv)")
    return found


def write(schema: Any, output: Any, input_files: Sequence[Any], input_type: str | None = None) -> int:
    """Write the records of text files to a container file."""
    is_json = (input_type or guess_input_type(input_files[0])) == "json"
    with DataFileWriter(output, DatumWriter(), schema) as writer:
        for file in input_files:
            for row in iter_json(file) if is_json else iter_csv(file, schema):
                writer.append(row)
    return 0


def csv_arg(arg: str | None) -> tuple[str, ...] | None:
    """Return the names in a comma-separated list, None if there are none."""
    names = tuple(name.strip() for name in (arg or "").split(",") if name.strip())
    return names or None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="avro", description="show and write Avro files")
    commands = parser.add_subparsers(required=True, dest="command")
    show = commands.add_parser("cat", help="show the records of files")
    show.add_argument("--count", "-n", type=int, help="records to show; all if not given")
    show.add_argument("--skip", "-s", type=int, default=0, help="records to leave out first")
    show.add_argument("--format", "-f", default="json", choices=("json", "csv", "json-pretty"))
    show.add_argument("--header", "-H", action="store_true", help="the names of the fields first, with csv")
    show.add_argument("--filter", "-F", help="a Python expression, such as r['age']>1, which is run as it is")
    show.add_argument("--print-schema", "-p", action="store_true", help="show the schema, and no records")
    show.add_argument("--fields", type=csv_arg, help="fields to show, with commas between them")
    show.add_argument("files", nargs="*", type=argparse.FileType("rb"), default=(sys.stdin,))
    make = commands.add_parser("write", help="write records to a file")
    make.add_argument("--schema", "-s", type=avro_schema.from_path, required=True, help="file of the schema")
    make.add_argument("--input-type", "-f", choices=("json", "csv"), help="by the file's name, if not given")
    make.add_argument("--output", "-o", type=argparse.FileType("wb"), default=sys.stdout)
    make.add_argument("input_files", nargs="*", type=argparse.FileType("r"), default=(sys.stdin,))
    for each in (parser, show, make):
        each.add_argument("--version", action="version", version=avro.__version__)
    return parser


def main() -> int:
    """Run the command line."""
    options = _parser().parse_args()
    if options.command == "cat":
        return cat(
            options.files,
            options.print_schema,
            options.header,
            options.format,
            options.filter,
            options.skip,
            options.count,
            options.fields,
        )
    return write(options.schema, options.output, options.input_files, options.input_type)


if __name__ == "__main__":
    sys.exit(main())
