"""Convert files from one format to another.

Formats are recognized by extension, or given with --from and --to:

  avro     Avro object container files (.avro)
  jsonl    JSON lines, plain (.jsonl, .ndjson)
  json     JSON texts in Avro's JSON encoding, one on a line (.json)
  csv      CSV with a line of names (.csv)
  parquet  Apache Parquet (.parquet, .pq)
  orc      Apache ORC (.orc)
  arrow    Arrow IPC, also called Feather (.arrow, .feather, .ipc)

DST is one file for all sources, or a folder with a file for each: if there is such a folder, if the name ends
with a slash, or if it has no extension and there are several sources. The tree of a folder is kept.

Files appear only when they are complete; after an error or Ctrl-C, no unfinished file is left.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from avrojet.cli.records import field_names
from avrojet.cli.streams import add_count, number

if TYPE_CHECKING:
    from avrojet.conversion.options import Advance
    from avrojet.conversion.outcome import Conversion
    from avrojet.schema.model import Schema

EXAMPLES = """\
avrojet convert orders.avro orders.parquet
avrojet convert 2026/ out/ --from avro --to parquet --jobs 4
avrojet convert 'logs/*.jsonl' all.avro --schema log.avsc --codec zstandard
avrojet convert orders.csv orders.avro --columns id,total --head 1000
avrojet convert orders.avro orders.csv --nested json
avrojet convert s3://shop/orders.avro - --to jsonl
avrojet convert damaged.avro whole.parquet --on-error skip --errors lost.jsonl
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sources", metavar="SRC", nargs="+", help="a file, folder, wildcard or URL, or - for stdin"
    )
    parser.add_argument("target", metavar="DST", help="a file, folder or URL, or - for stdout")
    parser.add_argument("--from", dest="source_format", metavar="FORMAT", help="the format of the sources")
    parser.add_argument("--to", dest="target_format", metavar="FORMAT", help="the format of the target")
    parser.add_argument("--schema", metavar="SCHEMA", help="of the records, where the source is not Avro")
    parser.add_argument(
        "--reader-schema", metavar="SCHEMA", help="what records of Avro files should look like"
    )
    parser.add_argument(
        "--columns", metavar="A,B.C", type=field_names, help="the fields to convert; those within as a.b"
    )
    add_count(parser, "the first N records of each source", others=("--head",))
    parser.add_argument("--codec", help="compression of the target: zstandard, snappy, deflate, zstd, ...")
    parser.add_argument("--level", type=int, metavar="N", help="of compression")
    parser.add_argument(
        "--names",
        choices=("strict", "replace"),
        default="strict",
        help="replace: columns whose names are not valid in Avro are renamed",
    )
    parser.add_argument(
        "--nested",
        choices=("error", "json"),
        default="error",
        help="json: lists, maps, records and unions are JSON text in a cell of CSV",
    )
    parser.add_argument(
        "--sample",
        metavar="N",
        type=number,
        default=10_000,
        help="lines of JSON or CSV from which a schema is inferred (%(default)s; 0: all)",
    )
    parser.add_argument(
        "--jobs", metavar="N", type=number, help="files side by side (one for each processor)"
    )
    parser.add_argument(
        "--on-error",
        choices=("raise", "skip"),
        default="raise",
        help="skip: set bad records, blocks and files aside, and go on",
    )
    parser.add_argument("--errors", metavar="FILE", help="JSON lines that list what was set aside, and why")
    parser.add_argument("--resume", action="store_true", help="leave existing files as they are")
    parser.add_argument(
        "--storage-option",
        metavar="KEY=VALUE",
        action="append",
        type=_setting,
        default=[],
        help="option of the file system of URLs, for fsspec; may be repeated",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress and no summary")


def run(arguments: argparse.Namespace) -> int:
    from avrojet.cli.progress import Progress
    from avrojet.conversion.convert import convert

    with Progress("convert", color=arguments.color) as shown:
        done = convert(
            [_source(each) for each in arguments.sources],
            sys.stdout.buffer if arguments.target == "-" else arguments.target,
            source_format=arguments.source_format,
            target_format=arguments.target_format,
            schema=_schema(arguments.schema),
            reader_schema=_schema(arguments.reader_schema),
            columns=arguments.columns,
            head=arguments.count,
            codec=arguments.codec,
            level=arguments.level,
            names=arguments.names,
            nested=arguments.nested,
            sample=arguments.sample,
            jobs=arguments.jobs,
            on_error=arguments.on_error,
            errors=arguments.errors,
            resume=arguments.resume,
            storage_options=dict(arguments.storage_option),
            progress=None if arguments.quiet else _showing(shown),
        )
    _summarize(done, quiet=arguments.quiet)
    return 1 if done.failed else 0


def _source(name: str) -> Any:
    return sys.stdin.buffer if name == "-" else name


def _schema(name: str | None) -> Schema | None:
    from avrojet.cli.schemas import read_schema

    return None if name is None else read_schema(name)


def _showing(shown: Any) -> Any:
    def show(advance: Advance) -> None:
        done = f" ({advance.files} of {advance.total_files})" if advance.total_files > 1 else ""
        shown.update(advance.bytes, advance.records, total=advance.total_bytes, what=f"{advance.file}{done}")

    return show


def _summarize(done: Conversion, *, quiet: bool) -> None:
    """Report on a terminal what was done; records set aside are reported in any case."""
    from avrojet.cli.progress import bytes_text

    lines = []
    if sys.stderr.isatty():
        size = done.bytes_written
        written = "" if size is None else f" -> {bytes_text(size)}"
        files = f"{len(done.files)} files, " if len(done.files) != 1 else ""
        told = (
            f"{files}{done.records:,} records, {bytes_text(done.bytes_read)}{written} in {done.seconds:.1f} s"
        )
        lines.append(f"{told}; {len(done.kept)} were there" if done.kept else told)
    if done.aside_count:
        failed = f" (whole files: {len(done.failed)})" if done.failed else ""
        lines.append(f"set aside: {done.aside_count}{failed}")
    if not quiet:
        for line in lines:
            print("avrojet:", line, file=sys.stderr)


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value
