"""Schemas in the files of one directory."""

from __future__ import annotations

import json
import os
from typing import Any

from avrojet.compat.fastavro.repository.base import AbstractSchemaRepository, SchemaRepositoryError


class FlatDictRepository(AbstractSchemaRepository):
    """Files named ``<fullname>.avsc`` in the directory `path`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.file_ext = "avsc"

    def load(self, name: str) -> Any:
        # pathlib takes longer for it than the schema.
        place = os.path.join(self.path, f"{name}.{self.file_ext}")  # noqa: PTH118
        try:
            with open(place, encoding="utf-8") as file:  # noqa: PTH123
                return json.load(file)
        except OSError as error:
            raise SchemaRepositoryError(f"Failed to load '{name}' schema") from error
        except ValueError as error:
            raise SchemaRepositoryError(f"Failed to parse '{name}' schema") from error
