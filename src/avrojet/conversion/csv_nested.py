"""Lists, maps, records and unions in a cell of CSV: their plain JSON text, as JSON lines have it."""

from __future__ import annotations

import io
import json
from typing import Any

from avrojet.container.reader import DataFileReader
from avrojet.container.writer import DataFileWriter
from avrojet.conversion.options import Options
from avrojet.conversion.sources import encoding
from avrojet.datum import Encoder
from avrojet.errors import AvroError, DecodeError
from avrojet.plan.project import project
from avrojet.schema.model import ArraySchema, MapSchema, RecordSchema, Schema, UnionSchema


def is_text_of_json(schema: Schema, options: Options) -> bool:
    """Whether cells of a type are read as JSON: nested values are, and, if the caller asks for it, unions of
    several types, which are text otherwise.
    """
    if isinstance(schema, UnionSchema):
        branches = [branch for branch in schema.branches if branch.type != "null"]
        several = len(branches) > 1 and options.nested == "json"
        return several or any(is_text_of_json(branch, options) for branch in branches)
    return isinstance(schema, RecordSchema | ArraySchema | MapSchema)


class NestedCells:
    """The cells of one column.

    :param schema: of the records, and
    :param name: of the field whose values they are.
    """

    def __init__(self, polars: Any, schema: Schema, name: str, options: Options) -> None:
        self._polars = polars
        self._schema = project(schema, [(name,)])
        self._name = name
        self._options = options
        self._before = "{" + json.dumps(name, ensure_ascii=False) + ":"

    def text(self, batch: Any) -> Any:
        """Return the cells of a batch's column of that name, as a series."""
        file = io.BytesIO()
        limits = self._options.limits
        with DataFileWriter(file, self._schema, limits=limits) as writer:
            for _ in writer._arrow_steps(batch, "ignore", self._options.names):
                pass
        file.seek(0)
        with DataFileReader(file, limits=limits) as reader:
            lines = b"".join(reader.to_json(plain=True)).decode()
        polars = self._polars
        if not lines:
            return polars.Series(self._name, [], polars.String)
        texts = polars.Series(self._name, [lines.removesuffix("\n")]).str.split("\n").explode()
        cells = texts.str.strip_prefix(self._before).str.strip_suffix("}")
        return cells.to_frame().select(
            polars.when(polars.col(self._name) != "null").then(polars.col(self._name))
        )[self._name]

    def values(self, cells: Any) -> tuple[Any, dict[int, AvroError]]:
        """Return the values of the cells as a series; or the errors in some cells, by their numbers.

        :param cells: a series of text, of which a null is null.
        """
        cells = cells.fill_null("null")
        file = io.BytesIO()
        joined = (self._before + cells + "}\n").str.join("").to_list()[0] or ""
        try:
            with DataFileWriter(
                file, self._schema, limits=self._options.limits, **encoding(self._options)
            ) as writer:
                count = sum(writer._json_steps(joined, plain=True))
        except AvroError:
            return cells, self._faults(cells)
        if count != len(cells):
            return cells, self._faults(cells)
        file.seek(0)
        with DataFileReader(file, limits=self._options.limits) as reader:
            return self._polars.DataFrame(reader.to_arrow())[self._name], {}

    def _faults(self, cells: Any) -> dict[int, AvroError]:
        """Return the error of each cell that is not a valid value, checking them one by one."""
        encoder = Encoder(self._schema, limits=self._options.limits, **encoding(self._options))
        found: dict[int, AvroError] = {}
        for number, cell in enumerate(cells):
            try:
                encoder.from_json(f"{self._before}{cell}}}", plain=True)
            except DecodeError as error:
                found[number] = error
        return found
